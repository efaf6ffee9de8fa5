//! The report of a visit, written from what was done (PRODUCT B6).

use super::draft::VisitDraft;
use crate::locales::Texts;
use crate::state::OwnFact;
use chrono::{DateTime, FixedOffset};
use tournee_domain::fact::{DischargeOutcome, Payment};
use tournee_domain::{Amount, FactBody};

/// One line a thing done, in the language of the screen.
pub fn write(
    t: Texts,
    draft: &VisitDraft,
    done: &[OwnFact],
    client: &str,
    now: DateTime<FixedOffset>,
) -> String {
    let mut lines = vec![t.report_head(
        client,
        &t.date(draft.started_at.date_naive()),
        &t.time(draft.started_at),
        &t.time(now),
    )];
    lines.push(match draft.person() {
        Some(person) => t.report_met(&t.person(&person)),
        None => t.report_met_nobody().to_owned(),
    });
    for body in done.iter().filter_map(|fact| fact.body.as_ref().ok()) {
        match body {
            FactBody::Payment(payment) => lines.push(payment_line(t, payment)),
            FactBody::Discharge(discharge) => lines.push(match &discharge.outcome {
                DischargeOutcome::Discharged { signer, .. } => {
                    t.report_discharge(discharge.invoice.as_str(), &t.person(signer))
                }
                DischargeOutcome::Refused { reason } => {
                    t.report_discharge_refused(discharge.invoice.as_str(), reason)
                }
            }),
            FactBody::SlipReturn(slip) => {
                lines.push(t.report_slip(&t.slip_name(&slip.slip), slip.invoice.as_str()));
                if !slip.reserves.is_empty() {
                    lines.push(t.reserves_said(&slip.reserves));
                }
            }
            _ => {}
        }
    }
    for (invoice, comment) in draft
        .comments
        .iter()
        .filter(|(_, comment)| !comment.trim().is_empty())
    {
        lines.push(t.report_comment(invoice.as_str(), comment.trim()));
    }
    if let Some(outcome) = draft.outcome() {
        lines.push(t.report_outcome(t.outcome(outcome)));
    }
    if !draft.next_text.trim().is_empty() {
        let when = draft
            .next_date
            .parse()
            .map(|date| t.report_next_on(&t.date(date)))
            .unwrap_or_default();
        lines.push(t.report_next(draft.next_text.trim(), &when));
    }
    lines.join("\n")
}

fn payment_line(t: Texts, payment: &Payment) -> String {
    let amount = t.money(payment.amount, payment.currency);
    let invoices: Vec<&str> = payment
        .allocations
        .iter()
        .map(|allocation| allocation.invoice.as_str())
        .collect();
    let allocated: Amount = payment
        .allocations
        .iter()
        .map(|allocation| allocation.amount)
        .sum();
    let rest = payment.amount - allocated;
    let on = if !invoices.is_empty() && rest.is_positive() {
        t.report_on_invoices_and_account(&invoices.join(", "), &t.money(rest, payment.currency))
    } else if invoices.is_empty() {
        t.report_on_account().to_owned()
    } else {
        t.report_on_invoices(&invoices.join(", "))
    };
    t.report_payment(
        &amount,
        t.method(&payment.method),
        &payment.receipt.to_string(),
        &on,
    )
}
