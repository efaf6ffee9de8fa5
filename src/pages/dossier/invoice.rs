//! One invoice: its line in the list, and everything known of it with what can be done.

use crate::components::{Icon, Notice, Sign};
use crate::locales::{Texts, use_texts};
use crate::pages::common::{paper_path, pay_path, receipt_path, use_me, visit_path};
use crate::pages::labels::{discharge_missing, slip_missing};
use crate::pages::settle::Reductions;
use crate::state::use_app;
use leptos::prelude::*;
use std::collections::BTreeSet;
use tournee_domain::dossier::{DischargeState, Invoice, SlipState};
use tournee_domain::{ClientCode, FactId};

/// What the line says in chips: never more than the reader can act on.
fn chips(t: Texts, invoice: &Invoice, pending: &BTreeSet<FactId>) -> Vec<(&'static str, String)> {
    let mut chips = Vec::new();
    if invoice.possible_double {
        chips.push(("warn", t.chip_double().to_owned()));
    }
    if invoice
        .allocations
        .iter()
        .any(|allocation| pending.contains(&allocation.payment))
        || paper_pending(invoice, pending)
    {
        chips.push(("wait", t.state_waiting().to_owned()));
    }
    match &invoice.discharge {
        DischargeState::Refused { .. } => chips.push(("danger", t.discharge_refused().to_owned())),
        DischargeState::ToDeposit if discharge_missing(invoice) => {
            chips.push(("danger", t.discharge_to_obtain().to_owned()))
        }
        _ => {}
    }
    if let SlipState::Expected { slip } = &invoice.slip {
        chips.push(("", t.slip_missing(&t.slip_name(slip))));
    }
    if invoice
        .allocations
        .iter()
        .any(|allocation| !allocation.effective)
    {
        chips.push(("wait", t.transfer_announced().to_owned()));
    }
    if chips.is_empty() && invoice.open().is_positive() {
        chips.push(("ok", t.file_complete().to_owned()));
    }
    chips
}

fn paper_pending(invoice: &Invoice, pending: &BTreeSet<FactId>) -> bool {
    let discharge = match &invoice.discharge {
        DischargeState::Discharged {
            fact: Some(fact), ..
        }
        | DischargeState::Refused { fact, .. } => pending.contains(fact),
        _ => false,
    };
    let slip = matches!(&invoice.slip, SlipState::Returned { fact, .. } if pending.contains(fact));
    discharge || slip
}

#[component]
pub fn InvoiceLine(
    invoice: Invoice,
    pending: Memo<BTreeSet<FactId>>,
    choose: Callback<String>,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let today = app.today();
    let open = invoice.open();
    let days = invoice.days_overdue(today);
    let number = invoice.number.to_string();
    let chosen = number.clone();
    let activity = if invoice.activity.is_empty() {
        t.kind(&invoice).to_owned()
    } else {
        invoice.activity.clone()
    };
    let meta = [activity.as_str(), " · ", &t.due(&invoice, today)].concat();
    let late = if open.is_positive() {
        t.late(days)
    } else {
        t.kind(&invoice).to_owned()
    };
    let late_class = if open.is_positive() && days > 0 {
        "num danger"
    } else {
        "num"
    };
    let shown = t.money(open, invoice.currency);
    view! {
        <button type="button" class="item" data-testid="invoice" data-number=number.clone() aria-haspopup="dialog" on:click=move |_| choose.run(chosen.clone())>
            <span class="row">
                <span class="strong">{number.clone()}</span>
                <span class="num strong">{shown}</span>
            </span>
            <span class="row small muted">
                <span>{meta}</span>
                <span class=late_class>{late}</span>
            </span>
            <span class="chips">
                {move || chips(t, &invoice, &pending.get()).into_iter().map(|(tone, words)| view! { <span class=["chip ", tone].concat()>{words}</span> }.into_any()).collect_view()}
            </span>
        </button>
    }
}

