//! What must hold after every step, whatever went wrong (SYNC §5).

use crate::office::{Office, now};
use crate::scenario::{Scenario, Station};
use crate::seen::Confirmed;
use crate::still::Still;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use tournee_domain::fact::FactBody;
use tournee_domain::{Amount, ClientCode, DeviceId, Dossier, FactId};
use tournee_sync::device::Desk;
use tournee_sync::device::store::{DeviceStore, FactKey, FactState};
use tournee_sync::encoding::Hash;
use tournee_sync::envelope::{FactText, chain_hash};
use tournee_sync::office::{Dossiers, OfficeStore, Scope};

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
    /// The cursor each station's records were last compared at.
    compared: BTreeMap<usize, String>,
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
#[derive(Deserialize)]
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
        let bound = u32::try_from(scenario.stations.len()).expect("few stations");
        own_payments_are_shown(scenario, scenario.world.below(bound) as usize)
    }

    /// # Errors
    /// The first [`Violation`].
    pub fn at_the_end(&mut self, scenario: &Scenario) -> Checked {
        self.after_incident(scenario)?;
        records_follow_from_facts(&scenario.office)?;
        money_is_conserved(&scenario.office)?;
        everything_arrived(scenario)?;
        for (index, station) in scenario.stations.iter().enumerate() {
            own_payments_are_shown(scenario, index)?;
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
        let db = scenario.office.db();
        let after = self.journal.through;
        for (number, entry) in db.facts_after(after) {
            self.journal.follow(number, entry)?;
            self.journal.through = number;
        }
        Ok(())
    }

    /// At the same cursor a device holds what the office holds of its scope, and nothing else.
    fn records_are_the_offices(
        &mut self,
        scenario: &Scenario,
        index: usize,
        station: &Station,
    ) -> Checked {
        let content = station.machine.disk.content();
        let pull = now(content.pull_state()).expect("memory does not fail");
        let Some(text) = pull.cursor.filter(|_| pull.generation > 0) else {
            return Ok(());
        };
        if self.compared.get(&index) == Some(&text) {
            return Ok(());
        }
        let cursor = read_cursor(&text);
        let mut db = scenario.office.db().clone();
        let state = db.organisation().clone();
        let user = now(db.user(station.machine.user));
        let Ok(Some(user)) = user else { return Ok(()) };
        let same = cursor.log_id == state.log_id
            && cursor.server_seq == state.clock
            && cursor.scope_epoch == user.scope_epoch
            && cursor.pages.is_none();
        if !same {
            return Ok(());
        }
        self.compared.insert(index, text);
        let scope = Scope::of(&user.user);
        let expected: BTreeMap<ClientCode, &Dossier> = db
            .dossiers()
            .filter(|dossier| scope.contains(dossier.client.portfolio.as_ref()))
            .map(|dossier| (dossier.client.code.clone(), dossier))
            .collect();
        let stored = now(content.dossiers(pull.generation)).expect("memory does not fail");
        let mut found = BTreeMap::new();
        for text in &stored {
            let dossier: Dossier = serde_json::from_str(text).expect("a dossier");
            found.insert(dossier.client.code.clone(), dossier);
        }
        for (code, dossier) in &found {
            holds(
                expected.contains_key(code),
                "a device holds a client outside its scope",
                || format!("{code} at station {index}"),
            )?;
            holds(
                expected[code] == dossier,
                "a device's record is not the office's",
                || format!("{code} at station {index}"),
            )?;
        }
        let missing = expected.keys().find(|code| !found.contains_key(code));
        holds(
            missing.is_none(),
            "a device lacks a client of its scope",
            || format!("{missing:?} at station {index}"),
        )
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
        let cursor = loaded.pull.cursor.as_deref().map(read_cursor);
        let clock = scenario.office.db().organisation().clock;
        let at = cursor.map(|cursor| cursor.server_seq);
        holds(at == Some(clock), "a device does not catch up", || {
            format!("station {index} is at {at:?} of {clock}")
        })
    }
}

