//! The acknowledgement follows the disk (SYNC 17; fault 13).

use crate::disk::Disk;
use crate::load::{Held, Payer, Payment, Told};
use crate::support::{Client, Device, Folder, Scheme, wide_ledger};
use crate::trace::{Call, Event, Traced};
use crate::{at_length, seed};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tournee_domain::DeviceId;
use tournee_server::config::DataDir;
use tournee_server::files;
use tournee_sync::ack::Ack;
use tournee_sync::encoding::Hash;
use tournee_sync::push::PushResponse;

/// Commits that do not wait for the disk: both tests must notice.
const CARELESS: &str = "TOURNEE_TEST_SYNCHRONOUS=NORMAL";
const PUSHES: usize = 24;
const CUTS: usize = 60;
const CUTS_LONG: usize = 2000;
const CUTS_CARELESS: usize = 10;
const PHOTO: &[u8] = b"\xff\xd8\xff not much of a photo";

/// An acknowledgement, and the moment its first byte left.
struct Answer {
    ack: Ack,
    moment: usize,
}

fn answers(events: &[Event]) -> Vec<Answer> {
    events
        .iter()
        .filter_map(|event| {
            let Call::Sent { bytes } = &event.call else {
                return None;
            };
            let body = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
            let response: PushResponse = serde_json::from_slice(&bytes[body + 4..]).ok()?;
            Some(Answer {
                ack: serde_json::from_str(&response.ack.text).unwrap(),
                moment: event.began,
            })
        })
        .collect()
}

/// One device, one push after the other: whenever an answer leaves, nothing of what was written may wait for the disk.
/// Returns how many answers left too early; `None` where nobody may trace.
fn too_early(environment: &[&str]) -> Option<usize> {
    let folder = Folder::with_clients(20);
    let disk = Disk::of(&folder.data());
    let traced = Traced::start(&folder, environment)?;
    let mut payer = Payer::enrol(&traced.server, "one", Scheme::P256, 20);
    for n in 0..PUSHES {
        payer.pay(1 + n % 5);
        assert_eq!(payer.push(), Told::Acknowledged { duplicates: 0 });
    }
    let events = traced.end();
    let disk = disk.follow(&events);
    let answers = answers(&events);
    assert_eq!(answers.len(), PUSHES, "every answer was seen");
    let mut early = 0;
    let mut from = 0;
    for answer in &answers {
        let through = usize::try_from(answer.ack.acked_through).unwrap();
        let is_flushed =
            |payment: &Payment| disk.holds(payment.id.to_string().as_bytes(), answer.moment);
        let flushed = payer.payments[from..through].iter().all(is_flushed);
        from = through;
        if !flushed || disk.unsafe_at(answer.moment) > 0 {
            early += 1;
        }
    }
    Some(early)
}

#[test]
fn an_acknowledgement_leaves_after_its_facts_were_flushed() {
    if let Some(early) = too_early(&[]) {
        assert_eq!(early, 0, "answers left before the disk had what they say");
    }
}

#[test]
fn a_commit_that_does_not_wait_for_the_disk_is_noticed() {
    if let Some(early) = too_early(&[CARELESS]) {
        assert_eq!(
            early, PUSHES,
            "every answer of a careless office leaves too early"
        );
    }
}

/// What an office said in a load of pushes, with a statement and a photo in it, and its disk.
struct Story {
    disk: Disk,
    answers: Vec<Answer>,
    /// When the photo was said to be safe.
    photo: (usize, Hash),
    last: usize,
    payers: BTreeMap<DeviceId, Payer>,
}

impl Story {
    /// `None` where nobody may trace.
    fn told(environment: &[&str]) -> Option<Self> {
        let folder = Folder::with_clients(40);
        let disk = Disk::of(&folder.data());
        let traced = Traced::start(&folder, environment)?;
        let server = &traced.server;
        let mut payers = [
            Payer::enrol(server, "one", Scheme::Ed25519, 40),
            Payer::enrol(server, "two", Scheme::P256, 40),
            Payer::enrol(server, "manager", Scheme::Ed25519, 40),
        ];
        let photo = Hash::of(PHOTO);
        std::thread::scope(|scope| {
            for payer in &mut payers {
                scope.spawn(|| {
                    for n in 0..PUSHES {
                        payer.pay(1 + n % 5);
                        assert!(matches!(payer.push(), Told::Acknowledged { .. }));
                    }
                });
            }
            scope.spawn(|| {
                let mut device = Device::enrol(&server.user("accountant"));
                let attachment = json!({"kind": "photo", "hash": photo, "media_type": "image/jpeg", "size_bytes": PHOTO.len()});
                let fact = device.fact(
                    "discharge",
                    &json!({
                        "client": "C1", "invoice": "C1-0", "date": "2026-11-02", "attachments": [attachment],
                        "outcome": {"kind": "discharged", "signer": {"name": "Hadiza"}, "stamped": true},
                    }),
                );
                device.pushed(1, &[fact]);
                let answer = device.client.send_chunk(&photo.to_string(), 0, PHOTO);
                assert_eq!(answer.status, 201, "{answer}");
                statement(&device.client);
            });
        });
        let events = traced.end();
        let created = events.iter().find(
            |event| matches!(&event.call, Call::Sent { bytes } if bytes.starts_with(b"HTTP/1.1 201")),
        );
        Some(Self {
            answers: answers(&events),
            photo: (created.expect("the photo's answer was seen").began, photo),
            last: events.last().unwrap().began,
            disk: disk.follow(&events),
            payers: payers
                .map(|payer| (payer.device.enrolled.device.id, payer))
                .into(),
        })
    }

