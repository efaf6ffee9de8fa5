//! What the first runs found, before scripts were kept (decision 5).

use super::{Hand, Stage, payment};
use crate::people::returned_slip;
use crate::plan::Plan;
use std::rc::Rc;
use tournee_domain::{ClientCode, FactBody, FactId};
use tournee_sync::device::store::{BlobRecord, FactState};
use tournee_sync::device::{EnrolError, Exchanged, sit_down};
use uuid::Uuid;

fn slip() -> (FactBody, BlobRecord) {
    let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 2).expect("a date");
    returned_slip(&ClientCode::new("C1"), "BL1", date, b"a photo".to_vec())
}

/// Whether the screen shows a payment of the first client.
fn shows(stage: &Stage, desk: &Hand, payment: FactId) -> bool {
    let desk = desk.clone();
    let dossier = stage.run(async move { desk.dossier(&ClientCode::new("C1")).await });
    let dossier = dossier.expect("the store works").expect("it is here");
    dossier.payments.iter().any(|shown| shown.id == payment)
}

fn id(n: u128) -> FactId {
    FactId(Uuid::from_u128(n))
}

/// An own payment was gone from the screen from the restore of the office until it was sent again.
#[test]
fn an_own_payment_stays_on_the_screen_while_the_office_forgot_it() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    stage.office.back_up();
    let (payment, _) = stage.pay(&desk);
    for _ in 0..2 {
        assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    }
    assert!(stage.office.restore());
    let shown = |desk: &Hand| shows(&stage, desk, payment);
    assert!(shown(&desk));
    let again = stage.sign_in(&machine);
    assert!(shown(&again));
    while stage.exchange(&again) != Ok(Exchanged::Through) {
        assert!(shown(&again));
    }
    assert!(shown(&again) && stage.holds(payment));
}

/// Only what had never been flagged was sent again, and no photo.
#[test]
fn everything_goes_to_an_office_that_was_put_back() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    stage.office.back_up();
    // Nobody knows this client: the office flags it.
    stage
        .record(&desk, id(1), payment("NOBODY", 5_000))
        .expect("it is recorded");
    let (body, blob) = slip();
    stage
        .record_with(&desk, id(2), body, vec![blob.clone()])
        .expect("it is recorded");
    for _ in 0..2 {
        assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    }
    assert!(stage.office.holds_blob(&blob.hash).is_some());

    assert!(stage.office.restore());
    assert!(stage.office.holds_blob(&blob.hash).is_none());
    let desk = stage.sign_in(&machine);
    for _ in 0..3 {
        let _it_sends_what_it_has = stage.exchange(&desk);
    }
    assert!(stage.holds(id(1)) && stage.holds(id(2)));
    assert!(stage.office.holds_blob(&blob.hash).is_some());
}

/// A copied installation could neither send nor enrol.
#[test]
fn a_copied_installation_goes_on_after_it_signed_in() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let copy = stage.copy_of(&machine);
    let (first, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    let copied = stage.open(&copy);
    let (second, _) = stage.pay(&copied);
    assert!(stage.exchange(&copied).is_err());

    let copied = stage.sign_in(&copy);
    for _ in 0..3 {
        let _it_sends_what_it_has = stage.exchange(&copied);
    }
    assert_eq!(stage.exchange(&copied), Ok(Exchanged::Through));
    assert!(stage.holds(first) && stage.holds(second));
}

/// Results are not signed: whoever sits on the line could have called a fact set aside, and it was never sent, or left
/// the screen.
#[test]
fn nobody_else_sets_a_fact_aside() {
    let mut stage = Stage::new();
    let machine = stage.machine();
    stage.sign_in(&machine);
    for round in 0..25 {
        let lied_to = round < 24;
        stage.behave(Plan {
            portal: if lied_to { 500 } else { 0 },
            ..Plan::calm(None)
        });
        let desk = stage.open(&machine);
        let (payment, at) = stage.pay(&desk);
        for _ in 0..3 {
            let _lies = stage.exchange(&desk);
            let is_aside = |state: &FactState| matches!(state, FactState::Quarantined { .. });
            let facts = machine.disk.content().facts();
            assert!(
                !facts
                    .iter()
                    .any(|(_, state)| state.as_ref().is_some_and(is_aside))
            );
        }
        let waits = desk.first_waiting(|waiting| waiting == at).is_some();
        assert_eq!(waits, !stage.holds(payment));
        assert!(lied_to || !waits);
    }
    let told = stage.world.faults();
    assert!(told.contains_key("results altered on their way"));
    assert!(told.contains_key("forged acknowledgement"));
}

