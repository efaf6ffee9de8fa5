//! Navigation around every screen, and the routes.

use super::common::{Portfolio, use_me};
use super::field::{FIELD, FieldPage};
use super::looked_after::LookedAfter;
use super::office::{OFFICE, OfficePage};
use super::watchdog::ALARM_MINUTES;
use super::{clients, not_found, round};
use crate::components::page::{HeaderEnd, PageTop};
use crate::components::{Icon, Sign, SyncChip, live};
use crate::locales::{Texts, use_texts};
use crate::state::{SyncStatus, use_app};
use leptos::context::Provider;
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Redirect, Route, Routes};
use leptos_router::hooks::use_location;
use leptos_router::path;
use std::sync::Arc;
use tournee_sync::enrol::Role;

/// One place of the navigation.
#[derive(Clone, Copy)]
struct Place {
    path: &'static str,
    sign: Sign,
    name: &'static str,
    /// Only where there is room: rail of tablet and desktop.
    wide_only: bool,
}

/// Places with a heading for the desktop's rail.
struct Group {
    heading: &'static str,
    places: Vec<Place>,
}

fn place(path: &'static str, sign: Sign, name: &'static str) -> Place {
    Place {
        path,
        sign,
        name,
        wide_only: false,
    }
}

fn wide(path: &'static str, sign: Sign, name: &'static str) -> Place {
    Place {
        path,
        sign,
        name,
        wide_only: true,
    }
}

fn groups(role: Role, t: Texts) -> Vec<Group> {
    let more = place("/more", Sign::More, t.nav_more());
    let device = Group {
        heading: t.nav_group_device(),
        places: vec![wide("/sync", Sign::Sync, t.nav_sync_short()), more],
    };
    match role {
        Role::Collector => vec![
            Group {
                heading: t.nav_group_field(),
                places: vec![
                    place("/", Sign::Round, t.nav_round()),
                    place("/clients", Sign::Clients, t.nav_clients()),
                    place("/pay", Sign::Cash, t.nav_pay()),
                    place("/cash", Sign::Till, t.nav_till()),
                ],
            },
            device,
        ],
        Role::Manager | Role::Accountant | Role::Auditor => {
            let mut office = vec![
                place("/activity", Sign::Activity, t.nav_activity()),
                wide("/attention", Sign::Warning, t.nav_attention()),
                wide("/devices", Sign::Mobile, t.devices_title()),
                place("/clients", Sign::Clients, t.nav_clients()),
                place("/balance", Sign::Balance, t.nav_balance()),
                wide("/reports", Sign::Chart, t.nav_reports()),
            ];
            let mut all = Vec::new();
            if role.keeps_ledger() {
                let data = Group {
                    heading: t.nav_data(),
                    places: vec![
                        place("/data", Sign::Data, t.nav_data()),
                        wide("/data/import", Sign::Upload, t.nav_import()),
                        wide("/data/exports", Sign::Download, t.nav_exports()),
                        wide("/data/doubles", Sign::Check, t.nav_doubles()),
                    ],
                };
                all.push(Group {
                    heading: t.nav_group_office(),
                    places: std::mem::take(&mut office),
                });
                all.push(data);
            } else {
                all.push(Group {
                    heading: t.nav_group_office(),
                    places: std::mem::take(&mut office),
                });
            }
            all.push(device);
            all
        }
        Role::Administrator => vec![
            Group {
                heading: t.nav_group_office(),
                places: vec![
                    place("/devices", Sign::Mobile, t.devices_title()),
                    place("/attention", Sign::Warning, t.nav_attention()),
                ],
            },
            device,
        ],
        Role::Cashier => vec![device],
    }
}

/// What the header's chip says, and in which tone.
pub fn chip(status: &SyncStatus, today: chrono::NaiveDate, t: Texts) -> (String, &'static str) {
    let waiting = (status.waiting + status.waiting_blobs) as usize;
    if status.session_expired {
        return (t.chip_expired().to_owned(), "warn");
    }
    if status.last_error.as_ref().is_some_and(is_problem) {
        return (t.chip_problem().to_owned(), "danger");
    }
    if status.oldest_age_minutes >= Some(ALARM_MINUTES) {
        return (t.chip_waiting(waiting), "danger");
    }
    match (status.online, waiting) {
        (false, 0) => (t.chip_offline().to_owned(), "wait"),
        (false, waiting) => (t.chip_offline_waiting(waiting), "wait"),
        (true, 0) => match status.last_success {
            Some(at) => (t.chip_up_to_date(&t.when(at, today)), ""),
            None => (t.chip_never().to_owned(), "wait"),
        },
        (true, waiting) => (t.chip_waiting(waiting), "wait"),
    }
}

