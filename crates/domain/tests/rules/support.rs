//! A small ledger and the facts about it, in few words.

use chrono::{DateTime, NaiveDate};
use std::collections::BTreeMap;
use tournee_domain::dossier::{Client, Dossier, Invoice, InvoiceKind};
use tournee_domain::fact::{
    Allocation, AmountWaived, Authored, ChequeBounced, CreditSource, Discharge, DischargeOutcome,
    DoubleDecision, DoubleResolved, Flag, Payment, PaymentMethod, Person, Reallocated, SlipReturn,
    Visit, VisitOutcome, Waiver, WithholdingAttested,
};
use tournee_domain::id::PortfolioCode;
use tournee_domain::report::aged::{AgedLine, AgedQuery, aged_balance};
use tournee_domain::statement::{
    InvoiceRow, MergeError, MergeReport, Statement, StatementRows, merge,
};
use tournee_domain::{
    Amount, ClientCode, Currency, FactBody, FactId, InvoiceNumber, ReceiptNumber,
};
use uuid::Uuid;

pub type Dossiers = BTreeMap<ClientCode, Dossier>;

/// `tests/data/domain-vectors.json`.
pub fn vectors() -> serde_json::Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/domain-vectors.json"
    );
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn amount(value: &serde_json::Value) -> Amount {
    serde_json::from_value(value.clone()).expect("an amount as a decimal string")
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date as YYYY-MM-DD")
}

pub fn code(text: &str) -> ClientCode {
    ClientCode::new(text)
}

pub fn number(text: &str) -> InvoiceNumber {
    InvoiceNumber::new(text)
}

pub fn fact_id(n: u128) -> FactId {
    FactId(Uuid::from_u128(n))
}

pub fn receipt(n: u32) -> ReceiptNumber {
    ReceiptNumber {
        agency: "NIA".into(),
        device_label: "D01".into(),
        epoch: 1,
        n,
    }
}

/// Fact `n`, recorded `n` minutes into the first of November 2026.
pub fn authored(n: u128) -> Authored {
    let midnight = DateTime::parse_from_rfc3339("2026-11-01T00:00:00+01:00").expect("a time");
    Authored {
        fact_id: fact_id(n),
        at: midnight + chrono::TimeDelta::minutes(i64::try_from(n).expect("a small number")),
        author: "Mariama".into(),
        device_label: "D01".into(),
    }
}

pub fn client(text: &str) -> Client {
    Client {
        city: "Niamey".into(),
        portfolio: Some(PortfolioCode::new("REC01")),
        ..Client::new(code(text), format!("Client {text}"))
    }
}

/// An invoice of `gross` francs, dated 2026-09-01 and due 2026-10-01.
pub fn row(invoice: &str, of: &str, gross: i64, settled: i64) -> InvoiceRow {
    InvoiceRow {
        number: number(invoice),
        kind: if gross < 0 {
            InvoiceKind::CreditNote
        } else {
            InvoiceKind::Invoice
        },
        client: code(of),
        activity: "Location".into(),
        currency: Currency::XOF,
        invoice_date: day("2026-09-01"),
        due_date: day("2026-10-01"),
        net: gross.into(),
        vat: Amount::ZERO,
        gross: gross.into(),
        settled: settled.into(),
        purchase_order: String::new(),
        charges: false,
        slip: String::new(),
        discharged: None,
        instalments: Vec::new(),
        receipts: Vec::new(),
    }
}

/// What all clients together owe in francs at the end of a day, by age.
pub fn aged(ledger: &Ledger, date: &str) -> AgedLine {
    let columns = ledger.columns(Currency::XOF);
    aged_balance(&columns, &AgedQuery::new(day(date))).total()
}

/// A ledger of several clients, and what comes to it.
#[derive(Clone, Default)]
pub struct Ledger {
    pub dossiers: Dossiers,
    facts: u128,
}

impl Ledger {
    /// Client `C1` with invoice `F1` of 1 000 francs, nothing settled, as of 2026-10-31.
    pub fn with_one_invoice() -> Self {
        let mut ledger = Self::default();
        ledger.import("2026-10-31", &[row("F1", "C1", 1_000, 0)]);
        ledger
    }

    /// Everything in `currency` as reports read it.
    pub fn columns(&self, currency: Currency) -> tournee_domain::report::Ledger {
        tournee_domain::report::Ledger::of(self.dossiers.values(), currency).expect("a ledger")
    }

