//! A push on its way through the server: signatures on every core, then the writer's turn, then the acknowledgement
//! (SYNC 13–18). What becomes of the facts is decided by [`tournee_sync::office`].

use crate::clock;
use crate::database::organisations::OrganisationRecord;
use crate::database::{SqliteOffice, devices};
use crate::error::Error;
use crate::keys::Verifier;
use crate::office::Office;
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};
use tournee_domain::UserId;
use tournee_sync::envelope::SealedFact;
use tournee_sync::key::PublicKey;
use tournee_sync::office::{self, Examined};
use tournee_sync::push::{PushRequest, PushResponse};

/// Facts worth a core of their own.
const FACTS_A_CORE_MIN: usize = 8;

/// Why a push was not taken at all; the device keeps everything and tries again.
pub type PushRefused = office::PushRefused<Error>;

/// Takes a push. When it returns, everything acknowledged is durable.
///
/// # Errors
/// [`PushRefused`]: nothing was stored.
pub async fn push(
    office: &Office,
    organisation: &OrganisationRecord,
    mut request: PushRequest,
    session: Option<UserId>,
) -> Result<PushResponse, PushRefused> {
    let registered = {
        let mut tx = office.database.read().await?;
        devices::epoch(&mut tx, organisation.id, request.device, request.epoch).await?
    };
    let unknown = || PushRefused::UnknownDevice(request.device);
    let certified = office::certified(&request, organisation.id, office.key.as_ref());
    let (key, author) = match (registered, &certified) {
        (Some(registered), _) => (registered.key, registered.user.ok_or_else(unknown)?),
        // This office was put back and has forgotten what it certified.
        (None, Some(certificate)) => (certificate.key.clone(), certificate.user),
        (None, None) => return Err(unknown()),
    };

    // Signatures cost the most and need no lock: they are checked before the writer's turn.
    let facts = std::mem::take(&mut request.facts);
    let from_seq = request.from_seq;
    let examined = tokio::task::spawn_blocking(move || examine(facts, from_seq, &key))
        .await
        .map_err(|error| Error::Corrupt(format!("checking signatures: {error}")))?;
    // Strangers do not make others wait.
    if !office::is_authorised(&examined, author, session) {
        return Err(PushRefused::NotAuthorised);
    }

    let mut store = SqliteOffice::new(office.database.write().await?).await?;
    let pushed = office::push(
        &mut store,
        &request,
        examined,
        certified.as_ref(),
        session,
        clock::now_ms(),
    )
    .await?;
    store.commit().await?;
    if let Some(last) = pushed.last {
        office.announce(last);
    }
    // Only now: what follows says that everything is durable (SYNC 17).
    Ok(pushed.committed(office.key.as_ref(), clock::now_ms()))
}

/// Looks at the facts of one push: the first stands at `from_seq`, the others follow. Signatures cost most: every core
/// checks a share.
fn examine(facts: Vec<SealedFact>, from_seq: u64, key: &PublicKey) -> Vec<Examined> {
    let verifier = Verifier::new(key);
    let id = key.id();
    let one = |(n, sealed): (usize, SealedFact)| {
        Examined::new(from_seq + n as u64, sealed, &id, |hash, signature| {
            verifier.is_signed(hash, signature)
        })
    };
    let facts = facts.into_par_iter().enumerate();
    facts.with_min_len(FACTS_A_CORE_MIN).map(one).collect()
}
