//! The sample ledger, two statements with field payments between them, equals its truth: over HTTP and at the command
//! line (DOMAIN §2.6).

use crate::support::{Client, Device, Folder, Server, ledger, truth};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tournee_domain::dossier::Invoice;
use tournee_domain::{Amount, Dossier};
use tournee_sync::office::UndoReport;
use tournee_sync::push::FactStatus;

/// What a statement's preview must say, as far as the truth says it.
fn check(preview: &Value, expected: &Value) {
    for (key, value) in expected.as_object().unwrap() {
        if !matches!(
            key.as_str(),
            "open_by_client_with_field_payments"
                | "open_total_with_field_payments"
                | "open_by_client"
                | "open_total"
                | "derived_due"
        ) {
            assert_eq!(&preview[key], value, "{key}");
        }
    }
}

fn upload(client: &Client, files: &[(&str, &str)], date: &str) -> Value {
    let options = serde_json::to_vec(&json!({"statement_date": date})).unwrap();
    let bytes: Vec<(&str, &str, Vec<u8>)> = files
        .iter()
        .map(|(part, name)| (*part, *name, std::fs::read(ledger(name)).unwrap()))
        .collect();
    let mut parts: Vec<(&str, Option<&str>, &[u8])> = bytes
        .iter()
        .map(|(part, name, bytes)| (*part, Some(*name), bytes.as_slice()))
        .collect();
    parts.push(("options", None, &options));
    client.post_form("/imports", &parts).ok()
}

fn commit(client: &Client, seen: &Value, date: &str) -> Value {
    let path = format!("/imports/{}/commit", seen["id"].as_str().unwrap());
    client.post(&path, &json!({"statement_date": date})).ok()
}

/// The field payments of the truth, exported ones first, pushed in batches as a device does; after the exported ones, the
/// office exports.
fn push_field_payments(server: &Server, manager: &Client, truth: &Value) {
    let mut device = Device::enrol(manager);
    let payments = truth["field_payments"].as_array().unwrap();
    for exported in [true, false] {
        let batch: Vec<&Value> = payments
            .iter()
            .filter(|payment| payment["exported"] == exported)
            .collect();
        for chunk in batch.chunks(50) {
            let from = device.seq + 1;
            let facts: Vec<_> = chunk
                .iter()
                .map(|payment| fact(&mut device, payment))
                .collect();
            let (response, _) = device.pushed(from, &facts);
            for result in &response.results {
                assert_eq!(
                    result.status,
                    FactStatus::Accepted,
                    "{:?} {}",
                    result.flags,
                    result.detail
                );
            }
        }
        if exported {
            export(server, manager, &batch);
        }
    }
}

fn fact(device: &mut Device, payment: &Value) -> tournee_sync::envelope::SealedFact {
    let receipt = device.next_receipt();
    let body = json!({
        "client": payment["client"], "date": payment["date"], "receipt": receipt, "currency": "XOF",
        "amount": payment["amount"], "method": {"kind": "cash"},
        "allocations": [{"invoice": payment["invoice"], "amount": payment["amount"]}],
    });
    device.fact("payment", &body)
}

fn export(server: &Server, manager: &Client, expected: &[&Value]) {
    let exported: Value = manager
        .post("/exports/payments", &json!({"language": "fr"}))
        .ok();
    assert_eq!(exported["payments"], expected.len());
    let csv = exported["csv"].as_str().unwrap();
    let mut found: BTreeMap<&str, &str> = BTreeMap::new();
    for line in csv.lines().skip(1) {
        // From the end: a client's name may hold the separator.
        let cells: Vec<&str> = line.rsplit(';').collect();
        found.insert(cells[2], cells[4]);
    }
    for payment in expected {
        assert_eq!(
            found[payment["invoice"].as_str().unwrap()],
            payment["amount"].as_str().unwrap()
        );
    }
    // Nothing is left, and the same bytes can be had again.
    assert_eq!(
        manager
            .post("/exports/payments", &json!({"language": "fr"}))
            .ok::<Value>()["payments"],
        0
    );
    let auditor = server.user("auditor");
    let list: Value = auditor.get("/exports").ok();
    assert_eq!(list.as_array().unwrap().len(), 1);
    let again = auditor.get(&format!("/exports/{}", list[0]["id"].as_str().unwrap()));
    assert_eq!(again.body, csv.as_bytes());
    assert!(
        again
            .header("content-disposition")
            .starts_with("attachment; filename=\"encaissements-")
    );
}

#[test]
fn over_http_both_statements_equal_the_truth() {
    let truth = truth();
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let seen = upload(
        &manager,
        &[("clients", "clients.csv"), ("invoices", "factures.csv")],
        "2026-10-31",
    );
    let first = &truth["first"];
    for preview in [
        &seen["preview"],
        &commit(&manager, &seen, "2026-10-31")["preview"],
    ] {
        check(preview, first);
        assert_eq!(preview["open_by_client"], first["open_by_client"]);
        assert_eq!(preview["open_total"], first["open_total"]);
        assert_eq!(preview["derived_due"], first["derived_due"]);
    }
    push_field_payments(&server, &manager, &truth);

    let second = &truth["second"];
    let seen = upload(&manager, &[("invoices", "factures-2.csv")], "2026-11-14");
    let committed = commit(&manager, &seen, "2026-11-14");
    assert!(committed["fact_id"].is_string());
    let preview = &committed["preview"];
    assert_eq!(preview["bad_rows"], second["bad_rows"]);
    assert_eq!(preview["invoices_good"], second["invoices_good"]);
    assert_eq!(
        preview["flagged_possible_double"],
        second["flagged_possible_double"]
    );
    assert_eq!(
        preview["open_by_client"],
        second["open_by_client_with_field_payments"]
    );
    assert_eq!(
        preview["open_total"],
        second["open_total_with_field_payments"]
    );

    // Again, nothing changes.
    let seen = upload(&manager, &[("invoices", "factures-2.csv")], "2026-11-14");
    assert_eq!(
        commit(&manager, &seen, "2026-11-14")["fact_id"],
        Value::Null
    );
    drop(server);
    folder.check();
}

