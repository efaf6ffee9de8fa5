//! What must hold after every step, whatever went wrong (SYNC §5).

use crate::books;
use crate::ledger::{Entry, Record};
use crate::office::{Office, now};
use crate::scenario::{Scenario, Station};
use crate::seen::Confirmed;
use crate::still::Still;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::fact::{FactBody, Flag};
use tournee_domain::{Amount, ClientCode, DeviceId, FactId};
use tournee_sync::device::Desk;
use tournee_sync::device::store::{DeviceStore, FactKey, FactState};
use tournee_sync::encoding::Hash;
use tournee_sync::envelope::{FactText, chain_hash};
use tournee_sync::office::Scope;

/// Per mille of the incidents after which own payments are looked up, of one client in so many; at the end those of all.
const PAYMENTS_LOOKED_UP: u32 = 400;
const CLIENTS_LOOKED_AT: u32 = 4;

/// What does not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The checker's name.
    pub what: &'static str,
    pub detail: String,
}

impl Violation {
    pub fn new(what: &'static str, detail: String) -> Self {
        Self { what, detail }
    }
}

type Checked = Result<(), Violation>;

fn holds(condition: bool, what: &'static str, detail: impl FnOnce() -> String) -> Checked {
    match condition {
        true => Ok(()),
        false => Err(Violation::new(what, detail())),
    }
}

/// What was already looked at: a step is checked by what it changed.
#[derive(Default)]
pub struct Checker {
    changes: u64,
    /// Confirmations looked at, and those of them that are not at the office yet.
    seen: usize,
    unsent: Vec<Confirmed>,
    restores: u32,
    journal: Journal,
    /// The cursor each station had when it was last looked at.
    cursors: BTreeMap<usize, (String, Cursor)>,
    /// The log, number and scope each station's records were last compared at.
    compared: BTreeMap<usize, (String, u64, u64)>,
    /// Own facts that were read: the client of each payment. Facts never change.
    payments: BTreeMap<FactId, Option<ClientCode>>,
}

/// The office's journal as far as it was read.
#[derive(Default)]
struct Journal {
    through: u64,
    chains: BTreeMap<(DeviceId, u32), Chain>,
    receipts: BTreeSet<String>,
    taps: BTreeMap<String, FactId>,
}

#[derive(Clone, Copy)]
struct Chain {
    seq: u64,
    hash: Hash,
    receipts: u32,
}

/// Of a cursor, what the comparison needs.
#[derive(Clone, Deserialize)]
struct Cursor {
    log_id: String,
    server_seq: u64,
    scope_epoch: u64,
    #[serde(default)]
    pages: Option<serde_json::Value>,
}

impl Checker {
    /// # Errors
    /// The first [`Violation`].
    pub fn after_step(&mut self, scenario: &Scenario) -> Checked {
        let changes = scenario.world.changes();
        if changes == self.changes {
            return Ok(());
        }
        self.changes = changes;
        self.confirmed_facts_exist(scenario)?;
        self.journal_is_sound(scenario)?;
        for (index, station) in scenario.stations.iter().enumerate() {
            self.records_are_the_offices(scenario, index, station)?;
        }
        Ok(())
    }

    /// # Errors
    /// The first [`Violation`].
    pub fn after_incident(&mut self, scenario: &Scenario) -> Checked {
        self.changes = 0;
        self.after_step(scenario)?;
        if !scenario.world.happens(PAYMENTS_LOOKED_UP) {
            return Ok(());
        }
        let bound = u32::try_from(scenario.stations.len()).expect("few stations");
        let station = scenario.world.below(bound) as usize;
        let some = scenario.world.below(CLIENTS_LOOKED_AT) as usize;
        self.own_payments_are_shown(scenario, station, |n| {
            n % CLIENTS_LOOKED_AT as usize == some
        })
    }

