//! Allowances: claims judged one by one, a matrix of rates on the rest, and what has to be booked (PRODUCT I4).

use super::judged::Judged;
use super::report::Report;
use super::trend;
use crate::browser::clock;
use crate::components::ChartColumn;
use crate::locales::Texts;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;
use tournee_documents::sheet::{Cell, Sheet};
use tournee_domain::ageing::Bounds;
use tournee_domain::report::period::months_from;
use tournee_domain::report::provision::{
    Claim, MatrixBase, ProvisionLine, ProvisionQuery, provisions,
};
use tournee_domain::report::{Group, Ledger};
use tournee_domain::{Amount, ClientCode, Rate, order};

/// `0,3` percent as a rate; `None` for what is none between nothing and all.
pub fn rate(text: &str) -> Option<Rate> {
    let percent: Decimal = text.trim().replace(',', ".").parse().ok()?;
    let share = percent.checked_div(Decimal::ONE_HUNDRED)?;
    if share > Decimal::ONE {
        return None;
    }
    share.normalize().to_string().parse().ok()
}

/// The provision of a day: a rate for each age, and what was judged one by one.
fn at(
    ledger: &Ledger,
    day: NaiveDate,
    rates: &[Rate],
    claims: &[Claim],
    booked: &BTreeMap<ClientCode, Amount>,
) -> Vec<ProvisionLine> {
    let query = ProvisionQuery {
        as_of: day,
        claims,
        bounds: &Bounds::default(),
        rates,
        base: MatrixBase::Net,
        guarantees: &BTreeMap::new(),
        booked,
    };
    provisions(ledger, &query)
}

/// What ought to be booked on `day`, by client.
pub fn targets(
    ledger: &Ledger,
    day: NaiveDate,
    rates: &[Rate],
    claims: &[Claim],
) -> BTreeMap<ClientCode, Amount> {
    let lines = at(ledger, day, rates, claims, &BTreeMap::new());
    order::map_of(lines.into_iter().map(|line| (line.client, line.target)))
}

/// One rate for each age. What is booked already is what was said, else the provision of the month before.
pub async fn report(
    t: Texts,
    ledger: &Ledger,
    as_of: NaiveDate,
    rates: &[Rate],
    judged: &Judged,
) -> Report {
    let claims = judged.claims.as_slice();
    let currency = ledger.currency();
    let mut columns = Vec::new();
    let mut label = t.provision_title().to_owned();
    let mut before = None;
    for end in trend(as_of) {
        let total: Amount = targets(ledger, end, rates, claims).values().copied().sum();
        let (month, year) = t.month_label(end, before.replace(end));
        label.push_str(&[", ", &month, " ", &t.money(total, currency)].concat());
        columns.push(ChartColumn {
            label: month,
            note: year,
            bars: vec![(total.0, "fill-main")],
        });
        clock::breathe().await;
    }
    let (booked, before) = match judged.booked.is_empty() {
        true => {
            let day = months_from(as_of, -1);
            let booked = targets(ledger, day, rates, claims);
            (booked, t.provision_before(&t.date(day)))
        }
        false => (judged.booked.clone(), t.provision_booked().to_owned()),
    };
    let lines = at(ledger, as_of, rates, claims, &booked);
    Report {
        name: "provisions",
        as_of,
        label,
        columns,
        legend: Vec::new(),
        sheet: Arc::new(sheet(t, ledger, &before, &lines)),
        from: 1,
        sort: Some(2),
    }
}

/// `before` heads what is booked.
fn sheet(t: Texts, ledger: &Ledger, before: &str, lines: &[ProvisionLine]) -> Sheet {
    let head = [
        t.client_code(),
        t.client_word(),
        t.provision_target(),
        t.provision_individual(),
        t.provision_matrix(),
        before,
        t.provision_charge(),
        t.provision_reversal(),
    ];
    let mut names = BTreeMap::new();
    for number in 0..ledger.group_len(Group::Client) {
        names.insert(
            ledger.label(Group::Client, number),
            ledger.client_name(number),
        );
    }
    let row = |line: &ProvisionLine| {
        let code = line.client.as_str();
        let name = names.get(&Some(code)).copied().flatten();
        let mut row = vec![code.into(), name.unwrap_or(code).into()];
        row.extend(figures(line).map(Cell::Amount));
        row
    };
    let mut sums = [Amount::ZERO; 6];
    for line in lines {
        for (sum, figure) in sums.iter_mut().zip(figures(line)) {
            *sum += figure;
        }
    }
    let mut total = vec![Cell::Empty, t.total().into()];
    total.extend(sums.map(Cell::Amount));
    Sheet {
        name: t.provision_title().to_owned(),
        currency: ledger.currency(),
        head: head.map(str::to_owned).to_vec(),
        rows: lines.iter().map(row).collect(),
        total,
    }
}

fn figures(line: &ProvisionLine) -> [Amount; 6] {
    [
        line.target,
        line.individual,
        line.matrix,
        line.booked,
        line.adjustment.charge,
        line.adjustment.reversal,
    ]
}
