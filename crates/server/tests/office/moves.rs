//! A client changes hands: who loses it erases it, who gains it gets it whole, and money taken meanwhile counts
//! (SYNC 23, 25–28, faults 17 and 18).

use crate::support::{Device, Folder, Server, cash, small_ledger, visit};
use std::collections::BTreeMap;
use tournee_domain::Dossier;
use tournee_domain::fact::Flag;
use tournee_sync::pull::PullResponse;
use tournee_sync::push::FactStatus::{Accepted, Flagged};

/// A later statement says that one client of the small ledger is now of another collector.
fn give(folder: &Folder, client: &str, to: &str, day: &str) {
    let (clients, _) = small_ledger();
    let mut lines = clients.lines();
    let head = lines.next().unwrap();
    let row = lines.find(|line| line.starts_with(client)).unwrap();
    let (row, _) = row.rsplit_once(';').unwrap();
    let path = folder.path().join("moved.csv");
    std::fs::write(&path, format!("{head}\n{row};{to}\n")).unwrap();
    folder.run(&[
        "import",
        "--clients",
        path.to_str().unwrap(),
        "--statement-date",
        day,
    ]);
}

/// The records of the pages by client; `None` for those to be erased.
fn records(pages: &[PullResponse]) -> BTreeMap<String, Option<Dossier>> {
    let records = pages.iter().flat_map(|page| &page.records);
    records
        .map(|record| {
            let body = record.body.as_ref();
            let dossier = body.map(|body| serde_json::from_str(body.get()).unwrap());
            (record.id.clone(), dossier)
        })
        .collect()
}

fn last(pages: &[PullResponse]) -> String {
    pages.last().unwrap().cursor.clone()
}

#[test]
fn a_client_given_to_another_collector_leaves_the_first_and_reaches_the_second_whole() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut one = Device::enrol(&server.user("one"));
    let mut two = Device::enrol(&server.user("two"));
    let manager = Device::enrol(&server.user("manager"));
    let cursors: Vec<String> = [&one, &two, &manager]
        .iter()
        .map(|device| last(&device.pulled(None)))
        .collect();
    let visited = one.fact("visit", &visit("C1"));
    one.pushed(1, &[visited]);

    // The first collector is offline and takes the whole debt, while the client goes to the second, who takes it too.
    let receipt = one.next_receipt();
    let offline = one.fact("payment", &cash("C1", &receipt, "C1-A", "10000"));
    give(&folder, "C1", "REC02", "2026-11-03");
    let receipt = two.next_receipt();
    let collected = two.fact("payment", &cash("C1", &receipt, "C1-A", "10000"));
    let (response, _) = two.pushed(1, &[collected]);
    assert_eq!(response.results[0].status, Accepted, "it is theirs now");
    let (response, ack) = one.pushed(2, &[offline]);
    assert_eq!(
        (response.results[0].status, &response.results[0].flags),
        (
            Flagged,
            &vec![Flag::OutOfScope, Flag::PossibleDouble, Flag::OverAllocated]
        ),
        "accepted, and the office sees both"
    );
    assert_eq!(ack.acked_through, 2);

    let loses = records(&one.pulled(Some(&cursors[0])));
    assert_eq!(loses, BTreeMap::from([("C1".to_owned(), None)]));
    let gains = records(&two.pulled(Some(&cursors[1])));
    let gained = gains["C1"].as_ref().unwrap();
    assert_eq!(gains.len(), 1);
    assert_eq!(gained.invoices.len(), 2, "with its debts");
    assert_eq!(gained.payments.len(), 2, "both payments stand");
    assert!(
        gained.events.len() >= 3,
        "with what happened before it came"
    );
    let sees = records(&manager.pulled(Some(&cursors[2])));
    assert_eq!(
        sees["C1"].as_ref(),
        Some(gained),
        "who sees all loses nothing"
    );
    assert!(records(&one.pulled(None)).values().all(Option::is_some));
    drop(server);
    folder.check();
}

