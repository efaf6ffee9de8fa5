//! The domain's enums in words, the same on every screen.

use crate::components::Sign;
use crate::locales::Texts;
use tournee_domain::dossier::{EventKind, Invoice, InvoiceKind, SlipState};
use tournee_domain::fact::{
    Allocation, Attachment, AttachmentKind, DischargeOutcome, FactBody, Flag, PaymentMethod,
    Person, VisitOutcome,
};
use tournee_sync::enrol::Role;

pub const OUTCOMES: [VisitOutcome; 9] = [
    VisitOutcome::Paid,
    VisitOutcome::PartlyPaid,
    VisitOutcome::Promised,
    VisitOutcome::PapersObtained,
    VisitOutcome::Disputed,
    VisitOutcome::Refused,
    VisitOutcome::PersonAbsent,
    VisitOutcome::Closed,
    VisitOutcome::Other,
];

impl Texts {
    /// `BL 48213`: ledgers write the number with or without the letters.
    pub fn slip_name(self, slip: &str) -> String {
        let bare = slip.trim();
        let number = bare
            .get(..2)
            .filter(|start| start.eq_ignore_ascii_case("BL"))
            .map_or(bare, |_| bare[2..].trim_start_matches([' ', '-', '°']));
        if number.is_empty() {
            bare.to_owned()
        } else {
            self.slip_named(number)
        }
    }

