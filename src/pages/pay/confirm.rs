//! The read-back before the money is booked: how much, from whom, how, for what; then one tap.

use super::allocation::Allocations;
use super::form::{PayForm, Step};
use crate::components::{ErrorSummary, Icon, Page, Sign};
use crate::locales::use_texts;
use crate::pages::form::{Form, SaveButton};
use leptos::prelude::*;
use tournee_domain::fact::Withheld;
use tournee_domain::{Amount, Currency};

#[component]
pub fn Confirm(
    #[prop(into)] client: String,
    form: Form<PayForm>,
    amount: Memo<Amount>,
    allocations: Memo<Allocations>,
    withheld: Vec<Withheld>,
    /// What the person has to know before.
    notice: ViewFn,
    currency: Currency,
    step: RwSignal<Step>,
    on_confirm: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let working = form.slow;
    let state = form.typed.get_untracked();
    let sum = amount.get_untracked();
    let lines = allocations.get_untracked();
    let method = state.payment_method();
    let (name, detail) = method
        .as_ref()
        .map(|method| (t.method(method), t.method_detail(method)))
        .unwrap_or_default();
    let photos = state.cheque_photos().len();
    let payer = state.payer().map(|payer| t.person(&payer));
    let on_account = lines.on_account();
    let label = Signal::derive(move || {
        if working.get() {
            t.pay_recording()
        } else {
            t.pay_confirm()
        }
    });
    let edit = move |_| {
        if !form.is_working() {
            step.set(Step::Edit);
        }
    };
    let foot = move || {
        view! {
            <SaveButton id="pay-confirm" form=form label=label on_save=on_confirm />
            <button type="button" class="btn wide" data-testid="pay-edit" disabled=working on:click=edit>{t.pay_edit()}</button>
        }
    };
    view! {
        <Page title=t.pay_check() step=true subtitle=client.clone() foot=foot>
            <ErrorSummary errors=form.errors />
            <section class="card">
                <div class="readback">
                    <p class="muted">{t.pay_received_from()}</p>
                    <p class="strong wrap">{client}</p>
                    <p class="big num" data-testid="confirm-amount">{t.amount(sum, currency)}<span class="unit">{"\u{a0}"}{t.symbol(currency)}</span></p>
                    <p>{t.words(sum, currency)}</p>
                    <p class="row center"><Icon sign=crate::pages::labels::method_sign(&state.method) /><span class="strong">{name}</span></p>
                    {(!detail.is_empty()).then(|| view! { <p class="small muted wrap">{detail}</p> }.into_any())}
                    {(photos > 0).then(|| view! { <p class="small muted row center"><Icon sign=Sign::Camera small=true />{t.cheque_photos_count(photos)}</p> }.into_any())}
                    {payer.map(|payer| view! { <p class="small muted">{t.pay_by(&payer)}</p> }.into_any())}
                </div>
            </section>
            <section class="card card-list" aria-label=t.alloc_title()>
                {lines
                    .list()
                    .into_iter()
                    .map(|line| view! {
                        <div class="row"><span>{line.invoice.to_string()}</span><span class="num strong">{t.money(line.amount, currency)}</span></div>
                    }.into_any())
                    .collect_view()}
                {(!on_account.is_zero()).then(|| view! {
                    <div class="row"><span>{t.pay_on_account()}</span><span class="num strong">{t.money(on_account, currency)}</span></div>
                }.into_any())}
                {withheld
                    .into_iter()
                    .map(|tax| view! {
                        <div class="row" data-testid="confirm-withheld"><span class="small">{t.receipt_withheld(&tax.tax, tax.invoice.as_str())}</span><span class="num strong">{t.money(tax.amount, currency)}</span></div>
                    }.into_any())
                    .collect_view()}
            </section>
            {notice.run()}
            <p class="small muted row start center"><Icon sign=Sign::Lock small=true />{t.pay_confirm_hint()}</p>
        </Page>
    }
}
