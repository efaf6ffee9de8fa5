//! What was found in the files, each with a way to say otherwise.

use crate::components::{Busy, Check, DateField, SelectField};
use crate::locales::{Texts, use_texts};
use crate::pages::word::{from_word, word_of};
use crate::state::ProblemDetails;
use leptos::prelude::*;
use std::sync::Arc;
use tournee_documents::ledger::{
    Encoding, Field, FileReport, ImportOptions, ImportPreview, Separator, TableOptions,
};
use tournee_domain::parse::{DateStyle, DecimalStyle};
use wasm_bindgen::JsCast;

/// Which of the two tables an option belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Clients,
    Invoices,
}

impl Table {
    fn of(self, options: &ImportOptions) -> &TableOptions {
        match self {
            Self::Clients => &options.clients,
            Self::Invoices => &options.invoices,
        }
    }

    fn of_mut(self, options: &mut ImportOptions) -> &mut TableOptions {
        match self {
            Self::Clients => &mut options.clients,
            Self::Invoices => &mut options.invoices,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Invoices => "invoices",
        }
    }

    fn fields(self) -> &'static [Field] {
        match self {
            Self::Clients => &[
                Field::Code,
                Field::Name,
                Field::TaxId,
                Field::City,
                Field::Phone,
                Field::Email,
                Field::Terms,
                Field::CreditLimit,
                Field::Portfolio,
                Field::Currency,
            ],
            Self::Invoices => &[
                Field::Number,
                Field::Kind,
                Field::Client,
                Field::Activity,
                Field::Currency,
                Field::InvoiceDate,
                Field::DueDate,
                Field::Net,
                Field::Vat,
                Field::Gross,
                Field::Settled,
                Field::Open,
                Field::PurchaseOrder,
                Field::Slip,
                Field::Discharge,
                Field::Receipts,
            ],
        }
    }
}

/// A choice as the value of a select; empty for none.
fn code<T: serde::Serialize>(value: Option<T>) -> String {
    value.as_ref().map(word_of).unwrap_or_default()
}

#[component]
pub fn StatementOptions(
    /// `None` only while the page changes.
    preview: Signal<Option<Arc<ImportPreview>>>,
    options: RwSignal<ImportOptions>,
    on_change: Callback<()>,
    working: RwSignal<bool>,
) -> impl IntoView {
    let t = use_texts();
    let date = move || {
        preview
            .get()
            .map(|preview| preview.statement_date.to_string())
            .unwrap_or_default()
    };
    let bind = (
        Signal::derive(move || {
            options
                .with(|options| options.statement_date.map(|date| date.to_string()))
                .unwrap_or_else(date)
        }),
        SignalSetter::map(move |text: String| {
            options.update(|options| options.statement_date = text.parse().ok());
            on_change.run(());
        }),
    );
    let proposed = move || {
        preview
            .get()
            .map(|preview| t.import_date_hint(&t.date(preview.proposed_statement_date)))
    };
    let has_invoices = preview.with_untracked(|preview| {
        preview
            .as_ref()
            .is_some_and(|preview| preview.files.invoices.is_some())
    });
    view! {
        <section class="card stack" aria-label=t.import_statement()>
            <div class="row center flow"><h2>{t.import_statement()}</h2>{move || working.get().then(|| view! { <Busy label=t.import_reading() /> }.into_any())}</div>
            <div class="import-files">
                <div class="field">
                    <DateField id="import-date" label=t.import_date() bind=bind />
                    <p class="small muted">{proposed}</p>
                </div>
                {has_invoices.then(|| view! {
                    <div class="field">
                        <Check id="import-complete" label=t.import_complete() checked=Signal::derive(move || options.with(|options| options.complete)) on_change=Callback::new(move |on| {
                            options.update(|options| options.complete = on);
                            on_change.run(());
                        }) />
                        <p class="small muted">{t.import_complete_hint()}</p>
                    </div>
                }.into_any())}
            </div>
        </section>
    }
}

/// What was found in each file.
#[component]
pub fn FileCards(
    preview: Arc<ImportPreview>,
    options: RwSignal<ImportOptions>,
    on_change: Callback<()>,
    /// Whether the choices of clients and invoices are unfolded; kept while the cards are drawn anew.
    unfolded: [RwSignal<bool>; 2],
) -> impl IntoView {
    view! {
        {preview.files.clients.clone().map(|report| view! { <FileCard table=Table::Clients report=report options=options on_change=on_change unfolded=unfolded[0] /> }.into_any())}
        {preview.files.invoices.clone().map(|report| view! { <FileCard table=Table::Invoices report=report options=options on_change=on_change unfolded=unfolded[1] /> }.into_any())}
    }
}

