//! A place to drop one file on, which is the browser's own file input.

use super::{FieldError, Icon, Sign, error_of};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::File;

/// The id is the test id too.
#[component]
pub fn FileDrop(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    /// Said once a file is there.
    chosen: &'static str,
    accept: &'static str,
    /// A file cannot leave the page's thread.
    file: RwSignal<Option<File>, LocalStorage>,
    errors: RwSignal<Vec<FieldError>>,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let choose = move |event: web_sys::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        file.set(
            input
                .and_then(|input| input.files())
                .and_then(|files| files.get(0)),
        );
        over.set(false);
    };
    let name = move || file.with(|file| file.as_ref().map(|file| file.name()));
    view! {
        <div class="field">
            {move || error_of(errors, id).get().map(|message| view! { <span class="error">{message}</span> }.into_any())}
            <div class=move || if over.get() { "drop over" } else { "drop" } on:dragenter=move |_| over.set(true) on:dragleave=move |_| over.set(false)>
                <Icon sign=Sign::Upload />
                <span class="strong" id=[id, "-label"].concat()>{label}</span>
                <span class="small muted wrap">{move || name().unwrap_or_else(|| hint.to_owned())}</span>
                {move || name().is_some().then(|| view! { <span class="chip ok">{chosen}</span> }.into_any())}
                <input type="file" id=id data-testid=id accept=accept aria-labelledby=[id, "-label"].concat() on:change=choose />
            </div>
        </div>
    }
}
