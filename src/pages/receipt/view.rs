//! What a receipt says, found among own facts and in the client's dossier.

use super::correct::Correctable;
use crate::locales::Texts;
use crate::state::{App, OwnState, StoreError};
use chrono::{DateTime, FixedOffset, NaiveDate};
use futures::future::try_join;
use std::sync::Arc;
use tournee_domain::dossier::{Bounce, EventKind, Invoice, Reduction, ReductionKind, Reversal};
use tournee_domain::fact::{Allocation, Attachment, PaymentMethod, ReceiptPrinted, Withheld};
use tournee_domain::{Amount, ClientCode, Currency, Dossier, FactBody, FactId, ReceiptNumber};

/// Everything printed on a receipt.
#[derive(Clone, PartialEq)]
pub struct ReceiptView {
    pub payment: FactId,
    pub client: ClientCode,
    pub number: ReceiptNumber,
    /// The day it was taken.
    pub date: NaiveDate,
    pub at: DateTime<FixedOffset>,
    pub collector: String,
    pub payer: Option<String>,
    pub currency: Currency,
    pub amount: Amount,
    pub method: PaymentMethod,
    pub allocations: Vec<Allocation>,
    pub on_account: Amount,
    pub note: String,
    /// Recorded on this device: what the office has said of it.
    pub own: Option<OwnState>,
    pub signed: Option<SignedView>,
    /// Photos of the cheque.
    pub photos: Vec<Attachment>,
    pub dossier: Option<Arc<Dossier>>,
    /// Taxes the payer kept back, and whether each is proven.
    pub withheld: Vec<(Withheld, bool)>,
    /// It counts as never taken.
    pub reversed: Option<Reversal>,
    /// Its cheque came back unpaid.
    pub bounced: Option<Bounce>,
    /// How often it was printed: from the second time on it is a duplicate.
    pub prints: usize,
}

impl ReceiptView {
    pub fn is_to_be_signed(&self) -> bool {
        self.signed.is_none() && self.own.is_some() && self.stands()
    }

    pub fn printed(&self) -> Printed {
        Printed {
            fact: ReceiptPrinted {
                client: self.client.clone(),
                payment: self.payment,
                receipt: self.number.clone(),
            },
            times: self.prints,
        }
    }

    /// Neither taken back nor returned by the bank.
    pub fn stands(&self) -> bool {
        self.reversed.is_none() && self.bounced.is_none()
    }

    /// The invoices its money is on now, as the dossier says.
    pub fn invoices(&self) -> String {
        let invoices = self.dossier.iter().flat_map(|dossier| &dossier.invoices);
        let mut names: Vec<&str> = Vec::new();
        for invoice in invoices {
            let mut links = invoice.allocations.iter();
            if links.any(|link| link.payment == self.payment && link.amount.is_positive()) {
                names.push(invoice.number.as_str());
            }
        }
        names.join(", ")
    }

    /// Taxes kept back with it whose paper is not there yet: the client, the invoice, and what the invoice has of the tax.
    pub fn unattested(&self) -> Vec<(ClientCode, Invoice, Reduction)> {
        let mut found = Vec::new();
        for invoice in self.dossier.iter().flat_map(|dossier| &dossier.invoices) {
            for kept in &invoice.reductions {
                let waits = matches!(
                    kept.what,
                    ReductionKind::Withheld {
                        attestation: None,
                        ..
                    }
                );
                if kept.fact == self.payment && waits {
                    found.push((self.client.clone(), invoice.clone(), kept.clone()));
                }
            }
        }
        found
    }

    pub fn correctable(&self) -> Option<Correctable> {
        self.stands().then(|| Correctable {
            client: self.client.clone(),
            payment: self.payment,
            receipt: self.number.clone(),
            date: self.date,
            currency: self.currency,
            amount: self.amount,
            is_cheque: matches!(self.method, PaymentMethod::Cheque { .. }),
        })
    }
}

/// What a printing says, and how often it was printed before.
#[derive(Clone, PartialEq)]
pub struct Printed {
    pub fact: ReceiptPrinted,
    pub times: usize,
}

/// What became of the signature that was asked for.
#[derive(Clone, PartialEq)]
pub struct SignedView {
    /// Why the payer did not sign.
    pub refusal: Option<String>,
    pub signatures: Vec<Attachment>,
}

