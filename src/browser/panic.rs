//! The last page: a panic stops the program, what was recorded is safe.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Shows the last page of `public/boot.js` when the program panics, besides the console's message.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show(&info.to_string());
    }));
}

fn show(message: &str) {
    let global = js_sys::global();
    // Without boot.js there is nothing to show it on; the console has it.
    let _shown = Reflect::get(&global, &"tourneeFatal".into())
        .and_then(|found| found.dyn_into::<Function>())
        .and_then(|fatal| fatal.call1(&JsValue::UNDEFINED, &message.into()));
}
