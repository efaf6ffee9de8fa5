//! One receipt on the screen (PRODUCT C8), and the signature of who paid.

use super::common::{StoreTrouble, Waiting, client_path, param, pay_path, use_me, visit_path};
use crate::components::{
    Empty, ErrorSummary, FieldError, Icon, Notice, Page, STROKES_MEDIA_TYPE, Sign, SignaturePad,
    Strokes, TextField, back_to, error_of,
};
use crate::locales::{Texts, use_texts};
use crate::state::{App, NewBlob, OwnState, StoreError, use_app};
use chrono::{DateTime, FixedOffset};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use std::sync::Arc;
use tournee_domain::dossier::EventKind;
use tournee_domain::fact::{Allocation, Attachment, AttachmentKind, PaymentMethod, ReceiptSigned};
use tournee_domain::{
    Amount, BlobHash, ClientCode, Currency, Dossier, FactBody, FactId, ReceiptNumber,
};

/// Everything printed on a receipt.
#[derive(Clone, PartialEq)]
struct ReceiptView {
    payment: FactId,
    client: ClientCode,
    number: ReceiptNumber,
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
    /// `Some(None)` signed, `Some(Some(reason))` refused, `None` not yet.
    signed: Option<Option<String>>,
    dossier: Option<Arc<Dossier>>,
}

