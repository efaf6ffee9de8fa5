//! Any file at all may be given to the office: emergency files, ledgers, photos (fault 20).

use crate::fuzz::{CLIENTS, Office, for_all};
use crate::mutation::{bytes, mutated, mutation};
use crate::support::{Device, Folder, rescue_file, seal_rescue, visit};
use proptest::prelude::*;
use serde_json::{Value, json};
use tournee_sync::envelope::SealedFact;

#[test]
fn any_emergency_file_is_answered_and_its_good_facts_come_in() {
    let folder = Folder::with_clients(CLIENTS);
    let office = Office::open(&folder);
    let mut device = Device::enrol(&office.server.user("one"));
    let facts: Vec<(u64, SealedFact)> = (1..4)
        .map(|seq| (seq, device.fact("visit", &visit("C1"))))
        .collect();
    let content = |facts: &[(u64, SealedFact)]| {
        let facts = facts.iter().map(|(seq, fact)| {
            let mut fact = serde_json::to_value(fact).unwrap();
            (fact["epoch"], fact["seq"]) = (json!(1), json!(seq));
            fact
        });
        let photo = json!({"hash": "ab".repeat(32), "bytes": "AAAA"});
        json!({"build": "test", "facts": facts.collect::<Vec<_>>(), "blobs": [photo], "blobs_left_out": 0,
               "certificates": [device.enrolled.certificate]})
    };
    let whole = content(&facts);
    let case = (
        prop::collection::vec(mutation(), 0..3),
        bytes(),
        any::<bool>(),
    );
    for_all(&case, |(mutations, bytes, inside)| {
        let file = if inside {
            let (content, _) = mutated(&whole, &mutations);
            let content = String::from_utf8_lossy(&bytes.of(&content)).into_owned();
            seal_rescue(&device, &content).to_string().into_bytes()
        } else {
            let sealed = seal_rescue(&device, &whole.to_string());
            bytes.of(&mutated(&sealed, &mutations).0)
        };
        let answer = office.manager.post_bytes("/rescue", file);
        prop_assert!(
            answer.status == 200 || (400..500).contains(&answer.status),
            "{}",
            answer
        );
        if answer.status != 200 {
            let (_, kind, _) = answer.problem();
            prop_assert!(!kind.is_empty());
        }
        Ok(())
    });
    let report: Value = office
        .manager
        .post("/rescue", &rescue_file(&device, &facts, &[]))
        .ok();
    let told = report["facts"].as_array().unwrap();
    let here = |fact: &&Value| matches!(fact["status"].as_str(), Some("accepted" | "duplicate"));
    assert_eq!(told.iter().filter(here).count(), 3, "{report}");
    office.close();
}

#[test]
fn any_ledger_file_and_any_photo_is_answered() {
    let folder = Folder::with_clients(CLIENTS);
    let office = Office::open(&folder);
    let (clients, invoices) = crate::support::wide_ledger(4);
    let options = json!({"statement_date": "2026-11-01", "complete": true, "invoices": {"decimal_style": "comma", "columns": {"settled": 9}}});
    let case = (
        bytes(),
        bytes(),
        prop::collection::vec(mutation(), 0..2),
        bytes(),
        prop::sample::select(vec!["clients", "invoices", "options", "other", ""]),
    );
    for_all(&case, |(first, second, mutations, third, extra)| {
        let (options, _) = mutated(&options, &mutations);
        let answer = office.manager.post_form(
            "/imports",
            &[
                ("clients", Some("clients.csv"), &first.of(&clients)),
                ("invoices", Some("factures.csv"), &second.of(&invoices)),
                ("options", None, &third.of(&options)),
                (extra, None, b"again"),
            ],
        );
        prop_assert!(answer.status < 500, "{}", answer);
        let photo = "ab".repeat(32);
        let path = format!("/api/v1/blobs/{photo}");
        let offset = options
            .chars()
            .filter(|char| char.is_ascii_digit())
            .take(12)
            .collect::<String>();
        let answer = office.manager.send(
            "PATCH",
            &path,
            &[("upload-offset", offset.as_str())],
            &first.of("photo"),
        );
        prop_assert!(answer.status < 500, "{}", answer);
        Ok(())
    });
    office.close();
}