/// Whether somebody has to do something: a missing network mends itself.
pub fn is_problem(error: &crate::state::SyncError) -> bool {
    use crate::state::SyncError;
    !matches!(
        error,
        SyncError::Unreachable | SyncError::TimedOut | SyncError::Busy
    )
}

#[component]
pub fn Shell() -> impl IntoView {
    let app = use_app();
    let Some(me) = app.me().get_untracked() else {
        // The phase says ready only once somebody is known.
        return ().into_any();
    };
    let currency = me.organisation.currency;
    let looks_after = me.user.role.looks_after();
    if looks_after {
        provide_context(LookedAfter::new());
    }
    view! {
        <Provider value=Arc::new(me)>
            <Provider value=Portfolio::new(app, currency)>
                <Provider value=clients::ListState::new()>
                    <Frame />
                    {looks_after.then(|| OFFICE.piece(OfficePage::LookAfter))}
                </Provider>
            </Provider>
        </Provider>
    }
    .into_any()
}

#[component]
fn Frame() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let status = app.sync();
    let label = Signal::derive(move || status.with(|status| chip(status, app.today(), t)).0);
    let tone = Signal::derive(move || status.with(|status| chip(status, app.today(), t)).1);
    // How long something has waited is seen on every screen (SYNC 39).
    let since = Signal::derive(move || {
        let age = status.with(|status| status.oldest_age_minutes);
        age.map(|age| t.chip_since(&t.age(age))).unwrap_or_default()
    });
    let header_end = HeaderEnd(ViewFn::from(
        move || view! { <SyncChip label=label tone=tone since=since /> },
    ));
    let hidden_until = RwSignal::new(0);
    let page_top = PageTop(ViewFn::from(move || {
        FIELD.piece(FieldPage::Warnings {
            hidden_until_minutes: hidden_until,
        })
    }));
    view! {
        <Provider value=header_end>
        <Provider value=page_top>
            <a class="skip" href="#main" on:click=|event| {
                event.prevent_default();
                crate::components::focus_id("main");
            }>{t.skip_to_content()}</a>
            <div class="app">
                <main id="main" tabindex="-1"><Pages /></main>
                <Navigation />
            </div>
        </Provider>
        </Provider>
    }
}

#[component]
fn Navigation() -> impl IntoView {
    let t = use_texts();
    let wide = use_app().wide();
    let role = use_me().user.role;
    let location = use_location().pathname;
    let paths: Vec<&'static str> = groups(role, t)
        .iter()
        .flat_map(|group| &group.places)
        .map(|place| place.path)
        .collect();
    let paths = StoredValue::new(paths);
    // The longest place that the address lies under.
    let here = Memo::new(move |_| {
        location.with(|at| {
            let at = if at.starts_with("/receipts") {
                "/cash"
            } else {
                at.as_str()
            };
            paths.with_value(|paths| {
                let under = |path: &str| {
                    at == path
                        || (path != "/"
                            && at
                                .strip_prefix(path)
                                .is_some_and(|rest| rest.starts_with('/')))
                };
                paths
                    .iter()
                    .copied()
                    .filter(|path| under(path))
                    .max_by_key(|path| path.len())
                    .unwrap_or("")
            })
        })
    });
    let link = move |place: &Place| {
        let path = place.path;
        view! {
            <a
                href=path
                aria-current=move || (here.get() == path).then_some("page")
                data-testid=["nav", &path.replace('/', "-")].concat()
            >
                <Icon sign=place.sign />
                {place.name}
                <Urgent path=path />
            </a>
        }
        .into_any()
    };
    let all = move |wide: bool| {
        let mut all = Vec::new();
        if wide {
            all.push(view! { <p class="brand" aria-hidden="true"><Icon sign=Sign::Round />"Tournée"</p> }.into_any());
        }
        for group in groups(role, t) {
            if wide {
                all.push(view! { <h2>{group.heading}</h2> }.into_any());
            }
            let places = group.places.iter();
            all.extend(places.filter(|place| wide || !place.wide_only).map(link));
        }
        all
    };
    view! { <nav class="bar" aria-label=t.nav_label()>{live(move || all(wide.get()))}</nav> }
}

