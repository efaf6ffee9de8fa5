//! What a collector's device needs after the list of clients is on the screen: a part of the program that it does not start
//! with, and fetches at once after.

use super::part::{Draw, Part};
use super::watchdog::{Losses, Watchdog};
use super::{
    broken, cash, dossier, first_sync, more, papers, pay, pay_client, receipt, sign_in, sync, visit,
};
use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// A page of the field, or of any device.
#[derive(Clone, Copy)]
pub enum FieldPage {
    Broken,
    Cash,
    Discharge,
    Dossier,
    FirstSync,
    More,
    Pay,
    PayClient,
    Receipt,
    SignIn,
    Slip,
    Sync,
    Visit,
    /// What must be seen on every page: what waits too long, and what was lost.
    Warnings {
        hidden_until_minutes: RwSignal<u32>,
    },
}

pub static FIELD: Part<FieldPage> = Part::new(|| Box::pin(field()));

/// Everything reached from here alone is in the field's part of the program.
#[wasm_split(field, fallible)]
fn field() -> Result<Draw<FieldPage>, SplitLoaderError> {
    Ok(|page| match page {
        FieldPage::Broken => view! { <broken::Broken /> }.into_any(),
        FieldPage::Cash => view! { <cash::CashPage /> }.into_any(),
        FieldPage::Discharge => view! { <papers::DischargePage /> }.into_any(),
        FieldPage::Dossier => view! { <dossier::DossierPage /> }.into_any(),
        FieldPage::FirstSync => view! { <first_sync::FirstSync /> }.into_any(),
        FieldPage::More => view! { <more::MorePage /> }.into_any(),
        FieldPage::Pay => view! { <pay::PayPage /> }.into_any(),
        FieldPage::PayClient => view! { <pay_client::PayClient /> }.into_any(),
        FieldPage::Receipt => view! { <receipt::ReceiptPage /> }.into_any(),
        FieldPage::SignIn => view! { <sign_in::SignIn /> }.into_any(),
        FieldPage::Slip => view! { <papers::SlipPage /> }.into_any(),
        FieldPage::Sync => view! { <sync::SyncPage /> }.into_any(),
        FieldPage::Visit => view! { <visit::VisitPage /> }.into_any(),
        FieldPage::Warnings {
            hidden_until_minutes,
        } => view! {
            <Losses />
            <Watchdog hidden_until_minutes=hidden_until_minutes />
        }
        .into_any(),
    })
}
