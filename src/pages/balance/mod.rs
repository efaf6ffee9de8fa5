//! The aged balance as of a chosen day (PRODUCT I1): by client, activity, agency or collector, down to each invoice.

mod detail;
mod figures;

use super::common::{Shared, use_currency};
use super::reports::{Columns, Day, DayButton, DaySheet, Files, WithColumns};
use crate::components::{Choices, Empty, Page, Segmented, Sheet, SheetTable, Sign, live};
use crate::locales::use_texts;
use crate::state::use_app;
use detail::Detail;
use figures::{AgedChart, AgedReport, Figures};
use leptos::prelude::*;
use std::sync::Arc;
use tournee_domain::report::Group;
use tournee_domain::report::aged::{AgedQuery, Credits};

#[component]
pub fn BalancePage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let columns = Columns::load();
    let day = Day::new(app.today());
    let group = RwSignal::new("client".to_owned());
    let credits = RwSignal::new("separate".to_owned());
    // The group and its number that is looked into.
    let opened = RwSignal::new(None::<(Group, usize)>);
    let looking = RwSignal::new(false);
    let look = Callback::new(move |place| {
        opened.set(Some(place));
        looking.set(true);
    });
    let subtitle = Signal::derive(move || t.balance_as_of(&t.date_long(day.date.get())));
    let groups = [
        ("client", t.client_word()),
        ("activity", t.field_activity()),
        ("agency", t.agency_word()),
        ("collector", t.collector_word()),
    ];
    let groups = groups.map(|(name, word)| (name.to_owned(), word.to_owned()));
    let ways = [
        ("separate", t.credits_separate()),
        ("oldest", t.credits_oldest()),
        ("own", t.credits_own()),
    ];
    let ways = StoredValue::new(
        ways.map(|(name, word)| (name.to_owned(), word.to_owned()))
            .to_vec(),
    );
    let draw = move || {
        let Some(Shared(ledger)) = columns.get() else {
            return ().into_any();
        };
        let query = AgedQuery {
            group: group_of(&group.get()),
            credits: match credits.get().as_str() {
                "oldest" => Credits::OldestDebt,
                "own" => Credits::OwnDate,
                _ => Credits::Separate,
            },
            ..AgedQuery::new(day.date.get())
        };
        let report = AgedReport::of(t, &ledger, &query);
        if report.sheet.rows.is_empty() {
            return view! { <Empty sign=Sign::Check title=t.balance_none() advice=t.balance_none_advice() /> }.into_any();
        }
        let AgedReport {
            sheet,
            from,
            numbers,
            total,
        } = report;
        let sheet = Arc::new(sheet);
        let open = Callback::new(move |place: usize| look.run((query.group, numbers[place])));
        view! {
            <Figures total=total.clone() clients=ledger as_of=query.as_of />
            <section class="card card-flush">
                <div class="stack loose pad">
                    <AgedChart total=total currency=sheet.currency />
                    <Files sheet=sheet.clone() name="balance" as_of=query.as_of />
                </div>
                <SheetTable sort=Some(sheet.head.len() - 1) sheet=sheet from=from open=Some(open) totalled=true />
            </section>
        }
        .into_any()
    };
    let currency = use_currency();
    let title = Signal::derive(move || {
        let name = opened
            .get()
            .zip(columns.get())
            .map(|((group, number), ledger)| t.group_name(&ledger.0, group, number));
        name.unwrap_or_default()
    });
    let detail = move || {
        opened.get().zip(columns.get()).map(|((group, number), ledger)| view! {
            <Detail ledger=ledger.0 group=group number=number as_of=day.date.get() look=look currency=currency />
        }.into_any())
    };
    view! {
        <Page title=t.balance_title() subtitle=subtitle wide=true actions=move || view! { <DayButton day=day /> }>
            <Segmented name="balance-group" legend=t.balance_group() options=groups.to_vec() bind=(group.into(), group.into()) />
            <WithColumns columns=columns as_of=day.date draw=ViewFn::from(move || live(draw)) />
            <DaySheet day=day>
                <Choices name="balance-credits" legend=t.balance_credits() options=ways.get_value() bind=(credits.into(), credits.into()) />
            </DaySheet>
            <Sheet title=title open=looking>{detail}</Sheet>
        </Page>
    }
}

fn group_of(name: &str) -> Group {
    match name {
        "activity" => Group::Activity,
        "agency" => Group::Agency,
        "collector" => Group::Collector,
        _ => Group::Client,
    }
}
