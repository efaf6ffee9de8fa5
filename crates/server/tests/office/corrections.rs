//! Reversals, daily closings and corrections of the client file, over HTTP (SYNC 6, 31, 32).

use crate::journal::verify;
use crate::support::{Client, Device, Folder, Server, cash};
use serde_json::{Value, json};
use tournee_domain::FactId;
use tournee_domain::fact::Flag;
use tournee_server::random;
use tournee_sync::push::{FactResult, FactStatus};

/// Payments of C1 that were not reversed.
const STANDING: &str =
    "SELECT count(*) FROM records, json_each(records.body, '$.payments') AS payment
    WHERE records.id = 'C1' AND json_extract(payment.value, '$.reversed') IS NULL";

fn push(device: &mut Device, type_name: &str, body: &Value) -> (FactId, FactResult) {
    let id = FactId(random::uuid());
    let fact = device.fact_as(id, type_name, body);
    let (response, _) = device.pushed(device.seq, &[fact]);
    (id, response.results[0].clone())
}

fn pay(device: &mut Device, client: &str, invoice: &str, amount: &str) -> (FactId, Value) {
    let receipt = device.next_receipt();
    let body = cash(client, &receipt, invoice, amount);
    let (id, result) = push(device, "payment", &body);
    assert_eq!(result.status, FactStatus::Accepted, "{result:?}");
    (id, body)
}

fn reverse(device: &mut Device, payment: FactId, body: &Value) -> FactResult {
    let receipt = device.next_receipt();
    let reversal = json!({
        "client": body["client"], "payment": payment, "reverses": body["receipt"], "receipt": receipt,
        "date": "2026-11-03", "currency": "XOF", "amount": body["amount"], "reason": "Mauvais client",
    });
    push(device, "payment_reversed", &reversal).1
}

/// What the exported journal proves.
fn journal(folder: &Folder) -> Value {
    let path = folder.path().join("journal.jsonl");
    folder.run(&["export", "journal", "--out", path.to_str().unwrap()]);
    let (code, verified) = verify(&path);
    assert_eq!(code, 0, "{verified}");
    verified["journal"].clone()
}

/// Receipt, reference, amount and invoice of each line that leaves.
fn export(manager: &Client) -> Vec<[String; 4]> {
    let exported: Value = manager
        .post("/exports/payments", &json!({"language": "en"}))
        .ok();
    let csv = exported["csv"].as_str().unwrap();
    let cells = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        [0, 5, 8, 10].map(|cell| cells[cell].to_owned())
    };
    csv.lines().skip(1).map(cells).collect()
}

#[test]
fn what_was_reversed_leaves_accounting_as_it_was() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let mut device = Device::enrol(&server.user("one"));
    let label = device.enrolled.device.label.clone();
    let agency = device.enrolled.user.agency.clone();
    let number = |n: u32| format!("{agency}-{label}-E1-{n:06}");
    let line = |receipt: u32, reference: &str, amount: &str, invoice: &str| {
        [&number(receipt), reference, amount, invoice].map(str::to_owned)
    };

    // Reversed before it left: neither leaves, not now and not later.
    let (early, body) = pay(&mut device, "C1", "C1-A", "4000");
    assert_eq!(
        reverse(&mut device, early, &body).status,
        FactStatus::Accepted
    );
    let (late, body) = pay(&mut device, "C2", "C2-A", "2500");
    assert_eq!(export(&manager), [line(3, "", "2500", "C2-A")]);

    // Reversed afterwards: accounting is told to take it back, once.
    assert_eq!(
        reverse(&mut device, late, &body).status,
        FactStatus::Accepted
    );
    let taken_back = format!("reverses {}", number(3));
    assert_eq!(export(&manager), [line(4, &taken_back, "-2500", "C2-A")]);
    assert!(export(&manager).is_empty());

    let again = reverse(&mut device, late, &body);
    assert_eq!(again.flags, [Flag::AlreadyReversed]);
    assert!(export(&manager).is_empty());
    drop(server);
    folder.check();
    let verified = journal(&folder);
    assert_eq!(verified["totals"][0]["payments"], 2, "{verified}");
    assert_eq!(verified["totals"][0]["amount"], "0", "{verified}");
}

#[test]
fn only_who_took_the_money_or_the_office_takes_it_back() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut one = Device::enrol(&server.user("one"));
    let mut two = Device::enrol(&server.user("two"));
    let mut manager = Device::enrol(&server.user("manager"));
    let (payment, body) = pay(&mut one, "C1", "C1-A", "4000");
    let (kept, other) = pay(&mut one, "C1", "C1-B", "500");
    let standing = || folder.value(STANDING);

    // Another collector's word waits for the office, and the payment stands.
    let refused = reverse(&mut two, payment, &body);
    assert_eq!(refused.status, FactStatus::Quarantined);
    assert!(
        refused.detail.contains("taken by somebody else"),
        "{refused:?}"
    );
    assert_eq!(standing(), 2);
    let list: Value = server.user("manager").get("/quarantine").ok();
    assert_eq!(list[0]["reason"], "not_own");
    assert_eq!(list[0]["event"]["what"]["kind"], "payment_reversed");
    assert_eq!(list[0]["unreleasable"], Value::Null);
    let path = format!("/quarantine/{}/release", list[0]["id"]);
    for login in ["manager", "accountant"] {
        let why = json!({"reason": "he is right"});
        assert_eq!(server.user(login).post(&path, &why).status, 200);
    }
    assert_eq!(standing(), 1, "two people at the office confirmed it");

    let by_office = reverse(&mut manager, kept, &other);
    assert_eq!(by_office.status, FactStatus::Accepted, "{by_office:?}");
    assert_eq!(standing(), 0);
    let again = reverse(&mut one, payment, &body);
    assert_eq!(again.flags, [Flag::AlreadyReversed]);
    drop(server);
    folder.check();
    // Taken back from the device that took it, whoever said so.
    let verified = journal(&folder);
    let label = &one.enrolled.device.label;
    let expected = json!([{"device": label, "currency": "XOF", "payments": 2, "amount": "0"}]);
    assert_eq!(verified["totals"], expected);
}

