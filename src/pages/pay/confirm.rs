//! The read-back before the money is booked: how much, from whom, how, for what; then one tap.

use super::allocation::Allocations;
use super::form::{PayForm, Step};
use crate::components::{ErrorSummary, FieldError, Icon, Page, Sign};
use crate::locales::use_texts;
use leptos::prelude::*;
use tournee_domain::{Amount, Currency};

#[component]
pub fn Confirm(
    #[prop(into)] client: String,
    form: RwSignal<PayForm>,
    amount: Memo<Amount>,
    allocations: Memo<Allocations>,
    currency: Currency,
    step: RwSignal<Step>,
    working: RwSignal<bool>,
    errors: RwSignal<Vec<FieldError>>,
    on_confirm: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let state = form.get_untracked();
    let sum = amount.get_untracked();
    let lines = allocations.get_untracked();
    let method = state.payment_method();
    let (name, detail) = method
        .as_ref()
        .map(|method| (t.method(method), t.method_detail(method)))
        .unwrap_or_default();
    let payer = state.payer().map(|payer| t.person(&payer));
    let on_account = lines.on_account();
    let foot = move || {
        view! {
            <button type="button" id="pay-confirm" class="btn primary wide tall" data-testid="pay-confirm" aria-disabled=move || working.get().then_some("true") on:click=move |_| on_confirm.run(())>
                {move || if working.get() { view! { <span class="spinner"></span>{t.pay_recording()} }.into_any() } else { t.pay_confirm().into_any() }}
            </button>
            <button type="button" class="btn wide" data-testid="pay-edit" disabled=working on:click=move |_| step.set(Step::Edit)>{t.pay_edit()}</button>
        }
    };
    view! {
        <Page title=t.pay_check() step=true subtitle=client.clone() foot=foot>
            <ErrorSummary errors=errors />
            <section class="card">
                <div class="readback">
                    <p class="muted">{t.pay_received_from()}</p>
                    <p class="strong wrap">{client}</p>
                    <p class="big num" data-testid="confirm-amount">{t.amount(sum, currency)}<span class="unit">{"\u{a0}"}{t.symbol(currency)}</span></p>
                    <p>{t.words(sum, currency)}</p>
                    <p class="row center"><Icon sign=crate::pages::labels::method_sign(&state.method) /><span class="strong">{name}</span></p>
                    {(!detail.is_empty()).then(|| view! { <p class="small muted wrap">{detail}</p> })}
                    {payer.map(|payer| view! { <p class="small muted">{t.pay_by(&payer)}</p> })}
                </div>
            </section>
            <section class="card card-list" aria-label=t.alloc_title()>
                {lines
                    .list()
                    .into_iter()
                    .map(|line| view! {
                        <div class="row"><span>{line.invoice.to_string()}</span><span class="num strong">{t.money(line.amount, currency)}</span></div>
                    })
                    .collect_view()}
                {(!on_account.is_zero()).then(|| view! {
                    <div class="row"><span>{t.pay_on_account()}</span><span class="num strong">{t.money(on_account, currency)}</span></div>
                })}
            </section>
            <p class="small muted row start center"><Icon sign=Sign::Lock small=true />{t.pay_confirm_hint()}</p>
        </Page>
    }
}
