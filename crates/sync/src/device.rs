//! The device's half of the protocol, pure: the next fact of its chain, the next push, and what an answer proves.
//!
//! Nothing here reads a store, a clock or a key. `state/` on the device joins it with the browser's ports; a simulator
//! may join it with others.

use crate::PROTOCOL;
use crate::ack::Ack;
use crate::encoding::{Bytes, Hash};
use crate::envelope::{FACT_TEXT_MAX_BYTES, FactText, SealedFact, Times, chain_hash};
use crate::key::KeyId;
use crate::push::{FactResult, PUSH_BYTES_MAX, PUSH_FACTS_MAX, PushRequest};
use tournee_domain::fact::{BODY_SCHEMA, FactBody};
use tournee_domain::{DeviceId, FactId, OrganisationId, UserId};

/// Bytes of a push's body kept free for everything around the facts.
const PUSH_FRAME_BYTES: usize = 1024;

/// Who writes facts on this device, and with which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    pub organisation: OrganisationId,
    pub device: DeviceId,
    pub user: UserId,
    pub key: KeyId,
}

/// The end of the device's chain in one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    pub epoch: u32,
    /// 0 before the first fact.
    pub seq: u64,
    pub hash: Hash,
}

impl ChainHead {
    /// Before the first fact of `epoch`.
    pub fn genesis(epoch: u32) -> Self {
        Self {
            epoch,
            seq: 0,
            hash: Hash::GENESIS,
        }
    }
}

/// What the next fact says besides its place in the chain.
#[derive(Clone, Debug)]
pub struct NewFact<'a> {
    pub fact_id: FactId,
    pub times: Times,
    /// The cursor of the last pull (SYNC 26).
    pub base_cursor: Option<String>,
    pub body: &'a FactBody,
}

/// A fact written and hashed, waiting for its signature over [`UnsignedFact::hash`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedFact {
    pub text: String,
    pub previous: Hash,
    pub hash: Hash,
    /// The chain's end once this fact is stored.
    pub head: ChainHead,
}

/// The body does not fit into one fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fact's text would be {0} bytes long; at most {FACT_TEXT_MAX_BYTES} fit")]
pub struct FactTooLong(pub usize);

/// Writes the fact that follows `head` (SYNC 3, 4).
///
/// # Errors
/// [`FactTooLong`], when somebody typed too much.
///
/// # Panics
/// Never: every body serialises.
pub fn next_fact(
    author: &Author,
    head: ChainHead,
    fact: &NewFact,
) -> Result<UnsignedFact, FactTooLong> {
    let seq = head.seq + 1;
    let body = serde_json::value::to_raw_value(fact.body).expect("every body serialises");
    let text = FactText {
        organisation: author.organisation,
        device: author.device,
        epoch: head.epoch,
        seq,
        fact_id: fact.fact_id,
        user: author.user,
        type_name: fact.body.type_name().to_owned(),
        schema: BODY_SCHEMA,
        times: fact.times.clone(),
        base_cursor: fact.base_cursor.clone(),
        body,
    }
    .write();
    if text.len() > FACT_TEXT_MAX_BYTES {
        return Err(FactTooLong(text.len()));
    }
    let hash = chain_hash(head.hash, &text);
    Ok(UnsignedFact {
        text,
        previous: head.hash,
        hash,
        head: ChainHead {
            epoch: head.epoch,
            seq,
            hash,
        },
    })
}

impl UnsignedFact {
    /// The fact as it is stored and travels.
    pub fn seal(self, signature: Bytes, key: KeyId) -> SealedFact {
        SealedFact {
            text: self.text,
            previous: self.previous,
            hash: self.hash,
            signature,
            key,
        }
    }
}

/// How many of `facts`, from the first, go into one push (SYNC 13).
///
/// At least one goes, however long: a fact is at most [`FACT_TEXT_MAX_BYTES`], so that it always fits.
///
/// # Panics
/// Never: every fact serialises.
pub fn push_length<'a>(facts: impl IntoIterator<Item = &'a SealedFact>) -> usize {
    let mut bytes = PUSH_FRAME_BYTES;
    let mut length = 0;
    for fact in facts.into_iter().take(PUSH_FACTS_MAX) {
        // Measured as it will be sent: quotes in a text grow when they travel in a string.
        bytes += serde_json::to_vec(fact)
            .expect("every fact serialises")
            .len()
            + 1;
        if length > 0 && bytes > PUSH_BYTES_MAX {
            break;
        }
        length += 1;
    }
    length
}

/// The push of `facts`, which follow one another from `from_seq` on.
pub fn push_request(
    build: &str,
    device: DeviceId,
    epoch: u32,
    from_seq: u64,
    facts: Vec<SealedFact>,
) -> PushRequest {
    PushRequest {
        protocol: PROTOCOL,
        build: build.to_owned(),
        device,
        epoch,
        from_seq,
        facts,
    }
}

/// The acknowledgement proves nothing: the answer counts as a failure, whatever its status (SYNC 18).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AckRefused {
    #[error("the acknowledgement's text: {0}")]
    Malformed(String),
    #[error("the acknowledgement is for another organisation, device or epoch")]
    OtherDevice,
    /// The office claims more than this device ever recorded.
    #[error("the office acknowledges through {acked_through}, but this device recorded {recorded}")]
    BeyondChain { acked_through: u64, recorded: u64 },
    /// The office has another fact at that place: stop, export, alarm.
    #[error("the office's chain differs from this device's at {seq}")]
    OtherChain { seq: u64 },
}

impl AckRefused {
    /// Whether the two chains differ, which no further attempt mends.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::BeyondChain { .. } | Self::OtherChain { .. })
    }
}

/// Reads an acknowledgement whose signature was verified, and checks whom it is for.
///
/// # Errors
/// [`AckRefused`]
pub fn read_ack(
    text: &str,
    organisation: OrganisationId,
    device: DeviceId,
    epoch: u32,
) -> Result<Ack, AckRefused> {
    let ack: Ack =
        serde_json::from_str(text).map_err(|error| AckRefused::Malformed(error.to_string()))?;
    if (ack.organisation, ack.device, ack.epoch) != (organisation, device, epoch) {
        return Err(AckRefused::OtherDevice);
    }
    Ok(ack)
}

/// Compares an acknowledgement with the device's own chain: `recorded` is its last number of that epoch, `own_hash` the
/// hash of its fact at `acked_through`, if it still has it.
///
/// # Errors
/// [`AckRefused`]
pub fn check_chain(ack: &Ack, recorded: u64, own_hash: Option<Hash>) -> Result<(), AckRefused> {
    let seq = ack.acked_through;
    if seq > recorded {
        return Err(AckRefused::BeyondChain {
            acked_through: seq,
            recorded,
        });
    }
    let expected = if seq == 0 {
        Some(Hash::GENESIS)
    } else {
        own_hash
    };
    if expected == Some(ack.chain_hash) {
        Ok(())
    } else {
        Err(AckRefused::OtherChain { seq })
    }
}

/// Whether the answer names every fact of the push once, in its order.
pub fn results_match(request: &PushRequest, results: &[FactResult]) -> bool {
    let pushed = (request.from_seq..).take(request.facts.len());
    results.iter().map(|result| result.seq).eq(pushed)
}
