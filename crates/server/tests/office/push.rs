//! Facts arrive once, in order, or wait, or are set aside (SYNC 13–18, faults 1, 2, 4, 9, 10, 11, 16, 18, 20).

use crate::support::{Device, Folder, Scheme, Server, cash, mobile_money, visit};
use serde_json::{Value, json};
use std::io::{Read, Write};
use tournee_domain::FactId;
use tournee_domain::fact::Flag;
use tournee_server::random;
use tournee_sync::push::FactStatus::{Accepted, Duplicate, Flagged, Quarantined, Staged};
use tournee_sync::push::{FactStatus, PushResponse};

fn statuses(response: &PushResponse) -> Vec<FactStatus> {
    response
        .results
        .iter()
        .map(|result| result.status)
        .collect()
}

/// What the office holds as open of one client.
fn open(folder: &Folder, client: &str) -> String {
    folder.with_office(async |office| {
        let organisation = office.organisation().await.unwrap();
        let mut tx = office.database.read().await.unwrap();
        let codes = [client.into()];
        let dossiers =
            tournee_server::database::records::dossiers(&mut tx, organisation.id, codes.iter())
                .await
                .unwrap();
        let dossier = &dossiers[&codes[0]];
        dossier
            .invoices
            .iter()
            .map(|invoice| invoice.open())
            .sum::<tournee_domain::Amount>()
            .to_string()
    })
}

#[test]
fn a_payment_enters_once_with_either_kind_of_key() {
    for scheme in [Scheme::Ed25519, Scheme::P256] {
        let folder = Folder::with_ledger();
        let server = Server::start(&folder);
        let mut device = Device::enrol_with(&server.user("one"), scheme, random::uuid());
        let receipt = device.next_receipt();
        let facts = [
            device.fact("visit", &visit("C1")),
            device.fact("payment", &cash("C1", &receipt, "C1-A", "4000")),
        ];
        let (response, ack) = device.pushed(1, &facts);
        assert_eq!(statuses(&response), [Accepted, Accepted], "{scheme:?}");
        assert_eq!((ack.acked_through, ack.chain_hash), (2, device.head));
        assert_eq!((response.need_from, response.frozen), (None, false));

        // The answer was lost: the same again is the same.
        let (again, ack) = device.pushed(1, &facts);
        assert_eq!(statuses(&again), [Duplicate, Duplicate]);
        assert_eq!(again.results[1].server_seq, response.results[1].server_seq);
        assert_eq!(ack.acked_through, 2);
        drop(server);
        assert_eq!(open(&folder, "C1"), "16000");
        folder.check();
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = Folder::with_ledger();
    let mut server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let receipt = device.next_receipt();
    let facts = [device.fact("payment", &cash("C1", &receipt, "C1-A", "4000"))];
    device.pushed(1, &facts);
    server.kill();
    assert_eq!(open(&folder, "C1"), "16000");
    folder.check();
}

#[test]
fn two_pushes_of_the_same_facts_at_once_enter_once() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let facts: Vec<_> = (0..40)
        .map(|_| {
            let receipt = device.next_receipt();
            device.fact("payment", &cash("C1", &receipt, "C1-A", "100"))
        })
        .collect();
    let responses: Vec<PushResponse> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| device.pushed(1, &facts).0))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let accepted = responses
        .iter()
        .flat_map(statuses)
        .filter(|status| *status == Accepted)
        .count();
    assert_eq!(accepted, 40, "each exactly once");
    drop(server);
    assert_eq!(open(&folder, "C1"), "16000");
    assert_eq!(
        folder.value("SELECT count(*) FROM facts WHERE type_name = 'payment'"),
        40
    );
    folder.check();
}