/// What was found in one file.
#[component]
fn FileCard(
    table: Table,
    report: FileReport,
    options: RwSignal<ImportOptions>,
    on_change: Callback<()>,
    unfolded: RwSignal<bool>,
) -> impl IntoView {
    let t = use_texts();
    let title = if table == Table::Clients {
        t.import_clients()
    } else {
        t.import_invoices()
    };
    let found = [
        report.encoding.to_string(),
        t.separator(report.separator).to_owned(),
        report
            .decimal_style
            .map(|style| t.decimal_style(style).to_owned())
            .unwrap_or_default(),
        report
            .date_style
            .map(|style| t.date_style(style).to_owned())
            .unwrap_or_default(),
    ];
    let found = found
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let rows = t.import_rows(report.rows as usize);
    let name = report.name.clone();
    view! {
        <section class="card stack" aria-label=title data-testid=["import-found-", table.name()].concat()>
            <div class="row flow">
                <span class="stack tight"><h2>{title}</h2><span class="small muted wrap">{name}" · "{rows}</span></span>
                <span class="small strong" data-testid=["import-detected-", table.name()].concat()>{found}</span>
            </div>
            <details open=unfolded.get_untracked() on:toggle=move |event| {
                let card = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
                unfolded.set(card.is_some_and(|card| card.has_attribute("open")));
            }>
                <summary class="btn" data-testid=["import-mapping-", table.name()].concat()>{t.import_change()}</summary>
                <div class="stack">
                    <StyleFields table=table options=options on_change=on_change />
                    <Mapping table=table report=report options=options on_change=on_change />
                </div>
            </details>
        </section>
    }
}

/// Encoding, separator, number and date style: found unless chosen.
#[component]
fn StyleFields(
    table: Table,
    options: RwSignal<ImportOptions>,
    on_change: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let found = || (String::new(), t.import_as_found().to_owned());
    let mut encodings = vec![found()];
    encodings.extend(
        Encoding::ALL
            .into_iter()
            .map(|encoding| (code(Some(encoding)), encoding.to_string())),
    );
    let mut separators = vec![found()];
    separators.extend(
        Separator::ALL
            .into_iter()
            .map(|separator| (code(Some(separator)), t.separator(separator).to_owned())),
    );
    let mut decimals = vec![found()];
    decimals.extend(
        [DecimalStyle::Comma, DecimalStyle::Dot]
            .into_iter()
            .map(|style| (code(Some(style)), t.decimal_style(style).to_owned())),
    );
    let mut dates = vec![found()];
    dates.extend(
        [
            DateStyle::DayFirst,
            DateStyle::MonthFirst,
            DateStyle::YearFirst,
        ]
        .into_iter()
        .map(|style| (code(Some(style)), t.date_style(style).to_owned())),
    );
    let bind = move |read: fn(&TableOptions) -> String, write: fn(&mut TableOptions, &str)| {
        (
            Signal::derive(move || options.with(|options| read(table.of(options)))),
            SignalSetter::map(move |text: String| {
                options.update(|options| write(table.of_mut(options), &text));
                on_change.run(());
            }),
        )
    };
    let id = move |what: &str| ["import-", table.name(), "-", what].concat();
    view! {
        <div class="import-files">
            <SelectField id=id("encoding") label=t.import_encoding() options=encodings bind=bind(|table| code(table.encoding), |table, text| table.encoding = from_word(text)) />
            <SelectField id=id("separator") label=t.import_separator() options=separators bind=bind(|table| code(table.separator), |table, text| table.separator = from_word(text)) />
            <SelectField id=id("decimals") label=t.import_decimals() options=decimals bind=bind(|table| code(table.decimal_style), |table, text| table.decimal_style = from_word(text)) />
            <SelectField id=id("dates") label=t.import_dates() options=dates bind=bind(|table| code(table.date_style), |table, text| table.date_style = from_word(text)) />
        </div>
    }
}

