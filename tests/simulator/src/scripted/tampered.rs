//! Fault 24: somebody edits the device's database while facts wait in it.

use super::{Hand, Stage};
use crate::ports::Machine;
use std::rc::Rc;
use tournee_domain::FactId;
use tournee_sync::device::store::{FactKey, FactRecord, Head};
use tournee_sync::device::{Exchanged, RecordError};

/// Three payments, the first of them at the office, and an edit of the second.
fn tampered(
    stage: &Stage,
    change: impl FnOnce(&mut FactRecord, &mut Head),
) -> (Rc<Machine>, Hand, [FactId; 3]) {
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let (first, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    let ((second, at), (third, _)) = (stage.pay(&desk), stage.pay(&desk));
    machine.disk.content().tamper(at, change);
    (
        machine.clone(),
        stage.open(&machine),
        [first, second, third],
    )
}

fn records_nothing(stage: &Stage, desk: &Hand) {
    assert!(desk.identity.borrow().damage.is_some());
    let (_, refused) = stage.try_to_pay(desk);
    assert!(
        matches!(refused, Err(RecordError::Damaged(_))),
        "{refused:?}"
    );
}

/// After a sign-in the device records in a new epoch, and nothing waits.
fn goes_on(stage: &Stage, machine: &Rc<Machine>, former: u32) {
    let desk = stage.sign_in(machine);
    assert!(desk.identity.borrow().device.epoch > former);
    let (later, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(stage.counts(later));
    assert!(desk.waiting().is_empty());
    assert_eq!(stage.open(machine).identity.borrow().damage, None);
}

/// The edited payment is set aside, as is what was chained to the one it replaced.
#[test]
fn an_amount_edited_on_the_device_counts_for_nothing() {
    let stage = Stage::new();
    let (machine, desk, [first, second, third]) = tampered(&stage, |fact, _| {
        let edited = fact
            .text
            .replace("\"amount\":\"1000\"", "\"amount\":\"9000\"");
        assert_ne!(edited, fact.text);
        fact.text = edited;
    });
    records_nothing(&stage, &desk);
    for _ in 0..2 {
        let _it_asks_to_enrol = stage.exchange(&desk);
    }
    assert!(stage.holds(second) && stage.holds(third));
    assert!(stage.counts(first) && !stage.counts(second) && !stage.counts(third));
    goes_on(&stage, &machine, 1);
}

/// Whoever edits the hash as well cannot sign it.
#[test]
fn an_edit_with_a_fitting_hash_is_not_signed() {
    let stage = Stage::new();
    let (machine, desk, [first, second, third]) = tampered(&stage, |fact, head| {
        fact.text = fact
            .text
            .replace("\"amount\":\"1000\"", "\"amount\":\"9000\"");
        let previous = fact.previous.parse().expect("a hash");
        let hash = tournee_sync::envelope::chain_hash(previous, &fact.text);
        fact.hash = hash.to_string();
        // The third payment is given up, so that the edited one ends the chain.
        (head.seq, head.receipts) = (fact.seq, head.receipts - 1);
        head.hash.clone_from(&fact.hash);
    });
    records_nothing(&stage, &desk);
    for _ in 0..2 {
        let _it_asks_to_enrol = stage.exchange(&desk);
    }
    assert!(stage.counts(first) && !stage.counts(second) && !stage.counts(third));
    goes_on(&stage, &machine, 1);
}

/// Numbers that were used are not given out again: what the device had recorded arrives, and the next is of another epoch.
#[test]
fn a_counter_set_back_gives_no_number_twice() {
    let back = |head: &mut Head, fact: &FactRecord| {
        (head.seq, head.receipts) = (fact.seq, head.receipts - 1);
        head.hash.clone_from(&fact.hash);
    };
    let stage = Stage::new();
    let (machine, desk, all) = tampered(&stage, |fact, head| back(head, fact));
    records_nothing(&stage, &desk);
    for _ in 0..2 {
        let _it_asks_to_enrol = stage.exchange(&desk);
    }
    assert!(all.iter().all(|id| stage.counts(*id)));
    goes_on(&stage, &machine, 1);

    // The same with the receipts alone.
    let stage = Stage::new();
    let (machine, desk, all) = tampered(&stage, |_, head| head.receipts -= 1);
    records_nothing(&stage, &desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(all.iter().all(|id| stage.counts(*id)));
    goes_on(&stage, &machine, 1);
}

/// Nothing is wrong with a device that only waits, after any number of starts.
#[test]
fn a_start_finds_nothing_where_nothing_is() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    for _ in 0..2 {
        stage.visit(&desk);
        stage.pay(&desk);
        assert_eq!(stage.open(&machine).identity.borrow().damage, None);
    }
    let at = FactKey { epoch: 1, seq: 4 };
    assert_eq!(desk.waiting().last().map(|fact| fact.at), Some(at));
}
