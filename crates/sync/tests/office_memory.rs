//! The office's story on the office in memory.

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier};
use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tournee_domain::id::PortfolioCode;
use tournee_domain::{Currency, DeviceId, OrganisationId, UserId};
use tournee_sync::encoding::Bytes;
use tournee_sync::enrol::{Organisation, Role, User};
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::office::OfficeKey;
use tournee_sync::office::memory::MemoryOffice;
use tournee_sync::office::story::{Cast, story};
use uuid::Uuid;

struct Key(SigningKey);

impl OfficeKey for Key {
    fn sign(&self, message: &[u8]) -> Bytes {
        Bytes(self.0.sign(message).to_bytes().to_vec())
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verifying_key().verify(message, &signature).is_ok())
    }
}

fn user(number: u128, portfolios: &[&str]) -> User {
    User {
        id: UserId(Uuid::from_u128(number)),
        login: format!("user{number}"),
        name: format!("Name {number}"),
        role: Role::Collector,
        portfolios: portfolios
            .iter()
            .map(|code| PortfolioCode::new(code))
            .collect(),
        agency: "NIA".to_owned(),
    }
}

#[test]
fn memory_passes_the_story() {
    let key = Key(SigningKey::from_bytes(&[3; 32]));
    let settings = Organisation {
        id: OrganisationId(Uuid::from_u128(1)),
        name: "Sahel Équipements SA".to_owned(),
        address: String::new(),
        tax_id: String::new(),
        trade_register: String::new(),
        country: "NE".to_owned(),
        currency: Currency::XOF,
        time_zone: "Africa/Niamey".to_owned(),
        utc_offset_minutes: 60,
        rescue_key: None,
        rules: None,
    };
    let own_key = PublicKey {
        algorithm: Algorithm::Ed25519,
        bytes: Bytes(key.0.verifying_key().to_bytes().to_vec()),
    };
    let own_device = DeviceId(Uuid::from_u128(2));
    let mut office = MemoryOffice::new(settings, "log", own_device, own_key);
    let people = [
        user(1, &["REC01"]),
        user(2, &["REC02"]),
        user(3, &["REC01", "REC02"]),
    ];
    let [one, two, both] = people.each_ref().map(|user| user.id);
    let mut manager = user(4, &[]);
    manager.role = Role::Manager;
    let all = manager.id;
    office.add_user(manager);
    people.into_iter().for_each(|user| office.add_user(user));

    let database = RefCell::new(office);
    let cast = Cast {
        one,
        two,
        both,
        all,
    };
    // Memory never waits: one poll tells it all.
    let story = pin!(story(&database, &key, cast));
    let told = story.poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(told, Poll::Ready(()));
}
