//! The latest import is undone: over HTTP and at the command line (SYNC 35).

use crate::journal::verify;
use crate::support::{Client, Device, Folder, Server, cash, command, small_ledger, visit};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tournee_domain::fact::{FactBody, ImportUndone};
use tournee_server::database::SqliteOffice;
use tournee_server::office_fact;
use tournee_sync::office::{Dossiers, ImportEntry, UndoReport};

/// The small ledger a fortnight later: a new invoice of C1, new clients C5 and C6 with one each, C2 in another portfolio.
fn later() -> (String, String) {
    let (clients, invoices) = small_ledger();
    let clients = clients.replace(
        "C2;Mines Kawar;2/R;Arlit;;;30 jours;;REC01",
        "C2;Mines Kawar;2/R;Arlit;;;30 jours;;REC02",
    ) + "C5;Puits Azawagh;5/R;Agadez;;;30 jours;;REC01\nC6;Fours Damergou;6/R;Tanout;;;30 jours;;REC01\n";
    let like = invoices.lines().nth(1).unwrap();
    let line = |invoice: &str, client: &str| {
        like.replace("C1-A", invoice)
            .replace(";C1;", &format!(";{client};"))
            + "\n"
    };
    let invoices =
        invoices.clone() + &line("C1-C", "C1") + &line("C5-A", "C5") + &line("C6-A", "C6");
    (clients, invoices)
}

fn import(client: &Client, date: &str, (clients, invoices): &(String, String)) -> String {
    let options = json!({ "statement_date": date });
    let bytes = serde_json::to_vec(&options).unwrap();
    let parts = [
        ("clients", Some("clients.csv"), clients.as_bytes()),
        ("invoices", Some("factures.csv"), invoices.as_bytes()),
        ("options", None, bytes.as_slice()),
    ];
    let seen: Value = client.post_form("/imports", &parts).ok();
    let id = seen["id"].as_str().unwrap().to_owned();
    let committed: Value = client.post(&format!("/imports/{id}/commit"), &options).ok();
    assert!(committed["fact_id"].is_string(), "{committed}");
    id
}

/// Codes of the records a device holds, after what a pull from the cursor on changes.
fn follow(device: &Device, held: &mut BTreeMap<String, Value>, cursor: &mut Option<String>) {
    for page in device.pulled(cursor.as_deref()) {
        for record in page.records {
            match record.body {
                Some(body) => held.insert(record.id, serde_json::from_str(body.get()).unwrap()),
                None => held.remove(&record.id),
            };
        }
        *cursor = Some(page.cursor);
    }
}

#[test]
fn what_came_with_it_goes_and_what_the_field_recorded_stays() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let mut one = Device::enrol(&server.user("one"));
    let office = Device::enrol(&manager);
    let (mut at_one, mut cursor) = (BTreeMap::new(), None);
    let (mut at_office, mut all) = (BTreeMap::new(), None);
    let id = import(&manager, "2026-11-14", &later());
    follow(&one, &mut at_one, &mut cursor);
    follow(&office, &mut at_office, &mut all);
    let codes = |held: &BTreeMap<String, Value>| held.keys().cloned().collect::<Vec<_>>();
    assert_eq!(codes(&at_one), ["C1", "C5", "C6"]);

    // Money and a visit on what came with it, and money on what did not.
    let receipts: Vec<String> = (0..3).map(|_| one.next_receipt()).collect();
    let facts = [
        one.fact("payment", &cash("C1", &receipts[0], "C1-C", "4000")),
        one.fact("payment", &cash("C1", &receipts[1], "C1-A", "300")),
        one.fact("payment", &cash("C5", &receipts[2], "C5-A", "20")),
        one.fact("visit", &visit("C5")),
    ];
    one.pushed(1, &facts);
    let export = |expected: u32| {
        let language = json!({"language": "en"});
        let exported: Value = manager.post("/exports/payments", &language).ok();
        assert_eq!(exported["payments"], expected);
    };
    export(3);

    let path = format!("/imports/{id}/undo");
    let why = json!({"reason": "wrong file"});
    let report: UndoReport = manager.post(&path, &why).ok();
    let unplaced: Vec<_> = report
        .unplaced
        .iter()
        .map(|payment| (payment.receipt.to_string(), payment.amount.to_string()))
        .collect();
    assert_eq!(
        unplaced,
        [
            (receipts[0].clone(), "4000".to_owned()),
            (receipts[2].clone(), "20".to_owned())
        ]
    );
    assert_eq!(
        (report.erased, report.restored),
        (1, 5),
        "C6, and all others"
    );

    follow(&one, &mut at_one, &mut cursor);
    assert_eq!(
        codes(&at_one),
        ["C1", "C2"],
        "C5 is of no portfolio, C6 of nobody"
    );
    follow(&office, &mut at_office, &mut all);
    assert_eq!(codes(&at_office), ["C1", "C2", "C3", "C4", "C5"]);
    let kept = |held: &BTreeMap<String, Value>, n: usize| {
        let mut payments = held["C1"]["payments"].as_array().unwrap().iter();
        let kept = payments
            .find(|kept| kept["receipt"] == receipts[n])
            .unwrap();
        json!([kept["on_account"], kept["flags"], kept["exported"]])
    };
    let waits = json!(["4000", ["unknown_invoice"], true]);
    assert_eq!(kept(&at_office, 0), waits);
    assert_eq!(kept(&at_office, 1), json!(["0", null, true]));
    assert_eq!(at_office["C5"]["payments"][0]["on_account"], "20");
    let mut events = at_office["C5"]["events"].as_array().unwrap().iter();
    assert!(events.any(|event| event["what"]["kind"] == "visit"));
    assert_eq!(at_office["C1"]["statement_date"], "2026-10-31");
    // What left for accounting does not leave again.
    export(0);
    let entries: Value = manager.get("/activity").ok();
    assert_eq!(
        entries["entries"][0]["event"]["what"]["kind"],
        "statement_undone"
    );

    // A fresh device is given the same, and so is everybody once the statement goes in again.
    let (mut fresh, mut from) = (BTreeMap::new(), None);
    follow(&Device::enrol(&manager), &mut fresh, &mut from);
    assert_eq!(fresh, at_office);
    import(&manager, "2026-11-14", &later());
    for (device, held, cursor) in [
        (&one, &mut at_one, &mut cursor),
        (&office, &mut at_office, &mut all),
    ] {
        follow(device, held, cursor);
    }
    assert_eq!(codes(&at_one), ["C1", "C5", "C6"]);
    let owes = |client: &str| at_office[client]["invoices"].as_array().unwrap().len();
    assert_eq!((owes("C1"), owes("C5")), (3, 1));
    let still = "what lost its invoice waits for a person";
    assert_eq!(kept(&at_office, 0), waits, "{still}");
    drop(server);
    folder.check();
    let journal = folder.path().join("journal.jsonl");
    folder.run(&["export", "journal", "--out", journal.to_str().unwrap()]);
    let (code, verified) = verify(&journal);
    assert_eq!(
        (code, &verified["journal"]["totals"][0]["amount"]),
        (0, &json!("4320")),
        "{verified}"
    );
}

