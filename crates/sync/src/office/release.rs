//! What was set aside counts after all, because two people at the office said so (SYNC §4). The office records that as a
//! fact of its own, which holds the released one byte for byte: whoever replays the journal comes to the same.

use super::Examined;
use super::admit::{Author, is_the_offices, names_its_author};
use crate::envelope::{FACT_TEXT_MAX_BYTES, FactText, SealedFact};
use crate::key::KeyId;
use tournee_domain::fact::{Authored, FactBody, QuarantineReleased};

/// What the office's fact says besides the released one: names, reasons, hashes.
const ROOM_BYTES: usize = 8 * 1024;

/// Why something that was set aside can never count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreleasable {
    #[error("nobody can read it: {0}")]
    Unreadable(String),
    #[error("it is not signed by the key of its device: nobody can say who wrote it")]
    NotSigned,
    #[error("its text names another {0} than the one that sent it")]
    OtherIdentity(&'static str),
    #[error("« {0} » is recorded by the office alone")]
    OfficeOnly(&'static str),
    #[error("a fact of the same id counts already")]
    KnownFact,
    #[error("it is too long to be kept within a fact of the office")]
    TooLong,
}

impl Unreleasable {
    /// The word that screens translate.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::NotSigned => "not_signed",
            Self::OtherIdentity(_) => "other_identity",
            Self::OfficeOnly(_) => "office_only",
            Self::KnownFact => "known_fact",
            Self::TooLong => "too_long",
        }
    }
}

/// What could be released of something that was set aside; `author` is whose chain it was sent for.
///
/// # Errors
/// [`Unreleasable`]; whether its id counts already is for the caller to say.
pub fn releasable(author: &Author, fact: &Examined) -> Result<(FactText, FactBody), Unreleasable> {
    if !fact.hash_covers || !fact.signed {
        return Err(Unreleasable::NotSigned);
    }
    let text = fact.text.clone().map_err(Unreleasable::Unreadable)?;
    names_its_author(author, &text).map_err(Unreleasable::OtherIdentity)?;
    let body = text
        .read_body()
        .map_err(|error| Unreleasable::Unreadable(error.to_string()))?;
    if is_the_offices(&body) {
        return Err(Unreleasable::OfficeOnly(body.type_name()));
    }
    let escaped = serde_json::to_string(&fact.sealed.text).map_or(0, |json| json.len());
    if escaped > FACT_TEXT_MAX_BYTES - ROOM_BYTES {
        return Err(Unreleasable::TooLong);
    }
    Ok((text, body))
}

/// The bytes that a release holds, to check who wrote them; `None` when they are not as the office writes them.
pub fn released_bytes(release: &QuarantineReleased) -> Option<SealedFact> {
    Some(SealedFact {
        text: release.text.clone(),
        previous: release.previous.parse().ok()?,
        hash: release.hash.parse().ok()?,
        signature: release.signature.parse().ok()?,
        key: KeyId(release.key.clone()),
    })
}

/// The fact that a release holds, as by its author and its device.
///
/// # Errors
/// [`Unreleasable::Unreadable`] when the text inside is not one that this version reads.
pub fn released(release: &QuarantineReleased) -> Result<(Authored, FactBody), Unreleasable> {
    let text: FactText = serde_json::from_str(&release.text)
        .map_err(|error| Unreleasable::Unreadable(error.to_string()))?;
    let body = text
        .read_body()
        .map_err(|error| Unreleasable::Unreadable(error.to_string()))?;
    let authored = text.authored(&release.author, &release.device_label);
    Ok((authored, body))
}