#[test]
fn the_same_id_with_other_content_freezes_the_device_until_it_enrols_again() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let id = FactId(random::uuid());
    let receipt = device.next_receipt();
    let mut cloned = device.clone();
    let first = device.fact_as(id, "payment", &cash("C1", &receipt, "C1-A", "4000"));
    device.pushed(1, &[first]);

    let other = cloned.fact_as(id, "payment", &cash("C1", &receipt, "C1-A", "9000"));
    let (response, ack) = cloned.pushed(1, &[other]);
    assert_eq!(
        (statuses(&response), response.frozen),
        (vec![Quarantined], true)
    );
    assert_eq!(
        (ack.acked_through, ack.chain_hash),
        (1, device.head),
        "the original stands"
    );
    let next = device.fact("visit", &visit("C1"));
    let (response, ack) = device.pushed(2, &[next]);
    assert_eq!(
        (statuses(&response), response.frozen, ack.acked_through),
        (vec![Quarantined], true, 1)
    );

    let attention: Value = server.user("manager").get("/attention").ok();
    assert_eq!(attention["devices"][0]["frozen"], true);
    let reasons: Vec<&str> = attention["quarantined"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["device_frozen", "fork"]);

    let mut again = Device::enrol_with(&device.client, Scheme::Ed25519, device.installation);
    assert_eq!(again.enrolled.device.id, device.enrolled.device.id);
    assert_eq!(
        (
            again.enrolled.device.label.as_str(),
            again.enrolled.device.epoch
        ),
        ("D01", 2)
    );
    let fact = again.fact("visit", &visit("C1"));
    assert_eq!(statuses(&again.pushed(1, &[fact]).0), [Accepted]);
    drop(server);
    assert_eq!(open(&folder, "C1"), "16000");
    folder.check();
}

#[test]
fn an_id_used_twice_in_one_chain_is_a_fork() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let id = FactId(random::uuid());
    let facts = [
        device.fact_as(id, "visit", &visit("C1")),
        device.fact_as(id, "visit", &visit("C2")),
    ];
    let (response, ack) = device.pushed(1, &facts);
    assert_eq!(statuses(&response), [Accepted, Quarantined]);
    assert_eq!((response.frozen, ack.acked_through), (true, 1));
    drop(server);
    folder.check();
}

#[test]
fn another_history_is_a_fork() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let mut cloned = device.clone();
    let one = device.fact("visit", &visit("C1"));
    device.pushed(1, &[one]);
    // The clone has a first fact of its own: its second continues a history the office does not have.
    let _never_sent = cloned.fact("visit", &visit("C2"));
    let second = cloned.fact("visit", &visit("C2"));
    let (response, _) = cloned.pushed(2, &[second]);
    assert_eq!(
        (statuses(&response), response.frozen),
        (vec![Quarantined], true)
    );
}

#[test]
fn facts_after_a_gap_wait_and_enter_when_it_closes() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let facts: Vec<_> = (0..6)
        .map(|_| {
            let receipt = device.next_receipt();
            device.fact("payment", &cash("C1", &receipt, "C1-A", "100"))
        })
        .collect();
    let (response, ack) = device.pushed(4, &facts[3..]);
    assert_eq!(statuses(&response), [Staged, Staged, Staged]);
    assert_eq!((response.need_from, ack.acked_through), (Some(1), 0));
    let (response, ack) = device.pushed(2, &facts[1..3]);
    assert_eq!(
        (statuses(&response), response.need_from, ack.acked_through),
        (vec![Staged, Staged], Some(1), 0)
    );
    let (response, ack) = device.pushed(1, &facts[..1]);
    assert_eq!(
        (statuses(&response), response.need_from),
        (vec![Accepted], None)
    );
    assert_eq!((ack.acked_through, ack.chain_hash), (6, device.head));
    // An old push arrives late.
    assert_eq!(
        statuses(&device.pushed(4, &facts[3..]).0),
        [Duplicate, Duplicate, Duplicate]
    );
    drop(server);
    assert_eq!(open(&folder, "C1"), "19400");
    assert_eq!(folder.value("SELECT count(*) FROM staged"), 0);
    folder.check();
}

#[test]
fn bytes_that_are_not_by_the_devices_key_are_set_aside_and_freeze_nothing() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let good = device.fact("visit", &visit("C1"));
    let mut forged = good.clone();
    forged.signature.0[10] ^= 1;
    let mut changed = good.clone();
    changed.text = changed.text.replace("matin", "soir");
    for (bad, detail) in [(forged, "signature"), (changed, "hash")] {
        let (response, ack) = device.pushed(1, std::slice::from_ref(&bad));
        assert_eq!(
            (statuses(&response), response.frozen, ack.acked_through),
            (vec![Quarantined], false, 0)
        );
        assert!(
            response.results[0].detail.contains(detail),
            "{}",
            response.results[0].detail
        );
        let mut stranger = device.clone();
        stranger.client.cookie = None;
        assert_eq!(
            stranger.push(1, &[bad]).problem().0,
            401,
            "without a session it is nobody's"
        );
    }
    assert_eq!(
        statuses(&device.pushed(1, &[good]).0),
        [Accepted],
        "the queue goes on"
    );
}

