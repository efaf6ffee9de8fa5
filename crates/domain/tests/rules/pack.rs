//! Country packs (DOMAIN §8): what they say, and that what is wrong in one is found with its line.

use crate::support::{amount, day, vectors};
use chrono::NaiveDate;
use tournee_domain::pack::{
    Account, BUILT_IN, Delay, Pack, PackFault, Rule, Rules, Starts, TaxBase, in_force, load,
};
use tournee_domain::{Amount, Currency, Money};

fn packs() -> Vec<Pack> {
    load(&BUILT_IN).unwrap_or_else(|error| panic!("{error}"))
}

fn pack(code: &str) -> Pack {
    let mut packs = packs().into_iter();
    packs
        .find(|pack| pack.code == code)
        .expect("a built-in pack")
}

/// Source and whether it is confirmed, of every rule of every kind.
fn all_rules(rules: &Rules) -> Vec<(String, bool)> {
    fn told<R: Rule>(rules: &[R]) -> impl Iterator<Item = (String, bool)> {
        rules
            .iter()
            .map(|rule| (rule.source().to_owned(), rule.is_confirmed()))
    }
    told(&rules.vat)
        .chain(told(&rules.withholding))
        .chain(told(&rules.cash_ceiling))
        .chain(told(&rules.cheque_presentation))
        .chain(told(&rules.late_interest))
        .chain(told(&rules.rate_cap))
        .chain(told(&rules.longest_terms))
        .chain(told(&rules.provision_matrix))
        .chain(told(&rules.small_difference))
        .chain(told(&rules.legal_stage))
        .chain(told(&rules.prescription))
        .chain(told(&rules.document_retention))
        .chain(told(&rules.identifier))
        .chain(told(&rules.invoice_certification))
        .chain(told(&rules.holiday))
        .collect()
}

#[test]
fn the_built_in_packs_are_whole() {
    let packs = packs();
    let codes: Vec<_> = packs.iter().map(|pack| pack.code.as_str()).collect();
    assert_eq!(codes, ["OHADA", "NE", "FR"]);
    for pack in &packs {
        let rules = all_rules(&pack.rules);
        assert!(rules.len() > 15, "{}", pack.code);
        assert!(
            rules.iter().all(|(source, _)| source.len() > 3),
            "{}",
            pack.code
        );
        // DOMAIN marks many as OK only: a pack that calls all of them confirmed says too much.
        assert!(
            rules.iter().any(|(_, confirmed)| !confirmed),
            "{}",
            pack.code
        );
        for account in Account::ALL {
            let none = pack.accounts.none.contains(account);
            assert_eq!(
                pack.accounts.number(*account).is_none(),
                none,
                "{} {account:?}",
                pack.code
            );
        }
    }
}

#[test]
fn accounts_are_those_of_the_chart() {
    let cases = [
        (Account::Client, "4111", "411"),
        (Account::BillsReceivable, "4121", "413"),
        (Account::UnpaidCheques, "4131", "411"),
        (Account::Doubtful, "4162", "416"),
        (Account::Transfers, "585", "580"),
        (Account::Cash, "571", "531"),
        (Account::MobileMoney, "552", "517"),
        (Account::EarlyPaymentDiscount, "673", "665"),
        (Account::LateInterest, "7713", "7631"),
        (Account::BadDebt, "6511", "654"),
        (Account::AllowanceCharge, "6594", "68174"),
        (Account::AllowanceReversal, "7594", "78174"),
    ];
    let (niger, france) = (pack("NE"), pack("FR"));
    for (account, ohada, pcg) in cases {
        assert_eq!(niger.accounts.number(account), Some(ohada), "{account:?}");
        assert_eq!(france.accounts.number(account), Some(pcg), "{account:?}");
    }
    assert_eq!(france.accounts.number(Account::WithheldTax), None);
    assert_eq!(
        pack("OHADA").accounts,
        niger.accounts,
        "Niger says nothing else"
    );
}

/// Every account that the entries of DOMAIN §1.2 use is one of the map, or a part of one.
#[test]
fn the_entries_find_their_accounts() {
    let ohada = pack("OHADA");
    let vectors = vectors();
    let mut seen = 0;
    for case in vectors["journal_entries"]["cases"]
        .as_array()
        .expect("cases")
    {
        for line in case["lines"].as_array().expect("lines") {
            let account = line[1].as_str().expect("a number");
            let known = ohada
                .accounts
                .map
                .values()
                .any(|number| account.starts_with(number.as_str()));
            assert!(known, "{account} of {}", case["event"]);
            seen += 1;
        }
    }
    assert!(seen > 15);
}

