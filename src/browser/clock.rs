//! The device's clock. What is business comes from the organisation's zone (SYNC 8).

use super::js::{call, get};
use chrono::{DateTime, FixedOffset, Utc};
use js_sys::{Date, Promise};
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;
use web_sys::IdleRequestOptions;

/// Work that waits for an idle browser goes on after so long at the latest.
const IDLE_WITHIN_MS: u32 = 1_000;
/// A pause where the browser does not say when it is idle.
const MOMENT_MS: i32 = 50;

/// A browser may call itself idle while the first frame is on its way to the screen.
const SETTLED_MS: u32 = 150;

/// Milliseconds since 1970 UTC, by this device.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the app's one clock port"
)]
pub fn now_ms() -> i64 {
    Date::now() as i64
}

/// The time `ms` after 1970 UTC in a zone so many minutes east of it; an impossible zone counts as UTC.
pub fn at(ms: i64, utc_offset_minutes: i32) -> DateTime<FixedOffset> {
    let offset = utc_offset_minutes
        .checked_mul(60)
        .and_then(FixedOffset::east_opt);
    let utc: DateTime<Utc> = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    utc.with_timezone(&offset.unwrap_or_else(|| Utc.fix_offset()))
}

/// The device's wall time, with its offset.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the app's one clock port"
)]
pub fn device_now() -> DateTime<FixedOffset> {
    let west_of_utc_minutes = Date::new_0().get_timezone_offset() as i32;
    at(now_ms(), -west_of_utc_minutes)
}

/// The IANA name of the device's zone, empty when the browser does not say.
pub fn device_zone() -> String {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    call(&format, "resolvedOptions", &[])
        .ok()
        .and_then(|options| get(&options, "timeZone").as_string())
        .unwrap_or_default()
}

/// Lets so much time pass.
pub async fn sleep(ms: u32) {
    gloo_timers::future::TimeoutFuture::new(ms).await;
}

/// Waits until the first screen is drawn, a tap that came at once is answered, and the browser has nothing else to do.
pub async fn settled() {
    sleep(SETTLED_MS).await;
    idle().await;
}

/// Waits until the browser has nothing else to do, for a while at most; where it does not say, a moment.
pub async fn idle() {
    let promise = Promise::new(&mut |resolve, _| {
        let options = IdleRequestOptions::new();
        options.set_timeout(IDLE_WITHIN_MS);
        let asked = window().request_idle_callback_with_options(&resolve, &options);
        if asked.is_err() {
            // Setting a timeout does not fail where there is a window.
            let _moment =
                window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, MOMENT_MS);
        }
    });
    // It is only ever resolved.
    let _idle = JsFuture::from(promise).await;
}

/// Lets the browser answer taps and draw, in the midst of long work.
pub async fn breathe() {
    sleep(0).await;
}

trait FixOffset {
    fn fix_offset(&self) -> FixedOffset;
}

impl FixOffset for Utc {
    fn fix_offset(&self) -> FixedOffset {
        use chrono::Offset;
        self.fix()
    }
}
