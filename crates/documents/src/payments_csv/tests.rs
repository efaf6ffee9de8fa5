//! Every line as spreadsheets read it.

use super::*;

fn payment(
    currency: &str,
    amount: &str,
    method: PaymentMethod,
    allocations: &[(&str, &str)],
) -> Payment {
    Payment {
        client: "C00006".into(),
        visit: None,
        date: "2026-11-01".parse().unwrap(),
        receipt: "NIA-D03-E1-000127".parse().unwrap(),
        currency: currency.parse().unwrap(),
        amount: amount.parse().unwrap(),
        method,
        payer: None,
        allocations: allocations
            .iter()
            .map(|(invoice, amount)| Allocation {
                invoice: (*invoice).into(),
                amount: amount.parse().unwrap(),
            })
            .collect(),
        withheld: Vec::new(),
        down_payment: None,
        note: String::new(),
        attachments: Vec::new(),
    }
}

fn payments() -> [Payment; 5] {
    let cash = || PaymentMethod::Cash {
        denominations: Vec::new(),
    };
    [
        payment(
            "XOF",
            "1500000",
            cash(),
            &[("FA26000001", "1000000"), ("FA26000002", "300000")],
        ),
        payment(
            "XOF",
            "250000",
            PaymentMethod::Cheque {
                bank: "=HYPERLINK(\"http://x\")".into(),
                number: "0012345".into(),
                drawer: "SOMAIR".into(),
                date: "2026-11-01".parse().unwrap(),
            },
            &[("FA26000003", "250000")],
        ),
        payment(
            "EUR",
            "1234.5",
            PaymentMethod::Transfer {
                bank: "BOA; Niamey".into(),
                reference: "+VIR-7".into(),
            },
            &[],
        ),
        payment(
            "XOF",
            "50000",
            PaymentMethod::MobileMoney {
                operator: "Airtel".into(),
                phone: "+22790000000".into(),
                transaction: "@1".into(),
            },
            &[("-FA1", "60000")],
        ),
        payment("XOF", "0", cash(), &[]),
    ]
}

/// The payment as it left, less what is booked.
fn entry(payment: &Payment, booked: &BTreeMap<InvoiceNumber, Amount>, names: [&str; 2]) -> Entry {
    Entry {
        receipt: Some(payment.receipt.clone()),
        date: payment.date,
        client: payment.client.clone(),
        client_name: names[0].to_owned(),
        what: What::Payment(payment.method.clone()),
        currency: payment.currency,
        total: payment.amount,
        parts: parts_of(payment, booked),
        collector: names[1].to_owned(),
        device_label: "D03".to_owned(),
    }
}

fn check(language: Language, expected: &str) {
    let names = ["Coopérative \"Ader\" BTP, Zinder", "Mariama Issoufou"];
    let payments = payments();
    let entries = payments
        .iter()
        .map(|payment| entry(payment, &BTreeMap::new(), names));
    let lines: Vec<Entry> = entries.collect();
    assert_eq!(
        payments_csv(&lines, language),
        expected.replace('\n', "\r\n")
    );
}