/// The rates of DOMAIN §3, by the days of the vectors; what no rule covers has none.
#[test]
fn interest_follows_the_day() {
    let rate = |pack: &Pack, regime: &str, date: &str| {
        pack.late_interest(regime, day(date))
            .map(|rule| rule.annual_rate.to_string())
    };
    let (niger, france) = (pack("NE"), pack("FR"));
    for case in vectors()["late_payment"].as_array().expect("cases") {
        let (pack, regime) = match case["regime"].as_str() {
            Some("FR") => (&france, "default"),
            _ => (&niger, "legal"),
        };
        for dated in case["annual_rates"].as_array().unwrap_or(&Vec::new()) {
            if let Some(from) = dated["from"].as_str() {
                let expected = dated["rate"].as_str().map(str::to_owned);
                assert_eq!(rate(pack, regime, from), expected, "{case}");
            }
        }
    }
    for (date, expected) in [
        ("2023-12-31", None),
        ("2024-12-31", Some("0.050336")),
        ("2025-12-31", Some("0.055")),
        ("2026-01-01", None),
    ] {
        assert_eq!(rate(&niger, "legal", date).as_deref(), expected, "{date}");
    }
    let default = france
        .late_interest("default", day("2026-01-31"))
        .expect("a rate");
    assert_eq!(
        (default.starts, default.indemnity),
        (Starts::DayAfterDue, Some(40.into()))
    );
    let legal = niger
        .late_interest("legal", day("2025-05-01"))
        .expect("a rate");
    assert_eq!(
        (legal.starts, legal.indemnity),
        (Starts::FormalNotice, None)
    );
}

#[test]
fn niger_withholds_by_the_vectors_rate_and_knows_its_vat() {
    let niger = pack("NE");
    let today = day("2026-11-01");
    assert_eq!(
        niger
            .vat("standard", today)
            .map(|vat| vat.rate.to_string())
            .as_deref(),
        Some("0.19")
    );
    assert_eq!(niger.vat("reduced", today), None);
    let case = &vectors()["withholding"][0];
    let money = |name: &str| Money::new(amount(&case[name]), Currency::XOF).expect("francs");
    let mut withheld = in_force(&niger.rules.withholding, today);
    let with_id = withheld
        .find(|rule| rule.payer == "with_tax_id")
        .expect("a rule");
    assert_eq!((with_id.tax.as_str(), with_id.base), ("ISB", TaxBase::Net));
    let expected = amount(&case["withheld"][0]["expected"]);
    let found = with_id.on(money("net"), money("vat")).expect("francs");
    assert_eq!(found.amount(), expected);
    // The country adds to its community: it keeps the peg and the rest.
    assert_eq!(
        niger
            .peg
            .as_ref()
            .map(|peg| peg.rate.to_string())
            .as_deref(),
        Some("655.957")
    );
    assert!(
        niger.rules.stamp_duty.is_empty(),
        "no tariff was found: none is invented"
    );
}

#[test]
fn cash_ceilings_count_the_limit_itself_or_not() {
    let exceeded = |code: &str, payee: &str, total: i64| {
        let pack = pack(code);
        let mut ceilings = in_force(&pack.rules.cash_ceiling, day("2026-11-01"));
        ceilings
            .find(|rule| rule.payee == payee)
            .expect("a ceiling")
            .is_exceeded_by(Amount::from(total))
    };
    assert!(exceeded("NE", "anyone", 5_000_000) && !exceeded("NE", "anyone", 4_999_999));
    assert!(!exceeded("NE", "public_body", 100_000) && exceeded("NE", "public_body", 100_001));
    assert!(!exceeded("FR", "anyone", 1_000) && exceeded("FR", "anyone", 1_001));
}

