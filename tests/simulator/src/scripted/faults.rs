//! Faults of SYNC §2 with the result that is expected of each.

use super::{Stage, payment};
use crate::plan::Plan;
use crate::ports::AppVersion;
use tournee_domain::{Amount, FactId};
use tournee_sync::device::{Exchanged, SyncError};
use uuid::Uuid;

/// Fault 10: the same id with another amount. The first stands, the second is set aside, and the device enrols again
/// without losing anything.
#[test]
fn the_same_id_with_another_amount_changes_nothing() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let copy = stage.copy_of(&machine);
    let id = FactId(Uuid::from_u128(7));
    stage
        .record(&desk, id, payment("C1", 1_000))
        .expect("it is recorded");
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));

    let copied = stage.open(&copy);
    stage
        .record(&copied, id, payment("C1", 9_000))
        .expect("it is recorded");
    assert!(stage.exchange(&copied).is_err());
    assert_eq!(stage.paid("C1"), [Amount::from(1_000_i64)]);
    assert!(stage.is_aside(id));

    // Whoever records on is set aside too, until a new enrolment sends what is new.
    let (later, _) = stage.pay(&copied);
    let again = stage.sign_in(&copy);
    for _ in 0..3 {
        let _it_sends_what_it_has = stage.exchange(&again);
    }
    assert!(stage.holds(later));
    let (after, _) = stage.pay(&again);
    assert_eq!(stage.exchange(&again), Ok(Exchanged::Through));
    assert!(stage.holds(after) && !stage.is_aside(after));
}

/// Fault 13: the office dies before its commit each time. Nothing was acknowledged, and everything arrives once it lives.
#[test]
fn nothing_is_acknowledged_that_a_dead_office_did_not_keep() {
    let mut stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let (payment, at) = stage.pay(&desk);
    stage.behave(Plan {
        office_crash: 1_000,
        ..Plan::calm(None)
    });
    for _ in 0..3 {
        assert_eq!(stage.exchange(&desk), Err(SyncError::Unreachable));
        stage.run({
            let world = stage.world.clone();
            async move { world.wait(60_000).await }
        });
    }
    assert!(!stage.holds(payment));
    assert!(desk.first_waiting(|waiting| waiting == at).is_some());

    stage.behave(Plan::calm(None));
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(stage.holds(payment));
}

/// Fault 20: a fact of a type that the office cannot read keeps its place, and what follows goes on.
#[test]
fn what_the_office_cannot_read_stops_nobody() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    stage.office.knows_less.set(true);
    let (unread, _) = stage.visit(&desk);
    let (later, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(stage.is_aside(unread));
    assert!(!stage.is_aside(later));
    assert_eq!(stage.paid("C1"), [Amount::from(1_000_i64)]);
}

/// Fault 21: an app older than the office gives records to, and one newer than the office. Money of the first arrives at
/// once; the second keeps everything until both speak alike.
#[test]
fn another_version_loses_nothing() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    machine.version.set(AppVersion::Older);
    let (payment, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Err(SyncError::TooOld));
    assert!(stage.holds(payment));

    machine.version.set(AppVersion::Newer);
    let (later, _) = stage.pay(&desk);
    assert!(stage.exchange(&desk).is_err());
    assert!(!stage.holds(later));
    machine.version.set(AppVersion::Same);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(stage.holds(later));
}
