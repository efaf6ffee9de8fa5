//! Who the client is, as the ledger says: what every ledger knows, then what this one has in columns of its own.

use super::reach::Reach;
use crate::locales::use_texts;
use crate::pages::common::{use_currency, use_me};
use crate::pages::proposals::Proposal;
use leptos::prelude::*;
use std::sync::Arc;
use tournee_domain::Dossier;

#[component]
pub fn Infos(dossier: Arc<Dossier>, on_edit: Callback<()>) -> impl IntoView {
    let t = use_texts();
    let currency = use_currency();
    let records = use_me().user.role.records();
    let client = &dossier.client;
    let unknown = || t.unknown().to_owned();
    let or_unknown = |text: &str| {
        if text.is_empty() {
            unknown()
        } else {
            text.to_owned()
        }
    };
    let terms = client
        .terms
        .map_or_else(unknown, |terms| terms.label(t.language()));
    let limit = client.credit_limit.map_or_else(
        || t.limit_none().to_owned(),
        |limit| t.money(limit, currency),
    );
    let portfolio = client
        .portfolio
        .as_ref()
        .map_or_else(|| t.portfolio_none().to_owned(), ToString::to_string);
    let statement = dossier
        .statement_date
        .map_or_else(unknown, |date| t.date(date));
    view! {
        <section class="card">
            <dl class="facts">
                <dt>{t.client_code()}</dt><dd>{client.code.to_string()}</dd>
                <dt>{t.client_tax_id()}</dt><dd>{or_unknown(&client.tax_id)}</dd>
                <dt>{t.city()}</dt><dd>{or_unknown(&client.city)}</dd>
                <dt>{t.phone()}</dt><dd>{or_unknown(&client.phone)}</dd>
                <dt>{t.email()}</dt><dd>{or_unknown(&client.email)}</dd>
                <dt>{t.terms()}</dt><dd>{terms}</dd>
                <dt>{t.credit_limit()}</dt><dd class="num">{limit}</dd>
                <dt>{t.portfolio()}</dt><dd>{portfolio}</dd>
                <dt>{t.statement()}</dt><dd>{statement}</dd>
                {client.details.iter().map(|detail| view! {
                    <dt>{detail.name.clone()}</dt>
                    <dd>{match Reach::of(&detail.name, &detail.value) {
                        Some(reach) => view! { <a href=reach.href()>{detail.value.clone()}</a> }.into_any(),
                        None => detail.value.clone().into_any(),
                    }}</dd>
                }.into_any()).collect_view()}
            </dl>
        </section>
        {dossier
            .proposals
            .iter()
            .map(|proposal| view! { <Proposal client=client.clone() proposal=proposal.clone() /> }.into_any())
            .collect_view()}
        {records.then(|| view! {
            <button type="button" class="btn quiet" data-testid="edit-begin" on:click=move |_| on_edit.run(())>{t.edit_begin()}</button>
        }.into_any())}
    }
}
