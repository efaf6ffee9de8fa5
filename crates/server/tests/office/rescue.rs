//! What a device could not send comes in as a file (SYNC 40).

use crate::support::{
    Device, Folder, Server, cash, command, rescue_file as file, seal_rescue, visit,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tournee_server::keys::RescueKey;
use tournee_sync::encoding::Bytes;
use tournee_sync::envelope::SealedFact;
use tournee_sync::rescue::RescueFile;

/// `n` payments of 1000 francs that were never sent, by place.
fn offline(device: &mut Device, n: u64) -> Vec<(u64, SealedFact)> {
    let one = |_| {
        let receipt = device.next_receipt();
        let fact = device.fact("payment", &cash("C1", &receipt, "C1-A", "1000"));
        (device.seq, fact)
    };
    (0..n).map(one).collect()
}

fn statuses(report: &Value) -> Vec<&str> {
    let facts = report["facts"].as_array().unwrap().iter();
    facts.map(|fact| fact["status"].as_str().unwrap()).collect()
}

#[test]
fn a_lost_tablets_money_and_photos_come_in_once() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let sent = device.fact("visit", &visit("C1"));
    device.pushed(1, &[sent]);
    // More than one push takes.
    let mut facts = offline(&mut device, 150);
    let photo = b"\xff\xd8 a slip".as_slice();
    let hash = hex::encode(Sha256::digest(photo));
    let slip = device.fact(
        "slip_return",
        &json!({
            "client": "C1", "invoice": "C1-A", "slip": "BL01", "date": "2026-11-02", "signer": {"name": "Hadiza"},
            "attachments": [{"kind": "photo", "hash": hash, "media_type": "image/jpeg", "size_bytes": photo.len()}],
        }),
    );
    facts.push((device.seq, slip));
    let file = file(&device, &facts, &[photo, b"nobody names these"]);
    let path = folder.path().join("D01.rescue.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let path = path.to_str().unwrap();

    let report = folder.run(&["import", "rescue", path, "--json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let became = statuses(&report);
    assert_eq!(became.len(), 151);
    let taken = |status: &&str| matches!(*status, "accepted" | "flagged");
    assert!(became.iter().all(taken), "{became:?}");
    assert_eq!(
        (&report["label"], &report["blobs"]),
        (&json!("D01"), &json!(1))
    );
    let fetched = server.user("one").get(&format!("/blobs/{hash}"));
    assert_eq!(fetched.body, photo);
    assert_eq!(folder.value("SELECT count(*) FROM payments"), 150);

    let manager = server.user("manager");
    let again: Value = manager.post("/rescue", &file).ok();
    assert!(statuses(&again).iter().all(|status| *status == "duplicate"));
    assert_eq!(again["blobs"], 0);
    assert_eq!(folder.value("SELECT count(*) FROM payments"), 150);
    // The tablet turns up again, and sends what it has.
    let late: Vec<SealedFact> = facts.into_iter().map(|(_, fact)| fact).collect();
    let (response, _) = device.pushed(2, &late[..100]);
    assert!(
        response
            .results
            .iter()
            .all(|one| format!("{:?}", one.status) == "Duplicate")
    );
    for login in ["one", "cashier", "accountant", "auditor"] {
        let answer = server.user(login).post("/rescue", &file);
        assert_eq!(answer.problem().0, 403, "{login}");
    }
    let told = folder.run(&["import", "rescue", path]);
    assert!(told.contains("device D01 wrote this file"), "{told}");
    assert!(told.contains("was here before"), "{told}");
    folder.check();
}

#[test]
fn a_file_gives_no_rights_that_a_push_has_not() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let mut revoked = Device::enrol(&server.user("one"));
    let mut frozen = Device::enrol(&server.user("two"));
    folder.run(&["device", "revoke", "D01"]);
    let facts = offline(&mut revoked, 2);
    let report: Value = manager.post("/rescue", &file(&revoked, &facts, &[])).ok();
    assert_eq!(statuses(&report), ["quarantined"; 2]);

    let mut cloned = frozen.clone();
    let first = frozen.fact("visit", &visit("C3"));
    frozen.pushed(1, &[first]);
    let facts = offline(&mut cloned, 2);
    let report: Value = manager.post("/rescue", &file(&cloned, &facts, &[])).ok();
    assert_eq!(statuses(&report), ["quarantined"; 2]);
    assert_eq!(folder.value("SELECT count(*) FROM quarantine"), 4);
    assert_eq!(folder.value("SELECT count(*) FROM payments"), 0);

    // Without the device's key nobody speaks for it.
    let mut forged = Device::enrol(&server.user("two"));
    let mut facts = offline(&mut forged, 1);
    facts[0].1.signature.0[0] ^= 1;
    let refused = manager.post("/rescue", &file(&forged, &facts, &[]));
    assert_eq!(refused.problem().1, "not_authorised");
    assert_eq!(folder.value("SELECT count(*) FROM quarantine"), 4);
    folder.check();
}

#[test]
fn a_wrong_or_damaged_file_is_refused_by_name() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let mut device = Device::enrol(&server.user("one"));
    let facts = offline(&mut device, 1);
    let good = file(&device, &facts, &[]);
    let changed = |field: &str, value: Value| {
        let mut file = good.clone();
        file[field] = value;
        file
    };
    let damaged = |field: &str| {
        let text = good[field].as_str().unwrap();
        let at = text.len() / 2;
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        changed(field, json!([&text[..at], other, &text[at + 1..]].concat()))
    };
    let organisation = "0193e5a0-0000-7000-8000-000000000009";
    for (file, code) in [
        (json!({"hello": 1}), "not_a_file"),
        (json!([1, 2]), "not_a_file"),
        (changed("iv", json!(7)), "not_a_file"),
        (changed("format", json!("tournee rescue 2")), "other_format"),
        (
            changed("organisation", json!(organisation)),
            "other_organisation",
        ),
        (changed("label", json!("D02")), "cannot_be_opened"),
        (
            changed("made_at", json!("2026-11-04T18:00:00+01:00")),
            "cannot_be_opened",
        ),
        (changed("iv", json!("AAAA")), "cannot_be_opened"),
        (changed("ephemeral_key", json!("AAAA")), "cannot_be_opened"),
        (damaged("ciphertext"), "cannot_be_opened"),
    ] {
        let answer = manager.post("/rescue", &file);
        assert_eq!(answer.problem().0, 422, "{answer}");
        assert_eq!(answer.json::<Value>()["code"], code, "{file}");
    }
    let cut = &good.to_string()[..200];
    assert_eq!(
        manager.post_bytes("/rescue", cut).problem().1,
        "rescue_refused"
    );
    let path = folder.path().join("cut.json");
    std::fs::write(&path, cut).unwrap();
    let output = command(&folder, &["import", "rescue", path.to_str().unwrap()]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(told.contains("this is no emergency file"), "{told}");
    assert_eq!(
        folder.value("SELECT count(*) FROM facts WHERE type_name = 'payment'"),
        0
    );
}

#[test]
fn an_older_offices_devices_hear_of_its_rescue_key_at_their_next_pull() {
    let folder = Folder::with_ledger();
    std::fs::remove_file(folder.data().join("rescue-key.pem")).unwrap();
    folder.tamper("UPDATE organisations SET rescue_key = NULL");
    let server = Server::start(&folder);
    let device = Device::enrol(&server.user("one"));
    let told = device.enrolled.organisation.rescue_key.clone();
    let key = RescueKey::load_or_create(&folder.data().join("rescue-key.pem")).unwrap();
    assert_eq!(told, Some(key.public()));
    assert_eq!(device.pulled(None)[0].organisation.rescue_key, told);
}

/// The text after a heading of the protocol's page, up to its end.
fn documented(name: &str) -> String {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sync.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, after) = page.split_once(&format!("<!-- {name} -->")).unwrap();
    let lines = after.lines().skip_while(|line| !line.starts_with("```"));
    lines
        .skip(1)
        .take_while(|line| !line.starts_with("```"))
        .collect()
}

/// The page's file was sealed by WebCrypto.
#[test]
fn the_documented_file_opens() {
    let scalar = URL_SAFE_NO_PAD.decode(documented("rescue key")).unwrap();
    let secret = p256::SecretKey::from_slice(&scalar).unwrap();
    let pem = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
    let folder = Folder::empty();
    let path = folder.path().join("rescue-key.pem");
    std::fs::write(&path, pem.as_bytes()).unwrap();
    let key = RescueKey::load_or_create(&path).unwrap();

    let mut file: RescueFile = serde_json::from_str(&documented("rescue file")).unwrap();
    let content = key.open(&file.sealed, &file.head.associated_data());
    let content = String::from_utf8(content.unwrap()).unwrap();
    assert_eq!(content, documented("rescue content"));
    file.sealed.iv = Bytes(vec![8; 12]);
    assert!(
        key.open(&file.sealed, &file.head.associated_data())
            .is_none()
    );
}

#[test]
fn an_office_put_back_to_before_the_enrolment_takes_the_file_by_its_certificate() {
    let folder = Folder::with_ledger();
    let elsewhere = Folder::empty();
    let to = elsewhere.data();
    let server = Server::start(&folder);
    folder.run(&["backup", "--to", to.to_str().unwrap()]);
    let mut device = Device::enrol(&server.user("one"));
    drop(server);
    let facts: Vec<Value> = offline(&mut device, 2)
        .into_iter()
        .map(|(seq, fact)| {
            let mut fact = serde_json::to_value(fact).unwrap();
            (fact["epoch"], fact["seq"]) = (json!(1), json!(seq));
            fact
        })
        .collect();
    let mut content = json!({"build": "test", "facts": facts, "blobs": [], "blobs_left_out": 0});
    let path = folder.path().join("D01.rescue.json");
    let path = path.to_str().unwrap();
    let import = |content: &Value| {
        std::fs::write(path, seal_rescue(&device, &content.to_string()).to_string()).unwrap();
        command(&elsewhere, &["import", "rescue", path, "--json"])
    };

    // As devices wrote it before: it opens, and the office does not know the device.
    let old = import(&content);
    assert!(!old.status.success());
    let told = String::from_utf8(old.stderr).unwrap();
    assert!(told.contains("did not enrol device"), "{told}");
    assert_eq!(elsewhere.value("SELECT count(*) FROM payments"), 0);

    let mut forged = serde_json::to_value(&device.enrolled.certificate).unwrap();
    forged["text"] = json!(forged["text"].as_str().unwrap().replace("D01", "D02"));
    content["certificates"] = json!([forged]);
    assert!(!import(&content).status.success());

    content["certificates"] = json!([device.enrolled.certificate]);
    let report = import(&content);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let taken = |status: &&str| matches!(*status, "accepted" | "flagged");
    assert!(statuses(&report).iter().all(taken), "{report}");
    assert_eq!(elsewhere.value("SELECT count(*) FROM payments"), 2);
    elsewhere.check();
}
