//! Outside oracle: what Node's `Intl` (ICU) writes is what the product writes, and reads back.

use chrono::{Days, NaiveDate};
use std::io::Write;
use std::process::{Command, Stdio};
use tournee_domain::format::{self, Language};
use tournee_domain::{Amount, Currency, parse};

/// Reads cases as JSON lines, writes what Intl makes of each as JSON lines. ICU gives MGA no decimals where ISO and our
/// table give it two (DOMAIN §7): digits are ours.
const SCRIPT: &str = r#"
const lines = require("fs").readFileSync(0, "utf8").trim().split("\n").map((line) => JSON.parse(line));
const out = lines.map(({ amount, currency, digits, date }) => {
  if (date) {
    const format = (options) => new Intl.DateTimeFormat("fr", { timeZone: "UTC", ...options }).format(new Date(date));
    return [format({ day: "2-digit", month: "2-digit", year: "numeric" }),
            format({ day: "numeric", month: "long", year: "numeric" })];
  }
  return [["fr", "symbol"], ["en", "code"]].map(([language, currencyDisplay]) =>
    new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay, signDisplay: "negative",
      minimumFractionDigits: digits, maximumFractionDigits: digits }).format(amount));
});
console.log(out.map((pair) => JSON.stringify(pair)).join("\n"));
"#;

/// What Intl makes of each case: French and English of an amount, short and long of a date.
fn intl(cases: &[serde_json::Value]) -> Vec<[String; 2]> {
    let node = Command::new("node")
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut node = node.unwrap_or_else(|error| {
        panic!("this test compares with Node's Intl and found no `node` ({error}): install Node 20 or later")
    });
    let mut input = node.stdin.take().expect("a pipe");
    for case in cases {
        writeln!(input, "{case}").expect("node reads");
    }
    drop(input);
    let output = node.wait_with_output().expect("node ends");
    assert!(output.status.success(), "node failed: see its error above");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let read = |line: &str| serde_json::from_str(line).expect("a pair");
    text.lines().map(read).collect()
}

/// Amounts of every length, with up to two digits more than any currency has.
fn amounts() -> Vec<Amount> {
    let edges = [
        "0",
        "-0.4",
        "0.5",
        "-0.5",
        "2.005",
        "1.0005",
        "999.995",
        "-999999.5",
    ];
    let mut amounts: Vec<Amount> = edges.map(|text| text.parse().expect("an amount")).into();
    let mut state = 20_261_122_u64;
    for n in 0..60_u32 {
        // Knuth's MMIX generator: any spread of digits will do.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let digits = state % 10_u64.pow(1 + n % 17);
        let sign = if state & (1 << 40) == 0 { "" } else { "-" };
        let whole = format!("{sign}{digits}");
        let cut = whole.len() - (n as usize % 6).min(whole.len() - sign.len() - 1);
        let text = match cut == whole.len() {
            true => whole,
            false => format!("{}.{}", &whole[..cut], &whole[cut..]),
        };
        amounts.push(text.parse().expect("an amount"));
    }
    amounts
}

#[test]
fn amounts_are_written_as_intl_writes_them_and_read_back() {
    let mut cases = Vec::new();
    for currency in Currency::all() {
        cases.extend(amounts().into_iter().map(|amount| (amount, currency)));
    }
    let asked: Vec<_> = cases
        .iter()
        .map(|(amount, currency)| {
            serde_json::json!({ "amount": amount.to_string(), "currency": currency.code(), "digits": currency.scale() })
        })
        .collect();
    let answers = intl(&asked);
    assert_eq!(answers.len(), cases.len());
    for ((amount, currency), [fr, en]) in cases.into_iter().zip(answers) {
        for (language, expected) in [(Language::Fr, fr), (Language::En, en)] {
            let written = format::amount_with_currency(amount, currency, language);
            assert_eq!(written, expected, "{amount} {currency}");
            assert_eq!(
                parse::amount(&expected, currency),
                Ok(currency.round(amount)),
                "{expected}"
            );
        }
    }
}

#[test]
fn french_dates_are_written_as_intl_writes_them() {
    let first = NaiveDate::from_ymd_opt(2023, 12, 25).expect("a date");
    let dates: Vec<NaiveDate> = (0..900).map(|n| first + Days::new(n)).collect();
    let asked: Vec<_> = dates
        .iter()
        .map(|date| serde_json::json!({ "date": format!("{date}T12:00:00Z") }))
        .collect();
    let answers = intl(&asked);
    assert_eq!(answers.len(), dates.len());
    for (date, [short, long]) in dates.into_iter().zip(answers) {
        assert_eq!(format::date(date, Language::Fr), short);
        // ICU writes « 1 novembre »; DOMAIN §7 asks for « 1er ».
        let long = long
            .strip_prefix("1 ")
            .map_or(long.clone(), |rest| format!("1er {rest}"));
        assert_eq!(format::date_long(date, Language::Fr), long);
    }
}
