//! Devices that fork, fall silent or get lost (SYNC 14, 37, 39, faults 21 and 23).

use crate::support::{Device, Folder, Scheme, Server, cash, visit};
use serde_json::{Value, json};
use tournee_sync::office::DeviceReport;
use tournee_sync::push::FactStatus::{self, Accepted, Duplicate, Quarantined};
use tournee_sync::push::PushResponse;

fn statuses(response: &PushResponse) -> Vec<FactStatus> {
    let results = response.results.iter();
    results.map(|result| result.status).collect()
}

fn device_command(folder: &Folder, arguments: &[&str]) -> Value {
    let mut whole = vec!["device"];
    whole.extend(arguments);
    whole.push("--json");
    serde_json::from_str(&folder.run(&whole)).unwrap()
}

#[test]
fn a_lost_device_gets_nothing_and_changes_nothing_until_it_is_released() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let before = [device.fact("visit", &visit("C1"))];
    device.pushed(1, &before);
    let cursor = device.pulled(None).pop().unwrap().cursor;
    let receipt = device.next_receipt();
    let stolen = [device.fact("payment", &cash("C1", &receipt, "C1-A", "4000"))];

    let revoked = device_command(&folder, &["revoke", "D01"]);
    assert!(revoked["revoked_at_ms"].is_i64());
    let expired = (401, "session_expired".to_owned(), None);
    assert_eq!(device.pull(Some(&cursor)).problem(), expired, "its session");
    let captured = device.push(1, &before).ok::<PushResponse>();
    assert_eq!(statuses(&captured), [Duplicate], "a replay has no effect");
    let (response, ack) = device.pushed(2, &stolen);
    assert_eq!(
        (statuses(&response), ack.acked_through),
        (vec![Quarantined], 1)
    );
    assert!(
        response.results[0].detail.contains("revoked"),
        "{response:?}"
    );

    // Its user signs in again elsewhere: another device works, this one does not, whatever it tries.
    device.client = server.user("one");
    let revoked = (403, "revoked".to_owned(), None);
    assert_eq!(device.pull(Some(&cursor)).problem(), revoked);
    assert_eq!(device.pull(None).problem(), revoked);
    let request = json!({
        "protocol": 1, "installation": device.installation, "build": "test",
        "key": {"algorithm": "Ed25519", "bytes": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    });
    let enrolled = device.client.post("/enrol", &request);
    assert_eq!(enrolled.problem(), revoked);
    assert_eq!(Device::enrol(&device.client).pull(None).status, 200);

    let attention: Value = server.user("manager").get("/attention").ok();
    assert_eq!(attention["quarantined"][0]["reason"], "post_revocation");
    let released = device_command(&folder, &["release", "D01"]);
    assert!(released["revoked_at_ms"].is_null());
    assert_eq!(device.pull(Some(&cursor)).status, 200);
    assert_eq!(statuses(&device.pushed(2, &stolen).0), [Accepted]);
    drop(server);
    folder.check();
}

#[test]
fn over_http_a_device_is_revoked_and_released() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let manager = server.user("manager");
    let listed: Vec<DeviceReport> = manager.get("/devices").ok();
    let path = |verb: &str| format!("/devices/{}/{verb}", listed[0].id);
    let why = json!({"reason": " lost at Arlit "});
    for login in ["one", "cashier", "accountant", "auditor"] {
        assert_eq!(
            server.user(login).post(&path("revoke"), &why).status,
            403,
            "{login}"
        );
    }
    let nobody = format!("/devices/{}/revoke", tournee_server::random::uuid());
    assert_eq!(manager.post(&nobody, &why).status, 404);
    let named = |answer: crate::support::Answer| answer.problem();
    let bad = |field: &str| (400, "bad_request".to_owned(), Some(field.to_owned()));
    assert_eq!(named(manager.post("/devices/D01/revoke", &why)), bad("id"));
    let long = json!({"reason": "x".repeat(501)});
    assert_eq!(named(manager.post(&path("revoke"), &long)), bad("reason"));
    let state = |kind: &str| (409, kind.to_owned(), None);
    assert_eq!(
        named(manager.post(&path("release"), &why)),
        state("not_revoked")
    );

    let revoked: DeviceReport = manager.post(&path("revoke"), &why).ok();
    assert!(revoked.revoked_at_ms.is_some());
    assert_eq!(
        (&*revoked.revoked_by, &*revoked.revoked_reason),
        ("Name of manager", "lost at Arlit")
    );
    assert_eq!(
        named(manager.post(&path("revoke"), &why)),
        state("already_revoked")
    );
    assert_eq!(device.pull(None).status, 401, "its user is signed out");
    let fact = [device.fact("visit", &visit("C1"))];
    assert_eq!(statuses(&device.pushed(1, &fact).0), [Quarantined]);

    let administrator = server.user("administrator");
    let released: DeviceReport = administrator.post(&path("release"), &json!({})).ok();
    assert_eq!(released.revoked_at_ms, None);
    assert_eq!(released.revoked_by + &released.revoked_reason, "");
    assert_eq!(statuses(&device.pushed(1, &fact).0), [Accepted]);
    drop(server);
    folder.check();
}

