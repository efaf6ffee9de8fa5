//! Reads a journal and says whether it is whole and untouched, or where it is not.

use super::receipts::{ReceiptGap, Series};
use super::{EndLine, FORMAT, FactLine, JournalLine, KeyLine, LINE_MAX_BYTES, Line, end_hash};
use crate::keys::Verifier;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read};
use tournee_domain::fact::{DayClosed, FactBody, Flag, QuarantineReleased, Tally};
use tournee_domain::{Amount, Currency, DeviceId, FactId};
use tournee_sync::encoding::Hash;
use tournee_sync::envelope::{FactText, SealedFact, chain_hash};
use tournee_sync::key::KeyId;
use tournee_sync::office::{OFFICE_LABEL, released, released_bytes};

/// What a whole journal says.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    pub organisation: String,
    pub log_id: String,
    /// SHA-256 of the office's public key: compare it with the one the organisation gives out.
    pub office_key_sha256: Hash,
    pub facts: u64,
    /// Lines of facts that count for nothing.
    pub set_aside: Vec<u64>,
    pub receipt_gaps: Vec<ReceiptGap>,
    /// Lines of daily closings that do not say what their chain says; the office was told.
    pub closings_flagged: Vec<u64>,
    /// Payments that count less what was reversed, by device and currency.
    pub totals: Vec<Total>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    pub device: String,
    pub currency: Currency,
    pub payments: u64,
    pub amount: Amount,
}

/// The first line that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// From 1.
    pub line: u64,
    /// A word for scripts.
    pub code: &'static str,
    pub why: String,
}

/// The file is no journal this program reads.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("the first line is no journal's: {0}")]
    NoJournal(String),
    #[error("the journal is of format {0}; this program reads format {FORMAT}: use a later one")]
    Format(u32),
}

/// Reads to the end, or to the first line that is not as it was written.
///
/// # Errors
/// [`Unusable`]: nothing can be said of this file.
pub fn verify(file: impl BufRead) -> Result<Result<Verified, Broken>, Unusable> {
    let mut lines = Lines {
        file,
        number: 0,
        hasher: Sha256::new(),
    };
    let first = lines.next()?.unwrap_or_default();
    let head = match serde_json::from_slice(&first) {
        Ok(Line::Journal(head)) => head,
        Ok(_) => return Err(Unusable::NoJournal("another kind of line".to_owned())),
        Err(error) => return Err(Unusable::NoJournal(error.to_string())),
    };
    if head.format != FORMAT {
        return Err(Unusable::Format(head.format));
    }
    let mut journal = Journal::new(head);
    loop {
        let before = lines.sha256();
        let Some(bytes) = lines.next()? else {
            let why = "the file ends without its last line: it was cut off after this one";
            return Ok(Err(broken(lines.number, "cut_off", why)));
        };
        let line = lines.number;
        match journal.read(line, &bytes, &before) {
            Err(broken) => return Ok(Err(broken)),
            Ok(false) => {}
            Ok(true) if lines.next()?.is_none() => return Ok(journal.finish()),
            Ok(true) => {
                let why = "something follows the last line";
                return Ok(Err(broken(lines.number, "after_the_end", why)));
            }
        }
    }
}

fn broken(line: u64, code: &'static str, why: impl Into<String>) -> Broken {
    let why = why.into();
    Broken { line, code, why }
}

/// The lines of a file, hashed as they are read.
struct Lines<R> {
    file: R,
    /// Of the line read last, from 1.
    number: u64,
    hasher: Sha256,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let max_bytes = LINE_MAX_BYTES as u64;
        self.file
            .by_ref()
            .take(max_bytes)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        self.hasher.update(&line);
        Ok(Some(line))
    }

    fn sha256(&self) -> Hash {
        Hash(self.hasher.clone().finalize().into())
    }
}

/// What is known after the lines read so far.
struct Journal {
    head: JournalLine,
    chains: BTreeMap<(DeviceId, u32), Chain>,
    facts: u64,
    last_number: u64,
    ids: BTreeSet<FactId>,
    /// Those of them that count.
    projected: BTreeSet<FactId>,
    /// And the fact that bears each.
    receipts: BTreeMap<String, FactId>,
    set_aside: Vec<u64>,
    gaps: Vec<ReceiptGap>,
    closings_flagged: Vec<u64>,
    /// Imports that were not undone, in their order.
    imports: Vec<FactId>,
    /// Facts that were set aside and count after all.
    released: BTreeSet<FactId>,
    /// Payments that count and were not reversed.
    counted: BTreeMap<FactId, Counted>,
    totals: BTreeMap<(String, Currency), (u64, Amount)>,
}

