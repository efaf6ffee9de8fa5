//! The ports of one tab in a simulated world: its disk, its locks, its clock, and a network that keeps no promise.

use crate::defect::Defect;
use crate::keys::Keys;
use crate::office::{Answer, Call, Office, read};
use crate::people::Form;
use crate::plan::Plan;
use crate::storage::{Disk, SimStore};
use crate::world::{Owner, World};
use chrono::{DateTime, FixedOffset};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use tournee_domain::{BlobHash, DeviceId, UserId};
use tournee_sync::PROTOCOL;
use tournee_sync::ack::{Ack, SignedAck};
use tournee_sync::blob::UploadState;
use tournee_sync::device::store::DeviceStore;
use tournee_sync::device::{CallError, Identity, LockName, Ports};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::{EnrolRequest, EnrolResponse};
use tournee_sync::key::PublicKey;
use tournee_sync::office::SessionResponse;
use tournee_sync::pull::{PULL_PROTOCOL_MIN, PullRequest, PullResponse};
use tournee_sync::push::{FactResult, FactStatus, PushRequest, PushResponse};
use tournee_sync::rescue::Sealed;
use uuid::Uuid;

/// How long a device waits for an answer.
const TIMEOUT_MS: u32 = 30_000;
/// A message that the network kept may arrive this much later.
const LATE_MS: u32 = 3 * 3_600_000;
/// Messages on their way belong to nobody.
pub const NETWORK: Owner = Owner(0);

/// How old the app on a device is, beside the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppVersion {
    /// Of a protocol in which the office gives no records any more (SYNC 36).
    Older,
    Same,
    /// Of a protocol that the office does not speak yet.
    Newer,
}

impl AppVersion {
    fn protocol(self) -> u32 {
        match self {
            Self::Older => PULL_PROTOCOL_MIN - 1,
            Self::Same => PROTOCOL,
            Self::Newer => PROTOCOL + 1,
        }
    }
}

/// What one device shares between its tabs.
pub struct Machine {
    pub installation: Uuid,
    pub user: UserId,
    pub disk: Rc<Disk>,
    pub keys: Rc<Keys>,
    /// Public halves of the private keys that lie in the browser.
    pub private_keys: RefCell<Vec<PublicKey>>,
    /// Device time minus true time.
    pub clock_off_ms: Cell<i64>,
    pub online: Cell<bool>,
    pub version: Cell<AppVersion>,
    /// The form on the screen, kept as a draft.
    pub draft: RefCell<Option<Form>>,
    locks: RefCell<BTreeSet<LockName>>,
}

impl Machine {
    pub fn new(installation: Uuid, user: UserId, disk: Rc<Disk>, keys: &Rc<Keys>) -> Rc<Self> {
        Rc::new(Self {
            installation,
            user,
            disk,
            keys: keys.clone(),
            private_keys: RefCell::default(),
            clock_off_ms: Cell::new(0),
            online: Cell::new(true),
            version: Cell::new(AppVersion::Same),
            draft: RefCell::default(),
            locks: RefCell::default(),
        })
    }
}

impl Machine {
    /// The device's id, once it is enrolled.
    pub fn device(&self) -> Option<DeviceId> {
        let loaded = crate::office::now(self.disk.content().load_own()).ok()?;
        let identity: Identity = serde_json::from_str(&loaded.identity?).ok()?;
        Some(identity.device.id)
    }
}

/// One tab.
pub struct SimPorts {
    world: World,
    plan: Rc<Plan>,
    machine: Rc<Machine>,
    office: Rc<Office>,
    store: SimStore,
}

/// Held until dropped, which happens also when its tab is killed.
pub struct Lock {
    machine: Rc<Machine>,
    name: LockName,
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.machine.locks.borrow_mut().remove(&self.name);
    }
}

impl SimPorts {
    pub fn new(
        world: &World,
        plan: &Rc<Plan>,
        machine: &Rc<Machine>,
        office: &Rc<Office>,
        owner: Owner,
    ) -> Self {
        Self {
            world: world.clone(),
            plan: plan.clone(),
            machine: machine.clone(),
            office: office.clone(),
            store: SimStore::new(world, &machine.disk, plan, owner),
        }
    }

    /// Signs the machine's user in.
    pub async fn sign_in(&self) -> Result<SessionResponse, CallError> {
        self.call(Call::SignIn, &self.machine.user).await
    }

    /// The way there and back: whatever happens to a message happens here.
    async fn call<T: DeserializeOwned>(
        &self,
        call: Call,
        request: &impl Serialize,
    ) -> Result<T, CallError> {
        let answer = self.exchange(call, request).await?;
        read(&answer)
    }

