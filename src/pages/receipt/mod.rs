//! One receipt on the screen (PRODUCT C8), the signature of who paid, printing it and taking it back.

mod correct;
mod reallocate;
mod sign;

use super::act::ActView;
use super::activity::Attachments;
use super::common::{
    Shared, StoreTrouble, Waiting, client_path, param, pay_path, use_me, visit_path,
};
use super::settle::attest;
use crate::components::{Empty, Icon, Notice, Page, Sign, Strokes, StrokesView, back_to};
use crate::locales::{Texts, use_texts};
use crate::state::{App, OwnState, StoreError, use_app};
use chrono::{DateTime, FixedOffset, NaiveDate};
use correct::Correctable;
use futures::future::try_join;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use reallocate::{Movable, Reallocate};
use sign::SignStep;
use std::sync::Arc;
use tournee_domain::dossier::{Bounce, EventKind, ReductionKind, Reversal};
use tournee_domain::fact::{
    Allocation, Attachment, AttachmentKind, PaymentMethod, ReceiptPrinted, Withheld,
};
use tournee_domain::{Amount, ClientCode, Currency, Dossier, FactBody, FactId, ReceiptNumber};
use tournee_sync::enrol::Role;

/// Everything printed on a receipt.
#[derive(Clone, PartialEq)]
struct ReceiptView {
    payment: FactId,
    client: ClientCode,
    number: ReceiptNumber,
    /// The day it was taken.
    date: NaiveDate,
    at: DateTime<FixedOffset>,
    collector: String,
    payer: Option<String>,
    currency: Currency,
    amount: Amount,
    method: PaymentMethod,
    allocations: Vec<Allocation>,
    on_account: Amount,
    note: String,
    /// Recorded on this device: what the office has said of it.
    own: Option<OwnState>,
    signed: Option<SignedView>,
    /// Photos of the cheque.
    photos: Vec<Attachment>,
    dossier: Option<Arc<Dossier>>,
    /// Taxes the payer kept back, and whether each is proven.
    withheld: Vec<(Withheld, bool)>,
    /// It counts as never taken.
    reversed: Option<Reversal>,
    /// Its cheque came back unpaid.
    bounced: Option<Bounce>,
    /// How often it was printed: from the second time on it is a duplicate.
    prints: usize,
}

impl ReceiptView {
    fn is_to_be_signed(&self) -> bool {
        self.signed.is_none() && self.own.is_some() && self.stands()
    }

