//! The sample export of the accounting package and what is true of it.

#![allow(dead_code, reason = "each test uses its part")]

use chrono::NaiveDate;
use serde_json::Value;
use std::collections::BTreeSet;
use tournee_documents::ledger::{File, Files, ImportOptions, KnownClients, Office};
use tournee_domain::fact::Authored;
use tournee_domain::id::PortfolioCode;
use tournee_domain::terms::Terms;
use tournee_domain::{ClientCode, Currency, FactId};

pub fn data(name: &str) -> Vec<u8> {
    let path = format!(
        "{}/../../tests/data/ledger-export/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn truth() -> Value {
    serde_json::from_slice(&data("truth.json")).unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn fact_id(n: u128) -> FactId {
    FactId(uuid::Uuid::from_u128(n))
}

pub fn authored(n: u128) -> Authored {
    Authored {
        fact_id: fact_id(n),
        at: "2026-11-14T18:00:00+01:00".parse().unwrap(),
        author: "Mariama Issoufou".into(),
        device_label: "D03".into(),
    }
}

pub fn portfolios() -> BTreeSet<PortfolioCode> {
    ["REC01", "REC02", "REC03", "REC04"]
        .map(PortfolioCode::new)
        .into()
}

pub fn office<'a>(portfolios: &'a BTreeSet<PortfolioCode>, authored: &'a Authored) -> Office<'a> {
    Office {
        currency: Currency::XOF,
        today: day("2026-11-21"),
        portfolios,
        authored,
    }
}

pub fn files<'a>(clients: Option<&'a [u8]>, invoices: Option<&'a [u8]>) -> Files<'a> {
    Files {
        clients: clients.map(|bytes| File {
            name: "clients.csv",
            bytes,
        }),
        invoices: invoices.map(|bytes| File {
            name: "factures.csv",
            bytes,
        }),
    }
}

pub fn situation(date: &str) -> ImportOptions {
    ImportOptions {
        statement_date: Some(day(date)),
        ..ImportOptions::default()
    }
}

/// A heading that names every field an invoice needs.
pub const HEADING: &str =
    "N° pièce;Code client;Date facture;Date échéance;Montant HT;TVA;Montant TTC;Réglé";

/// C1 pays at thirty days, C2's terms are not known, and the clients of the sample.
pub fn known() -> KnownClients {
    let mut known = KnownClients::from([
        (ClientCode::new("C1"), Some(Terms::Net { days: 30 })),
        (ClientCode::new("C2"), None),
    ]);
    known.extend((1..=420).map(|n| (ClientCode::new(&format!("C{n:05}")), Some(Terms::OnReceipt))));
    known
}
