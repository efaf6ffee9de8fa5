//! The office's shell in a simulated world: the machine of `tournee_sync::office` over a database, with crashes
//! around its commits and backups that are put back.

use crate::defect::{Defect, count_twice};
use crate::keys::{Keys, OfficeSigner};
use crate::ledger::Ledger;
use crate::plan::Plan;
use crate::vault::{Transaction, Vault};
use crate::world::World;
use chrono::NaiveDate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, Ref, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use tournee_domain::statement::StatementRows;
use tournee_domain::{BlobHash, ClientCode, FactId, UserId};
use tournee_sync::PROTOCOL;
use tournee_sync::blob::{UploadState, new_bytes};
use tournee_sync::encoding::Hash;
use tournee_sync::enrol::{EnrolRequest, Organisation};
use tournee_sync::office::{
    EnrolRefused, Examined, OfficeStore, ProblemDetails, PullRefused, PushRefused, SessionResponse,
    certified, enrol, pull, push,
};
use tournee_sync::pull::{PULL_PROTOCOL_MIN, PullRequest};
use tournee_sync::push::PushRequest;
use uuid::Uuid;

/// A crashed office is back after this.
const RESTART_MS: i64 = 20_000;

/// What a device asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    SignIn,
    Session,
    Enrol,
    Push,
    Pull,
}

/// An answer as it goes over the wire.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// Everything of the office that a backup holds.
struct State {
    vault: Vault,
    blobs: BTreeMap<BlobHash, Vec<u8>>,
    /// Photos of which a part has arrived.
    uploads: BTreeMap<BlobHash, Vec<u8>>,
    rows: BTreeMap<FactId, StatementRows>,
}

/// One office.
pub struct Office {
    pub(crate) world: World,
    plan: RefCell<Rc<Plan>>,
    keys: Rc<Keys>,
    pub signer: OfficeSigner,
    settings: Organisation,
    state: RefCell<State>,
    ledger: RefCell<Ledger>,
    backup: RefCell<Option<State>>,
    /// Only ever filled by a planted defect.
    uncommitted: RefCell<Option<Transaction>>,
    /// Restores so far: a number acknowledged before one may be issued again after it.
    pub restores: Cell<u32>,
    backups: Cell<u32>,
    /// Browsers with a session, and whose it is.
    sessions: RefCell<BTreeMap<Uuid, UserId>>,
    down_until_ms: Cell<i64>,
    /// This office is of a version that cannot read visits yet.
    pub knows_less: Cell<bool>,
    pub statement_date: Cell<NaiveDate>,
}

/// Runs what never waits: nothing of the office's memory does.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("an office in memory never waits"),
    }
}

impl Office {
    pub fn new(
        world: &World,
        plan: &Rc<Plan>,
        keys: &Rc<Keys>,
        signer: OfficeSigner,
        vault: Vault,
        first_statement: NaiveDate,
    ) -> Rc<Self> {
        let settings = vault_settings(&vault);
        let mut ledger = Ledger::default();
        ledger.follow(vault.news(&ledger.since()));
        Rc::new(Self {
            world: world.clone(),
            plan: RefCell::new(plan.clone()),
            keys: keys.clone(),
            signer,
            settings,
            state: RefCell::new(State {
                vault,
                blobs: BTreeMap::new(),
                uploads: BTreeMap::new(),
                rows: BTreeMap::new(),
            }),
            ledger: RefCell::new(ledger),
            backup: RefCell::default(),
            uncommitted: RefCell::default(),
            restores: Cell::new(0),
            backups: Cell::new(0),
            sessions: RefCell::default(),
            down_until_ms: Cell::new(0),
            knows_less: Cell::new(false),
            statement_date: Cell::new(first_statement),
        })
    }

