//! How long reading an export of 100,000 open items takes: `cargo run --release -p tournee-documents --example read_speed`.

use tournee_documents::ledger::{KnownClients, TableOptions, read_invoices};
use tournee_domain::terms::Terms;
use tournee_domain::{ClientCode, Currency};

const ROWS: usize = 100_000;

#[expect(clippy::disallowed_methods, reason = "a measurement needs the clock")]
fn main() {
    let mut file = String::from(
        "N° pièce;Type;Code client;Activité;Date facture;Date échéance;Montant HT;TVA;Montant TTC;Réglé;Bon de commande;Bon de livraison;Décharge\r\n",
    );
    for n in 0..ROWS {
        let client = n % 10_000;
        file.push_str(&format!(
            "FA{n:08};Facture;C{client:05};Pièces de rechange;27/10/2026;31/12/2026;875\u{a0}804,00;166\u{a0}403,00;1\u{a0}042\u{a0}207,00;0,00;BC4572;BL11786;Non\r\n"
        ));
    }
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&file);
    let clients: KnownClients = (0..10_000)
        .map(|n| (ClientCode::new(&format!("C{n:05}")), Some(Terms::OnReceipt)))
        .collect();
    let start = std::time::Instant::now();
    let table = read_invoices(
        &bytes,
        "factures.csv",
        &TableOptions::default(),
        Currency::XOF,
        &clients,
    )
    .expect("a table like the sample");
    let took = start.elapsed();
    println!(
        "{} good rows of {} ({} MB) in {took:?}",
        table.invoices.len(),
        ROWS,
        bytes.len() / 1_000_000
    );
}
