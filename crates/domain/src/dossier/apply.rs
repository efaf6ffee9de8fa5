//! One fact changes one dossier. Nothing is refused here: people did it, so it is kept and, where it makes no sense,
//! flagged for the office.

use super::{
    Client, Dossier, EVENTS_MAX, Event, EventKind, ReceivedPayment, Reduction, ReductionKind,
};
use crate::FactId;
use crate::fact::{Authored, FactBody, Flag, ReceiptPrinted, ReceiptSigned, Visit};
use crate::order;
use std::collections::BTreeSet;

impl Dossier {
    /// An empty dossier of a client nothing else is known of.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            statement_date: None,
            invoices: Vec::new(),
            payments: Vec::new(),
            proposals: Vec::new(),
            decided_edits: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Applies one fact about this client and returns the flags for the office, sorted, each once.
    ///
    /// The same fact again changes nothing. It never fails: what a fact says that cannot be (an unknown invoice, more
    /// than is owed) is kept as far as it can be and flagged. A fact about another client only gives
    /// [`Flag::UnknownClient`].
    pub fn apply(&mut self, authored: &Authored, body: &FactBody) -> Vec<Flag> {
        if body
            .client()
            .is_some_and(|client| *client != self.client.code)
        {
            return vec![Flag::UnknownClient];
        }
        match body {
            FactBody::Visit(visit) => self.record_visit(authored, visit),
            FactBody::Payment(payment) => self.receive(authored, payment),
            FactBody::ReceiptSigned(signed) => self.record_signature(authored, signed),
            FactBody::Discharge(discharge) => self.discharge(authored, discharge),
            FactBody::SlipReturn(slip) => self.return_slip(authored, slip),
            FactBody::DoubleResolved(resolved) => self.resolve_double(authored, resolved),
            FactBody::PaymentsExported(exported) => {
                self.mark_exported(&order::set_of(exported.payments.iter().copied()));
                Vec::new()
            }
            // A statement concerns many clients at once: `statement::merge` takes its rows, and whoever undoes it replays
            // the other facts.
            FactBody::LedgerImported(_) | FactBody::ImportUndone(_) => Vec::new(),
            // The fact inside is applied in its place, as by its author: whoever replays a journal opens it.
            FactBody::QuarantineReleased(_) => Vec::new(),
            FactBody::PaymentReversed(reversed) => self.reverse(authored, reversed),
            FactBody::PaymentRedated(redated) => self.redate(authored, redated),
            FactBody::Reallocated(moved) => self.reallocate(authored, moved),
            FactBody::ChequeBounced(bounced) => self.bounce(authored, bounced),
            FactBody::AmountWaived(waived) => self.waive(authored, waived),
            FactBody::WithholdingAttested(attested) => self.attest(authored, attested),
            FactBody::ReceiptPrinted(printed) => self.record_print(authored, printed),
            FactBody::ClientEditProposed(proposed) => self.propose_edit(authored, proposed),
            FactBody::ClientEditDecided(decided) => self.decide_edit(authored, decided),
            // A closing is about its device's chain: `Tally` checks it.
            FactBody::DayClosed(_) => Vec::new(),
        }
    }

    /// Whether the fact with this id moved money here: a payment, what was done to one, what else reduces an invoice.
    pub fn has_entry(&self, id: FactId) -> bool {
        let of_payment = |payment: &ReceivedPayment| {
            payment.id == id
                || payment.reversed.as_ref().is_some_and(|by| by.fact == id)
                || payment.moves.iter().any(|kept| kept.fact == id)
        };
        let of_reduction = |kept: &Reduction| match &kept.what {
            ReductionKind::Withheld { attestation, .. } => {
                attestation.as_ref().is_some_and(|paper| paper.fact == id)
            }
            _ => kept.fact == id,
        };
        let mut reductions = self.invoices.iter().flat_map(|invoice| &invoice.reductions);
        self.payments.iter().any(of_payment) || reductions.any(of_reduction)
    }

    /// Marks payments, and their allocations, as exported to accounting (DOMAIN §2.6). Returns whether anything changed.
    ///
    /// An allocation that moved here with its invoice is marked too, though its payment lies in the payer's dossier.
    pub fn mark_exported(&mut self, payments: &BTreeSet<FactId>) -> bool {
        let mut changed = false;
        for payment in self
            .payments
            .iter_mut()
            .filter(|payment| payments.contains(&payment.id))
        {
            changed |= !std::mem::replace(&mut payment.exported, true);
        }
        for allocation in self
            .invoices
            .iter_mut()
            .flat_map(|invoice| &mut invoice.allocations)
        {
            if payments.contains(&allocation.payment) {
                changed |= !std::mem::replace(&mut allocation.exported, true);
            }
        }
        changed
    }

    /// Adds a line to the timeline, in its place, once. The list is always the newest [`EVENTS_MAX`], whatever the
    /// order facts come in, so that an old fact applied again falls off its end again.
    pub(crate) fn log(&mut self, event: Event) {
        let newer_than_event = |kept: &Event| (kept.at, kept.id) > (event.at, event.id);
        let place = self.events.partition_point(newer_than_event);
        let known = self
            .events
            .get(place)
            .is_some_and(|kept| kept.id == event.id);
        if !known && place < EVENTS_MAX {
            self.events.insert(place, event);
            self.events.truncate(EVENTS_MAX);
        }
    }

    fn record_visit(&mut self, authored: &Authored, visit: &Visit) -> Vec<Flag> {
        let what = EventKind::Visit {
            outcome: visit.outcome,
            person_met: visit.person_met.clone(),
            report: visit.report.clone(),
            comments: visit.comments.clone(),
            next_action: visit.next_action.clone(),
        };
        self.log(Event::new(authored, what, Vec::new()));
        Vec::new()
    }

    fn record_signature(&mut self, authored: &Authored, signed: &ReceiptSigned) -> Vec<Flag> {
        let what = EventKind::ReceiptSigned {
            receipt: signed.receipt.clone(),
            refusal: signed.refusal.clone(),
        };
        self.log(Event::new(authored, what, signed.signatures.clone()));
        let known = self
            .payments
            .iter()
            .any(|payment| payment.id == signed.payment);
        if known {
            Vec::new()
        } else {
            vec![Flag::UnknownReference]
        }
    }

    fn record_print(&mut self, authored: &Authored, printed: &ReceiptPrinted) -> Vec<Flag> {
        let what = EventKind::ReceiptPrinted {
            receipt: printed.receipt.clone(),
        };
        self.log(Event::new(authored, what, Vec::new()));
        let mut payments = self.payments.iter_mut();
        let Some(payment) = payments.find(|kept| kept.id == printed.payment) else {
            return vec![Flag::UnknownReference];
        };
        if !payment.prints.contains(&authored.fact_id) {
            payment.prints.push(authored.fact_id);
        }
        Vec::new()
    }
}