/// What every client owes by the records a device was given, clients that owe nothing left out.
fn open_by_client(records: &BTreeMap<String, Dossier>) -> BTreeMap<String, Amount> {
    let open = |dossier: &Dossier| dossier.invoices.iter().map(Invoice::open).sum();
    let all = records
        .iter()
        .map(|(code, dossier)| (code.clone(), open(dossier)));
    all.filter(|(_, open): &(_, Amount)| !open.is_zero())
        .collect()
}

/// The same by the truth, less these payments.
fn expected(truth: &Value, payments: &[Value]) -> BTreeMap<String, Amount> {
    let amount = |value: &Value| value.as_str().unwrap().parse::<Amount>().unwrap();
    let open = truth.as_object().unwrap().iter();
    let mut open: BTreeMap<String, Amount> = open
        .map(|(code, value)| (code.clone(), amount(value)))
        .collect();
    for payment in payments {
        let client = payment["client"].as_str().unwrap().to_owned();
        *open.entry(client).or_insert(Amount::ZERO) -= amount(&payment["amount"]);
    }
    open.retain(|_, open| !open.is_zero());
    open
}

/// A device's records, with what a pull from `cursor` on changes.
fn follow(device: &Device, records: &mut BTreeMap<String, Dossier>, cursor: &mut Option<String>) {
    for page in device.pulled(cursor.as_deref()) {
        for record in &page.records {
            match &record.body {
                Some(body) => {
                    let dossier = serde_json::from_str(body.get()).unwrap();
                    records.insert(record.id.clone(), dossier);
                }
                None => {
                    records.remove(&record.id);
                }
            }
        }
        *cursor = Some(page.cursor);
    }
}

#[test]
fn a_statement_that_is_undone_leaves_the_truth_of_the_one_before_it() {
    let truth = truth();
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let first = [("clients", "clients.csv"), ("invoices", "factures.csv")];
    let seen = upload(&manager, &first, "2026-10-31");
    commit(&manager, &seen, "2026-10-31");
    push_field_payments(&server, &manager, &truth);
    let payments = truth["field_payments"].as_array().unwrap();
    let device = Device::enrol(&manager);
    let (mut records, mut cursor) = (BTreeMap::new(), None);
    follow(&device, &mut records, &mut cursor);
    let before = records.clone();
    let without = expected(&truth["first"]["open_by_client"], payments);
    assert_eq!(open_by_client(&records), without);

    let import = || {
        let seen = upload(&manager, &[("invoices", "factures-2.csv")], "2026-11-14");
        commit(&manager, &seen, "2026-11-14")["id"].clone()
    };
    let id = import();
    let with = expected(&truth["second"]["open_by_client_with_field_payments"], &[]);
    follow(&device, &mut records, &mut cursor);
    assert_eq!(open_by_client(&records), with);

    let path = format!("/imports/{}/undo", id.as_str().unwrap());
    let why = json!({"reason": "the file of the other company"});
    let report: UndoReport = manager.post(&path, &why).ok();
    assert!(report.unplaced.is_empty());
    follow(&device, &mut records, &mut cursor);
    assert_eq!(open_by_client(&records), without);
    assert_eq!(records, before, "as though it had not come");

    import();
    follow(&device, &mut records, &mut cursor);
    assert_eq!(
        open_by_client(&records),
        with,
        "the same file again goes in"
    );
    drop(server);
    folder.check();
}

#[test]
fn at_the_command_line_the_statements_equal_the_truth() {
    let truth = truth();
    let folder = Folder::empty();
    let path = |name: &str| ledger(name).to_str().unwrap().to_owned();
    let (clients, first, second) = (
        path("clients.csv"),
        path("factures.csv"),
        path("factures-2.csv"),
    );
    let first = [
        "import",
        "--json",
        "--clients",
        &clients,
        "--invoices",
        &first,
        "--statement-date",
        "2026-10-31",
    ];
    let dry: Vec<&str> = first.iter().copied().chain(["--dry-run"]).collect();
    let import =
        |arguments: &[&str]| serde_json::from_str::<Value>(&folder.run(arguments)).unwrap();
    let previewed = import(&dry);
    assert_eq!(folder.value("SELECT count(*) FROM facts"), 0);
    let imported = import(&first);
    for preview in [&previewed, &imported] {
        check(preview, &truth["first"]);
        assert_eq!(preview["open_by_client"], truth["first"]["open_by_client"]);
    }
    assert_eq!(
        import(&first)["unchanged"],
        truth["first"]["invoices_good"],
        "again"
    );
    assert_eq!(folder.value("SELECT count(*) FROM facts"), 1);
    let second = import(&[
        "import",
        "--json",
        "--invoices",
        &second,
        "--statement-date",
        "2026-11-14",
    ]);
    assert_eq!(
        second["open_by_client"], truth["second"]["open_by_client"],
        "without field payments"
    );
    assert_eq!(second["open_total"], truth["second"]["open_total"]);
    folder.check();
}
