//! Who works: a password at the office, or somebody this device already knows.

use super::watchdog::Lost;
use crate::components::{ErrorSummary, FieldError, Icon, Sign, error_of};
use crate::locales::{Texts, use_texts};
use crate::state::{KnownUser, Phase, SignInError, use_app};
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::format::Language;

impl Texts {
    pub fn sign_in_error(self, error: &SignInError) -> FieldError {
        match error {
            SignInError::WrongPassword => FieldError::new("sign-in-password", self.sign_in_wrong()),
            SignInError::TooManyAttempts { retry_after_s } => FieldError::new(
                "sign-in-submit",
                self.sign_in_too_many(&retry_after_s.to_string()),
            ),
            SignInError::Offline => FieldError::new("sign-in-submit", self.sign_in_offline()),
            SignInError::NotTheOffice => FieldError::new("sign-in-submit", self.sign_in_portal()),
            SignInError::Revoked => FieldError::new(
                "sign-in-submit",
                [self.sync_revoked(), " ", self.sync_revoked_advice()].concat(),
            ),
            SignInError::Other(detail) => {
                FieldError::new("sign-in-submit", self.sign_in_other_error(detail))
            }
        }
    }
}

#[component]
pub fn SignIn() -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    document().set_title(&[t.sign_in_title(), " · Tournée"].concat());
    let known = move || match app.phase().get() {
        Phase::SignedOut { known } => known,
        _ => Vec::new(),
    };
    let other = if t.language() == Language::Fr {
        (Language::En, "English", "en")
    } else {
        (Language::Fr, "Français", "fr")
    };
    view! {
        <main class="gate">
            <div>
                <div class="mark">
                    <Icon sign=Sign::Round />
                    <p>"Tournée"</p>
                </div>
                <h1 class="visually-hidden">{t.sign_in_title()}</h1>
                <p class="muted">{t.sign_in_welcome()}</p>
                {move || app.unsent_without_data(&known()).into_iter().map(|unsent| view! { <Lost unsent=unsent /> }.into_any()).collect_view()}
                {move || {
                    let known = known();
                    (!known.is_empty()).then(|| view! { <Known known=known /> }.into_any())
                }}
                <SignInForm login=String::new() />
                <button type="button" class="btn quiet" lang=other.2 data-testid="language-other" on:click=move |_| app.language().set(other.0)>
                    {other.1}
                </button>
            </div>
        </main>
    }
}

#[component]
fn Known(known: Vec<KnownUser>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let opening = RwSignal::new(false);
    view! {
        <section class="card card-list" aria-labelledby="known-title">
            <div class="stack tight">
                <h2 id="known-title">{t.sign_in_known()}</h2>
                <p class="small muted">{t.sign_in_known_hint()}</p>
            </div>
            {known
                .into_iter()
                .map(|user| {
                    let label = user.name.clone();
                    let meta = [user.login.as_str(), " · ", &user.organisation_name].concat();
                    let test_id = ["known-", &user.login].concat();
                    let open = move |_| {
                        let user = user.clone();
                        opening.set(true);
                        spawn_local(async move {
                            app.open_known(&user).await;
                            opening.try_set(false);
                        });
                    };
                    view! {
                        <button type="button" class="item row center" data-testid=test_id disabled=opening on:click=open>
                            <span>
                                <span class="strong">{label}</span>
                                <br />
                                <span class="small muted">{meta}</span>
                            </span>
                            <Icon sign=Sign::Person />
                        </button>
                    }
                })
                .collect_view()}
        </section>
    }
}

/// Also used in place when a session has expired.
#[component]
pub fn SignInForm(login: String, #[prop(optional)] on_done: Option<Callback<()>>) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let login = RwSignal::new(login);
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let working = RwSignal::new(false);
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if working.get_untracked() {
            return;
        }
        let mut found = Vec::new();
        if login.with_untracked(|login| login.trim().is_empty()) {
            found.push(FieldError::new("sign-in-login", t.sign_in_login_empty()));
        }
        if password.with_untracked(String::is_empty) {
            found.push(FieldError::new(
                "sign-in-password",
                t.sign_in_password_empty(),
            ));
        }
        let ready = found.is_empty();
        errors.set(found);
        if !ready {
            return;
        }
        working.set(true);
        spawn_local(async move {
            let result = app
                .sign_in(
                    login.get_untracked().trim().to_owned(),
                    password.get_untracked(),
                )
                .await;
            working.try_set(false);
            match result {
                Ok(()) => {
                    password.try_set(String::new());
                    if let Some(done) = on_done {
                        done.try_run(());
                    }
                }
                Err(error) => {
                    errors.try_set(vec![t.sign_in_error(&error)]);
                }
            }
        });
    };
    view! {
        <form class="stack loose" on:submit=submit novalidate>
            <ErrorSummary errors=errors />
            <crate::components::TextField
                id="sign-in-login"
                label=t.sign_in_login()
                bind=(login.into(), login.into())
                error=error_of(errors, "sign-in-login")
                autocomplete="username"
            />
            <div class="field">
                <label for="sign-in-password">{t.sign_in_password()}</label>
                {move || error_of(errors, "sign-in-password").get().map(|message| view! { <span class="error" id="sign-in-password-error">{message}</span> }.into_any())}
                <input
                    class="input"
                    id="sign-in-password"
                    data-testid="sign-in-password"
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete="current-password"
                    prop:value=password
                    aria-invalid=move || error_of(errors, "sign-in-password").with(Option::is_some).then_some("true")
                    aria-describedby="sign-in-password-error"
                    on:input=move |event| password.set(event_target_value(&event))
                />
                <crate::components::Check id="sign-in-show" label=t.sign_in_show() checked=shown on_change=Callback::new(move |on| shown.set(on)) />
            </div>
            <button type="submit" id="sign-in-submit" class="btn primary wide tall" data-testid="sign-in-submit" aria-disabled=move || working.get().then_some("true")>
                {move || working.get().then(|| view! { <span class="spinner"></span> }.into_any())}
                {move || if working.get() { t.sign_in_working() } else { t.sign_in_submit() }}
            </button>
        </form>
    }
}