    async fn exchange(&self, call: Call, request: &impl Serialize) -> Result<Answer, CallError> {
        let (world, plan) = (&self.world, &self.plan);
        let mut body = serde_json::to_string(request).expect("requests serialise");
        world.wait_below(plan.latency_ms).await;
        if !self.machine.online.get() {
            return Err(CallError::Unreachable);
        }
        if world.happens(plan.portal) {
            world.fault("captive portal");
            return Err(CallError::NotTheOffice("200 text/html".to_owned()));
        }
        if world.happens(plan.drop_request) {
            world.fault("request lost");
            world.wait(TIMEOUT_MS).await;
            return Err(CallError::TimedOut);
        }
        if world.happens(plan.duplicate) {
            world.fault("request twice");
            self.deliver_later(call, body.clone());
        }
        if world.happens(plan.truncate) {
            world.fault("request cut off");
            cut(world, &mut body);
        }
        let Some(mut answer) = self.office.handle(self.machine.installation, call, &body) else {
            world.wait_below(plan.latency_ms).await;
            return Err(CallError::Unreachable);
        };
        world.wait_below(plan.latency_ms).await;
        if world.happens(plan.drop_response) || !self.machine.online.get() {
            world.fault("answer lost");
            world.wait(TIMEOUT_MS).await;
            return Err(CallError::TimedOut);
        }
        if world.happens(plan.truncate) {
            world.fault("answer cut off");
            cut(world, &mut answer.body);
        }
        Ok(answer)
    }

    /// The network kept a copy and brings it when nobody expects it any more.
    fn deliver_later(&self, call: Call, body: String) {
        let (world, office) = (self.world.clone(), self.office.clone());
        let installation = self.machine.installation;
        self.world.spawn(NETWORK, async move {
            world.wait_below(LATE_MS).await;
            world.fault("old request arrives");
            let _nobody_listens = office.handle(installation, call, &body);
        });
    }

    /// What somebody without the office's key would answer to a push.
    fn forge(&self, request: &PushRequest) -> PushResponse {
        let last = request.facts.last();
        let organisation = self.office.settings().id;
        let ack = Ack {
            organisation,
            device: request.device,
            epoch: request.epoch,
            acked_through: request.from_seq + request.facts.len() as u64 - 1,
            held: Vec::new(),
            chain_hash: last.map_or(Hash::GENESIS, |fact| fact.hash),
            server_now_ms: self.world.now_ms(),
            log_id: self.office.ledger().log_id.clone(),
        };
        let results = (request.from_seq..)
            .zip(&request.facts)
            .map(|(seq, _)| FactResult {
                seq,
                fact_id: None,
                status: *self
                    .world
                    .pick(&[FactStatus::Accepted, FactStatus::Quarantined]),
                server_seq: None,
                flags: Vec::new(),
                detail: String::new(),
            });
        PushResponse {
            results: results.collect(),
            ack: SignedAck {
                text: serde_json::to_string(&ack).expect("acknowledgements serialise"),
                signature: Bytes(vec![0; 64]),
            },
            need_from: None,
            frozen: false,
        }
    }
}

fn cut(world: &World, body: &mut String) {
    let kept = world.below(u32::try_from(body.len()).expect("messages are small"));
    body.truncate(body.floor_char_boundary(kept as usize));
}

impl Ports for SimPorts {
    type Store = SimStore;
    type Lock = Lock;

    fn store(&self) -> &SimStore {
        &self.store
    }

    fn now(&self) -> DateTime<FixedOffset> {
        let ms = self.world.now_ms() + self.machine.clock_off_ms.get();
        let zone = FixedOffset::east_opt(3600).expect("an hour");
        DateTime::from_timestamp_millis(ms)
            .unwrap_or_default()
            .with_timezone(&zone)
    }

    fn zone(&self) -> String {
        "Africa/Niamey".to_owned()
    }

    fn build(&self) -> String {
        "simulated".to_owned()
    }

    async fn lock(&self, name: LockName) -> Result<Lock, String> {
        loop {
            if let Some(lock) = self.try_lock(name).await? {
                return Ok(lock);
            }
            self.world.wait_below(5).await;
        }
    }

    async fn try_lock(&self, name: LockName) -> Result<Option<Lock>, String> {
        self.world.wait_below(2).await;
        let free = self.machine.locks.borrow_mut().insert(name);
        Ok(free.then(|| Lock {
            machine: self.machine.clone(),
            name,
        }))
    }