    pub fn outcome(self, outcome: VisitOutcome) -> &'static str {
        match outcome {
            VisitOutcome::Paid => self.outcome_paid(),
            VisitOutcome::PartlyPaid => self.outcome_partly_paid(),
            VisitOutcome::Promised => self.outcome_promised(),
            VisitOutcome::PapersObtained => self.outcome_papers(),
            VisitOutcome::Disputed => self.outcome_disputed(),
            VisitOutcome::Refused => self.outcome_refused(),
            VisitOutcome::PersonAbsent => self.outcome_absent(),
            VisitOutcome::Closed => self.outcome_closed(),
            VisitOutcome::Other => self.outcome_other(),
        }
    }

    pub fn method(self, method: &PaymentMethod) -> &'static str {
        self.method_of_code(method.code())
    }

    /// `code` as [`PaymentMethod::code`] gives it.
    pub fn method_of_code(self, code: &str) -> &'static str {
        match code {
            "cash" => self.method_cash(),
            "cheque" => self.method_cheque(),
            "transfer" => self.method_transfer(),
            _ => self.method_mobile(),
        }
    }

    /// What distinguishes this very payment: bank and number, operator and transaction.
    pub fn method_detail(self, method: &PaymentMethod) -> String {
        let joined = |parts: &[&str]| {
            parts
                .iter()
                .copied()
                .filter(|part| !part.trim().is_empty())
                .collect::<Vec<_>>()
                .join(" · ")
        };
        match method {
            PaymentMethod::Cash { .. } => String::new(),
            PaymentMethod::Cheque {
                bank,
                number,
                drawer,
                date,
            } => joined(&[
                bank,
                &self.cheque_number_short(number),
                drawer,
                &self.date(*date),
            ]),
            PaymentMethod::Transfer { bank, reference } => joined(&[bank, reference]),
            PaymentMethod::MobileMoney {
                operator,
                phone,
                transaction,
            } => joined(&[operator, phone, transaction]),
        }
    }

    pub fn person(self, person: &Person) -> String {
        if person.function.is_empty() {
            person.name.clone()
        } else {
            [&person.name, " (", &person.function, ")"].concat()
        }
    }

    pub fn flag(self, flag: Flag) -> &'static str {
        match flag {
            Flag::ClockSuspect => self.flag_clock(),
            Flag::OutOfScope => self.flag_scope(),
            Flag::PossibleDouble => self.flag_double(),
            Flag::UnknownClient => self.flag_client(),
            Flag::UnknownInvoice => self.flag_invoice(),
            Flag::OverAllocated => self.flag_over(),
            Flag::AmountInvalid => self.flag_amount(),
            Flag::CurrencyMismatch => self.flag_currency(),
            Flag::ReceiptNumberUnexpected => self.flag_receipt(),
            Flag::TransactionRepeated => self.flag_transaction(),
            Flag::UnknownReference => self.flag_reference(),
            Flag::AlreadyReversed => self.flag_reversed(),
            Flag::ClosingMismatch => self.flag_closing(),
            Flag::StaleBase => self.flag_stale(),
            Flag::Unknown => self.flag_unknown(),
        }
    }

    /// What one attachment is called.
    pub fn attachment_name(self, attachment: &Attachment) -> &'static str {
        match attachment.kind {
            AttachmentKind::Photo => self.photo(),
            AttachmentKind::Signature => self.signature(),
            AttachmentKind::OfficerSignature => self.signature_of_collector(),
        }
    }

    pub fn role(self, role: Role) -> &'static str {
        match role {
            Role::Collector => self.role_collector(),
            Role::Cashier => self.role_cashier(),
            Role::Manager => self.role_manager(),
            Role::Accountant => self.role_accountant(),
            Role::Administrator => self.role_administrator(),
            Role::Auditor => self.role_auditor(),
        }
    }

    /// `échue le 12/10/2026 · 43 j`, or when it will be due.
    pub fn due(self, invoice: &Invoice, today: chrono::NaiveDate) -> String {
        self.due_on(invoice.due_date, today)
    }

    pub fn due_on(self, due_date: chrono::NaiveDate, today: chrono::NaiveDate) -> String {
        if due_date < today {
            self.due_past(&self.date(due_date))
        } else {
            self.due_coming(&self.date(due_date))
        }
    }

    /// `43 j`, or *à échoir*.
    pub fn late(self, days: i64) -> String {
        if days > 0 {
            self.days_short(&days.to_string())
        } else {
            self.not_due().to_owned()
        }
    }

    pub fn kind(self, invoice: &Invoice) -> &'static str {
        if invoice.kind == InvoiceKind::CreditNote {
            self.credit_note()
        } else {
            self.invoice()
        }
    }

    /// One line on a fact, for lists of what was recorded.
    pub fn fact_line(self, body: &FactBody) -> String {
        match body {
            FactBody::Visit(visit) => self.fact_visit(self.outcome(visit.outcome)),
            FactBody::Payment(payment) => self.fact_payment(
                &self.money(payment.amount, payment.currency),
                self.method(&payment.method),
            ),
            FactBody::ReceiptSigned(signed) if signed.refusal.is_some() => {
                self.fact_receipt_refused(&signed.receipt.to_string())
            }
            FactBody::ReceiptSigned(signed) => {
                self.fact_receipt_signed(&signed.receipt.to_string())
            }
            FactBody::Discharge(discharge) => match discharge.outcome {
                DischargeOutcome::Discharged { .. } => {
                    self.fact_discharge(discharge.invoice.as_str())
                }
                DischargeOutcome::Refused { .. } => {
                    self.fact_discharge_refused(discharge.invoice.as_str())
                }
            },
            FactBody::SlipReturn(slip) => {
                self.fact_slip(&self.slip_name(&slip.slip), slip.invoice.as_str())
            }
            FactBody::PaymentsExported(exported) => self.fact_exported(exported.payments.len()),
            FactBody::DoubleResolved(resolved) => self.fact_double(resolved.invoice.as_str()),
            FactBody::LedgerImported(imported) => {
                self.fact_import(&self.date(imported.statement_date))
            }
            FactBody::QuarantineReleased(_) => self.fact_released().to_owned(),
            FactBody::ImportUndone(undone) => {
                self.fact_import_undone(&self.date(undone.statement_date))
            }
            FactBody::PaymentReversed(reversed) => self.fact_reversed(
                &reversed.reverses.to_string(),
                &self.money(reversed.amount, reversed.currency),
            ),
            FactBody::PaymentRedated(redated) => {
                self.fact_redated(&redated.receipt.to_string(), &self.date(redated.to))
            }
            FactBody::Reallocated(moved) => {
                self.fact_reallocated(&moved_invoices(&moved.released, &moved.allocated))
            }
            FactBody::ChequeBounced(bounced) => self.fact_bounced(&bounced.receipt.to_string()),
            FactBody::AmountWaived(waived) => self.fact_waived(waived.invoice.as_str()),
            FactBody::WithholdingAttested(attested) => {
                self.fact_attested(&attested.tax, attested.invoice.as_str())
            }
            FactBody::ReceiptPrinted(printed) => self.fact_printed(&printed.receipt.to_string()),
            FactBody::DayClosed(closed) => self.fact_closed(&self.date(closed.date)),
            FactBody::ClientEditProposed(_) => self.fact_edit().to_owned(),
            FactBody::ClientEditDecided(_) => self.fact_edit_decided().to_owned(),
        }
    }

    /// The title of a timeline entry.
    pub fn event_line(self, event: &EventKind) -> String {
        match event {
            EventKind::Visit { outcome, .. } => self.fact_visit(self.outcome(*outcome)),
            EventKind::Payment {
                currency,
                amount,
                method,
                ..
            } => self.fact_payment(&self.money(*amount, *currency), self.method_of_code(method)),
            EventKind::ReceiptSigned {
                receipt,
                refusal: Some(_),
            } => self.fact_receipt_refused(&receipt.to_string()),
            EventKind::ReceiptSigned {
                receipt,
                refusal: None,
            } => self.fact_receipt_signed(&receipt.to_string()),
            EventKind::Discharge {
                invoice,
                outcome: DischargeOutcome::Discharged { .. },
            } => self.fact_discharge(invoice.as_str()),
            EventKind::Discharge {
                invoice,
                outcome: DischargeOutcome::Refused { .. },
            } => self.fact_discharge_refused(invoice.as_str()),
            EventKind::SlipReturn { invoice, slip, .. } => {
                self.fact_slip(&self.slip_name(slip), invoice.as_str())
            }
            EventKind::Statement { date, .. } => self.fact_import(&self.date(*date)),
            EventKind::StatementUndone { date, .. } => self.fact_import_undone(&self.date(*date)),
            EventKind::DoubleResolved { invoice, .. } => self.fact_double(invoice.as_str()),
            EventKind::PaymentReversed {
                reverses,
                currency,
                amount,
                ..
            } => self.fact_reversed(&reverses.to_string(), &self.money(*amount, *currency)),
            EventKind::PaymentRedated { receipt, to, .. } => {
                self.fact_redated(&receipt.to_string(), &self.date(*to))
            }
            EventKind::Reallocated {
                released,
                allocated,
                ..
            } => self.fact_reallocated(&moved_invoices(released, allocated)),
            EventKind::ChequeBounced { receipt, .. } => self.fact_bounced(&receipt.to_string()),
            EventKind::AmountWaived { invoice, .. } => self.fact_waived(invoice.as_str()),
            EventKind::WithholdingAttested { invoice, tax, .. } => {
                self.fact_attested(tax, invoice.as_str())
            }
            EventKind::ReceiptPrinted { receipt } => self.fact_printed(&receipt.to_string()),
            EventKind::ClientEditProposed { .. } => self.fact_edit().to_owned(),
            EventKind::ClientEditDecided { .. } => self.fact_edit_decided().to_owned(),
        }
    }
}

