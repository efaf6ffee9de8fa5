//! Amounts in words, as receipts carry them (DOMAIN §5, §7).

use crate::format::Language;
use crate::{Amount, Currency};
use rust_decimal::prelude::ToPrimitive;

/// `amount` in words with its currency, rounded to the currency's smallest unit: *onze millions six cent soixante-deux
/// mille francs CFA*, *eleven million six hundred and sixty-two thousand CFA francs*.
pub fn amount_in_words(amount: Amount, currency: Currency, language: Language) -> String {
    let rounded = currency.round(amount).0;
    let magnitude = rounded.abs();
    let whole = magnitude.trunc().to_u128().unwrap_or(0);
    let mut fraction = magnitude.fract();
    fraction.rescale(currency.scale());
    let parts = fraction.mantissa().unsigned_abs();

    let name = CurrencyName::of(currency);
    let mut words = String::new();
    if rounded.is_sign_negative() && !rounded.is_zero() {
        words.push_str(match language {
            Language::Fr => "moins ",
            Language::En => "minus ",
        });
    }
    match language {
        Language::Fr => {
            words.push_str(&french(whole));
            words.push_str(of_the_currency(whole, name.fr));
            words.push_str(plural_fr(whole, name.fr));
            if parts > 0 {
                words.push_str(&format!(
                    " et {} {}",
                    french(parts),
                    plural_fr(parts, name.part_fr)
                ));
            }
        }
        Language::En => {
            words.push_str(&format!("{} {}", english(whole), plural_en(whole, name.en)));
            if parts > 0 {
                words.push_str(&format!(
                    " and {} {}",
                    english(parts),
                    plural_en(parts, name.part_en)
                ));
            }
        }
    }
    words
}

/// Singular and plural.
type Noun = (&'static str, &'static str);

struct CurrencyName {
    fr: Noun,
    en: Noun,
    part_fr: Noun,
    part_en: Noun,
}

impl CurrencyName {
    fn of(currency: Currency) -> Self {
        let centimes = ("centime", "centimes");
        let cents = ("cent", "cents");
        let name = |fr, en, part_fr, part_en| Self {
            fr,
            en,
            part_fr,
            part_en,
        };
        match currency.code() {
            "EUR" => name(("euro", "euros"), ("euro", "euros"), centimes, cents),
            "USD" => name(
                ("dollar américain", "dollars américains"),
                ("US dollar", "US dollars"),
                cents,
                cents,
            ),
            "MAD" => name(
                ("dirham", "dirhams"),
                ("dirham", "dirhams"),
                centimes,
                centimes,
            ),
            "DZD" => name(
                ("dinar algérien", "dinars algériens"),
                ("Algerian dinar", "Algerian dinars"),
                centimes,
                centimes,
            ),
            "TND" => name(
                ("dinar", "dinars"),
                ("dinar", "dinars"),
                ("millime", "millimes"),
                ("millime", "millimes"),
            ),
            "CDF" => name(
                ("franc congolais", "francs congolais"),
                ("Congolese franc", "Congolese francs"),
                centimes,
                centimes,
            ),
            "GNF" => name(
                ("franc guinéen", "francs guinéens"),
                ("Guinean franc", "Guinean francs"),
                centimes,
                centimes,
            ),
            "KMF" => name(
                ("franc comorien", "francs comoriens"),
                ("Comorian franc", "Comorian francs"),
                centimes,
                centimes,
            ),
            "MGA" => name(
                ("ariary", "ariarys"),
                ("ariary", "ariary"),
                centimes,
                centimes,
            ),
            _ => name(
                ("franc CFA", "francs CFA"),
                ("CFA franc", "CFA francs"),
                centimes,
                centimes,
            ),
        }
    }
}

/// French counts 0 and 1 as singular, English only 1.
fn plural_fr(count: u128, (one, many): Noun) -> &'static str {
    if count < 2 { one } else { many }
}

fn plural_en(count: u128, (one, many): Noun) -> &'static str {
    if count == 1 { one } else { many }
}

