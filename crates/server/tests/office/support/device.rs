//! A device: it chains and signs its facts as the protocol says, with code of its own.

use super::{Answer, Client};
use p256::ecdsa::signature::{Signer, Verifier};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tournee_domain::FactId;
use tournee_server::random;
use tournee_sync::ack::Ack;
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::EnrolResponse;
use tournee_sync::envelope::SealedFact;
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::pull::PullResponse;
use tournee_sync::push::PushResponse;
use uuid::Uuid;

#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    Ed25519,
    P256,
}

#[derive(Clone)]
enum Key {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

impl Key {
    fn new(scheme: Scheme) -> Self {
        let seed: [u8; 32] = random::bytes();
        match scheme {
            Scheme::Ed25519 => Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)),
            Scheme::P256 => Self::P256(p256::ecdsa::SigningKey::from_slice(&seed).unwrap()),
        }
    }

    fn public(&self) -> PublicKey {
        let (algorithm, bytes) = match self {
            Self::Ed25519(key) => (Algorithm::Ed25519, key.verifying_key().to_bytes().to_vec()),
            Self::P256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                (Algorithm::EcdsaP256, point.as_bytes().to_vec())
            }
        };
        PublicKey {
            algorithm,
            bytes: Bytes(bytes),
        }
    }

    fn sign(&self, message: &[u8]) -> Bytes {
        Bytes(match self {
            Self::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
        })
    }
}

/// An enrolled device with its chain.
#[derive(Clone)]
pub struct Device {
    pub client: Client,
    pub enrolled: EnrolResponse,
    pub installation: Uuid,
    key: Key,
    pub seq: u64,
    pub head: Hash,
    pub receipts: u32,
    /// Device time of the next fact.
    pub at: String,
}

impl Device {
    pub fn enrol(client: &Client) -> Self {
        Self::enrol_with(client, Scheme::Ed25519, random::uuid())
    }

    pub fn enrol_with(client: &Client, scheme: Scheme, installation: Uuid) -> Self {
        let key = Key::new(scheme);
        let request = json!({"protocol": 1, "installation": installation, "key": key.public(), "build": "test"});
        let enrolled = client.post("/enrol", &request).ok();
        Self {
            client: client.clone(),
            enrolled,
            installation,
            key,
            seq: 0,
            head: Hash::GENESIS,
            receipts: 0,
            at: "2026-11-02T09:00:00+01:00".to_owned(),
        }
    }

    pub fn public_key(&self) -> PublicKey {
        self.key.public()
    }

    /// The next receipt number of its series.
    pub fn next_receipt(&mut self) -> String {
        self.receipts += 1;
        let device = &self.enrolled.device;
        format!(
            "{}-{}-E{}-{:06}",
            self.enrolled.user.agency, device.label, device.epoch, self.receipts
        )
    }

    /// The next fact of the chain.
    pub fn fact(&mut self, type_name: &str, body: &Value) -> SealedFact {
        self.fact_as(FactId(random::uuid()), type_name, body)
    }

    pub fn fact_as(&mut self, id: FactId, type_name: &str, body: &Value) -> SealedFact {
        let text = self.text(id, type_name, body).to_string();
        self.seal(text)
    }

    /// The envelope of the next fact.
    pub fn text(&self, id: FactId, type_name: &str, body: &Value) -> Value {
        json!({
            "organisation": self.enrolled.organisation.id, "device": self.enrolled.device.id,
            "epoch": self.enrolled.device.epoch, "seq": self.seq + 1, "fact_id": id, "user": self.enrolled.user.id,
            "type": type_name, "schema": 1, "times": {"device": self.at, "zone": "Africa/Niamey", "office_offset_ms": 0},
            "base_cursor": null, "body": body,
        })
    }

    /// Makes any text the next fact.
    pub fn seal(&mut self, text: String) -> SealedFact {
        let mut hasher = Sha256::new();
        hasher.update(self.head.0);
        hasher.update(text.as_bytes());
        let hash = Hash(hasher.finalize().into());
        let sealed = SealedFact {
            text,
            previous: self.head,
            hash,
            signature: self.key.sign(&hash.0),
            key: self.key.public().id(),
        };
        self.seq += 1;
        self.head = hash;
        sealed
    }

    pub fn push(&self, from_seq: u64, facts: &[SealedFact]) -> Answer {
        self.client.post("/push", &self.request(from_seq, facts))
    }

    pub fn request(&self, from_seq: u64, facts: &[SealedFact]) -> Value {
        json!({
            "protocol": 1, "build": "test", "device": self.enrolled.device.id, "epoch": self.enrolled.device.epoch,
            "from_seq": from_seq, "facts": facts,
        })
    }

    /// A push that must be taken; its acknowledgement must be the office's.
    pub fn pushed(&self, from_seq: u64, facts: &[SealedFact]) -> (PushResponse, Ack) {
        let response: PushResponse = self.push(from_seq, facts).ok();
        assert_eq!(response.results.len(), facts.len());
        let ack = self.acknowledged(&response.ack.text, &response.ack.signature);
        (response, ack)
    }

    fn acknowledged(&self, text: &str, signature: &Bytes) -> Ack {
        let key =
            p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.enrolled.office_key.bytes.0).unwrap();
        let signature = p256::ecdsa::Signature::from_slice(&signature.0).unwrap();
        key.verify(text.as_bytes(), &signature)
            .expect("the office signs its acknowledgements");
        let ack: Ack = serde_json::from_str(text).unwrap();
        assert_eq!(
            (ack.device, ack.epoch),
            (self.enrolled.device.id, self.enrolled.device.epoch)
        );
        ack
    }

    pub fn pull(&self, cursor: Option<&str>) -> Answer {
        let device = &self.enrolled.device;
        let request = json!({"protocol": 1, "build": "test", "device": device.id, "epoch": device.epoch, "cursor": cursor});
        self.client.post("/pull", &request)
    }

    /// Pulls until there is no more; every page must be good.
    pub fn pulled(&self, cursor: Option<&str>) -> Vec<PullResponse> {
        let mut pages: Vec<PullResponse> = Vec::new();
        loop {
            let cursor = pages.last().map(|page| page.cursor.as_str()).or(cursor);
            let page: PullResponse = self.pull(cursor).ok();
            self.acknowledged(&page.ack.text, &page.ack.signature);
            let more = page.more;
            pages.push(page);
            if !more {
                return pages;
            }
        }
    }
}
