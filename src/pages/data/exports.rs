//! Payments leave for the accounting package, each exactly once.

use crate::components::{Busy, Empty, Icon, Notice, Page, Sign};
use crate::locales::use_texts;
use crate::pages::activity::OfficeTrouble;
use crate::pages::common::{loaded, local, use_currency};
use crate::state::{OfficeError, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::Amount;

#[component]
pub fn ExportsPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let currency = use_currency();
    let again = RwSignal::new(0_u32);
    let history = loaded(move || {
        app.revision().track();
        again.track();
        async move { app.exports().await }
    });
    let waiting = loaded(move || {
        app.revision().track();
        again.track();
        async move {
            let dossiers = app.all_dossiers().await.ok()?;
            let payments = dossiers
                .iter()
                .flat_map(|dossier| &dossier.payments)
                .filter(|payment| !payment.exported);
            let (mut count, mut total) = (0_usize, Amount::ZERO);
            for payment in payments {
                count += 1;
                if payment.currency == currency {
                    total += payment.amount;
                }
            }
            Some((count, total))
        }
    });
    let working = RwSignal::new(false);
    let result = RwSignal::new(None::<Result<u32, OfficeError>>);
    let export = move |_| {
        if working.get_untracked() {
            return;
        }
        working.set(true);
        spawn_local(async move {
            let answer = app.export_payments().await;
            if let Ok(made) = &answer
                && made.payments > 0
            {
                // The same bytes stay in the history: a failed download is fetched again there.
                app.download(
                    &made.file_name,
                    "text/csv;charset=utf-8",
                    made.csv.as_bytes(),
                );
            }
            working.try_set(false);
            result.try_set(Some(answer.map(|made| made.payments)));
            again.try_update(|again| *again += 1);
            app.sync_now();
        });
    };
    view! {
        <Page title=t.data_exports() back=crate::components::back_to("/data")>
            <section class="card stack">
                <p class="small muted">{t.export_waiting()}</p>
                <p class="big num" data-testid="export-waiting">{move || match waiting.get() {
                    Some(Some((count, _))) => t.integer(count),
                    _ => "…".to_owned(),
                }}</p>
                <p class="num" data-testid="export-waiting-total">{move || match waiting.get() {
                    Some(Some((_, total))) => t.money(total, currency),
                    _ => String::new(),
                }}</p>
                <p class="small muted">{t.export_explained()}</p>
                <button type="button" class="btn primary wide tall" data-testid="export-run" aria-disabled=move || working.get().then_some("true") on:click=export>
                    {move || if working.get() { view! { <span class="spinner"></span> }.into_any() } else { view! { <Icon sign=Sign::Download /> }.into_any() }}
                    {t.export_run()}
                </button>
                {move || result.get().map(|result| match result {
                    Ok(0) => view! { <Notice testid="export-result"><p>{t.export_nothing()}</p></Notice> }.into_any(),
                    Ok(payments) => view! { <Notice tone="ok" testid="export-result"><p class="strong">{t.export_done(payments as usize)}</p></Notice> }.into_any(),
                    Err(error) => view! { <OfficeTrouble error=error /> }.into_any(),
                })}
            </section>
            <h2>{t.exports_history()}</h2>
            {move || match history.get() {
                None => view! { <Busy label=t.loading() /> }.into_any(),
                Some(Err(error)) => view! { <OfficeTrouble error=error /> }.into_any(),
                Some(Ok(entries)) if entries.is_empty() => view! { <Empty sign=Sign::Download title=t.exports_none() advice=t.exports_none_advice() /> }.into_any(),
                Some(Ok(entries)) => view! {
                    <section class="card card-list" aria-label=t.exports_history() data-testid="exports-history">
                        {entries
                            .into_iter()
                            .map(|entry| {
                                let address = ["/api/v1/exports/", &entry.id].concat();
                                view! {
                                    <div class="row center">
                                        <span class="stack tight">
                                            <span class="strong">{t.fact_exported(entry.payments as usize)}</span>
                                            <span class="small muted">{t.date_time(local(app, entry.exported_at_ms))}" · "{entry.author.clone()}</span>
                                            <span class="small muted wrap">{entry.file_name.clone()}</span>
                                        </span>
                                        <a class="btn" href=address download=entry.file_name.clone() rel="external" aria-label=t.export_again(&entry.file_name)><Icon sign=Sign::Download small=true /></a>
                                    </div>
                                }
                            })
                            .collect_view()}
                    </section>
                }.into_any(),
            }}
        </Page>
    }
}
