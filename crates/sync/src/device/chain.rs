//! The device's decisions, pure: the next fact of its chain, the next push, and what an answer proves.

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
        certificate: None,
        heartbeat: None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::FactStatus;
    use tournee_domain::fact::{Visit, VisitOutcome};
    use uuid::Uuid;

    fn author() -> Author {
        Author {
            organisation: OrganisationId(Uuid::from_u128(1)),
            device: DeviceId(Uuid::from_u128(2)),
            user: UserId(Uuid::from_u128(3)),
            key: KeyId("0123456789abcdef".into()),
        }
    }

    fn fact_after(head: ChainHead, report: &str) -> Result<UnsignedFact, FactTooLong> {
        let at = "2026-11-21T09:30:00+01:00".parse().unwrap();
        let body = FactBody::Visit(Visit {
            client: "C00095".into(),
            started_at: at,
            ended_at: at,
            position: None,
            person_met: None,
            outcome: VisitOutcome::Paid,
            comments: Vec::new(),
            report: report.to_owned(),
            next_action: None,
        });
        let fact = NewFact {
            fact_id: FactId(Uuid::from_u128(u128::from(head.seq) + 100)),
            times: Times {
                device: at,
                zone: "Africa/Niamey".into(),
                office_offset_ms: None,
                office_offset_age_s: None,
            },
            base_cursor: None,
            body: &body,
        };
        next_fact(&author(), head, &fact)
    }

    fn chain(length: usize, report: &str) -> Vec<SealedFact> {
        let mut head = ChainHead::genesis(1);
        let facts = (0..length).map(|_| {
            let unsigned = fact_after(head, report).unwrap();
            head = unsigned.head;
            unsigned.seal(Bytes(vec![7; 64]), author().key)
        });
        facts.collect()
    }

    #[test]
    fn facts_are_chained_without_gaps() {
        let facts = chain(3, "vu le comptable");
        for (index, fact) in facts.iter().enumerate() {
            let text = fact.open().expect("the hash covers the text");
            assert_eq!((text.epoch, text.seq), (1, index as u64 + 1));
            assert_eq!(text.organisation, author().organisation);
            let before = index
                .checked_sub(1)
                .map_or(Hash::GENESIS, |index| facts[index].hash);
            assert_eq!(fact.previous, before);
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_before_it_is_signed() {
        let long = "é".repeat(FACT_TEXT_MAX_BYTES / 2);
        let refused = fact_after(ChainHead::genesis(1), &long);
        assert!(matches!(refused, Err(FactTooLong(bytes)) if bytes > FACT_TEXT_MAX_BYTES));
    }

    #[test]
    fn a_push_keeps_both_limits() {
        assert_eq!(push_length(&[]), 0);
        assert_eq!(push_length(&chain(250, "court")), PUSH_FACTS_MAX);
        // Quotes double in the string that carries the text, and so do their backslashes.
        for report in ["x".repeat(5_000), "\"".repeat(5_000), "é".repeat(20_000)] {
            let facts = chain(100, &report);
            let length = push_length(&facts);
            assert!((1..PUSH_FACTS_MAX).contains(&length), "{length}");
            let bytes = |count: usize| {
                let device = author().device;
                let request = push_request("build", device, 1, 1, facts[..count].to_vec());
                serde_json::to_vec(&request).unwrap().len()
            };
            assert!(bytes(length) <= PUSH_BYTES_MAX);
            assert!(
                bytes(length + 1) > PUSH_BYTES_MAX - PUSH_FRAME_BYTES,
                "no room is wasted"
            );
        }
    }

    #[test]
    fn the_longest_fact_fits_into_a_push() {
        // The worst text: everything in it is escaped once more on its way.
        let report = "\"".repeat((FACT_TEXT_MAX_BYTES - 1_000) / 2);
        let facts = chain(1, &report);
        assert_eq!(push_length(&facts), 1);
        let request = push_request("build", author().device, 1, 1, facts);
        assert!(serde_json::to_vec(&request).unwrap().len() <= PUSH_BYTES_MAX);
    }

    fn ack(acked_through: u64, chain_hash: Hash) -> Ack {
        Ack {
            organisation: author().organisation,
            device: author().device,
            epoch: 1,
            acked_through,
            chain_hash,
            held: Vec::new(),
            server_now_ms: 0,
            log_id: "log".into(),
        }
    }

    #[test]
    fn an_acknowledgement_is_for_this_device_and_epoch() {
        let text = serde_json::to_string(&ack(0, Hash::GENESIS)).unwrap();
        let (organisation, device) = (author().organisation, author().device);
        assert!(read_ack(&text, organisation, device, 1).is_ok());
        let other = DeviceId(Uuid::from_u128(9));
        assert_eq!(
            read_ack(&text, organisation, other, 1),
            Err(AckRefused::OtherDevice)
        );
        assert_eq!(
            read_ack(&text, organisation, device, 2),
            Err(AckRefused::OtherDevice)
        );
        let portal = read_ack("<html>Wi-Fi</html>", organisation, device, 1);
        assert!(matches!(portal, Err(AckRefused::Malformed(_))));
    }

    #[test]
    fn an_acknowledgement_names_this_devices_own_chain() {
        let facts = chain(3, "vu");
        let check = |seq, hash, own| check_chain(&ack(seq, hash), 3, own);
        assert_eq!(check(3, facts[2].hash, Some(facts[2].hash)), Ok(()));
        assert_eq!(check(0, Hash::GENESIS, None), Ok(()));
        let beyond = check(4, facts[2].hash, None).unwrap_err();
        assert_eq!(
            beyond,
            AckRefused::BeyondChain {
                acked_through: 4,
                recorded: 3
            }
        );
        for (seq, hash, own) in [
            (2, facts[2].hash, Some(facts[1].hash)),
            (2, facts[1].hash, None),
            (0, facts[0].hash, None),
        ] {
            let other = check(seq, hash, own).unwrap_err();
            assert_eq!(other, AckRefused::OtherChain { seq });
            assert!(other.is_permanent());
        }
    }

    #[test]
    fn results_name_every_fact_of_the_push_in_order() {
        let request = push_request("build", author().device, 1, 5, chain(2, "vu"));
        let results = |seqs: &[u64]| -> Vec<FactResult> {
            let result = |seq: &u64| FactResult {
                seq: *seq,
                fact_id: None,
                status: FactStatus::Accepted,
                server_seq: None,
                flags: Vec::new(),
                detail: String::new(),
            };
            seqs.iter().map(result).collect()
        };
        assert!(results_match(&request, &results(&[5, 6])));
        for wrong in [&[][..], &[5], &[6, 5], &[5, 6, 7], &[1, 2]] {
            assert!(!results_match(&request, &results(wrong)), "{wrong:?}");
        }
    }
}
