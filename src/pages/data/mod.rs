//! The ledger's ways in and out: imports, exports, possible doubles.

pub mod doubles;
pub mod edits;
pub mod exports;
pub mod import;
mod import_options;
mod import_preview;
mod imports;

use crate::components::{Icon, Page, Sign};
use crate::locales::use_texts;
use leptos::prelude::*;

#[component]
pub fn DataPage() -> impl IntoView {
    let t = use_texts();
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
            <imports::Imports />
        </Page>
    }
}
