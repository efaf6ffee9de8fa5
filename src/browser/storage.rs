//! How much room the browser gives, and whether it promises to keep what is stored (SYNC §3).

use super::js::{call_async, get, integer, window};
use wasm_bindgen::JsValue;

/// Room used and given, as far as the browser says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    pub usage_bytes: Option<u64>,
    pub quota_bytes: Option<u64>,
}

pub async fn estimate() -> Estimate {
    let answer = ask("estimate").await.unwrap_or(JsValue::UNDEFINED);
    let bytes = |name| integer(&get(&answer, name)).and_then(|bytes| u64::try_from(bytes).ok());
    Estimate {
        usage_bytes: bytes("usage"),
        quota_bytes: bytes("quota"),
    }
}

/// Asks to keep this app's data when space is short; the browser may ask the user.
pub async fn persist() -> bool {
    ask("persist")
        .await
        .is_some_and(|answer| answer.is_truthy())
}

/// Whether the browser has promised to.
pub async fn persisted() -> Option<bool> {
    ask("persisted").await.map(|answer| answer.is_truthy())
}

async fn ask(question: &str) -> Option<JsValue> {
    let storage = get(&window().navigator(), "storage");
    call_async(&storage, question, &[]).await.ok()
}