/// « un million **de** francs », « un million **d’**euros », but « un million mille francs ».
fn of_the_currency(whole: u128, (one, _): Noun) -> &'static str {
    if whole == 0 || !whole.is_multiple_of(1_000_000) {
        " "
    } else if one.starts_with(['a', 'e']) {
        " d’"
    } else {
        " de "
    }
}

const UNITS_FR: [&str; 20] = [
    "", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
];
const TENS_FR: [&str; 7] = [
    "",
    "",
    "vingt",
    "trente",
    "quarante",
    "cinquante",
    "soixante",
];
const SCALES_FR: [&str; 6] = ["", "mille", "million", "milliard", "billion", "billiard"];

/// A whole number in French (DOMAIN §7: *vingt* and *cent* take **s** when multiplied and last, or before *million*, not
/// before *mille*; *mille* never changes).
fn french(number: u128) -> String {
    if number == 0 {
        return "zéro".to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    for (scale, group) in groups(number) {
        match SCALES_FR[scale] {
            "" => words.push(french_below_thousand(group, true)),
            "mille" if group == 1 => words.push("mille".to_owned()),
            "mille" => words.push(format!("{} mille", french_below_thousand(group, false))),
            name => {
                let plural = if group > 1 { "s" } else { "" };
                words.push(format!(
                    "{} {name}{plural}",
                    french_below_thousand(group, true)
                ));
            }
        }
    }
    words.join(" ")
}

/// 1 to 999. `last`: nothing follows that would take the **s** of *vingts* and *cents* away.
fn french_below_thousand(number: usize, last: bool) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    let cents = match (hundreds, rest) {
        (0, _) => return french_below_hundred(rest, last),
        (1, _) => "cent".to_owned(),
        (_, 0) if last => format!("{} cents", UNITS_FR[hundreds]),
        _ => format!("{} cent", UNITS_FR[hundreds]),
    };
    if rest == 0 {
        cents
    } else {
        format!("{cents} {}", french_below_hundred(rest, last))
    }
}

fn french_below_hundred(number: usize, last: bool) -> String {
    match number {
        0..=19 => UNITS_FR[number].to_owned(),
        71 => "soixante et onze".to_owned(),
        80 if last => "quatre-vingts".to_owned(),
        80 => "quatre-vingt".to_owned(),
        81..=99 => format!("quatre-vingt-{}", UNITS_FR[number - 80]),
        72..=79 | 70 => format!("soixante-{}", UNITS_FR[number - 60]),
        _ => {
            let tens = TENS_FR[number / 10];
            match number % 10 {
                0 => tens.to_owned(),
                1 => format!("{tens} et un"),
                unit => format!("{tens}-{}", UNITS_FR[unit]),
            }
        }
    }
}