    /// # Errors
    /// The first [`Violation`].
    pub fn at_the_end(&mut self, scenario: &Scenario) -> Checked {
        self.after_incident(scenario)?;
        records_follow_from_facts(&scenario.office)?;
        money_is_conserved(&scenario.office)?;
        everything_arrived(scenario)?;
        for (index, station) in scenario.stations.iter().enumerate() {
            // A revoked device gets nothing anew.
            if station.machine.disk.spoiled.get() && !scenario.is_revoked(station) {
                station.machine.disk.spoiled.set(false);
                self.compared.remove(&index);
                self.records_are_the_offices(scenario, index, station)?;
            }
            self.own_payments_are_shown(scenario, index, |_| true)?;
            self.converged(scenario, index, station)?;
        }
        Ok(())
    }

    /// Each confirmed fact is on its device or at the office.
    fn confirmed_facts_exist(&mut self, scenario: &Scenario) -> Checked {
        let confirmed = scenario.seen.confirmed();
        if self.restores != scenario.office.restores.get() {
            self.restores = scenario.office.restores.get();
            (self.seen, self.unsent) = (0, Vec::new());
            // The same numbers may stand for other facts now.
            self.journal = Journal::default();
        }
        self.unsent.extend(confirmed[self.seen..].iter().cloned());
        self.seen = confirmed.len();
        self.unsent
            .retain(|confirmed| !scenario.is_at_the_office(confirmed.fact_id));
        for confirmed in &self.unsent {
            let id = confirmed.fact_id;
            let kept = confirmed.machine.disk.holds(id)
                || scenario.seen.is_excused(id)
                || scenario.is_somewhere(id);
            holds(kept, "a confirmed fact is lost", || {
                format!("tap {} at {:?}", confirmed.tap, confirmed.at)
            })?;
        }
        Ok(())
    }

    /// Numbers, chains and receipts without gaps, nothing twice.
    fn journal_is_sound(&mut self, scenario: &Scenario) -> Checked {
        let ledger = scenario.office.ledger();
        for (number, entry) in ledger.facts.range(self.journal.through + 1..) {
            self.journal.follow(*number, entry)?;
            self.journal.through = *number;
        }
        Ok(())
    }

    /// At the same cursor a device holds what the office holds of its scope, byte for byte, and nothing else.
    fn records_are_the_offices(
        &mut self,
        scenario: &Scenario,
        index: usize,
        station: &Station,
    ) -> Checked {
        // It is compared at the end: by then the device has noticed.
        if station.machine.disk.spoiled.get() {
            return Ok(());
        }
        let content = station.machine.disk.content();
        let pull = now(content.pull_state()).expect("memory does not fail");
        let Some(text) = pull.cursor.filter(|_| pull.generation > 0) else {
            return Ok(());
        };
        let cursor = self.cursor(index, text);
        let ledger = scenario.office.ledger();
        let Some(user) = ledger.users.get(&station.machine.user) else {
            return Ok(());
        };
        let same = cursor.log_id == ledger.log_id
            && cursor.server_seq == ledger.clock
            && cursor.scope_epoch == user.scope_epoch
            && cursor.pages.is_none();
        let at = (cursor.log_id, cursor.server_seq, cursor.scope_epoch);
        if !same || self.compared.get(&index) == Some(&at) {
            return Ok(());
        }
        self.compared.insert(index, at);
        let scope = Scope::of(&user.user);
        let in_scope = |record: &Record| scope.contains(record.dossier.client.portfolio.as_ref());
        let found: BTreeMap<_, _> = content.records().into_iter().collect();
        for (code, body) in &found {
            let expected = ledger.records.get(code).filter(|record| in_scope(record));
            let where_to = || format!("{code} at station {index}");
            holds(
                expected.is_some(),
                "a device holds a client outside its scope",
                where_to,
            )?;
            holds(
                expected.is_some_and(|record| record.body == *body),
                "a device's record is not the office's",
                where_to,
            )?;
        }
        let mut expected = ledger.records.iter();
        let missing =
            expected.find(|(code, record)| in_scope(record) && !found.contains_key(*code));
        holds(
            missing.is_none(),
            "a device lacks a client of its scope",
            || format!("{:?} at station {index}", missing.map(|(code, _)| code)),
        )
    }