#[test]
fn what_nobody_can_read_keeps_its_place_and_the_queue_goes_on() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let receipt = device.next_receipt();
    let mut gold = cash("C1", &receipt, "C1-A", "100");
    gold["method"] = json!({"kind": "gold"});
    let mut float = cash("C1", &receipt, "C1-A", "100");
    float["amount"] = json!(100.5);
    let mut later = device.text(FactId(random::uuid()), "visit", &visit("C1"));
    later["seq"] = json!(4);
    later["schema"] = json!(99);
    let facts = [
        device.fact("payment", &gold),
        device.fact("payment", &float),
        device.fact("teleport", &json!({})),
        device.seal(later.to_string()),
        device.seal("this is no envelope".to_owned()),
        device.fact("ledger_imported", &json!({"statement_date": "2026-11-01", "complete": true, "files": [], "rows": "00", "clients": 0, "invoices": 0})),
        device.fact("double_resolved", &json!({"client": "C1", "invoice": "C1-A", "decision": "same_money"})),
        device.fact("payment", &cash("C1", &receipt, "C1-A", "100")),
    ];
    let (response, ack) = device.pushed(1, &facts);
    let mut expected = vec![Quarantined; 7];
    expected.push(Accepted);
    assert_eq!(statuses(&response), expected);
    assert_eq!((ack.acked_through, response.frozen), (8, false));
    assert!(
        response.results[0].detail.contains("gold"),
        "{}",
        response.results[0].detail
    );
    drop(server);
    assert_eq!(open(&folder, "C1"), "19900");
    assert_eq!(folder.value("SELECT count(*) FROM quarantine"), 7);
    folder.check();
}

#[test]
fn a_receipt_number_is_on_one_payment_only() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let receipt = device.next_receipt();
    let facts = [
        device.fact("payment", &cash("C1", &receipt, "C1-A", "100")),
        device.fact("payment", &cash("C2", &receipt, "C2-A", "100")),
        device.fact("visit", &visit("C1")),
    ];
    let (response, _) = device.pushed(1, &facts);
    assert_eq!(statuses(&response), [Accepted, Quarantined, Accepted]);
    // Also from another device, later.
    let mut other = Device::enrol(&server.user("two"));
    let fact = other.fact("payment", &cash("C3", &receipt, "C3-A", "100"));
    assert_eq!(statuses(&other.pushed(1, &[fact]).0), [Quarantined]);
    drop(server);
    assert_eq!(open(&folder, "C2"), "20000");
    folder.check();
}

#[test]
fn odd_facts_are_accepted_and_flagged() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let flags = |device: &mut Device, type_name: &str, body: Value| {
        let seq = device.seq + 1;
        let fact = device.fact(type_name, &body);
        let result = device.pushed(seq, &[fact]).0.results.remove(0);
        assert_eq!(
            result.status,
            if result.flags.is_empty() {
                Accepted
            } else {
                Flagged
            }
        );
        result.flags
    };
    let number = |device: &mut Device| device.next_receipt();
    let receipt = number(&mut device);
    assert_eq!(
        flags(&mut device, "payment", cash("C1", &receipt, "C1-A", "100")),
        []
    );
    let receipt = number(&mut device);
    assert_eq!(
        flags(&mut device, "payment", cash("C3", &receipt, "C3-A", "100")),
        [Flag::OutOfScope]
    );
    let receipt = number(&mut device);
    assert_eq!(
        flags(&mut device, "payment", cash("C1", &receipt, "C9-Z", "100")),
        [Flag::UnknownInvoice]
    );
    let receipt = number(&mut device);
    assert_eq!(
        flags(&mut device, "payment", cash("C9", &receipt, "C9-Z", "100")),
        [Flag::UnknownClient, Flag::UnknownInvoice]
    );
    device.receipts += 5;
    let receipt = number(&mut device);
    assert_eq!(
        flags(&mut device, "payment", cash("C1", &receipt, "C1-A", "100")),
        [Flag::ReceiptNumberUnexpected]
    );
    let receipt = number(&mut device);
    assert_eq!(
        flags(
            &mut device,
            "payment",
            mobile_money("C1", &receipt, "MP261102.0900.A1")
        ),
        []
    );
    let receipt = number(&mut device);
    assert_eq!(
        flags(
            &mut device,
            "payment",
            mobile_money("C2", &receipt, " mp261102.0900.a1 ")
        ),
        [Flag::TransactionRepeated]
    );
    device.at = "2029-01-01T00:00:00+01:00".to_owned();
    assert_eq!(
        flags(&mut device, "visit", visit("C1")),
        [Flag::ClockSuspect]
    );
    device.at = "2026-11-02T10:00:00+01:00".to_owned();
    assert_eq!(
        flags(&mut device, "visit", visit("C1")),
        [Flag::ClockSuspect],
        "it went back"
    );
    assert_eq!(flags(&mut device, "visit", visit("C1")), []);
    drop(server);
    folder.check();
}

