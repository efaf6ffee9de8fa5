//! A hundred devices take their first portfolio at once while twenty others push (fault 12).

use crate::support::{Client, Device, Folder, Scheme, Server, cash};
use crate::{RUNS, Row};
use std::time::Duration;
use tournee_server::{clock, random};

const CLIENTS: u32 = 1000;
const NEW_DEVICES: usize = 100;
const PUSHERS: usize = 20;
const PUSHES: usize = 10;
const FACTS: usize = 5;
/// Between two pushes of one device.
const PAUSE: Duration = Duration::from_millis(100);
/// No push may take longer.
const PUSH_MAX_MS: u64 = 10_000;

/// The longest push of these devices, and all of them in order.
fn push(pushers: &mut [Device]) -> Vec<u64> {
    let mut took: Vec<u64> = std::thread::scope(|scope| {
        let pushing: Vec<_> = pushers
            .iter_mut()
            .map(|device| scope.spawn(|| push_one(device)))
            .collect();
        pushing
            .into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect()
    });
    took.sort_unstable();
    took
}

fn push_one(device: &mut Device) -> Vec<u64> {
    let one = |_| {
        std::thread::sleep(PAUSE);
        let from = device.seq + 1;
        let facts: Vec<_> = (0..FACTS)
            .map(|n| {
                let client = format!("C{}", n + 1);
                let receipt = device.next_receipt();
                device.fact("payment", &cash(&client, &receipt, "none", "100"))
            })
            .collect();
        let began = clock::instant();
        device.pushed(from, &facts);
        u64::try_from(began.elapsed().as_millis()).unwrap()
    };
    (0..PUSHES).map(one).collect()
}

/// Takes the whole portfolio; who is told to come back later does.
fn first_sync(device: &Device) -> u64 {
    let began = clock::instant();
    let mut cursor = None;
    loop {
        let answer = device.pull(cursor.as_deref());
        if answer.status == 503 {
            let seconds = answer.header("retry-after").parse().unwrap();
            std::thread::sleep(Duration::from_secs(seconds));
            continue;
        }
        let page: tournee_sync::pull::PullResponse = answer.ok();
        if !page.more {
            return u64::try_from(began.elapsed().as_millis()).unwrap();
        }
        cursor = Some(page.cursor);
    }
}

pub fn measure() -> Vec<Row> {
    let folder = Folder::with_clients(CLIENTS);
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let enrol = |count: usize| -> Vec<Device> {
        let one = |_| {
            let mut client = Client::new(server.base());
            client.cookie.clone_from(&manager.cookie);
            Device::enrol_with(&client, Scheme::P256, random::uuid())
        };
        (0..count).map(one).collect()
    };
    let mut pushers = enrol(PUSHERS);
    let (mut alone, mut beside, mut syncs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        alone.extend(push(&mut pushers));
        let crowd = enrol(NEW_DEVICES);
        std::thread::scope(|scope| {
            let syncing: Vec<_> = crowd
                .iter()
                .map(|device| scope.spawn(|| first_sync(device)))
                .collect();
            beside.extend(push(&mut pushers));
            syncs.extend(syncing.into_iter().map(|one| one.join().unwrap()));
        });
    }
    for all in [&mut alone, &mut beside, &mut syncs] {
        all.sort_unstable();
    }
    let at = |all: &[u64], percent: usize| all[(all.len() - 1) * percent / 100];
    let longest = at(&beside, 100);
    vec![
        Row {
            what: format!(
                "a push of {FACTS} by one of {PUSHERS} devices, while {NEW_DEVICES} take their first portfolio"
            ),
            unit: "ms",
            verdict: format!(
                "every push answered; p95 {}, alone {}; longest {longest} (at most {PUSH_MAX_MS})",
                at(&beside, 95),
                at(&alone, 95)
            ),
            good: longest <= PUSH_MAX_MS,
            runs: beside,
            floor: alone,
        },
        Row {
            what: format!("a first portfolio of {CLIENTS} clients among {NEW_DEVICES} at once"),
            unit: "ms",
            verdict: format!("every device served; p95 {}", at(&syncs, 95)),
            good: true,
            runs: syncs,
            floor: Vec::new(),
        },
    ]
}