    /// What a station's cursor says, read once.
    fn cursor(&mut self, station: usize, text: String) -> Cursor {
        match self.cursors.get(&station) {
            Some((known, cursor)) if *known == text => cursor.clone(),
            _ => {
                let cursor = read_cursor(&text);
                self.cursors.insert(station, (text, cursor.clone()));
                cursor
            }
        }
    }

    /// What somebody took is in the dossier that the next start shows, until the office sets it aside. Looks at some of
    /// the clients, by their place among those with own payments.
    fn own_payments_are_shown(
        &mut self,
        scenario: &Scenario,
        index: usize,
        is_looked_at: impl Fn(usize) -> bool,
    ) -> Checked {
        let station = &scenario.stations[index];
        if station.machine.disk.spoiled.get() {
            return Ok(());
        }
        let mut own: BTreeMap<ClientCode, Vec<FactId>> = BTreeMap::new();
        for (fact, state) in station.machine.disk.content().facts() {
            let id = fact.fact_id;
            let aside = matches!(state, Some(FactState::Quarantined { .. }));
            if aside || scenario.seen.is_excused(id) {
                continue;
            }
            let client = self.payments.entry(id);
            if let Some(client) = client.or_insert_with(|| paid_by(&fact.text)) {
                own.entry(client.clone()).or_default().push(id);
            }
        }
        let looked_at = own.into_iter().enumerate();
        let mut looked_at = looked_at
            .filter(|(n, _)| is_looked_at(*n))
            .map(|(_, own)| own)
            .peekable();
        if looked_at.peek().is_none() {
            return Ok(());
        }
        let Ok(Some(desk)) = now(Desk::open(Still::new(&station.machine))) else {
            return Ok(());
        };
        for (client, payments) in looked_at {
            let dossier = now(desk.dossier(&client)).expect("memory does not fail");
            let Some(dossier) = dossier else { continue };
            for id in payments {
                let shown = dossier.payments.iter().any(|shown| shown.id == id);
                holds(shown, "an own payment is not shown", || {
                    let (acked, records) =
                        (desk.acked_through.get(), desk.pull.borrow().applied_through);
                    let facts = station.machine.disk.content().facts();
                    let own = facts.iter().find(|(fact, _)| fact.fact_id == id);
                    let own = own.map(|(fact, state)| (fact.at(), state.clone()));
                    format!(
                        "{id} of {client} at station {index}: {own:?}, acknowledged through {acked:?}, in the records \
                         through {records:?}"
                    )
                })?;
            }
        }
        Ok(())
    }

    /// Once nothing goes wrong any more, every device that may is up to date.
    fn converged(&self, scenario: &Scenario, index: usize, station: &Station) -> Checked {
        if scenario.is_revoked(station) {
            return Ok(());
        }
        let content = station.machine.disk.content();
        let loaded = now(content.load_own()).expect("memory does not fail");
        let waiting = loaded.facts.iter().filter(|fact| {
            let aside = matches!(fact.state, Some(FactState::Quarantined { .. }));
            !aside && fact.fact.at() > loaded.acked_through
        });
        let waiting = waiting.count();
        holds(waiting == 0, "the outbox does not drain", || {
            format!("{waiting} facts at station {index}")
        })?;
        let blobs = loaded.waiting_blobs.len();
        holds(blobs == 0, "photos do not leave", || {
            format!("{blobs} at station {index}")
        })?;
        let sent = now(content.sent_blobs()).expect("memory does not fail");
        let office = &scenario.office;
        let lost = sent
            .iter()
            .find(|blob| office.holds_blob(&blob.hash).is_none());
        holds(
            lost.is_none(),
            "a photo counts as sent and is not there",
            || format!("{lost:?} at station {index}"),
        )?;
        let cursor = loaded.pull.cursor.as_deref().map(read_cursor);
        let clock = scenario.office.ledger().clock;
        let at = cursor.map(|cursor| cursor.server_seq);
        holds(at == Some(clock), "a device does not catch up", || {
            format!("station {index} is at {at:?} of {clock}")
        })
    }
}

