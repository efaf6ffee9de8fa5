//! Allowances by a matrix of rates, and what has changed since the closing before (PRODUCT I4).

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
use tournee_domain::report::provision::{MatrixBase, ProvisionLine, ProvisionQuery, provisions};
use tournee_domain::report::{Group, Ledger};
use tournee_domain::{Amount, ClientCode, Rate};

/// `0,3` percent as a rate; `None` for what is none between nothing and all.
pub fn rate(text: &str) -> Option<Rate> {
    let percent: Decimal = text.trim().replace(',', ".").parse().ok()?;
    let share = percent.checked_div(Decimal::ONE_HUNDRED)?;
    if share > Decimal::ONE {
        return None;
    }
    share.normalize().to_string().parse().ok()
}

/// One rate for each age.
pub async fn report(t: Texts, ledger: &Ledger, as_of: NaiveDate, rates: &[Rate]) -> Report {
    let none = BTreeMap::new();
    let at = |day: NaiveDate, booked: &BTreeMap<ClientCode, Amount>| {
        let query = ProvisionQuery {
            as_of: day,
            claims: &[],
            bounds: &Bounds::default(),
            rates,
            base: MatrixBase::Net,
            guarantees: &none,
            booked,
        };
        provisions(ledger, &query)
    };
    let currency = ledger.currency();
    let mut columns = Vec::new();
    let mut label = t.provision_title().to_owned();
    let mut before = None;
    for end in trend(as_of) {
        let total: Amount = at(end, &none).iter().map(|line| line.target).sum();
        let (month, year) = t.month_label(end, before.replace(end));
        label.push_str(&[", ", &month, " ", &t.money(total, currency)].concat());
        columns.push(ChartColumn {
            label: month,
            note: year,
            bars: vec![(total.0, "fill-main")],
        });
        clock::breathe().await;
    }
    let day_before = months_from(as_of, -1);
    let mut booked = BTreeMap::new();
    for line in at(day_before, &none) {
        booked.insert(line.client, line.target);
    }
    Report {
        name: "provisions",
        as_of,
        label,
        columns,
        legend: Vec::new(),
        sheet: Arc::new(sheet(t, ledger, day_before, &at(as_of, &booked))),
        from: 1,
        sort: Some(2),
    }
}

fn sheet(t: Texts, ledger: &Ledger, day_before: NaiveDate, lines: &[ProvisionLine]) -> Sheet {
    let before = t.provision_before(&t.date(day_before));
    let head = [
        t.client_code(),
        t.client_word(),
        t.provision_target(),
        &before,
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
    let mut sums = [Amount::ZERO; 4];
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

fn figures(line: &ProvisionLine) -> [Amount; 4] {
    [
        line.target,
        line.booked,
        line.adjustment.charge,
        line.adjustment.reversal,
    ]
}