#[component]
pub fn InvoiceSheet(
    code: ClientCode,
    invoice: Invoice,
    pending: Memo<BTreeSet<FactId>>,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let today = app.today();
    let records = use_me().user.role.records();
    let currency = invoice.currency;
    let money = move |amount| t.money(amount, currency);
    let open = invoice.open();
    let discharge = match &invoice.discharge {
        DischargeState::ToDeposit => t.discharge_to_obtain().to_owned(),
        DischargeState::Discharged { date, signer, .. } => {
            let who = signer
                .as_ref()
                .map(|signer| t.person(signer))
                .unwrap_or_default();
            let when = date.map(|date| t.date(date)).unwrap_or_default();
            [t.discharge_obtained(), " ", &when, " ", &who]
                .concat()
                .trim()
                .to_owned()
        }
        DischargeState::Refused { date, reason, .. } => {
            [t.discharge_refused(), " ", &t.date(*date), " · ", reason].concat()
        }
    };
    let slip = match &invoice.slip {
        SlipState::None => None,
        SlipState::Expected { slip } => Some(t.slip_missing(&t.slip_name(slip))),
        SlipState::Returned { slip, date, .. } => {
            Some(t.slip_returned(&t.slip_name(slip), &t.date(*date)))
        }
    };
    let to_discharge = records && discharge_missing(&invoice);
    let to_return = records && slip_missing(&invoice);
    let to_pay = records && open.is_positive();
    let allocations = invoice.allocations.clone();
    view! {
        <div data-testid="invoice-sheet" class="stack">
            {invoice.possible_double.then(|| view! {
                <Notice tone="warn"><p class="strong">{t.chip_double()}</p><p>{t.double_explained()}</p></Notice>
            }.into_any())}
            <div>
                <p class="small muted">{t.invoice_open()}</p>
                <p class="big num">{t.amount(open, currency)}<span class="unit">{"\u{a0}"}{t.symbol(currency)}</span></p>
                <p class="small muted">{t.due(&invoice, today)}" · "{t.late(invoice.days_overdue(today))}</p>
            </div>
            <dl class="facts">
                <dt>{t.kind_label()}</dt><dd>{t.kind(&invoice)}{(!invoice.activity.is_empty()).then(|| [" · ", &invoice.activity].concat())}</dd>
                <dt>{t.invoice_date()}</dt><dd>{t.date(invoice.invoice_date)}</dd>
                <dt>{t.amount_gross()}</dt><dd class="num">{money(invoice.gross)}</dd>
                <dt>{t.amount_net()}</dt><dd class="num">{money(invoice.net)}</dd>
                <dt>{t.amount_vat()}</dt><dd class="num">{money(invoice.vat)}</dd>
                <dt>{t.amount_settled()}</dt><dd class="num">{money(invoice.settled)}</dd>
                {(!invoice.purchase_order.is_empty()).then(|| view! { <dt>{t.purchase_order()}</dt><dd>{invoice.purchase_order.clone()}</dd> }.into_any())}
                <dt>{t.discharge()}</dt><dd>{discharge}</dd>
                {slip.map(|slip| view! { <dt>{t.delivery_slip()}</dt><dd>{slip}</dd> }.into_any())}
            </dl>
            {(!allocations.is_empty()).then(|| view! {
                <section class="card card-list" aria-label=t.field_payments()>
                    <div class="head">{t.field_payments()}</div>
                    {allocations
                        .into_iter()
                        .map(|allocation| {
                            let waiting = { let id = allocation.payment; move || pending.with(|pending| pending.contains(&id)) };
                            let effective = allocation.effective;
                            let exported = allocation.exported;
                            view! {
                                <div class="stack tight">
                                    <div class="row">
                                        <a class="small wrap" data-testid="invoice-receipt" href=receipt_path(&code, allocation.payment)>{allocation.receipt.to_string()}</a>
                                        <span class="num strong">{money(allocation.amount)}</span>
                                    </div>
                                    <div class="row small muted">
                                        <span>{t.date(allocation.date)}</span>
                                        <span>{move || if waiting() { t.state_waiting() } else if !effective { t.transfer_announced() } else if exported { t.state_exported() } else { t.state_sent() }}</span>
                                    </div>
                                </div>
                            }
                        })
                        .collect_view()}
                </section>
            }.into_any())}
            <Reductions code=code.clone() invoice=invoice.clone() />
            <div class="stack">
                {to_pay.then(|| view! { <a class="btn primary wide" href=pay_path(&code)><Icon sign=Sign::Cash />{t.nav_pay()}</a> }.into_any())}
                {to_discharge.then(|| view! { <a class="btn wide" href=paper_path(&code, &invoice.number, "discharge") data-testid="paper-discharge-open"><Icon sign=Sign::Paper />{t.discharge_get()}</a> }.into_any())}
                {to_return.then(|| view! { <a class="btn wide" href=paper_path(&code, &invoice.number, "slip") data-testid="paper-slip-open"><Icon sign=Sign::Slip />{t.slip_get()}</a> }.into_any())}
                {records.then(|| view! { <a class="btn wide" href=visit_path(&code)><Icon sign=Sign::Pen />{t.comment_in_visit()}</a> }.into_any())}
            </div>
        </div>
    }
}
