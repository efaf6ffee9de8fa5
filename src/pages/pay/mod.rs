//! Taking a payment (PRODUCT C1–C4, C6, C8): method, amount, allocation, then one read-back and one tap.

mod allocation;
mod ceiling;
mod confirm;
mod form;
mod method;
mod withheld;

use super::capture::photo_blobs;
use super::common::{
    StoreTrouble, Waiting, client_path, param, pay_draft_key, receipt_path, use_currency,
};
use super::form::{self as forms, Discard, Form, Typed};
use crate::components::{
    AmountField, Empty, ErrorSummary, FieldError, Folded, Page, Segmented, Sign, TextArea,
    TextField, back_to, error_of, live,
};
use crate::locales::use_texts;
use crate::state::use_app;
use allocation::{AllocationList, Allocations};
use ceiling::CeilingNotice;
use confirm::Confirm;
use form::{PayForm, Step};
use leptos::prelude::*;
use leptos::task::spawn_local;
use method::MethodDetails;
use std::sync::Arc;
use tournee_domain::allocation::{oldest_first, propose};
use tournee_domain::fact::Payment;
use tournee_domain::{Amount, ClientCode, Dossier, FactBody, FactId, ReceiptNumber};
use withheld::{Taxes, WithheldTaxes};

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
            let kept = forms::kept(app, &pay_draft_key(&code)).await;
            let visit = super::visit::current_visit(app, &code).await;
            let typed = kept.unwrap_or_else(|| PayForm::new(app.new_fact_id(), app.today()));
            start.try_set(Some((dossier, typed, visit)));
        });
    }
    live(move || {
        let back = back.clone();
        match start.get() {
            None => view! { <Page title=t.nav_pay() back=back><Waiting /></Page> }.into_any(),
            Some((Err(error), ..)) => view! { <Page title=t.nav_pay() back=back><StoreTrouble error=error /></Page> }.into_any(),
            Some((Ok(None), ..)) => view! {
                <Page title=t.nav_pay() back=back><Empty sign=Sign::Clients title=t.dossier_absent() advice=t.dossier_absent_advice() /></Page>
            }.into_any(),
            Some((Ok(Some(dossier)), typed, visit)) => view! { <Pay dossier=dossier typed=typed visit=visit /> }.into_any(),
        }
    })
}

impl Typed for PayForm {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

#[component]
fn Pay(dossier: Arc<Dossier>, typed: PayForm, visit: Option<FactId>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let currency = use_currency();
    let code = StoredValue::new(dossier.client.code.clone());
    let name = dossier.client.name.clone();
    let items = StoredValue::new(Arc::new(dossier.open_items(currency)));
    let entry = Form::open(pay_draft_key(&dossier.client.code), typed);
    let (form, errors) = (entry.typed, entry.errors);
    let step = RwSignal::new(Step::Edit);

    let amount = Memo::new(move |_| {
        form.with(|form| form.amount(currency))
            .unwrap_or(Amount::ZERO)
    });
    // By the amount alone: what else is typed proposes nothing new.
    let proposal = Memo::new(move |_| {
        let (items, amount) = (items.get_value(), amount.get().max(Amount::ZERO));
        propose(&items, amount, &[]).unwrap_or_else(|_| oldest_first(&items, amount))
    });
    let allocations = Memo::new(move |_| {
        form.with(|form| {
            proposal.with(|proposal| {
                Allocations::of(form, &items.get_value(), proposal, amount.get(), currency)
            })
        })
    });
    let today = app.today();
    let taxable = app.rules(|rules| rules.withholding(today).cloned().collect::<Vec<_>>());
    let taxable = StoredValue::new(Arc::new(taxable.unwrap_or_default()));
    let file = StoredValue::new(dossier.clone());
    let taxes = Memo::new(move |_| {
        let lines = allocations.with(Allocations::list);
        let (rules, dossier) = (taxable.get_value(), file.get_value());
        form.with(|form| Taxes::of(t, form, &rules, &dossier, &lines, currency))
    });
    let ceiling_of = move |method| {
        app.rules(|rules| rules.ceiling(method, today).cloned())
            .flatten()
    };
    let method = Memo::new(move |_| form.with(PayForm::method_kind));
    let beyond = Memo::new(move |_| {
        let ceiling = ceiling_of(method.get())?;
        allocations.with(|lines| ceiling::beyond(&ceiling, &file.get_value(), method.get(), lines))
    });
    let notice = move || {
        let method = method.get();
        view! { <CeilingNotice found=beyond ceiling=ceiling_of(method) currency=currency /> }
    };
    let to_confirm = move |()| {
        let mut found = form.with_untracked(|form| {
            form.errors(
                t,
                currency,
                app.today(),
                &items.get_value(),
                &allocations.get_untracked(),
            )
        });
        found.extend(taxes.with_untracked(|taxes| taxes.errors.clone()));
        if entry.accepts(found) {
            step.set(Step::Confirm);
        }
    };
    let confirm = Callback::new(move |()| {
        let client = code.get_value();
        let id = form.with_untracked(Typed::fact_id);
        let receipt = [&receipt_path(&client, id), "&new=1"].concat();
        entry.record("pay-confirm", Some(receipt), |typed| {
            let Some(method) = typed.payment_method() else {
                step.set(Step::Edit);
                return Err(vec![FieldError::new("cheque-date", t.cheque_date_wrong())]);
            };
            let (attachments, blobs) = photo_blobs(typed.cheque_photos()).unzip();
            let payment = Payment {
                client,
                visit,
                date: app.today(),
                receipt: ReceiptNumber::to_come(),
                currency,
                amount: amount.get_untracked(),
                method,
                payer: typed.payer(),
                allocations: allocations.get_untracked().list(),
                withheld: taxes.with_untracked(Taxes::recorded),
                down_payment: None,
                note: typed.note.trim().to_owned(),
                attachments,
            };
            Ok((FactBody::Payment(payment), blobs))
        });
    });

    let (for_edit, for_confirm) = (name.clone(), name);
    live(move || {
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
                        {live(notice)}
                        {(!taxable.with_value(|rules| rules.is_empty()) && !items.with_value(|items| items.is_empty())).then(|| view! {
                            <WithheldTaxes form=form rules=taxable.get_value() taxes=taxes allocations=allocations currency=currency />
                        }.into_any())}
                        <Folded class="card" begun=form.with_untracked(|form| !form.payer_name.is_empty() || !form.note.is_empty()) summary=view! { <summary class="strong" data-testid="pay-more">{t.pay_payer_and_note()}</summary> }.into_any()>
                            <div class="stack">
                                <div class="pair">
                                    <TextField id="payer-name" label=t.payer_name() bind=slice!(form.payer_name) />
                                    <TextField id="payer-function" label=t.person_function() bind=slice!(form.payer_function) suggestions=t.functions() />
                                </div>
                                <TextArea id="pay-note" label=t.note() bind=slice!(form.note) rows=2 />
                            </div>
                        </Folded>
                        <Discard id="pay-discard" form=entry next=client_path(&code) />
                    </Page>
                }.into_any()
            }
            Step::Confirm => view! {
                <Confirm client=for_confirm.clone() form=entry amount=amount allocations=allocations withheld=taxes.with_untracked(Taxes::recorded) notice=ViewFn::from(notice) currency=currency step=step on_confirm=confirm />
            }.into_any(),
        }
    })
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
