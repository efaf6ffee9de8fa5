//! Anything at all may be said to the office: a bad envelope gets a 4xx that names its field, any fact is kept, the queue
//! goes on, and nothing falls over (fault 20).

use crate::load::verified;
use crate::mutation::{
    Bytes, Mutation, RawAnswer, Travel, bytes, mutated, mutation, odd_value, request, say, travel,
};
use crate::support::{
    Client, Device, Folder, Scheme, Server, cash, log_of, mobile_money, rescue_file, visit,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestError, TestRunner};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fmt::Debug;
use tournee_domain::FactId;
use tournee_server::random;
use tournee_sync::ack::Ack;
use tournee_sync::envelope::{FactText, SealedFact};
use tournee_sync::push::PushResponse;

/// Cases of each test in the gate; `PROPTEST_CASES` says how many otherwise.
const CASES: u32 = 700;
pub const CLIENTS: u32 = 10;

/// Runs the cases; what failed is kept beside this file and tried first from then on.
///
/// The office remembers: what fails is shown as it came, for a smaller case would meet another office.
pub fn for_all<T: Debug>(strategy: &impl Strategy<Value = T>, test: impl Fn(T) -> TestCaseResult) {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    config.max_shrink_iters = 0;
    config.source_file = Some(file!());
    match TestRunner::new(config).run(strategy, test) {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{why}\n{case:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// An office to talk to.
pub struct Office<'f> {
    folder: &'f Folder,
    pub server: Server<'f>,
    pub manager: Client,
}

impl<'f> Office<'f> {
    pub fn open(folder: &'f Folder) -> Self {
        let server = Server::start(folder);
        let manager = server.user("manager");
        Self {
            folder,
            server,
            manager,
        }
    }

    fn address(&self) -> &str {
        self.server.base().strip_prefix("http://").unwrap()
    }

    fn cookie(&self) -> &str {
        self.manager.cookie.as_deref().unwrap()
    }

    /// Nothing fell over, and what is stored is whole.
    pub fn close(self) {
        assert_eq!(self.manager.send("GET", "/healthz", &[], &[]).status, 200);
        let folder = self.folder;
        drop(self);
        let log = log_of(folder);
        assert!(!log.contains("panicked"), "{log}");
        folder.check();
        verified(folder);
    }
}

/// One kind of message with a valid body.
struct Message {
    method: &'static str,
    path: String,
    body: Value,
}

/// What the office's own screens send, about a device of a collector, something of it that was set aside, and the import.
fn decisions(office: &Office<'_>) -> Vec<Message> {
    let mut device = Device::enrol(&office.server.user("one"));
    let strange = device.fact("teleport", &json!({}));
    device.pushed(1, &[strange]);
    let seen = |path: &str, n: usize| {
        let listed: Value = office.manager.get(path).ok();
        listed[n]["id"].clone()
    };
    let (aside, import) = (seen("/quarantine", 0), seen("/imports", 0));
    let (id, import) = (
        device.enrolled.device.id,
        import.as_str().unwrap().to_owned(),
    );
    let paths = [
        format!("/devices/{id}/revoke"),
        format!("/devices/{id}/release"),
        format!("/quarantine/{aside}/dismiss"),
        format!("/quarantine/{aside}/release"),
        format!("/imports/{import}/undo"),
        format!("/imports/{}/undo", random::uuid()),
    ];
    let say = |path: String| Message {
        method: "POST",
        path,
        body: json!({"reason": "a test of the workshop"}),
    };
    let mut said: Vec<Message> = paths.into_iter().map(say).collect();
    said.push(Message {
        method: "POST",
        path: "/rescue".to_owned(),
        body: rescue_file(&device, &[], &[]),
    });
    said
}

fn messages(device: &mut Device, upload: &str) -> Vec<Message> {
    let message = |method, path: &str, body: Value| Message {
        method,
        path: path.to_owned(),
        body,
    };
    let id = device.enrolled.device.id;
    let first = device.fact("visit", &visit("C1"));
    let second = device.fact("visit", &visit("C2"));
    let mut push = device.request(1, &[first, second]);
    push["heartbeat"] = json!({"epoch": 1, "head_seq": 2, "waiting": 2});
    push["certificate"] = json!(device.enrolled.certificate);
    let key =
        json!({"algorithm": "Ed25519", "bytes": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    vec![
        message("POST", "/push", push),
        message(
            "POST",
            "/pull",
            json!({"protocol": 1, "build": "test", "device": id, "epoch": 1, "cursor": null,
                   "heartbeat": {"epoch": 1, "head_seq": 2, "waiting": 0}}),
        ),
        message(
            "POST",
            "/enrol",
            json!({"protocol": 1, "installation": random::uuid(), "key": key, "build": "test"}),
        ),
        message(
            "POST",
            "/session",
            json!({"login": "nobody", "password": "guess"}),
        ),
        message("POST", "/exports/payments", json!({"language": "fr"})),
        message(
            "POST",
            &format!("/imports/{upload}/preview"),
            json!({"statement_date": "2026-11-01", "complete": false}),
        ),
        message(
            "POST",
            &format!("/imports/{}/commit", random::uuid()),
            json!({"statement_date": "2026-11-01"}),
        ),
        message("DELETE", &format!("/imports/{}", random::uuid()), json!({})),
    ]
}

/// What every refusal is.
fn good_refusal(answer: &RawAnswer) -> Result<Value, TestCaseError> {
    prop_assert!((400..500).contains(&answer.status), "{answer:?}");
    prop_assert!(
        answer
            .head
            .contains("content-type: application/problem+json"),
        "{answer:?}"
    );
    let problem: Value = serde_json::from_slice(&answer.body).expect("a problem is JSON");
    prop_assert_eq!(&problem["status"], &json!(answer.status));
    prop_assert!(
        problem["type"].is_string() && problem["detail"].is_string(),
        "{}",
        problem
    );
    if answer.status == 400 {
        prop_assert!(
            problem["field"]
                .as_str()
                .is_some_and(|field| !field.is_empty()),
            "{}",
            problem
        );
    }
    Ok(problem)
}

/// The first word of a path: `facts` of `facts[0].hash`.
fn head(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

#[test]
fn a_bad_envelope_is_refused_with_the_name_of_its_field() {
    let folder = Folder::with_clients(CLIENTS);
    let office = Office::open(&folder);
    let mut device = Device::enrol(&office.manager);
    let upload = office.manager.post_form(
        "/imports",
        &[(
            "clients",
            Some("clients.csv"),
            b"Code client;Raison sociale\nC1;Un\n",
        )],
    );
    let upload: Value = upload.ok();
    let mut messages = messages(&mut device, upload["id"].as_str().unwrap());
    messages.extend(decisions(&office));
    let case = (
        0..messages.len(),
        prop::collection::vec(mutation(), 0..3),
        bytes(),
        travel(),
    );
    for_all(
        &case,
        |(n, mutations, bytes, travel): (usize, Vec<Mutation>, Bytes, Travel)| {
            let message = &messages[n];
            let (text, place) = mutated(&message.body, &mutations);
            let body = bytes.of(&text);
            let request = request(
                message.method,
                &message.path,
                office.cookie(),
                &travel,
                &body,
            );
            let answer = say(
                office.address(),
                &request,
                matches!(travel, Travel::Misdeclared(_)),
            );
            // Bytes that are missing on their way get no answer, or one that says so.
            if matches!(travel, Travel::Misdeclared(_) | Travel::OfType(_)) {
                prop_assert!(answer.status < 500, "{answer:?}");
                return Ok(());
            }
            if (200..300).contains(&answer.status) {
                return Ok(());
            }
            let problem = good_refusal(&answer)?;
            let plain = matches!(
                (&bytes, &travel),
                (Bytes::Whole, Travel::Plain | Travel::Chunked)
            );
            if let (400, true, [_], Some(place)) =
                (answer.status, plain, mutations.as_slice(), place)
            {
                let field = problem["field"].as_str().unwrap();
                prop_assert_eq!(head(field), head(&place), "{}: {}", text, problem);
            }
            Ok(())
        },
    );
    office.close();
}

#[test]
fn bytes_that_are_no_request_harm_nobody() {
    let folder = Folder::with_clients(CLIENTS);
    let office = Office::open(&folder);
    let raw = prop::collection::vec(any::<u8>(), 0..600);
    let method = prop::sample::select(vec![
        "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW", "",
    ]);
    let paths = vec![
        "/api/v1/push",
        "/api/v1/pull",
        "/api/v1/enrol",
        "/api/v1/imports",
        "/api/v1/exports",
        "/api/v1/events%00",
        "/api/v1/blobs/00",
        "/api/v1/blobs/../../push",
        "/api/v1/activity",
        "/api/v1/attention",
        "/api/v1/devices/0/revoke",
        "/api/v1/quarantine/-1/release",
        "/api/v1/quarantine/99999999999999999999/dismiss",
        "/api/v1/imports/0/undo",
        "/api/v2",
        "/api/v1/",
        "/healthz",
        "/",
        "/%ff",
        "//",
        "*",
    ];
    let query = prop_oneof![
        Just(String::new()),
        ".{0,30}".prop_map(|text| format!("?{text}")),
        (any::<u64>(), any::<i64>())
            .prop_map(|(before, limit)| format!("?before={before}&limit={limit}")),
        any::<u64>().prop_map(|before| format!("?before={before}")),
    ];
    let header = "[A-Za-z-]{1,20}: .{0,60}";
    let like = (
        method,
        prop::sample::select(paths),
        query,
        prop::collection::vec(header, 0..6),
        raw.clone(),
    );
    let cookie = office.cookie().to_owned();
    let like = like.prop_map(move |(method, path, query, headers, body)| {
        let query = query.replace([' ', '\r', '\n'], "+");
        let headers = headers.join("\r\n").replace('\0', "");
        let length = body.len();
        let mut request = format!(
            "{method} {path}{query} HTTP/1.1\r\nHost: office\r\nConnection: close\r\nCookie: {cookie}\r\nX-Tournee: 1\r\n\
             Content-Length: {length}\r\n{headers}\r\n\r\n"
        )
        .into_bytes();
        request.extend(body);
        (request, false)
    });
    let raw = raw.prop_map(|bytes| (bytes, true));
    let cookie = office.cookie().to_owned();
    let page = (any::<u64>(), any::<u32>()).prop_map(move |(before, limit)| {
        let path = format!("/activity?before={before}&limit={limit}");
        (request("GET", &path, &cookie, &Travel::Plain, b""), false)
    });
    for_all(&prop_oneof![1 => raw, 1 => page, 4 => like], |request| {
        let answer = say(office.address(), &request.0, request.1);
        prop_assert!(answer.status < 500, "{answer:?}");
        Ok(())
    });
    office.close();
}

/// Facts of every type a device may write, and of those only the office may.
fn bodies() -> Vec<(&'static str, Value)> {
    let id = "0193e5b1-5c00-7a3e-9b1f-3f2a5d7c9e10";
    let hash = "ab".repeat(32);
    let person = json!({"name": "Hadiza", "function": "caissière"});
    let photo =
        json!([{"kind": "photo", "hash": hash, "media_type": "image/jpeg", "size_bytes": 12}]);
    vec![
        ("visit", visit("C1")),
        ("payment", cash("C1", "NIA-D01-E1-000001", "C1-0", "100")),
        ("payment", mobile_money("C2", "NIA-D01-E1-000002", "TX-1")),
        (
            "receipt_signed",
            json!({"client": "C1", "payment": id, "receipt": "NIA-D01-E1-000001", "signatures": photo}),
        ),
        (
            "discharge",
            json!({"client": "C1", "invoice": "C1-0", "date": "2026-11-02", "attachments": photo,
                             "outcome": {"kind": "discharged", "signer": person, "stamped": true}}),
        ),
        (
            "slip_return",
            json!({"client": "C1", "invoice": "C1-0", "slip": "BL0", "date": "2026-11-02", "signer": person}),
        ),
        (
            "double_resolved",
            json!({"client": "C1", "invoice": "C1-0", "decision": "same_money", "comment": ""}),
        ),
        (
            "payment_reversed",
            json!({"client": "C1", "payment": id, "receipt": "NIA-D01-E1-000003", "reason": "erreur", "date": "2026-11-02"}),
        ),
        (
            "receipt_printed",
            json!({"client": "C1", "payment": id, "receipt": "NIA-D01-E1-000001", "copy": 2}),
        ),
        (
            "day_closed",
            json!({"date": "2026-11-02", "currencies": []}),
        ),
        (
            "client_edit_proposed",
            json!({"client": "C1", "base": {}, "changes": {"phone": "+22790000000"}}),
        ),
        (
            "client_edit_decided",
            json!({"client": "C1", "proposal": id, "accepted": ["phone"]}),
        ),
        (
            "ledger_imported",
            json!({"statement_date": "2026-11-02", "complete": false, "files": [], "rows": hash, "clients": 1, "invoices": 1}),
        ),
        ("payments_exported", json!({"payments": [id], "file": hash})),
        (
            "import_undone",
            json!({"import": id, "statement_date": "2026-11-02", "reason": "x"}),
        ),
        (
            "quarantine_released",
            json!({"fact": id, "set_aside_for": "fork", "text": "{}", "previous": hash, "hash": hash, "signature": "", "key": "",
                   "device": id, "epoch": 1, "device_label": "D01", "author": "x", "received_at_ms": 1, "decisions": []}),
        ),
        ("of_tomorrow", json!({"anything": [1, 2, 3]})),
    ]
}

/// A fact's text: an envelope with changes, or anything at all.
fn text_of(
    device: &Device,
    (n, mutations, anything): &(usize, Vec<Mutation>, Option<String>),
) -> String {
    if let Some(anything) = anything {
        return anything.clone();
    }
    let (type_name, body) = &bodies()[*n];
    let envelope = device.text(FactId(random::uuid()), type_name, body);
    mutated(&envelope, mutations).0
}

#[test]
fn any_fact_is_kept_and_the_queue_goes_on() {
    let folder = Folder::with_clients(CLIENTS);
    let office = Office::open(&folder);
    let one = office.server.user("one");
    let device = RefCell::new(Device::enrol(&one));
    let texts = RefCell::new(Vec::new());
    let anything = prop_oneof![8 => Just(None), 1 => ".{0,200}".prop_map(Some), 1 => odd_value().prop_map(|odd| Some(odd.to_string()))];
    let fact = (
        0..bodies().len(),
        prop::collection::vec(mutation(), 0..3),
        anything,
    );
    for_all(&prop::collection::vec(fact, 1..4), |facts| {
        let mut device = device.borrow_mut();
        let from_seq = device.seq + 1;
        let mut sealed = Vec::new();
        for fact in &facts {
            let text = text_of(&device, fact);
            texts.borrow_mut().push(text.clone());
            sealed.push(device.seal(text));
        }
        let answer = device.push(from_seq, &sealed);
        // What is too long for one push goes alone, and what is too long to go at all is refused by name.
        if answer.status == 413 {
            let kept = texts.borrow().len() - facts.len();
            texts.borrow_mut().truncate(kept);
            *device = Device::enrol(&one);
            return Ok(());
        }
        prop_assert_eq!(answer.status, 200, "{}", answer);
        let response: PushResponse = answer.ok();
        prop_assert_eq!(response.results.len(), facts.len());
        let ack: Ack = serde_json::from_str(&response.ack.text).unwrap();
        let places = sealed.iter().zip(from_seq..);
        let contradicts = |(fact, place): (&SealedFact, u64)| {
            let text: Result<FactText, _> = serde_json::from_str(&fact.text);
            text.is_ok_and(|text| text.seq != place)
        };
        if places.into_iter().any(contradicts) {
            // Signed by the device, and not what it signed around it: set aside, and what follows waits beside the chain.
            let held = |fact: &SealedFact| ack.held.contains(&fact.hash);
            prop_assert!(
                sealed[usize::try_from(ack.acked_through + 1 - from_seq).unwrap()..]
                    .iter()
                    .all(held)
            );
            *device = Device::enrol_with(&one, Scheme::P256, device.installation);
        } else if response.frozen {
            // Two facts of one id: both are kept, and the device begins anew.
            *device = Device::enrol_with(&one, Scheme::P256, device.installation);
        } else {
            prop_assert_eq!(
                ack.acked_through,
                device.seq,
                "the queue goes on: {:?}",
                response
            );
            prop_assert_eq!(ack.chain_hash, device.head);
        }
        Ok(())
    });
    // After all that, a payment goes in as ever.
    let mut last = Device::enrol(&one);
    let receipt = last.next_receipt();
    let payment = last.fact("payment", &cash("C9", &receipt, "C9-0", "777"));
    let answer: Value = last.push(1, std::slice::from_ref(&payment)).ok();
    assert_eq!(answer["results"][0]["status"], "accepted");
    texts.borrow_mut().push(payment.text);
    office.close();
    let texts = texts.into_inner();
    assert_eq!(
        kept(&folder, &texts),
        texts.len(),
        "every text is kept as it came"
    );
    let foreign =
        "SELECT count(*) FROM facts WHERE organisation <> (SELECT organisation FROM organisations)";
    assert_eq!(folder.value(foreign), 0);
}

/// How many of these texts the journal, the quarantine or the waiting facts hold, byte for byte.
fn kept(folder: &Folder, texts: &[String]) -> usize {
    let stored: Vec<String> = folder.with_office(async |office| {
        let mut tx = office.database.read().await.unwrap();
        sqlx::query_scalar("SELECT text FROM facts UNION ALL SELECT text FROM quarantine UNION ALL SELECT sealed ->> 'text' FROM staged")
            .fetch_all(&mut *tx)
            .await
            .unwrap()
    });
    let stored: std::collections::BTreeSet<String> = stored.into_iter().collect();
    texts.iter().filter(|text| stored.contains(*text)).count()
}
