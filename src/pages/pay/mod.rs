//! Taking a payment (PRODUCT C1–C4, C6, C8): method, amount, allocation, then one read-back and one tap.

mod allocation;
mod confirm;
mod form;
mod method;

use super::common::{
    StoreTrouble, Waiting, client_path, param, pay_draft_key, receipt_path, use_currency,
};
use crate::components::{
    AmountField, Empty, ErrorSummary, FieldError, Page, Segmented, Sign, TextArea, TextField,
    back_to, error_of,
};
use crate::locales::use_texts;
use crate::state::{PaymentDraft, use_app};
use allocation::{AllocationList, Allocations};
use confirm::Confirm;
use form::{PayForm, Step};
use leptos::prelude::*;
use leptos::task::spawn_local;
use method::MethodDetails;
use std::sync::Arc;
use tournee_domain::{Amount, ClientCode, Dossier, FactId};

#[component]
pub fn PayPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let code = ClientCode::new(&param("code").get_untracked());
    let back = back_to(client_path(&code));
    // Dossier, draft and the visit going on, once: the form does not change under the fingers.
    let start = RwSignal::new(None);
    {
        let code = code.clone();
        spawn_local(async move {
            let dossier = app.dossier(&code).await;
            let draft = app.load_draft(&pay_draft_key(&code)).await;
            let visit = super::visit::current_visit(app, &code).await;
            let form = draft
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_else(|| PayForm::new(app.new_fact_id(), app.today()));
            start.try_set(Some((dossier, form, visit)));
        });
    }
    move || {
        let back = back.clone();
        match start.get() {
            None => view! { <Page title=t.nav_pay() back=back><Waiting /></Page> }.into_any(),
            Some((Err(error), ..)) => view! { <Page title=t.nav_pay() back=back><StoreTrouble error=error /></Page> }.into_any(),
            Some((Ok(None), ..)) => view! {
                <Page title=t.nav_pay() back=back><Empty sign=Sign::Clients title=t.dossier_absent() advice=t.dossier_absent_advice() /></Page>
            }.into_any(),
            Some((Ok(Some(dossier)), form, visit)) => view! { <Pay dossier=dossier form=form visit=visit /> }.into_any(),
        }
    }
}

