//! Views that follow signals, each kind of one type: every further type of view is compiled anew, some kilobytes of
//! download each (docs/decisions/0002-build.md).

use crate::browser::clock;
use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use leptos::task::spawn_local;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A view drawn anew whenever a signal it reads changes.
pub fn live<V: IntoView + 'static>(
    draw: impl Fn() -> V + Send + 'static,
) -> SharedReactiveFunction<AnyView> {
    Arc::new(Mutex::new(move || draw().into_any()))
}

/// Rows by key: a row whose key stays is not drawn anew, so what is open, typed or focused in it is kept while others
/// come and go. The first ones are on the screen before the others are made.
#[component]
pub fn Rows(#[prop(into)] rows: Signal<Vec<(String, ViewFn)>>) -> impl IntoView {
    let drawn = RwSignal::new(ROWS_FIRST);
    Effect::new(move |_| {
        if rows.with(Vec::len) > drawn.get() {
            after_a_frame(move || {
                drawn.try_update(|drawn| *drawn += ROWS_LATER);
            });
        }
    });
    let each = move || {
        let mut rows = rows.get();
        rows.truncate(drawn.get());
        rows
    };
    view! { <For each=each key=|(key, _)| key.clone() children=|(_, draw)| draw.run() /> }
}

/// As many as a phone shows below a page's head.
const ROWS_FIRST: usize = 5;
/// Drawn at once after that, in the time of a frame on a slow phone.
const ROWS_LATER: usize = 8;

/// Once the frame being made is on the screen.
pub fn after_a_frame(then: impl FnOnce() + 'static) {
    request_animation_frame(move || set_timeout(then, Duration::ZERO));
}

/// Once the browser has nothing else to do, or a while later.
pub fn once_idle(then: impl FnOnce() + 'static) {
    spawn_local(async move {
        clock::idle().await;
        then();
    });
}
