//! Records for one device (SYNC 19–21, 24, 29): whole portfolios a few at a time, what goes in decided by
//! [`tournee_sync::office`].

use crate::clock;
use crate::database::SqliteOffice;
use crate::error::Error;
use crate::office::Office;
use tournee_domain::UserId;
use tournee_sync::office::{self, PullRefused};
use tournee_sync::pull::{PullRequest, PullResponse};

/// Why nothing was given.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("many devices take their first portfolio right now: ask again in a moment")]
    Busy,
    #[error(transparent)]
    Refused(#[from] PullRefused<Error>),
}

impl From<Error> for PullError {
    fn from(error: Error) -> Self {
        Self::Refused(PullRefused::Failed(error))
    }
}

/// One page of what changed in the user's scope since the cursor, or of everything without one.
///
/// # Errors
/// [`PullError`].
pub async fn pull(
    office: &Office,
    session: UserId,
    request: &PullRequest,
) -> Result<PullResponse, PullError> {
    // A whole portfolio costs much; pushes never wait behind it.
    let _slot = match &request.cursor {
        Some(_) => None,
        None => Some(
            office
                .snapshots
                .try_acquire()
                .map_err(|_| PullError::Busy)?,
        ),
    };
    let mut store = SqliteOffice::new(office.database.read().await?).await?;
    let now_ms = clock::now_ms();
    Ok(office::pull(&mut store, office.key.as_ref(), session, request, now_ms).await?)
}
