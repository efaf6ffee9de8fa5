//! What was set aside, and what two people make of it (SYNC 14, 16, §4).

use crate::journal::verify;
use crate::support::{Answer, Client, Device, Folder, Server, cash, visit};
use serde_json::{Value, json};
use tournee_domain::FactId;
use tournee_domain::dossier::EventKind;
use tournee_server::random;
use tournee_sync::office::{DeviceReport, GapKind, QuarantineEntry, QuarantineState};
use tournee_sync::push::FactStatus::{Accepted, Quarantined};

fn listed(user: &Client) -> Vec<QuarantineEntry> {
    user.get("/quarantine").ok()
}

fn say(user: &Client, verb: &str, id: i64) -> Answer {
    let reason = json!({"reason": "it is his own payment"});
    user.post(&format!("/quarantine/{id}/{verb}"), &reason)
}

/// Two people release the newest of what was set aside.
fn release(server: &Server<'_>) -> QuarantineEntry {
    let manager = server.user("manager");
    let id = listed(&manager)[0].id;
    let once: QuarantineEntry = say(&manager, "release", id).ok();
    assert_eq!(once.state, QuarantineState::Open);
    let twice: QuarantineEntry = say(&server.user("accountant"), "release", id).ok();
    assert_eq!(twice.state, QuarantineState::Released);
    twice
}

/// Status, type and code of a refusal.
fn refusal(answer: &Answer) -> (u16, String, Option<String>) {
    let (status, kind, _) = answer.problem();
    let code = answer.json::<Value>()["code"].as_str().map(str::to_owned);
    (status, kind, code)
}

fn unreleasable(code: &str) -> (u16, String, Option<String>) {
    (409, "unreleasable".to_owned(), Some(code.to_owned()))
}

/// What the client still owes, and how many payments its file holds.
fn owes(device: &Device, client: &str) -> (String, usize) {
    let pages = device.pulled(None);
    let mut records = pages.iter().flat_map(|page| &page.records);
    let record = records.find(|record| record.id == client).unwrap();
    let body = record.body.as_ref().unwrap().get();
    let dossier: tournee_domain::Dossier = serde_json::from_str(body).unwrap();
    let open: tournee_domain::Amount = dossier.invoices.iter().map(|one| one.open()).sum();
    (open.to_string(), dossier.payments.len())
}

/// Receipts, amounts, collectors and devices of the lines that leave.
fn export(manager: &Client) -> Vec<String> {
    let exported: Value = manager
        .post("/exports/payments", &json!({"language": "en"}))
        .ok();
    let csv = exported["csv"].as_str().unwrap();
    csv.lines().skip(1).map(str::to_owned).collect()
}

fn journal(folder: &Folder) -> Value {
    let path = folder.path().join(format!("{}.jsonl", random::uuid()));
    folder.run(&["export", "journal", "--out", path.to_str().unwrap()]);
    let (code, verified) = verify(&path);
    assert_eq!(code, 0, "{verified}");
    verified["journal"]["totals"].clone()
}

