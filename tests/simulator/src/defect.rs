//! Defects planted on purpose, each where a careless hand would make it: the checkers must catch every one.

use clap::ValueEnum;
use tournee_domain::{FactBody, FactId};
use tournee_sync::envelope::SealedFact;
use tournee_sync::office::{DeviceEpoch, Names, OfficeStore, Outcome};
use uuid::Uuid;

/// One planted defect. They live in the simulator's shells, never in the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Defect {
    /// The device says "recorded" before its transaction is complete.
    ConfirmsBeforeComplete,
    /// Facts are written with relaxed durability.
    RelaxedFacts,
    /// The cursor is saved before the page it stands for.
    CursorSavedEarly,
    /// The office acknowledges before its commit.
    AcksBeforeCommit,
    /// Pulls see what a push has not committed, so that numbers issued again are skipped.
    ReadsUncommitted,
    /// A tap whose outcome was never told is tried again under another fact id.
    RetriesUnderNewId,
    /// A client who moved is not erased from the old collector's device.
    NoTombstones,
    /// The office's answer is believed without its signature.
    BelievesAnybody,
    /// The device forgets facts that the office acknowledged, before any checkpoint.
    DeletesAtAck,
    /// Own facts leave the screen when they are acknowledged, not when the records contain them.
    ForgetsOwnAtAck,
    /// The office applies a payment to its dossier once more.
    AllocationCountedTwice,
    /// The office's sums are not compared, so that a record spoiled on the device stays so.
    NoChecksums,
    /// The device puts a fact where it should add one: what another tab wrote in that place is gone.
    UpdatesInsteadOfAdding,
}

/// Applies payments that a push has brought once more, as a careless office would.
pub async fn count_twice<S: OfficeStore>(
    db: &mut S,
    epoch: &DeviceEpoch,
    facts: &[SealedFact],
    now_ms: i64,
) -> Result<(), S::Error> {
    for sealed in facts {
        let Ok(text) = sealed.open() else { continue };
        let Ok(FactBody::Payment(payment)) = text.read_body() else {
            continue;
        };
        let client = payment.client.clone();
        let names = Names {
            clients: vec![client.clone()],
            ..Names::default()
        };
        let mut known = db
            .look_up((epoch.device, epoch.epoch), (0, 0), &names)
            .await?;
        let Some(mut dossier) = known.dossiers.remove(&client) else {
            continue;
        };
        let mut again = text.authored("", &epoch.label);
        again.fact_id = FactId(Uuid::from_u128(!text.fact_id.0.as_u128()));
        let _flags = dossier.apply(&again, &FactBody::Payment(payment));
        let clock = db.organisation().clock;
        let outcome = Outcome {
            epoch: epoch.clone(),
            author: String::new(),
            received_at_ms: now_ms,
            clock,
            facts: Vec::new(),
            records: vec![(clock + 1, dossier)],
            erased: Vec::new(),
            quarantined: Vec::new(),
            staged: Vec::new(),
        };
        db.write(&outcome).await?;
    }
    Ok(())
}