    fn printed(&self) -> Printed {
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
    fn stands(&self) -> bool {
        self.reversed.is_none() && self.bounced.is_none()
    }

    /// The invoices its money is on now, as the dossier says.
    fn invoices(&self) -> String {
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

    fn correctable(&self) -> Option<Correctable> {
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

/// What became of the signature that was asked for.
#[derive(Clone, PartialEq)]
struct SignedView {
    /// Why the payer did not sign.
    refusal: Option<String>,
    signatures: Vec<Attachment>,
}

/// Looks among own facts first, then in the client's dossier.
async fn find(
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

#[component]
pub fn ReceiptPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let fact = param("fact");
    let query = use_query_map();
    let role = use_me().user.role;
    let me = use_me().user.name.clone();
    let receipt = super::common::loaded(move || {
        app.revision().track();
        let payment = fact.get().parse::<FactId>().ok();
        let client = query
            .with(|query| query.get("client"))
            .map(|code| ClientCode::new(&code));
        let me = me.clone();
        async move {
            match payment {
                Some(payment) => find(app, t, payment, client, me).await,
                None => Ok(None),
            }
        }
    });
    let fresh = query.with_untracked(|query| query.get("new").is_some());
    let title = Signal::derive(move || {
        if fresh {
            t.receipt_done().to_owned()
        } else {
            t.receipt().to_owned()
        }
    });
    let back = query
        .with_untracked(|query| query.get("client"))
        .map_or_else(
            || "/cash".to_owned(),
            |code| client_path(&ClientCode::new(&code)),
        );
    // What the payer is doing on the glass outlives every change of what is shown above it.
    let unsigned = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) if receipt.is_to_be_signed() => Some((
                receipt.client.clone(),
                receipt.payment,
                receipt.number.clone(),
            )),
            _ => None,
        })
    });
    let client = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) => Some(receipt.client.clone()),
            _ => None,
        })
    });
    let printed = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) => Some(receipt.printed()),
            _ => None,
        })
    });
    // Collectors take back what they took themselves; the office also says when something was taken.
    let correctable = move |may: fn(Role, bool) -> bool| {
        Memo::new(move |_| {
            receipt.with(|receipt| match receipt {
                Some(Ok(Some(receipt))) if may(role, receipt.own.is_some()) => {
                    receipt.correctable()
                }
                _ => None,
            })
        })
    };
    let reversible = correctable(|role, own| role.records() && (own || role.sees_all()));
    let redatable = correctable(|role, _| role.records() && role.keeps_ledger());
    let returned = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) if role.records() && role.keeps_ledger() => {
                let cheque = receipt.correctable().filter(|of| of.is_cheque)?;
                Some((cheque, receipt.invoices()))
            }
            _ => None,
        })
    });
    let movable = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) if role.records() => {
                let dossier = receipt.dossier.as_deref()?;
                Movable::of(dossier, receipt.payment, role.keeps_ledger())
            }
            _ => None,
        })
    });
    // Taxes kept back with this payment, whose paper may come any day.
    let unattested = Memo::new(move |_| {
        receipt.with(|receipt| match receipt {
            Some(Ok(Some(receipt))) if role.records() => {
                let missing = receipt.withheld.iter().filter(|(_, attested)| !attested);
                let missing: Vec<_> = missing.map(|(tax, _)| tax.clone()).collect();
                receipt
                    .dossier
                    .clone()
                    .map(Shared)
                    .zip((!missing.is_empty()).then_some(missing))
            }
            _ => None,
        })
    });
    let attest = move || {
        let (dossier, missing) = unattested.get()?;
        let payment = fact.get().parse::<FactId>().ok()?;
        let acts = missing.iter().filter_map(|tax| {
            let mut invoices = dossier.0.invoices.iter();
            let invoice = invoices.find(|known| known.number == tax.invoice)?;
            let mut kept = invoice.reductions.iter();
            let kept = kept.find(|kept| kept.fact == payment && kept.counts_from().is_none())?;
            let act = attest(t, &dossier.0.client.code, invoice, kept, app.today())?;
            Some(view! { <ActView act=act /> }.into_any())
        });
        Some(acts.collect_view())
    };
    let today = app.today();
    view! {
        <Page title=title back=back_to(back)>
            {move || match receipt.get() {
                None => view! { <Waiting /> }.into_any(),
                Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
                Some(Ok(None)) => view! {
                    <Empty sign=Sign::Paper title=t.receipt_absent() advice=t.receipt_absent_advice()>
                        <a class="btn" href="/cash">{t.nav_till()}</a>
                    </Empty>
                }.into_any(),
                Some(Ok(Some(receipt))) => view! { <Body receipt=receipt fresh=fresh /> }.into_any(),
            }}
            {move || unsigned.get().map(|(client, payment, number)| view! { <SignStep client=client payment=payment number=number /> }.into_any())}
            {move || client.get().map(|client| view! { <Onwards client=client printed=printed /> }.into_any())}
            {attest}
            {move || movable.get().map(|of| view! { <Reallocate of=of /> }.into_any())}
            {move || returned.get().map(|(of, invoices)| view! { <ActView act=of.bounce(t, today, &invoices) /> }.into_any())}
            {move || redatable.get().map(|of| view! { <ActView act=of.redate(t, today) /> }.into_any())}
            {move || reversible.get().map(|of| view! { <ActView act=of.reverse(t, today) /> }.into_any())}
        </Page>
    }
}

#[component]
fn Body(receipt: ReceiptView, fresh: bool) -> impl IntoView {
    let t = use_texts();
    let own = receipt.own.clone();
    let waiting = own == Some(OwnState::Waiting);
    let signed = receipt.signed.clone();
    let photos = receipt.photos.clone();
    let state = own.map(|state| t.own_state(&state));
    let reversed = receipt.reversed.clone();
    let bounced = receipt.bounced.clone();
    view! {
        {fresh.then(|| view! { <Notice tone="ok" testid="receipt-saved"><p class="strong">{if waiting { t.receipt_saved() } else { t.receipt_saved_and_sent() }}</p></Notice> }.into_any())}
        {reversed.map(|reversed| view! {
            <Notice tone="warn" testid="receipt-reversed"><p class="strong">{t.reversed_by(&reversed.receipt.to_string(), &reversed.reason)}</p></Notice>
        }.into_any())}
        {bounced.map(|bounced| view! {
            <Notice tone="warn" testid="receipt-bounced"><p class="strong">{t.bounced_on(&t.date(bounced.date), &bounced.reason)}</p></Notice>
        }.into_any())}
        <div class="chips" role="status">
            {state.map(|(tone, words)| view! { <span class=["chip ", tone].concat() data-testid="receipt-state">{words}</span> }.into_any())}
            {signed.map(|signed| match signed.refusal {
                None => view! { <span class="chip ok" data-testid="receipt-signed">{t.receipt_signed()}</span> }.into_any(),
                Some(reason) => view! { <span class="chip warn" data-testid="receipt-refused">{t.receipt_unsigned_because(&reason)}</span> }.into_any(),
            })}
        </div>
        <Paper receipt=receipt />
        <Attachments attachments=photos />
    }
}

