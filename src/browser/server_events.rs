//! The office's voice while the page is on screen: something changed, pull.

use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

/// A stream of the office's events, open until dropped.
pub struct ServerEvents {
    source: EventSource,
    _on_event: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut()>,
}

impl ServerEvents {
    /// Calls `heard` at every `event` of `path`, and `broken` once when the line breaks, which also closes it; `None`
    /// when the browser refuses.
    pub fn open(
        path: &str,
        event: &str,
        heard: impl Fn() + 'static,
        broken: impl Fn() + 'static,
    ) -> Option<Self> {
        let source = EventSource::new(path).ok()?;
        let on_event = Closure::<dyn FnMut(MessageEvent)>::new(move |_| heard());
        let listener = on_event.as_ref().unchecked_ref();
        source
            .add_event_listener_with_callback(event, listener)
            .ok()?;
        // The browser would try again every few seconds for ever, without asking whether it makes sense.
        let closing = source.clone();
        let on_error = Closure::<dyn FnMut()>::new(move || {
            closing.close();
            broken();
        });
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Self {
            source,
            _on_event: on_event,
            _on_error: on_error,
        })
    }

    /// Whether the line broke, for instance because the session has ended.
    pub fn is_closed(&self) -> bool {
        self.source.ready_state() == EventSource::CLOSED
    }
}

impl Drop for ServerEvents {
    fn drop(&mut self) {
        self.source.close();
    }
}