#[test]
fn holidays_and_delays_follow_the_calendar() {
    let feast = |code: &str, date: &str| {
        pack(code)
            .holiday(day(date))
            .map(|found| found.name.fr.clone())
    };
    assert_eq!(
        feast("NE", "2026-12-18").as_deref(),
        Some("Fête de la République")
    );
    assert_eq!(
        feast("NE", "2026-04-06").as_deref(),
        Some("Lundi de Pâques")
    );
    assert_eq!(feast("FR", "2026-12-18"), None);
    assert_eq!(feast("FR", "2026-05-14").as_deref(), Some("Ascension"));
    assert_eq!(
        feast("FR", "2026-05-25").as_deref(),
        Some("Lundi de Pentecôte")
    );
    // Friday the feast, then the weekend.
    assert_eq!(
        pack("NE").next_working_day(day("2026-12-18")),
        day("2026-12-21")
    );
    assert_eq!(
        pack("FR").next_working_day(day("2026-12-18")),
        day("2026-12-18")
    );

    let after = |code: &str, key: &str, event: &str| -> Vec<NaiveDate> {
        let pack = pack(code);
        let mut stages = in_force(&pack.rules.legal_stage, day("2026-11-01"));
        let stage = stages.find(|stage| stage.key == key).expect("a stage");
        stage
            .delays()
            .filter_map(|delay: Delay| delay.after(day(event)))
            .collect()
    };
    let days = |dates: &[&str]| -> Vec<NaiveDate> { dates.iter().map(|date| day(date)).collect() };
    let reminders = [
        "2026-01-24",
        "2026-02-01",
        "2026-02-08",
        "2026-02-15",
        "2026-03-02",
    ];
    assert_eq!(after("NE", "reminders", "2026-01-31"), days(&reminders));
    assert_eq!(
        after("NE", "opposition", "2026-01-31"),
        days(&["2026-02-10"])
    );
    assert_eq!(
        after("FR", "opposition", "2026-01-31"),
        days(&["2026-02-28"])
    );
    assert_eq!(after("FR", "petition", "2026-01-31"), []);
    let approval = |code: &str| {
        pack(code)
            .rules
            .legal_stage
            .into_iter()
            .filter(|stage| stage.approval)
            .map(|stage| stage.key)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (approval("NE"), approval("FR")),
        (vec!["petition".to_owned()], vec!["petition".to_owned()])
    );
}

/// Each change of a good file, the line it is found on, and words of the message.
#[test]
fn what_is_wrong_is_found_with_its_line() {
    let (name, niger) = BUILT_IN[1];
    let line_of = |text: &str, part: &str| {
        1 + text[..text.find(part).expect("is there")]
            .matches('\n')
            .count()
    };
    for (part, instead, at, words) in [
        ("code = \"NE\"", "code = NE", "code = NE", ""),
        (
            "rate = \"0.19\"",
            "rate = \"19 %\"",
            "rate = \"19 %\"",
            "« 19 % » is not a rate",
        ),
        (
            "rate = \"0.19\"",
            "rate = \"19\"",
            "[[vat]]",
            "write 19 % as",
        ),
        ("rate = \"0.19\"", "rate = 0.19", "rate = 0.19", ""),
        (
            "rate = \"0.19\"",
            "rates = \"0.19\"",
            "rates",
            "unknown field `rates`",
        ),
        ("[[vat]]", "[[vats]]", "[[vats]]", "unknown field `vats`"),
        (
            "source = \"droit-africain.com, Niger\"\n",
            "",
            "[[vat]]",
            "missing field `source`",
        ),
        (
            "source = \"droit-africain.com, Niger\"",
            "source = \" \"",
            "[[vat]]",
            "no source",
        ),
        (
            "source = \"droit-africain.com, Niger\"",
            "valid_from = \"2026-13-01\"\nsource = \"x\"",
            "valid_from = \"2026-13",
            "",
        ),
        (
            "source = \"droit-africain.com, Niger\"",
            "valid_from = \"2026-02-01\"\nvalid_to = \"2026-01-01\"\nsource = \"x\"",
            "[[vat]]",
            "valid_to lies before",
        ),
        (
            "payer = \"without_tax_id\"",
            "payer = \"with_tax_id\"",
            "[[withholding]]\ntax = \"ISB\"\nbase = \"net\"\nrate = \"0.05\"",
            "holds at the same time",
        ),
        (
            "remitted_by_day = 15",
            "remitted_by_day = 32",
            "[[withholding]]",
            "day of the month",
        ),
        (
            "base = \"net\"",
            "base = \"gross\"",
            "base = \"gross\"",
            "unknown variant `gross`",
        ),
        (
            "currency = \"XOF\"",
            "currency = \"XYZ\"",
            "currency = \"XYZ\"",
            "« XYZ » is not a currency",
        ),
        (
            "extends = \"ohada.toml\"",
            "extends = \"cemac.toml\"",
            "extends = \"cemac",
            "cemac.toml",
        ),
        (
            "extends = \"ohada.toml\"\n",
            "",
            "# Niger",
            "no account for Client",
        ),
        (
            "code = \"NE\"",
            "code = \"OHADA\"",
            "# Niger",
            "stands twice",
        ),
        (
            "month = 4\nday = 24",
            "month = 4\nday = 31",
            "[[holiday]]",
            "31/4 is no day",
        ),
        ("month = 4\n", "", "[[holiday]]", "either month and day"),
        (
            "[[invoice_certification]]",
            "[[provision_matrix]]\nrates = [\"0.1\"]\nsource = \"x\"\n\n[[invoice_certification]]",
            "[[provision_matrix]]",
            "there are 1 rates: give 5",
        ),
        (
            "[[invoice_certification]]",
            "[[small_difference]]\nat_most = \"0.5\"\nshare_at_most = \"0.01\"\nsource = \"x\"\n\n[[invoice_certification]]",
            "[[small_difference]]",
            "0.5 is no amount of XOF",
        ),
        (
            "[[invoice_certification]]",
            "[accounts]\nsource = \"x\"\nmap = { client = \"4a\" }\n\n[[invoice_certification]]",
            "[accounts]",
            "« 4a » is not a number",
        ),
        (
            "[[invoice_certification]]",
            "[accounts]\nsource = \"x\"\nmap = { customer = \"41\" }\n\n[[invoice_certification]]",
            "map = { customer",
            "customer",
        ),
    ] {
        assert!(niger.contains(part), "{part}");
        let changed = niger.replacen(part, instead, 1);
        let error = load(&[BUILT_IN[0], (name, &changed)]).expect_err(instead);
        let told = error.to_string();
        assert_eq!(
            (error.file.as_str(), error.line),
            (name, line_of(&changed, at)),
            "{told} for {instead}"
        );
        assert!(
            told.starts_with(&format!("niger.toml, line {}: ", error.line)),
            "{told}"
        );
        assert!(told.contains(words), "{told} for {instead}");
    }
    assert!(std::mem::size_of::<PackFault>() < 128);
    let second = load(&[BUILT_IN[2], BUILT_IN[2]]).expect_err("twice");
    assert_eq!(second.fault, PackFault::Repeated("FR".into()));
}

