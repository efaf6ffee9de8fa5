//! A device whose store is memory, and an office that only takes photos.

use chrono::{DateTime, FixedOffset};
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use tournee_domain::fact::{Attachment, AttachmentKind, FactBody};
use tournee_domain::summary::Summary;
use tournee_domain::{BlobHash, FactId};
use tournee_store::Memory;
use tournee_sync::blob::{UploadState, new_bytes};
use tournee_sync::device::store::{
    BlobRecord, DeviceStore, Head, PageWrite, PullState, StoreError,
};
use tournee_sync::device::{CallError, Desk, LockName, OwnReader, Portfolio, Ports, record};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::{EnrolRequest, EnrolResponse};
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::office::SessionResponse;
use tournee_sync::pull::{PullRequest, PullResponse};
use tournee_sync::push::{PushRequest, PushResponse};
use tournee_sync::rescue::Sealed;
use uuid::Uuid;

/// What the line does to the next chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Good,
    /// Half of it arrives, and nobody hears of it.
    Cut,
    /// A byte of it is another one.
    Damaged,
}

#[derive(Default)]
pub struct Fake {
    store: Memory,
    /// What the line does to the next chunks; then it is good.
    pub line: RefCell<Vec<Line>>,
    /// Every later chunk is damaged.
    pub always_damaged: Cell<bool>,
    /// Size of what facts name.
    pub named: RefCell<BTreeMap<BlobHash, u64>>,
    pub held: RefCell<BTreeMap<BlobHash, Vec<u8>>>,
    /// Where each chunk that was sent began, and how long it was.
    pub sent: RefCell<Vec<(u64, usize)>>,
    /// How often what reads own facts was asked for.
    pub readers: Cell<u32>,
    /// It cannot be had.
    pub no_reader: Cell<bool>,
}

/// A device on which somebody has enrolled.
pub async fn desk() -> Desk<Fake> {
    let fake = Fake::default();
    let key = json!({"algorithm": "Ed25519", "bytes": "AA"});
    let identity = json!({
        "organisation": {"id": Uuid::from_u128(1), "name": "Sahel", "country": "NE", "currency": "XOF",
                         "time_zone": "Africa/Niamey", "utc_offset_minutes": 60, "rescue_key": "BAAA"},
        "user": {"id": Uuid::from_u128(2), "login": "mariama", "name": "Mariama", "role": "collector", "portfolios": [],
                 "agency": "ARL"},
        "device": {"id": Uuid::from_u128(3), "label": "D03", "epoch": 1},
        "office_key": key, "key": key,
    });
    let head = Head {
        epoch: 1,
        seq: 0,
        hash: Hash::GENESIS.to_string(),
        receipts: 0,
        tally: None,
    };
    let enrolled = fake.store.enrol(&identity.to_string(), &head).await;
    enrolled.expect("memory keeps it");
    let desk = Desk::open(fake).await.expect("opens");
    desk.expect("somebody has enrolled")
}

/// The same device's work, opened in another tab.
pub async fn other_tab(desk: &Desk<Fake>) -> Desk<Fake> {
    let fake = Fake {
        store: desk.store().clone(),
        ..Fake::default()
    };
    let desk = Desk::open(fake).await.expect("opens");
    desk.expect("somebody has enrolled")
}

/// Keeps a portfolio of one client, as a pull does.
pub async fn pulled(desk: &Desk<Fake>, client: &str) {
    let summary = json!({"c": client, "n": client});
    let summary = Summary::read(&summary.to_string()).expect("a summary");
    let portfolio = Portfolio::of(vec![summary]);
    let page = PageWrite {
        generation: 1,
        chunks: portfolio.chunk_texts(None),
        pull: PullState {
            generation: 1,
            cursor: Some(client.to_owned()),
            chunks: portfolio.chunks(),
            ..PullState::default()
        },
        ..PageWrite::default()
    };
    let written = desk.store().write_page(&page).await;
    written.expect("memory keeps it");
}

/// Bytes that are unlike those of any other `number`.
pub fn photo(number: u8, size: usize) -> BlobRecord {
    let bytes: Vec<u8> = (0..size)
        .map(|at| number.wrapping_mul(31).wrapping_add((at % 251) as u8))
        .collect();
    BlobRecord {
        hash: BlobHash::new(&Hash::of(&bytes).to_string()),
        media_type: "image/jpeg".to_owned(),
        bytes,
    }
}

/// Records a slip with this photo.
pub async fn record_with(desk: &Desk<Fake>, number: u128, photo: &BlobRecord) {
    let size_bytes = u32::try_from(photo.bytes.len()).expect("small");
    let attachment = Attachment {
        kind: AttachmentKind::Photo,
        hash: photo.hash.clone(),
        media_type: photo.media_type.clone(),
        size_bytes,
    };
    let slip = json!({
        "client": "C1", "invoice": "C1-A", "slip": "BL01", "date": "2026-11-02",
        "signer": {"name": "Hadiza"}, "attachments": [attachment],
    });
    let body = FactBody::parse("slip_return", 1, &slip.to_string()).expect("a slip");
    let id = FactId(Uuid::from_u128(number));
    let recorded = record(desk, id, body, vec![photo.clone()], None).await;
    recorded.expect("records");
}

