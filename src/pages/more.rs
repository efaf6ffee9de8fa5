//! Settings of this device, what this version is, and the way out.

use super::common::use_me;
use super::round::UpdateNotice;
use super::shell::Urgent;
use crate::components::{Icon, Page, Segmented, Sheet, Sign};
use crate::locales::use_texts;
use crate::state::{Theme, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::format::Language;

#[component]
pub fn MorePage() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let me = use_me();
    let language = (
        Signal::derive(move || {
            if app.language().get() == Language::Fr {
                "fr".to_owned()
            } else {
                "en".to_owned()
            }
        }),
        SignalSetter::map(move |code: String| {
            app.language().set(if code == "en" {
                Language::En
            } else {
                Language::Fr
            })
        }),
    );
    let theme = (
        Signal::derive(move || {
            match app.theme().get() {
                Theme::Auto => "auto",
                Theme::Light => "light",
                Theme::Dark => "dark",
                Theme::Sun => "sun",
            }
            .to_owned()
        }),
        SignalSetter::map(move |name: String| {
            app.theme().set(match name.as_str() {
                "light" => Theme::Light,
                "dark" => Theme::Dark,
                "sun" => Theme::Sun,
                _ => Theme::Auto,
            });
        }),
    );
    let themes = vec![
        ("auto".to_owned(), t.theme_auto().to_owned()),
        ("light".to_owned(), t.theme_light().to_owned()),
        ("dark".to_owned(), t.theme_dark().to_owned()),
        ("sun".to_owned(), t.theme_sun().to_owned()),
    ];
    let installable = Memo::new(move |_| app.sync().with(|status| status.installable));
    let device = me.device.clone();
    let leaving = RwSignal::new(false);
    view! {
        <Page title=t.nav_more() subtitle=me.organisation.name.clone()>
            <UpdateNotice />
            <section class="card row center">
                <span class="stack tight">
                    <span class="strong" data-testid="me-name">{me.user.name.clone()}</span>
                    <span class="small muted">{t.role(me.user.role)}" · "{me.user.login.clone()}</span>
                </span>
                <Icon sign=Sign::Person />
            </section>
            <section class="card stack">
                <h2>{t.language_word()}</h2>
                <Segmented name="language" legend=t.language_word() options=vec![("fr".to_owned(), "Français".to_owned()), ("en".to_owned(), "English".to_owned())] bind=language />
                <h2>{t.theme()}</h2>
                <Segmented name="theme" legend=t.theme() options=themes bind=theme />
            </section>
            <section class="card card-list" aria-label=t.nav_more()>
                <a class="item row center" href="/sync" data-testid="more-sync"><span class="row center start"><Icon sign=Sign::Sync />{t.nav_sync()}</span></a>
                {me.user.role.looks_after().then(|| view! {
                    <a class="item row center" href="/attention" data-testid="more-attention"><span class="row center start"><Icon sign=Sign::Warning />{t.nav_attention()}</span><Urgent path="/attention" /></a>
                    <a class="item row center" href="/devices" data-testid="more-devices"><span class="row center start"><Icon sign=Sign::Mobile />{t.devices_title()}</span><Urgent path="/devices" /></a>
                }.into_any())}
                {me.user.role.sees_all().then(|| view! {
                    <a class="item row center" href="/reports" data-testid="more-reports"><span class="row center start"><Icon sign=Sign::Chart />{t.nav_reports()}</span></a>
                    <a class="item row center" href="/cash"><span class="row center start"><Icon sign=Sign::Till />{t.nav_till()}</span></a>
                }.into_any())}
                {move || installable.get().then(|| view! {
                    <button type="button" class="item row center" data-testid="more-install" on:click=move |_| app.install()>
                        <span class="row center start"><Icon sign=Sign::Download />{t.install()}</span>
                    </button>
                }.into_any())}
            </section>
            <section class="card stack">
                <h2>{t.about()}</h2>
                <dl class="facts">
                    <dt>{t.about_version()}</dt><dd>{env!("CARGO_PKG_VERSION")}</dd>
                    <dt>{t.about_device()}</dt><dd>{[device.label.as_str(), "-E", &device.epoch.to_string()].concat()}</dd>
                    <dt>{t.about_series()}</dt><dd>{[me.user.agency.as_str(), "-", &device.label, "-E", &device.epoch.to_string(), "-…"].concat()}</dd>
                    <dt>{t.about_organisation()}</dt><dd>{me.organisation.name.clone()}</dd>
                </dl>
            </section>
            <button type="button" class="btn danger wide" data-testid="sign-out" on:click=move |_| leaving.set(true)>{t.sign_out()}</button>
            <SignOut open=leaving />
        </Page>
    }
}

#[component]
fn SignOut(open: RwSignal<bool>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let navigate = StoredValue::new_local(leptos_router::hooks::use_navigate());
    let waiting = move || app.sync().with(|status| status.waiting as usize);
    view! {
        <Sheet title=t.sign_out_title() open=open>
            <p>{t.sign_out_keeps()}</p>
            {move || (waiting() > 0).then(|| view! { <p class="strong danger" data-testid="sign-out-unsent">{t.sign_out_unsent(waiting())}</p> }.into_any())}
            <button type="button" class="btn danger wide" data-testid="sign-out-confirm" on:click=move |_| {
                let home = navigate.get_value();
                spawn_local(async move {
                    app.sign_out().await;
                    // The next person begins at the beginning.
                    home("/", Default::default());
                });
            }>{t.sign_out()}</button>
            <button type="button" class="btn wide" on:click=move |_| open.set(false)>{t.cancel()}</button>
        </Sheet>
    }
}
