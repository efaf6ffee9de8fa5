//! SYNC 22: a stored record is lost or altered on the device, and nobody tells it so.

use super::Stage;
use std::collections::BTreeMap;
use tournee_domain::ClientCode;
use tournee_sync::device::Exchanged;
use tournee_sync::device::store::DeviceStore;

/// What is wrong after a start is right after its first exchange; what waits goes all the same.
#[test]
fn a_spoiled_record_is_taken_anew() {
    let spoilers: [fn(&str) -> Option<String>; 4] = [
        |_| None,
        |text| Some(text.replace("Niamey", "Ailleurs")),
        |text| Some(text[..text.len() / 2].to_owned()),
        // As if it lay in another portfolio, of which the office gives this user nothing.
        |text| Some(text.replace("REC01", "REC77")),
    ];
    for (n, spoil) in spoilers.iter().enumerate() {
        let stage = Stage::new();
        let machine = stage.machine();
        let desk = stage.sign_in(&machine);
        assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
        let held = || -> BTreeMap<_, _> { machine.disk.content().records().into_iter().collect() };
        let before = held();
        // Another than the one that is visited: that one comes anew in any case.
        let (client, whole) = before.last_key_value().expect("several clients");
        assert_ne!(client.as_str(), "C1");
        let text = spoil(whole);
        assert_ne!(text.as_deref(), Some(&**whole), "spoiler {n}");
        machine.disk.spoil(client, text.as_deref());

        let desk = stage.open(&machine);
        let (visit, _) = stage.visit(&desk);
        assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
        assert_eq!(desk.mended.get(), 1, "spoiler {n}");
        assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
        let after = held();
        assert_eq!(after.len(), before.len(), "spoiler {n}");
        let ledger = stage.office.ledger();
        for (code, body) in &after {
            assert_eq!(*body, ledger.records[code].body, "spoiler {n}: {code}");
        }
        drop(ledger);
        assert!(stage.counts(visit) && desk.waiting().is_empty());
    }
}

/// A row of a client that the office gives nobody is erased; the others are not asked for.
#[test]
fn a_record_that_nobody_gave_is_erased() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    let records = machine.disk.content().records();
    let stranger = ClientCode::new("C999");
    let text = records[0].1.replace("REC0", "REC9");
    machine.disk.spoil(&stranger, Some(&text));
    let desk = stage.open(&machine);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert_eq!(desk.mended.get(), 0);
    assert_eq!(machine.disk.content().records(), records);
}

/// One comparison a start, and one a day: rows are not read for each exchange.
#[test]
fn a_device_that_stays_open_compares_once_a_day() {
    let stage = Stage::new();
    let machine = stage.machine();
    let desk = stage.sign_in(&machine);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    machine.disk.spoil(&ClientCode::new("C1"), None);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert_eq!(desk.mended.get(), 0);
    stage.wait_days(1);
    assert_eq!(stage.exchange(&desk), Ok(Exchanged::Through));
    assert_eq!(desk.mended.get(), 1);
    let generation = desk.pull.borrow().generation;
    let held = machine.disk.content().dossiers(generation, None, 9);
    let held = crate::office::now(held).expect("memory reads");
    assert_eq!(held[0].0.as_str(), "C1");
}