#[test]
fn a_closing_that_is_not_what_its_chain_says_is_flagged() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let (first, body) = pay(&mut device, "C1", "C1-A", "4000");
    pay(&mut device, "C2", "C2-A", "500");
    reverse(&mut device, first, &body);
    let closing = |device: &Device, first: u64, receipts: Value, totals: Value| {
        json!({
            "date": "2026-11-02", "first_seq": first, "last_seq": device.seq,
            "head_hash": device.head.to_string(), "receipts": receipts, "totals": {"XOF": totals},
        })
    };
    let totals = json!({"payments": 2, "reversals": 1, "amount": "500", "perpetual": "500"});
    let good = closing(&device, 1, json!([1, 3]), totals);
    let (_, result) = push(&mut device, "day_closed", &good);
    assert_eq!(
        (result.status, result.flags),
        (FactStatus::Accepted, vec![])
    );

    pay(&mut device, "C1", "C1-B", "100");
    let short = json!({"payments": 1, "reversals": 0, "amount": "90", "perpetual": "590"});
    let wrong = closing(&device, 4, json!([4, 4]), short);
    let (_, result) = push(&mut device, "day_closed", &wrong);
    assert_eq!(result.flags, [Flag::ClosingMismatch]);

    // The next one goes on from what the chain says.
    let none = json!({"payments": 0, "reversals": 0, "amount": "0", "perpetual": "600"});
    let next = closing(&device, 6, Value::Null, none);
    let (_, result) = push(&mut device, "day_closed", &next);
    assert_eq!(result.flags, [], "{next}");
    drop(server);
    folder.check();

    let verified = journal(&folder);
    let flagged = verified["closings_flagged"].as_array().unwrap();
    assert_eq!(flagged.len(), 1, "{verified}");
}

#[test]
fn a_correction_of_the_client_file_waits_for_the_office() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut collector = Device::enrol(&server.user("one"));
    let mut manager = Device::enrol(&server.user("manager"));
    let proposal = json!({
        "client": "C2",
        "changes": [
            {"field": "phone", "from": "", "to": "+227 90 11 22 33"},
            {"field": {"detail": "Chantier"}, "from": "", "to": "Arlit, km 5"},
        ],
    });
    let (id, result) = push(&mut collector, "client_edit_proposed", &proposal);
    assert_eq!(result.status, FactStatus::Accepted);
    let decision = json!({"client": "C2", "proposal": id, "accepted": ["phone"], "refused": [{"detail": "Chantier"}]});
    let (_, refused) = push(&mut collector, "client_edit_decided", &decision);
    assert_eq!(
        refused.status,
        FactStatus::Quarantined,
        "not the field's word"
    );
    let file = |device: &Device| {
        let pages = device.pulled(None);
        let records = pages.iter().flat_map(|page| &page.records);
        let record = records.rev().find(|record| record.id == "C2").unwrap();
        let body: Value = serde_json::from_str(record.body.as_ref().unwrap().get()).unwrap();
        body
    };
    let waiting = file(&manager);
    assert_eq!(waiting["client"]["phone"], Value::Null);
    assert_eq!(waiting["proposals"].as_array().unwrap().len(), 1);
    let (_, decided) = push(&mut manager, "client_edit_decided", &decision);
    assert_eq!(decided.status, FactStatus::Accepted);
    let now = file(&collector);
    assert_eq!(now["client"]["phone"], "+227 90 11 22 33");
    assert_eq!(now["proposals"], Value::Null);
    drop(server);
    folder.check();
}

/// The day of a payment is the accountant's word, and accounting gets that day.
#[test]
fn the_accountant_says_on_which_day_a_payment_was_taken() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let mut collector = Device::enrol(&server.user("one"));
    let mut office = Device::enrol(&manager);
    let (payment, body) = pay(&mut collector, "C1", "C1-A", "4000");
    let redated = json!({
        "client": "C1", "payment": payment, "receipt": body["receipt"],
        "from": body["date"], "to": "2026-10-30", "reason": "Horloge",
    });
    let (_, refused) = push(&mut collector, "payment_redated", &redated);
    assert_eq!(
        refused.status,
        FactStatus::Quarantined,
        "not the field's word"
    );
    let (_, taken) = push(&mut office, "payment_redated", &redated);
    assert_eq!(taken.status, FactStatus::Accepted);
    let exported: Value = manager
        .post("/exports/payments", &json!({"language": "en"}))
        .ok();
    let csv = exported["csv"].as_str().unwrap();
    assert!(csv.lines().nth(1).unwrap().contains("2026-10-30"), "{csv}");
    drop(server);
    folder.check();
    journal(&folder);
}