/// What a printing says, and how often it was printed before.
#[derive(Clone, PartialEq)]
struct Printed {
    fact: ReceiptPrinted,
    times: usize,
}

/// Where to go from a receipt.
#[component]
fn Onwards(client: ClientCode, printed: Memo<Option<Printed>>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let records = use_me().user.role.records();
    // Printed once the screen shows that it was: the second time it says that it is a duplicate.
    let awaited = RwSignal::new(None::<usize>);
    Effect::new(move |_| {
        let times = printed.with(|printed| printed.as_ref().map(|printed| printed.times));
        if awaited.get().is_some_and(|awaited| times >= Some(awaited)) {
            awaited.set(None);
            request_animation_frame(|| {
                // A browser without printing does nothing.
                let _ = window().print();
            });
        }
    });
    let print = move |_| {
        let Some(Printed { fact, times }) = printed.get_untracked() else {
            return;
        };
        if !records {
            awaited.set(Some(times));
            return;
        }
        let body = FactBody::ReceiptPrinted(fact);
        spawn_local(async move {
            let recorded = app.record(app.new_fact_id(), body, Vec::new(), None).await;
            // A receipt that cannot be noted as printed is printed all the same.
            let more = usize::from(recorded.is_ok());
            awaited.try_set(Some(times + more));
        });
    };
    view! {
        <div class="row start flow no-print">
            <a class="btn" href=client_path(&client) data-testid="receipt-to-client">{t.receipt_to_client()}</a>
            <a class="btn" href=visit_path(&client)>{t.visit()}</a>
            <a class="btn" href=pay_path(&client)>{t.receipt_another()}</a>
            <button type="button" class="btn" data-testid="receipt-print" on:click=print>{t.print()}</button>
        </div>
    }
}

