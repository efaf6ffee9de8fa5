//! SYNC 11: how long facts stay on a device, and what an office that was put back gets of them (fault 14).

use super::Stage;
use tournee_sync::device::Exchanged;

/// Thirty days, by both clocks; what belongs to a receipt stays.
#[test]
fn facts_leave_the_device_thirty_days_after_their_acknowledgement() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let ((visit, _), (payment, _)) = (stage.visit(&desk), stage.pay(&desk));
    let here = |id| machine.disk.holds(id);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    stage.wait_days(29);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(here(visit) && here(payment));
    stage.wait_days(2);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(!here(visit) && here(payment));

    let (later, _) = stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(stage.counts(later) && desk.waiting().is_empty());
    let again = stage.open(&machine);
    assert_eq!(again.identity.borrow().damage, None);
    assert_eq!(stage.exchange(&again), Ok(Exchanged::Through));
}

/// One clock that jumps by years is not enough, be it the device's or the office's.
#[test]
fn a_clock_that_jumps_deletes_nothing() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let (visit, _) = stage.visit(&desk);
    stage.pay(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    let years_ms = 3 * 365 * 86_400_000;
    machine.clock_off_ms.set(years_ms);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(machine.disk.holds(visit));
    // True time goes on and the device's stands still: for it, only the office's clock has moved.
    stage.wait_days(31);
    machine.clock_off_ms.set(-31 * 86_400_000);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(machine.disk.holds(visit));
}

/// A backup of ten days ago: everything that it lacks is still on the device.
#[test]
fn an_office_put_back_gets_what_it_lost() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    let (old, _) = stage.visit(&desk);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    stage.wait_days(25);
    stage.office.back_up();
    let ((visit, _), (payment, _)) = (stage.visit(&desk), stage.pay(&desk));
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    stage.wait_days(10);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(!machine.disk.holds(old));

    assert!(stage.office.restore());
    assert!(!stage.holds(visit) && !stage.holds(payment));
    let desk = stage.sign_in(&machine);
    for _ in 0..2 {
        assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    }
    assert!(stage.counts(visit) && stage.counts(payment));
    assert!(desk.waiting().is_empty());
}

/// A backup older than that lacks what the device has deleted, too: its later facts are safe there, for a person to look at,
/// and the device goes on in a new epoch.
#[test]
fn an_office_put_back_too_far_stops_nobody() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    stage.office.back_up();
    let (deleted, _) = stage.visit(&desk);
    let payments: Vec<_> = (0..150).map(|_| stage.pay(&desk).0).collect();
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    stage.wait_days(31);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert!(!machine.disk.holds(deleted));

    assert!(stage.office.restore());
    let desk = stage.sign_in(&machine);
    for _ in 0..2 {
        let _it_asks_to_enrol = stage.exchange(&desk);
    }
    assert!(payments.iter().all(|id| stage.holds(*id)));
    let desk = stage.sign_in(&machine);
    let (later, _) = stage.pay(&desk);
    for _ in 0..2 {
        assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    }
    assert!(stage.counts(later) && desk.waiting().is_empty());
}
