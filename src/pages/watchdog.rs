//! What must be seen on every screen: facts that wait too long, and facts that were lost before they left (SYNC 39, 40).

use super::sync::RescueButton;
use crate::components::{Notice, live};
use crate::locales::{Texts, use_texts};
use crate::state::{SyncError, SyncStatus, Unsent, use_app};
use leptos::prelude::*;

/// Waiting for so long, a fact is an alarm (SYNC 39).
pub const ALARM_MINUTES: u32 = 24 * 60;
/// Waiting for so long, it had better leave as a file (SYNC 40).
const RESCUE_MINUTES: u32 = 48 * 60;
/// The alarm comes back after so long.
const HIDDEN_MINUTES: u32 = 60;

/// The alarm, and how pressing it is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Alarm {
    facts: usize,
    age_minutes: u32,
    /// A file is the way out now.
    rescue: bool,
    storage_is_sick: bool,
}

impl Alarm {
    fn of(status: &SyncStatus) -> Option<Self> {
        let age_minutes = status.oldest_age_minutes?;
        let storage_is_sick =
            status.storage_full || matches!(status.last_error, Some(SyncError::Storage(_)));
        let rescue = storage_is_sick || age_minutes >= RESCUE_MINUTES;
        (rescue || age_minutes >= ALARM_MINUTES).then_some(Self {
            facts: status.waiting as usize,
            age_minutes,
            rescue,
            storage_is_sick,
        })
    }
}

/// The banner over every page while a fact waits too long. It can be put off, not away.
#[component]
pub fn Watchdog(
    /// Age of the oldest fact until which the banner is put off.
    hidden_until_minutes: RwSignal<u32>,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let alarm = Memo::new(move |_| app.sync().with(Alarm::of));
    live(move || {
        let alarm = alarm.get()?;
        let age = alarm.age_minutes;
        if age < hidden_until_minutes.get() {
            return None;
        }
        let advice = match (alarm.storage_is_sick, alarm.rescue) {
            (true, _) => t.watchdog_storage(),
            (false, true) => t.watchdog_rescue(),
            (false, false) => t.watchdog_advice(),
        };
        Some(view! {
            <Notice tone="danger" testid="watchdog">
                <p class="strong">{t.watchdog_title(alarm.facts, &t.age(age))}</p>
                <p>{advice}</p>
                {alarm.rescue.then(|| view! { <RescueButton /> }.into_any())}
                <p>
                    <button type="button" class="btn" data-testid="watchdog-later" on:click=move |_| hidden_until_minutes.set(age + HIDDEN_MINUTES)>
                        {t.watchdog_later()}
                    </button>
                </p>
            </Notice>
        })
    })
}

/// What this device lost, until somebody has taken note.
#[component]
pub fn Losses() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let lost = Memo::new(move |_| app.sync().with(|status| status.lost.clone()));
    live(move || {
        let lost = lost.get();
        (!lost.is_empty()).then(|| view! {
            {lost.into_iter().map(|unsent| view! { <Lost unsent=unsent /> }.into_any()).collect_view()}
            <button type="button" class="btn wide" data-testid="lost-noted" on:click=move |_| app.note_losses()>{t.lost_noted()}</button>
        }.into_any())
    })
}

/// What one device of one person had not sent when its data were cleared: what the paper receipts say.
#[component]
pub fn Lost(unsent: Unsent) -> impl IntoView {
    let t = use_texts();
    let others = (unsent.facts as usize).saturating_sub(unsent.payments.len());
    let whose = [
        unsent.name.as_str(),
        " · ",
        &unsent.device_label,
        "-E",
        &unsent.epoch.to_string(),
    ]
    .concat();
    view! {
        <Notice tone="danger" testid="lost">
            <p class="strong">{t.lost_title(unsent.facts as usize)}</p>
            <p class="small">{whose}</p>
            <ul>
                {unsent
                    .payments
                    .into_iter()
                    .map(|payment| view! {
                        <li><span class="wrap">{payment.receipt.to_string()}</span>" · "<span class="num strong">{t.money(payment.amount, payment.currency)}</span></li>
                    }.into_any())
                    .collect_view()}
                {(others > 0).then(|| view! { <li>{t.lost_others(others)}</li> }.into_any())}
            </ul>
            <p>{t.lost_advice()}</p>
        </Notice>
    }
}

impl Texts {
    /// How long something has lasted, in its largest whole unit: `5 min`, `3 h`, `2 j`.
    pub fn age(self, minutes: u32) -> String {
        const HOUR: u32 = 60;
        const DAY: u32 = 24 * HOUR;
        match minutes {
            0..HOUR => self.age_minutes(&minutes.max(1).to_string()),
            HOUR..DAY => self.age_hours(&(minutes / HOUR).to_string()),
            _ => self.age_days(&(minutes / DAY).to_string()),
        }
    }
}
