//! Defects planted on purpose, each where a careless hand would make it: the checkers must catch every one.

use clap::ValueEnum;

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
}
