//! What is folded away until somebody opens it.

use leptos::prelude::*;

/// The browser's own disclosure: `summary` is its line, and what is in it is made when it is first opened. Not for what is
/// drawn anew while somebody reads it: that would be folded away again.
#[component]
pub fn Folded(
    summary: AnyView,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] id: Option<&'static str>,
    /// Open from the beginning.
    #[prop(optional)]
    begun: bool,
    children: Children,
) -> impl IntoView {
    let opened = RwSignal::new(begun);
    let children = StoredValue::new_local(Some(children));
    let made = move || {
        let children = children.try_update_value(Option::take).flatten()?;
        Some(children())
    };
    let open = move || {
        if !opened.get_untracked() {
            opened.set(true);
        }
    };
    // A tap opens it a moment before the browser says so; other ways to open it only say so.
    view! {
        <details class=class id=id open=begun on:click=move |_| open() on:toggle=move |_| open()>
            {summary}
            {move || opened.get().then(made)}
        </details>
    }
}
