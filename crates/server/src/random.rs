//! The one place that takes chance from the operating system.

use crate::clock;
use rand::RngCore;
use rand::rngs::OsRng;
use tournee_domain::FactId;
use uuid::Uuid;

/// Unguessable bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// A UUIDv7: ids made later sort later.
pub fn uuid() -> Uuid {
    let millis = clock::now_ms().unsigned_abs();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes()).into_uuid()
}

pub fn fact_id() -> FactId {
    FactId(uuid())
}