    /// What is durable here, for the checkers.
    pub fn ledger(&self) -> Ref<'_, Ledger> {
        self.ledger.borrow()
    }

    /// The organisation as devices know it.
    pub fn settings(&self) -> Organisation {
        self.settings.clone()
    }

    /// What a transaction wrote is durable.
    fn make_durable(&self, db: Transaction) {
        self.state.borrow_mut().vault.commit(db);
        self.look_again();
    }

    /// Reads what is new, for the checkers.
    fn look_again(&self) {
        let since = self.ledger().since();
        let news = self.state.borrow().vault.news(&since);
        self.ledger.borrow_mut().follow(news);
        self.world.changed();
    }

    /// Runs what works on a transaction.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.state.borrow().vault.run(work)
    }

    fn abandon(&self, db: Transaction) {
        self.state.borrow().vault.abandon(db);
    }

    /// The rows of each statement that is in.
    pub fn rows(&self, import: FactId) -> StatementRows {
        self.state.borrow().rows[&import].clone()
    }

    /// Keeps the rows of a statement beside the fact that names them.
    pub(crate) fn keep_rows(&self, import: FactId, rows: StatementRows) {
        self.state.borrow_mut().rows.insert(import, rows);
    }

    pub fn holds_blob(&self, hash: &BlobHash) -> Option<Vec<u8>> {
        self.state.borrow().blobs.get(hash).cloned()
    }

    pub(crate) fn is_down(&self) -> bool {
        self.world.now_ms() < self.down_until_ms.get()
    }

    fn crash(&self, kind: &'static str) {
        self.world.fault(kind);
        self.down_until_ms.set(self.world.now_ms() + RESTART_MS);
    }

    /// Everybody signs in again.
    pub fn end_sessions(&self) {
        self.sessions.borrow_mut().clear();
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self, plan: &Rc<Plan>) {
        *self.plan.borrow_mut() = plan.clone();
        self.down_until_ms.set(0);
        self.knows_less.set(false);
    }

    /// Makes a copy that can be served in this one's place, under a log of its own.
    pub fn back_up(&self) {
        self.backups.set(self.backups.get() + 1);
        let log_id = format!("log {}", self.backups.get());
        let state = self.state.borrow();
        let copy = State {
            vault: state.vault.copy(&log_id),
            blobs: state.blobs.clone(),
            uploads: state.uploads.clone(),
            rows: state.rows.clone(),
        };
        drop(state);
        *self.backup.borrow_mut() = Some(copy);
    }

    /// Puts the last copy back; false when there is none. A copy is put back once: a second time it would give out the
    /// same labels and numbers again.
    pub fn restore(&self) -> bool {
        let Some(state) = self.backup.borrow_mut().take() else {
            return false;
        };
        self.restores.set(self.restores.get() + 1);
        *self.state.borrow_mut() = state;
        self.look_again();
        self.world.changed();
        self.end_sessions();
        true
    }

    /// Handles a request; `None` when the office is down, or dies over it.
    pub fn handle(&self, browser: Uuid, call: Call, body: &str) -> Option<Answer> {
        if self.is_down() {
            return None;
        }
        let session = self.sessions.borrow().get(&browser).copied();
        match call {
            Call::SignIn => Some(self.sign_in(browser, body)),
            Call::Session => Some(match session {
                Some(user) => self.session(user),
                None => problem(401, "session_expired"),
            }),
            Call::Enrol => self.enrol(session, body),
            Call::Push => self.push(session, body),
            Call::Pull => Some(self.pull(session, body)),
        }
    }

    fn sign_in(&self, browser: Uuid, body: &str) -> Answer {
        let Ok(user) = serde_json::from_str::<UserId>(body) else {
            return problem(400, "malformed");
        };
        self.sessions.borrow_mut().insert(browser, user);
        self.session(user)
    }

    fn session(&self, user: UserId) -> Answer {
        match self.ledger().users.get(&user) {
            Some(known) => good(&SessionResponse {
                user: known.user.clone(),
                organisation: self.settings(),
            }),
            None => problem(401, "session_expired"),
        }
    }

    /// Commits what a request wrote, unless the office dies before, or tells nobody after.
    pub(crate) fn commit(&self, db: Transaction) -> bool {
        if self.world.happens(self.plan.borrow().office_crash) {
            self.crash("office crashed before its commit");
            if self.plan.borrow().defect == Some(Defect::ReadsUncommitted) {
                self.down_until_ms.set(0);
                *self.uncommitted.borrow_mut() = Some(db);
            } else {
                self.abandon(db);
            }
            return self.plan.borrow().defect == Some(Defect::AcksBeforeCommit);
        }
        self.uncommitted.borrow_mut().take();
        self.make_durable(db);
        if self.world.happens(self.plan.borrow().office_crash) {
            self.crash("office crashed after its commit");
            return false;
        }
        true
    }

    pub(crate) fn transaction(&self) -> Transaction {
        self.state.borrow().vault.begin()
    }

    fn enrol(&self, session: Option<UserId>, body: &str) -> Option<Answer> {
        let (Some(user), Ok(request)) = (session, serde_json::from_str::<EnrolRequest>(body))
        else {
            return Some(problem(401, "session_expired"));
        };
        if !(PULL_PROTOCOL_MIN..=PROTOCOL).contains(&request.protocol) {
            self.world.fault("enrolment by another version");
            return Some(problem(426, "upgrade_required"));
        }
        let mut db = self.transaction();
        let new_id = tournee_domain::DeviceId(Uuid::from_u128(self.world.chance()));
        let enrolled = enrol(
            &mut db,
            &self.signer,
            user,
            &request,
            new_id,
            self.world.now_ms(),
        );
        let refused = match self.run(enrolled) {
            Ok(enrolled) => return self.commit(db).then(|| good(&enrolled)),
            Err(EnrolRefused::Revoked) => problem(403, "revoked"),
            Err(_) => problem(401, "session_expired"),
        };
        self.abandon(db);
        Some(refused)
    }

    fn push(&self, session: Option<UserId>, body: &str) -> Option<Answer> {
        let Ok(mut request) = serde_json::from_str::<PushRequest>(body) else {
            return Some(problem(400, "malformed"));
        };
        // As the server's shell: facts of every earlier protocol, none of a later one.
        if request.protocol > PROTOCOL {
            self.world.fault("push by a newer app");
            return Some(problem(400, "bad_request"));
        }
        if request.protocol < PULL_PROTOCOL_MIN {
            self.world.fault("push by an older app");
        }
        let mut db = self.transaction();
        let place = (request.device, request.epoch);
        let organisation = db.organisation().settings.id;
        let certified = certified(&request, organisation, &self.signer);
        let registered = self.run(db.epoch(place.0, place.1));
        let key = registered.expect("the office reads").map(|epoch| epoch.key);
        let Some(key) = key.or_else(|| Some(certified.as_ref()?.key.clone())) else {
            self.abandon(db);
            return Some(problem(409, "unknown_device"));
        };
        if certified.is_some() {
            self.world.fault("forgotten device shows its certificate");
        }
        let facts = std::mem::take(&mut request.facts);
        let counts_twice = self.plan.borrow().defect == Some(Defect::AllocationCountedTwice);
        let sent = if counts_twice {
            facts.clone()
        } else {
            Vec::new()
        };
        let examined = (request.from_seq..)
            .zip(facts)
            .map(|(seq, sealed)| {
                Examined::new(seq, sealed, &key.id(), |hash, signature| {
                    self.keys.is_signed(&key, &hash.0, signature)
                })
            })
            .map(|fact| self.as_this_version_reads(fact))
            .collect();
        let now_ms = self.world.now_ms();
        let refused = match self.run(push(
            &mut db,
            &request,
            examined,
            certified.as_ref(),
            session,
            now_ms,
        )) {
            Ok(pushed) => {
                if counts_twice && pushed.last.is_some() {
                    let counted = count_twice(&mut db, pushed.epoch(), &sent, now_ms);
                    self.run(counted).expect("the defect is planted");
                }
                let committed = self.commit(db);
                return committed.then(|| good(&pushed.committed(&self.signer, now_ms)));
            }
            Err(PushRefused::UnknownDevice(_)) => problem(409, "unknown_device"),
            Err(PushRefused::NotAuthorised) => problem(401, "session_expired"),
            Err(PushRefused::TooManyStaged { .. }) => problem(503, "busy"),
            Err(PushRefused::Failed(error)) => panic!("the last defence was needed: {error}"),
        };
        self.abandon(db);
        Some(refused)
    }

    /// A version that knows less finds a word it has never heard.
    fn as_this_version_reads(&self, mut fact: Examined) -> Examined {
        if self.knows_less.get()
            && let Ok(text) = &mut fact.text
            && text.type_name == "visit"
        {
            self.world.fault("fact of a newer type");
            text.type_name = "visit_of_tomorrow".to_owned();
        }
        fact
    }

    fn pull(&self, session: Option<UserId>, body: &str) -> Answer {
        let Some(user) = session else {
            return problem(401, "session_expired");
        };
        let Ok(request) = serde_json::from_str::<PullRequest>(body) else {
            return problem(400, "malformed");
        };
        let uncommitted = self.uncommitted.borrow_mut().take();
        let is_uncommitted = uncommitted.is_some();
        let mut db = uncommitted.unwrap_or_else(|| self.transaction());
        let now_ms = self.world.now_ms();
        let pulled = self.run(pull(&mut db, &self.signer, user, &request, now_ms));
        match is_uncommitted {
            true => *self.uncommitted.borrow_mut() = Some(db),
            false => self.abandon(db),
        }
        match pulled {
            Ok(mut page) => {
                if self.plan.borrow().defect == Some(Defect::NoTombstones) {
                    page.records.retain(|record| record.body.is_some());
                }
                good(&page)
            }
            Err(PullRefused::NotThisUsersDevice) => problem(409, "unknown_device"),
            Err(PullRefused::Revoked) => problem(403, "revoked"),
            Err(PullRefused::UpgradeRequired) => {
                self.world.fault("pull by another version");
                problem(426, "upgrade_required")
            }
            Err(PullRefused::Resnapshot) => problem(410, "resnapshot"),
            Err(PullRefused::Failed(error)) => panic!("the office failed: {error}"),
        }
    }

    /// Where the office is with a photo; `None` while no fact here names it.
    pub fn upload_state(&self, hash: &BlobHash) -> Option<UploadState> {
        let state = self.state.borrow();
        if let Some(whole) = state.blobs.get(hash) {
            return Some(UploadState {
                offset_bytes: whole.len() as u64,
                verified: true,
            });
        }
        state.vault.named_bytes(hash)?;
        Some(UploadState {
            offset_bytes: state.uploads.get(hash).map_or(0, |held| held.len() as u64),
            verified: false,
        })
    }

    /// Takes a part of a photo; the whole is kept only when it is what the fact names. `None` when nobody answers.
    pub fn take_chunk(&self, hash: &BlobHash, offset: u64, chunk: &[u8]) -> Option<UploadState> {
        if self.is_down() {
            return None;
        }
        let before = self.upload_state(hash)?;
        if !before.verified {
            let size = self.state.borrow().vault.named_bytes(hash)?;
            self.add_chunk(hash, size, offset, chunk);
        }
        self.upload_state(hash)
    }

    fn add_chunk(&self, hash: &BlobHash, size: u64, offset: u64, chunk: &[u8]) {
        let mut state = self.state.borrow_mut();
        let mut held = state.uploads.remove(hash).unwrap_or_default();
        if let Some(new) = new_bytes(&held, offset, chunk, size) {
            held.extend(new);
        }
        if (held.len() as u64) < size {
            state.uploads.insert(hash.clone(), held);
        } else if Hash::of(&held).to_string() == hash.as_str() {
            state.blobs.insert(hash.clone(), held);
        } else {
            self.world.fault("photo begun anew");
        }
    }

    /// Gives a user other portfolios.
    pub fn set_portfolios(&self, user: UserId, portfolios: &[tournee_domain::id::PortfolioCode]) {
        let mut db = self.transaction();
        let set = self.run(db.set_portfolios(user, portfolios));
        set.expect("a known user");
        self.make_durable(db);
    }

    /// Revokes a device.
    pub fn revoke(&self, device: tournee_domain::DeviceId) {
        let mut db = self.transaction();
        let at_ms = self.world.now_ms();
        match self.run(db.revoke(device, Some(at_ms))) {
            Ok(()) => self.make_durable(db),
            // An office that was put back may not know it.
            Err(_) => self.abandon(db),
        }
    }

    /// Where a client is now.
    pub fn portfolio_of(&self, client: &ClientCode) -> Option<tournee_domain::id::PortfolioCode> {
        let ledger = self.ledger();
        let record = ledger.records.get(client)?;
        record.dossier.client.portfolio.clone()
    }
}

fn vault_settings(vault: &Vault) -> Organisation {
    let db = vault.begin();
    let settings = db.organisation().settings.clone();
    vault.abandon(db);
    settings
}

fn good(body: &impl Serialize) -> Answer {
    Answer {
        status: 200,
        body: serde_json::to_string(body).expect("answers serialise"),
    }
}

fn problem(status: u16, kind: &str) -> Answer {
    let problem = ProblemDetails {
        kind: kind.to_owned(),
        title: kind.to_owned(),
        status,
        ..ProblemDetails::default()
    };
    Answer {
        status,
        body: serde_json::to_string(&problem).expect("problems serialise"),
    }
}

/// Reads an answer as the device does.
pub fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, tournee_sync::device::CallError> {
    use tournee_sync::device::CallError;
    let unreadable = |error: serde_json::Error| CallError::NotTheOffice(error.to_string());
    if answer.status == 200 {
        return serde_json::from_str(&answer.body).map_err(unreadable);
    }
    let problem = serde_json::from_str(&answer.body).map_err(unreadable)?;
    Err(CallError::Problem {
        problem,
        retry_after_s: None,
    })
}
