//! Corrections of client files that wait for the office's word (PRODUCT A6).

use crate::components::{Empty, Page, Sign, back_to};
use crate::locales::use_texts;
use crate::pages::common::{StoreTrouble, Waiting, client_path, loaded};
use crate::pages::proposals::Proposal;
use crate::state::use_app;
use leptos::prelude::*;
use std::sync::Arc;
use tournee_domain::Dossier;

#[component]
pub fn EditsPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let found = loaded(move || {
        app.revision().track();
        async move { app.dossiers_where(|summary| summary.edit_proposed).await }
    });
    let card = move |dossier: Arc<Dossier>| {
        let client = dossier.client.clone();
        view! {
            <h2 class="small"><a href=client_path(&client.code)>{client.name.clone()}</a></h2>
            {dossier
                .proposals
                .iter()
                .map(|proposal| view! { <Proposal client=client.clone() proposal=proposal.clone() /> }.into_any())
                .collect_view()}
        }
    };
    view! {
        <Page title=t.edits_title() back=back_to("/data")>
            <p class="muted prose">{t.edits_explained()}</p>
            {move || match found.get() {
                None => view! { <Waiting /> }.into_any(),
                Some(Err(error)) => view! { <StoreTrouble error=error /> }.into_any(),
                Some(Ok(dossiers)) if dossiers.is_empty() => view! { <Empty sign=Sign::Check title=t.edits_none() advice=t.edits_none_advice() /> }.into_any(),
                Some(Ok(dossiers)) => dossiers.into_iter().map(card).collect_view().into_any(),
            }}
        </Page>
    }
}
