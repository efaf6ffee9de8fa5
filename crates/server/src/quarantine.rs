//! What was set aside: a person looks at it, and two decide. Dismissed, it stays where it is; released, it counts as by its
//! author and its device, by a fact of the office (SYNC 14, 16, §4).

use crate::database::quarantine::{self, AsideRecord, DECISIONS_MIN, Verdict};
use crate::database::releases::{self, Release};
use crate::database::users::UserRecord;
use crate::database::{Connection, SqliteOffice, devices, facts, ledger, organisations, records};
use crate::error::{Error, Result};
use crate::keys::Verifier;
use crate::office::Office;
use crate::{activity, clock, office_fact};
use std::collections::BTreeMap;
use tournee_domain::fact::{FactBody, Flag, QuarantineReleased, ReleaseDecision};
use tournee_domain::{DeviceId, OrganisationId, ReceiptNumber};
use tournee_sync::enrol::Role;
use tournee_sync::envelope::FactText;
use tournee_sync::office::{
    Author, Decision, DeviceEpoch, Dossiers, Examined, OfficeAuthor, QuarantineEntry,
    QuarantineState, Unreleasable, operator_transaction, releasable,
};

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecisionRefused {
    #[error("nothing of this id was set aside")]
    Unknown,
    #[error("it was {0} before")]
    Decided(&'static str),
    #[error("you have said so before: somebody else has to do so too")]
    AnotherPerson,
    #[error("it can never be released: {0}")]
    Unreleasable(#[from] Unreleasable),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for DecisionRefused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// The newest, with what can be read of them.
///
/// # Errors
/// When the database fails.
pub async fn list(office: &Office) -> Result<Vec<QuarantineEntry>> {
    let mut tx = office.database.read().await?;
    let organisation = organisations::required(&mut tx).await?.id;
    let newest = quarantine::newest(&mut tx, organisation).await?;
    let keys = Keys::all(&mut tx, organisation).await?;
    let mut entries = Vec::with_capacity(newest.len());
    for aside in newest {
        entries.push(entry(&mut tx, &keys, aside).await?);
    }
    Ok(entries)
}

/// One person's word on something set aside. When another said the same before, it is done.
///
/// # Errors
/// [`DecisionRefused`]; nothing was changed then.
pub async fn decide(
    office: &Office,
    id: i64,
    user: &UserRecord,
    verdict: Verdict,
    reason: &str,
) -> Result<QuarantineEntry, DecisionRefused> {
    let mut store = SqliteOffice::new(office.database.write().await?).await?;
    let organisation = store.record().id;
    let tx = store.connection();
    let find = quarantine::one(tx, organisation, id).await?;
    let aside = find.ok_or(DecisionRefused::Unknown)?;
    match aside.state() {
        QuarantineState::Open => {}
        QuarantineState::Dismissed => return Err(DecisionRefused::Decided("dismissed")),
        QuarantineState::Released => return Err(DecisionRefused::Decided("released")),
    }
    let keys = Keys::all(tx, organisation).await?;
    if verdict == Verdict::Release {
        keys.releasable(tx, &aside).await??;
    }
    let decision = Decision {
        name: user.user.name.clone(),
        reason: reason.to_owned(),
        decided_at_ms: clock::now_ms(),
    };
    if !quarantine::decide(tx, organisation, id, &user.user, verdict, &decision).await? {
        return Err(DecisionRefused::AnotherPerson);
    }
    let aside = quarantine::one(tx, organisation, id).await?;
    let aside = aside.ok_or(DecisionRefused::Unknown)?;
    let mut last = None;
    if verdict == Verdict::Release && aside.releases.len() >= DECISIONS_MIN {
        let author = OfficeAuthor {
            user: user.user.id,
            name: user.user.name.clone(),
        };
        last = Some(release(office, &mut store, &keys, &aside, &author).await?);
    }
    let tx = store.connection();
    let aside = quarantine::one(tx, organisation, id).await?;
    let entry = entry(tx, &keys, aside.ok_or(DecisionRefused::Unknown)?).await?;
    store.commit().await?;
    if let Some(last) = last {
        office.announce(last);
    }
    Ok(entry)
}

/// Writes the office's fact that holds the released one, and what it changes. Returns the last number given out.
async fn release(
    office: &Office,
    store: &mut SqliteOffice,
    keys: &Keys,
    aside: &AsideRecord,
    author: &OfficeAuthor,
) -> Result<u64, DecisionRefused> {
    let organisation = store.record().clone();
    let tx = store.connection();
    let (text, body) = keys.releasable(tx, aside).await??;
    let dossiers = records::dossiers(tx, organisation.id, body.client().into_iter()).await?;
    let mut dossiers = Dossiers::new(dossiers);
    let mut fact = office_fact::begin(author, &organisation);
    let release = FactBody::QuarantineReleased(evidence(aside, &text));
    fact.flags = dossiers.apply(&fact.authored(), &release);

    let receipt = body.receipt();
    let named: Vec<String> = receipt.map(ReceiptNumber::to_string).into_iter().collect();
    let ids = [text.fact_id];
    let is_taken = !facts::taken_receipts(tx, organisation.id, &named, &ids)
        .await?
        .is_empty();
    if is_taken {
        fact.flags.push(Flag::ReceiptNumberUnexpected);
    }
    let transaction = operator_transaction(&body);
    let named: Vec<String> = transaction.iter().cloned().collect();
    let repeated = ledger::known_transactions(tx, organisation.id, &named, &ids).await?;
    if !repeated.is_empty() {
        fact.flags.push(Flag::TransactionRepeated);
    }
    fact.flags.sort_unstable();
    let entered = dossiers.has_entry(&body, text.fact_id);
    let release_fact = fact.id;
    let last = office_fact::record(office, store, &[(fact, release)], dossiers).await?;
    let noted = Release {
        aside,
        fact: text.fact_id,
        release_fact,
        receipt: receipt.filter(|_| !is_taken),
        payment: body
            .client()
            .filter(|_| entered)
            .map(|client| (client, transaction.as_deref())),
    };
    releases::note(store.connection(), organisation.id, noted).await?;
    tracing::info!(
        quarantine = aside.id,
        "something set aside was released by two people"
    );
    Ok(last)
}

fn evidence(aside: &AsideRecord, text: &FactText) -> QuarantineReleased {
    let sealed = &aside.sealed;
    let decisions = aside.releases.iter().map(|decision| ReleaseDecision {
        name: decision.name.clone(),
        reason: decision.reason.clone(),
    });
    QuarantineReleased {
        fact: text.fact_id,
        set_aside_for: aside.fact.reason.clone(),
        text: sealed.text.clone(),
        previous: sealed.previous.to_string(),
        hash: sealed.hash.to_string(),
        signature: sealed.signature.to_string(),
        key: sealed.key.0.clone(),
        device: aside.device,
        epoch: aside.epoch,
        device_label: aside.fact.device_label.clone(),
        author: aside.fact.author.clone(),
        received_at_ms: aside.fact.received_at_ms,
        decisions: decisions.collect(),
    }
}

async fn entry(
    connection: &mut Connection,
    keys: &Keys,
    aside: AsideRecord,
) -> Result<QuarantineEntry> {
    let state = aside.state();
    let unreleasable = match state {
        QuarantineState::Open => keys.releasable(connection, &aside).await?.err(),
        _ => None,
    };
    let text: Option<FactText> = serde_json::from_str(&aside.sealed.text).ok();
    let read = text.and_then(|text| {
        let authored = text.authored(&aside.fact.author, &aside.fact.device_label);
        Some((authored, text.read_body().ok()?))
    });
    let client = read.as_ref().and_then(|(_, body)| body.client()).cloned();
    let dossiers = records::dossiers(connection, keys.organisation, client.iter()).await?;
    Ok(QuarantineEntry {
        id: aside.id,
        state,
        event: read.and_then(|(authored, body)| activity::event(&authored, &body)),
        client_name: dossiers
            .into_values()
            .next()
            .map_or_else(String::new, |dossier| dossier.client.name),
        client,
        unreleasable: unreleasable.map(|why| why.code().to_owned()),
        dismissals: aside.dismissals,
        releases: aside.releases,
        fact: aside.fact,
    })
}

/// Whose chain each epoch of each device is, and its key.
struct Keys {
    organisation: OrganisationId,
    epochs: BTreeMap<(DeviceId, u32), DeviceEpoch>,
}

impl Keys {
    async fn all(connection: &mut Connection, organisation: OrganisationId) -> Result<Self> {
        let chains = devices::chains(connection, organisation).await?.into_iter();
        Ok(Self {
            organisation,
            epochs: chains
                .map(|chain| ((chain.device, chain.epoch), chain))
                .collect(),
        })
    }

    /// What could be released of it, or why nothing can.
    async fn releasable(
        &self,
        connection: &mut Connection,
        aside: &AsideRecord,
    ) -> Result<Result<(FactText, FactBody), Unreleasable>> {
        let epoch = self.epochs.get(&(aside.device, aside.epoch));
        let Some((epoch, user)) = epoch.and_then(|epoch| Some((epoch, epoch.user?))) else {
            return Ok(Err(Unreleasable::OtherIdentity("device")));
        };
        let author = Author {
            organisation: self.organisation,
            device: aside.device,
            epoch: aside.epoch,
            user,
            // Two people at the office decide: the author's own role does not.
            role: Role::Manager,
        };
        let verifier = Verifier::new(&epoch.key);
        let sealed = aside.sealed.clone();
        let fact = Examined::new(aside.seq, sealed, &epoch.key.id(), |hash, signature| {
            verifier.is_signed(hash, signature)
        });
        let (text, body) = match releasable(&author, &fact) {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        let ids = [text.fact_id];
        let counts = releases::counting(connection, self.organisation, &ids).await?;
        Ok(if counts.is_empty() {
            Ok((text, body))
        } else {
            Err(Unreleasable::KnownFact)
        })
    }
}