/// Money, and the device that took it.
struct Counted {
    device: String,
    currency: Currency,
    amount: Amount,
}

/// One device in one epoch.
struct Chain {
    line: u64,
    key: KeyLine,
    key_id: KeyId,
    verifier: Verifier,
    seq: u64,
    hash: Hash,
    series: Series,
    tally: Tally,
}

impl Journal {
    fn new(head: JournalLine) -> Self {
        Self {
            head,
            chains: BTreeMap::new(),
            facts: 0,
            last_number: 0,
            ids: BTreeSet::new(),
            projected: BTreeSet::new(),
            receipts: BTreeMap::new(),
            set_aside: Vec::new(),
            gaps: Vec::new(),
            closings_flagged: Vec::new(),
            imports: Vec::new(),
            released: BTreeSet::new(),
            counted: BTreeMap::new(),
            totals: BTreeMap::new(),
        }
    }

    /// Whether the line was the last.
    fn read(&mut self, line: u64, bytes: &[u8], before: &Hash) -> Result<bool, Broken> {
        let unreadable = |why: String| broken(line, "unreadable", why);
        if !bytes.ends_with(b"\n") {
            return Err(unreadable("the line is cut off or too long".to_owned()));
        }
        let parsed =
            serde_json::from_slice(bytes).map_err(|error| unreadable(error.to_string()))?;
        match parsed {
            Line::Journal(_) => Err(unreadable("a second first line".to_owned())),
            Line::Key(key) => self.key(line, key).map(|()| false),
            Line::Fact(fact) => self.fact(line, &fact).map(|()| false),
            Line::End(end) => self.end(line, &end, before).map(|()| true),
        }
    }

    fn key(&mut self, line: u64, key: KeyLine) -> Result<(), Broken> {
        let verifier = Verifier::new(&key.public_key);
        if !verifier.is_key() {
            return Err(broken(line, "bad_key", "the bytes are no public key"));
        }
        let place = (key.device, key.epoch);
        let chain = Chain {
            line,
            key_id: key.public_key.id(),
            verifier,
            key,
            seq: 0,
            hash: Hash::GENESIS,
            series: Series::default(),
            tally: Tally::default(),
        };
        match self.chains.insert(place, chain) {
            None => Ok(()),
            Some(former) => {
                let why = format!("line {} names a key of this epoch already", former.line);
                Err(broken(line, "bad_key", why))
            }
        }
    }

    fn fact(&mut self, line: u64, fact: &FactLine) -> Result<(), Broken> {
        let fail = |code, why: String| Err(broken(line, code, why));
        let Some(chain) = self.chains.get_mut(&(fact.device, fact.epoch)) else {
            let why = format!("no key of device {} epoch {}", fact.device, fact.epoch);
            return fail("unknown_device", why);
        };
        let text: Option<FactText> = serde_json::from_str(&fact.sealed.text).ok();
        chain.continued_by(line, fact, text.as_ref(), &self.head)?;
        if fact.server_seq <= self.last_number {
            let why = format!(
                "number {} follows {}: lines were moved or added",
                fact.server_seq, self.last_number
            );
            return fail("out_of_order", why);
        }
        if fact.server_seq > self.head.clock {
            let why = format!("number {} was never given out", fact.server_seq);
            return fail("out_of_order", why);
        }
        if let Some(text) = &text
            && !self.ids.insert(text.fact_id)
        {
            return fail("repeated_fact", format!("fact {} again", text.fact_id));
        }
        self.last_number = fact.server_seq;
        self.facts += 1;
        if fact.projected
            && let Some(text) = &text
        {
            self.projected.insert(text.fact_id);
            self.statement(line, text)?;
        }
        self.money(line, fact, text.as_ref())
    }

    /// Imports, and that only the latest is undone (SYNC 35).
    fn statement(&mut self, line: u64, text: &FactText) -> Result<(), Broken> {
        match text.read_body() {
            Ok(FactBody::LedgerImported(_)) => self.imports.push(text.fact_id),
            Ok(FactBody::ImportUndone(undone)) if self.imports.pop() != Some(undone.import) => {
                let why = format!("import {} was not the latest that counted", undone.import);
                return Err(broken(line, "wrong_undo", why));
            }
            _ => {}
        }
        Ok(())
    }

