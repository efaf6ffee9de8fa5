//! The exported journal proves itself, and whatever was done to it is found where it was done (fault 24).

use crate::support::{Device, Folder, Scheme, Server, binary, cash, mobile_money, visit};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tournee_domain::FactId;
use tournee_server::random;
use tournee_sync::encoding::Hash;
use tournee_sync::envelope::chain_hash;

/// A journal with two devices of both schemes, an epoch begun anew, facts set aside and a receipt left out.
struct Story {
    folder: Folder,
    one: Device,
    two: Device,
    lines: Vec<String>,
}

impl Story {
    fn told() -> Self {
        let folder = Folder::with_ledger();
        let server = Server::start(&folder);
        let mut one = Device::enrol_with(&server.user("one"), Scheme::Ed25519, random::uuid());
        let mut two = Device::enrol_with(&server.user("two"), Scheme::P256, random::uuid());
        let pay = |device: &mut Device, client: &str, amount: &str| {
            let receipt = device.next_receipt();
            device.fact("payment", &cash(client, &receipt, "none", amount))
        };
        let facts = [
            one.fact("visit", &visit("C1")),
            pay(&mut one, "C1", "4000"),
            pay(&mut one, "C2", "1500"),
        ];
        one.pushed(1, &facts);
        let receipt = two.next_receipt();
        let facts = [
            two.fact("payment", &mobile_money("C3", &receipt, "TX-9")),
            two.fact("teleport", &json!({})),
            // A number used twice is set aside; the next one is left out, which the office is told.
            two.fact("payment", &cash("C3", &receipt, "none", "777")),
        ];
        two.pushed(1, &facts);
        two.receipts += 1;
        let odd = pay(&mut two, "C3", "250");
        two.pushed(4, &[odd]);
        let mut foreign = two.text(FactId(random::uuid()), "visit", &visit("C3"));
        foreign["device"] = json!(random::uuid());
        let foreign = two.seal(foreign.to_string());
        two.pushed(5, &[foreign]);
        let last = pay(&mut one, "C1", "60");
        one.pushed(4, &[last]);
        let mut again = Device::enrol_with(&one.client, Scheme::P256, one.installation);
        let first = pay(&mut again, "C1", "5");
        again.pushed(1, &[first]);
        drop(server);

        let path = folder.path().join("journal.jsonl");
        folder.run(&["export", "journal", "--out", path.to_str().unwrap()]);
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(str::to_owned).collect();
        Self {
            folder,
            one,
            two,
            lines,
        }
    }

    /// The line, from 0, of the fact at `seq` of one device in its first epoch.
    fn at(&self, device: &Device, seq: u64) -> usize {
        let id = device.enrolled.device.id.to_string();
        let mut seen = 0;
        self.position(|line| {
            seen += u64::from(line["line"] == "fact" && line["device"] == id && line["epoch"] == 1);
            seen == seq
        })
    }

    /// The line of the device's first key.
    fn key(&self, device: &Device) -> usize {
        let id = device.enrolled.device.id.to_string();
        self.position(|line| line["line"] == "key" && line["device"] == id)
    }

    fn position(&self, mut is: impl FnMut(&Value) -> bool) -> usize {
        let mut lines = self.lines.iter();
        lines
            .position(|line| is(&serde_json::from_str(line).unwrap()))
            .unwrap()
    }

    fn json(&self, at: usize) -> Value {
        serde_json::from_str(&self.lines[at]).unwrap()
    }

    /// Exit code, line and word for these lines.
    fn check(&self, lines: &[String]) -> (i32, Option<u64>, String) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.check_text(&text)
    }

    fn check_text(&self, text: &str) -> (i32, Option<u64>, String) {
        let path = self.folder.path().join("tampered.jsonl");
        std::fs::write(&path, text).unwrap();
        let (code, report) = verify(&path);
        let broken = &report["broken"];
        let word = broken["code"].as_str().unwrap_or_default().to_owned();
        (code, broken["line"].as_u64(), word)
    }

    /// One line changed.
    fn changed(&self, at: usize, change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut lines = self.lines.clone();
        let mut line = self.json(at);
        change(&mut line);
        lines[at] = line.to_string();
        lines
    }
}

pub fn verify(path: &Path) -> (i32, Value) {
    let output = Command::new(binary())
        .arg("verify-journal")
        .arg(path)
        .arg("--json")
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), report)
}

