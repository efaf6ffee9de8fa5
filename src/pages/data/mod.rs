//! The ledger's ways in and out: imports, exports, possible doubles.

pub mod doubles;
pub mod edits;
pub mod exports;
pub mod import;
mod import_options;
mod import_preview;

use super::activity::OfficeTrouble;
use super::common::loaded;
use crate::components::{Busy, Empty, Icon, Page, Sign};
use crate::locales::use_texts;
use crate::state::use_app;
use chrono::{DateTime, FixedOffset};
use leptos::prelude::*;

/// Milliseconds since 1970 in the organisation's time.
pub fn local(app: crate::state::App, ms: i64) -> DateTime<FixedOffset> {
    let now = app.now();
    DateTime::from_timestamp_millis(ms).map_or(now, |at| at.with_timezone(now.offset()))
}

#[component]
pub fn DataPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let imports = loaded(move || {
        app.revision().track();
        async move { app.imports().await }
    });
    let portfolio = super::common::use_portfolio();
    let doubles = Signal::derive(move || {
        t.data_doubles_hint(
            portfolio
                .rows()
                .iter()
                .filter(|row| row.summary.possible_double)
                .count(),
        )
    });
    let edits = Signal::derive(move || {
        let rows = portfolio.rows();
        t.edits_hint(rows.iter().filter(|row| row.summary.edit_proposed).count())
    });
    let place = |href: &'static str,
                 sign: Sign,
                 title: &'static str,
                 hint: Signal<String>,
                 testid: &'static str| {
        view! {
            <a class="item row center" href=href data-testid=testid>
                <span class="row center start"><Icon sign=sign /><span class="stack tight"><span class="strong">{title}</span><span class="small muted">{hint}</span></span></span>
            </a>
        }
    };
    view! {
        <Page title=t.nav_data() subtitle=t.data_subtitle()>
            <section class="card card-list" aria-label=t.nav_data()>
                {place("/data/import", Sign::Upload, t.data_import(), Signal::stored(t.data_import_hint().to_owned()), "data-import")}
                {place("/data/exports", Sign::Download, t.data_exports(), Signal::stored(t.data_exports_hint().to_owned()), "data-exports")}
                {place("/data/doubles", Sign::Warning, t.nav_doubles(), doubles, "data-doubles")}
                {place("/data/edits", Sign::Pen, t.edits_title(), edits, "data-edits")}
            </section>
            <h2>{t.imports_history()}</h2>
            {move || match imports.get() {
                None => view! { <Busy label=t.loading() /> }.into_any(),
                Some(Err(error)) => view! { <OfficeTrouble error=error /> }.into_any(),
                Some(Ok(entries)) if entries.is_empty() => view! {
                    <Empty sign=Sign::Data title=t.imports_none() advice=t.imports_none_advice()><a class="btn primary" href="/data/import">{t.data_import()}</a></Empty>
                }.into_any(),
                Some(Ok(entries)) => view! {
                    <section class="card card-list" aria-label=t.imports_history() data-testid="imports-history">
                        {entries
                            .into_iter()
                            .map(|entry| view! {
                                <div class="stack tight">
                                    <span class="row"><span class="strong">{t.fact_import(&t.date(entry.statement_date))}</span><span class="small muted num">{t.date_time(local(app, entry.committed_at_ms))}</span></span>
                                    <span class="small muted">{t.import_entry(&t.integer(entry.clients as usize), &t.integer(entry.invoices as usize), &entry.author)}</span>
                                    <span class="small muted wrap">{entry.files.join(", ")}</span>
                                    {entry.complete.then(|| view! { <span class="chips"><span class="chip">{t.import_was_complete()}</span></span> })}
                                </div>
                            })
                            .collect_view()}
                    </section>
                }.into_any(),
            }}
        </Page>
    }
}
