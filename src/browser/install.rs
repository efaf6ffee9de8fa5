//! The browser's offer to install the app.

use super::js::call;
use super::listen;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Event;

/// The browser's offer, kept until the user wants it.
#[derive(Clone, Default)]
pub struct InstallOffer(Rc<RefCell<Option<Event>>>);

impl InstallOffer {
    /// Waits for the browser's offer and calls `changed(whether there is one)`.
    pub fn watch(changed: impl Fn(bool) + Clone + 'static) -> Self {
        let offer = Self::default();
        let (kept, tell) = (offer.clone(), changed.clone());
        listen::on_window("beforeinstallprompt", move |event| {
            event.prevent_default();
            *kept.0.borrow_mut() = Some(event);
            tell(true);
        });
        let kept = offer.clone();
        listen::on_window("appinstalled", move |_| {
            kept.0.borrow_mut().take();
            changed(false);
        });
        offer
    }

    /// Shows the browser's own prompt; it can be shown once.
    pub fn accept(&self) {
        if let Some(event) = self.0.borrow_mut().take() {
            let _shown = call(&event, "prompt", &[]);
        }
    }
}
