//! What each fact that waits for accounting says to it: payments as they were taken, and what was done to them since.

use super::booked;
use crate::database::ledger::{self, PendingPayment};
use crate::database::organisations::OrganisationRecord;
use crate::database::{Connection, facts};
use crate::error::{Error, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tournee_documents::payments_csv::{Entry, What, parts_of, with_rest};
use tournee_domain::dossier::Reversal;
use tournee_domain::fact::{
    Allocation, AmountWaived, Authored, CreditSource, FactBody, Payment, Reallocated,
};
use tournee_domain::{Amount, ClientCode, Currency, Dossier, FactId, InvoiceNumber, ReceiptNumber};
use tournee_sync::office::Dossiers;

/// A fact that moved money, as accounting reads it.
pub struct Line {
    pub id: FactId,
    /// What was reversed before it left never leaves, and neither does what was done to it.
    pub leaves: bool,
    pub entry: Entry,
}

/// Everything the lines are made from.
struct Books<'a> {
    organisation: &'a OrganisationRecord,
    dossiers: &'a Dossiers,
    facts: BTreeMap<FactId, (Authored, FactBody)>,
    /// By payment: how its money changed its place.
    moved: HashMap<FactId, Vec<Reallocated>>,
    booked: HashMap<FactId, BTreeMap<InvoiceNumber, Amount>>,
}

/// The facts in the order they arrived.
///
/// # Errors
/// When the database fails, or a fact names a payment that is not in the journal.
pub async fn lines(
    connection: &mut Connection,
    organisation: &OrganisationRecord,
    pending: &[PendingPayment],
    dossiers: &Dossiers,
) -> Result<Vec<Line>> {
    let mut books = Books {
        organisation,
        dossiers,
        facts: BTreeMap::new(),
        moved: HashMap::new(),
        booked: booked(dossiers),
    };
    let ids: Vec<FactId> = pending.iter().map(|pending| pending.payment).collect();
    books.read(connection, &ids).await?;
    let named: BTreeSet<FactId> = books
        .facts
        .values()
        .filter_map(|(_, body)| payment_of(body))
        .collect();
    let unread: Vec<FactId> = named
        .into_iter()
        .filter(|id| !books.facts.contains_key(id))
        .collect();
    books.read(connection, &unread).await?;
    // Only what is taken back as a whole asks where the money has gone since.
    let taken_back = |(_, body): &(Authored, FactBody)| {
        matches!(
            body,
            FactBody::PaymentReversed(_) | FactBody::ChequeBounced(_)
        )
    };
    if books.facts.values().any(taken_back) {
        let ids = ledger::reallocations(connection, organisation.id).await?;
        for fact in facts::by_ids(connection, organisation.id, &ids).await? {
            if let (_, FactBody::Reallocated(moved)) = fact.counted()?
                && let CreditSource::Payment { payment } = moved.source
            {
                books.moved.entry(payment).or_default().push(moved);
            }
        }
    }
    pending.iter().map(|pending| books.line(pending)).collect()
}

/// The payment that a fact was done to.
fn payment_of(body: &FactBody) -> Option<FactId> {
    match body {
        FactBody::PaymentReversed(reversed) => Some(reversed.payment),
        FactBody::ChequeBounced(bounced) => Some(bounced.payment),
        FactBody::WithholdingAttested(attested) => Some(attested.payment),
        FactBody::Reallocated(Reallocated {
            source: CreditSource::Payment { payment },
            ..
        }) => Some(*payment),
        _ => None,
    }
}

