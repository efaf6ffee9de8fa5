//! What can go wrong in a device's store.

/// Why an operation had no effect. Whatever is named here, the operation was undone as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The way out: send what waits, then free space on the device.
    #[error("the device's storage is full")]
    Full,
    /// Another tab recorded in between; read the head again and try once more.
    #[error("another tab recorded at the same time")]
    HeadMoved,
    /// The connection died under the operation, and so did the one opened in its place.
    #[error("the connection to the browser's database was lost: {0}")]
    Lost(String),
    /// Another tab runs a newer version of the app; reload the page.
    #[error("the database was changed by a newer version of the app")]
    NewerVersion,
    #[error("the database holds something unreadable: {0}")]
    Corrupt(String),
    /// Facts that were durable are not there any more: the browser, or somebody in its settings, cleared its data.
    #[error("facts that were durable are gone: the browser cleared its data")]
    Cleared,
    #[error("the browser refused: {0}")]
    Refused(String),
}

impl StoreError {
    /// Whether the same operation may succeed when it is tried again at once.
    pub fn is_worth_retrying(&self) -> bool {
        matches!(self, Self::HeadMoved | Self::Lost(_))
    }
}