#[test]
fn facts_leave_without_a_session() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    device.client.cookie = None;
    let receipt = device.next_receipt();
    let facts = [device.fact("payment", &cash("C1", &receipt, "C1-A", "100"))];
    assert_eq!(statuses(&device.pushed(1, &facts).0), [Accepted]);
    assert_eq!(
        device.pull(None).problem(),
        (401, "session_expired".to_owned(), None)
    );
    assert_eq!(
        device.push(2, &[]).problem().0,
        401,
        "nothing signed, nobody signed in"
    );
    // Somebody else is signed in on the same tablet.
    device.client = server.user("two");
    let facts = [device.fact("visit", &visit("C1"))];
    assert_eq!(statuses(&device.pushed(2, &facts).0), [Accepted]);
}

#[test]
fn a_revoked_device_pushes_into_quarantine() {
    let folder = Folder::with_ledger();
    let mut device = {
        let server = Server::start(&folder);
        Device::enrol(&server.user("one"))
    };
    folder.tamper("UPDATE devices SET revoked_at_ms = 1 WHERE user IS NOT NULL");
    let server = Server::start(&folder);
    device.client = server.user("one");
    let facts = [device.fact("visit", &visit("C1"))];
    let (response, ack) = device.pushed(1, &facts);
    assert_eq!(
        (statuses(&response), ack.acked_through),
        (vec![Quarantined], 0)
    );
    assert_eq!(
        device.pull(None).problem(),
        (403, "revoked".to_owned(), None)
    );
}

#[test]
fn a_bad_envelope_names_its_field_and_stores_nothing() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let facts = [device.fact("visit", &visit("C1"))];
    let good = device.request(1, &facts);
    let changed = |key: &str, value: Value| {
        let mut request = good.clone();
        request[key] = value;
        request
    };
    let mut without = good.clone();
    without.as_object_mut().unwrap().remove("epoch");
    let mut short = good.clone();
    short["facts"][0]["hash"] = json!("00");
    let many = vec![facts[0].clone(); 101];
    let cases = [
        (changed("protocol", json!(2)), 400, "protocol"),
        (changed("from_seq", json!(0)), 400, "from_seq"),
        (changed("from_seq", json!("one")), 400, "from_seq"),
        (changed("device", json!("D01")), 400, "device"),
        (changed("device", json!(random::uuid())), 403, "device"),
        (changed("epoch", json!(7)), 403, "device"),
        (changed("facts", json!(many)), 400, "facts"),
        (without, 400, "epoch"),
        (short, 400, "facts[0].hash"),
    ];
    for (request, status, field) in cases {
        let answer = device.client.post("/push", &request);
        let (found, _, at) = answer.problem();
        assert_eq!((found, at.as_deref()), (status, Some(field)), "{answer}");
    }
    let whole = serde_json::to_vec(&good).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        assert_eq!(
            device
                .client
                .post_bytes("/push", &whole[..length])
                .problem()
                .0,
            400,
            "{length} bytes"
        );
    }
    let large = changed("build", json!("x".repeat(300_000)));
    assert_eq!(device.client.post("/push", &large).problem().0, 413);
    drop(server);
    assert_eq!(folder.value("SELECT (SELECT count(*) FROM facts WHERE type_name = 'visit') + (SELECT count(*) FROM quarantine)"), 0);
}

#[test]
fn a_body_cut_off_on_its_way_stores_nothing() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let facts = [device.fact("visit", &visit("C1"))];
    let body = serde_json::to_vec(&device.request(1, &facts)).unwrap();
    let address = server.base().strip_prefix("http://").unwrap();
    let mut line = std::net::TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /api/v1/push HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    line.write_all(head.as_bytes()).unwrap();
    line.write_all(&body[..body.len() / 2]).unwrap();
    line.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    let _ = line.read_to_string(&mut answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
    let (response, _) = device.pushed(1, &facts);
    assert_eq!(statuses(&response), [Accepted], "sent again, it enters");
}
