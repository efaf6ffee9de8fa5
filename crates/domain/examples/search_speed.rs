//! How long one keystroke of the search takes over 10,000 clients with ten open invoices each:
//! `cargo run --release -p tournee-domain --example search_speed`.

use std::time::Duration;
use tournee_domain::search::SearchIndex;
use tournee_domain::summary::Summary;

const CLIENTS: usize = 10_000;
const INVOICES: usize = 10;
const REPEATS: u32 = 50;

fn main() {
    let clients: Vec<Summary> = (0..CLIENTS).map(client).collect();
    let (index, built) = timed(|| SearchIndex::build(&clients));
    println!("build: {built:?}");
    for query in [
        "n",
        "ni",
        "nia",
        "niamey",
        "forage",
        "fa26",
        "fa2600",
        "0073",
        "260",
        "c0",
        "c04217",
        "88446",
        "mines azaouagh niamey",
        "azaouhgh",
        "etablisemants dammergou",
        "xyzzyplugh",
    ] {
        let (found, took) = timed(|| {
            (1..REPEATS).for_each(|_| drop(index.find(query, 50)));
            index.find(query, 50).len()
        });
        println!("{query:>26}: {:>9.1?} ({found} found)", took / REPEATS);
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement needs the clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = std::time::Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn client(n: usize) -> Summary {
    const KINDS: [&str; 9] = [
        "Mines",
        "Établissements",
        "Société",
        "Compagnie",
        "Coopérative",
        "Hôtel",
        "Agence",
        "Transports",
        "Groupe",
    ];
    const PLACES: [&str; 11] = [
        "Azaouagh",
        "Damergou",
        "Ténéré",
        "Dosso",
        "Agadez",
        "Ader",
        "Maradi",
        "Tahoua",
        "Arlit",
        "Gourma",
        "Tillabéri",
    ];
    const TRADES: [&str; 8] = [
        "Forage",
        "Industrie",
        "Négoce",
        "BTP",
        "Agro",
        "Minière",
        "Distribution",
        "Routes",
    ];
    const CITIES: [&str; 7] = [
        "Niamey",
        "Dosso",
        "Konni",
        "Zinder",
        "Diffa",
        "Tillabéri",
        "Tahoua",
    ];
    // An own word a client, as family and brand names are.
    let own: String = (0..7)
        .map(|at| char::from(b'a' + ((n * 7919 + at * 104_729 + n / 26) % 26) as u8))
        .collect();
    let invoices: Vec<_> = (0..INVOICES)
        .map(|i| {
            serde_json::json!({"n": format!("FA26{:06}", n * INVOICES + i), "f": "2026-10-01", "e": "2026-10-31", "o": "1", "m": "XOF"})
        })
        .collect();
    serde_json::from_value(serde_json::json!({
        "c": format!("C{n:05}"),
        "n": format!("{} {} {} {own}", KINDS[n % 9], PLACES[n % 11], TRADES[n % 8]),
        "v": CITIES[n % 7],
        "t": format!("+227 {:08}", 80_000_000 + n * 1_237),
        "i": invoices,
    }))
    .expect("a summary as it is serialised")
}