/// Rates of two years meet without a gap; a day that both would hold on is refused.
#[test]
fn two_rules_never_hold_on_one_day() {
    let (name, ohada) = BUILT_IN[0];
    let last = "valid_to = \"2024-12-31\"";
    let longer = ohada.replacen(last, "valid_to = \"2025-01-01\"", 1);
    let error = load(&[(name, &longer)]).expect_err("the first of January twice");
    let second = "[[late_interest]]\nregime = \"legal\"\nstarts = \"formal_notice\"\nannual_rate = \"0.055\"";
    let line = 1 + longer[..longer.find(second).expect("is there")]
        .matches('\n')
        .count();
    assert_eq!(
        (error.file.as_str(), error.line),
        ("ohada.toml", line),
        "{error}"
    );
    let endless = ohada.replacen(last, "", 1);
    assert!(load(&[(name, &endless)]).is_err(), "open to the end");
}

/// A country's rule takes the place of its community's, whatever the community says of the same thing.
#[test]
fn a_country_overrides_its_community_rule_by_rule() {
    let (name, niger) = BUILT_IN[1];
    let own = "\n[[rate_cap]]\nwhat = \"usury\"\nannual_rate = \"0.21\"\nsource = \"décret\"\n\n[accounts]\nsource = \"plan maison\"\nmap = { bank = \"5211\" }\nnone = [\"postal_bank\"]\n";
    let changed = format!("{niger}{own}");
    let packs = load(&[BUILT_IN[0], (name, &changed)]).expect("good");
    let caps: Vec<_> = packs[1]
        .rules
        .rate_cap
        .iter()
        .map(|cap| (cap.what.as_str(), cap.annual_rate.to_string()))
        .collect();
    assert_eq!(
        caps,
        [
            ("usury_banks", "0.15".to_owned()),
            ("usury", "0.21".to_owned())
        ]
    );
    let number = |account| packs[1].accounts.number(account);
    assert_eq!(
        (
            number(Account::Bank),
            number(Account::PostalBank),
            number(Account::Cash)
        ),
        (Some("5211"), None, Some("571"))
    );
}
