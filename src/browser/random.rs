//! Chance, from the browser's own source.

use super::clock::now_ms;
use super::js::window;
use uuid::{Builder, Uuid};

/// Random bytes.
///
/// # Panics
/// When the browser has no source of chance, without which no id is safe.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let crypto = window()
        .crypto()
        .expect("every browser that runs this has WebCrypto");
    crypto
        .get_random_values_with_u8_array(&mut bytes)
        .expect("fewer bytes are asked for than the browser's limit");
    bytes
}

/// A new id, version 7: ordered by time.
pub fn uuid_v7() -> Uuid {
    let ms = u64::try_from(now_ms()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(ms, &bytes()).into_uuid()
}

/// A duration between `ms` and one and a half times it, so that devices do not all come back at once.
pub fn jittered(ms: u32) -> u32 {
    let [chance] = bytes::<1>();
    ms.saturating_add(ms / 512 * u32::from(chance))
}
