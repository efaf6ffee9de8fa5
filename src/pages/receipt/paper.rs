//! The receipt itself, as it is shown to the payer and printed.

use super::view::ReceiptView;
use crate::components::{Icon, Strokes, StrokesView};
use crate::locales::use_texts;
use crate::pages::common::use_me;
use crate::state::use_app;
use leptos::prelude::*;
use tournee_domain::fact::{Attachment, AttachmentKind, PaymentMethod};

/// The receipt itself, as it is shown to the payer.
#[component]
pub fn Paper(receipt: ReceiptView) -> impl IntoView {
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
                <p class="row start center"><Icon sign=crate::pages::labels::method_sign(receipt.method.code()) small=true /><span class="strong">{t.method(&receipt.method)}</span></p>
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
    let bytes = crate::pages::common::loaded(move || {
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
