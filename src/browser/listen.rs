//! Listening to what happens to the page. Listeners live as long as the page does.

use super::js::window;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget, VisibilityState};

/// Calls `handle` whenever the window hears `event`.
pub fn on_window(event: &str, handle: impl FnMut(Event) + 'static) {
    listen(&window(), event, handle);
}

/// Calls `handle` whenever the document hears `event`.
pub fn on_document(event: &str, handle: impl FnMut(Event) + 'static) {
    if let Some(document) = window().document() {
        listen(&document, event, handle);
    }
}

/// Whether the page is on screen.
pub fn is_visible() -> bool {
    window()
        .document()
        .is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

fn listen(target: &EventTarget, event: &str, handle: impl FnMut(Event) + 'static) {
    let handle = Closure::<dyn FnMut(Event)>::new(handle);
    // Adding a function to an existing target does not fail.
    let _added = target.add_event_listener_with_callback(event, handle.as_ref().unchecked_ref());
    handle.forget();
}
