//! Old and new programs, and many at once: facts always get in (SYNC 24, 35, 36, faults 12 and 21).

use crate::support::{Client, Device, Folder, Server, visit};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::runtime::Runtime;
use tournee_domain::FactId;
use tournee_server::http::{App, Assets, router};
use tournee_server::office::{Office, SNAPSHOTS_MAX};
use tournee_server::{clock, random};
use tournee_sync::PROTOCOL;
use tournee_sync::pull::PullResponse;
use tournee_sync::push::FactStatus::Accepted;
use tournee_sync::push::PushResponse;

/// As long as a request waits for the database's writer.
const WRITERS_TURN_MAX: Duration = Duration::from_secs(60);

#[test]
fn records_are_given_to_programs_of_this_time_only() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let device = Device::enrol(&server.user("one"));
    let at = &device.enrolled.device;
    for protocol in [0, PROTOCOL + 1] {
        let pull =
            json!({"protocol": protocol, "build": "other", "device": at.id, "epoch": at.epoch});
        let enrol = json!({"protocol": protocol, "build": "other", "installation": random::uuid(), "key": {"algorithm": "Ed25519", "bytes": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}});
        for (path, request) in [("/pull", pull), ("/enrol", enrol)] {
            let answer = device.client.post(path, &request);
            let expected = (
                426,
                "upgrade_required".to_owned(),
                Some("protocol".to_owned()),
            );
            assert_eq!(answer.problem(), expected, "{path} in {protocol}");
            let problem: Value = answer.json();
            assert_eq!(
                (&problem["protocol_min"], &problem["protocol_max"]),
                (&json!(1), &json!(PROTOCOL))
            );
        }
    }
    assert_eq!(device.pull(None).status, 200);
}

#[test]
fn what_a_later_program_adds_is_kept_as_it_came() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let mut body = visit("C1");
    body["mood"] = json!({"weather": "sable", "n": 1.50});
    let mut text = device.text(FactId(random::uuid()), "visit", &body);
    text["later_field"] = json!([1, 2, 3]);
    let written = format!("{text:#}");
    let fact = device.seal(written.clone());
    let mut request = device.request(1, &[fact]);
    request["later_field"] = json!({"a": 1});
    request["facts"][0]["later_field"] = json!("x");
    let response: PushResponse = device.client.post("/push", &request).ok();
    assert_eq!(response.results[0].status, Accepted);
    drop(server);
    let kept: String = folder.with_office(async |office| {
        let mut tx = office.database.read().await.unwrap();
        let newest = "SELECT text FROM facts WHERE type_name = 'visit'";
        sqlx::query_scalar(newest)
            .fetch_one(&mut *tx)
            .await
            .unwrap()
    });
    assert_eq!(kept, written, "byte for byte");
    folder.check();
}

/// The office over HTTP inside this process, where a test can take what requests wait for.
fn serve(runtime: &Runtime, folder: &Folder) -> (Office, Client) {
    let office = runtime.block_on(Office::open(&folder.data())).unwrap();
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let app = App::new(office.clone(), Assets::default(), false, stopping);
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind(any))
        .unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move {
        let _stop = stop;
        axum::serve(listener, router(app)).await
    });
    let mut client = Client::new(&base);
    client.sign_in("one");
    (office, client)
}

#[test]
fn while_many_take_their_first_portfolio_facts_still_get_in() {
    let folder = Folder::with_ledger();
    let runtime = Runtime::new().unwrap();
    let (office, client) = serve(&runtime, &folder);
    let mut device = Device::enrol(&client);
    let first = device.pulled(None).pop().unwrap();
    let slots = u32::try_from(SNAPSHOTS_MAX).unwrap();
    let taken = office.snapshots.try_acquire_many(slots).unwrap();
    let busy = device.pull(None);
    assert_eq!(busy.problem(), (503, "busy".to_owned(), None));
    let seconds: u32 = busy.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let fact = device.fact("visit", &visit("C1"));
    let (response, _) = device.pushed(1, &[fact]);
    assert_eq!(response.results[0].status, Accepted, "a push needs no slot");
    let later: PullResponse = device.pull(Some(&first.cursor)).ok();
    assert_eq!(later.records.len(), 1, "nor does what changed since");
    drop(taken);
    assert_eq!(device.pull(None).status, 200);
}

#[test]
fn a_stranger_is_refused_without_waiting_for_the_writer() {
    let folder = Folder::with_ledger();
    let runtime = Runtime::new().unwrap();
    let (office, client) = serve(&runtime, &folder);
    let mut device = Device::enrol(&client);
    let mut fact = device.fact("visit", &visit("C1"));
    fact.signature.0[0] ^= 1;
    device.client.cookie = None;
    let turn = runtime.block_on(office.database.write()).unwrap();
    let began = clock::instant();
    assert_eq!(device.push(1, &[fact]).problem().1, "not_authorised");
    assert!(began.elapsed() < WRITERS_TURN_MAX / 2);
    runtime.block_on(turn.rollback()).unwrap();
}
