//! The field's payments as CSV for accounting (PRODUCT K3): one line per allocation, and one for what stays on account,
//! without what the ledger holds already.

use crate::spreadsheet::{all_decimals, date, disarmed};
use std::collections::BTreeMap;
use tournee_domain::fact::{Payment, PaymentMethod};
use tournee_domain::format::Language;
use tournee_domain::{Amount, Currency, InvoiceNumber, ReceiptNumber};

/// One payment to write, with the names the office gives.
#[derive(Clone, Copy, Debug)]
pub struct PaymentLine<'a> {
    /// Of a reversal, the payment as it was taken, with the reversal's own number and date and negative amounts.
    pub payment: &'a Payment,
    /// The receipt that this one reverses: it stands as the reference.
    pub reverses: Option<&'a ReceiptNumber>,
    /// What of it the ledger's *Réglé* contains already, by invoice (DOMAIN §2.6, *booked*): written again, accounting
    /// would count it twice.
    pub booked: &'a BTreeMap<InvoiceNumber, Amount>,
    pub client_name: &'a str,
    /// The author's name.
    pub collector: &'a str,
    /// The device's label, `D03`.
    pub device_label: &'a str,
}

const HEADINGS_FR: [&str; COLUMNS] = [
    "Reçu",
    "Date",
    "Code client",
    "Client",
    "Mode",
    "Référence",
    "Banque ou opérateur",
    "Devise",
    "Montant",
    "Total du règlement",
    "Facture",
    "Encaisseur",
    "Appareil",
];

const HEADINGS_EN: [&str; COLUMNS] = [
    "Receipt",
    "Date",
    "Client code",
    "Client",
    "Method",
    "Reference",
    "Bank or operator",
    "Currency",
    "Amount",
    "Payment total",
    "Invoice",
    "Collector",
    "Device",
];

const COLUMNS: usize = 13;

/// UTF-8 with its mark, as spreadsheets need it to see accents. In French `;`, decimal comma and dd/mm/yyyy; in English `,`,
/// decimal dot and ISO dates. Amounts have no thousands separators; the lines of a payment and what of it is booked add up to
/// its total, the line without an invoice is on account. Text that a spreadsheet would run as a formula is disarmed by an apostrophe.
pub fn payments_csv<'a>(
    payments: impl IntoIterator<Item = PaymentLine<'a>>,
    language: Language,
) -> String {
    let delimiter = match language {
        Language::Fr => b';',
        Language::En => b',',
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut write = |cells: &[String; COLUMNS]| {
        writer
            .write_record(cells)
            .expect("memory takes every record of as many cells");
    };
    let headings = match language {
        Language::Fr => HEADINGS_FR,
        Language::En => HEADINGS_EN,
    };
    write(&headings.map(str::to_owned));
    for line in payments {
        for (invoice, amount) in line.shares() {
            write(&cells(&line, invoice, amount, language));
        }
    }
    let bytes = writer.into_inner().expect("memory takes what is left");
    String::from_utf8(bytes).expect("only text was written")
}

impl PaymentLine<'_> {
    /// Whether the ledger holds all of it already, so that nothing would be written.
    pub fn is_booked(&self) -> bool {
        self.shares().is_empty()
    }

    /// What each invoice got and the ledger does not contain yet, then what no invoice got. A payment allocated beyond its
    /// amount ends with a negative rest: the lines add up all the same, and the accountant sees it.
    fn shares(&self) -> Vec<(&str, Amount)> {
        let payment = self.payment;
        let mut shares: Vec<_> = payment
            .allocations
            .iter()
            .map(|one| (one.invoice.as_str(), one.amount))
            .collect();
        let rest = payment.amount - shares.iter().map(|(_, amount)| *amount).sum();
        if !rest.is_zero() || shares.is_empty() {
            shares.push(("", rest));
        }
        for (invoice, booked) in self.booked {
            let mut left = *booked;
            let of_invoice = shares.iter_mut().filter(|(of, _)| *of == invoice.as_str());
            for (_, amount) in of_invoice {
                let taken = left.min(*amount);
                *amount -= taken;
                left -= taken;
            }
        }
        let is_left = |(invoice, amount): &(&str, Amount)| {
            !amount.is_zero() || !self.booked.contains_key(&InvoiceNumber::new(invoice))
        };
        shares.retain(is_left);
        shares
    }
}