impl Journal {
    fn follow(&mut self, number: u64, fact: &Entry) -> Checked {
        let sealed = &fact.sealed;
        let place = (fact.device, fact.epoch);
        let chain = self.chains.entry(place).or_insert(Chain {
            seq: 0,
            hash: Hash::GENESIS,
            receipts: 0,
        });
        holds(
            fact.seq == chain.seq + 1,
            "a device's numbers have a gap",
            || format!("{place:?}: {} after {}", fact.seq, chain.seq),
        )?;
        let hash = chain_hash(sealed.previous, &sealed.text);
        let continues = sealed.previous == chain.hash && hash == sealed.hash;
        holds(continues, "a chain is broken", || {
            format!("{place:?} at {}, number {number}", fact.seq)
        })?;
        (chain.seq, chain.hash) = (fact.seq, hash);
        let text: Result<FactText, _> = serde_json::from_str(&sealed.text);
        let Some(body) = text.ok().and_then(|text| text.read_body().ok()) else {
            return Ok(());
        };
        if let Some(receipt) = body.receipt() {
            let n = receipt.n;
            holds(n == chain.receipts + 1, "receipts have a gap", || {
                format!("{receipt} after {}", chain.receipts)
            })?;
            chain.receipts = n;
            let receipt = receipt.to_string();
            let new = self.receipts.insert(receipt.clone());
            holds(new, "a receipt number is on two facts", || receipt)?;
        }
        if matches!(body, FactBody::DayClosed(_)) {
            let flagged = fact.flags.contains(&Flag::ClosingMismatch);
            holds(!flagged, "a closing is not what its chain says", || {
                format!("{place:?} at {}", fact.seq)
            })?;
        }
        let tap = match &body {
            FactBody::Payment(payment) => payment.note.clone(),
            FactBody::Visit(visit) => visit.report.clone(),
            _ => return Ok(()),
        };
        let (id, projected) = (fact.fact_id, fact.projected);
        if let Some(id) = id.filter(|_| projected) {
            let former = self.taps.insert(tap.clone(), id);
            holds(former.is_none(), "one tap counts twice", || {
                format!("{tap}: {former:?} and {id}")
            })?;
        }
        Ok(())
    }
}

fn read_cursor(text: &str) -> Cursor {
    let json = text.split('.').next().unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(json).expect("a cursor");
    serde_json::from_slice(&json).expect("a cursor")
}

/// The office's records are what its facts give, computed anew.
fn records_follow_from_facts(office: &Office) -> Checked {
    let replayed = books::replay(office, None);
    let ledger = office.ledger();
    let codes = replayed.by_client.keys();
    let lacking = codes
        .clone()
        .find(|code| !ledger.records.contains_key(*code));
    holds(lacking.is_none(), "a record is missing", || {
        format!("{lacking:?}")
    })?;
    for (code, record) in &ledger.records {
        let same = replayed.by_client.get(code) == Some(&*record.dossier);
        holds(same, "a record does not follow from the facts", || {
            code.to_string()
        })?;
    }
    Ok(())
}