/// Looks among own facts first, then in the client's dossier.
async fn find(
    app: App,
    t: Texts,
    payment: FactId,
    client: Option<ClientCode>,
    me: String,
) -> Result<Option<ReceiptView>, StoreError> {
    let facts = app.own_facts().await?;
    let own = facts.iter().find(|fact| fact.fact_id == payment);
    let own_payment = own.and_then(|fact| match &fact.body {
        Ok(FactBody::Payment(body)) => Some((fact, body)),
        _ => None,
    });
    let Some(client) = own_payment.map(|(_, body)| body.client.clone()).or(client) else {
        return Ok(None);
    };
    let dossier = app.dossier(&client).await?;
    let signed_here = facts.iter().find_map(|fact| match &fact.body {
        Ok(FactBody::ReceiptSigned(signed)) if signed.payment == payment => {
            Some(signed.refusal.clone())
        }
        _ => None,
    });
    if let Some((fact, body)) = own_payment {
        let allocated: Amount = body.allocations.iter().map(|line| line.amount).sum();
        return Ok(Some(ReceiptView {
            payment,
            client,
            number: body.receipt.clone(),
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
            dossier,
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
            Some(refusal.clone())
        }
        _ => None,
    });
    Ok(Some(ReceiptView {
        payment,
        client,
        number: received.receipt.clone(),
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
        dossier: Some(dossier),
    }))
}

#[component]
pub fn ReceiptPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let fact = param("fact");
    let query = use_query_map();
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
            Some(Ok(Some(receipt))) if receipt.signed.is_none() && receipt.own.is_some() => Some((
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
            {move || unsigned.get().map(|(client, payment, number)| view! { <SignStep client=client payment=payment number=number /> })}
            {move || client.get().map(|client| view! { <Onwards client=client /> })}
        </Page>
    }
}

#[component]
fn Body(receipt: ReceiptView, fresh: bool) -> impl IntoView {
    let t = use_texts();
    let own = receipt.own.clone();
    let waiting = own == Some(OwnState::Waiting);
    let signed = receipt.signed.clone();
    let state = own.map(|state| t.own_state(&state));
    view! {
        {fresh.then(|| view! { <Notice tone="ok" testid="receipt-saved"><p class="strong">{if waiting { t.receipt_saved() } else { t.receipt_saved_and_sent() }}</p></Notice> })}
        <div class="chips" role="status">
            {state.map(|(tone, words)| view! { <span class=["chip ", tone].concat() data-testid="receipt-state">{words}</span> })}
            {signed.map(|refusal| match refusal {
                None => view! { <span class="chip ok" data-testid="receipt-signed">{t.receipt_signed()}</span> }.into_any(),
                Some(reason) => view! { <span class="chip warn" data-testid="receipt-refused">{t.receipt_unsigned_because(&reason)}</span> }.into_any(),
            })}
        </div>
        <Paper receipt=receipt />
    }
}

/// Where to go from a receipt.
#[component]
fn Onwards(client: ClientCode) -> impl IntoView {
    let t = use_texts();
    view! {
        <div class="row start flow no-print">
            <a class="btn" href=client_path(&client) data-testid="receipt-to-client">{t.receipt_to_client()}</a>
            <a class="btn" href=visit_path(&client)>{t.visit()}</a>
            <a class="btn" href=pay_path(&client)>{t.receipt_another()}</a>
            <button type="button" class="btn" on:click=|_| {
                // A browser without printing does nothing.
                let _ = window().print();
            }>{t.print()}</button>
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
    let lines = receipt
        .allocations
        .iter()
        .map(|line| {
            let left = remaining(&line.invoice).map(|left| t.receipt_left(&t.money(left, currency)));
            view! {
                <div>
                    <div class="row"><span>{line.invoice.to_string()}</span><span class="num strong">{t.money(line.amount, currency)}</span></div>
                    {left.map(|left| view! { <p class="small muted right">{left}</p> })}
                </div>
            }
        })
        .collect_view();
    view! {
        <article class="receipt" data-testid="receipt">
            <header>
                <p class="strong">{organisation.name}</p>
                {(!organisation.address.is_empty()).then(|| view! { <p class="small muted">{organisation.address}</p> })}
                {(!identifiers.is_empty()).then(|| view! { <p class="small muted">{identifiers.join(" · ")}</p> })}
            </header>
            <div class="row flow">
                <h2>{t.receipt_title()}</h2>
                <span class="num strong" data-testid="receipt-number">{receipt.number.to_string()}</span>
            </div>
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
                {(!detail.is_empty()).then(|| view! { <p class="small wrap">{detail}</p> })}
                {(!cash.is_empty()).then(|| view! {
                    <p class="small muted num wrap">{cash.iter().map(|line| [line.count.to_string().as_str(), " × ", &t.amount(line.face, currency)].concat()).collect::<Vec<_>>().join(", ")}</p>
                })}
                {note.map(|note| view! { <p class="small strong">{note}</p> })}
            </div>
            <hr />
            {lines}
            {(!receipt.on_account.is_zero()).then(|| view! {
                <div class="row"><span>{t.receipt_on_account()}</span><span class="num strong">{t.money(receipt.on_account, currency)}</span></div>
            })}
            {(!receipt.note.is_empty()).then(|| view! { <p class="small">{receipt.note}</p> })}
            <hr />
            <p class="small muted">{t.receipt_collector(&receipt.collector)}</p>
        </article>
    }
}

/// The payer signs, or says why not; the payment is durable either way (SYNC 32).
#[component]
fn SignStep(client: ClientCode, payment: FactId, number: ReceiptNumber) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let fact_id = app.new_fact_id();
    let strokes = RwSignal::new(Strokes::default());
    let refusing = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let working = RwSignal::new(false);
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let record = move |_| {
        if working.get_untracked() {
            return;
        }
        let refused = refusing.get_untracked();
        if refused && reason.with_untracked(|reason| reason.trim().is_empty()) {
            errors.set(vec![FieldError::new(
                "refusal-reason",
                t.refusal_reason_missing(),
            )]);
            return;
        }
        if !refused && !strokes.with_untracked(Strokes::is_signature) {
            errors.set(vec![FieldError::new("receipt-sign", t.signature_missing())]);
            return;
        }
        errors.set(Vec::new());
        working.set(true);
        let (signatures, blobs) = if refused {
            (Vec::new(), Vec::new())
        } else {
            let (attachment, blob) = signature_blob(&strokes.get_untracked());
            (vec![attachment], vec![blob])
        };
        let body = FactBody::ReceiptSigned(ReceiptSigned {
            client: client.clone(),
            payment,
            receipt: number.clone(),
            signatures,
            refusal: refused.then(|| reason.get_untracked().trim().to_owned()),
        });
        spawn_local(async move {
            if let Err(error) = app.record(fact_id, body, blobs, None).await {
                working.try_set(false);
                errors.try_set(vec![FieldError::new(
                    "receipt-sign",
                    t.record_error(&error),
                )]);
            }
        });
    };
    view! {
        <section class="card stack" id="receipt-sign" aria-labelledby="receipt-sign-title">
            <h2 id="receipt-sign-title">{t.receipt_sign_title()}</h2>
            <ErrorSummary errors=errors />
            {move || if refusing.get() {
                view! {
                    <TextField id="refusal-reason" label=t.refusal_reason() bind=(reason.into(), reason.into()) error=error_of(errors, "refusal-reason") suggestions=t.refusal_reasons() />
                }.into_any()
            } else {
                view! { <SignaturePad label=t.signature_of_payer() strokes=strokes on_change=Callback::new(move |drawn| strokes.set(drawn)) /> }.into_any()
            }}
            <button type="button" class="btn primary wide tall" data-testid="receipt-sign" aria-disabled=move || working.get().then_some("true") on:click=record>
                {move || if refusing.get() { t.refusal_record() } else { t.signature_record() }}
            </button>
            <button type="button" class="btn quiet" data-testid="receipt-refuse" on:click=move |_| {
                errors.set(Vec::new());
                refusing.update(|refusing| *refusing = !*refusing);
            }>
                {move || if refusing.get() { t.refusal_back() } else { t.refusal_begin() }}
            </button>
        </section>
    }
}

/// A signature as bytes and what the fact says of them.
pub fn signature_blob(strokes: &Strokes) -> (Attachment, NewBlob) {
    let bytes = strokes.to_json().into_bytes();
    attachment(AttachmentKind::Signature, STROKES_MEDIA_TYPE, bytes)
}

/// Names `bytes` by their hash, for the fact and for the store.
pub fn attachment(kind: AttachmentKind, media_type: &str, bytes: Vec<u8>) -> (Attachment, NewBlob) {
    let hash = BlobHash::new(&tournee_sync::encoding::Hash::of(&bytes).to_string());
    let size_bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    (
        Attachment {
            kind,
            hash: hash.clone(),
            media_type: media_type.to_owned(),
            size_bytes,
        },
        NewBlob {
            hash,
            media_type: media_type.to_owned(),
            bytes,
        },
    )
}

impl Texts {
    /// Usual reasons for not signing, offered while typing.
    pub fn refusal_reasons(self) -> Vec<String> {
        self.refusal_reasons_list()
            .split(';')
            .map(|text| text.trim().to_owned())
            .collect()
    }
}
