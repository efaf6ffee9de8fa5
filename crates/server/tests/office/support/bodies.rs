//! Bodies of facts, and a small ledger for them.

use serde_json::{Value, json};

pub fn visit(client: &str) -> Value {
    json!({
        "client": client, "started_at": "2026-11-02T09:00:00+01:00", "ended_at": "2026-11-02T09:20:00+01:00",
        "outcome": "paid", "report": "Passage du matin",
    })
}

pub fn cash(client: &str, receipt: &str, invoice: &str, amount: &str) -> Value {
    json!({
        "client": client, "date": "2026-11-02", "receipt": receipt, "currency": "XOF", "amount": amount,
        "method": {"kind": "cash"}, "allocations": [{"invoice": invoice, "amount": amount}],
    })
}

pub fn mobile_money(client: &str, receipt: &str, transaction: &str) -> Value {
    json!({
        "client": client, "date": "2026-11-02", "receipt": receipt, "currency": "XOF", "amount": "1000",
        "method": {"kind": "mobile_money", "operator": "Airtel", "phone": "+22790000000", "transaction": transaction},
        "allocations": [],
    })
}

const CLIENTS_HEAD: &str = "Code client;Raison sociale;NIF;Ville;Téléphone;E-mail;Conditions de règlement;Plafond crédit;Chargé de recouvrement\n";
const INVOICES_HEAD: &str = "N° pièce;Type;Code client;Activité;Date facture;Date échéance;Montant HT;TVA;Montant TTC;Réglé;Bon de commande;Bon de livraison;Décharge\n";

/// Clients `C1` to `C<n>`, the odd ones of REC01 and the even ones of REC02, each with ten invoices of 10000 francs:
/// `C1-0` to `C1-9`.
pub fn wide_ledger(clients: u32) -> (String, String) {
    let mut people = CLIENTS_HEAD.to_owned();
    let mut invoices = INVOICES_HEAD.to_owned();
    for client in 1..=clients {
        let portfolio = 2 - client % 2;
        people +=
            &format!("C{client};Comptoir {client};{client}/R;Niamey;;;30 jours;;REC0{portfolio}\n");
        for n in 0..10 {
            invoices += &format!(
                "C{client}-{n};Facture;C{client};Pièces;0{}/09/2026;0{}/10/2026;8403;1597;10000;0;;BL{n};Non\n",
                n % 9 + 1,
                n % 9 + 1,
            );
        }
    }
    (people, invoices)
}

/// Clients C1 and C2 of REC01, C3 of REC02 and C4 of nobody, each with two invoices of 10000 francs: `C1-A`, `C1-B`…
pub fn small_ledger() -> (String, String) {
    let clients = "C1;Société Aïr;1/R;Niamey;;;30 jours;;REC01\n\
                   C2;Mines Kawar;2/R;Arlit;;;30 jours;;REC01\n\
                   C3;Transports Ténéré;3/R;Zinder;;;30 jours;;REC02\n\
                   C4;Comptoir Manga;4/R;Diffa;;;30 jours;;\n";
    let clients = format!("{CLIENTS_HEAD}{clients}");
    let mut invoices = INVOICES_HEAD.to_owned();
    for client in ["C1", "C2", "C3", "C4"] {
        for (letter, day) in [("A", "01"), ("B", "02")] {
            invoices += &format!(
                "{client}-{letter};Facture;{client};Pièces;{day}/09/2026;{day}/10/2026;8403;1597;10000;0;;BL{day};Non\n"
            );
        }
    }
    (clients, invoices)
}
