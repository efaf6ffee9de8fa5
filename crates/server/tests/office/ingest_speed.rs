//! How many facts a second the office takes. Run by hand, with an optimised server:
//! `TOURNEE_SERVER_BIN=target/release/tournee-server cargo test -p tournee-server --test office -- --ignored --nocapture speed`

use crate::support::{Device, Folder, Scheme, Server, cash, visit};
use tournee_server::{clock, random};

const BATCHES: u64 = 100;
const BATCH: u64 = 100;

#[test]
#[ignore = "a measurement, not a check"]
fn speed_of_ingest() {
    for scheme in [Scheme::Ed25519, Scheme::P256] {
        for (what, clients) in [("one client", 1), ("300 clients", 300)] {
            let folder = Folder::empty();
            folder.run(&["demo", "--clients", "400"]);
            let server = Server::start(&folder);
            let mut client = server.anyone();
            let login = serde_json::json!({"login": "direction", "password": "tournee-demo"});
            let answer = client.post("/session", &login);
            client.cookie = Some(
                answer
                    .header("set-cookie")
                    .split(';')
                    .next()
                    .unwrap()
                    .to_owned(),
            );
            let mut device = Device::enrol_with(&client, scheme, random::uuid());
            let requests: Vec<Vec<u8>> = (0..BATCHES)
                .map(|batch| {
                    let facts: Vec<_> = (0..BATCH)
                        .map(|n| {
                            let code = format!("C{:05}", (batch * BATCH + n) % clients + 1);
                            if n % 2 == 0 {
                                return device.fact("visit", &visit(&code));
                            }
                            let receipt = device.next_receipt();
                            device.fact("payment", &cash(&code, &receipt, "none", "100"))
                        })
                        .collect();
                    serde_json::to_vec(&device.request(batch * BATCH + 1, &facts)).unwrap()
                })
                .collect();
            let began = clock::instant();
            let cpu_before_ms = cpu_ms(server.id());
            for request in requests {
                assert_eq!(client.post_bytes("/push", request).status, 200);
            }
            let ms = began.elapsed().as_millis();
            let facts = u128::from(BATCHES * BATCH);
            // On a busy machine, what the server itself used says more than how long it took.
            let cpu_us = (cpu_ms(server.id()) - cpu_before_ms) * 1000 / facts;
            println!(
                "{scheme:?}, {what}: {facts} facts in {ms} ms, {} a second; {cpu_us} us of processor time a fact",
                facts * 1000 / ms
            );
        }
    }
}

/// Processor time a process has used, at a hundred ticks a second.
fn cpu_ms(process: u32) -> u128 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks = |n: usize| -> u128 {
        let field = after_name.split_whitespace().nth(n);
        field.unwrap().parse().unwrap()
    };
    (ticks(11) + ticks(12)) * 10
}
