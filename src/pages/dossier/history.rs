//! Everything that happened with this client, newest first.

use crate::components::{Empty, EventLine, Sign};
use crate::locales::use_texts;
use crate::pages::common::receipt_path;
use crate::pages::labels::event_sign;
use leptos::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use tournee_domain::dossier::EventKind;
use tournee_domain::fact::DischargeOutcome;
use tournee_domain::{Dossier, FactId};

#[component]
pub fn History(dossier: Arc<Dossier>, pending: Memo<BTreeSet<FactId>>) -> impl IntoView {
    let t = use_texts();
    if dossier.events.is_empty() {
        return view! { <Empty sign=Sign::Clock title=t.history_none() advice=t.history_none_advice() /> }.into_any();
    }
    let code = dossier.client.code.clone();
    view! {
        <ul class="card card-list timeline" aria-label=t.tab_history()>
            {dossier
                .events
                .clone()
                .into_iter()
                .map(|event| {
                    let id = event.id;
                    let meta = [t.date_time(event.at).as_str(), " · ", &event.author].concat();
                    let receipt = match &event.what {
                        EventKind::Payment { receipt, .. } => Some((receipt.to_string(), receipt_path(&code, id))),
                        _ => None,
                    };
                    let attachments = event.attachments.clone();
                    view! {
                        <EventLine sign=event_sign(&event.what) title=t.event_line(&event.what) meta=meta>
                            {move || pending.with(|pending| pending.contains(&id)).then(|| view! { <div class="chips"><span class="chip wait">{t.state_waiting()}</span></div> }.into_any())}
                            <EventDetail what=event.what.clone() />
                            {receipt.map(|(number, path)| view! { <a class="small" href=path>{t.receipt_n(&number)}</a> }.into_any())}
                            <crate::pages::activity::Attachments attachments=attachments />
                        </EventLine>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}

/// What one event says beyond its title.
#[component]
pub fn EventDetail(what: EventKind) -> impl IntoView {
    let t = use_texts();
    let line = |text: String| view! { <p class="small wrap">{text}</p> };
    match what {
        EventKind::Visit {
            person_met,
            report,
            comments,
            next_action,
            ..
        } => {
            // The report says most of it: only what it leaves out is added.
            let left_out = |text: &str| !report.contains(text);
            let comments = comments
                .into_iter()
                .filter(|comment| left_out(&comment.text))
                .map(|comment| line([comment.invoice.as_str(), " : ", &comment.text].concat()))
                .collect_view();
            let next = next_action.filter(|next| left_out(&next.text)).map(|next| {
                let when = next
                    .due_date
                    .map(|date| [" · ", &t.date(date)].concat())
                    .unwrap_or_default();
                line([t.next_action(), " : ", &next.text, &when].concat())
            });
            let met = person_met
                .filter(|person| left_out(&person.name))
                .map(|person| line(t.met(&t.person(&person))));
            view! {
                {met}
                <p class="small wrap report">{report}</p>
                {comments}
                {next}
            }
            .into_any()
        }
        EventKind::ReceiptSigned {
            refusal: Some(reason),
            ..
        } => line(reason).into_any(),
        EventKind::Discharge {
            outcome: DischargeOutcome::Discharged { signer, stamped },
            ..
        } => {
            let stamp = if stamped {
                t.with_stamp()
            } else {
                t.without_stamp()
            };
            line([t.person(&signer).as_str(), " · ", stamp].concat()).into_any()
        }
        EventKind::Discharge {
            outcome: DischargeOutcome::Refused { reason },
            ..
        } => line(reason).into_any(),
        EventKind::SlipReturn {
            signer, reserves, ..
        } => {
            let reserves = (!reserves.is_empty()).then(|| line(t.reserves_said(&reserves)));
            view! { {line(t.person(&signer))} {reserves} }.into_any()
        }
        EventKind::PaymentRedated {
            reason,
            after_export,
            ..
        } => {
            let told = after_export.then(|| line(t.event_exported_before().to_owned()));
            view! { {line(reason)} {told} }.into_any()
        }
        EventKind::ChequeBounced { reason, .. } => line(reason).into_any(),
        EventKind::WithholdingAttested { number, .. } => line(number).into_any(),
        _ => ().into_any(),
    }
}