/// The number people give a line: from 1.
fn number(at: usize) -> Option<u64> {
    Some(at as u64 + 1)
}

#[test]
fn a_whole_journal_is_good_and_says_what_was_paid() {
    let story = Story::told();
    let path = story.folder.path().join("journal.jsonl");
    let (code, report) = verify(&path);
    assert_eq!((code, &report["good"]), (0, &json!(true)), "{report}");
    let journal = &report["journal"];
    assert_eq!(
        journal["totals"],
        json!([
            {"device": "D01", "currency": "XOF", "payments": 4, "amount": "5565"},
            {"device": "D02", "currency": "XOF", "payments": 2, "amount": "1250"},
        ])
    );
    assert_eq!(journal["facts"], 11, "with the office's own import");
    let aside: Vec<_> = [2, 3, 5]
        .map(|seq| number(story.at(&story.two, seq)))
        .into();
    assert_eq!(journal["set_aside"], json!(aside));
    let gap = json!([{
        "line": number(story.at(&story.two, 4)), "device": "D02", "epoch": 1, "first": 2, "last": 2, "explained": true,
    }]);
    assert_eq!(journal["receipt_gaps"], gap);
    let office_key = &story.one.enrolled.office_key.bytes.0;
    assert_eq!(
        journal["office_key_sha256"],
        Hash::of(office_key).to_string()
    );
    let text = Command::new(binary())
        .arg("verify-journal")
        .arg(&path)
        .output()
        .unwrap();
    assert!(String::from_utf8(text.stdout).unwrap().contains("5565 XOF"));
    // It is never written over.
    let again = crate::support::command(
        &story.folder,
        &["export", "journal", "--out", path.to_str().unwrap()],
    );
    assert!(!again.status.success());
}

#[test]
fn a_changed_fact_is_found_at_its_line() {
    let story = Story::told();
    let at = story.at(&story.one, 2);
    let dearer = |line: &mut Value| {
        let text = line["text"].as_str().unwrap().replace("4000", "9000");
        line["text"] = json!(text);
    };
    let changed = story.changed(at, dearer);
    let hash_mismatch = (1, number(at), "hash_mismatch".to_owned());
    assert_eq!(story.check(&changed), hash_mismatch, "the amount");

    let rehashed = story.changed(at, |line| {
        dearer(line);
        let previous = line["previous"].as_str().unwrap().parse().unwrap();
        line["hash"] = json!(chain_hash(previous, line["text"].as_str().unwrap()));
    });
    let bad_signature = (1, number(at), "bad_signature".to_owned());
    assert_eq!(story.check(&rehashed), bad_signature, "and its hash");

    // Somebody with a key of their own writes the line anew.
    let mut forger = story.two.clone();
    let mut resigned = Value::Null;
    let forged = story.changed(at, |line| {
        dearer(line);
        forger.head = line["previous"].as_str().unwrap().parse().unwrap();
        let sealed = forger.seal(line["text"].as_str().unwrap().to_owned());
        for (field, value) in serde_json::to_value(sealed).unwrap().as_object().unwrap() {
            line[field] = value.clone();
        }
        resigned = line.clone();
    });
    assert_eq!(story.check(&forged), bad_signature, "and its signature");
    // They name their key as the device's, too: then the facts before are not signed by it.
    let mut lines = forged;
    let mut key = story.json(story.key(&story.one));
    key["public_key"] = story.json(story.key(&story.two))["public_key"].clone();
    lines[story.key(&story.one)] = key.to_string();
    let first = (
        1,
        number(story.at(&story.one, 1)),
        "bad_signature".to_owned(),
    );
    assert_eq!(story.check(&lines), first, "and the device's key");
}

