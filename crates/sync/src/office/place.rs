//! Where an arriving fact stands in its device's chain.

use crate::encoding::Hash;
use std::fmt;

/// What the office holds of one device and epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// 0 when nothing of this epoch arrived.
    pub head_seq: u64,
    /// Genesis at 0.
    pub head_hash: Hash,
    /// The device forked; only a new epoch takes it back (SYNC 14).
    pub frozen: bool,
    pub revoked: bool,
}

impl Chain {
    pub const EMPTY: Self = Self {
        head_seq: 0,
        head_hash: Hash::GENESIS,
        frozen: false,
        revoked: false,
    };
}

/// A fact the office already stored under the same id or the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub hash: Hash,
    pub server_seq: u64,
}

/// One fact as it arrives, after the ports looked at it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Its place according to the push.
    pub seq: u64,
    /// Its place according to its own text; `None` when the text is no envelope.
    pub text_seq: Option<u64>,
    pub previous: Hash,
    pub hash: Hash,
    /// The hash covers the previous hash and the text.
    pub hash_covers: bool,
    /// The signature over the hash is by the key this epoch registered.
    pub signed: bool,
    pub known_id: Option<Known>,
    pub known_seq: Option<Known>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Stored long ago, byte for byte.
    Duplicate { server_seq: u64 },
    /// The next fact of the chain.
    Next,
    /// Safe, but earlier facts are missing.
    Staged,
    /// The device's history is not the office's: set aside, the device is frozen, nothing is updated.
    Fork,
    /// Set aside for a person to look at.
    Aside(Aside),
}

/// Why a fact does not take its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    HashMismatch,
    BadSignature,
    /// The text claims another place than the push, which is not the next of the chain.
    WrongPlace,
    /// Arrived after its device was revoked (SYNC 37).
    PostRevocation,
    Frozen,
}

impl Aside {
    /// The word stored and shown to the office.
    pub fn code(self) -> &'static str {
        match self {
            Self::HashMismatch => "hash_mismatch",
            Self::BadSignature => "bad_signature",
            Self::WrongPlace => "wrong_place",
            Self::PostRevocation => "post_revocation",
            Self::Frozen => "device_frozen",
        }
    }
}

impl fmt::Display for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HashMismatch => "the hash does not cover the text and the previous hash",
            Self::BadSignature => "the signature is not by the key this device enrolled",
            Self::WrongPlace => {
                "the text claims another sequence number than its place in the push"
            }
            Self::PostRevocation => "it arrived after its device was revoked",
            Self::Frozen => "its device forked and has not enrolled again",
        })
    }
}