    /// Receipts without gaps, and what was paid; what was set aside counts for nothing.
    fn money(&mut self, line: u64, fact: &FactLine, text: Option<&FactText>) -> Result<(), Broken> {
        let body = text.and_then(|text| text.read_body().ok());
        let counted = body.as_ref().filter(|_| fact.projected);
        let receipt = counted.and_then(FactBody::receipt);
        if fact.receipt.as_ref() != receipt {
            let why = "the receipt beside the fact is not the one its device signed";
            return Err(broken(line, "wrong_receipt", why));
        }
        if !fact.projected {
            self.set_aside.push(line);
        }
        let chain = self.chains.get_mut(&(fact.device, fact.epoch));
        let (Some(text), Some(body), Some(chain)) = (text, &body, chain) else {
            return Ok(());
        };
        if let FactBody::DayClosed(said) = body
            && !chain.closes(line, fact, said)?
        {
            self.closings_flagged.push(line);
        }
        chain.tally.count(body);
        let Some(counted) = counted else {
            return Ok(());
        };
        if let FactBody::QuarantineReleased(release) = counted {
            return self.release(line, fact, release);
        }
        let Some(receipt) = receipt else {
            return Ok(());
        };
        let bearer = self.receipts.insert(receipt.to_string(), text.fact_id);
        if bearer.is_some_and(|bearer| bearer != text.fact_id) {
            let why = format!("receipt {receipt} is on an earlier fact");
            return Err(broken(line, "repeated_receipt", why));
        }
        let own = receipt.device_label == chain.key.label && receipt.epoch == chain.key.epoch;
        if own && let Some(gap) = chain.series.count(line, fact, receipt) {
            if !gap.explained {
                let why = format!(
                    "receipts {} to {} of {} epoch {} are on no fact, and nobody was told",
                    gap.first, gap.last, gap.device, gap.epoch
                );
                return Err(broken(line, "receipt_gap", why));
            }
            self.gaps.push(gap);
        }
        // What was released before its place in the chain came counts once.
        if !self.released.contains(&text.fact_id) {
            let device = chain.key.label.clone();
            self.total(text.fact_id, device, counted);
        }
        Ok(())
    }

    fn total(&mut self, id: FactId, device: String, body: &FactBody) {
        match body {
            FactBody::Payment(payment) if payment.is_valid() => {
                let (currency, amount) = (payment.currency, payment.amount);
                let total = self.totals.entry((device.clone(), currency));
                let (payments, sum) = total.or_default();
                *payments += 1;
                *sum += amount;
                let counted = Counted {
                    device,
                    currency,
                    amount,
                };
                self.counted.insert(id, counted);
            }
            FactBody::PaymentReversed(reversed) => {
                // Once, by what was taken and from the device that took it, whatever the reversal says and whoever made it.
                if let Some(taken) = self.counted.remove(&reversed.payment) {
                    let total = self.totals.entry((taken.device, taken.currency));
                    total.or_default().1 -= taken.amount;
                }
            }
            _ => {}
        }
    }

    /// A fact that had been set aside counts after all: it must be what its device signed, and count for the first time.
    fn release(
        &mut self,
        line: u64,
        fact: &FactLine,
        release: &QuarantineReleased,
    ) -> Result<(), Broken> {
        let fail = |code, why: String| Err(broken(line, code, why));
        let Some(chain) = self.chains.get(&(release.device, release.epoch)) else {
            let why = format!(
                "no key of device {} epoch {}",
                release.device, release.epoch
            );
            return fail("unknown_device", why);
        };
        let covers = |sealed: &SealedFact| chain_hash(sealed.previous, &sealed.text) == sealed.hash;
        let sealed = released_bytes(release).filter(covers);
        let Some(sealed) = sealed else {
            let why = "the hash does not cover the text released: the text was changed";
            return fail("hash_mismatch", why.to_owned());
        };
        if sealed.key != chain.key_id || !chain.verifier.is_signed(&sealed.hash, &sealed.signature)
        {
            let why = format!(
                "what was released is not signed by the key of {} epoch {}",
                chain.key.label, chain.key.epoch
            );
            return fail("bad_signature", why);
        }
        let Ok((authored, body)) = released(release) else {
            return fail("unreadable", "nobody can read what was released".to_owned());
        };
        let id = authored.fact_id;
        if self.projected.contains(&id) || !self.released.insert(id) {
            return fail("repeated_fact", format!("fact {id} counted before"));
        }
        if let Some(receipt) = body.receipt()
            && !fact.flags.contains(&Flag::ReceiptNumberUnexpected)
            && self.receipts.insert(receipt.to_string(), id).is_some()
        {
            let why = format!("receipt {receipt} is on an earlier fact, and nobody was told");
            return fail("repeated_receipt", why);
        }
        let device = chain.key.label.clone();
        self.total(id, device, &body);
        Ok(())
    }

