//! Amounts in words say the number they came from: a reader of its own reads them back.

use proptest::prelude::*;
use rust_decimal::Decimal;
use tournee_domain::format::Language;
use tournee_domain::words::amount_in_words;
use tournee_domain::{Amount, Currency};

const FRENCH: [(&str, i128); 26] = [
    ("un", 1),
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("six", 6),
    ("sept", 7),
    ("huit", 8),
    ("neuf", 9),
    ("dix", 10),
    ("onze", 11),
    ("douze", 12),
    ("treize", 13),
    ("quatorze", 14),
    ("quinze", 15),
    ("seize", 16),
    ("vingt", 20),
    ("vingts", 20),
    ("trente", 30),
    ("quarante", 40),
    ("cinquante", 50),
    ("soixante", 60),
    ("cent", 100),
    ("cents", 100),
    ("zéro", 0),
    ("et", 0),
];

const ENGLISH: [(&str, i128); 30] = [
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("and", 0),
];

/// A billion is a thousand times more in French than in English.
const SCALES_FR: [(&str, i128); 9] = [
    ("mille", 1_000),
    ("million", 1_000_000),
    ("millions", 1_000_000),
    ("milliard", 1_000_000_000),
    ("milliards", 1_000_000_000),
    ("billion", 1_000_000_000_000),
    ("billions", 1_000_000_000_000),
    ("billiard", 1_000_000_000_000_000),
    ("billiards", 1_000_000_000_000_000),
];

const SCALES_EN: [(&str, i128); 5] = [
    ("thousand", 1_000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("trillion", 1_000_000_000_000),
    ("quadrillion", 1_000_000_000_000_000),
];

fn value(table: &[(&str, i128)], word: &str) -> Option<i128> {
    let found = table.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value)
}

/// Reads number words from the front of `text`; returns the number and the words left.
fn read(text: &str, language: Language) -> (i128, Vec<&str>) {
    let words: Vec<&str> = text.split([' ', '-']).collect();
    let (names, scales): (&[_], &[_]) = match language {
        Language::Fr => (&FRENCH, &SCALES_FR),
        Language::En => (&ENGLISH, &SCALES_EN),
    };
    let (mut total, mut group) = (0, 0);
    for (place, word) in words.iter().enumerate() {
        if let Some(value) = value(names, word) {
            group = match (value, group % 100) {
                (100, hundreds) => group - hundreds + hundreds.max(1) * 100,
                // Four times twenty.
                (20, 4) => group - 4 + 80,
                _ => group + value,
            };
        } else if let Some(scale) = value(scales, word) {
            total += group.max(1) * scale;
            group = 0;
        } else {
            return (total + group, words[place..].to_vec());
        }
    }
    (total + group, Vec::new())
}

/// The amount the words say, in the currency's smallest units.
fn units_of(words: &str, currency: Currency, language: Language) -> i128 {
    let (sign, words) = match words
        .strip_prefix("moins ")
        .or(words.strip_prefix("minus "))
    {
        Some(rest) => (-1, rest),
        None => (1, words),
    };
    let (whole, rest) = read(words, language);
    let rest = rest.join(" ");
    let link = match language {
        Language::Fr => " et ",
        Language::En => " and ",
    };
    let part = rest.split_once(link).map(|(_, part)| part);
    // The last word is the unit, which may sound like a number: « cinq cents » of a dollar.
    let part = part.and_then(|part| part.rsplit_once(' '));
    let part = part.map_or(0, |(number, _)| read(number, language).0);
    let unit = 10_i128.pow(currency.scale());
    assert!(part < unit, "{words}");
    sign * (whole * unit + part)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn words_parse_back_to_the_number(
        digits in 1..=17_u32,
        any in any::<u64>(),
        negative in any::<bool>(),
        currency in prop::sample::select(Currency::all().collect::<Vec<_>>()),
    ) {
        let units = i128::from(any) % 10_i128.pow(digits);
        let units = if negative { -units } else { units };
        let amount = Amount(Decimal::from_i128_with_scale(units, currency.scale()));
        for language in [Language::Fr, Language::En] {
            let words = amount_in_words(amount, currency, language);
            prop_assert_eq!(units_of(&words, currency, language), units, "{}", words);
        }
    }
}

/// Every number a hundred times over: tens, teens, *et un*, plurals.
#[test]
fn every_number_below_ten_thousand_is_read_back() {
    for number in 0..10_000_i64 {
        for language in [Language::Fr, Language::En] {
            let words = amount_in_words(number.into(), Currency::XOF, language);
            let (read, rest) = read(&words, language);
            assert_eq!(read, i128::from(number), "{words}");
            let unit = match (language, number) {
                (Language::Fr, 0 | 1) => "franc CFA",
                (Language::Fr, _) => "francs CFA",
                (Language::En, 1) => "CFA franc",
                (Language::En, _) => "CFA francs",
            };
            assert_eq!(rest.join(" "), unit, "{words}");
        }
    }
}
