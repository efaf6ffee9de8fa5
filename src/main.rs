//! The app: mounts, nothing else.

mod app;
mod browser;
mod components;
mod locales;
mod pages;
mod state;

use leptos::prelude::*;

fn main() {
    browser::panic::install();
    mount_to_body(|| {
        provide_context(state::App::start());
        view! { <app::Root /> }
    });
}