#[test]
fn money_of_a_lost_device_counts_once_two_people_said_so() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let office = Device::enrol(&manager);
    let mut device = Device::enrol(&server.user("one"));
    let label = device.enrolled.device.label.clone();
    folder.run(&["device", "revoke", &label]);
    let receipt = device.next_receipt();
    let facts = [device.fact("payment", &cash("C1", &receipt, "C1-A", "4000"))];
    assert_eq!(device.pushed(1, &facts).0.results[0].status, Quarantined);
    let entry = &listed(&manager)[0];
    assert_eq!(
        (entry.client.as_ref().unwrap().as_str(), &*entry.client_name),
        ("C1", "Société Aïr")
    );
    let line = &entry.event.as_ref().unwrap().what;
    assert!(
        matches!(line, EventKind::Payment { amount, receipt: on, .. } if amount.to_string() == "4000" && on.to_string() == receipt)
    );
    assert_eq!(entry.unreleasable, None);
    assert_eq!(owes(&office, "C1"), ("20000".to_owned(), 0));

    // One alone does nothing; nor does somebody who decides nothing.
    assert_eq!(
        say(&server.user("auditor"), "release", entry.id).status,
        403
    );
    assert_eq!(say(&server.user("one"), "release", entry.id).status, 403);
    let _: QuarantineEntry = say(&manager, "dismiss", entry.id).ok();
    let once: QuarantineEntry = say(&manager, "release", entry.id).ok();
    assert!(once.dismissals.is_empty(), "the latest word holds");
    assert_eq!(
        (once.state, once.releases.len()),
        (QuarantineState::Open, 1)
    );
    let again = refusal(&say(&manager, "release", entry.id));
    assert_eq!(again, (409, "another_person".to_owned(), None));
    assert_eq!(owes(&office, "C1").1, 0);
    let twice: QuarantineEntry = say(&server.user("administrator"), "release", entry.id).ok();
    assert_eq!(
        (twice.state, twice.releases.len()),
        (QuarantineState::Released, 2)
    );
    let decided = (409, "decided".to_owned(), None);
    assert_eq!(
        refusal(&say(&server.user("accountant"), "release", entry.id)),
        decided
    );
    assert_eq!(
        refusal(&say(&server.user("accountant"), "dismiss", entry.id)),
        decided
    );
    let attention: Value = manager.get("/attention").ok();
    assert_eq!(attention["quarantined"], json!([]));

    // It counts as his, is seen as his, and leaves as his.
    assert_eq!(owes(&office, "C1"), ("16000".to_owned(), 1));
    let activity: Value = manager.get("/activity").ok();
    let line = &activity["entries"][0];
    assert_eq!(
        (&line["event"]["author"], &line["event"]["device_label"]),
        (&json!("Name of one"), &json!(label))
    );
    assert_eq!((&line["client"], line.get("flags")), (&json!("C1"), None));
    let lines = export(&manager);
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].contains(&receipt) && lines[0].contains("Name of one"),
        "{lines:?}"
    );
    let total = json!([{"device": label, "currency": "XOF", "payments": 1, "amount": "4000"}]);
    assert_eq!(journal(&folder), total);
    folder.check();

    // The device is found and sends it in its place: still once.
    folder.run(&["device", "release", &label]);
    let (response, _) = device.pushed(1, &facts);
    assert_eq!(
        (response.results[0].status, &*response.results[0].flags),
        (Accepted, &[][..])
    );
    let next = device.next_receipt();
    let closing = device.fact("payment", &cash("C1", &next, "C1-A", "5"));
    assert_eq!(device.pushed(2, &[closing]).0.results[0].status, Accepted);
    assert_eq!(owes(&office, "C1"), ("15995".to_owned(), 2));
    assert_eq!(export(&manager).len(), 1, "only the new one");
    assert_eq!(journal(&folder)[0]["amount"], "4005");
    drop(server);
    folder.check();
}

#[test]
fn a_branch_of_a_fork_is_released_fact_by_fact() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let office = Device::enrol(&manager);
    let mut device = Device::enrol(&server.user("one"));
    let mut cloned = device.clone();
    let id = FactId(random::uuid());
    let receipt = device.next_receipt();
    let fact = device.fact_as(id, "payment", &cash("C1", &receipt, "C1-A", "100"));
    device.pushed(1, &[fact]);

    // The same id with another amount can never count: the first stands.
    let altered = cloned
        .clone()
        .fact_as(id, "payment", &cash("C1", &receipt, "C1-A", "900"));
    cloned.pushed(1, &[altered]);
    let known = listed(&manager)[0].id;
    assert_eq!(
        listed(&manager)[0].unreleasable.as_deref(),
        Some("known_fact")
    );
    assert_eq!(
        refusal(&say(&manager, "release", known)),
        unreleasable("known_fact")
    );

    // Another payment under a number that is taken counts, and everybody is told of the number.
    let other = cloned.fact("payment", &cash("C2", &receipt, "C2-A", "20"));
    cloned.pushed(1, &[other]);
    release(&server);
    assert_eq!(owes(&office, "C2"), ("19980".to_owned(), 1));
    let activity: Value = manager.get("/activity").ok();
    assert_eq!(
        activity["entries"][0]["flags"],
        json!(["receipt_number_unexpected"])
    );
    // Its reversal, released after it, takes it back before it left.
    let pay_id = {
        let entry = &activity["entries"][0]["event"]["id"];
        entry.as_str().unwrap().to_owned()
    };
    cloned.receipts = 6;
    let reversal = json!({
        "client": "C2", "payment": pay_id, "reverses": receipt, "receipt": cloned.next_receipt(),
        "date": "2026-11-03", "currency": "XOF", "amount": "20", "reason": "Mauvais client",
    });
    let reversal = cloned.fact("payment_reversed", &reversal);
    cloned.pushed(2, &[reversal]);
    release(&server);
    assert_eq!(owes(&office, "C2").0, "20000");
    assert_eq!(export(&manager).len(), 1, "the hundred of C1");
    let totals = journal(&folder);
    assert_eq!(
        (&totals[0]["payments"], &totals[0]["amount"]),
        (&json!(2), &json!("100"))
    );
    let devices: Vec<DeviceReport> = manager.get("/devices").ok();
    let gaps = devices.iter().flat_map(|device| &device.gaps);
    assert_eq!(gaps.filter(|gap| gap.kind == GapKind::Receipts).count(), 0);
    drop(server);
    folder.check();
}