#[test]
fn when_both_collect_both_stand_whoever_is_first() {
    for old_collector_first in [true, false] {
        let folder = Folder::with_ledger();
        let server = Server::start(&folder);
        let mut one = Device::enrol(&server.user("one"));
        let mut two = Device::enrol(&server.user("two"));
        let pay = |device: &mut Device| {
            let receipt = device.next_receipt();
            let fact = device.fact("payment", &cash("C1", &receipt, "C1-A", "10000"));
            let (response, _) = device.pushed(1, &[fact]);
            response.results[0].flags.clone()
        };
        give(&folder, "C1", "REC02", "2026-11-03");
        let (old, new) = if old_collector_first {
            let old = pay(&mut one);
            (old, pay(&mut two))
        } else {
            let new = pay(&mut two);
            (pay(&mut one), new)
        };
        let out_of_scope = old.contains(&Flag::OutOfScope);
        assert!(out_of_scope && !new.contains(&Flag::OutOfScope));
        let later = if old_collector_first { &new } else { &old };
        assert!(
            later.contains(&Flag::OverAllocated),
            "the office sees that more came than was owed: {later:?}"
        );
        let records = records(&two.pulled(None));
        let dossier = records["C1"].as_ref().unwrap();
        assert_eq!(dossier.payments.len(), 2);
        let invoice = dossier
            .invoices
            .iter()
            .find(|invoice| invoice.number.as_str() == "C1-A");
        assert_eq!(
            invoice.unwrap().open().to_string(),
            "-10000",
            "a credit balance"
        );
        drop(server);
        folder.check();
    }
}

#[test]
fn who_sees_both_portfolios_keeps_the_client() {
    let folder = Folder::with_ledger();
    folder.run(&["user", "portfolios", "one", "REC01,REC02"]);
    let server = Server::start(&folder);
    let one = Device::enrol(&server.user("one"));
    let two = Device::enrol(&server.user("two"));
    let pages = one.pulled(None);
    assert_eq!(records(&pages).len(), 3, "both portfolios");
    let (at_one, at_two) = (last(&pages), last(&two.pulled(None)));
    give(&folder, "C3", "REC01", "2026-11-03");
    let keeps = records(&one.pulled(Some(&at_one)));
    assert!(keeps["C3"].is_some() && keeps.len() == 1);
    let loses = records(&two.pulled(Some(&at_two)));
    assert_eq!(loses, BTreeMap::from([("C3".to_owned(), None)]));
    // And on to nobody: the last who saw it loses it too.
    give(&folder, "C3", "REC09", "2026-11-04");
    let loses = records(&one.pulled(Some(&at_one)));
    assert_eq!(loses, BTreeMap::from([("C3".to_owned(), None)]));
}

#[test]
fn other_portfolios_ask_for_a_snapshot() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let one = Device::enrol(&server.user("one"));
    let cursor = last(&one.pulled(None));
    folder.run(&["user", "portfolios", "one", "REC02"]);
    assert_eq!(
        one.pull(Some(&cursor)).problem(),
        (410, "resnapshot".to_owned(), Some("cursor".to_owned()))
    );
    let now = records(&one.pulled(None));
    assert_eq!(now.keys().collect::<Vec<_>>(), ["C3"]);
    folder.run(&["user", "portfolios", "one"]);
    assert!(records(&one.pulled(None)).is_empty(), "none at all");
}

#[test]
fn tombstones_are_kept_for_half_a_year_and_an_older_cursor_asks_for_a_snapshot() {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    let folder = Folder::with_ledger();
    let cursor = {
        let server = Server::start(&folder);
        let cursor = last(&Device::enrol(&server.user("one")).pulled(None));
        give(&folder, "C1", "REC02", "2026-11-03");
        cursor
    };
    let made_ms = folder.value("SELECT made_at_ms FROM tombstones");
    for (days, status) in [(179, 200), (181, 410)] {
        let aged_ms = made_ms - days * DAY_MS;
        folder.with_office(async |office| {
            let mut tx = office.database.write().await.unwrap();
            let aged = sqlx::query("UPDATE tombstones SET made_at_ms = ?").bind(aged_ms);
            aged.execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        });
        // The server drops what is too old when it starts.
        let server = Server::start(&folder);
        let one = Device::enrol(&server.user("one"));
        assert_eq!(one.pull(Some(&cursor)).status, status, "{days} days");
        assert!(!records(&one.pulled(None)).contains_key("C1"));
    }
}
