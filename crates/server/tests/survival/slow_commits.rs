//! Writers that take long, beside devices that push and pull (fault 15).

use crate::load::{Held, Payer, Told};
use crate::support::{Device, Folder, Scheme, Server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use tournee_server::clock;
use tournee_server::database::Database;
use tournee_sync::pull::PullResponse;
use tournee_sync::push::{FactStatus, PushResponse};

const CLIENTS: u32 = 40;
/// How long another program keeps the writer's turn.
const HELD: Duration = Duration::from_secs(3);
/// What a push may take once its turn came, on a busy machine.
const BOUND: Duration = Duration::from_secs(5);
/// What a pull may take, whoever writes.
const PULL_BOUND: Duration = Duration::from_secs(2);

/// Another program takes the writer's turn, writes, and is long in committing.
fn hold_the_writer(folder: &Folder, holding: &mpsc::Sender<()>) {
    let path = folder.data().join("tournee.sqlite");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = Database::open(&path).await.unwrap();
        let mut tx = database.write().await.unwrap();
        sqlx::query("UPDATE organisations SET clock = clock + 1")
            .execute(&mut *tx)
            .await
            .unwrap();
        holding.send(()).unwrap();
        tokio::time::sleep(HELD).await;
        tx.commit().await.unwrap();
    });
}

#[test]
fn a_slow_commit_makes_pushes_wait_their_turn_and_pulls_not_at_all() {
    let folder = Folder::with_clients(CLIENTS);
    let server = Server::start(&folder);
    let mut payers = ["one", "two", "manager"]
        .map(|login| Payer::enrol(&server, login, Scheme::Ed25519, CLIENTS));
    let reader = Device::enrol(&server.user("accountant"));
    let (holding, held) = mpsc::channel();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| hold_the_writer(&folder, &holding));
        held.recv().unwrap();
        for payer in &mut payers {
            scope.spawn(|| {
                payer.pay(5);
                let began = clock::instant();
                assert_eq!(payer.push(), Told::Acknowledged { duplicates: 0 });
                assert!(began.elapsed() < HELD + BOUND, "{:?}", began.elapsed());
            });
        }
        let mut pulls = 0;
        while !writer.is_finished() {
            let began = clock::instant();
            reader.pulled(None);
            assert!(began.elapsed() < PULL_BOUND, "{:?}", began.elapsed());
            pulls += 1;
        }
        assert!(
            pulls > 1,
            "the whole portfolio was given more than once meanwhile"
        );
    });
    drop(server);
    Held::of(&folder.data()).sums_to(&payers);
}

/// What a device has that pulls while others write.
#[derive(Default)]
struct Portfolio {
    cursor: Option<String>,
    records: BTreeMap<String, (u64, Option<String>)>,
}

impl Portfolio {
    fn pull(&mut self, device: &Device) {
        for page in device.pulled(self.cursor.as_deref()) {
            self.take(page);
        }
    }

    fn take(&mut self, page: PullResponse) {
        for record in page.records {
            let body = record.body.map(|body| body.get().to_owned());
            let before = self.records.insert(record.id, (record.server_seq, body));
            assert!(
                before.is_none_or(|(before, _)| before < record.server_seq),
                "no record twice"
            );
        }
        self.cursor = Some(page.cursor);
    }
}

#[test]
fn no_cursor_skips_what_a_slow_or_a_quick_writer_commits() {
    let folder = Folder::with_clients(CLIENTS);
    let server = Server::start(&folder);
    let mut payers = ["one", "two", "manager"]
        .map(|login| Payer::enrol(&server, login, Scheme::Ed25519, CLIENTS));
    let readers =
        ["manager", "accountant", "auditor"].map(|login| Device::enrol(&server.user(login)));
    let mut portfolios: [Portfolio; 3] = Default::default();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let pushing = payers.each_mut().map(|payer| {
            scope.spawn(|| {
                for n in 0..25 {
                    payer.pay(1 + n % 4);
                    assert!(matches!(payer.push(), Told::Acknowledged { .. }));
                }
            })
        });
        for (reader, portfolio) in readers.iter().zip(&mut portfolios) {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    portfolio.pull(reader);
                }
                portfolio.pull(reader);
            });
        }
        // A statement that goes in beside, by a process of its own.
        let (clients, invoices) = crate::support::wide_ledger(CLIENTS + 200);
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("more.csv"), clients).unwrap();
        std::fs::write(path("plus.csv"), invoices).unwrap();
        folder.run(&[
            "import",
            "--clients",
            &path("more.csv"),
            "--invoices",
            &path("plus.csv"),
            "--statement-date",
            "2026-11-01",
        ]);
        for pushing in pushing {
            pushing.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    for (reader, portfolio) in readers.iter().zip(&portfolios) {
        let mut fresh = Portfolio::default();
        fresh.pull(reader);
        assert_eq!(fresh.records.len(), 240);
        assert!(
            portfolio.records == fresh.records,
            "what came page by page is what is there"
        );
    }
    drop(server);
    Held::of(&folder.data()).sums_to(&payers);
}

/// Two copies of a device push other facts for the same place at once: one is taken, the other set aside, and each hears so.
#[test]
fn of_two_histories_pushed_at_once_one_wins_and_both_are_kept() {
    let folder = Folder::with_clients(CLIENTS);
    let server = Server::start(&folder);
    for _ in 0..8 {
        let origin = Payer::enrol(&server, "one", Scheme::P256, CLIENTS);
        let mut copies = [origin.device.clone(), origin.device.clone()];
        let mut facts = Vec::new();
        for (copy, amount) in copies.iter_mut().zip(["100", "200"]) {
            let receipt = copy.next_receipt();
            facts.push(copy.fact(
                "payment",
                &crate::support::cash("C1", &receipt, "none", amount),
            ));
        }
        let answers: Vec<PushResponse> = std::thread::scope(|scope| {
            let pushing: Vec<_> = copies
                .iter()
                .zip(&facts)
                .map(|(copy, fact)| scope.spawn(|| copy.pushed(1, std::slice::from_ref(fact)).0))
                .collect();
            pushing.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let won = |answer: &PushResponse| answer.results[0].status != FactStatus::Quarantined;
        let winner = answers.iter().position(won).expect("one wins");
        let loser = 1 - winner;
        assert!(!won(&answers[loser]), "one only");
        assert!(answers[loser].frozen);
        // Both are told the same chain, the winner's; the loser's fact is named as held beside it.
        let ack = |answer: &PushResponse| serde_json::from_str::<Value>(&answer.ack.text).unwrap();
        let acks: Vec<Value> = answers.iter().map(ack).collect();
        for ack in &acks {
            assert_eq!(ack["acked_through"], 1);
            assert_eq!(ack["chain_hash"], json!(facts[winner].hash));
        }
        assert_eq!(acks[loser]["held"], json!([facts[loser].hash]));
    }
    assert_eq!(
        folder.value("SELECT count(*) FROM facts WHERE type_name = 'payment'"),
        8
    );
    assert_eq!(
        folder.value("SELECT count(*) FROM quarantine WHERE reason <> ''"),
        8
    );
    folder.check();
}