#[test]
fn a_missing_or_moved_line_is_found_where_it_shows() {
    let story = Story::told();
    let (second, third) = (story.at(&story.one, 2), story.at(&story.one, 3));
    assert_eq!(third, second + 1);
    let mut removed = story.lines.clone();
    removed.remove(second);
    let missing = |at| (1, number(at), "missing_fact".to_owned());
    assert_eq!(
        story.check(&removed),
        missing(second),
        "now the third's line"
    );
    let mut swapped = story.lines.clone();
    swapped.swap(second, third);
    assert_eq!(story.check(&swapped), missing(second), "of one device");
    let other = story.at(&story.two, 1);
    assert_eq!(other, third + 1);
    let mut swapped = story.lines.clone();
    swapped.swap(third, other);
    let out_of_order = (1, number(other), "out_of_order".to_owned());
    assert_eq!(story.check(&swapped), out_of_order, "of two devices");
    let mut repeated = story.lines.clone();
    repeated.insert(third, story.lines[second].clone());
    assert_eq!(story.check(&repeated), missing(third), "twice");
    let mut shortened = story.lines.clone();
    shortened.remove(story.at(&story.two, 5));
    assert_eq!(
        story.check(&shortened),
        missing(story.key(&story.two)),
        "a chain's last fact"
    );
    let end = story.lines.len() - 1;
    let miscounted = story.changed(end, |line| line["facts"] = json!(12));
    assert_eq!(story.check(&miscounted), missing(end));
    let unknown = story.key(&story.two);
    let mut keyless = story.lines.clone();
    keyless.remove(unknown);
    let first = story.at(&story.two, 1) - 1;
    assert_eq!(
        story.check(&keyless),
        (1, number(first), "unknown_device".to_owned())
    );
}

#[test]
fn a_cut_or_spoilt_file_is_found_at_its_line() {
    let story = Story::told();
    let end = story.lines.len() - 1;
    let cut = (1, number(end - 1), "cut_off".to_owned());
    assert_eq!(story.check(&story.lines[..end]), cut, "at a line's end");
    let whole = story.lines.join("\n");
    let text = &whole[..whole.len() - story.lines[end].len() - 20];
    let unreadable = |at| (1, number(at), "unreadable".to_owned());
    assert_eq!(story.check_text(text), unreadable(end - 1), "within a line");
    for garbage in ["", "garbage", "{}", "{\"line\":\"fact\"}", "null"] {
        let mut spoilt = story.lines.clone();
        spoilt.insert(4, garbage.to_owned());
        assert_eq!(story.check(&spoilt), unreadable(4), "{garbage}");
    }
    let mut longer = story.lines.clone();
    longer.push("{}".to_owned());
    let after = (1, number(end + 1), "after_the_end".to_owned());
    assert_eq!(story.check(&longer), after);
}

#[test]
fn what_the_office_noted_cannot_be_changed_either() {
    let story = Story::told();
    let end = story.lines.len() - 1;
    let told = story.at(&story.two, 4);
    assert_eq!(
        story.json(told)["flags"],
        json!(["unknown_invoice", "receipt_number_unexpected"])
    );
    let at = story.at(&story.one, 2);
    let cases: [(&str, Vec<String>, usize, &str); 6] = [
        (
            "another hour",
            story.changed(at, |line| line["received_at_ms"] = json!(1)),
            end,
            "changed",
        ),
        (
            "a payment that no longer counts",
            story.changed(at, |line| line["projected"] = json!(false)),
            at,
            "wrong_receipt",
        ),
        (
            "a payment of another receipt",
            story.changed(at, |line| line["receipt"] = json!("NIA-D01-E1-000009")),
            at,
            "wrong_receipt",
        ),
        (
            "a gap nobody was told of",
            story.changed(told, |line| line["flags"] = json!([])),
            told,
            "receipt_gap",
        ),
        (
            "a number never given out",
            story.changed(0, |line| line["clock"] = json!(10)),
            story.position(|line| line["server_seq"].as_u64() > Some(10)),
            "out_of_order",
        ),
        (
            "an end somebody else signed",
            story.changed(end, |line| {
                let mut forger = story.one.clone();
                line["signature"] = json!(forger.seal("end".to_owned()).signature);
            }),
            end,
            "bad_signature",
        ),
    ];
    for (name, lines, line, code) in cases {
        assert_eq!(
            story.check(&lines),
            (1, number(line), code.to_owned()),
            "{name}"
        );
    }
}

#[test]
fn what_is_no_journal_is_said_to_be_none() {
    let story = Story::told();
    let later = story.changed(0, |line| line["format"] = json!(2));
    let later: String = later.iter().map(|line| format!("{line}\n")).collect();
    for text in ["", "\n", "garbage\n", "{\"line\":\"end\"}\n", &later] {
        assert_eq!(story.check_text(text).0, 2, "{text:.40}");
    }
    let (code, report) = verify(&story.folder.path().join("nowhere"));
    assert_eq!(code, 2);
    assert!(
        report["unusable"]
            .as_str()
            .unwrap()
            .contains("cannot be read")
    );
}
