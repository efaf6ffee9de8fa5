//! What the device keeps, and the operations of its store. The store belongs to this machine; what makes it real (memory,
//! IndexedDB) lies in `tournee-store`.

mod error;
mod port;
mod record;

pub use error::StoreError;
pub use port::DeviceStore;
pub use record::*;