/// Two tabs that signed in at once left the key of one epoch with the chain of the other.
#[test]
fn two_tabs_that_sign_in_at_once_leave_one_enrolment() {
    for later in 0..40 {
        let stage = Stage::new();
        let machine = stage.machine();
        let (one, other) = (stage.ports(&machine), stage.ports(&machine));
        let installation = machine.installation;
        let world = &stage.world;
        let sign_in = |ports: crate::ports::SimPorts, wait_ms| {
            let wait = world.wait(wait_ms);
            async move {
                wait.await;
                let session = ports.sign_in().await.expect("a session");
                sit_down(ports, session, installation).await
            }
        };
        let both = futures::future::join(sign_in(one, 0), sign_in(other, later * 20));
        let (one, other) = stage.run(both);
        for desk in [one, other].into_iter().flatten() {
            let desk = Rc::new(desk);
            let (payment, _) = stage.pay(&desk);
            let _its_turn = stage.exchange(&desk);
            assert!(stage.holds(payment) && !stage.is_aside(payment));
        }
        let desk = stage.open(&machine);
        let (payment, _) = stage.pay(&desk);
        let _its_turn = stage.exchange(&desk);
        assert!(stage.holds(payment) && !stage.is_aside(payment));
    }
}

/// Photos of facts that were set aside stayed on the device for ever.
#[test]
fn the_photo_of_a_fact_set_aside_is_evidence() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let device = desk.identity.borrow().device.id;
    stage.office.revoke(device);
    let (body, blob) = slip();
    stage
        .record_with(&desk, id(3), body, vec![blob.clone()])
        .expect("it is recorded");
    for _ in 0..3 {
        let _whatever_it_says = stage.exchange(&desk);
    }
    assert!(stage.is_aside(id(3)));
    assert!(stage.office.holds_blob(&blob.hash).is_some());
}

/// Seed 3310: what an office had set aside counted as contained in the records. Put back, it took the payment, which then
/// was on no screen until the next pull.
#[test]
fn what_the_former_office_set_aside_is_shown_when_this_one_takes_it() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    let copy = stage.copy_of(&machine);
    stage.office.back_up();
    let copied = stage.open(&copy);
    stage.pay(&copied);
    assert_eq!(stage.exchange(&copied), Ok(Exchanged::Through));

    // The other history: set aside, and the device goes on in a new epoch.
    let (aside, _) = stage.pay(&desk);
    assert!(stage.exchange(&desk).is_err());
    let desk = stage.sign_in(&machine);
    for _ in 0..2 {
        let _it_sends_what_it_has = stage.exchange(&desk);
    }
    stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(stage.is_aside(aside) && !shows(&stage, &desk, aside));

    assert!(stage.office.restore());
    // What is new makes it speak to the office, whose log is another one.
    stage.pay(&desk);
    for _ in 0..3 {
        assert_eq!(stage.exchange(&desk), Ok(Exchanged::SessionExpired));
    }
    assert!(stage.holds(aside) && !stage.is_aside(aside));
    assert!(shows(&stage, &desk, aside));
}

/// Seed 5422: a profile was copied before anybody had signed in, and the device of the one that did was revoked.
#[test]
fn no_copy_of_a_revoked_installation_enrols() {
    let stage = Stage::new();
    let machine = stage.machine();
    let copy = stage.copy_of(&machine);
    let desk = stage.sign_in(&machine);
    let device = desk.identity.borrow().device.id;
    stage.office.revoke(device);
    let (ports, installation) = (stage.ports(&copy), copy.installation);
    let enrolled = stage.run(async move {
        let session = ports.sign_in().await.expect("a session");
        sit_down(ports, session, installation).await.map(drop)
    });
    let Err(EnrolError::Call(refused)) = enrolled else {
        panic!("not refused: {enrolled:?}");
    };
    assert_eq!(refused.kind(), "revoked");
}