/// Decides where an arriving fact stands. A fact that is not by the device's key decides nothing about the device.
pub fn place(chain: &Chain, fact: &Arrival) -> Place {
    if !fact.hash_covers {
        return Place::Aside(Aside::HashMismatch);
    }
    let same = |known: Option<Known>| known.filter(|known| known.hash == fact.hash);
    if let Some(known) = same(fact.known_id).or(same(fact.known_seq)) {
        return Place::Duplicate {
            server_seq: known.server_seq,
        };
    }
    if !fact.signed {
        return Place::Aside(Aside::BadSignature);
    }
    if chain.revoked {
        return Place::Aside(Aside::PostRevocation);
    }
    if chain.frozen {
        return Place::Aside(Aside::Frozen);
    }
    // A device that signs a wrong number at the end of its own chain made a mistake in that fact alone: it keeps the place
    // that its hash gives it, and its queue goes on. Anywhere else somebody may have moved it, who must not freeze the device.
    let continues = fact.seq == chain.head_seq + 1 && fact.previous == chain.head_hash;
    if fact.text_seq.is_some_and(|seq| seq != fact.seq) && !continues {
        return Place::Aside(Aside::WrongPlace);
    }
    if fact.known_id.is_some() || fact.known_seq.is_some() || fact.seq <= chain.head_seq {
        return Place::Fork;
    }
    if fact.seq > chain.head_seq + 1 {
        return Place::Staged;
    }
    match continues {
        true => Place::Next,
        false => Place::Fork,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(byte: u8) -> Hash {
        Hash([byte; 32])
    }

    /// The office holds facts 1 to 4 of this chain; fact `n` has the hash `n`, and the next is 5 with hash 5.
    fn chain() -> Chain {
        Chain {
            head_seq: 4,
            head_hash: hash(4),
            ..Chain::EMPTY
        }
    }

    fn next() -> Arrival {
        Arrival {
            seq: 5,
            text_seq: Some(5),
            previous: hash(4),
            hash: hash(5),
            hash_covers: true,
            signed: true,
            known_id: None,
            known_seq: None,
        }
    }

    fn known(byte: u8) -> Option<Known> {
        Some(Known {
            hash: hash(byte),
            server_seq: 40,
        })
    }

    #[test]
    fn every_case_has_its_place() {
        let frozen = Chain {
            frozen: true,
            ..chain()
        };
        let revoked = Chain {
            revoked: true,
            ..chain()
        };
        let duplicate = Place::Duplicate { server_seq: 40 };
        let old = Arrival {
            seq: 3,
            text_seq: Some(3),
            previous: hash(2),
            hash: hash(3),
            known_id: known(3),
            known_seq: known(3),
            ..next()
        };
        let cases: Vec<(&str, Chain, Arrival, Place)> = vec![
            ("next", chain(), next(), Place::Next),
            (
                "first of an epoch",
                Chain::EMPTY,
                Arrival {
                    seq: 1,
                    text_seq: Some(1),
                    previous: Hash::GENESIS,
                    ..next()
                },
                Place::Next,
            ),
            (
                "unreadable text, in sequence",
                chain(),
                Arrival {
                    text_seq: None,
                    ..next()
                },
                Place::Next,
            ),
            ("known bytes", chain(), old, duplicate),
            ("known bytes of a frozen device", frozen, old, duplicate),
            ("known bytes of a revoked device", revoked, old, duplicate),
            (
                "known bytes, signature lost",
                chain(),
                Arrival {
                    signed: false,
                    ..old
                },
                duplicate,
            ),
            (
                "known id, other bytes",
                chain(),
                Arrival {
                    known_id: known(9),
                    ..next()
                },
                Place::Fork,
            ),
            (
                "known place, other bytes",
                chain(),
                Arrival {
                    hash: hash(33),
                    known_id: None,
                    ..old
                },
                Place::Fork,
            ),
            (
                "another history before it",
                chain(),
                Arrival {
                    previous: hash(44),
                    ..next()
                },
                Place::Fork,
            ),
            (
                "a gap before it",
                chain(),
                Arrival {
                    seq: 7,
                    text_seq: Some(7),
                    ..next()
                },
                Place::Staged,
            ),
            (
                "known id, other bytes, not signed: no freeze by strangers",
                chain(),
                Arrival {
                    known_id: known(9),
                    signed: false,
                    ..next()
                },
                Place::Aside(Aside::BadSignature),
            ),
            (
                "hash of other bytes",
                chain(),
                Arrival {
                    hash_covers: false,
                    ..next()
                },
                Place::Aside(Aside::HashMismatch),
            ),
            (
                "text of another place, in sequence",
                chain(),
                Arrival {
                    text_seq: Some(6),
                    ..next()
                },
                Place::Next,
            ),
            (
                "text of another place, after another history",
                chain(),
                Arrival {
                    text_seq: Some(6),
                    previous: hash(44),
                    ..next()
                },
                Place::Aside(Aside::WrongPlace),
            ),
            (
                "text of another place, after a gap: not staged",
                chain(),
                Arrival {
                    seq: 7,
                    text_seq: Some(5),
                    ..next()
                },
                Place::Aside(Aside::WrongPlace),
            ),
            ("frozen", frozen, next(), Place::Aside(Aside::Frozen)),
            (
                "revoked",
                revoked,
                next(),
                Place::Aside(Aside::PostRevocation),
            ),
        ];
        for (name, chain, arrival, expected) in cases {
            assert_eq!(place(&chain, &arrival), expected, "{name}");
        }
    }
}
