//! What is still to be signed or brought back, invoice by invoice.

use crate::components::{Empty, Icon, Sign};
use crate::locales::use_texts;
use crate::pages::common::{paper_path, use_me};
use crate::pages::labels::{discharge_missing, slip_missing};
use leptos::prelude::*;
use std::sync::Arc;
use tournee_domain::Dossier;
use tournee_domain::dossier::{DischargeState, Invoice, SlipState};

fn wanted(invoice: &Invoice) -> bool {
    // A settled invoice no longer needs its discharge to be paid.
    !invoice.open().is_zero() && (discharge_missing(invoice) || slip_missing(invoice))
}

/// Papers to obtain from this client.
pub fn missing(dossier: &Dossier) -> usize {
    let papers = |invoice: &Invoice| {
        usize::from(discharge_missing(invoice)) + usize::from(slip_missing(invoice))
    };
    dossier
        .invoices
        .iter()
        .filter(|invoice| wanted(invoice))
        .map(papers)
        .sum()
}

#[component]
pub fn Papers(dossier: Arc<Dossier>, choose: Callback<String>) -> impl IntoView {
    let t = use_texts();
    let records = use_me().user.role.records();
    let code = dossier.client.code.clone();
    let list: Vec<Invoice> = dossier
        .invoices
        .iter()
        .filter(|invoice| wanted(invoice))
        .cloned()
        .collect();
    if list.is_empty() {
        return view! { <Empty sign=Sign::Paper title=t.papers_none() advice=t.papers_none_advice() /> }.into_any();
    }
    view! {
        <section class="card card-list" aria-label=t.papers_to_obtain()>
            {list
                .into_iter()
                .map(|invoice| {
                    let number = invoice.number.to_string();
                    let chosen = number.clone();
                    let refused = match &invoice.discharge {
                        DischargeState::Refused { reason, .. } => Some(reason.clone()),
                        _ => None,
                    };
                    let slip = match &invoice.slip {
                        SlipState::Expected { slip } => Some(slip.clone()),
                        _ => None,
                    };
                    let discharge = discharge_missing(&invoice);
                    let code = code.clone();
                    view! {
                        <div class="stack">
                            <div class="row">
                                <button type="button" class="btn quiet" on:click=move |_| choose.run(chosen.clone())>{number}</button>
                                <span class="num strong">{t.money(invoice.open(), invoice.currency)}</span>
                            </div>
                            {refused.map(|reason| view! { <p class="small danger">{t.discharge_refused()}" : "{reason}</p> }.into_any())}
                            <div class="row start flow">
                                {(discharge && records).then(|| view! {
                                    <a class="btn" href=paper_path(&code, &invoice.number, "discharge") data-testid="paper-discharge-open"><Icon sign=Sign::Paper small=true />{t.discharge_get()}</a>
                                }.into_any())}
                                {slip.map(|slip| view! {
                                    <a class="btn" href=paper_path(&code, &invoice.number, "slip") data-testid="paper-slip-open"><Icon sign=Sign::Slip small=true />{t.slip_get_named(&t.slip_name(&slip))}</a>
                                }.into_any())}
                            </div>
                        </div>
                    }
                })
                .collect_view()}
        </section>
    }
    .into_any()
}
