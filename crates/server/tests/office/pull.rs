//! Records reach the devices that may have them, whole, and only those (SYNC 19–21, 24, 29).

use crate::support::{Device, Folder, Server, cash, visit};
use std::collections::BTreeSet;
use tournee_sync::pull::{PULL_PAGE_BYTES_MAX, PullResponse};

fn clients(pages: &[PullResponse]) -> BTreeSet<String> {
    pages
        .iter()
        .flat_map(|page| &page.records)
        .map(|record| record.id.clone())
        .collect()
}

#[test]
fn each_collector_gets_the_own_portfolio_and_nothing_else() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let expected: [(&str, &[&str]); 6] = [
        ("one", &["C1", "C2"]),
        ("two", &["C3"]),
        ("manager", &["C1", "C2", "C3", "C4"]),
        ("auditor", &["C1", "C2", "C3", "C4"]),
        ("cashier", &[]),
        ("administrator", &[]),
    ];
    for (login, codes) in expected {
        let pages = Device::enrol(&server.user(login)).pulled(None);
        assert!(pages.iter().all(|page| page.snapshot));
        assert_eq!(
            clients(&pages),
            codes.iter().map(|code| (*code).to_owned()).collect(),
            "{login}"
        );
    }
    // Neither does a change of the one reach the other.
    let two = Device::enrol(&server.user("two"));
    let cursor = two.pulled(None).pop().unwrap().cursor;
    let mut one = Device::enrol(&server.user("one"));
    let receipt = one.next_receipt();
    let fact = one.fact("payment", &cash("C1", &receipt, "C1-A", "100"));
    one.pushed(1, &[fact]);
    let later = two.pulled(Some(&cursor));
    assert_eq!(clients(&later), BTreeSet::new());
    let everything = serde_json::to_string(&later).unwrap();
    assert!(!everything.contains("Aïr"), "{everything}");
}

#[test]
fn after_the_snapshot_only_changes_come_with_how_far_own_facts_are_in() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let first = device.pulled(None).pop().unwrap();
    assert_eq!((first.snapshot, first.applied_through), (true, 0));
    assert_eq!((first.progress.done, first.progress.total), (2, 2));
    let receipt = device.next_receipt();
    let facts = [
        device.fact("visit", &visit("C1")),
        device.fact("payment", &cash("C1", &receipt, "C1-A", "4000")),
    ];
    device.pushed(1, &facts);
    let second = device.pulled(Some(&first.cursor)).pop().unwrap();
    assert_eq!((second.snapshot, second.applied_through), (false, 2));
    assert_eq!(
        clients(std::slice::from_ref(&second)),
        BTreeSet::from(["C1".to_owned()])
    );
    let dossier: tournee_domain::Dossier =
        serde_json::from_str(second.records[0].body.as_ref().unwrap().get()).unwrap();
    assert_eq!(dossier.payments.len(), 1);
    assert!(
        second.records[0].server_seq
            > first
                .records
                .iter()
                .map(|record| record.server_seq)
                .max()
                .unwrap()
    );
    let third = device.pulled(Some(&second.cursor)).pop().unwrap();
    assert_eq!(
        (third.records.len(), third.applied_through),
        (0, 2),
        "nothing new"
    );
}

#[test]
fn a_large_portfolio_comes_in_pages_and_a_change_meanwhile_is_not_lost() {
    let folder = Folder::empty();
    folder.run(&["demo", "--clients", "1500"]);
    let server = Server::start(&folder);
    let mut manager = server.anyone();
    let login = serde_json::json!({"login": "direction", "password": "tournee-demo"});
    manager.cookie = Some(
        manager
            .post("/session", &login)
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned(),
    );
    let device = Device::enrol(&manager);
    let first: PullResponse = device.pull(None).ok();
    assert!(first.more);
    assert_eq!(first.progress.total, 1500);
    // A client of the first page changes before the snapshot ends, and one that was still to come.
    let mut writer = Device::enrol(&manager);
    let facts = [
        writer.fact("visit", &visit("C00001")),
        writer.fact("visit", &visit("C01500")),
    ];
    writer.pushed(1, &facts);
    let mut pages = vec![first];
    pages.extend(device.pulled(Some(&pages[0].cursor.clone())));
    assert!(pages.len() >= 4, "{} pages", pages.len());
    for page in &pages {
        let bytes: usize = page
            .records
            .iter()
            .map(|record| record.body.as_ref().unwrap().get().len())
            .sum();
        assert!(bytes <= PULL_PAGE_BYTES_MAX, "{bytes}");
        assert!(page.snapshot);
    }
    assert_eq!(
        clients(&pages).len(),
        1500,
        "no client is missing when the snapshot is complete"
    );
    let last_of = |code: &str| {
        let mut records = pages.iter().flat_map(|page| &page.records);
        records
            .rfind(|record| record.id == code)
            .unwrap()
            .body
            .as_ref()
            .unwrap()
            .get()
            .to_owned()
    };
    for code in ["C00001", "C01500"] {
        assert!(
            last_of(code).contains("Passage du matin"),
            "{code} is as it is at the end"
        );
    }
    // Whoever asks for the first page again gets the same records.
    let again: PullResponse = device.pull(Some(&pages[1].cursor)).ok();
    assert_eq!(
        again.records.first().map(|record| record.server_seq),
        pages[2].records.first().map(|record| record.server_seq)
    );
}

#[test]
fn a_cursor_of_another_log_scope_or_hand_asks_for_a_snapshot() {
    let folder = Folder::with_ledger();
    let (cursor, mut device) = {
        let server = Server::start(&folder);
        let device = Device::enrol(&server.user("one"));
        let cursor = device.pulled(None).pop().unwrap().cursor;
        let gone = (410, "resnapshot".to_owned(), Some("cursor".to_owned()));
        let mut forged = cursor.clone();
        forged.replace_range(5..6, if &forged[5..6] == "A" { "B" } else { "A" });
        for bad in ["", "nonsense", &forged] {
            assert_eq!(device.pull(Some(bad)).problem(), gone, "{bad}");
        }
        let other = Device::enrol(&server.user("two"));
        assert_eq!(
            other.pull(Some(&cursor)).problem(),
            gone,
            "another's cursor"
        );
        assert_eq!(device.pull(Some(&cursor)).status, 200);
        (cursor, device)
    };
    for change in [
        "UPDATE users SET scope_epoch = scope_epoch + 1",
        "UPDATE organisations SET log_id = 'restored'",
    ] {
        folder.tamper(change);
        let server = Server::start(&folder);
        device.client = server.user("one");
        assert_eq!(device.pull(Some(&cursor)).problem().0, 410, "{change}");
        assert_eq!(device.pull(None).status, 200);
    }
}

#[test]
fn a_device_is_its_users_only() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("manager"));
    device.client = server.user("one");
    assert_eq!(
        device.pull(None).problem(),
        (403, "unknown_device".to_owned(), Some("device".to_owned()))
    );
}
