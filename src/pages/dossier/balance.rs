//! What helps at the door: what is owed and how old it is, what the credit limit leaves, how this client pays.

use crate::components::{AgeingBar, AgeingLegend, Meter};
use crate::locales::{Texts, use_texts};
use crate::pages::common::use_currency;
use crate::state::use_app;
use leptos::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::sync::Arc;
use tournee_domain::dossier::Balance;
use tournee_domain::report::Ledger;
use tournee_domain::report::exposure::{CreditLimit, Exposure, ExposureParts, exposure};
use tournee_domain::report::payer::{PayerProfile, profile};
use tournee_domain::{Currency, Dossier};

/// Promises are not in the file yet, so no day of grace matters.
const GRACE_DAYS: u16 = 0;

#[component]
pub fn BalanceCard(
    dossier: Arc<Dossier>,
    currency: Currency,
    #[prop(optional_no_strip)] balance: Option<Balance>,
) -> impl IntoView {
    let t = use_texts();
    let today = use_app().today();
    let (net, overdue, on_account, ageing) = match balance {
        Some(balance) => (
            balance.net,
            balance.overdue,
            balance.on_account,
            balance.ageing,
        ),
        None => Default::default(),
    };
    let limit = dossier
        .client
        .credit_limit
        .filter(|_| currency == use_currency());
    let parts = ExposureParts::of(&dossier, currency, today);
    let limit = limit.map(|amount| CreditLimit {
        amount,
        valid_until: None,
    });
    let exposure = exposure(&parts, limit, today);
    // What cannot be counted is said where reports are read; here the rest still helps.
    let ledger = Ledger::of([&*dossier], currency).ok();
    let payer = ledger.map(|ledger| profile(&ledger, 0, today, GRACE_DAYS));
    let line = move |name: &'static str, class: &'static str, figure: String| {
        view! {
        <div class="row small"><span class="muted">{name}</span><span class=class>{figure}</span></div>
    }.into_any()
    };
    let overdue_class = if overdue.is_positive() {
        "num strong danger"
    } else {
        "num strong"
    };
    view! {
        <section class="card stack" data-testid="balance-card">
            <div>
                <p class="small muted">{t.dossier_balance()}</p>
                <p class="big num" data-testid="client-balance" data-amount=net.to_string()>{t.amount(net, currency)}<span class="unit">{"\u{a0}"}{t.symbol(currency)}</span></p>
            </div>
            <AgeingBar buckets=ageing.clone() currency=currency />
            <AgeingLegend buckets=ageing currency=currency />
            <div class="row small">
                <span class="muted">{t.dossier_overdue()}</span>
                <span class=overdue_class data-testid="client-overdue">{t.money(overdue, currency)}</span>
            </div>
            {on_account.is_positive().then(|| line(t.dossier_on_account(), "num strong", t.money(on_account, currency)))}
            {exposure.limit.is_some().then(|| view! { <Limit exposure=exposure currency=currency /> }.into_any())}
            {parts.uncleared.is_positive().then(|| line(t.limit_uncleared(), "num", t.money(parts.uncleared, currency)))}
            {payer.and_then(|payer| said(t, &payer)).map(|words| view! { <p class="small" data-testid="payer">{words}</p> }.into_any())}
            {dossier.statement_date.map(|date| view! { <p class="small muted">{t.dossier_statement(&t.date(date))}</p> }.into_any())}
        </section>
    }
}

/// How much of the credit limit is used.
#[component]
fn Limit(exposure: Exposure, currency: Currency) -> impl IntoView {
    let t = use_texts();
    let over = exposure.excess.is_positive();
    let limit = exposure.limit.unwrap_or_default();
    let used = exposure
        .used_percent
        .and_then(|used| used.max(Decimal::ZERO).round().to_u32());
    let percent = used.unwrap_or(if over { 100 } else { 0 });
    let shown = percent.to_string();
    let tone = match exposure.threshold {
        _ if over => "danger",
        Some(70..) => "warn",
        _ => "",
    };
    let (name, class, figure) = match over {
        true => (
            t.limit_over_word(&t.money(limit, currency)),
            "num strong danger",
            t.limit_exceeded(&t.money(exposure.excess, currency)),
        ),
        false => (
            t.limit_used(&shown),
            "num",
            t.limit_free(&t.money(limit - exposure.total, currency)),
        ),
    };
    view! {
        <div class="stack tight">
            <div class="row small"><span class="muted">{name}</span><span class=class>{figure}</span></div>
            <Meter label=t.limit_used(&shown) percent=Signal::stored(percent) tone=tone />
        </div>
    }
}

/// How the client paid in the last twelve months, in a sentence; nothing when no payment has a date.
fn said(t: Texts, payer: &PayerProfile) -> Option<String> {
    let days = |days: Decimal| t.decimal(days.abs().normalize());
    let delay = payer.weighted_delay?;
    let mut words = match delay.is_sign_negative() {
        true => t.payer_early(&days(delay)),
        false => t.payer_late(&days(delay)),
    };
    let share = payer.late_share? * Decimal::ONE_HUNDRED;
    words.push_str(&t.payer_share(&t.decimal(share.round().normalize())));
    if let Some(trend) = payer.trend.filter(|trend| !trend.is_zero()) {
        words.push_str(&match trend.is_sign_negative() {
            true => t.payer_better(&days(trend)),
            false => t.payer_worse(&days(trend)),
        });
    }
    Some(words)
}