/// What clients owe is what they were billed less what was taken from them, added up without any of the rules.
fn money_is_conserved(office: &Office) -> Checked {
    let ledger = office.ledger();
    let mut expected: BTreeMap<ClientCode, Amount> = BTreeMap::new();
    let mut taken = BTreeMap::new();
    let facts = books::projected(office);
    let undone = books::undone(facts.iter().map(|(_, body, _, _)| body));
    for (text, body, _, _) in facts {
        match body {
            FactBody::LedgerImported(_) if undone.contains(&text.fact_id) => {}
            FactBody::LedgerImported(_) => {
                for row in office.rows(text.fact_id).invoices {
                    *expected.entry(row.client).or_default() += row.gross;
                }
            }
            FactBody::Payment(payment) => {
                *expected.entry(payment.client).or_default() -= payment.amount;
                taken.insert(text.fact_id, payment.amount);
            }
            FactBody::PaymentReversed(reversed) => {
                // Twice, from two copies of an installation, is once.
                let given_back = taken.remove(&reversed.payment).unwrap_or_default();
                *expected.entry(reversed.client).or_default() += given_back;
            }
            _ => {}
        }
    }
    for (code, record) in &ledger.records {
        let today = office.statement_date.get();
        let far = today + chrono::Days::new(10_000);
        let nets = record
            .dossier
            .balances(far)
            .into_values()
            .map(|balance| balance.net);
        let net = nets.sum::<Amount>();
        let due = expected.get(code).copied().unwrap_or_default();
        holds(
            net == due,
            "a balance is not what was billed less what was paid",
            || format!("{code}: {net}, not {due}"),
        )?;
    }
    Ok(())
}

/// Every confirmed fact is at the office: in the journal, byte for byte, or set aside for a person to look at.
fn everything_arrived(scenario: &Scenario) -> Checked {
    let ledger = scenario.office.ledger();
    let entries = ledger.facts.values();
    let journal: BTreeMap<FactId, &str> = entries
        .filter_map(|entry| Some((entry.fact_id?, &*entry.sealed.text)))
        .collect();
    for confirmed in scenario.seen.confirmed().iter() {
        let id = confirmed.fact_id;
        if ledger.aside.contains(&id) || scenario.seen.is_excused(id) {
            continue;
        }
        // An office that was put back forgot what it had set aside of a revoked device, and pulls tell it nothing.
        let device = confirmed.machine.device();
        if device.is_some_and(|device| ledger.revoked.contains(&device))
            && confirmed.machine.disk.holds(id)
        {
            continue;
        }
        // It is safe, and waits for ever for facts that went with cleared site data: a person has to look at it.
        let lost_before = |at: FactKey| {
            let confirmed = scenario.seen.confirmed();
            let mut lost = confirmed
                .iter()
                .filter(|lost| scenario.seen.is_excused(lost.fact_id));
            lost.any(|lost| lost.at.epoch == at.epoch && lost.at < at)
        };
        if ledger.is_staged(id) && lost_before(confirmed.at) {
            continue;
        }
        let text = journal.get(&id);
        holds(
            text.is_some(),
            "a confirmed fact never reaches the office",
            || {
                let (tap, at) = (confirmed.tap, confirmed.at);
                format!(
                    "tap {tap} at {at:?}, which lies on {}",
                    scenario.holders(id)
                )
            },
        )?;
        let own = now(confirmed.machine.disk.content().fact_by_id(id));
        if let (Some(text), Ok(Some(own))) = (text, own) {
            holds(own.text == **text, "a fact was altered on its way", || {
                format!("tap {}", confirmed.tap)
            })?;
        }
    }
    Ok(())
}

/// The client of a payment.
fn paid_by(text: &str) -> Option<ClientCode> {
    let text: FactText = serde_json::from_str(text).expect("own facts");
    match text.read_body() {
        Ok(FactBody::Payment(payment)) => Some(payment.client),
        _ => None,
    }
}

impl Scenario {
    /// Which stations have a fact, for a report.
    fn holders(&self, id: FactId) -> String {
        let stations = self.stations.iter().enumerate();
        let holders = stations.filter(|(_, station)| station.machine.disk.holds(id));
        let told = holders.map(|(index, station)| {
            let loaded = now(station.machine.disk.content().load_own()).expect("memory does not fail");
            let (head, acked) = (loaded.head.map(|head| (head.epoch, head.seq)), loaded.acked_through);
            format!("station {index}, whose chain ends at {head:?} and is acknowledged through {acked:?}")
        });
        told.collect::<Vec<_>>().join("; ")
    }

    fn is_revoked(&self, station: &Station) -> bool {
        match station.machine.device() {
            Some(device) => self.office.ledger().revoked.contains(&device),
            None => self.revoked_installation == Some(station.machine.installation),
        }
    }
}