#[test]
fn in_french_as_spreadsheets_there_read_it() {
    check(Language::Fr, "\u{feff}\
Reçu;Date;Code client;Client;Mode;Référence;Banque ou opérateur;Devise;Montant;Total du règlement;Facture;Encaisseur;Appareil
NIA-D03-E1-000127;01/11/2026;C00006;\"Coopérative \"\"Ader\"\" BTP, Zinder\";Espèces;;;XOF;1000000;1500000;FA26000001;Mariama Issoufou;D03
NIA-D03-E1-000127;01/11/2026;C00006;\"Coopérative \"\"Ader\"\" BTP, Zinder\";Espèces;;;XOF;300000;1500000;FA26000002;Mariama Issoufou;D03
NIA-D03-E1-000127;01/11/2026;C00006;\"Coopérative \"\"Ader\"\" BTP, Zinder\";Espèces;;;XOF;200000;1500000;;Mariama Issoufou;D03
NIA-D03-E1-000127;01/11/2026;C00006;\"Coopérative \"\"Ader\"\" BTP, Zinder\";Chèque;0012345;\"'=HYPERLINK(\"\"http://x\"\")\";XOF;250000;250000;FA26000003;Mariama Issoufou;D03
NIA-D03-E1-000127;01/11/2026;C00006;\"Coopérative \"\"Ader\"\" BTP, Zinder\";Virement;'+VIR-7;\"BOA; Niamey\";EUR;1234,50;1234,50;;Mariama Issoufou;D03
NIA-D03-E1-000127;01/11/2026;C00006;\"Coopérative \"\"Ader\"\" BTP, Zinder\";Mobile money;'@1;Airtel;XOF;60000;50000;'-FA1;Mariama Issoufou;D03
NIA-D03-E1-000127;01/11/2026;C00006;\"Coopérative \"\"Ader\"\" BTP, Zinder\";Mobile money;'@1;Airtel;XOF;-10000;50000;;Mariama Issoufou;D03
NIA-D03-E1-000127;01/11/2026;C00006;\"Coopérative \"\"Ader\"\" BTP, Zinder\";Espèces;;;XOF;0;0;;Mariama Issoufou;D03
");
}

#[test]
fn in_english_as_spreadsheets_there_read_it() {
    check(Language::En, "\u{feff}\
Receipt,Date,Client code,Client,Method,Reference,Bank or operator,Currency,Amount,Payment total,Invoice,Collector,Device
NIA-D03-E1-000127,2026-11-01,C00006,\"Coopérative \"\"Ader\"\" BTP, Zinder\",Cash,,,XOF,1000000,1500000,FA26000001,Mariama Issoufou,D03
NIA-D03-E1-000127,2026-11-01,C00006,\"Coopérative \"\"Ader\"\" BTP, Zinder\",Cash,,,XOF,300000,1500000,FA26000002,Mariama Issoufou,D03
NIA-D03-E1-000127,2026-11-01,C00006,\"Coopérative \"\"Ader\"\" BTP, Zinder\",Cash,,,XOF,200000,1500000,,Mariama Issoufou,D03
NIA-D03-E1-000127,2026-11-01,C00006,\"Coopérative \"\"Ader\"\" BTP, Zinder\",Cheque,0012345,\"'=HYPERLINK(\"\"http://x\"\")\",XOF,250000,250000,FA26000003,Mariama Issoufou,D03
NIA-D03-E1-000127,2026-11-01,C00006,\"Coopérative \"\"Ader\"\" BTP, Zinder\",Transfer,'+VIR-7,BOA; Niamey,EUR,1234.50,1234.50,,Mariama Issoufou,D03
NIA-D03-E1-000127,2026-11-01,C00006,\"Coopérative \"\"Ader\"\" BTP, Zinder\",Mobile money,'@1,Airtel,XOF,60000,50000,'-FA1,Mariama Issoufou,D03
NIA-D03-E1-000127,2026-11-01,C00006,\"Coopérative \"\"Ader\"\" BTP, Zinder\",Mobile money,'@1,Airtel,XOF,-10000,50000,,Mariama Issoufou,D03
NIA-D03-E1-000127,2026-11-01,C00006,\"Coopérative \"\"Ader\"\" BTP, Zinder\",Cash,,,XOF,0,0,,Mariama Issoufou,D03
");
}

#[test]
fn what_the_ledger_holds_is_not_written_again() {
    let [payment, ..] = payments();
    let written = |booked: &[(&str, &str)]| {
        let booked = booked
            .iter()
            .map(|(invoice, amount)| ((*invoice).into(), amount.parse().unwrap()))
            .collect();
        let line = entry(&payment, &booked, ["Ader", "Mariama"]);
        let csv = payments_csv([&line], Language::En);
        let cells = csv.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[10].to_owned(), cells[8].to_owned())
        });
        (line.parts.is_empty(), cells.collect::<Vec<_>>())
    };
    let cells = |cells: &[(&str, &str)]| -> Vec<(String, String)> {
        cells
            .iter()
            .map(|(invoice, amount)| ((*invoice).to_owned(), (*amount).to_owned()))
            .collect()
    };
    // 1000000 and 300000 are allocated, 200000 are on account.
    let part = written(&[("FA26000001", "400000"), ("FA26000002", "300000")]);
    assert_eq!(
        part,
        (false, cells(&[("FA26000001", "600000"), ("", "200000")]))
    );
    let all_allocations = written(&[("FA26000001", "1000000"), ("FA26000002", "300000")]);
    assert_eq!(all_allocations, (false, cells(&[("", "200000")])));

    let payment = &payments()[1];
    let booked = [("FA26000003".into(), payment.amount)].into();
    let line = entry(payment, &booked, ["Ader", "Mariama"]);
    assert!(line.parts.is_empty());
    assert_eq!(payments_csv([&line], Language::Fr).lines().count(), 1);
}