    pub fn next_fact(&mut self) -> u128 {
        self.facts += 1;
        self.facts
    }

    pub fn try_import(
        &mut self,
        date: &str,
        rows: &StatementRows,
        complete: bool,
        portfolio_map: &BTreeMap<PortfolioCode, PortfolioCode>,
    ) -> Result<MergeReport, MergeError> {
        let authored = authored(self.next_fact());
        let statement = Statement {
            authored: &authored,
            date: day(date),
            complete,
            portfolio_map,
        };
        merge(&mut self.dossiers, rows, &statement)
    }

    /// Imports invoices and the clients they name.
    pub fn import(&mut self, date: &str, invoices: &[InvoiceRow]) -> MergeReport {
        self.try_import(date, &rows(invoices), false, &BTreeMap::new())
            .expect("a good statement")
    }

    pub fn import_complete(&mut self, date: &str, invoices: &[InvoiceRow]) -> MergeReport {
        self.try_import(date, &rows(invoices), true, &BTreeMap::new())
            .expect("a good statement")
    }

    pub fn apply(&mut self, n: u128, body: &FactBody) -> Vec<Flag> {
        let client = body.client().expect("a fact about a client");
        self.dossiers
            .get_mut(client)
            .expect("a known client")
            .apply(&authored(n), body)
    }

    /// Cash from `C1`, all of it on `F1`. Returns the fact and its flags.
    pub fn pay(&mut self, francs: i64, date: &str) -> (FactId, Vec<Flag>) {
        let n = self.next_fact();
        let flags = self.apply(n, &cash(n, "C1", francs, date, &[("F1", francs)]));
        (fact_id(n), flags)
    }

    pub fn export(&mut self, payments: &[FactId]) {
        let payments = payments.iter().copied().collect();
        for dossier in self.dossiers.values_mut() {
            dossier.mark_exported(&payments);
        }
    }

    pub fn decide(&mut self, decision: DoubleDecision) -> Vec<Flag> {
        let n = self.next_fact();
        let resolved = DoubleResolved {
            client: code("C1"),
            invoice: number("F1"),
            decision,
            comment: String::new(),
        };
        self.apply(n, &FactBody::DoubleResolved(resolved))
    }

    pub fn dossier(&self, client: &str) -> &Dossier {
        &self.dossiers[&code(client)]
    }

    pub fn invoice(&self, invoice: &str) -> &Invoice {
        let mut all = self.dossiers.values().flat_map(|dossier| &dossier.invoices);
        all.find(|known| known.number.as_str() == invoice)
            .expect("a known invoice")
    }

    /// What an invoice still owes, and whether it is flagged.
    pub fn state(&self, invoice: &str) -> (Amount, bool) {
        let invoice = self.invoice(invoice);
        (invoice.open(), invoice.possible_double)
    }
}

/// Rows of these invoices and of every client they name.
pub fn rows(invoices: &[InvoiceRow]) -> StatementRows {
    let codes: std::collections::BTreeSet<_> =
        invoices.iter().map(|row| row.client.as_str()).collect();
    StatementRows {
        clients: codes.into_iter().map(client).collect(),
        invoices: invoices.to_vec(),
        ..StatementRows::default()
    }
}

/// Cash with receipt `n`.
pub fn cash(n: u128, of: &str, francs: i64, date: &str, allocations: &[(&str, i64)]) -> FactBody {
    let method = PaymentMethod::Cash {
        denominations: Vec::new(),
    };
    FactBody::Payment(payment(n, of, francs.into(), date, allocations, method))
}

pub fn cheque(n: u128, of: &str, francs: i64, date: &str, allocations: &[(&str, i64)]) -> FactBody {
    let method = PaymentMethod::Cheque {
        bank: "BOA".into(),
        number: "0042".into(),
        drawer: "SOMAIR".into(),
        date: day(date),
    };
    FactBody::Payment(payment(n, of, francs.into(), date, allocations, method))
}

pub fn bounced(n: u128, date: &str) -> FactBody {
    FactBody::ChequeBounced(ChequeBounced {
        client: code("C1"),
        payment: fact_id(n),
        receipt: receipt(u32::try_from(n).expect("a small number")),
        date: day(date),
        reason: "Provision insuffisante".into(),
    })
}

