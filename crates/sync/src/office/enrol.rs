//! A device gets its id, label and epoch, and pins the office's key (SYNC 1).

use super::store::{Enrolment, OfficeKey, OfficeStore};
use crate::certificate::Certificate;
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
/// device that forked (SYNC 14). What this office certified and has forgotten since it was put back, it knows again first:
/// an installation keeps its id and label for ever.
///
/// # Errors
/// [`EnrolRefused`]: nothing was written.
pub async fn enrol<S: OfficeStore>(
    store: &mut S,
    key: &impl OfficeKey,
    user: UserId,
    request: &EnrolRequest,
    new_id: DeviceId,
    now_ms: i64,
) -> Result<EnrolResponse, EnrolRefused<S::Error>> {
    let known = store.user(user).await?;
    let user = known.ok_or(EnrolRefused::UnknownUser)?.user;
    let organisation = store.organisation().settings.clone();
    let certified = request.certificate.as_ref();
    let certified = certified.and_then(|signed| signed.open(organisation.id, key));
    if let Some(former) = certified
        .filter(|former| (former.user, former.installation) == (user.id, request.installation))
        && store.epoch(former.device, former.epoch).await?.is_none()
    {
        store.reinstate(&former).await?;
    }
    let enrolment = Enrolment {
        new_id,
        installation: request.installation,
        user: user.id,
        key: &request.key,
        build: &request.build,
        now_ms,
    };
    let device = store.enrol(&enrolment).await?;
    let device = device.ok_or(EnrolRefused::Revoked)?;
    let certificate = Certificate {
        organisation: organisation.id,
        device: device.id,
        label: device.label.clone(),
        epoch: device.epoch,
        user: user.id,
        key: request.key.clone(),
        installation: request.installation,
        issued_at_ms: now_ms,
    };
    Ok(EnrolResponse {
        device,
        certificate: certificate.sign(key),
        organisation,
        user,
        office_key: store.own_epoch().await?.key,
        server_now_ms: now_ms,
    })
}