impl Journal {
    fn follow(
        &mut self,
        number: u64,
        entry: &tournee_sync::office::memory::JournalFact,
    ) -> Checked {
        let fact = &entry.fact;
        let sealed = &fact.sealed;
        let place = (entry.device, entry.epoch);
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
        if let FactBody::Payment(payment) = &body {
            let n = payment.receipt.n;
            holds(n == chain.receipts + 1, "receipts have a gap", || {
                format!("{} after {}", payment.receipt, chain.receipts)
            })?;
            chain.receipts = n;
            let receipt = payment.receipt.to_string();
            let new = self.receipts.insert(receipt.clone());
            holds(new, "a receipt number is on two payments", || receipt)?;
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
    let db = office.db();
    let mut replayed = Dossiers::default();
    for (_, entry) in db.facts() {
        if !entry.fact.projected {
            continue;
        }
        let text: FactText = serde_json::from_str(&entry.fact.sealed.text).expect("projected");
        let body = text.read_body().expect("projected");
        let label = db.label(entry.device).to_owned();
        let authored = text.authored(&entry.author, &label);
        if let FactBody::LedgerImported(imported) = &body {
            let rows = office.rows(text.fact_id);
            let merged = replayed.merge(&authored, imported, &rows);
            merged.expect("it was merged before");
        } else {
            replayed.apply(&authored, &body);
        }
    }
    for dossier in db.dossiers() {
        let code = &dossier.client.code;
        let same = replayed.by_client.get(code) == Some(dossier);
        holds(same, "a record does not follow from the facts", || {
            code.to_string()
        })?;
    }
    Ok(())
}

/// What clients owe is what they were billed less what was taken from them, added up without any of the rules.
fn money_is_conserved(office: &Office) -> Checked {
    let db = office.db();
    let mut expected: BTreeMap<ClientCode, Amount> = BTreeMap::new();
    for (_, entry) in db.facts().filter(|(_, entry)| entry.fact.projected) {
        let text: FactText = serde_json::from_str(&entry.fact.sealed.text).expect("projected");
        match text.read_body().expect("projected") {
            FactBody::LedgerImported(_) => {
                for row in office.rows(text.fact_id).invoices {
                    *expected.entry(row.client).or_default() += row.gross;
                }
            }
            FactBody::Payment(payment) => {
                *expected.entry(payment.client).or_default() -= payment.amount;
            }
            _ => {}
        }
    }
    for dossier in db.dossiers() {
        let today = office.statement_date.get();
        let far = today + chrono::Days::new(10_000);
        let nets = dossier
            .balances(far)
            .into_values()
            .map(|balance| balance.net);
        let (net, code) = (nets.sum::<Amount>(), &dossier.client.code);
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
    let db = scenario.office.db();
    let journal: BTreeMap<FactId, &str> = db
        .facts()
        .filter_map(|(_, entry)| Some((entry.fact.fact_id?, &*entry.fact.sealed.text)))
        .collect();
    let aside: BTreeSet<FactId> = db
        .quarantine()
        .filter_map(|aside| aside.fact.fact_id)
        .collect();
    for confirmed in scenario.seen.confirmed().iter() {
        let id = confirmed.fact_id;
        if aside.contains(&id) || scenario.seen.is_excused(id) {
            continue;
        }
        // An office that was put back forgot what it had set aside of a revoked device, and pulls tell it nothing.
        let device = confirmed.machine.device();
        if device.is_some_and(|device| db.is_revoked(device)) && confirmed.machine.disk.holds(id) {
            continue;
        }
        let text = journal.get(&id);
        holds(
            text.is_some(),
            "a confirmed fact never reaches the office",
            || format!("tap {} at {:?}", confirmed.tap, confirmed.at),
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

/// What somebody took is in the dossier that the next start shows, until the office sets it aside.
fn own_payments_are_shown(scenario: &Scenario, index: usize) -> Checked {
    let station = &scenario.stations[index];
    let Ok(Some(desk)) = now(Desk::open(Still::new(&station.machine))) else {
        return Ok(());
    };
    let content = station.machine.disk.content();
    let facts = now(content.facts_after(FactKey::START, u32::MAX));
    let mut own: BTreeMap<ClientCode, Vec<FactId>> = BTreeMap::new();
    for stored in facts.expect("memory does not fail") {
        let text: FactText = serde_json::from_str(&stored.fact.text).expect("own facts");
        let aside = matches!(stored.state, Some(FactState::Quarantined { .. }));
        if aside || scenario.seen.is_excused(text.fact_id) {
            continue;
        }
        if let Ok(FactBody::Payment(payment)) = text.read_body() {
            own.entry(payment.client).or_default().push(text.fact_id);
        }
    }
    for (client, payments) in own {
        let dossier = now(desk.dossier(&client)).expect("memory does not fail");
        let Some(dossier) = dossier else { continue };
        for id in payments {
            let shown = dossier.payments.iter().any(|shown| shown.id == id);
            holds(shown, "an own payment is not shown", || {
                format!("{id} of {client} at station {index}")
            })?;
        }
    }
    Ok(())
}

impl Scenario {
    fn is_revoked(&self, station: &Station) -> bool {
        let device = station.machine.device();
        device.is_some_and(|device| self.office.db().is_revoked(device))
    }
}
