//! The ledger's files go in over HTTP: seen first, all or nothing (PRODUCT L1, L2).

use crate::support::{Client, Folder, Server, ledger, small_ledger};
use serde_json::{Value, json};
use std::io::Read;
use tournee_server::clock;

fn upload(
    client: &Client,
    clients: &[u8],
    invoices: &[u8],
    options: &Value,
) -> crate::support::Answer {
    let options = serde_json::to_vec(options).unwrap();
    let parts = [
        ("clients", Some("clients.csv"), clients),
        ("invoices", Some("factures.csv"), invoices),
        ("options", None, options.as_slice()),
    ];
    client.post_form("/imports", &parts)
}

#[test]
fn a_preview_changes_nothing_and_a_commit_happens_once() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let (clients, invoices) = small_ledger();
    let options = json!({"statement_date": "2026-10-31"});
    let seen: Value = upload(&manager, clients.as_bytes(), invoices.as_bytes(), &options).ok();
    assert_eq!(
        (&seen["preview"]["created"], &seen["preview"]["open_total"]),
        (&json!(8), &json!("80000"))
    );
    let id = seen["id"].as_str().unwrap();
    assert_eq!(manager.get("/activity").ok::<Value>()["entries"], json!([]));

    let later = json!({"statement_date": "2026-11-05"});
    let again: Value = manager.post(&format!("/imports/{id}/preview"), &later).ok();
    assert_eq!(again["preview"]["statement_date"], "2026-11-05");
    let commit = format!("/imports/{id}/commit");
    let committed: Value = manager.post(&commit, &options).ok();
    let fact = committed["fact_id"].as_str().unwrap();
    // The answer was lost on the way: asked again, it is the same import.
    assert_eq!(
        manager.post(&commit, &options).ok::<Value>()["fact_id"],
        fact
    );
    let history: Value = manager.get("/imports").ok();
    assert_eq!(history.as_array().unwrap().len(), 1);
    assert_eq!(
        (&history[0]["files"], &history[0]["statement_date"]),
        (
            &json!(["clients.csv", "factures.csv"]),
            &json!("2026-10-31")
        )
    );
    assert_eq!(
        manager.get("/activity").ok::<Value>()["entries"][0]["event"]["what"]["kind"],
        "statement"
    );

    // The same files again change nothing.
    let seen: Value = upload(&manager, clients.as_bytes(), invoices.as_bytes(), &options).ok();
    assert_eq!(seen["preview"]["unchanged"], 8);
    let commit = format!("/imports/{}/commit", seen["id"].as_str().unwrap());
    assert_eq!(
        manager.post(&commit, &options).ok::<Value>()["fact_id"],
        Value::Null
    );
    assert_eq!(
        manager
            .get("/imports")
            .ok::<Value>()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // An older statement is refused, and says so.
    let older = upload(
        &manager,
        clients.as_bytes(),
        invoices.as_bytes(),
        &json!({"statement_date": "2026-10-01"}),
    );
    assert_eq!(older.json::<Value>()["code"], "older_than_latest");
    drop(server);
    folder.check();
}

#[test]
fn a_file_that_cannot_be_read_says_why_and_may_be_looked_at_again() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let (clients, invoices) = small_ledger();
    let (clients, invoices) = (clients.as_bytes(), invoices.as_bytes());
    let cases: [(&[u8], &[u8], &str, &str); 5] = [
        (b"", invoices, "clients", "empty"),
        (
            clients,
            b"PK\x03\x04....[Content_Types].xml",
            "invoices",
            "not_text",
        ),
        (clients, b"\x89PNG\r\n\x1a\n", "invoices", "not_text"),
        (clients, b"just some words", "invoices", "no_heading"),
        (
            clients,
            b"Code client;Montant TTC\nC1;10\n",
            "invoices",
            "missing_column",
        ),
    ];
    for (clients, invoices, field, code) in cases {
        let answer = upload(&manager, clients, invoices, &json!({}));
        assert_eq!(
            answer.problem(),
            (422, "import_file".to_owned(), Some(field.to_owned())),
            "{answer}"
        );
        let problem: Value = answer.json();
        let known = [code, "missing_column"];
        assert!(
            known.contains(&problem["code"].as_str().unwrap()),
            "{problem}"
        );
        assert_eq!(problem["error"]["code"], problem["code"]);
        assert!(problem["id"].is_string(), "the upload stays");
    }
    let nothing = manager.post_form("/imports", &[("options", None, b"{}")]);
    assert_eq!(nothing.json::<Value>()["code"], "no_file");

    // With the encoding said wrong it cannot be read; with another it can.
    let answer = upload(
        &manager,
        clients,
        invoices,
        &json!({"clients": {"encoding": "utf-16le"}}),
    );
    assert_eq!(answer.status, 422, "{answer}");
    let id = answer.json::<Value>()["id"].as_str().unwrap().to_owned();
    let seen: Value = manager
        .post(&format!("/imports/{id}/preview"), &json!({}))
        .ok();
    assert_eq!(seen["preview"]["clients_good"], 4);
    assert_eq!(
        manager
            .send("DELETE", &format!("/api/v1/imports/{id}"), &[], &[])
            .status,
        204
    );
    assert_eq!(
        manager
            .post(&format!("/imports/{id}/commit"), &json!({}))
            .problem()
            .0,
        404
    );
    assert_eq!(
        manager
            .post("/imports/..%2f..%2f/commit", &json!({}))
            .status,
        400
    );
    let unknown = manager.post_form("/imports", &[("passwords", Some("p"), b"x")]);
    assert_eq!(unknown.problem().2.as_deref(), Some("passwords"));
    let broken = manager.post_form("/imports", &[("options", None, b"{")]);
    assert_eq!(broken.problem().2.as_deref(), Some("options"));
}

