//! The end of the day: what this device took since its last closing, said once and for all (SYNC 32, PRODUCT N3).

use crate::components::{Icon, Notice, Sign};
use crate::locales::use_texts;
use crate::pages::common::loaded;
use crate::state::{OwnFact, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::FactBody;
use tournee_domain::fact::DayClosed;

/// Closings listed; earlier ones are in the journal.
const CLOSINGS_MAX: usize = 5;

/// Own closings, newest first, and the button for the next one.
#[component]
pub fn Closings(facts: Vec<OwnFact>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let next = loaded(move || {
        app.revision().track();
        async move { app.next_closing().await }
    });
    let working = RwSignal::new(false);
    let failed = RwSignal::new(None::<String>);
    let close = move |_| {
        if working.get_untracked() {
            return;
        }
        working.set(true);
        failed.set(None);
        let (id, date) = (app.new_fact_id(), app.today());
        let body = FactBody::DayClosed(DayClosed {
            date,
            ..DayClosed::default()
        });
        spawn_local(async move {
            if let Err(error) = app.record(id, body, Vec::new(), None).await {
                failed.try_set(Some(t.record_error(&error)));
            }
            working.try_set(false);
        });
    };
    let closed = facts.into_iter().filter_map(|fact| match fact.body {
        Ok(FactBody::DayClosed(closed)) => Some((fact.state, fact.recorded_at, closed)),
        _ => None,
    });
    let closed: Vec<_> = closed.take(CLOSINGS_MAX).collect();
    let lines = move |closing: DayClosed| {
        let totals = closing.totals.into_iter();
        totals
            .map(|(currency, total)| view! {
                <dl class="facts">
                    <dt>{t.closing_taken(total.payments as usize)}</dt><dd class="num strong">{t.money(total.amount, currency)}</dd>
                    {(total.reversals > 0).then(|| view! { <dt>{t.closing_reversals()}</dt><dd class="num">{total.reversals}</dd> }.into_any())}
                    <dt>{t.closing_perpetual()}</dt><dd class="num">{t.money(total.perpetual, currency)}</dd>
                </dl>
            }.into_any())
            .collect_view()
    };
    view! {
        <section class="card stack" aria-labelledby="closing-title" data-testid="closing">
            <h2 id="closing-title">{t.closing_title()}</h2>
            {move || next.get().flatten().map(|next| match next.receipts {
                Some(_) => view! {
                    {lines(next)}
                    <button type="button" class="btn wide" data-testid="close-day" disabled=working on:click=close>{t.closing_close()}</button>
                    <p class="small muted">{t.closing_explained()}</p>
                }.into_any(),
                None => view! { <p class="muted">{t.closing_nothing()}</p> }.into_any(),
            })}
            {move || failed.get().map(|message| view! { <Notice tone="danger"><p>{message}</p></Notice> }.into_any())}
            {closed
                .into_iter()
                .map(|(state, at, closing)| {
                    let (tone, words) = t.own_state(&state);
                    view! {
                        <div class="stack tight" data-testid="closed-day">
                            <span class="row center start"><Icon sign=Sign::Check small=true /><span class="strong">{t.fact_closed(&t.date(closing.date))}</span></span>
                            <span class="small muted num">{t.date_time(at)}</span>
                            {closing.receipts.map(|(first, last)| view! { <span class="small muted">{t.closing_receipts(&first.to_string(), &last.to_string())}</span> }.into_any())}
                            {lines(closing)}
                            <span class="chips"><span class=["chip ", tone].concat()>{words}</span></span>
                        </div>
                    }
                })
                .collect_view()}
        </section>
    }
}
