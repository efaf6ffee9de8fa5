//! Reports for management: how fast clients pay, what will come, what may not (PRODUCT I2–I4). Each is computed here, from
//! the device's own records, also without a network.

mod day;
mod dso;
mod files;
mod forecast;
mod judged;
mod ledger;
mod provision;
mod report;

pub use day::{Day, DayButton, DaySheet};
pub use files::Files;
pub use ledger::{Columns, WithColumns};

use super::common::{Shared, loaded};
use crate::components::{Busy, Page, Segmented, SelectField, TextField, live};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use chrono::{Datelike, NaiveDate};
use judged::{ClientSheet, Judged, JudgedList};
use leptos::prelude::*;
use report::{Report, ReportView};
use std::pin::Pin;
use std::sync::Arc;
use tournee_documents::sheet::Cell;
use tournee_domain::ClientCode;
use tournee_domain::report::Group;
use tournee_domain::report::period::months_from;

/// Months of a trend.
const TREND_MONTHS: i32 = 12;

/// A report under way; nothing while what was typed makes none.
type Work = Pin<Box<dyn Future<Output = Option<Shared<Report>>>>>;

#[component]
pub fn ReportsPage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let columns = Columns::load();
    let day = Day::new(last_closing(app.today()));
    let chosen = RwSignal::new("dso".to_owned());
    // The number of the activity; empty for all.
    let activity = RwSignal::new(String::new());
    let percents = app.provision_percents().map(RwSignal::new);
    Effect::new(move |_| app.keep_provision_percents(percents.map(|text| text.get())));
    let judged = Judged::kept(app);
    // The client whose provision is looked at.
    let client = RwSignal::new(None::<usize>);
    let looking = RwSignal::new(false);
    let look = Callback::new(move |number| {
        client.set(Some(number));
        looking.set(true);
    });
    let rates = move || -> Option<Vec<_>> {
        let rates = percents.iter();
        rates
            .map(|text| text.with(|text| provision::rate(text)))
            .collect()
    };
    let on_book = Callback::new(move |()| {
        let (ledger, rates) = untrack(move || (columns.get(), rates()));
        if let (Some(ledger), Some(rates)) = (ledger, rates) {
            let as_of = day.date.get_untracked();
            judged.update(|judged| {
                judged.booked = provision::targets(&ledger.0, as_of, &rates, &judged.claims);
            });
        }
    });
    let computed = loaded(move || {
        let (ledger, as_of) = (columns.get(), day.date.get());
        let work: Work = match chosen.get().as_str() {
            "forecast" => Box::pin(async move {
                let report = forecast::report(t, &ledger?.0, as_of, app.today()).await;
                Some(Shared(Arc::new(report)))
            }),
            "provisions" => {
                let (rates, judged) = (rates(), judged.get());
                Box::pin(async move {
                    let report = provision::report(t, &ledger?.0, as_of, &rates?, &judged).await;
                    Some(Shared(Arc::new(report)))
                })
            }
            _ => {
                let number = activity.with(|number| number.parse().ok());
                Box::pin(async move {
                    let report = dso::report(t, &ledger?.0, as_of, number).await;
                    Some(Shared(Arc::new(report)))
                })
            }
        };
        work
    });
    let reports = [
        ("dso", t.dso_title()),
        ("forecast", t.forecast_title()),
        ("provisions", t.provision_title()),
    ];
    let reports = reports.map(|(name, word)| (name.to_owned(), word.to_owned()));
    let above = move || match chosen.get().as_str() {
        "forecast" => view! { <p class="small muted prose">{t.forecast_hint()}</p> }.into_any(),
        "provisions" => view! {
            <Rates percents=percents />
            <JudgedList columns=columns judged=judged look=look on_book=on_book />
        }
        .into_any(),
        _ => view! { <Activities columns=columns chosen=activity /> }.into_any(),
    };
    let below = move || match computed.get() {
        // Of another report still, or none yet.
        Some(Some(report)) if report.0.name == chosen.get() => {
            let open = (report.0.name == "provisions").then(|| {
                let sheet = report.0.sheet.clone();
                Callback::new(move |place: usize| {
                    let Some(Cell::Text(code)) = sheet.rows[place].first() else {
                        return;
                    };
                    let ledger = columns.get_untracked();
                    let code = ClientCode::new(code);
                    if let Some(number) = ledger.and_then(|ledger| ledger.0.client_number(&code)) {
                        look.run(number);
                    }
                })
            });
            view! { <ReportView report=report open=open /> }.into_any()
        }
        Some(None) => ().into_any(),
        _ => view! { <div class="pad"><Busy label=t.report_computing() /></div> }.into_any(),
    };
    let draw = move || {
        view! {
            <section class="card card-flush">
                <div class="stack loose pad">{live(above)}</div>
                {live(below)}
            </section>
        }
    };
    let subtitle = Signal::derive(move || t.reports_as_of(&t.date_long(day.date.get())));
    view! {
        <Page title=t.nav_reports() subtitle=subtitle wide=true actions=move || view! { <DayButton day=day /> }>
            <Segmented name="report" legend=t.nav_reports() options=reports.to_vec() bind=(chosen.into(), chosen.into()) />
            <WithColumns columns=columns as_of=day.date draw=ViewFn::from(draw) />
            <DaySheet day=day />
            <ClientSheet columns=columns chosen=client looking=looking as_of=day.date judged=judged />
        </Page>
    }
}