impl Books<'_> {
    async fn read(&mut self, connection: &mut Connection, ids: &[FactId]) -> Result<()> {
        for fact in facts::by_ids(connection, self.organisation.id, ids).await? {
            let (authored, body) = fact.counted()?;
            self.facts.insert(authored.fact_id, (authored, body));
        }
        Ok(())
    }

    fn payment(&self, id: FactId) -> Result<&Payment> {
        match self.facts.get(&id) {
            Some((_, FactBody::Payment(payment))) => Ok(payment),
            _ => Err(missing(id)),
        }
    }

    fn dossier(&self, client: &ClientCode) -> Option<&Dossier> {
        self.dossiers.by_client.get(client)
    }

    fn reversal(&self, client: &ClientCode, payment: FactId) -> Option<&Reversal> {
        let mut payments = self.dossier(client)?.payments.iter();
        payments.find(|kept| kept.id == payment)?.reversed.as_ref()
    }

    /// The currency of an invoice, wherever it is now.
    fn currency(&self, client: &ClientCode, invoice: &InvoiceNumber) -> Currency {
        let others = self.dossiers.by_client.values();
        let mut invoices = self
            .dossier(client)
            .into_iter()
            .chain(others)
            .flat_map(|one| &one.invoices);
        let found = invoices.find(|known| known.number == *invoice);
        found.map_or(self.organisation.currency, |invoice| invoice.currency)
    }

    /// Where the money of a payment is by its facts: as it was taken, and as it was moved since.
    fn placed(&self, id: FactId, payment: &Payment) -> Vec<Allocation> {
        let mut places: BTreeMap<&InvoiceNumber, Amount> = BTreeMap::new();
        for line in &payment.allocations {
            *places.entry(&line.invoice).or_default() += line.amount;
        }
        for moved in self.moved.get(&id).into_iter().flatten() {
            for line in &moved.released {
                *places.entry(&line.invoice).or_default() -= line.amount;
            }
            for line in &moved.allocated {
                *places.entry(&line.invoice).or_default() += line.amount;
            }
        }
        let places = places.into_iter().filter(|(_, amount)| !amount.is_zero());
        let line = |(invoice, amount): (&InvoiceNumber, Amount)| Allocation {
            invoice: invoice.clone(),
            amount,
        };
        places.map(line).collect()
    }

    fn line(&self, pending: &PendingPayment) -> Result<Line> {
        let PendingPayment {
            payment: id,
            client,
        } = pending;
        let (authored, body) = self.facts.get(id).ok_or_else(|| missing(*id))?;
        let dossier = self.dossier(client);
        let entry = |receipt: Option<&ReceiptNumber>, date, what, currency, total, parts| Entry {
            receipt: receipt.cloned(),
            date,
            client: client.clone(),
            client_name: dossier.map_or_else(String::new, |dossier| dossier.client.name.clone()),
            what,
            currency,
            total,
            parts,
            collector: authored.author.clone(),
            device_label: authored.device_label.clone(),
        };
        let (leaves, entry) = match body {
            FactBody::Payment(payment) => {
                // The accountant may have said that it was another day (SYNC 8).
                let mut kept = dossier.into_iter().flat_map(|dossier| &dossier.payments);
                let kept = kept.find(|kept| kept.id == *id);
                let date = kept.map_or(payment.date, |kept| kept.date);
                let none = BTreeMap::new();
                let parts = parts_of(payment, self.booked.get(id).unwrap_or(&none));
                let what = What::Payment(payment.method.clone());
                let receipt = Some(&payment.receipt);
                let leaves = self.reversal(client, *id).is_none();
                (
                    leaves,
                    entry(receipt, date, what, payment.currency, payment.amount, parts),
                )
            }
            FactBody::PaymentReversed(reversed) => {
                let of = self.payment(reversed.payment)?;
                let what = What::Reversal(of.method.clone(), reversed.reverses.clone());
                let parts = taken_back(&self.placed(reversed.payment, of), of.amount);
                let reversal = self.reversal(client, reversed.payment);
                let leaves = reversal.is_some_and(|kept| kept.after_export);
                let receipt = Some(&reversed.receipt);
                (
                    leaves,
                    entry(receipt, reversed.date, what, of.currency, -of.amount, parts),
                )
            }
            FactBody::ChequeBounced(bounced) => {
                let of = self.payment(bounced.payment)?;
                let what = What::Bounce(of.method.clone());
                let parts = taken_back(&self.placed(bounced.payment, of), of.amount);
                let receipt = Some(&of.receipt);
                (
                    true,
                    entry(receipt, bounced.date, what, of.currency, -of.amount, parts),
                )
            }
            FactBody::Reallocated(moved) => {
                let minus = |line: &Allocation| Allocation {
                    amount: -line.amount,
                    ..line.clone()
                };
                let released = moved.released.iter().map(minus);
                let lines: Vec<_> = released.chain(moved.allocated.iter().cloned()).collect();
                let mut parts = with_rest(&lines, Amount::ZERO);
                match &moved.source {
                    CreditSource::Payment { payment } => {
                        let of = self.payment(*payment)?;
                        let what = What::Reallocation(moved.reason.clone());
                        let reversal = self.reversal(client, *payment);
                        let leaves = reversal.is_none_or(|kept| kept.after_export);
                        let receipt = Some(&of.receipt);
                        (
                            leaves,
                            entry(receipt, moved.date, what, of.currency, Amount::ZERO, parts),
                        )
                    }
                    CreditSource::CreditNote { number } => {
                        // The rest is the note's own.
                        let account = parts.iter_mut().filter(|(invoice, _)| invoice.is_none());
                        account.for_each(|(invoice, _)| *invoice = Some(number.clone()));
                        let currency = self.currency(client, number);
                        let what = What::Offset(number.clone());
                        (
                            true,
                            entry(None, moved.date, what, currency, Amount::ZERO, parts),
                        )
                    }
                }
            }
            FactBody::AmountWaived(AmountWaived {
                invoice,
                date,
                why,
                amount,
                comment,
                ..
            }) => {
                let parts = vec![(Some(invoice.clone()), *amount)];
                let currency = self.currency(client, invoice);
                let what = What::Waived(*why, comment.clone());
                (true, entry(None, *date, what, currency, *amount, parts))
            }
            FactBody::WithholdingAttested(attested) => {
                let of = self.payment(attested.payment)?;
                let mut taxes = of.withheld.iter();
                let tax =
                    taxes.find(|tax| tax.tax == attested.tax && tax.invoice == attested.invoice);
                let amount = tax.map_or(Amount::ZERO, |tax| tax.amount);
                let parts = vec![(Some(attested.invoice.clone()), amount)];
                let what = What::Withheld(attested.tax.clone(), attested.number.clone());
                let receipt = Some(&of.receipt);
                (
                    true,
                    entry(receipt, attested.date, what, of.currency, amount, parts),
                )
            }
            _ => {
                let what = Error::corrupt("an entry");
                return Err(what(&format!("{id} moves no money")));
            }
        };
        Ok(Line {
            id: *id,
            leaves,
            entry,
        })
    }
}

/// What accounting has to take back of a payment of `total`.
fn taken_back(placed: &[Allocation], total: Amount) -> Vec<(Option<InvoiceNumber>, Amount)> {
    let parts = with_rest(placed, total).into_iter();
    parts.map(|(invoice, amount)| (invoice, -amount)).collect()
}

fn missing(id: FactId) -> Error {
    Error::corrupt("a payment")(&format!("{id} is not in the journal"))
}