fn cells(
    line: &PaymentLine,
    invoice: &str,
    amount: Amount,
    language: Language,
) -> [String; COLUMNS] {
    let payment = line.payment;
    let (reference, bank) = match &payment.method {
        PaymentMethod::Cash { .. } => ("", ""),
        PaymentMethod::Cheque { number, bank, .. } => (number.as_str(), bank.as_str()),
        PaymentMethod::Transfer { reference, bank } => (reference.as_str(), bank.as_str()),
        PaymentMethod::MobileMoney {
            transaction,
            operator,
            ..
        } => (transaction.as_str(), operator.as_str()),
    };
    let reversal = line.reverses.map(|receipt| match language {
        Language::Fr => format!("annule {receipt}"),
        Language::En => format!("reverses {receipt}"),
    });
    [
        disarmed(&payment.receipt.to_string()),
        date(payment.date, language),
        disarmed(payment.client.as_str()),
        disarmed(line.client_name),
        method(&payment.method, language).to_owned(),
        disarmed(&reversal.unwrap_or_else(|| reference.to_owned())),
        disarmed(bank),
        payment.currency.code().to_owned(),
        plain(amount, payment.currency, language),
        plain(payment.amount, payment.currency, language),
        disarmed(invoice),
        disarmed(line.collector),
        disarmed(line.device_label),
    ]
}

fn method(method: &PaymentMethod, language: Language) -> &'static str {
    match (method, language) {
        (PaymentMethod::Cash { .. }, Language::Fr) => "Espèces",
        (PaymentMethod::Cash { .. }, Language::En) => "Cash",
        (PaymentMethod::Cheque { .. }, Language::Fr) => "Chèque",
        (PaymentMethod::Cheque { .. }, Language::En) => "Cheque",
        (PaymentMethod::Transfer { .. }, Language::Fr) => "Virement",
        (PaymentMethod::Transfer { .. }, Language::En) => "Transfer",
        (PaymentMethod::MobileMoney { .. }, _) => "Mobile money",
    }
}

fn plain(amount: Amount, currency: Currency, language: Language) -> String {
    let text = all_decimals(amount, currency);
    match language {
        Language::Fr => text.replace('.', ","),
        Language::En => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tournee_domain::fact::Allocation;

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

    fn check(language: Language, expected: &str) {
        let (payments, booked) = (payments(), BTreeMap::new());
        let lines = payments.iter().map(|payment| PaymentLine {
            payment,
            reverses: None,
            booked: &booked,
            client_name: "Coopérative \"Ader\" BTP, Zinder",
            collector: "Mariama Issoufou",
            device_label: "D03",
        });
        assert_eq!(
            payments_csv(lines, language),
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
            let line = PaymentLine {
                payment: &payment,
                reverses: None,
                booked: &booked,
                client_name: "Ader",
                collector: "Mariama",
                device_label: "D03",
            };
            let csv = payments_csv([line], Language::En);
            let cells = csv.lines().skip(1).map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                (cells[10].to_owned(), cells[8].to_owned())
            });
            (line.is_booked(), cells.collect::<Vec<_>>())
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
        let line = PaymentLine {
            payment,
            reverses: None,
            booked: &booked,
            client_name: "Ader",
            collector: "Mariama",
            device_label: "D03",
        };
        assert!(line.is_booked());
        assert_eq!(payments_csv([line], Language::Fr).lines().count(), 1);
    }

    #[test]
    fn no_payment_gives_the_headings_alone() {
        assert_eq!(payments_csv([], Language::Fr).lines().count(), 1);
    }
}