#[test]
fn no_payment_gives_the_headings_alone() {
    assert_eq!(payments_csv(&[], Language::Fr).lines().count(), 1);
}

/// What is no payment says what it is, in the same columns.
#[test]
fn every_way_a_debt_moves_has_its_words() {
    let [_, cheque, ..] = payments();
    let method = cheque.method.clone();
    let number = |text: &str| Some(InvoiceNumber::new(text));
    let of = |what, total: i64, parts: &[(Option<InvoiceNumber>, i64)]| {
        let parts = parts
            .iter()
            .map(|(invoice, amount)| (invoice.clone(), Amount::from(*amount)));
        Entry {
            what,
            total: total.into(),
            parts: parts.collect(),
            ..entry(&cheque, &BTreeMap::new(), ["Ader", "Mariama"])
        }
    };
    let entries = [
        of(
            What::Bounce(method.clone()),
            -250,
            &[(number("FA1"), -200), (None, -50)],
        ),
        of(
            What::Reversal(method, "NIA-D03-E1-000126".parse().unwrap()),
            -9,
            &[(None, -9)],
        ),
        of(
            What::Reallocation("=demande".into()),
            0,
            &[(number("FA1"), -7), (number("FA2"), 7)],
        ),
        Entry {
            receipt: None,
            ..of(
                What::Offset(InvoiceNumber::new("AV1")),
                0,
                &[(number("FA1"), 5), (number("AV1"), -5)],
            )
        },
        Entry {
            receipt: None,
            ..of(
                What::Waived(Waiver::SmallDifference, "arrondi".into()),
                3,
                &[(number("FA1"), 3)],
            )
        },
        of(
            What::Withheld("ISB".into(), "DGI-118".into()),
            4,
            &[(number("FA1"), 4)],
        ),
    ];
    let told = |language| -> Vec<String> {
        let csv = payments_csv(&entries, language);
        let separator = if language == Language::Fr { ';' } else { ',' };
        let line = |line: &str| {
            // The bank's name holds a separator of neither language.
            let cells: Vec<&str> = line.split(separator).collect();
            [0, 4, 5, 8, 9, 10].map(|place| cells[place]).join("|")
        };
        csv.lines().skip(1).map(line).collect()
    };
    let receipt = "NIA-D03-E1-000127";
    let lines = |words: [&str; 6], tax: &str| -> Vec<String> {
        let [cheque, unpaid, reverses, moved, used, small] = words;
        [
            format!("{receipt}|{cheque}|{unpaid} 0012345|-200|-250|FA1"),
            format!("{receipt}|{cheque}|{unpaid} 0012345|-50|-250|"),
            format!("{receipt}|{cheque}|{reverses} NIA-D03-E1-000126|-9|-9|"),
            format!("{receipt}|{moved}|'=demande|-7|0|FA1"),
            format!("{receipt}|{moved}|'=demande|7|0|FA2"),
            format!("|{used}|AV1|5|0|FA1"),
            format!("|{used}|AV1|-5|0|AV1"),
            format!("|{small}|arrondi|3|3|FA1"),
            format!("{receipt}|{tax}|DGI-118|4|4|FA1"),
        ]
        .to_vec()
    };
    let french = [
        "Chèque",
        "impayé",
        "annule",
        "Réimputation",
        "Avoir imputé",
        "Petite différence",
    ];
    assert_eq!(told(Language::Fr), lines(french, "Retenue ISB"));
    let english = [
        "Cheque",
        "unpaid",
        "reverses",
        "Reallocation",
        "Credit note used",
        "Small difference",
    ];
    assert_eq!(told(Language::En), lines(english, "ISB withheld"));
}
