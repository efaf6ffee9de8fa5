//! A customer ledger as an accounting package exports it.

use super::names::{ACCOUNTANTS, CITIES, FAMILIES, KINDS, PAYMENT_DAYS, PLACES, TRADES};
use chrono::{Datelike, Days, NaiveDate};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use std::fmt::Write;
use tournee_domain::terms::Terms;

const SEED: u64 = 20_090_212;
/// Invoices go back this many days.
const HISTORY_DAYS: u64 = 330;
/// VAT in Niger, percent.
const VAT_PERCENT: i64 = 19;

/// The two files.
pub struct Ledger {
    pub clients: String,
    pub invoices: String,
}

/// How a client pays.
#[derive(Clone, Copy)]
enum Habit {
    Prompt,
    Late,
    Poor,
}

struct Customer {
    code: String,
    terms: Terms,
    habit: Habit,
    /// In thousandths of the usual amount.
    size: i64,
}

/// The same ledger for the same number of clients and the same day.
pub fn generate(clients: u32, statement_date: NaiveDate) -> Ledger {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut ledger = Ledger {
        clients: "Code client;Raison sociale;NIF;Ville;Téléphone;E-mail;Conditions de règlement;Plafond crédit;Chargé de recouvrement;Adresse;RCCM;Mode de règlement;Comptable;Téléphone du comptable;Jours de règlement;Étiquettes\r\n".to_owned(),
        invoices: "N° pièce;Type;Code client;Activité;Date facture;Date échéance;Montant HT;TVA;Montant TTC;Réglé;Bon de commande;Bon de livraison;Décharge\r\n".to_owned(),
    };
    let mut rows = Vec::new();
    let mut names = HashSet::new();
    for n in 1..=clients {
        let customer = customer(&mut ledger.clients, &mut rng, &mut names, n);
        for _ in 0..rng.gen_range(4..=16) {
            rows.push(invoice(&mut rng, &customer, statement_date));
        }
    }
    // Numbers follow the dates, as in a real series.
    rows.sort_by_key(|row| row.date);
    for (n, row) in (1..).zip(&rows) {
        row.write(&mut ledger.invoices, n);
    }
    ledger
}

fn pick<'a, T: ?Sized>(rng: &mut ChaCha8Rng, list: &[&'a T]) -> &'a T {
    list[rng.gen_range(0..list.len())]
}

fn customer(
    file: &mut String,
    rng: &mut ChaCha8Rng,
    names: &mut HashSet<String>,
    n: u32,
) -> Customer {
    let code = format!("C{n:05}");
    let name = match rng.gen_range(0..10) {
        0..=5 => format!(
            "{} {} {}",
            pick(rng, &KINDS),
            pick(rng, &PLACES),
            pick(rng, &TRADES)
        ),
        6..=7 => format!("{} {} et Fils", pick(rng, &KINDS), pick(rng, &FAMILIES)),
        _ => format!(
            "{} {} {}",
            pick(rng, &KINDS),
            pick(rng, &FAMILIES),
            pick(rng, &TRADES)
        ),
    };
    let city = pick(rng, &CITIES);
    // Two of a name are told apart by their town, as people do.
    let name = if names.contains(&name) {
        format!("{name} {city}")
    } else {
        name
    };
    names.insert(name.clone());
    let (label, terms) = match rng.gen_range(0..10) {
        0..=4 => ("30 jours", Terms::Net { days: 30 }),
        5..=6 => (
            "30 jours fin de mois",
            Terms::NetThenEndOfMonth { days: 30 },
        ),
        7 => (
            "45 jours fin de mois",
            Terms::NetThenEndOfMonth { days: 45 },
        ),
        8 => ("60 jours", Terms::Net { days: 60 }),
        _ => ("Comptant", Terms::OnReceipt),
    };
    let habit = match rng.gen_range(0..100) {
        0..=69 => Habit::Prompt,
        70..=91 => Habit::Late,
        _ => Habit::Poor,
    };
    let size = match rng.gen_range(0..20) {
        0 => 6_000,
        1..=4 => 2_200,
        5..=14 => 1_000,
        _ => 300,
    };
    // In millions: who buys more is trusted with more, and one in twelve is beyond it.
    let limits = match size {
        6_000 => [40, 50, 60, 80, 100],
        2_200 => [12, 15, 20, 25, 40],
        1_000 => [5, 6, 8, 10, 20],
        _ => [2, 2, 3, 4, 5],
    };
    let limit = limits[rng.gen_range(0..5)] * 1_000_000;
    // Branches north of Tahoua are Arlit's collector's; one client in forty has nobody yet.
    let collector = match (city, rng.gen_range(0..40)) {
        (_, 0) => "",
        ("Arlit" | "Agadez", _) => "REC04",
        (_, 1..=13) => "REC01",
        (_, 14..=26) => "REC02",
        _ => "REC03",
    };
    let phone = |rng: &mut ChaCha8Rng| rng.gen_range(10..100);
    let number = format!(
        "+227 {} {} {} {}",
        [90, 91, 92, 93, 94, 95, 96, 97, 98, 88, 89, 80][rng.gen_range(0..12)],
        phone(rng),
        phone(rng),
        phone(rng)
    );
    let nif = rng.gen_range(3_000..80_000);
    let _ = write!(
        file,
        "{code};{name};{nif}/R;{city};{number};compta@{}.example;{label};{limit};{collector};{}\r\n",
        code.to_lowercase(),
        details(n, city)
    );
    Customer {
        code,
        terms,
        habit,
        size,
    }
}