#[test]
fn only_the_latest_is_undone_and_only_by_those_who_import() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let second = import(&manager, "2026-11-14", &later());
    let list = || -> Vec<ImportEntry> { manager.get("/imports").ok() };
    let first = list()[1].id.clone();
    let path = |id: &str| format!("/imports/{id}/undo");
    let why = json!({"reason": "wrong file"});
    for login in ["one", "cashier", "administrator", "auditor"] {
        assert_eq!(
            server.user(login).post(&path(&second), &why).status,
            403,
            "{login}"
        );
    }
    let silent = manager
        .post(&path(&second), &json!({"reason": " "}))
        .problem();
    assert_eq!(
        silent,
        (400, "bad_request".to_owned(), Some("reason".to_owned()))
    );
    let nothing = path(&tournee_server::random::uuid().to_string());
    assert_eq!(manager.post(&nothing, &why).status, 404);
    let early = manager.post(&path(&first), &why);
    assert_eq!(early.problem().1, "not_latest");
    assert_eq!(early.json::<Value>()["latest"]["id"], second);
    let can_undo =
        |list: &[ImportEntry]| list.iter().map(|entry| entry.can_undo).collect::<Vec<_>>();
    assert_eq!(can_undo(&list()), [true, false]);

    let _: UndoReport = manager.post(&path(&second), &why).ok();
    assert_eq!(
        manager.post(&path(&second), &why).problem().1,
        "already_undone"
    );
    let listed = list();
    assert_eq!(can_undo(&listed), [false, true]);
    let undone = listed[0].undone.as_ref().unwrap();
    assert_eq!(
        (&*undone.author, &*undone.reason),
        ("Name of manager", "wrong file")
    );
    // Then the one before it, by whoever keeps the ledger; nothing is left.
    let report: UndoReport = server.user("accountant").post(&path(&first), &why).ok();
    assert_eq!((report.erased, report.restored), (4, 0));
    assert_eq!(can_undo(&list()), [false, false]);
    drop(server);
    folder.check();
}

#[test]
fn at_the_command_line_the_latest_is_undone() {
    let folder = Folder::with_ledger();
    let listed = |folder: &Folder| -> Vec<ImportEntry> {
        serde_json::from_str(&folder.run(&["import", "list", "--json"])).unwrap()
    };
    let id = listed(&folder)[0].id.clone();
    let undo = ["import", "undo", &id, "--reason", "wrong file"];
    assert!(folder.run(&undo).contains("4 are gone"));
    assert!(folder.run(&["import", "list"]).contains("undone by"));
    assert_eq!(folder.value("SELECT count(*) FROM records"), 0);
    let again = command(&folder, &undo);
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(
        !again.status.success() && said.contains("undone before"),
        "{said}"
    );
    folder.check();
}

#[test]
fn a_journal_that_undoes_what_was_not_the_latest_is_broken() {
    let folder = Folder::with_ledger();
    folder.with_office(async |office| {
        let mut store = SqliteOffice::new(office.database.write().await.unwrap())
            .await
            .unwrap();
        let organisation = store.record().clone();
        let author = office_fact::console(&organisation);
        let fact = office_fact::begin(&author, &organisation);
        let undone = FactBody::ImportUndone(ImportUndone {
            import: fact.id,
            statement_date: "2026-10-31".parse().unwrap(),
            reason: "nobody's".to_owned(),
        });
        let nothing = Dossiers::default();
        office_fact::record(office, &mut store, &[(fact, undone)], nothing)
            .await
            .unwrap();
        store.commit().await.unwrap();
    });
    let journal = folder.path().join("journal.jsonl");
    folder.run(&["export", "journal", "--out", journal.to_str().unwrap()]);
    let (code, report) = verify(&journal);
    assert_eq!((code, &report["broken"]["code"]), (1, &json!("wrong_undo")));
}