const UNITS_EN: [&str; 20] = [
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS_EN: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const SCALES_EN: [&str; 6] = [
    "",
    " thousand",
    " million",
    " billion",
    " trillion",
    " quadrillion",
];

fn english(number: u128) -> String {
    if number == 0 {
        return "zero".to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    for (scale, group) in groups(number) {
        // « one thousand and one », « one million and twenty »: a last group without hundreds is joined by *and*.
        let and = if scale == 0 && group < 100 && !words.is_empty() {
            "and "
        } else {
            ""
        };
        words.push(format!(
            "{and}{}{}",
            english_below_thousand(group),
            SCALES_EN[scale]
        ));
    }
    words.join(" ")
}

fn english_below_thousand(number: usize) -> String {
    let below_hundred = |number: usize| match (number / 10, number % 10) {
        (0 | 1, _) => UNITS_EN[number].to_owned(),
        (tens, 0) => TENS_EN[tens].to_owned(),
        (tens, unit) => format!("{}-{}", TENS_EN[tens], UNITS_EN[unit]),
    };
    match (number / 100, number % 100) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", UNITS_EN[hundreds]),
        (hundreds, rest) => format!("{} hundred and {}", UNITS_EN[hundreds], below_hundred(rest)),
    }
}

/// The non-zero groups of three digits, highest first, with their power of a thousand. [`Amount`]s have at most 18 digits;
/// what lies above the names we have is left out.
fn groups(number: u128) -> impl Iterator<Item = (usize, usize)> {
    (0..SCALES_FR.len()).rev().filter_map(move |scale| {
        let group = (number / 1_000_u128.pow(scale as u32) % 1_000) as usize;
        (group > 0).then_some((scale, group))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors() -> serde_json::Value {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/data/domain-vectors.json"
        );
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn receipts_read_as_the_vectors_say() {
        let cases = vectors()["receipt_amount_in_words_fr"]
            .as_array()
            .unwrap()
            .clone();
        assert_eq!(cases.len(), 5);
        for case in cases {
            let amount = case["amount"].as_str().unwrap().parse().unwrap();
            let currency = case["currency"].as_str().unwrap().parse().unwrap();
            assert_eq!(
                amount_in_words(amount, currency, Language::Fr),
                case["expected"].as_str().unwrap()
            );
        }
    }

    #[test]
    fn french_numbers_agree_with_the_vectors() {
        let cases = vectors()["amount_in_words_fr"].as_array().unwrap().clone();
        assert_eq!(cases.len(), 8);
        for case in cases {
            assert_eq!(
                french(case[0].as_u64().unwrap().into()),
                case[1].as_str().unwrap()
            );
        }
    }

    #[test]
    fn french_has_its_own_tens_and_plurals() {
        for (number, expected) in [
            (0, "zéro"),
            (21, "vingt et un"),
            (61, "soixante et un"),
            (70, "soixante-dix"),
            (77, "soixante-dix-sept"),
            (90, "quatre-vingt-dix"),
            (91, "quatre-vingt-onze"),
            (99, "quatre-vingt-dix-neuf"),
            (100, "cent"),
            (180, "cent quatre-vingts"),
            (1_000, "mille"),
            (2_000, "deux mille"),
            (1_100, "mille cent"),
            (200_000_000, "deux cents millions"),
            (280_080, "deux cent quatre-vingt mille quatre-vingts"),
            (1_000_001, "un million un"),
            (2_000_000_000, "deux milliards"),
        ] {
            assert_eq!(french(number), expected);
        }
    }

    #[test]
    fn whole_amounts_agree_with_their_currency() {
        for (amount, currency, fr, en) in [
            ("0", "XOF", "zéro franc CFA", "zero CFA francs"),
            ("1", "XOF", "un franc CFA", "one CFA franc"),
            (
                "11662000",
                "XOF",
                "onze millions six cent soixante-deux mille francs CFA",
                "eleven million six hundred and sixty-two thousand CFA francs",
            ),
            (
                "2000000",
                "EUR",
                "deux millions d’euros",
                "two million euros",
            ),
            (
                "1001",
                "XOF",
                "mille un francs CFA",
                "one thousand and one CFA francs",
            ),
            (
                "-0.01",
                "EUR",
                "moins zéro euro et un centime",
                "minus zero euros and one cent",
            ),
            (
                "1234.56",
                "EUR",
                "mille deux cent trente-quatre euros et cinquante-six centimes",
                "one thousand two hundred and thirty-four euros and fifty-six cents",
            ),
            (
                "1.5",
                "USD",
                "un dollar américain et cinquante cents",
                "one US dollar and fifty cents",
            ),
            (
                "99999999999999999",
                "XOF",
                "quatre-vingt-dix-neuf billiards neuf cent quatre-vingt-dix-neuf billions neuf cent quatre-vingt-dix-neuf milliards neuf cent quatre-vingt-dix-neuf millions neuf cent quatre-vingt-dix-neuf mille neuf cent quatre-vingt-dix-neuf francs CFA",
                "ninety-nine quadrillion nine hundred and ninety-nine trillion nine hundred and ninety-nine billion nine hundred and ninety-nine million nine hundred and ninety-nine thousand nine hundred and ninety-nine CFA francs",
            ),
        ] {
            let (value, currency) = (amount.parse().unwrap(), currency.parse().unwrap());
            assert_eq!(amount_in_words(value, currency, Language::Fr), fr);
            assert_eq!(amount_in_words(value, currency, Language::En), en);
        }
    }
}