/// What the ledger says in columns of its own. It draws from a source of its own: the rest of the ledger stays as it is.
fn details(n: u32, city: &str) -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED ^ (u64::from(n) << 32));
    let mut digits = |from: u32, to: u32| rng.gen_range(from..to);
    let register = format!("NE-NIA-{}-B-{}", digits(2004, 2025), digits(100, 4_000));
    let phone = format!(
        "+227 9{} {} {} {}",
        digits(0, 9),
        digits(10, 100),
        digits(10, 100),
        digits(10, 100)
    );
    let street = digits(1, 90);
    let address = match digits(0, 3) {
        0 => format!("Zone industrielle, lot {street}, {city}"),
        1 => format!("Rue {street}, quartier Plateau, {city}"),
        _ => format!("BP {}, {city}", street * 13),
    };
    let mode = pick(
        &mut rng,
        &["Chèque", "Virement", "Espèces", "Chèque ou virement"],
    );
    let accountant = pick(&mut rng, &ACCOUNTANTS);
    let days = pick(&mut rng, &PAYMENT_DAYS);
    let tags = pick(
        &mut rng,
        &["", "", "Grand compte", "Marché public", "Exonéré TVA"],
    );
    format!("{address};{register};{mode};{accountant};{phone};{days};{tags}")
}

struct Row {
    date: NaiveDate,
    due: NaiveDate,
    code: String,
    activity: &'static str,
    credit_note: bool,
    net: i64,
    vat: i64,
    settled: i64,
    order: Option<u32>,
    slip: Option<u32>,
    discharged: bool,
}

impl Row {
    fn write(&self, file: &mut String, n: u32) {
        let (prefix, kind) = if self.credit_note {
            ("AV", "Avoir")
        } else {
            ("FA", "Facture")
        };
        let paper = |prefix: &str, number: Option<u32>| {
            number.map_or_else(String::new, |n| format!("{prefix}{n}"))
        };
        let date = |date: NaiveDate| date.format("%d/%m/%Y").to_string();
        let _ = write!(
            file,
            "{prefix}{:02}{n:06};{kind};{};{};{};{};{};{};{};{};{};{};{}\r\n",
            self.date.year() % 100,
            self.code,
            self.activity,
            date(self.date),
            date(self.due),
            self.net,
            self.vat,
            self.net + self.vat,
            self.settled,
            paper("BC", self.order),
            paper("BL", self.slip),
            if self.discharged { "Oui" } else { "Non" }
        );
    }
}

fn invoice(rng: &mut ChaCha8Rng, customer: &Customer, statement_date: NaiveDate) -> Row {
    let age_days = rng.gen_range(0..HISTORY_DAYS);
    let date = statement_date - Days::new(age_days);
    let due = customer.terms.due_date(date);
    let days_overdue = (statement_date - due).num_days();
    let (activity, usual) = match rng.gen_range(0..100) {
        0..=5 => ("Vente machines", 9_000_000),
        6..=54 => ("Pièces", 420_000),
        55..=79 => ("Atelier", 650_000),
        _ => ("Location", 1_400_000),
    };
    let credit_note = rng.gen_range(0..100) < 3;
    let spread = rng.gen_range(300..1_900);
    let amount = (usual * customer.size / 1_000 * spread / 1_000).max(15_000);
    let amount = if credit_note { -(amount / 8) } else { amount };
    let net = amount / 5 * 5;
    let vat = net * VAT_PERCENT / 100;
    let settled = if credit_note {
        if days_overdue > 30 { net + vat } else { 0 }
    } else {
        settled(rng, customer.habit, days_overdue, net + vat)
    };
    let recent = age_days < 90;
    Row {
        date,
        due,
        code: customer.code.clone(),
        activity,
        credit_note,
        net,
        vat,
        settled,
        order: (!credit_note && rng.gen_range(0..10) < 7).then(|| rng.gen_range(1_000..10_000)),
        slip: (!credit_note && rng.gen_range(0..10) < 6).then(|| rng.gen_range(10_000..60_000)),
        discharged: credit_note || rng.gen_range(0..100) < if recent { 55 } else { 85 },
    }
}

/// What the ledger says was paid.
fn settled(rng: &mut ChaCha8Rng, habit: Habit, days_overdue: i64, gross: i64) -> i64 {
    // Percent of invoices paid: before they are due, within two months after, later.
    let paid_percent = match habit {
        Habit::Prompt => [45, 98, 100],
        Habit::Late => [8, 50, 87],
        Habit::Poor => [2, 20, 55],
    }[match days_overdue {
        ..=0 => 0,
        1..=60 => 1,
        _ => 2,
    }];
    match rng.gen_range(0..100) {
        chance if chance < paid_percent => gross,
        // Some of the others were paid in part.
        chance if chance % 8 == 7 => gross / 10 * rng.gen_range(2..8),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_day_gives_the_same_ledger() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let (one, two) = (generate(50, day), generate(50, day));
        assert_eq!(one.clients, two.clients);
        assert_eq!(one.invoices, two.invoices);
        assert_eq!(one.clients.lines().count(), 51);
    }
}
