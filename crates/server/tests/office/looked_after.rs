//! What devices recorded and the office lacks, and what was set aside (SYNC 14, 25, 32, 39, fault 25).

use crate::support::{Device, Folder, Server, cash, visit};
use serde_json::json;
use tournee_sync::office::{DeviceReport, GapKind};

fn reports(server: &Server<'_>) -> Vec<DeviceReport> {
    server.user("manager").get("/devices").ok()
}

/// Kind, epoch and numbers of every gap.
fn gaps(report: &DeviceReport) -> Vec<(GapKind, u32, u64, u64)> {
    let gaps = report.gaps.iter();
    gaps.map(|gap| (gap.kind, gap.epoch, gap.first, gap.last))
        .collect()
}

#[test]
fn what_a_cleared_tablet_had_recorded_is_a_loss_with_a_name() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let one = server.user("one");
    let mut device = Device::enrol(&one);
    let facts: Vec<_> = (0..5).map(|_| device.fact("visit", &visit("C1"))).collect();
    // It sends two of five facts, says how many it has, and its data are cleared.
    let mut push = device.request(1, &facts[..2]);
    push["heartbeat"] = json!({"epoch": 1, "head_seq": 5, "waiting": 5});
    assert_eq!(one.post("/push", &push).status, 200);
    let report = &reports(&server)[0];
    assert_eq!((report.received_through, report.recorded_through), (2, 5));
    assert_eq!(
        (report.waiting, gaps(report)),
        (5, vec![]),
        "it may still come"
    );
    assert!(report.last_fact_ms.is_some() && report.silent_since_ms.is_none());

    let again = Device::enrol_with(&one, crate::support::Scheme::Ed25519, device.installation);
    assert_eq!(again.enrolled.device.epoch, 2);
    let report = &reports(&server)[0];
    assert_eq!(gaps(report), [(GapKind::Lost, 1, 3, 5)]);
    let told = folder.run(&["device", "list"]);
    assert!(told.contains("E1 3–5: facts were recorded"), "{told}");
    // They turn up after all.
    device.pushed(3, &facts[2..]);
    assert_eq!(gaps(&reports(&server)[0]), []);
    // An older message takes nothing back.
    push["heartbeat"]["head_seq"] = json!(4);
    assert_eq!(one.post("/push", &push).status, 200);
    let pull = json!({"protocol": 1, "build": "test", "device": device.enrolled.device.id, "epoch": 2, "cursor": null,
                      "heartbeat": {"epoch": 2, "head_seq": 7, "waiting": 7}});
    assert_eq!(one.post("/pull", &pull).status, 200);
    let heard = || reports(&server)[0].recorded_through == 7;
    assert!((0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        heard()
    }));
}

#[test]
fn missing_facts_and_receipts_are_named() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let first = device.fact("visit", &visit("C1"));
    let facts: Vec<_> = (0..3).map(|_| device.fact("visit", &visit("C1"))).collect();
    device.pushed(1, &[first]);
    device.pushed(4, &facts[2..]);
    assert_eq!(gaps(&reports(&server)[0]), [(GapKind::Missing, 1, 2, 3)]);
    device.pushed(2, &facts[..2]);
    assert_eq!(gaps(&reports(&server)[0]), []);

    for skipped in [0, 2] {
        for _ in 0..skipped {
            device.next_receipt();
        }
        let receipt = device.next_receipt();
        let payment = device.fact("payment", &cash("C1", &receipt, "C1-A", "100"));
        device.pushed(device.seq, &[payment]);
    }
    assert_eq!(gaps(&reports(&server)[0]), [(GapKind::Receipts, 1, 2, 3)]);
    for (login, status) in [
        ("one", 403),
        ("cashier", 403),
        ("administrator", 200),
        ("auditor", 200),
    ] {
        let user = server.user(login);
        assert_eq!(user.get("/devices").status, status, "{login}");
        assert_eq!(user.get("/quarantine").status, status, "{login}");
    }
}

#[test]
fn a_push_never_waits_for_what_a_heartbeat_says() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let fact = device.fact("visit", &visit("C1"));
    let mut request = device.request(1, &[fact]);
    request["heartbeat"] = json!({"epoch": 1, "head_seq": u64::MAX, "waiting": 1});
    let answer = device.client.post("/push", &request);
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(reports(&server)[0].received_through, 1);
}
