//! The server's process ends anywhere in a load of pushes (fault 1).

use crate::load::{Held, Payer, Told, verified};
use crate::support::{Folder, Scheme, Server};
use crate::{at_length, seed};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const KILLS: usize = 20;
const KILLS_LONG: usize = 300;
/// Acknowledgements of one life, at most; then some part of a push passes before the end.
const LIFE_MAX: usize = 15;
const PUSH_US: u64 = 20_000;
const CLIENTS: u32 = 60;

#[test]
fn killed_anywhere_in_a_load_of_pushes_nothing_acknowledged_is_lost_or_doubled() {
    let mut chance = ChaCha8Rng::seed_from_u64(seed(3));
    let folder = Folder::with_clients(CLIENTS);
    let mut server = Server::start(&folder);
    let mut payers = [
        Payer::enrol(&server, "one", Scheme::Ed25519, CLIENTS),
        Payer::enrol(&server, "two", Scheme::P256, CLIENTS),
        Payer::enrol(&server, "manager", Scheme::Ed25519, CLIENTS),
    ];
    let kills = if at_length() { KILLS_LONG } else { KILLS };
    // Pushes without an answer, and what the office had of them.
    let (mut unanswered, mut had, mut had_not) = (0, 0, 0);
    for _ in 0..kills {
        let life = chance.gen_range(1..LIFE_MAX);
        let moment = Duration::from_micros(chance.gen_range(0..PUSH_US));
        let answers = AtomicUsize::new(0);
        let base = server.base().to_owned();
        let told: Vec<Vec<Told>> = std::thread::scope(|scope| {
            let pushing = payers.each_mut().map(|payer| {
                payer.meet(&base);
                scope.spawn(|| until_no_answer(payer, &answers))
            });
            while answers.load(Ordering::Relaxed) < life {
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(moment);
            server.kill();
            pushing.map(|one| one.join().unwrap()).into()
        });
        for told in &told {
            unanswered += told.iter().filter(|told| **told == Told::Nothing).count();
            // Each life begins with what the last one left without an answer.
            match told.first() {
                Some(Told::Acknowledged { duplicates: 0 }) => had_not += 1,
                Some(Told::Acknowledged { .. }) => had += 1,
                _ => {}
            }
        }
        server = Server::start(&folder);
        let held = Held::of(&folder.data());
        let safe = payers.iter().flat_map(Payer::safe);
        assert!(held.missing(safe).is_empty());
    }
    for payer in &mut payers {
        payer.meet(server.base());
        assert!(matches!(payer.push(), Told::Acknowledged { .. }));
    }
    drop(server);
    let held = Held::of(&folder.data());
    let payments = payers
        .iter()
        .map(|payer| payer.payments.len())
        .sum::<usize>();
    println!(
        "{kills} kills, {payments} payments; {unanswered} pushes without an answer, of which the office had {had} and had not {had_not}"
    );
    assert!(
        held.missing(payers.iter().flat_map(|payer| &payer.payments))
            .is_empty()
    );
    held.sums_to(&payers);
    assert_eq!(verified(&folder), payments as u64);
    // Between a commit and its answer is a moment too short to be hit each time: `line` cuts there for certain.
    assert!(
        had + had_not > 0,
        "kills came while pushes were on their way"
    );
}

fn until_no_answer(payer: &mut Payer, answers: &AtomicUsize) -> Vec<Told> {
    let mut told = Vec::new();
    loop {
        // First again what had no answer, so that its answer tells of it alone.
        if payer.acknowledged == payer.payments.len() {
            payer.pay(1 + payer.payments.len() % 9);
        }
        told.push(payer.push());
        match told.last() {
            Some(Told::Acknowledged { .. }) => {
                answers.fetch_add(1, Ordering::Relaxed);
            }
            Some(Told::Nothing) => return told,
            other => panic!("{other:?}"),
        }
    }
}