/// How much somebody should look at behind a place of the navigation. Where there is no room for the places themselves,
/// *Plus* stands for them.
#[component]
pub fn Urgent(path: &'static str) -> impl IntoView {
    let t = use_texts();
    let looked_after = use_context::<LookedAfter>();
    let class = if path == "/more" {
        "badge narrow-only"
    } else {
        "badge"
    };
    live(move || {
        let urgent = looked_after.map_or(0, |looked_after| looked_after.urgent(path));
        (urgent > 0).then(|| view! {
            <span class=class data-testid="urgent">{urgent.to_string()}<span class="visually-hidden">" "{t.to_look_at()}</span></span>
        }.into_any())
    })
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <not_found::NotFound /> }>
            <Route path=path!("/") view=drawn(home) />
            <ParentRoute path=path!("/clients") view=clients::Clients>
                <Route path=path!("") view=drawn(|| view! { <clients::NobodyChosen /> }.into_any()) />
                <Route path=path!(":code") view=drawn(|| FIELD.page(FieldPage::Dossier)) />
            </ParentRoute>
            <Route path=path!("/clients/:code/visit") view=drawn(|| FIELD.page(FieldPage::Visit)) />
            <Route path=path!("/clients/:code/pay") view=drawn(|| FIELD.page(FieldPage::Pay)) />
            <Route path=path!("/clients/:code/papers/:invoice/discharge") view=drawn(|| FIELD.page(FieldPage::Discharge)) />
            <Route path=path!("/clients/:code/papers/:invoice/slip") view=drawn(|| FIELD.page(FieldPage::Slip)) />
            <Route path=path!("/receipts/:fact") view=drawn(|| FIELD.page(FieldPage::Receipt)) />
            <Route path=path!("/pay") view=drawn(|| FIELD.page(FieldPage::PayClient)) />
            <Route path=path!("/encaisser") view=drawn(|| view! { <Redirect path="/pay" /> }.into_any()) />
            <Route path=path!("/cash") view=drawn(|| FIELD.page(FieldPage::Cash)) />
            <Route path=path!("/sync") view=drawn(|| FIELD.page(FieldPage::Sync)) />
            <Route path=path!("/more") view=drawn(|| FIELD.page(FieldPage::More)) />
            <Route path=path!("/activity") view=drawn(|| OFFICE.page(OfficePage::Activity)) />
            <Route path=path!("/attention") view=drawn(|| OFFICE.page(OfficePage::Attention)) />
            <Route path=path!("/devices") view=drawn(|| OFFICE.page(OfficePage::Devices)) />
            <Route path=path!("/balance") view=drawn(|| OFFICE.page(OfficePage::Balance)) />
            <Route path=path!("/reports") view=drawn(|| OFFICE.page(OfficePage::Reports)) />
            <Route path=path!("/data") view=drawn(|| OFFICE.page(OfficePage::Data)) />
            <Route path=path!("/data/import") view=drawn(|| OFFICE.page(OfficePage::Import)) />
            <Route path=path!("/data/exports") view=drawn(|| OFFICE.page(OfficePage::Exports)) />
            <Route path=path!("/data/doubles") view=drawn(|| OFFICE.page(OfficePage::Doubles)) />
            <Route path=path!("/data/edits") view=drawn(|| OFFICE.page(OfficePage::Edits)) />
        </Routes>
    }
}

/// Where somebody's day begins.
fn home() -> AnyView {
    match use_me().user.role {
        Role::Collector => view! { <round::Round /> }.into_any(),
        Role::Manager | Role::Accountant | Role::Auditor => {
            view! { <Redirect path="/activity" /> }.into_any()
        }
        Role::Administrator => view! { <Redirect path="/devices" /> }.into_any(),
        Role::Cashier => view! { <Redirect path="/more" /> }.into_any(),
    }
}

/// What a route draws, of one type for all: the router is compiled anew for each type of view and of path.
fn drawn(page: fn() -> AnyView) -> fn() -> AnyView {
    page
}