#[test]
fn a_frozen_device_that_enrols_again_is_heard_again() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let mut cloned = device.clone();
    let fact = device.fact("visit", &visit("C1"));
    device.pushed(1, &[fact]);
    let other = cloned.fact("visit", &visit("C2"));
    assert!(cloned.pushed(1, &[other]).0.frozen);
    let entry = |folder: &Folder| device_command(folder, &["list"])[0].clone();
    assert_eq!(
        (&entry(&folder)["frozen"], &entry(&folder)["epoch"]),
        (&json!(true), &json!(1))
    );
    let next = device.fact("visit", &visit("C1"));
    let (response, ack) = device.pushed(2, &[next]);
    assert_eq!(
        (statuses(&response), response.frozen, ack.acked_through),
        (vec![Quarantined], true, 1)
    );

    let mut again = Device::enrol_with(&device.client, Scheme::P256, device.installation);
    assert_eq!(again.enrolled.device.epoch, 2);
    let receipt = again.next_receipt();
    assert!(receipt.contains("-D01-E2-"), "{receipt}");
    let fact = again.fact("payment", &cash("C1", &receipt, "C1-A", "4000"));
    let (response, ack) = again.pushed(1, &[fact]);
    assert_eq!(
        (statuses(&response), response.frozen, ack.acked_through),
        (vec![Accepted], false, 1)
    );
    assert_eq!(again.pull(None).status, 200);
    assert_eq!(
        (&entry(&folder)["frozen"], &entry(&folder)["epoch"]),
        (&json!(false), &json!(2))
    );
    // The former epoch stays frozen: its clone is not let in by the new one.
    let late = cloned.fact("visit", &visit("C1"));
    assert_eq!(statuses(&cloned.pushed(2, &[late]).0), [Quarantined]);
    drop(server);
    folder.check();
}

#[test]
fn the_list_names_the_silent() {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    let folder = Folder::with_ledger();
    {
        let server = Server::start(&folder);
        for login in ["one", "two", "manager"] {
            Device::enrol(&server.user(login)).pulled(None);
        }
    }
    let now_ms = tournee_server::clock::now_ms();
    folder.with_office(async |office| {
        let mut tx = office.database.write().await.unwrap();
        for (label, ago_ms) in [("D01", DAY_MS - 60_000), ("D02", DAY_MS + 1)] {
            sqlx::query("UPDATE devices SET last_seen_ms = ? WHERE label = ?")
                .bind(now_ms - ago_ms)
                .bind(label)
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    });
    let list = device_command(&folder, &["list"]);
    let told: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["label"].as_str(), entry["silent_since_ms"].as_i64()))
        .collect();
    let silent = Some(now_ms - DAY_MS - 1);
    assert_eq!(
        told,
        [
            (Some("D01"), None),
            (Some("D02"), silent),
            (Some("D03"), None)
        ],
        "the office's own device is nobody's to revoke"
    );
    assert_eq!(list[1]["login"], "two");
    assert!(folder.run(&["device", "list"]).contains("silent"));
    // A revoked one may be silent; what cannot be done is said in one line.
    let revoked = device_command(&folder, &["revoke", "d02"]);
    assert!(revoked["silent_since_ms"].is_null());
    for (arguments, expected) in [
        (["revoke", "D02"], "already revoked"),
        (["release", "D01"], "not revoked"),
        (["revoke", "D00"], "no device is called"),
        (["revoke", "D09"], "no device is called"),
    ] {
        let [verb, label] = arguments;
        let output = crate::support::command(&folder, &["device", verb, label]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.contains(expected),
            "{arguments:?}: {said}"
        );
    }
}
