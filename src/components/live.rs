//! Views that follow signals, each kind of one type: every further type of view is compiled anew, some kilobytes of
//! download each (docs/decisions/0002-build.md).

use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use std::sync::{Arc, Mutex};

/// A view drawn anew whenever a signal it reads changes.
pub fn live<V: IntoView + 'static>(
    draw: impl Fn() -> V + Send + 'static,
) -> SharedReactiveFunction<AnyView> {
    Arc::new(Mutex::new(move || draw().into_any()))
}

/// Rows by key: a row whose key stays is not drawn anew, so what is open, typed or focused in it is kept while others
/// come and go.
#[component]
pub fn Rows(#[prop(into)] rows: Signal<Vec<(String, ViewFn)>>) -> impl IntoView {
    view! { <For each=move || rows.get() key=|(key, _)| key.clone() children=|(_, draw)| draw.run() /> }
}
