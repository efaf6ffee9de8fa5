//! What leaves for accounting after the accountant decided (DOMAIN §2.6).

use crate::support::{Client, Device, Folder, Server, cash, small_ledger};
use serde_json::{Value, json};

fn import(manager: &Client, settled: &[(&str, &str)], date: &str) -> Value {
    let mut invoices = small_ledger().1;
    for (invoice, amount) in settled {
        let start = invoices.find(invoice).unwrap();
        let row = &invoices[start..start + invoices[start..].find('\n').unwrap()];
        let changed = row.replace(";10000;0;", &format!(";10000;{amount};"));
        invoices = invoices.replace(row, &changed);
    }
    let options = json!({ "statement_date": date });
    let parts = [
        ("invoices", Some("factures.csv"), invoices.as_bytes()),
        ("options", None, options.to_string().leak().as_bytes()),
    ];
    let seen: Value = manager.post_form("/imports", &parts).ok();
    let commit = format!("/imports/{}/commit", seen["id"].as_str().unwrap());
    manager.post(&commit, &options).ok::<Value>()["preview"].clone()
}

/// Invoices and amounts of the next export's lines, and how many payments it names.
fn export(manager: &Client) -> (u64, Vec<(String, String)>) {
    let exported: Value = manager
        .post("/exports/payments", &json!({"language": "en"}))
        .ok();
    let lines = exported["csv"]
        .as_str()
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[10].to_owned(), cells[8].to_owned())
        });
    (exported["payments"].as_u64().unwrap(), lines.collect())
}

#[test]
fn what_the_ledger_was_decided_to_hold_does_not_leave_again() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let mut device = Device::enrol(&manager);
    let mut pay = |client: &str, invoice: &str, amount: &str| {
        let receipt = device.next_receipt();
        let fact = device.fact("payment", &cash(client, &receipt, invoice, amount));
        device.pushed(device.seq, &[fact]);
    };
    pay("C1", "C1-A", "4000");
    pay("C2", "C2-A", "5000");
    pay("C2", "C2-B", "100");
    let seen = import(
        &manager,
        &[("C1-A", "4000"), ("C2-A", "2000")],
        "2026-11-14",
    );
    assert_eq!(seen["flagged_possible_double"], json!(["C1-A", "C2-A"]));
    for invoice in ["C1-A", "C2-A"] {
        let decision =
            json!({"client": &invoice[..2], "invoice": invoice, "decision": "same_money"});
        let fact = device.fact("double_resolved", &decision);
        device.pushed(device.seq, &[fact]);
    }

    let lines = |expected: &[(&str, &str)]| -> Vec<(String, String)> {
        expected
            .iter()
            .map(|(a, b)| ((*a).into(), (*b).into()))
            .collect()
    };
    let first = export(&manager);
    assert_eq!(first, (2, lines(&[("C2-A", "3000"), ("C2-B", "100")])));
    assert_eq!(export(&manager), (0, Vec::new()));
    assert_eq!(
        folder.value("SELECT count(*) FROM payments WHERE export IS NULL"),
        0,
        "what the ledger holds entirely waits for nothing"
    );

    // Accounting books what left, and only that.
    let settled = [("C1-A", "4000"), ("C2-A", "5000"), ("C2-B", "100")];
    let seen = import(&manager, &settled, "2026-11-20");
    assert_eq!(seen["flagged_possible_double"], json!([]));
    assert_eq!(seen["open_by_client"]["C1"], "16000");
    assert_eq!(seen["open_by_client"]["C2"], "14900");
    drop(server);
    folder.check();
}