/// The invoices that credit was taken from and put on.
fn moved_invoices(released: &[Allocation], allocated: &[Allocation]) -> String {
    let lines = released.iter().chain(allocated);
    let names: Vec<_> = lines.map(|line| line.invoice.as_str()).collect();
    names.join(", ")
}

pub fn event_sign(event: &EventKind) -> Sign {
    match event {
        EventKind::Visit { .. } => Sign::Visit,
        EventKind::Payment { method, .. } => method_sign(method),
        EventKind::ReceiptSigned { .. } => Sign::Pen,
        EventKind::Discharge { .. } => Sign::Paper,
        EventKind::SlipReturn { .. } => Sign::Slip,
        EventKind::Statement { .. } | EventKind::StatementUndone { .. } => Sign::Data,
        EventKind::DoubleResolved { .. } => Sign::Check,
        EventKind::PaymentReversed { .. }
        | EventKind::PaymentRedated { .. }
        | EventKind::Reallocated { .. }
        | EventKind::AmountWaived { .. } => Sign::Till,
        EventKind::ChequeBounced { .. } => Sign::Cheque,
        EventKind::ReceiptPrinted { .. } | EventKind::WithholdingAttested { .. } => Sign::Paper,
        EventKind::ClientEditProposed { .. } | EventKind::ClientEditDecided { .. } => Sign::Pen,
    }
}

