//! Where the device is, if the user allows it.

use super::js::{call, get, object, window};
use futures::channel::oneshot;
use futures::future::{Either, select};
use std::cell::RefCell;
use std::rc::Rc;
use tournee_domain::fact::Position;
use wasm_bindgen::prelude::*;

/// A visit does not wait longer for a position.
const TIMEOUT_MS: u32 = 8_000;
/// A position of the last minute is as good as a new one.
const AGE_MAX_MS: u32 = 60_000;

/// The present position; `None` when it is refused, unknown, or takes too long.
pub async fn current() -> Option<Position> {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let answer = move |position: Option<Position>| {
        // The second of two answers has nobody waiting.
        let _sent = sender
            .borrow_mut()
            .take()
            .map(|sender| sender.send(position));
    };
    let refused = answer.clone();
    let found = Closure::<dyn FnMut(JsValue)>::new(move |found: JsValue| answer(read(&found)));
    let failed = Closure::<dyn FnMut(JsValue)>::new(move |_| refused(None));
    let options = object(&[
        ("enableHighAccuracy", true.into()),
        ("timeout", TIMEOUT_MS.into()),
        ("maximumAge", AGE_MAX_MS.into()),
    ]);
    let geolocation = get(&window().navigator(), "geolocation");
    let arguments = [found.as_ref().clone(), failed.as_ref().clone(), options];
    call(&geolocation, "getCurrentPosition", &arguments).ok()?;
    // The browser's own limit does not count while it asks the user.
    let limit = Box::pin(super::clock::sleep(TIMEOUT_MS));
    match select(receiver, limit).await {
        Either::Left((position, _)) => position.ok().flatten(),
        Either::Right(_) => {
            // It may still answer later.
            found.forget();
            failed.forget();
            None
        }
    }
}

fn read(found: &JsValue) -> Option<Position> {
    let coordinates = get(found, "coords");
    let micro = |name| {
        // Degrees become millionths by moving the point in their decimal text: no float is reckoned with.
        let degrees = get(&coordinates, name).as_f64()?;
        let text = call(&JsValue::from(degrees), "toFixed", &[6.into()])
            .ok()?
            .as_string()?;
        text.replace('.', "").parse::<i32>().ok()
    };
    let accuracy = get(&coordinates, "accuracy").as_f64()?;
    Some(Position {
        latitude_micro: micro("latitude")?,
        longitude_micro: micro("longitude")?,
        accuracy_m: accuracy.ceil() as u32,
    })
}