/// Looks among own facts first, then in the client's dossier.
pub async fn find(
    app: App,
    t: Texts,
    payment: FactId,
    client: Option<ClientCode>,
    me: String,
) -> Result<Option<ReceiptView>, StoreError> {
    let of_client = async {
        match &client {
            Some(client) => app.dossier(client).await,
            None => Ok(None),
        }
    };
    let (facts, dossier) = try_join(app.own_facts(), of_client).await?;
    let own = facts.iter().find(|fact| fact.fact_id == payment);
    let own_payment = own.and_then(|fact| match &fact.body {
        Ok(FactBody::Payment(body)) => Some((fact, body)),
        _ => None,
    });
    let named = client.clone();
    let Some(client) = own_payment.map(|(_, body)| body.client.clone()).or(client) else {
        return Ok(None);
    };
    let dossier = match named.as_ref() == Some(&client) {
        true => dossier,
        false => app.dossier(&client).await?,
    };
    let kept = dossier
        .as_ref()
        .and_then(|dossier| dossier.payments.iter().find(|kept| kept.id == payment));
    let reversed = kept.and_then(|kept| kept.reversed.clone());
    let bounced = kept.and_then(|kept| kept.bounced.clone());
    let withheld = dossier
        .as_deref()
        .map_or(Vec::new(), |dossier| withheld(dossier, payment));
    let prints = kept.map_or(0, |kept| kept.prints.len());
    let signed_here = facts.iter().find_map(|fact| match &fact.body {
        Ok(FactBody::ReceiptSigned(signed)) if signed.payment == payment => Some(SignedView {
            refusal: signed.refusal.clone(),
            signatures: signed.signatures.clone(),
        }),
        _ => None,
    });
    if let Some((fact, body)) = own_payment {
        let allocated: Amount = body.allocations.iter().map(|line| line.amount).sum();
        return Ok(Some(ReceiptView {
            payment,
            client,
            number: body.receipt.clone(),
            date: kept.map_or(body.date, |kept| kept.date),
            at: fact.recorded_at,
            collector: me,
            payer: body.payer.as_ref().map(|payer| t.person(payer)),
            currency: body.currency,
            amount: body.amount,
            method: body.method.clone(),
            allocations: body.allocations.clone(),
            on_account: body.amount - allocated,
            note: body.note.clone(),
            own: Some(fact.state.clone()),
            signed: signed_here,
            photos: body.attachments.clone(),
            dossier,
            withheld,
            reversed,
            bounced,
            prints,
        }));
    }
    let Some(dossier) = dossier else {
        return Ok(None);
    };
    let Some(received) = dossier
        .payments
        .iter()
        .find(|received| received.id == payment)
    else {
        return Ok(None);
    };
    let allocations = dossier
        .invoices
        .iter()
        .flat_map(|invoice| invoice.allocations.iter().map(move |part| (invoice, part)))
        .filter(|(_, part)| part.payment == payment)
        .map(|(invoice, part)| Allocation {
            invoice: invoice.number.clone(),
            amount: part.amount,
        })
        .collect();
    let signed = dossier.events.iter().find_map(|event| match &event.what {
        EventKind::ReceiptSigned { receipt, refusal } if *receipt == received.receipt => {
            Some(SignedView {
                refusal: refusal.clone(),
                signatures: event.attachments.clone(),
            })
        }
        _ => None,
    });
    let photos = dossier
        .events
        .iter()
        .find(|event| event.id == payment)
        .map(|event| event.attachments.clone())
        .unwrap_or_default();
    Ok(Some(ReceiptView {
        payment,
        client,
        number: received.receipt.clone(),
        date: received.date,
        at: received.at,
        collector: received.author.clone(),
        payer: None,
        currency: received.currency,
        amount: received.amount,
        method: received.method.clone(),
        allocations,
        on_account: received.on_account,
        note: String::new(),
        own: None,
        signed: signed_here.or(signed),
        photos,
        dossier: Some(dossier),
        withheld,
        reversed,
        bounced,
        prints,
    }))
}

/// The taxes that came with a payment, by invoice.
fn withheld(dossier: &Dossier, payment: FactId) -> Vec<(Withheld, bool)> {
    let mut found = Vec::new();
    for invoice in &dossier.invoices {
        for kept in invoice
            .reductions
            .iter()
            .filter(|kept| kept.fact == payment)
        {
            if let ReductionKind::Withheld { tax, attestation } = &kept.what {
                let withheld = Withheld {
                    invoice: invoice.number.clone(),
                    tax: tax.clone(),
                    amount: kept.amount,
                };
                found.push((withheld, attestation.is_some()));
            }
        }
    }
    found
}