/// Bytes of a process's memory at its highest.
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}

#[test]
fn two_hundred_megabytes_are_refused_and_cost_no_memory() {
    const SENT: u64 = 200 * 1024 * 1024;
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let before = peak_memory(server.id());
    let head =
        b"--x\r\nContent-Disposition: form-data; name=\"invoices\"; filename=\"f.csv\"\r\n\r\n";
    let tail = b"\r\n--x--\r\n";
    // As a whole too large, and within the whole but one file too large.
    for (sent, field) in [(SENT, "body"), (60 * 1024 * 1024, "invoices")] {
        let length = head.len() as u64 + sent + tail.len() as u64;
        let mut body = head
            .as_slice()
            .chain(std::io::repeat(b'1').take(sent))
            .chain(tail.as_slice());
        let answer = manager.post_stream(
            "/imports",
            "multipart/form-data; boundary=x",
            length,
            &mut body,
        );
        let (status, kind, at) = answer.problem();
        assert_eq!(
            (status, kind.as_str(), at.as_deref()),
            (413, "too_large", Some(field))
        );
        assert!(
            answer.json::<Value>()["detail"]
                .as_str()
                .unwrap()
                .contains("52428800"),
            "it names the limit"
        );
    }
    let grown = peak_memory(server.id()) - before;
    assert!(grown < 32 * 1024 * 1024, "memory grew by {grown} bytes");
    let waiting = std::fs::read_dir(folder.data().join("imports"))
        .unwrap()
        .count();
    assert_eq!(waiting, 0, "nothing stays behind");
}

/// When the server is killed, in percent of what a commit takes: reading comes first, writing at the end.
const KILLED_AT_PERCENT: [u32; 10] = [0, 20, 40, 60, 70, 80, 90, 95, 100, 110];
const OPEN_TOTAL: &str = "3658742422";

#[test]
fn killed_in_the_middle_nothing_or_everything_is_in() {
    let options = json!({"statement_date": "2026-10-31"});
    let files = ["clients.csv", "factures.csv"].map(|name| std::fs::read(ledger(name)).unwrap());
    let uploaded = |server: &Server| {
        let manager = server.user("manager");
        let seen: Value = upload(&manager, &files[0], &files[1], &options).ok();
        let commit = format!("/imports/{}/commit", seen["id"].as_str().unwrap());
        (manager, commit)
    };
    // How long a commit takes here and now, so that the kills fall into it on a busy machine too.
    let folder = Folder::with_people();
    let mut server = Server::start(&folder);
    let (manager, commit) = uploaded(&server);
    let began = clock::instant();
    assert_eq!(manager.post(&commit, &options).status, 200);
    let took = began.elapsed();
    server.kill();
    drop(server);
    assert!(is_whole(&folder), "what was answered is in");

    let (mut none, mut all) = (0, 1);
    for percent in KILLED_AT_PERCENT {
        let folder = Folder::with_people();
        let mut server = Server::start(&folder);
        let (manager, commit) = uploaded(&server);
        let answered = std::thread::scope(|scope| {
            let asking = scope.spawn(|| manager.try_post(&commit, &options).is_some());
            std::thread::sleep(took * percent / 100);
            server.kill();
            asking.join().unwrap()
        });
        drop(server);
        if is_whole(&folder) {
            all += 1;
        } else {
            assert!(!answered, "what was answered is in");
            none += 1;
        }
        // The server starts again, and the import can still be finished.
        let server = Server::start(&folder);
        let committed: Value = server.user("manager").post(&commit, &options).ok();
        assert!(committed["fact_id"].is_string());
        assert_eq!(committed["preview"]["open_total"], OPEN_TOTAL);
    }
    println!("a commit takes {took:?}; killed before it was in: {none}, after: {all}");
    assert!(none > 0, "some kills came before the end");
}

/// Whether the whole import is in; the alternative is that nothing of it is.
fn is_whole(folder: &Folder) -> bool {
    folder.check();
    let records = folder.value("SELECT count(*) FROM records");
    let facts = folder.value("SELECT count(*) FROM facts");
    let imports = folder.value("SELECT count(*) FROM imports");
    match (records, facts, imports) {
        (0, 0, 0) => false,
        (420, 1, 1) => true,
        half => panic!("half an import: {half:?}"),
    }
}