/// The photo's fact has reached the office.
pub fn named(desk: &Desk<Fake>, photo: &BlobRecord) {
    let mut named = desk.ports.named.borrow_mut();
    named.insert(photo.hash.clone(), photo.bytes.len() as u64);
}

impl Fake {
    fn state(&self, hash: &BlobHash) -> Option<UploadState> {
        let size = *self.named.borrow().get(hash)?;
        let held = self.held.borrow();
        let offset_bytes = held.get(hash).map_or(0, |held| held.len() as u64);
        Some(UploadState {
            offset_bytes,
            verified: offset_bytes == size,
        })
    }
}

impl Ports for Fake {
    type Store = Memory;
    type Lock = ();

    fn store(&self) -> &Memory {
        &self.store
    }

    fn now(&self) -> DateTime<FixedOffset> {
        "2026-11-02T09:00:00+01:00".parse().expect("a time")
    }

    fn zone(&self) -> String {
        "Africa/Niamey".to_owned()
    }

    fn build(&self) -> String {
        "test".to_owned()
    }

    async fn lock(&self, _: LockName) -> Result<(), String> {
        Ok(())
    }

    async fn try_lock(&self, _: LockName) -> Result<Option<()>, String> {
        Ok(Some(()))
    }

    async fn new_key(&self) -> Result<PublicKey, String> {
        Ok(PublicKey {
            algorithm: Algorithm::Ed25519,
            bytes: Bytes(vec![0]),
        })
    }

    async fn has_key(&self, _: &PublicKey) -> bool {
        true
    }

    async fn sign(&self, _: &PublicKey, hash: Hash) -> Result<Bytes, String> {
        Ok(Bytes(hash.0.to_vec()))
    }

    async fn verify(&self, _: &PublicKey, _: &[u8], _: &Bytes) -> Result<bool, String> {
        Ok(true)
    }

    async fn seal_for_office(&self, _: &Bytes, _: &[u8], content: &[u8]) -> Result<Sealed, String> {
        Ok(Sealed {
            ephemeral_key: Bytes(Vec::new()),
            iv: Bytes(Vec::new()),
            ciphertext: Bytes(content.to_vec()),
        })
    }

    async fn own_reader(&self) -> Result<OwnReader<Self>, StoreError> {
        self.readers.set(self.readers.get() + 1);
        match self.no_reader.get() {
            true => Err(StoreError::Refused("no reader".to_owned())),
            false => Ok(OwnReader::here()),
        }
    }

    async fn session(&self) -> Result<SessionResponse, CallError> {
        Err(CallError::Unreachable)
    }

    async fn enrol(&self, _: &EnrolRequest) -> Result<EnrolResponse, CallError> {
        Err(CallError::Unreachable)
    }

    async fn push(&self, _: &PushRequest) -> Result<PushResponse, CallError> {
        Err(CallError::Unreachable)
    }

    async fn pull(&self, _: &PullRequest) -> Result<PullResponse, CallError> {
        Err(CallError::Unreachable)
    }

    async fn upload_state(&self, hash: &BlobHash) -> Result<Option<UploadState>, CallError> {
        Ok(self.state(hash))
    }

    async fn send_chunk(
        &self,
        hash: &BlobHash,
        offset_bytes: u64,
        chunk: &[u8],
    ) -> Result<UploadState, CallError> {
        self.sent.borrow_mut().push((offset_bytes, chunk.len()));
        let mut chunk = chunk.to_vec();
        let next = match self.line.borrow_mut().pop() {
            None if self.always_damaged.get() => Line::Damaged,
            next => next.unwrap_or(Line::Good),
        };
        match next {
            Line::Good => {}
            Line::Cut => chunk.truncate(chunk.len() / 2),
            Line::Damaged => chunk[0] ^= 1,
        }
        let size = self.named.borrow()[hash];
        let mut held = self.held.borrow_mut().remove(hash).unwrap_or_default();
        if let Some(new) = new_bytes(&held, offset_bytes, &chunk, size) {
            held.extend(new);
        }
        let whole = held.len() as u64 == size;
        if !whole || Hash::of(&held).to_string() == hash.as_str() {
            self.held.borrow_mut().insert(hash.clone(), held);
        }
        match next {
            Line::Cut => Err(CallError::TimedOut),
            _ => Ok(self.state(hash).expect("it is named")),
        }
    }

    async fn fetch_blob(&self, _: &BlobHash) -> Result<Option<(String, Vec<u8>)>, CallError> {
        Ok(None)
    }
}
