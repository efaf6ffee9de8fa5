//! Signing in and out.

use crate::support::{Folder, PASSWORD, Server};
use serde_json::{Value, json};

#[test]
fn the_cookie_is_out_of_reach_and_ends_with_signing_out() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let answer = server
        .anyone()
        .post("/session", &json!({"login": " ONE ", "password": PASSWORD}));
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-tournee="), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.split("; ").any(|found| found == part), "{cookie}");
    }
    assert_eq!(answer.header("cache-control"), "no-store");
    let body: Value = answer.ok();
    assert_eq!(
        (
            &body["user"]["role"],
            &body["organisation"]["utc_offset_minutes"]
        ),
        (&json!("collector"), &json!(60))
    );
    assert!(
        !answer.body.windows(5).any(|bytes| bytes == b"argon"),
        "no hash leaves"
    );

    let client = server.user("one");
    assert_eq!(client.get("/session").ok::<Value>()["user"]["login"], "one");
    assert_eq!(
        client.send("DELETE", "/api/v1/session", &[], &[]).status,
        204
    );
    assert_eq!(
        client.get("/session").problem(),
        (401, "session_expired".to_owned(), None)
    );
    drop(server);
    let token = client.cookie.unwrap().split_once('=').unwrap().1.to_owned();
    let database = std::fs::read(folder.data().join("tournee.sqlite")).unwrap();
    assert!(
        !database
            .windows(token.len())
            .any(|bytes| bytes == token.as_bytes()),
        "the token is stored hashed"
    );
}

#[test]
fn a_session_ends_with_age_idleness_and_a_new_password() {
    let folder = Folder::with_people();
    let mut client = Server::start(&folder).user("one");
    let day_ms = 24 * 3600 * 1000;
    for (change, status) in [
        (
            "UPDATE sessions SET last_used_ms = last_used_ms - 6 * 86400000",
            200,
        ),
        (
            "UPDATE sessions SET last_used_ms = last_used_ms - 8 * 86400000",
            401,
        ),
        (
            "UPDATE sessions SET last_used_ms = last_used_ms + 8 * 86400000, created_at_ms = created_at_ms - 29 * 86400000",
            200,
        ),
        (
            "UPDATE sessions SET created_at_ms = created_at_ms - 2 * 86400000",
            401,
        ),
    ] {
        folder.tamper(change);
        let server = Server::start(&folder);
        let mut same = server.anyone();
        same.cookie.clone_from(&client.cookie);
        assert_eq!(
            same.get("/session").status,
            status,
            "{change} ({day_ms} ms a day)"
        );
    }
    client = Server::start(&folder).user("one");
    let printed = folder.run(&["user", "password", "one"]);
    let server = Server::start(&folder);
    let mut same = server.anyone();
    same.cookie = client.cookie;
    assert_eq!(same.get("/session").status, 401);
    let (_, password) = printed.trim().split_once("  ").unwrap();
    assert_eq!(
        same.post("/session", &json!({"login": "one", "password": PASSWORD}))
            .status,
        401
    );
    assert_eq!(
        same.post("/session", &json!({"login": "one", "password": password}))
            .status,
        200
    );
}

#[test]
fn guessing_is_slowed_down_and_unknown_logins_look_the_same() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let client = server.anyone();
    let attempt = |login: &str, password: &str| {
        client.post("/session", &json!({"login": login, "password": password}))
    };
    let wrong = attempt("one", "guess");
    let unknown = attempt("nobody", "guess");
    assert_eq!(wrong.problem(), (401, "wrong_password".to_owned(), None));
    assert_eq!(wrong.body, unknown.body);
    for _ in 0..9 {
        assert_eq!(attempt("one", "guess").status, 401);
    }
    let refused = attempt("one", PASSWORD);
    assert_eq!(refused.problem().0, 429);
    assert!((1..=300).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(attempt("two", PASSWORD).status, 200, "others still can");
    assert_eq!(attempt("", "x").problem().2.as_deref(), Some("login"));
    assert_eq!(
        attempt("two", &"x".repeat(300)).problem().2.as_deref(),
        Some("password")
    );
}

#[test]
fn another_sites_page_cannot_use_the_session() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let body = br#"{"language":"fr"}"#;
    let post = |headers: &[(&str, &str)]| {
        manager
            .send("POST", "/api/v1/exports/payments", headers, body)
            .status
    };
    assert_eq!(
        post(&[("content-type", "text/plain")]),
        403,
        "what a form can send"
    );
    assert_eq!(
        post(&[
            ("content-type", "application/json"),
            ("sec-fetch-site", "cross-site")
        ]),
        403
    );
    assert_eq!(
        post(&[
            ("content-type", "application/json"),
            ("sec-fetch-site", "same-site")
        ]),
        403
    );
    assert_eq!(
        post(&[
            ("content-type", "text/plain"),
            ("sec-fetch-site", "same-origin")
        ]),
        200
    );
    assert_eq!(post(&[("content-type", "application/json")]), 200);
}