/// Of which activity the DSO is.
#[component]
fn Activities(columns: Columns, chosen: RwSignal<String>) -> impl IntoView {
    let t = use_texts();
    let mut options = vec![(String::new(), t.clients_all_activities().to_owned())];
    if let Some(ledger) = columns.get_untracked() {
        let numbers = 0..ledger.0.group_len(Group::Activity);
        options.extend(numbers.map(|number| {
            (
                number.to_string(),
                t.group_name(&ledger.0, Group::Activity, number),
            )
        }));
    }
    view! {
        <p class="small muted prose">{t.dso_hint()}</p>
        <div class="rates"><SelectField id="dso-activity" label=t.field_activity() options=options bind=(chosen.into(), chosen.into()) /></div>
    }
}

/// The rates of a provision, in percent, by age.
#[component]
fn Rates(percents: [RwSignal<String>; 5]) -> impl IntoView {
    let t = use_texts();
    let fields = t.age_names().into_iter().zip(percents).enumerate().map(|(age, (name, text))| {
        let error = Signal::derive(move || {
            let rate = text.with(|text| provision::rate(text));
            rate.is_none().then(|| t.provision_rate_error().to_owned())
        });
        view! { <TextField id=["rate-", &age.to_string()].concat() label=[name, " (%)"].concat() bind=(text.into(), text.into()) error=error inputmode="decimal" /> }.into_any()
    });
    view! {
        <p class="small muted prose">{t.provision_hint()}</p>
        <div class="rates">{fields.collect_view()}</div>
    }
}

/// The last day of the month before.
fn last_closing(today: NaiveDate) -> NaiveDate {
    let first = today.with_day(1).unwrap_or(today);
    first.pred_opt().unwrap_or(today)
}

/// Ends of months until `as_of`, the oldest first.
fn trend(as_of: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..TREND_MONTHS)
        .rev()
        .map(move |back| months_from(as_of, -back))
}

impl Texts {
    /// The name of a month under a chart, and the year under the first of each.
    fn month_label(self, month: NaiveDate, before: Option<NaiveDate>) -> (String, String) {
        let year = match before {
            Some(before) if before.year() == month.year() => String::new(),
            _ => month.year().to_string(),
        };
        let name = self.months_short().split(';').nth(month.month0() as usize);
        (name.unwrap_or_default().to_owned(), year)
    }
}
