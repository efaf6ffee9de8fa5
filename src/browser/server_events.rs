//! The office's voice while the page is on screen: something changed, pull.

use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

/// A stream of the office's events, open until dropped.
pub struct ServerEvents {
    source: EventSource,
    _on_event: Closure<dyn FnMut(MessageEvent)>,
}

impl ServerEvents {
    /// Listens for `event` at `path`; `None` when the browser refuses.
    pub fn open(path: &str, event: &str, mut heard: impl FnMut() + 'static) -> Option<Self> {
        let source = EventSource::new(path).ok()?;
        let on_event = Closure::<dyn FnMut(MessageEvent)>::new(move |_| heard());
        let listener = on_event.as_ref().unchecked_ref();
        source
            .add_event_listener_with_callback(event, listener)
            .ok()?;
        Some(Self {
            source,
            _on_event: on_event,
        })
    }

    /// Whether the browser has given up on it, for instance because the session has ended.
    pub fn is_closed(&self) -> bool {
        self.source.ready_state() == EventSource::CLOSED
    }
}

impl Drop for ServerEvents {
    fn drop(&mut self) {
        self.source.close();
    }
}
