//! The office's pages: a part of the program of its own, fetched when one of them is first opened, so that a collector's
//! device starts without it (docs/decisions/0002-build.md).

use super::{activity, attention, balance, data, devices, reports};
use crate::browser::clock;
use crate::components::{Busy, Notice, Page, live};
use crate::locales::use_texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// A page of the office.
#[derive(Clone, Copy)]
pub enum OfficePage {
    Activity,
    Attention,
    Balance,
    Data,
    Devices,
    Doubles,
    Edits,
    Exports,
    Import,
    Reports,
}

type Draw = fn() -> AnyView;

/// What draws the page. Everything reached from here alone is in the office's part of the program.
#[wasm_split(office, fallible, preload(fetch))]
fn draws(page: OfficePage) -> Result<Draw, SplitLoaderError> {
    Ok(match page {
        OfficePage::Activity => || view! { <activity::ActivityPage /> }.into_any(),
        OfficePage::Attention => || view! { <attention::AttentionPage /> }.into_any(),
        OfficePage::Balance => || view! { <balance::BalancePage /> }.into_any(),
        OfficePage::Data => || view! { <data::DataPage /> }.into_any(),
        OfficePage::Devices => || view! { <devices::DevicesPage /> }.into_any(),
        OfficePage::Doubles => || view! { <data::doubles::DoublesPage /> }.into_any(),
        OfficePage::Edits => || view! { <data::edits::EditsPage /> }.into_any(),
        OfficePage::Exports => || view! { <data::exports::ExportsPage /> }.into_any(),
        OfficePage::Import => || view! { <data::import::ImportPage /> }.into_any(),
        OfficePage::Reports => || view! { <reports::ReportsPage /> }.into_any(),
    })
}

/// Fetches the office's part when nothing else is to do, so that its first page opens at once.
pub fn fetch_when_idle() {
    spawn_local(async {
        clock::idle().await;
        // The page that needs it says so when it is not there.
        let _fetched = fetch().await;
    });
}

/// How far the office's part of the program is.
#[derive(Clone, Copy)]
enum Part {
    Loading,
    Missing,
    Here(Draw),
}

/// One page of the office, once its part of the program is here.
#[component]
pub fn Office(page: OfficePage) -> impl IntoView {
    let t = use_texts();
    let part = RwSignal::new(Part::Loading);
    let load = move || {
        spawn_local(async move {
            let found = draws(page).await;
            // The page may have been left meanwhile.
            let _ = part.try_set(found.map_or(Part::Missing, Part::Here));
        });
    };
    load();
    live(move || {
        match part.get() {
        Part::Here(draw) => draw(),
        Part::Loading => view! { <Page title=t.loading()><Busy label=t.loading() /></Page> }.into_any(),
        Part::Missing => view! {
            <Page title=t.part_missing()>
                <Notice tone="warn" testid="part-missing"><p>{t.part_missing_advice()}</p></Notice>
                <button type="button" class="primary" on:click=move |_| { part.set(Part::Loading); load(); }>{t.retry()}</button>
            </Page>
        }
        .into_any(),
    }
    })
}
