use super::*;
use crate::summary::SummaryItem;
use crate::{Amount, Currency};

fn summary(code: &str, name: &str, city: &str, phone: &str, invoices: &[&str]) -> Summary {
    let date = "2026-10-31".parse().unwrap();
    let item = |number: &&str| SummaryItem {
        number: (*number).into(),
        invoice_date: date,
        due_date: date,
        open: Amount::from(1),
        currency: Currency::XOF,
        discharge_missing: false,
        slip_missing: false,
    };
    Summary {
        code: code.into(),
        name: name.into(),
        city: city.into(),
        phone: phone.into(),
        portfolio: None,
        credit_limit: None,
        items: invoices.iter().map(item).collect(),
        activities: Default::default(),
        on_account: Default::default(),
        uncleared: Default::default(),
        possible_double: false,
        edit_proposed: false,
        last_visit: None,
    }
}

fn portfolio() -> Vec<Summary> {
    vec![
        summary(
            "C00001",
            "Mines Azaouagh Forage",
            "Niamey",
            "+227 88 44 64 30",
            &["FA26000178", "FA26000283"],
        ),
        summary(
            "C00002",
            "Établissements Damergou Industrie",
            "Niamey",
            "+227 89 28 83 28 / 20 73 11 02",
            &[],
        ),
        summary(
            "C00003",
            "Société Ténéré Forage",
            "Dosso",
            "+227 95 54 78 20",
            &["AV-2026/0731"],
        ),
        summary(
            "C00004",
            "Coopérative Ader BTP; Zinder",
            "Zinder",
            "",
            &["FA26001780"],
        ),
        summary(
            "C00005",
            "Hôtel de l’Oasis Saint-Louis",
            "Tillabéri",
            "",
            &[],
        ),
    ]
}

fn check(query: &str, expected: &[usize]) {
    assert_eq!(
        SearchIndex::build(&portfolio()).find(query, 10),
        expected,
        "{query}"
    );
}

#[test]
fn names_are_found_without_accents_or_case() {
    check("tenere", &[2]);
    check("TÉNÉRÉ", &[2]);
    check("Te\u{301}ne", &[2]);
    check("forage", &[0, 2]);
    check("forage dosso", &[2]);
    check("oasis", &[4]);
    check("loasis", &[4]);
    check("saint louis", &[4]);
    check("saint-louis", &[4]);
    check("blissem", &[1]);
}

#[test]
fn codes_invoices_and_phones_are_found() {
    check("c00003", &[2]);
    check("0003", &[2]);
    check("FA26000178", &[0]);
    check("178", &[0, 3]);
    check("av-2026/0731", &[2]);
    check("2026/0731", &[2]);
    check("88446430", &[0]);
    check("+227 88 44 64 30", &[0]);
    check("00227 88446430", &[0]);
    check("20 73 11 02", &[1]);
}

#[test]
fn a_phone_number_is_found_at_every_digit_of_it() {
    let index = SearchIndex::build(&portfolio());
    for (number, from) in [
        ("+227 88 44 64 30", 2),
        ("00227 88 44 64 30", 7),
        ("88 44 64 30", 4),
    ] {
        for letters in from..=number.len() {
            let typed = &number[..letters];
            assert!(index.find(typed, 10).contains(&0), "« {typed} »");
        }
    }
}

#[test]
fn every_word_must_match() {
    check("mines zinder", &[]);
    check("mines niamey 283", &[0]);
    check("xyzzy", &[]);
}

#[test]
fn a_slip_of_the_finger_is_forgiven_where_nothing_matches() {
    check("damregou", &[1]);
    check("azaouhgh niamey", &[0]);
    check("tilaberi", &[4]);
    check("etablisemants", &[1]);
    check("zindr", &[3]);
    check("zidner", &[3]);
    check("zix", &[]);
    check("C00009", &[]);
}

#[test]
fn the_best_comes_first() {
    // Zinder is the city of one client and in the name of the same: nobody else has it.
    check("zinder", &[3]);
    // The code begins so; invoice numbers only hold it.
    check("c0000", &[0, 1, 2, 3, 4]);
    let clients = vec![
        summary("C1", "Grand Niamey", "", "", &[]),
        summary("C2", "Niamey", "", "", &[]),
        summary("C3", "Transport", "Niamey", "", &[]),
        summary("C4", "Niameyenne de bois", "", "", &[]),
    ];
    assert_eq!(
        SearchIndex::build(&clients).find("niamey", 10),
        [0, 1, 2, 3]
    );
    assert_eq!(SearchIndex::build(&clients).find("niameye", 10), [3]);
    assert_eq!(SearchIndex::build(&clients).find("amey", 2), [0, 1]);
}

#[test]
fn strange_queries_do_no_harm() {
    for query in [
        "",
        "  ",
        "-",
        "'",
        "é",
        "\u{301}",
        "شركة",
        "a\u{0}b",
        &"z".repeat(5_000),
        "1 2 3 4 5 6 7 8 9 10",
        "+",
        "00 00 00",
    ] {
        let _ = SearchIndex::build(&portfolio()).find(query, 10);
    }
    assert_eq!(SearchIndex::build(&portfolio()).find(" ", 3), [0, 1, 2]);
    let nobody: [Summary; 0] = [];
    assert!(SearchIndex::build(&nobody).find("a", 10).is_empty());
    assert!(
        SearchIndex::build(&portfolio())
            .find("niamey", 0)
            .is_empty()
    );
}