/// The file's columns with an example each, and what they hold.
#[component]
fn Mapping(
    table: Table,
    report: FileReport,
    options: RwSignal<ImportOptions>,
    on_change: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let sample = report.sample.first().cloned().unwrap_or_default();
    let choose = move |index: usize, known: Option<Field>, text: String| {
        options.update(|options| {
            let table = table.of_mut(options);
            table.columns.retain(|_, column| *column != index);
            match from_word::<Field>(&text) {
                Some(field) => {
                    table.without.remove(&field);
                    table.columns.insert(field, index);
                }
                None => {
                    if let Some(known) = known {
                        table.without.insert(known);
                    }
                }
            }
        });
        on_change.run(());
    };
    view! {
        <div class="table-scroll">
            <table class="mapping">
                <thead><tr><th scope="col" class="text">{t.import_heading()}</th><th scope="col" class="text">{t.import_example()}</th><th scope="col" class="text">{t.import_holds()}</th></tr></thead>
                <tbody>
                    {report
                        .columns
                        .into_iter()
                        .map(|column| {
                            let known = column.field;
                            let index = column.index;
                            let example = sample.get(index).cloned().unwrap_or_default();
                            let label = t.import_column_holds(&column.heading);
                            view! {
                                <tr>
                                    <th scope="row">{column.heading.clone()}</th>
                                    <td class="text">{example}</td>
                                    <td class="text">
                                        <select class="input" aria-label=label id=["import-column-", table.name(), "-", &index.to_string()].concat() data-testid=["import-column-", table.name(), "-", &index.to_string()].concat() on:change=move |event| choose(index, known, event_target_value(&event))>
                                            <option value="" selected=known.is_none()>{t.import_ignored()}</option>
                                            {table.fields().iter().map(|field| view! {
                                                <option value=code(Some(*field)) selected=known == Some(*field)>{t.field(*field)}</option>
                                            }.into_any()).collect_view()}
                                        </select>
                                    </td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// After a file was refused: the choice that may mend it, then again.
#[component]
pub fn FileErrorHelp(
    problem: ProblemDetails,
    options: RwSignal<ImportOptions>,
    on_change: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let table = match problem.field.as_deref() {
        Some("clients") => Table::Clients,
        Some("invoices") => Table::Invoices,
        _ => return ().into_any(),
    };
    let mendable = matches!(
        problem.code.as_deref(),
        Some(
            "missing_column"
                | "no_such_column"
                | "ambiguous_numbers"
                | "undecodable"
                | "no_heading"
        )
    );
    if !mendable {
        return ().into_any();
    }
    let detail = problem.more.get("file_error");
    let texts = |name: &str| -> Vec<String> {
        detail
            .and_then(|detail| detail.get(name))
            .and_then(|list| list.as_array())
            .map(|list| {
                list.iter()
                    .filter_map(|text| text.as_str().map(str::to_owned))
                    .collect()
            })
            .unwrap_or_default()
    };
    let headings = texts("headings");
    let missing = detail
        .and_then(|detail| detail.get("field"))
        .and_then(|field| from_word::<Field>(field.as_str()?));
    let column = missing.filter(|_| !headings.is_empty()).map(|field| {
        let mut choices = vec![(String::new(), t.import_choose_column().to_owned())];
        choices.extend(headings.iter().enumerate().map(|(index, heading)| (index.to_string(), heading.clone())));
        let bind = (
            Signal::derive(move || options.with(|options| table.of(options).columns.get(&field).map(ToString::to_string).unwrap_or_default())),
            SignalSetter::map(move |text: String| {
                if let Ok(index) = text.parse() {
                    options.update(|options| {
                        table.of_mut(options).columns.insert(field, index);
                    });
                    on_change.run(());
                }
            }),
        );
        view! { <SelectField id="import-missing-column" label=t.import_which_column(t.field(field)) options=choices bind=bind /> }
    });
    view! {
        <section class="card stack attention" aria-label=t.import_mend()>
            <h2>{t.import_mend()}</h2>
            {column}
            <StyleFields table=table options=options on_change=on_change />
        </section>
    }
    .into_any()
}

impl Texts {
    pub fn separator(self, separator: Separator) -> &'static str {
        match separator {
            Separator::Semicolon => self.separator_semicolon(),
            Separator::Tab => self.separator_tab(),
            Separator::Pipe => self.separator_pipe(),
            Separator::Comma => self.separator_comma(),
        }
    }

    pub fn decimal_style(self, style: DecimalStyle) -> &'static str {
        match style {
            DecimalStyle::Comma => self.decimal_comma(),
            DecimalStyle::Dot => self.decimal_dot(),
        }
    }

    pub fn date_style(self, style: DateStyle) -> &'static str {
        match style {
            DateStyle::DayFirst => self.date_day_first(),
            DateStyle::MonthFirst => self.date_month_first(),
            DateStyle::YearFirst => self.date_year_first(),
        }
    }

    pub fn field(self, field: Field) -> &'static str {
        match field {
            Field::Code => self.client_code(),
            Field::Name => self.field_name(),
            Field::TaxId => self.client_tax_id(),
            Field::City => self.city(),
            Field::Phone => self.phone(),
            Field::Email => self.email(),
            Field::Terms => self.terms(),
            Field::CreditLimit => self.credit_limit(),
            Field::Portfolio => self.portfolio(),
            Field::Number => self.field_number(),
            Field::Kind => self.kind_label(),
            Field::Client => self.client_code(),
            Field::Activity => self.field_activity(),
            Field::Currency => self.currency_word(),
            Field::InvoiceDate => self.invoice_date(),
            Field::DueDate => self.field_due_date(),
            Field::Net => self.amount_net(),
            Field::Vat => self.amount_vat(),
            Field::Gross => self.amount_gross(),
            Field::Settled => self.amount_settled(),
            Field::Open => self.invoice_open(),
            Field::PurchaseOrder => self.purchase_order(),
            Field::Slip => self.delivery_slip(),
            Field::Discharge => self.discharge(),
            Field::Receipts => self.field_receipts(),
        }
    }
}
