//! A device gets its id, label and epoch, and pins the office's key (SYNC 1).

use super::store::{Enrolment, OfficeStore};
use crate::enrol::{EnrolRequest, EnrolResponse};
use tournee_domain::{DeviceId, UserId};

/// Why the device was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolRefused<E> {
    #[error("nobody is known under this session: sign in")]
    UnknownUser,
    #[error("this device was revoked: the office has to release it first")]
    Revoked,
    #[error(transparent)]
    Failed(#[from] E),
}

/// Enrols under the session of `user`: a new device, or a new epoch of the same installation, which also takes back a
/// device that forked (SYNC 14).
///
/// # Errors
/// [`EnrolRefused`]: nothing was written.
pub async fn enrol<S: OfficeStore>(
    store: &mut S,
    user: UserId,
    request: &EnrolRequest,
    new_id: DeviceId,
    now_ms: i64,
) -> Result<EnrolResponse, EnrolRefused<S::Error>> {
    let known = store.user(user).await?;
    let user = known.ok_or(EnrolRefused::UnknownUser)?.user;
    let enrolment = Enrolment {
        new_id,
        installation: request.installation,
        user: user.id,
        key: &request.key,
        build: &request.build,
        now_ms,
    };
    let device = store.enrol(&enrolment).await?;
    Ok(EnrolResponse {
        device: device.ok_or(EnrolRefused::Revoked)?,
        organisation: store.organisation().settings.clone(),
        user,
        office_key: store.own_epoch().await?.key,
        server_now_ms: now_ms,
    })
}
