//! Web Locks: one writer, one exchange with the office at a time, over all tabs (SYNC 9).

use super::js::{call, describe, get, object, window};
use futures::channel::oneshot;
use js_sys::{Function, Promise};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A lock held until this is dropped.
pub struct Lock {
    release: Function,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The resolver of a promise does not throw.
        let _released = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Waits for the lock of that name.
///
/// # Errors
/// What the browser says when it gives no locks here.
pub async fn acquire(name: &str) -> Result<Lock, String> {
    match request(name, false).await? {
        Some(lock) => Ok(lock),
        None => Err("the browser gave no lock".to_owned()),
    }
}

/// The lock of that name, or `None` when another tab holds it.
///
/// # Errors
/// What the browser says when it gives no locks here.
pub async fn try_acquire(name: &str) -> Result<Option<Lock>, String> {
    request(name, true).await
}

async fn request(name: &str, only_if_available: bool) -> Result<Option<Lock>, String> {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    // The browser holds the lock until the promise that this returns is resolved, and calls it with null when
    // somebody else holds it.
    let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        let lock = release
            .filter(|_| !lock.is_null())
            .map(|release| Lock { release });
        let nobody_holds_it = lock.is_none();
        // A receiver that is gone drops the lock, which releases it.
        let _sent = sender.borrow_mut().take().map(|sender| sender.send(lock));
        if nobody_holds_it {
            JsValue::UNDEFINED
        } else {
            held.into()
        }
    });
    let options = object(&[("ifAvailable", only_if_available.into())]);
    let locks = get(&window().navigator(), "locks");
    let asked = call(&locks, "request", &[name.into(), options, granted]);
    let promise: Promise = asked
        .and_then(JsCast::dyn_into)
        .map_err(|error| describe(&error))?;
    // A refused request shows here, and by the sender that goes with its callback.
    let ignored = Closure::<dyn FnMut(JsValue)>::new(|_| {});
    let watched = promise.catch(&ignored);
    ignored.forget();
    drop(watched);
    receiver
        .await
        .map_err(|_| "the browser refused the lock".to_owned())
}
