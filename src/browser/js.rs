//! Small help with what web-sys has no stable binding for.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Window;

/// The page's window.
///
/// # Panics
/// Never in a page; the app does not run in workers.
pub fn window() -> Window {
    web_sys::window().expect("the app runs in a page")
}

/// A property, `undefined` when it cannot be read.
pub fn get(target: &JsValue, name: &str) -> JsValue {
    Reflect::get(target, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Calls a method by name.
pub fn call(target: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = get(target, name).dyn_into()?;
    method.apply(target, &arguments.iter().cloned().collect::<Array>())
}

/// Calls a method by name that gives a promise, and waits for it.
pub async fn call_async(
    target: &JsValue,
    name: &str,
    arguments: &[JsValue],
) -> Result<JsValue, JsValue> {
    let promise: Promise = call(target, name, arguments)?.dyn_into()?;
    JsFuture::from(promise).await
}

/// An object with these properties.
pub fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in properties {
        // Setting a property of a plain new object cannot fail.
        let _set = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// A whole number of JavaScript's one kind of number.
pub fn integer(value: &JsValue) -> Option<i64> {
    value.as_f64().map(|number| number as i64)
}

/// What was thrown, in words for support.
pub fn describe(thrown: &JsValue) -> String {
    let text = get(thrown, "message").as_string();
    let name = get(thrown, "name").as_string();
    match (name, text) {
        (Some(name), Some(text)) => format!("{name}: {text}"),
        _ => format!("{thrown:?}"),
    }
}

/// The name of what was thrown, such as `NotSupportedError`.
pub fn name_of(thrown: &JsValue) -> String {
    get(thrown, "name").as_string().unwrap_or_default()
}