/// `released` and `allocated` of payment `n`.
pub fn reallocated(
    n: u128,
    date: &str,
    released: &[(&str, i64)],
    allocated: &[(&str, i64)],
) -> FactBody {
    let source = CreditSource::Payment {
        payment: fact_id(n),
    };
    moved(source, date, released, allocated)
}

/// `released` and `allocated` of a credit note.
pub fn offset(
    note: &str,
    date: &str,
    released: &[(&str, i64)],
    allocated: &[(&str, i64)],
) -> FactBody {
    let source = CreditSource::CreditNote {
        number: number(note),
    };
    moved(source, date, released, allocated)
}

fn moved(
    source: CreditSource,
    date: &str,
    released: &[(&str, i64)],
    allocated: &[(&str, i64)],
) -> FactBody {
    FactBody::Reallocated(Reallocated {
        client: code("C1"),
        source,
        date: day(date),
        released: lines(released),
        allocated: lines(allocated),
        reason: "Consigne du client".into(),
    })
}

fn lines(lines: &[(&str, i64)]) -> Vec<Allocation> {
    let line = |(invoice, francs): &(&str, i64)| Allocation {
        invoice: number(invoice),
        amount: (*francs).into(),
    };
    lines.iter().map(line).collect()
}

pub fn waived(invoice: &str, date: &str, why: Waiver, francs: i64, vat: i64) -> FactBody {
    FactBody::AmountWaived(AmountWaived {
        client: code("C1"),
        invoice: number(invoice),
        date: day(date),
        why,
        amount: francs.into(),
        vat: vat.into(),
        comment: String::new(),
    })
}

pub fn attested(n: u128, invoice: &str, tax: &str, date: &str) -> FactBody {
    FactBody::WithholdingAttested(WithholdingAttested {
        client: code("C1"),
        payment: fact_id(n),
        invoice: number(invoice),
        tax: tax.into(),
        number: "ATT-7".into(),
        date: day(date),
    })
}

pub fn transfer(
    n: u128,
    of: &str,
    francs: i64,
    date: &str,
    allocations: &[(&str, i64)],
) -> FactBody {
    let method = PaymentMethod::Transfer {
        bank: "BOA".into(),
        reference: "V1".into(),
    };
    FactBody::Payment(payment(n, of, francs.into(), date, allocations, method))
}

pub fn payment(
    n: u128,
    of: &str,
    amount: Amount,
    date: &str,
    allocations: &[(&str, i64)],
    method: PaymentMethod,
) -> Payment {
    Payment {
        client: code(of),
        visit: None,
        date: day(date),
        receipt: receipt(u32::try_from(n).expect("a small number")),
        currency: Currency::XOF,
        amount,
        method,
        payer: None,
        allocations: lines(allocations),
        withheld: Vec::new(),
        down_payment: None,
        note: String::new(),
        attachments: Vec::new(),
    }
}

pub fn person() -> Person {
    Person {
        name: "Issoufou".into(),
        function: "Comptable".into(),
    }
}

pub fn visit(of: &str, report: &str) -> FactBody {
    FactBody::Visit(Visit {
        client: code(of),
        started_at: authored(0).at,
        ended_at: authored(0).at,
        position: None,
        person_met: Some(person()),
        outcome: VisitOutcome::Other,
        comments: Vec::new(),
        report: report.into(),
        next_action: None,
    })
}

pub fn discharged(invoice: &str, date: &str) -> FactBody {
    discharge(
        invoice,
        date,
        DischargeOutcome::Discharged {
            signer: person(),
            stamped: true,
        },
    )
}

pub fn refused(invoice: &str, date: &str) -> FactBody {
    discharge(
        invoice,
        date,
        DischargeOutcome::Refused {
            reason: "Prix contesté".into(),
        },
    )
}

fn discharge(invoice: &str, date: &str, outcome: DischargeOutcome) -> FactBody {
    FactBody::Discharge(Discharge {
        client: code("C1"),
        visit: None,
        invoice: number(invoice),
        date: day(date),
        outcome,
        attachments: Vec::new(),
    })
}

pub fn slip_return(invoice: &str, slip: &str, date: &str) -> FactBody {
    FactBody::SlipReturn(SlipReturn {
        client: code("C1"),
        visit: None,
        invoice: number(invoice),
        slip: slip.into(),
        date: day(date),
        signer: person(),
        reserves: String::new(),
        attachments: Vec::new(),
    })
}