/// The receipt itself, as it is shown to the payer.
#[component]
fn Paper(receipt: ReceiptView) -> impl IntoView {
    let t = use_texts();
    let me = use_me();
    let organisation = me.organisation.clone();
    let currency = receipt.currency;
    let name = receipt.dossier.as_ref().map_or_else(
        || receipt.client.to_string(),
        |dossier| dossier.client.name.clone(),
    );
    let remaining = |invoice: &tournee_domain::InvoiceNumber| {
        let dossier = receipt.dossier.as_ref()?;
        dossier
            .invoices
            .iter()
            .find(|known| known.number == *invoice)
            .map(|invoice| invoice.open())
    };
    let identifiers: Vec<String> = [
        (t.tax_id_label(), &organisation.tax_id),
        (t.trade_register_label(), &organisation.trade_register),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(label, text)| {
        // Some organisations write the word into the number.
        if text.starts_with(label) {
            text.clone()
        } else {
            [label, " ", text].concat()
        }
    })
    .collect();
    let signatures = receipt
        .signed
        .as_ref()
        .map(|signed| signed.signatures.clone())
        .unwrap_or_default();
    let detail = t.method_detail(&receipt.method);
    let cash = match &receipt.method {
        PaymentMethod::Cash { denominations } => denominations.clone(),
        _ => Vec::new(),
    };
    let note = match receipt.method {
        PaymentMethod::Cheque { .. } => Some(t.receipt_subject_to_clearing()),
        PaymentMethod::Transfer { .. } => Some(t.transfer_explained()),
        PaymentMethod::MobileMoney { .. } => Some(t.receipt_mobile_to_confirm()),
        PaymentMethod::Cash { .. } => None,
    };
    let mark = match &receipt.reversed {
        Some(_) => Some(t.receipt_void()),
        None if receipt.bounced.is_some() => Some(t.receipt_unpaid()),
        None => (receipt.prints > 1).then(|| t.receipt_duplicate()),
    };
    let lines = receipt
        .allocations
        .iter()
        .map(|line| {
            let left = remaining(&line.invoice).map(|left| t.receipt_left(&t.money(left, currency)));
            view! {
                <div>
                    <div class="row"><span>{line.invoice.to_string()}</span><span class="num strong">{t.money(line.amount, currency)}</span></div>
                    {left.map(|left| view! { <p class="small muted right">{left}</p> }.into_any())}
                </div>
            }
        })
        .collect_view();
    view! {
        <article class="receipt" data-testid="receipt">
            <header>
                <p class="strong">{organisation.name}</p>
                {(!organisation.address.is_empty()).then(|| view! { <p class="small muted">{organisation.address}</p> }.into_any())}
                {(!identifiers.is_empty()).then(|| view! { <p class="small muted">{identifiers.join(" · ")}</p> }.into_any())}
            </header>
            <div class="row flow">
                <h2>{t.receipt_title()}</h2>
                <span class="num strong" data-testid="receipt-number">{receipt.number.to_string()}</span>
            </div>
            {mark.map(|mark| view! { <p class="strong" data-testid="receipt-mark">{mark}</p> }.into_any())}
            <p class="small muted">{t.receipt_at(&t.date_long(receipt.at.date_naive()), &t.time(receipt.at))}</p>
            <hr />
            <div>
                <p class="small muted">{t.pay_received_from()}</p>
                <p class="strong wrap">{name}</p>
                <p class="small muted">{receipt.client.to_string()}{receipt.payer.map(|payer| [" · ", &t.pay_by(&payer)].concat())}</p>
            </div>
            <div>
                <p class="big num" data-testid="receipt-amount" data-amount=receipt.amount.to_string()>{t.amount(receipt.amount, currency)}<span class="unit">{"\u{a0}"}{t.symbol(currency)}</span></p>
                <p class="amount-words">{t.receipt_closed_at(&t.words(receipt.amount, currency))}</p>
            </div>
            <div>
                <p class="row start center"><Icon sign=super::labels::method_sign(receipt.method.code()) small=true /><span class="strong">{t.method(&receipt.method)}</span></p>
                {(!detail.is_empty()).then(|| view! { <p class="small wrap">{detail}</p> }.into_any())}
                {(!cash.is_empty()).then(|| view! {
                    <p class="small muted num wrap">{cash.iter().map(|line| [line.count.to_string().as_str(), " × ", &t.amount(line.face, currency)].concat()).collect::<Vec<_>>().join(", ")}</p>
                }.into_any())}
                {note.map(|note| view! { <p class="small strong">{note}</p> }.into_any())}
            </div>
            <hr />
            {lines}
            {(!receipt.on_account.is_zero()).then(|| view! {
                <div class="row"><span>{t.receipt_on_account()}</span><span class="num strong">{t.money(receipt.on_account, currency)}</span></div>
            }.into_any())}
            {receipt.withheld.iter().map(|(tax, attested)| {
                let words = match attested {
                    true => t.receipt_withheld_attested(&tax.tax, tax.invoice.as_str()),
                    false => t.receipt_withheld(&tax.tax, tax.invoice.as_str()),
                };
                view! { <div class="row" data-testid="receipt-withheld"><span class="small">{words}</span><span class="num strong">{t.money(tax.amount, currency)}</span></div> }.into_any()
            }).collect_view()}
            {(!receipt.note.is_empty()).then(|| view! { <p class="small">{receipt.note}</p> }.into_any())}
            <hr />
            <p class="small muted">{t.receipt_collector(&receipt.collector)}</p>
            {(!signatures.is_empty()).then(|| view! {
                <div class="pair signatures">
                    {signatures.into_iter().map(|signature| view! { <Signature signature=signature /> }.into_any()).collect_view()}
                </div>
            }.into_any())}
        </article>
    }
}

/// One signature on the receipt, under the name of who gave it.
#[component]
fn Signature(signature: Attachment) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let who = match signature.kind {
        AttachmentKind::OfficerSignature => t.signature_of_collector(),
        _ => t.signature_of_payer(),
    };
    let hash = signature.hash;
    let bytes = super::common::loaded(move || {
        let hash = hash.clone();
        async move { app.attachment_bytes(&hash).await }
    });
    let strokes = move || match bytes.get()? {
        Ok(bytes) => Strokes::from_json(&bytes),
        Err(_) => None,
    };
    let missing = move || bytes.with(|bytes| matches!(bytes, Some(Err(_))));
    view! {
        <div data-testid="receipt-signature">
            <p class="small muted">{who}</p>
            {move || strokes().map(|strokes| view! { <StrokesView strokes=strokes label=who /> }.into_any())}
            {move || missing().then(|| view! { <p class="small muted">{t.attachment_not_here()}</p> }.into_any())}
        </div>
    }
}