    fn end(&self, line: u64, end: &EndLine, before: &Hash) -> Result<(), Broken> {
        if let Some(chain) = self.chains.values().find(|chain| !chain.is_whole()) {
            let why = format!(
                "the chain of {} epoch {} goes to fact {}, the file has it to {}: its last facts are missing",
                chain.key.label, chain.key.epoch, chain.key.head_seq, chain.seq
            );
            return Err(broken(chain.line, "missing_fact", why));
        }
        if end.facts != self.facts {
            let why = format!(
                "{} facts are announced, {} are there",
                end.facts, self.facts
            );
            return Err(broken(line, "missing_fact", why));
        }
        let whole = end.sha256 == *before;
        let signed = self.office().is_some_and(|office| {
            office.key_id == end.key
                && office
                    .verifier
                    .is_signed(&end_hash(&end.sha256), &end.signature)
        });
        match (whole, signed) {
            (true, true) => Ok(()),
            (false, _) => {
                let why = "what the office noted beside the facts was changed: the whole is not what it signed";
                Err(broken(line, "changed", why))
            }
            (true, false) => {
                let why = "the office's key did not sign this file";
                Err(broken(line, "bad_signature", why))
            }
        }
    }

    fn office(&self) -> Option<&Chain> {
        let mut chains = self.chains.values();
        chains.find(|chain| chain.key.label == OFFICE_LABEL)
    }

    fn finish(self) -> Result<Verified, Broken> {
        let office = self.office();
        let totals = self.totals.iter();
        Ok(Verified {
            office_key_sha256: office.map_or(Hash::GENESIS, |office| {
                Hash::of(&office.key.public_key.bytes.0)
            }),
            totals: totals
                .map(|((device, currency), (payments, amount))| Total {
                    device: device.clone(),
                    currency: *currency,
                    payments: *payments,
                    amount: *amount,
                })
                .collect(),
            organisation: self.head.organisation.name,
            log_id: self.head.log_id,
            facts: self.facts,
            set_aside: self.set_aside,
            receipt_gaps: self.gaps,
            closings_flagged: self.closings_flagged,
        })
    }
}

impl Chain {
    /// Whether the closing of this line says what the chain before it says; the office flags one that does not when it
    /// comes, so one that nobody was told of is a fault of the journal (SYNC 32).
    fn closes(&self, line: u64, fact: &FactLine, said: &DayClosed) -> Result<bool, Broken> {
        let before = (self.seq - 1, fact.sealed.previous.to_string());
        let is_right = *said == self.tally.closing(said.date, before.0, before.1);
        if is_right || fact.flags.contains(&Flag::ClosingMismatch) {
            return Ok(is_right);
        }
        let why = format!(
            "the closing of {} does not say what the facts of {} epoch {} add up to",
            said.date, self.key.label, self.key.epoch
        );
        Err(broken(line, "wrong_closing", why))
    }

    /// The fact is the next of this chain, as its device wrote it; or what is wrong, the surest first.
    fn continued_by(
        &mut self,
        line: u64,
        fact: &FactLine,
        text: Option<&FactText>,
        head: &JournalLine,
    ) -> Result<(), Broken> {
        let fail = |code, why: String| Err(broken(line, code, why));
        let sealed = &fact.sealed;
        let who = format!("{} epoch {}", self.key.label, self.key.epoch);
        if chain_hash(sealed.previous, &sealed.text) != sealed.hash {
            let why = "the hash does not cover the text: the text was changed";
            return fail("hash_mismatch", why.to_owned());
        }
        if sealed.key != self.key_id || !self.verifier.is_signed(&sealed.hash, &sealed.signature) {
            return fail("bad_signature", format!("not signed by the key of {who}"));
        }
        let next = self.seq + 1;
        if let Some(text) = text {
            // One that the office set aside may say a wrong number, when it continues its chain all the same.
            let misnumbered = !fact.projected && sealed.previous == self.hash;
            if text.seq != next && !misnumbered {
                let why = format!("fact {} of {who} where {next} should be", text.seq);
                return fail("missing_fact", why);
            }
            let own = (head.organisation.id, fact.device, fact.epoch);
            if fact.projected && (text.organisation, text.device, text.epoch) != own {
                return fail("wrong_identity", format!("the text is not by {who}"));
            }
        } else if fact.projected {
            let why = "the text is no envelope and cannot count";
            return fail("wrong_identity", why.to_owned());
        }
        if sealed.previous != self.hash {
            let why = format!("it does not continue fact {} of {who}", self.seq);
            return fail("broken_chain", why);
        }
        self.seq = next;
        self.hash = sealed.hash;
        Ok(())
    }

    fn is_whole(&self) -> bool {
        (self.seq, self.hash) == (self.key.head_seq, self.key.head_hash)
    }
}
