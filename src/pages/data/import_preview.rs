//! What the import will do: counts, every bad row, changed amounts, unknown collectors, possible doubles.

use crate::components::{AmountChange, TextField};
use crate::locales::{Texts, use_texts};
use crate::pages::common::{use_currency, use_portfolio};
use crate::pages::word::word_of;
use leptos::prelude::*;
use std::sync::Arc;
use tournee_documents::ledger::{ImportOptions, ImportPreview, UnknownPortfolio, Why};
use tournee_domain::id::PortfolioCode;
use tournee_domain::order;

/// Bad rows drawn; the office's own program lists them all (`tournee-server import --dry-run --json`).
const BAD_ROWS_MAX: usize = 500;

/// How much goes in, and how much does not.
#[component]
pub fn Counts(preview: Arc<ImportPreview>) -> impl IntoView {
    let t = use_texts();
    let currency = use_currency();
    let count = move |n: u32| t.integer(n as usize);
    let bad = preview.bad_rows.len() + preview.bad_client_rows.len();
    let kpi = |label: &'static str, value: String, hint: String, testid: &'static str| {
        view! {
            <div class="card kpi"><p class="small muted">{label}</p><p class="value num" data-testid=testid>{value}</p><p class="small muted">{hint}</p></div>
        }
    };
    view! {
        <div class="kpis" data-testid="import-preview">
            {kpi(t.import_good_invoices(), count(preview.invoices_good), t.import_split(&count(preview.created), &count(preview.updated), &count(preview.unchanged)), "import-invoices-good")}
            {kpi(t.import_good_clients(), count(preview.clients_good), t.import_split_clients(&count(preview.clients_created), &count(preview.clients_updated), &count(preview.clients_unchanged)), "import-clients-good")}
            {kpi(t.import_bad(), t.integer(bad), t.import_bad_hint().to_owned(), "import-bad-count")}
            {kpi(t.import_open_after(), t.amount(preview.open_total, currency), t.symbol(currency).to_owned(), "import-open-after")}
        </div>
    }
}

