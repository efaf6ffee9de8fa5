//! How much room the window has.

use leptos::prelude::window;
use wasm_bindgen::prelude::*;

/// From here on two panes stand beside each other, and the navigation is a rail (style/layout.css).
const WIDE: &str = "(min-width: 768px)";

/// Whether the window is wide, and calls `changed` whenever it no longer is or is again. A browser that cannot say is narrow.
pub fn wide(changed: impl Fn(bool) + 'static) -> bool {
    let Some(query) = window().match_media(WIDE).ok().flatten() else {
        return false;
    };
    let of = query.clone();
    let handle = Closure::<dyn FnMut()>::new(move || changed(of.matches()));
    // The app looks at its window for as long as the page lives.
    query.set_onchange(Some(handle.as_ref().unchecked_ref()));
    handle.forget();
    query.matches()
}

/// The height of the screen in CSS pixels, which a window at its normal size does not exceed: asking for the window's own makes
/// the browser lay out the page.
pub fn screen_height() -> Option<usize> {
    let height = window().screen().ok()?.height().ok()?;
    usize::try_from(height).ok()
}
