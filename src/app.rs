//! From the phase of the app to the screen: language and theme around everything, the router inside.

use crate::components::page::FirstPage;
use crate::locales::Texts;
use crate::pages::field::{FIELD, FieldPage};
use crate::pages::shell::Shell;
use crate::state::{Phase, Theme, use_app};
use leptos::context::Provider;
use leptos::prelude::*;
use leptos_router::components::Router;

/// The phase without its figures: progress must not draw the screen anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Screen {
    Booting,
    SignIn,
    FirstSync,
    Ready,
    Broken,
}

#[component]
pub fn Root() -> impl IntoView {
    let app = use_app();
    let phase = app.phase();
    let screen = Memo::new(move |_| {
        phase.with(|phase| match phase {
            Phase::Booting => Screen::Booting,
            Phase::SignedOut { .. } => Screen::SignIn,
            Phase::FirstSync { .. } => Screen::FirstSync,
            Phase::Ready => Screen::Ready,
            Phase::Broken { .. } => Screen::Broken,
        })
    });
    provide_context(FirstPage(StoredValue::new(true)));
    Effect::new(move |_| {
        let theme = match app.theme().get() {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Sun => "sun",
        };
        set_on_root("data-theme", theme);
    });
    Effect::new(move |_| set_on_root("lang", Texts(app.language().get()).code()));
    Effect::new(move |_| {
        if screen.get() != Screen::Booting {
            remove_shell();
        }
    });
    view! {
        <Router>
            {move || {
                let texts = Texts(app.language().get());
                let screen = screen.get();
                view! {
                    <Provider value=texts>
                        {match screen {
                            Screen::Booting => ().into_any(),
                            Screen::SignIn => FIELD.page(FieldPage::SignIn),
                            Screen::FirstSync => FIELD.page(FieldPage::FirstSync),
                            Screen::Ready => view! { <Shell /> }.into_any(),
                            Screen::Broken => FIELD.page(FieldPage::Broken),
                        }}
                    </Provider>
                }
            }}
        </Router>
    }
}

fn set_on_root(name: &str, value: &str) {
    // Each change makes the browser work out the page's style again.
    let root = document().document_element();
    if let Some(root) = root.filter(|root| root.get_attribute(name).as_deref() != Some(value)) {
        // Setting a plain attribute on <html> does not fail.
        let _ = root.set_attribute(name, value);
    }
}

/// Takes away what index.html shows until there is a screen: no frame is drawn of neither.
fn remove_shell() {
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
}
