//! What was set aside: what it is, why, and what two people decide about it (SYNC 14, 16).

use super::activity::OfficeTrouble;
use super::common::{client_path, local, use_me};
use super::decide::{Decide, Decision, Question};
use super::devices::Refresh;
use super::looked_after::LookedAfter;
use crate::components::{Busy, Empty, Notice, Page, Rows, Sign};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use leptos::prelude::*;
use tournee_domain::dossier::EventKind;
use tournee_sync::enrol::Role;
use tournee_sync::office::{self, QuarantineEntry, QuarantineState};

#[component]
pub fn AttentionPage() -> impl IntoView {
    let t = use_texts();
    let looked_after = expect_context::<LookedAfter>();
    let quarantine = looked_after.quarantine;
    let role = use_me().user.role;
    let may = role.keeps_ledger() || role == Role::Administrator;
    let decision = Decision::new();
    let row = move |entry: &QuarantineEntry| {
        let entry = entry.clone();
        let said = (entry.state, &entry.releases, &entry.dismissals);
        let key = format!("{} {said:?}", entry.id);
        let draw = move || view! { <SetAside entry=entry.clone() may=may decision=decision /> };
        (key, ViewFn::from(draw))
    };
    let rows = Signal::derive(move || {
        quarantine.with(|entries| {
            let entries = match entries {
                Some(Ok(entries)) => entries.as_slice(),
                _ => &[],
            };
            let of = |open| {
                let is_open = |entry: &QuarantineEntry| entry.state == QuarantineState::Open;
                entries.iter().filter(move |entry| is_open(entry) == open)
            };
            [true, false].into_iter().flat_map(of).map(row).collect()
        })
    });
    view! {
        <Page title=t.nav_attention() subtitle=t.quarantine_subtitle()>
            <Refresh />
            {move || quarantine.with(|entries| match entries {
                None => view! { <Busy label=t.loading() /> }.into_any(),
                Some(Err(error)) => view! { <OfficeTrouble error=error.clone() /> }.into_any(),
                Some(Ok(entries)) if entries.is_empty() => view! { <Empty sign=Sign::Check title=t.quarantine_none() advice=t.quarantine_none_advice() /> }.into_any(),
                Some(Ok(_)) => ().into_any(),
            })}
            <Rows rows=rows />
            <Decide decision=decision on_done=move |_| looked_after.refresh() />
        </Page>
    }
}

#[component]
fn SetAside(entry: QuarantineEntry, may: bool, decision: Decision) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let me = use_me();
    let open = entry.state == QuarantineState::Open;
    let fact = entry.fact;
    let (title, receipt) = match &entry.event {
        Some(event) => (t.event_line(&event.what), receipt_of(&event.what)),
        None => ([t.fact_unreadable(), " · ", &fact.type_name].concat(), None),
    };
    let from = [fact.author.as_str(), " · ", &fact.device_label].concat();
    let client = entry.client.map(|code| {
        let name = if entry.client_name.is_empty() {
            code.to_string()
        } else {
            entry.client_name
        };
        view! { <a class="small" href=client_path(&code)>{name}</a> }
    });
    let said = |words: &'static str, said: &[office::Decision]| {
        let line = |said: &office::Decision| {
            let at = t.date_time(local(app, said.decided_at_ms));
            view! { <p class="small wrap">{[words, " · ", &said.name, " · ", &at, " · ", &said.reason].concat()}</p> }
        };
        said.iter().map(line).collect_view()
    };
    let decided = view! {
        {said(t.release_asked(), &entry.releases)}
        {said(t.dismiss_asked(), &entry.dismissals)}
    };
    let mine = |said: &[office::Decision]| said.iter().any(|said| said.name == me.user.name);
    let (mine_release, mine_dismiss) = (mine(&entry.releases), mine(&entry.dismissals));
    let half = !entry.releases.is_empty() || !entry.dismissals.is_empty();
    let (tone, state) = match entry.state {
        QuarantineState::Dismissed => ("", t.quarantine_dismissed()),
        QuarantineState::Released => ("ok", t.quarantine_released()),
        QuarantineState::Open if half => ("warn", t.quarantine_half()),
        QuarantineState::Open => ("warn", t.quarantine_open()),
    };
    let button = |verb: &str, title: &str, explained: &str, confirm: &'static str| {
        let question = Question {
            resource: ["quarantine/", &entry.id.to_string(), "/", verb].concat(),
            title: title.to_owned(),
            explained: explained.to_owned(),
            confirm,
            reason_needed: true,
            grave: verb == "dismiss",
        };
        view! { <button type="button" class="btn" aria-haspopup="dialog" data-testid=verb.to_owned() on:click=move |_| decision.ask(question.clone())>{confirm}</button> }
    };
    let never = entry
        .unreleasable
        .as_deref()
        .map(|word| t.never_released(word));
    let releasable = never.is_none() && !mine_release;
    let actions = (open && may).then(|| view! {
        {(mine_release || mine_dismiss).then(|| view! { <p class="small strong">{t.decide_other_person()}</p> }.into_any())}
        <div class="row start flow">
            {releasable.then(|| button("release", t.count_title(), t.count_explained(), t.count_it()))}
            {(!mine_dismiss).then(|| button("dismiss", t.dismiss_title(), t.dismiss_explained(), t.dismiss()))}
        </div>
    }.into_any());
    let details = [
        &t.date_time(local(app, fact.received_at_ms)),
        " · ",
        &fact.reason,
        " · ",
        &fact.detail,
    ]
    .concat();
    view! {
        <section class="card stack" data-testid="set-aside">
            <div class="row">
                <span class="stack tight grow"><span class="strong wrap">{title}</span>{receipt.map(|receipt| view! { <span class="small num">{t.receipt_n(&receipt)}</span> }.into_any())}<span class="small muted wrap">{from}</span>{client}</span>
                <span class=["chip ", tone].concat()>{state}</span>
            </div>
            <p>{t.set_aside_because(&fact.reason)}</p>
            {decided}
            {(open && never.is_some()).then(|| view! { <Notice><p>{never}</p></Notice> }.into_any())}
            {actions}
            <details><summary class="small">{t.broken_details()}</summary><p class="small muted wrap" lang="en">{details}</p></details>
        </section>
    }
}

fn receipt_of(event: &EventKind) -> Option<String> {
    match event {
        EventKind::Payment { receipt, .. } => Some(receipt.to_string()),
        _ => None,
    }
}

impl Texts {
    /// The office's word for why it was set aside, as a sentence.
    fn set_aside_because(self, word: &str) -> &'static str {
        match word {
            "unreadable_body" => self.quarantine_unreadable(),
            "fork" | "device_frozen" => self.quarantine_fork(),
            "post_revocation" => self.quarantine_revoked(),
            "bad_signature" | "hash_mismatch" => self.quarantine_signature(),
            "identity" | "role" => self.quarantine_role(),
            "not_own" => self.quarantine_not_own(),
            "receipt_taken" => self.quarantine_receipt(),
            _ => self.quarantine_other(),
        }
    }

    /// The office's word for why it can never count.
    fn never_released(self, word: &str) -> &'static str {
        match word {
            "unreadable" => self.never_unreadable(),
            "not_signed" | "other_identity" => self.never_not_signed(),
            "known_fact" => self.never_known(),
            _ => self.never_other(),
        }
    }
}