    /// What was acknowledged, and is missing after so many power cuts; every second one lets some of the rest through.
    fn lost(&self, cuts: usize) -> usize {
        let mut chance = ChaCha8Rng::seed_from_u64(seed(17));
        let copy = Folder::empty();
        let mut lost = 0;
        for n in 0..cuts {
            // At an answer, where it is decided, or anywhere.
            let moment = if chance.gen_bool(0.5) {
                self.answers[chance.gen_range(0..self.answers.len())].moment
            } else {
                chance.gen_range(self.answers[0].moment..self.last)
            };
            let _ = std::fs::remove_dir_all(copy.data());
            let torn: Option<&mut dyn RngCore> = (n % 2 == 1).then_some(&mut chance);
            self.disk.after_power_cut(moment, torn, &copy.data());
            lost += Held::of(&copy.data())
                .missing(self.acknowledged(moment))
                .len();
            let (told, photo) = &self.photo;
            if *told <= moment {
                let data = DataDir::open(&copy.data()).unwrap();
                lost += usize::from(files::read(&data, &photo.to_string()).is_err());
            }
        }
        lost
    }

    fn acknowledged(&self, moment: usize) -> impl Iterator<Item = &Payment> {
        let mut through: BTreeMap<DeviceId, u64> = BTreeMap::new();
        for answer in self.answers.iter().filter(|answer| answer.moment <= moment) {
            through.insert(answer.ack.device, answer.ack.acked_through);
        }
        through.into_iter().flat_map(|(device, through)| {
            let payer = self.payers.get(&device);
            payer.map_or(&[][..], |payer| {
                &payer.payments[..usize::try_from(through).unwrap()]
            })
        })
    }
}

/// A later statement goes in.
fn statement(client: &Client) {
    let (clients, invoices) = wide_ledger(45);
    let uploaded = client.post_form(
        "/imports",
        &[
            ("clients", Some("clients.csv"), clients.as_bytes()),
            ("invoices", Some("factures.csv"), invoices.as_bytes()),
        ],
    );
    let uploaded: Value = uploaded.ok();
    let commit = format!("/imports/{}/commit", uploaded["id"].as_str().unwrap());
    let committed: Value = client
        .post(&commit, &json!({"statement_date": "2026-11-01"}))
        .ok();
    assert!(committed["fact_id"].is_string(), "{committed}");
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_acknowledged() {
    if let Some(story) = Story::told(&[]) {
        assert_eq!(story.lost(if at_length() { CUTS_LONG } else { CUTS }), 0);
    }
}

#[test]
fn a_careless_office_loses_facts_in_a_power_cut() {
    if let Some(story) = Story::told(&[CARELESS]) {
        assert!(
            story.lost(CUTS_CARELESS) > 0,
            "the disk forgets what nobody flushed"
        );
    }
}

/// An office is whole once the command that made it has ended: its key, its database, its rows.
#[test]
fn a_new_office_survives_a_power_cut() {
    let folder = Folder::empty();
    std::fs::create_dir(folder.data()).unwrap();
    let disk = Disk::of(&folder.data());
    let Some(events) = crate::trace::command(&folder, &["demo", "--clients", "3"]) else {
        return;
    };
    let disk = disk.follow(&events);
    let copy = Folder::empty();
    disk.after_power_cut(usize::MAX - 1, None, &copy.data());
    let (whole, after) = (Held::of(&folder.data()), Held::of(&copy.data()));
    assert!(whole.facts > 0);
    assert_eq!(whole.facts, after.facts);
    let key = |folder: &Folder| std::fs::read(folder.data().join("office-key.pem")).unwrap();
    assert_eq!(key(&folder), key(&copy));
}
