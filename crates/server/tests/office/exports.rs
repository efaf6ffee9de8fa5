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

/// Lines of the next export, by receipt number, method, reference, amount and invoice.
fn entries(manager: &Client) -> Vec<String> {
    let language = json!({"language": "fr"});
    let exported: Value = manager.post("/exports/payments", &language).ok();
    let lines = exported["csv"].as_str().unwrap().lines().skip(1);
    let told = lines.map(|line| {
        let cells: Vec<&str> = line.split(';').collect();
        let receipt = cells[0].rsplit('-').next().unwrap().trim_start_matches('0');
        [receipt, cells[4], cells[5], cells[8], cells[10]].join("|")
    });
    told.collect()
}

/// Whatever moves money reaches accounting once, and what is taken back is taken back where the money was by then.
#[test]
fn bounced_moved_waived_and_attested_leave_too() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let mut device = Device::enrol(&manager);
    let mut record = |type_name: &str, mut body: Value| -> String {
        if type_name == "payment" || type_name == "payment_reversed" {
            body["receipt"] = device.next_receipt().into();
        }
        let fact = device.fact(type_name, &body);
        let text: Value = serde_json::from_str(&fact.text).unwrap();
        device.pushed(device.seq, &[fact]);
        text["fact_id"].as_str().unwrap().to_owned()
    };
    let date = "2026-11-02";
    let cheque = json!({"kind": "cheque", "bank": "Sonibank", "number": "0012", "drawer": "Aïr", "date": date});
    let pay = |method: &Value, amount: &str, lines: &[(&str, &str)], withheld: Value| {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(invoice, amount)| json!({"invoice": invoice, "amount": amount}))
            .collect();
        json!({"client": "C1", "date": date, "currency": "XOF", "amount": amount, "method": method, "allocations": lines, "withheld": withheld})
    };
    let moved = |payment: &str, from: Option<&str>, to: Option<&str>, amount: &str| {
        let line = |place: Option<&str>| -> Vec<Value> {
            place
                .into_iter()
                .map(|invoice| json!({"invoice": invoice, "amount": amount}))
                .collect()
        };
        json!({"client": "C1", "source": {"kind": "payment", "payment": payment}, "date": date, "released": line(from), "allocated": line(to), "reason": "demande"})
    };
    let tax = json!([{"invoice": "C1-B", "tax": "ISB", "amount": "200"}]);
    let first = record(
        "payment",
        pay(&cheque, "5000", &[("C1-A", "4000")], json!([])),
    );
    let second = record(
        "payment",
        pay(&json!({"kind": "cash"}), "9700", &[("C1-B", "9700")], tax),
    );
    assert_eq!(
        entries(&manager),
        [
            "1|Chèque|0012|4000|C1-A",
            "1|Chèque|0012|1000|",
            "2|Espèces||9700|C1-B"
        ],
        "a tax without its attestation is not booked"
    );

    record("reallocated", moved(&first, Some("C1-A"), None, "1500"));
    record(
        "withholding_attested",
        json!({"client": "C1", "payment": second, "invoice": "C1-B", "tax": "ISB", "number": "DGI-118", "date": date}),
    );
    let waived = json!({"client": "C1", "invoice": "C1-B", "date": date, "why": "small_difference", "amount": "100", "comment": "arrondi"});
    record("amount_waived", waived.clone());
    // Nothing is open any more: it has no effect, and no line.
    record("amount_waived", waived);
    assert_eq!(
        entries(&manager),
        [
            "1|Réimputation|demande|-1500|C1-A",
            "1|Réimputation|demande|1500|",
            "2|Retenue ISB|DGI-118|200|C1-B",
            "|Petite différence|arrondi|100|C1-B",
        ]
    );

    // Moved once more and returned by the bank, both before the next export.
    record("reallocated", moved(&first, None, Some("C1-A"), "500"));
    record(
        "cheque_bounced",
        json!({"client": "C1", "payment": first, "receipt": "NIA-D02-E1-000001", "date": "2026-11-09", "reason": "provision"}),
    );
    // Taken back before it left: accounting hears nothing of it, whatever was done to it meanwhile.
    let third = record(
        "payment",
        pay(
            &json!({"kind": "cash"}),
            "800",
            &[("C1-A", "800")],
            json!([]),
        ),
    );
    record("reallocated", moved(&third, Some("C1-A"), None, "300"));
    record(
        "payment_reversed",
        json!({"client": "C1", "payment": third, "reverses": "NIA-D02-E1-000003", "date": date, "currency": "XOF", "amount": "800", "reason": "erreur"}),
    );
    assert_eq!(
        entries(&manager),
        [
            "1|Réimputation|demande|500|C1-A",
            "1|Réimputation|demande|-500|",
            "1|Chèque|impayé 0012|-3000|C1-A",
            "1|Chèque|impayé 0012|-2000|",
        ],
        "4000 - 1500 + 500, and the rest of 5000"
    );
    assert_eq!(entries(&manager), Vec::<String>::new());

    // What left and was moved since is taken back where it is.
    let fourth = record(
        "payment",
        pay(
            &json!({"kind": "cash"}),
            "600",
            &[("C1-A", "600")],
            json!([]),
        ),
    );
    assert_eq!(
        entries(&manager),
        ["4|Espèces||600|C1-A"].map(|line| line.replace("4|", "5|"))
    );
    record("reallocated", moved(&fourth, Some("C1-A"), None, "600"));
    record(
        "payment_reversed",
        json!({"client": "C1", "payment": fourth, "reverses": "NIA-D02-E1-000005", "date": date, "currency": "XOF", "amount": "600", "reason": "erreur"}),
    );
    assert_eq!(
        entries(&manager),
        [
            "5|Réimputation|demande|-600|C1-A",
            "5|Réimputation|demande|600|",
            "6|Espèces|annule NIA-D02-E1-000005|-600|"
        ]
    );
    assert_eq!(
        folder.value("SELECT count(*) FROM payments WHERE export IS NULL"),
        0
    );
    drop(server);
    folder.check();
}
