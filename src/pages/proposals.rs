//! Proposals on one client file: everybody sees them, the office decides field by field (SYNC 31).

use crate::components::Notice;
use crate::locales::use_texts;
use crate::pages::common::use_me;
use crate::state::use_app;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::FactBody;
use tournee_domain::dossier::{Client, EditProposal};
use tournee_domain::fact::{ClientEditDecided, FieldChange};

#[component]
pub fn Proposal(client: Client, proposal: EditProposal) -> impl IntoView {
    let t = use_texts();
    let EditProposal {
        id,
        at,
        author,
        changes,
        comment,
    } = proposal;
    let client = StoredValue::new(client);
    view! {
        <section class="card stack" data-testid="proposal">
            <div class="row"><span class="strong">{t.edit_waiting(&author)}</span><span class="small muted num">{t.date_time(at)}</span></div>
            {(!comment.is_empty()).then(|| view! { <p class="wrap">{comment}</p> }.into_any())}
            {changes
                .into_iter()
                .map(|change| view! { <Change client=client proposal=id change=change /> }.into_any())
                .collect_view()}
        </section>
    }
}

#[component]
fn Change(
    client: StoredValue<Client>,
    proposal: tournee_domain::FactId,
    change: FieldChange,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let decides = use_me().user.role.keeps_ledger();
    let fact_id = app.new_fact_id();
    let working = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let now = client.with_value(|client| client.field(&change.field).to_owned());
    let or_empty = |text: &str| match text {
        "" => t.edit_empty().to_owned(),
        text => text.to_owned(),
    };
    let stale = (now != change.from).then(|| t.edit_stale(&or_empty(&now)));
    let field = change.field.clone();
    let decide = Callback::new(move |accept: bool| {
        if working.get_untracked() {
            return;
        }
        working.set(true);
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        let side = if accept { &mut accepted } else { &mut refused };
        side.push(field.clone());
        let body = FactBody::ClientEditDecided(ClientEditDecided {
            client: client.with_value(|client| client.code.clone()),
            proposal,
            accepted,
            refused,
            comment: String::new(),
        });
        spawn_local(async move {
            if let Err(error) = app.record(fact_id, body, Vec::new(), None).await {
                failed.try_set(Some(t.record_error(&error)));
                working.try_set(false);
            }
        });
    });
    view! {
        <div class="stack tight" data-testid="proposed-change">
            <span class="small muted">{t.client_field(&change.field)}</span>
            <span class="wrap"><s class="muted">{or_empty(&change.from)}</s></span>
            <span class="wrap strong">{or_empty(&change.to)}</span>
            {stale.map(|stale| view! { <span class="small chip warn">{stale}</span> }.into_any())}
            {decides.then(|| view! {
                <div class="pair">
                    <button type="button" class="btn" data-testid="edit-accept" disabled=working on:click=move |_| decide.run(true)>{t.edit_accept()}</button>
                    <button type="button" class="btn" data-testid="edit-refuse" disabled=working on:click=move |_| decide.run(false)>{t.edit_refuse()}</button>
                </div>
            }.into_any())}
            {move || failed.get().map(|message| view! { <Notice tone="danger"><p>{message}</p></Notice> }.into_any())}
        </div>
    }
}
