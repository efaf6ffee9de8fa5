//! DOMAIN §2.6's worked example, through a real device, the command line and the journal: gross 10 000, field 4 000.

use crate::support::{Device, Folder, Server, cash};
use serde_json::{Value, json};

/// Runs the example on an invoice of its own folder: the collector takes 4 000, the accountant exports or does not, and a
/// statement brings *Réglé*. Returns what is open before and after it, and whether the invoice is flagged; at last, what is
/// open when the accountant decided that it is the same money.
fn example(exported: bool, settled: &str) -> (String, String, bool, String) {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let receipt = device.next_receipt();
    let fact = device.fact("payment", &cash("C1", &receipt, "C1-A", "4000"));
    device.pushed(1, &[fact]);
    let before = open(&folder);
    if exported {
        folder.run(&["export", "payments", "--out", "/dev/null"]);
    }
    let heading = "N° pièce;Code client;Date facture;Date échéance;Montant TTC;Réglé\n";
    let row = format!("C1-A;C1;01/09/2026;01/10/2026;10000;{settled}\n");
    let path = folder.path().join("later.csv");
    std::fs::write(&path, format!("{heading}{row}")).unwrap();
    let path = path.to_str().unwrap();
    let import = [
        "import",
        "--invoices",
        path,
        "--statement-date",
        "2026-11-14",
        "--json",
    ];
    let preview: Value = serde_json::from_str(&folder.run(&import)).unwrap();
    let after = open(&folder);
    let facts = folder.value("SELECT count(*) FROM facts");
    folder.run(&import);
    assert_eq!(
        folder.value("SELECT count(*) FROM facts"),
        facts,
        "again changes nothing"
    );
    let flagged = preview["flagged_possible_double"] == json!(["C1-A"]);
    if flagged {
        let mut accountant = Device::enrol(&server.user("accountant"));
        let same = json!({"client": "C1", "invoice": "C1-A", "decision": "same_money"});
        let fact = accountant.fact("double_resolved", &same);
        accountant.pushed(1, &[fact]);
    }
    drop(server);
    folder.check();
    (before, after, flagged, open(&folder))
}

/// What `C1-A` owes in the stored record.
fn open(folder: &Folder) -> String {
    folder.with_office(async |office| {
        let organisation = office.organisation().await.unwrap();
        let mut tx = office.database.read().await.unwrap();
        let dossiers = tournee_server::database::records::all_dossiers(&mut tx, organisation.id)
            .await
            .unwrap();
        let dossier = &dossiers[&tournee_domain::ClientCode::new("C1")];
        let invoice = dossier
            .invoices
            .iter()
            .find(|invoice| invoice.number.as_str() == "C1-A");
        invoice.unwrap().open().to_string()
    })
}

#[test]
fn the_field_and_the_ledger_count_each_franc_once() {
    for (exported, settled, after, flagged, resolved) in [
        (true, "0", "6000", false, "6000"),
        (true, "4000", "6000", false, "6000"),
        (true, "7000", "3000", false, "3000"),
        (true, "2500", "6000", false, "6000"),
        (false, "4000", "2000", true, "6000"),
    ] {
        let expected = (
            "6000".to_owned(),
            after.to_owned(),
            flagged,
            resolved.to_owned(),
        );
        assert_eq!(
            example(exported, settled),
            expected,
            "exported: {exported}, Réglé {settled}"
        );
    }
}
