//! The office's pages: a part of the program that a collector's device does not start with.

use super::looked_after::LookedAfter;
use super::part::{Draw, Part};
use super::{activity, attention, balance, data, devices, reports};
use leptos::prelude::*;
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
    /// Nothing to see: asks for what [`LookedAfter`] holds, for as long as the shell stands.
    LookAfter,
}

pub static OFFICE: Part<OfficePage> = Part::new(|| Box::pin(office()));

/// Everything reached from here alone is in the office's part of the program.
#[wasm_split(office, fallible)]
fn office() -> Result<Draw<OfficePage>, SplitLoaderError> {
    Ok(|page| match page {
        OfficePage::Activity => view! { <activity::ActivityPage /> }.into_any(),
        OfficePage::Attention => view! { <attention::AttentionPage /> }.into_any(),
        OfficePage::Balance => view! { <balance::BalancePage /> }.into_any(),
        OfficePage::Data => view! { <data::DataPage /> }.into_any(),
        OfficePage::Devices => view! { <devices::DevicesPage /> }.into_any(),
        OfficePage::Doubles => view! { <data::doubles::DoublesPage /> }.into_any(),
        OfficePage::Edits => view! { <data::edits::EditsPage /> }.into_any(),
        OfficePage::Exports => view! { <data::exports::ExportsPage /> }.into_any(),
        OfficePage::Import => view! { <data::import::ImportPage /> }.into_any(),
        OfficePage::LookAfter => {
            expect_context::<LookedAfter>().ask();
            ().into_any()
        }
        OfficePage::Reports => view! { <reports::ReportsPage /> }.into_any(),
    })
}
