//! Newer versions of the app: `public/updates.js` finds them, the user decides (SYNC §3).

use super::js::{call, get, window};
use super::listen;

/// Calls `ready` once a newer version waits for the user's word.
pub fn on_ready(ready: impl Fn() + 'static) {
    if is_ready() {
        ready();
    }
    listen::on_window("tournee:update-ready", move |_| ready());
}

fn is_ready() -> bool {
    get(&get(&window(), "tourneeUpdate"), "ready").is_truthy()
}

/// Switches to the newer version and reloads the page.
pub fn activate() {
    let activated = call(&get(&window(), "tourneeUpdate"), "activate", &[]);
    // Without a service worker there is no version to switch to.
    drop(activated);
}

/// The build this page came from, empty until the service worker has said it.
pub fn build() -> String {
    get(&get(&window(), "tourneeUpdate"), "build")
        .as_string()
        .unwrap_or_default()
}