/// What needs a look before the import goes in.
#[component]
pub fn Preview(
    preview: Arc<ImportPreview>,
    options: RwSignal<ImportOptions>,
    on_change: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let currency = use_currency();
    view! {
        <ul class="card stack">
            <li>{t.import_derived(preview.derived_due.len())}</li>
            {(preview.settled_missing > 0).then(|| view! { <li class="strong" data-testid="import-settled-missing">{t.import_settled_missing(preview.settled_missing as usize)}</li> }.into_any())}
            {(!preview.flagged_possible_double.is_empty()).then(|| view! {
                <li data-testid="import-doubles"><span class="strong">{t.import_doubles(preview.flagged_possible_double.len())}</span>" "<span class="small muted wrap">{preview.flagged_possible_double.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")}</span></li>
            }.into_any())}
        </ul>
        {(!preview.unknown_portfolios.is_empty()).then(|| view! { <Portfolios unknown=preview.unknown_portfolios.clone() options=options on_change=on_change /> }.into_any())}
        {(!preview.changed_gross.is_empty()).then(|| view! {
            <section class="card stack" data-testid="import-changed-gross" aria-label=t.import_changed_gross()>
                <h2>{t.import_changed_gross()}</h2>
                <p class="small muted">{t.import_changed_gross_hint()}</p>
                {preview.changed_gross.iter().map(|change| view! { <AmountChange name=change.invoice.to_string() from=t.money(change.from, currency) to=t.money(change.to, currency) /> }.into_any()).collect_view()}
            </section>
        }.into_any())}
        <BadRows preview=preview.clone() />
    }
}

#[component]
fn BadRows(preview: Arc<ImportPreview>) -> impl IntoView {
    let t = use_texts();
    let clients = preview.bad_client_rows.iter().map(|row| {
        (
            t.nav_clients(),
            row.line,
            row.code.clone(),
            row.column.clone(),
            row.why,
        )
    });
    let invoices = preview.bad_rows.iter().map(|row| {
        (
            t.invoices_word(),
            row.line,
            row.piece.clone(),
            row.column.clone(),
            row.why,
        )
    });
    let rows: Vec<_> = clients.chain(invoices).collect();
    if rows.is_empty() {
        return view! { <p class="card muted">{t.import_no_bad()}</p> }.into_any();
    }
    let total = rows.len();
    view! {
        <section class="card card-flush">
            <div class="pad stack tight"><h2>{t.import_bad_rows()}</h2><p class="small muted">{t.import_bad_rows_hint()}</p></div>
            <div class="table-scroll" tabindex="0" role="region" aria-label=t.import_bad_rows()>
                <table data-testid="import-bad-rows">
                    <thead><tr>
                        <th scope="col" class="text">{t.import_file()}</th>
                        <th scope="col">{t.import_line()}</th>
                        <th scope="col" class="text">{t.import_piece()}</th>
                        <th scope="col" class="text">{t.import_column()}</th>
                        <th scope="col" class="text">{t.import_why()}</th>
                    </tr></thead>
                    <tbody>
                        {rows
                            .into_iter()
                            .take(BAD_ROWS_MAX)
                            .map(|(file, line, piece, column, why)| view! {
                                <tr data-testid="import-bad-row" data-line=line.to_string() data-why=word_of(&why)>
                                    <td class="text">{file}</td><td class="num">{line}</td><td class="text strong">{piece}</td><td class="text">{column}</td><td class="text">{t.why(why)}</td>
                                </tr>
                            }.into_any())
                            .collect_view()}
                    </tbody>
                </table>
            </div>
            {(total > BAD_ROWS_MAX).then(|| view! { <p class="pad small muted">{t.import_bad_more(total - BAD_ROWS_MAX)}</p> }.into_any())}
        </section>
    }
    .into_any()
}

/// Collector codes no user carries: to whom their clients go.
#[component]
fn Portfolios(
    unknown: Vec<UnknownPortfolio>,
    options: RwSignal<ImportOptions>,
    on_change: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let rows = use_portfolio().rows();
    let codes = rows.iter().filter_map(|row| row.summary.portfolio.as_ref());
    let known = order::set_of(codes.map(ToString::to_string));
    view! {
        <section class="card stack attention" data-testid="import-portfolios" aria-label=t.import_portfolios()>
            <h2>{t.import_portfolios()}</h2>
            <p class="small muted">{t.import_portfolios_hint()}</p>
            {unknown
                .into_iter()
                .map(|portfolio| {
                    let code = portfolio.code.clone();
                    let (read, write) = (code.clone(), code.clone());
                    let typed = RwSignal::new(options.with_untracked(|options| options.portfolio_map.get(&read).map(ToString::to_string).unwrap_or_default()));
                    let apply = move |_| {
                        let text = typed.get_untracked();
                        let target = PortfolioCode::new(&text);
                        options.update(|options| {
                            if target.as_str().is_empty() {
                                options.portfolio_map.remove(&write);
                            } else {
                                options.portfolio_map.insert(write.clone(), target);
                            }
                        });
                        on_change.run(());
                    };
                    view! {
                        <div class="row start flow end">
                            <TextField id=["import-portfolio-", code.as_str()].concat() label=t.import_portfolio(code.as_str(), &portfolio.clients.to_string()) bind=(typed.into(), typed.into()) suggestions=known.iter().cloned().collect() />
                            <button type="button" class="btn" on:click=apply>{t.import_portfolio_apply()}</button>
                        </div>
                    }
                })
                .collect_view()}
        </section>
    }
}

impl Texts {
    pub fn why(self, why: Why) -> &'static str {
        match why {
            Why::TooFewColumns => self.why_too_few_columns(),
            Why::CellTooLong => self.why_cell_too_long(),
            Why::Empty => self.why_empty(),
            Why::NumberRepeated => self.why_number_repeated(),
            Why::CodeRepeated => self.why_code_repeated(),
            Why::UnknownClient => self.why_unknown_client(),
            Why::UnknownType => self.why_unknown_type(),
            Why::UnknownCurrency => self.why_unknown_currency(),
            Why::InvalidDate => self.why_invalid_date(),
            Why::UnknownTerms => self.why_unknown_terms(),
            Why::NotANumber => self.why_not_a_number(),
            Why::NoSubunit => self.why_no_subunit(),
            Why::TooFine => self.why_too_fine(),
            Why::TooLong => self.why_too_long(),
            Why::GrossNotNetPlusVat => self.why_gross(),
            Why::SignAgainstType => self.why_sign(),
            Why::NeitherYesNorNo => self.why_yes_no(),
        }
    }
}