    async fn new_key(&self) -> Result<PublicKey, String> {
        self.world.wait_below(5).await;
        let public = self
            .world
            .with_random(|random| self.machine.keys.make(random));
        self.machine.private_keys.borrow_mut().push(public.clone());
        self.world.wait_below(5).await;
        Ok(public)
    }

    async fn has_key(&self, public: &PublicKey) -> bool {
        self.world.wait_below(2).await;
        self.machine.private_keys.borrow().contains(public)
    }

    async fn sign(&self, public: &PublicKey, hash: Hash) -> Result<Bytes, String> {
        self.world.wait_below(3).await;
        Ok(self.machine.keys.sign(public, &hash.0))
    }

    async fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &Bytes,
    ) -> Result<bool, String> {
        self.world.wait_below(3).await;
        let believed = self.plan.defect == Some(Defect::BelievesAnybody);
        Ok(believed || self.machine.keys.is_signed(key, message, signature))
    }

    async fn seal_for_office(&self, _: &Bytes, _: &[u8], content: &[u8]) -> Result<Sealed, String> {
        Ok(Sealed {
            ephemeral_key: Bytes(Vec::new()),
            iv: Bytes(Vec::new()),
            ciphertext: Bytes(content.to_vec()),
        })
    }

    async fn session(&self) -> Result<SessionResponse, CallError> {
        self.call(Call::Session, &()).await
    }

    async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolResponse, CallError> {
        let request = EnrolRequest {
            protocol: self.machine.version.get().protocol(),
            ..request.clone()
        };
        self.call(Call::Enrol, &request).await
    }

    async fn push(&self, request: &PushRequest) -> Result<PushResponse, CallError> {
        let lies = self.machine.online.get() && self.world.happens(self.plan.portal);
        if lies && self.world.happens(500) {
            self.world.fault("forged acknowledgement");
            return Ok(self.forge(request));
        }
        let request = PushRequest {
            protocol: self.machine.version.get().protocol(),
            ..request.clone()
        };
        let mut response: PushResponse = self.call(Call::Push, &request).await?;
        if lies {
            // Only the acknowledgement is signed.
            self.world.fault("results altered on their way");
            for result in &mut response.results {
                result.status = FactStatus::Quarantined;
            }
        }
        Ok(response)
    }

    async fn pull(&self, request: &PullRequest) -> Result<PullResponse, CallError> {
        let request = PullRequest {
            protocol: self.machine.version.get().protocol(),
            ..request.clone()
        };
        let mut response: PullResponse = self.call(Call::Pull, &request).await?;
        if self.plan.defect == Some(Defect::NoChecksums) {
            response.buckets = None;
        }
        Ok(response)
    }

    async fn upload_state(&self, hash: &BlobHash) -> Result<Option<UploadState>, CallError> {
        self.world.wait_below(self.plan.latency_ms).await;
        match self.machine.online.get() {
            true => Ok(self.office.upload_state(hash)),
            false => Err(CallError::Unreachable),
        }
    }

    async fn send_chunk(
        &self,
        hash: &BlobHash,
        offset_bytes: u64,
        chunk: &[u8],
    ) -> Result<UploadState, CallError> {
        let (world, plan) = (&self.world, &self.plan);
        world.wait_below(plan.latency_ms).await;
        if !self.machine.online.get() {
            return Err(CallError::Unreachable);
        }
        let mut chunk = chunk.to_vec();
        if world.happens(plan.truncate) && !chunk.is_empty() {
            world.fault("photo damaged on its way");
            chunk[0] ^= 1;
        }
        let cut = world.happens(plan.truncate);
        if cut {
            world.fault("photo cut off");
            chunk.truncate(chunk.len() / 2);
        }
        if world.happens(plan.duplicate) {
            world.fault("photo twice");
            let _first = self.office.take_chunk(hash, offset_bytes, &chunk);
        }
        let state = self.office.take_chunk(hash, offset_bytes, &chunk);
        world.wait_below(plan.latency_ms).await;
        match cut || world.happens(plan.drop_response) {
            true => Err(CallError::TimedOut),
            false => state.ok_or(CallError::Unreachable),
        }
    }

    async fn fetch_blob(&self, hash: &BlobHash) -> Result<Option<(String, Vec<u8>)>, CallError> {
        self.world.wait_below(self.plan.latency_ms).await;
        Ok(self
            .office
            .holds_blob(hash)
            .map(|bytes| ("image/jpeg".to_owned(), bytes)))
    }
}
