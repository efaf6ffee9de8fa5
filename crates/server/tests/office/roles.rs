//! Who may ask for what (PRODUCT).

use crate::support::{Answer, Client, Device, Folder, Server, visit};
use serde_json::json;

const ROLES: [&str; 6] = [
    "one",
    "cashier",
    "manager",
    "accountant",
    "administrator",
    "auditor",
];

type Request = (&'static str, fn(&Client) -> Answer, &'static [&'static str]);

/// A request, and the logins that may make it.
const REQUESTS: &[Request] = &[
    (
        "activity",
        |client| client.get("/activity"),
        &["manager", "accountant", "auditor"],
    ),
    (
        "attention",
        |client| client.get("/attention"),
        &["manager", "accountant", "administrator", "auditor"],
    ),
    (
        "list imports",
        |client| client.get("/imports"),
        &["manager", "accountant", "auditor"],
    ),
    (
        "list exports",
        |client| client.get("/exports"),
        &["manager", "accountant", "auditor"],
    ),
    (
        "fetch an export",
        |client| client.get("/exports/unknown"),
        &["manager", "accountant", "auditor"],
    ),
    (
        "upload",
        |client| client.post_form("/imports", &[("clients", Some("c.csv"), b"")]),
        &["manager", "accountant"],
    ),
    (
        "preview",
        |client| {
            client.post(
                "/imports/01a1ff6f-b163-7878-b6b2-e559f6e77b98/preview",
                &json!({}),
            )
        },
        &["manager", "accountant"],
    ),
    (
        "commit",
        |client| {
            client.post(
                "/imports/01a1ff6f-b163-7878-b6b2-e559f6e77b98/commit",
                &json!({}),
            )
        },
        &["manager", "accountant"],
    ),
    (
        "discard",
        |client| {
            client.send(
                "DELETE",
                "/api/v1/imports/01a1ff6f-b163-7878-b6b2-e559f6e77b98",
                &[],
                &[],
            )
        },
        &["manager", "accountant"],
    ),
    (
        "export",
        |client| client.post("/exports/payments", &json!({"language": "fr"})),
        &["manager", "accountant"],
    ),
];

#[test]
fn each_role_gets_what_is_its_own_and_403_otherwise() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    for role in ROLES {
        let client = server.user(role);
        for (name, request, allowed) in REQUESTS {
            let answer = request(&client);
            let refused = answer.status == 403 && answer.problem().1 == "forbidden";
            assert_eq!(
                refused,
                !allowed.contains(&role),
                "{name} by {role}: {answer}"
            );
        }
    }
    let anyone = server.anyone();
    for (name, request, _) in REQUESTS {
        assert_eq!(request(&anyone).problem().0, 401, "{name} by nobody");
    }
    for path in ["/session", "/events"] {
        assert_eq!(anyone.get(path).problem().0, 401, "{path}");
    }
}

#[test]
fn only_roles_that_work_with_clients_record_facts() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    for (role, allowed) in [
        ("one", true),
        ("manager", true),
        ("accountant", true),
        ("cashier", false),
        ("administrator", false),
        ("auditor", false),
    ] {
        let mut device = Device::enrol(&server.user(role));
        let fact = device.fact("visit", &visit("C1"));
        let (response, ack) = device.pushed(1, &[fact]);
        let quarantined = response.results[0].status == tournee_sync::push::FactStatus::Quarantined;
        assert_eq!((quarantined, ack.acked_through), (!allowed, 1), "{role}");
    }
}