#[component]
fn Pay(dossier: Arc<Dossier>, form: PayForm, visit: Option<FactId>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let currency = use_currency();
    let guard = StoredValue::new(Some(app.form_open()));
    on_cleanup(move || guard.set_value(None));
    let code = StoredValue::new(dossier.client.code.clone());
    let key = StoredValue::new(pay_draft_key(&dossier.client.code));
    let name = dossier.client.name.clone();
    let items = StoredValue::new(Arc::new(dossier.open_items(currency)));
    let form = RwSignal::new(form);
    let step = RwSignal::new(Step::Edit);
    let working = RwSignal::new(false);
    let errors = RwSignal::new(Vec::<FieldError>::new());
    // Once the payment is being recorded nothing may write the draft back.
    let finished = StoredValue::new(false);
    Effect::new(move |first: Option<()>| {
        let json = form.with(serde_json::to_string);
        if first.is_none() || finished.get_value() {
            return;
        }
        if let Ok(json) = json {
            let key = key.get_value();
            spawn_local(async move { app.save_draft(&key, json).await });
        }
    });

    let amount = Memo::new(move |_| {
        form.with(|form| form.amount(currency))
            .unwrap_or(Amount::ZERO)
    });
    let allocations = Memo::new(move |_| {
        form.with(|form| Allocations::of(form, &items.get_value(), amount.get(), currency))
    });
    let to_confirm = move |()| {
        let found = form.with_untracked(|form| {
            form.errors(
                t,
                currency,
                app.today(),
                &items.get_value(),
                &allocations.get_untracked(),
            )
        });
        let ready = found.is_empty();
        errors.set(found);
        if ready {
            step.set(Step::Confirm);
        }
    };
    let navigate = leptos_router::hooks::use_navigate();
    let confirm = Callback::new(move |()| {
        // One tap, one payment: the second tap finds the work begun.
        if working.get_untracked() {
            return;
        }
        let state = form.get_untracked();
        let client = code.get_value();
        let Some(method) = state.payment_method() else {
            // Only a date can be unreadable, and the form was checked before: back to it.
            step.set(Step::Edit);
            return;
        };
        working.set(true);
        finished.set_value(true);
        let payment = PaymentDraft {
            client: client.clone(),
            visit,
            date: app.today(),
            currency,
            amount: amount.get_untracked(),
            method,
            payer: state.payer(),
            allocations: allocations.get_untracked().list(),
            note: state.note.trim().to_owned(),
            attachments: Vec::new(),
        };
        let navigate = navigate.clone();
        let key = key.get_value();
        spawn_local(async move {
            match app
                .take_payment(state.fact_id, payment, Vec::new(), Some(&key))
                .await
            {
                Ok(_) => navigate(
                    &[&receipt_path(&client, state.fact_id), "&new=1"].concat(),
                    leptos_router::NavigateOptions {
                        replace: true,
                        ..Default::default()
                    },
                ),
                Err(error) => {
                    finished.try_set_value(false);
                    working.try_set(false);
                    errors.try_set(vec![FieldError::new("pay-confirm", t.record_error(&error))]);
                }
            }
        });
    });

    let (for_edit, for_confirm) = (name.clone(), name);
    move || {
        let code = code.get_value();
        match step.get() {
            Step::Edit => {
                let foot = move || view! { <Foot allocations=allocations currency=currency on_next=Callback::new(to_confirm) /> };
                view! {
                    <Page title=t.nav_pay() subtitle=for_edit.clone() back=back_to(client_path(&code)) foot=foot on_enter=Callback::new(to_confirm)>
                        <ErrorSummary errors=errors />
                        <Segmented name="method" legend=t.pay_method() options=method::options(t) bind=slice!(form.method) />
                        <AmountField id="amount" label=t.pay_amount() bind=slice!(form.amount) currency=currency error=error_of(errors, "amount") />
                        <MethodDetails form=form errors=errors amount=amount currency=currency />
                        <AllocationList form=form items=items.get_value() allocations=allocations errors=errors currency=currency />
                        <details class="card" open=form.with_untracked(|form| !form.payer_name.is_empty() || !form.note.is_empty())>
                            <summary class="strong" data-testid="pay-more">{t.pay_payer_and_note()}</summary>
                            <div class="stack">
                                <div class="pair">
                                    <TextField id="payer-name" label=t.payer_name() bind=slice!(form.payer_name) />
                                    <TextField id="payer-function" label=t.person_function() bind=slice!(form.payer_function) suggestions=t.functions() />
                                </div>
                                <TextArea id="pay-note" label=t.note() bind=slice!(form.note) rows=2 />
                            </div>
                        </details>
                        <Discard key=key finished=finished code=code.clone() />
                    </Page>
                }.into_any()
            }
            Step::Confirm => view! {
                <Confirm client=for_confirm.clone() form=form amount=amount allocations=allocations currency=currency step=step working=working errors=errors on_confirm=confirm />
            }.into_any(),
        }
    }
}

/// What is allocated, what stays on account, and on to the read-back.
#[component]
fn Foot(
    allocations: Memo<Allocations>,
    currency: tournee_domain::Currency,
    on_next: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let count = move || allocations.with(|allocations| allocations.list().len());
    view! {
        <div class="row small">
            <span class="muted">{move || t.pay_allocated_on(count())}</span>
            <span class="num strong" data-testid="alloc-total">{move || t.money(allocations.with(Allocations::total), currency)}</span>
        </div>
        <div class="row small">
            <span class="muted">{t.pay_on_account()}</span>
            <span class="num strong" data-testid="alloc-on-account">{move || t.money(allocations.with(|allocations| allocations.on_account().max(Amount::ZERO)), currency)}</span>
        </div>
        <button type="button" class="btn primary wide tall" data-testid="pay-next" on:click=move |_| on_next.run(())>{t.pay_next()}</button>
    }
}

/// Throws the entry away, on purpose.
#[component]
fn Discard(
    key: StoredValue<String>,
    finished: StoredValue<bool>,
    code: ClientCode,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let navigate = leptos_router::hooks::use_navigate();
    let discard = move |_| {
        finished.set_value(true);
        let (navigate, path) = (navigate.clone(), client_path(&code));
        let key = key.get_value();
        spawn_local(async move {
            app.delete_draft(&key).await;
            if !finished.is_disposed() {
                navigate(&path, Default::default());
            }
        });
    };
    view! { <button type="button" class="btn quiet" data-testid="pay-discard" on:click=discard>{t.pay_discard()}</button> }
}
