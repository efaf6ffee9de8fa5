//! Invoices that the ledger and the field may both have been paid for: the accountant decides (DOMAIN §2.6).

use crate::components::{Empty, Notice, Page, Rows, Sign, TextField, back_to};
use crate::locales::use_texts;
use crate::pages::common::{StoreTrouble, Waiting, client_path, loaded};
use crate::state::use_app;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use tournee_domain::dossier::Invoice;
use tournee_domain::fact::{DoubleDecision, DoubleResolved};
use tournee_domain::{Dossier, FactBody};

#[component]
pub fn DoublesPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let found = loaded(move || {
        app.revision().track();
        async move { app.dossiers_where(|summary| summary.possible_double).await }
    });
    let row = |(dossier, invoice): (Arc<Dossier>, Invoice)| {
        let key = [invoice.number.as_str(), " ", &invoice.open().to_string()].concat();
        let draw = move || view! { <Double dossier=dossier.clone() invoice=invoice.clone() /> };
        (key, ViewFn::from(draw))
    };
    let rows = Signal::derive(move || {
        found.with(|found| match found {
            Some(Ok(dossiers)) => dossiers
                .iter()
                .cloned()
                .flat_map(doubles_of)
                .map(row)
                .collect(),
            _ => Vec::new(),
        })
    });
    view! {
        <Page title=t.doubles_title() back=back_to("/data")>
            <p class="muted prose">{t.doubles_explained()}</p>
            {move || match found.get() {
                None => view! { <Waiting /> }.into_any(),
                Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
                Some(Ok(dossiers)) if dossiers.is_empty() => view! { <Empty sign=Sign::Check title=t.doubles_none() advice=t.doubles_none_advice() /> }.into_any(),
                Some(Ok(_)) => ().into_any(),
            }}
            <Rows rows=rows />
        </Page>
    }
}

fn doubles_of(dossier: Arc<Dossier>) -> Vec<(Arc<Dossier>, Invoice)> {
    dossier
        .invoices
        .iter()
        .filter(|invoice| invoice.possible_double)
        .map(|invoice| (dossier.clone(), invoice.clone()))
        .collect()
}

#[component]
fn Double(dossier: Arc<Dossier>, invoice: Invoice) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let fact_id = app.new_fact_id();
    let comment = RwSignal::new(String::new());
    let working = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let money = move |amount| t.money(amount, invoice.currency);
    let (client, number) = (dossier.client.code.clone(), invoice.number.clone());
    let decide = Callback::new(move |decision: DoubleDecision| {
        if working.get_untracked() {
            return;
        }
        working.set(true);
        let body = FactBody::DoubleResolved(DoubleResolved {
            client: client.clone(),
            invoice: number.clone(),
            decision,
            comment: comment.get_untracked().trim().to_owned(),
        });
        spawn_local(async move {
            if let Err(error) = app.record(fact_id, body, Vec::new(), None).await {
                failed.try_set(Some(t.record_error(&error)));
                working.try_set(false);
            }
        });
    });
    let lines = invoice.allocations.clone();
    view! {
        <section class="card stack" data-testid="double" data-number=invoice.number.to_string()>
            <div class="row">
                <span class="stack tight"><a class="strong" href=client_path(&dossier.client.code)>{dossier.client.name.clone()}</a><span class="small muted">{invoice.number.to_string()}</span></span>
                <span class="right"><span class="small muted">{t.invoice_open()}</span><br /><span class="num strong">{money(invoice.open())}</span></span>
            </div>
            <dl class="facts">
                <dt>{t.amount_gross()}</dt><dd class="num">{money(invoice.gross)}</dd>
                <dt>{t.amount_settled()}</dt><dd class="num">{money(invoice.settled)}</dd>
                {lines.into_iter().map(|line| view! {
                    <dt>{t.field_payment()}</dt>
                    <dd><span class="num strong">{money(line.amount)}</span>" · "{line.receipt.to_string()}" · "{t.date(line.date)}</dd>
                }.into_any()).collect_view()}
            </dl>
            <TextField id=["double-comment-", invoice.number.as_str()].concat() label=t.double_comment() bind=(comment.into(), comment.into()) />
            {move || failed.get().map(|message| view! { <Notice tone="danger"><p>{message}</p></Notice> }.into_any())}
            <div class="pair">
                <button type="button" class="btn" data-testid="double-same" disabled=working on:click=move |_| decide.run(DoubleDecision::SameMoney)>{t.double_same()}</button>
                <button type="button" class="btn" data-testid="double-two" disabled=working on:click=move |_| decide.run(DoubleDecision::TwoPayments)>{t.double_two()}</button>
            </div>
        </section>
    }
}