#[test]
fn what_its_author_could_not_record_counts_once_released() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let office = Device::enrol(&server.user("manager"));
    // A cashier's payment takes its place in the chain, and counts for nothing.
    let mut cashier = Device::enrol(&server.user("cashier"));
    let receipt = cashier.next_receipt();
    let fact = cashier.fact("payment", &cash("C1", &receipt, "C1-A", "700"));
    assert_eq!(cashier.pushed(1, &[fact]).0.results[0].status, Quarantined);
    assert_eq!(owes(&office, "C1"), ("20000".to_owned(), 0));
    let entry = release(&server);
    assert_eq!(
        (&*entry.fact.reason, &*entry.fact.type_name),
        ("role", "payment")
    );
    assert_eq!(owes(&office, "C1"), ("19300".to_owned(), 1));
    assert_eq!(export(&server.user("manager")).len(), 1);
    assert_eq!(journal(&folder)[0]["amount"], "700");
    drop(server);
    folder.check();
}

#[test]
fn what_nobody_can_vouch_for_is_never_released() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let mut device = Device::enrol(&server.user("one"));
    let check =
        |sealed: &[tournee_sync::envelope::SealedFact], device: &Device, from: u64, code: &str| {
            let (response, _) = device.pushed(from, sealed);
            assert_eq!(response.results[0].status, Quarantined, "{code}");
            let entry = &listed(&manager)[0];
            assert_eq!(entry.unreleasable.as_deref(), Some(code));
            assert_eq!(
                refusal(&say(&manager, "release", entry.id)),
                unreleasable(code)
            );
        };
    let mut stranger = Device::enrol(&server.user("two"));
    stranger.enrolled.device.clone_from(&device.enrolled.device);
    stranger.enrolled.user.clone_from(&device.enrolled.user);
    let forged = stranger.fact("visit", &visit("C1"));
    check(&[forged], &device, 1, "not_signed");
    let mut altered = device.clone().fact("visit", &visit("C1"));
    altered.text = altered.text.replace("C1", "C2");
    check(&[altered], &device, 1, "not_signed");
    let poison = device.fact("teleport", &json!({"to": "Agadez"}));
    check(&[poison], &device, 1, "unreadable");
    let no_envelope = device.seal("not even JSON".to_owned());
    check(&[no_envelope], &device, 2, "unreadable");
    let mut foreign = device.text(FactId(random::uuid()), "visit", &visit("C3"));
    foreign["user"] = json!(random::uuid());
    let foreign = device.seal(foreign.to_string());
    check(&[foreign], &device, 3, "other_identity");
    let export = device.fact("payments_exported", &json!({"payments": [], "file": "00"}));
    check(&[export], &device, 4, "office_only");
    let undone = json!({"import": random::uuid(), "statement_date": "2026-10-31", "reason": ""});
    let undone = device.fact("import_undone", &undone);
    check(&[undone], &device, 5, "office_only");
    assert_eq!(say(&manager, "release", 999).status, 404);
    drop(server);
    folder.check();
}

#[test]
fn two_people_dismiss_what_was_set_aside_and_it_stays() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let unreadable = device.fact("payment", &json!({"amount": true}));
    device.pushed(1, &[unreadable]);
    let manager = server.user("manager");
    let listed: Vec<QuarantineEntry> = manager.get("/quarantine").ok();
    assert_eq!(listed[0].fact.device_label, "D01");
    let path = format!("/quarantine/{}/dismiss", listed[0].id);
    let open = || -> Value { manager.get("/attention").ok() };
    let why = json!({"reason": "a test of the workshop"});

    let empty = manager.post(&path, &json!({"reason": "  "})).problem();
    assert_eq!(empty.2.as_deref(), Some("reason"));
    assert_eq!(manager.post("/quarantine/99/dismiss", &why).status, 404);
    assert_eq!(server.user("auditor").post(&path, &why).status, 403);
    let once: QuarantineEntry = manager.post(&path, &why).ok();
    assert_eq!(once.dismissals.len(), 1);
    assert_eq!(manager.post(&path, &why).problem().1, "another_person");
    assert_eq!(open()["quarantined"].as_array().unwrap().len(), 1);
    let twice: QuarantineEntry = server.user("accountant").post(&path, &why).ok();
    let names: Vec<&str> = twice.dismissals.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["Name of manager", "Name of accountant"]);
    assert_eq!(open()["quarantined"], json!([]));
    let listed: Vec<QuarantineEntry> = manager.get("/quarantine").ok();
    assert_eq!(listed.len(), 1, "it stays for whoever looks into it");
    assert_eq!(folder.value("SELECT count(*) FROM quarantine"), 1);
    folder.check();
}
