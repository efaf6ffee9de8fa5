//! Requests that are not as they should be: every refusal is a problem that names what is at fault.

use crate::support::{Client, Folder, Server};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::time::Duration;

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

fn check(client: &Client, method: &str, path: &str, expected: (u16, &str, Option<&str>)) {
    let answer = client.send(method, path, JSON, b"{}");
    let (status, kind, field) = answer.problem();
    assert_eq!(
        (status, kind.as_str(), field.as_deref()),
        expected,
        "{method} {path}: {answer}"
    );
    assert_eq!(answer.header("cache-control"), "no-store", "{path}");
}

#[test]
fn methods_paths_and_queries() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    for (method, path) in [
        ("PUT", "/api/v1/session"),
        ("GET", "/api/v1/pull"),
        ("PUT", "/api/v1/imports/x/commit"),
        ("POST", "/api/v1/activity"),
    ] {
        check(&manager, method, path, (405, "method_not_allowed", None));
    }
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/session",
    ] {
        check(&manager, "GET", path, (404, "not_found", None));
    }
    let bad = |field| (400, "bad_request", Some(field));
    check(&manager, "GET", "/api/v1/activity?limit=many", bad("limit"));
    check(&manager, "GET", "/api/v1/activity?before=-1", bad("before"));
    check(&manager, "DELETE", "/api/v1/imports/x", bad("id"));
    check(&manager, "POST", "/api/v1/imports/x/preview", bad("id"));
    check(&manager, "GET", "/api/v1/blobs/x", bad("hash"));
    let health = manager.send("GET", "/healthz", &[], &[]);
    assert_eq!(
        (health.status, health.header("cache-control")),
        (200, "no-store")
    );
    let method = manager.send("POST", "/healthz", JSON, b"{}").problem();
    assert_eq!(method, (405, "method_not_allowed".into(), None));
}

/// A refused request whose body comes late used to cost its sender the connection, and the next request with it.
#[test]
fn a_refusal_leaves_the_connection_open() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let address = server.base().strip_prefix("http://").unwrap();
    let mut line = std::net::TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let head = format!(
        "POST /api/v1/exports/payments HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    );
    for _ in 0..2 {
        line.write_all(head.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        line.write_all(b"{}").unwrap();
        let mut start = [0; 4096];
        let length = line.read(&mut start).unwrap();
        let answer = String::from_utf8_lossy(&start[..length]);
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
}

#[test]
fn bodies_and_options() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let field = |body: &str| {
        manager
            .post_bytes("/exports/payments", body)
            .problem()
            .2
            .unwrap()
    };
    for (body, expected) in [
        ("", "body"),
        ("{", "body"),
        ("[]", "body"),
        ("null", "body"),
        ("{}", "language"),
        (r#"{"language": 1}"#, "language"),
        (r#"{"language": "de"}"#, "language"),
        (r#"{"language": "fr"} {}"#, "body"),
    ] {
        assert_eq!(field(body), expected, "{body}");
    }
    let clients: (&str, Option<&str>, &[u8]) = ("clients", Some("c.csv"), b"Code;Nom\nC1;A\n");
    let import = |options: &str| {
        let options = ("options", None, options.as_bytes());
        manager.post_form("/imports", &[clients, options])
    };
    for (options, expected) in [
        ("{", "options"),
        ("{} {}", "options"),
        (
            r#"{"statement_date": "2026-02-30"}"#,
            "options.statement_date",
        ),
        (
            r#"{"statment_date": "2026-10-31"}"#,
            "options.statment_date",
        ),
        (
            r#"{"invoices": {"separator": "x"}}"#,
            "options.invoices.separator",
        ),
        (r#"{"statement_date": "2062-10-31"}"#, "statement_date"),
    ] {
        assert_eq!(
            import(options).problem().2.as_deref(),
            Some(expected),
            "{options}"
        );
    }
}

/// Twenty uploads left behind used to refuse every further one for a day.
#[test]
fn abandoned_uploads_make_place() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let clients = ("clients", Some("c.csv"), &b"Code;Nom\nC1;A\n"[..]);
    let upload = || {
        let answer: Value = manager.post_form("/imports", &[clients]).ok();
        format!("/imports/{}/preview", answer["id"].as_str().unwrap())
    };
    let first = upload();
    let mut last = String::new();
    for _ in 0..tournee_server::staging::STAGED_IMPORTS_MAX {
        last = upload();
    }
    assert_eq!(manager.post(&first, &json!({})).status, 404);
    assert_eq!(manager.post(&last, &json!({})).status, 200);
    let nothing = manager.post_form("/imports", &[("options", None, b"{}")]);
    assert_eq!(nothing.problem().0, 422);
    let waiting = std::fs::read_dir(folder.data().join("imports")).unwrap();
    assert_eq!(
        waiting.count(),
        tournee_server::staging::STAGED_IMPORTS_MAX - 1,
        "no file, no upload"
    );
}