pub fn method_sign(code: &str) -> Sign {
    match code {
        "cheque" => Sign::Cheque,
        "transfer" => Sign::Bank,
        "mobile_money" => Sign::Mobile,
        _ => Sign::Cash,
    }
}

/// Whether the ledger waits for a signed delivery slip.
pub fn slip_missing(invoice: &Invoice) -> bool {
    matches!(invoice.slip, SlipState::Expected { .. })
}

/// Whether the client's signed copy of the invoice is still to be obtained.
pub fn discharge_missing(invoice: &Invoice) -> bool {
    invoice.kind == InvoiceKind::Invoice
        && !matches!(
            invoice.discharge,
            tournee_domain::dossier::DischargeState::Discharged { .. }
        )
}

impl Texts {
    /// Functions of people met, offered while typing.
    pub fn functions(self) -> Vec<String> {
        self.functions_list()
            .split(';')
            .map(|text| text.trim().to_owned())
            .collect()
    }

    /// Usual next steps, offered while typing.
    pub fn next_actions(self) -> Vec<String> {
        self.next_actions_list()
            .split(';')
            .map(|text| text.trim().to_owned())
            .collect()
    }

    /// What happened, that nothing typed is lost, and what to do.
    pub fn record_error(self, error: &crate::state::RecordError) -> String {
        use crate::state::RecordError;
        match error {
            RecordError::Full => self.record_full().to_owned(),
            RecordError::StorageBroken(_) => self.record_broken().to_owned(),
            RecordError::TooLong => self.record_too_long().to_owned(),
            RecordError::Contended => self.record_contended().to_owned(),
            RecordError::AlreadyRecorded => self.record_already().to_owned(),
            RecordError::Damaged(_) => self.record_damaged().to_owned(),
            RecordError::NotEnrolled => self.record_not_enrolled().to_owned(),
            RecordError::NotAllowed => self.record_not_allowed().to_owned(),
            RecordError::Key(detail) => self.record_key(detail),
        }
    }
}

impl Texts {
    /// What the office has said of an own fact: the chip's tone and words.
    pub fn own_state(self, state: &crate::state::OwnState) -> (&'static str, String) {
        use crate::state::OwnState;
        match state {
            OwnState::Waiting => ("wait", self.state_waiting().to_owned()),
            OwnState::Sent { flags } if flags.is_empty() => ("ok", self.state_sent().to_owned()),
            OwnState::Sent { flags } => (
                "warn",
                flags
                    .iter()
                    .map(|flag| self.flag(*flag))
                    .collect::<Vec<_>>()
                    .join(" · "),
            ),
            OwnState::Staged => ("wait", self.state_staged().to_owned()),
            OwnState::Quarantined { .. } => ("warn", self.state_quarantined().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tournee_domain::format::Language;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_slip_is_named_once_whatever_the_ledger_wrote() {
        for written in ["BL48213", "bl 48213", "BL-48213", "48213", " 48213 "] {
            assert_eq!(
                Texts(Language::Fr).slip_name(written),
                "BL 48213",
                "{written}"
            );
        }
        // A name that is no number keeps what it says.
        assert_eq!(Texts(Language::En).slip_name("BL"), "BL");
        assert_eq!(Texts(Language::Fr).slip_name("É1"), "BL É1");
    }

    #[wasm_bindgen_test]
    fn french_counts_zero_as_one_and_english_does_not() {
        assert_eq!(Texts(Language::Fr).clients_count(0), "0 client");
        assert_eq!(Texts(Language::Fr).clients_count(2), "2 clients");
        assert_eq!(Texts(Language::En).clients_count(0), "0 clients");
        assert_eq!(Texts(Language::En).clients_count(1), "1 client");
    }
}
