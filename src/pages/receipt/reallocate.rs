//! Money of a payment changes its place: from one invoice to another, back on account, or from the account onto an invoice
//! (PRODUCT C6, K1).

use crate::components::{
    AmountChange, AmountField, ErrorSummary, FieldError, SelectField, TextField, error_of,
};
use crate::locales::{Texts, use_texts};
use crate::pages::form::{self as forms, Form, Reading, SaveButton, Typed};
use crate::state::use_app;
use chrono::NaiveDate;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use tournee_domain::allocation::OpenItem;
use tournee_domain::fact::{Allocation, CreditSource, Reallocated};
use tournee_domain::{
    Amount, ClientCode, Currency, Dossier, FactBody, FactId, InvoiceNumber, ReceiptNumber, parse,
};

/// A payment whose money can change its place.
#[derive(Clone, PartialEq)]
pub struct Movable {
    client: ClientCode,
    payment: FactId,
    receipt: ReceiptNumber,
    currency: Currency,
    on_account: Amount,
    /// What it has on each invoice; nothing for those who may not take it off.
    links: Vec<(InvoiceNumber, Amount)>,
    open: Vec<OpenItem>,
}

impl Movable {
    /// `may_release` is who keeps the ledger: whoever meets the client uses what is on account only.
    pub fn of(dossier: &Dossier, payment: FactId, may_release: bool) -> Option<Self> {
        let kept = dossier.payments.iter().find(|kept| kept.id == payment)?;
        if kept.reversed.is_some() || kept.bounced.is_some() {
            return None;
        }
        let mut links: Vec<(InvoiceNumber, Amount)> = Vec::new();
        for invoice in dossier.invoices.iter().filter(|_| may_release) {
            let parts = invoice.allocations.iter();
            let parts = parts.filter(|link| link.payment == payment);
            let amount: Amount = parts.map(|link| link.amount).sum();
            if amount.is_positive() {
                links.push((invoice.number.clone(), amount));
            }
        }
        let open = dossier.open_items(kept.currency);
        let from_account = kept.on_account.is_positive() && !open.is_empty();
        (from_account || !links.is_empty()).then(|| Self {
            client: dossier.client.code.clone(),
            payment,
            receipt: kept.receipt.clone(),
            currency: kept.currency,
            on_account: kept.on_account,
            links,
            open,
        })
    }

    /// What is at a place; the account has no number.
    fn at(&self, place: &str) -> Amount {
        let mut links = self.links.iter();
        match place {
            "" => self.on_account,
            number => links
                .find(|(known, _)| known.as_str() == number)
                .map_or(Amount::ZERO, |(_, amount)| *amount),
        }
    }

    fn owed(&self, number: &str) -> Amount {
        let mut open = self.open.iter();
        open.find(|item| item.invoice.as_str() == number)
            .map_or(Amount::ZERO, |item| item.open)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Moving {
    fact_id: FactId,
    /// Numbers of invoices; empty for the account.
    from: String,
    to: String,
    amount: String,
    reason: String,
}

impl Typed for Moving {
    fn fact_id(&self) -> FactId {
        self.fact_id
    }
}

impl Moving {
    fn new(fact_id: FactId, t: Texts, of: &Movable) -> Self {
        let from = of.links.first().map_or("", |(number, _)| number.as_str());
        let to = match from {
            "" => of.open.first().map_or("", |item| item.invoice.as_str()),
            _ => "",
        };
        let most = match to {
            "" => of.at(from),
            to => of.at(from).min(of.owed(to)),
        };
        Self {
            fact_id,
            from: from.to_owned(),
            to: to.to_owned(),
            amount: t.amount(most, of.currency),
            reason: String::new(),
        }
    }

    /// How much moves, or what is to be corrected.
    fn check(&self, t: Texts, of: &Movable) -> Result<Amount, Vec<FieldError>> {
        let mut wrong = Vec::new();
        if self.from == self.to {
            wrong.push(FieldError::new("move-to", t.move_same()));
        }
        let amount = parse::amount(&self.amount, of.currency)
            .map_err(|error| t.amount_error(error).to_owned());
        let amount = amount.and_then(|amount| {
            let there = of.at(&self.from);
            let money = |amount| t.money(amount, of.currency);
            if !amount.is_positive() {
                Err(t.amount_positive().to_owned())
            } else if amount > there {
                Err(t.move_too_much(&money(there)))
            } else if !self.to.is_empty() && amount > of.owed(&self.to) {
                Err(t.alloc_more_than_open(&self.to, &money(of.owed(&self.to))))
            } else {
                Ok(amount)
            }
        });
        let amount = amount.unwrap_or_else(|message| {
            wrong.push(FieldError::new("move-amount", message));
            Amount::ZERO
        });
        if !self.from.is_empty() && self.reason.trim().is_empty() {
            wrong.push(FieldError::new("move-reason", t.reverse_reason_missing()));
        }
        match wrong.is_empty() {
            true => Ok(amount),
            false => Err(wrong),
        }
    }

    fn read(&self, t: Texts, of: &Movable, today: NaiveDate) -> Reading {
        let amount = self.check(t, of)?;
        let line = |place: &str| {
            let line = (!place.is_empty()).then(|| Allocation {
                invoice: InvoiceNumber::new(place),
                amount,
            });
            line.into_iter().collect()
        };
        let body = Reallocated {
            client: of.client.clone(),
            source: CreditSource::Payment {
                payment: of.payment,
            },
            date: today,
            released: line(&self.from),
            allocated: line(&self.to),
            reason: self.reason.trim().to_owned(),
        };
        Ok((FactBody::Reallocated(body), Vec::new()))
    }
}

/// Closed until somebody asks for it.
#[component]
pub fn Reallocate(of: Movable) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let start = RwSignal::new(None);
    let draft = ["moving:", &of.payment.to_string()].concat();
    let begin = {
        let (of, draft) = (of.clone(), draft.clone());
        move |_| {
            let (of, draft) = (of.clone(), draft.clone());
            spawn_local(async move {
                let kept = forms::kept(app, &draft).await;
                start.try_set(Some(
                    kept.unwrap_or_else(|| Moving::new(app.new_fact_id(), t, &of)),
                ));
            });
        }
    };
    view! {
        {move || start.get().map(|typed| view! { <MoveForm of=of.clone() draft=draft.clone() typed=typed /> }.into_any())}
        <Show when=move || start.with(Option::is_none)>
            <button type="button" class="btn quiet no-print" data-testid="move-begin" on:click=begin.clone()>{t.move_begin()}</button>
        </Show>
    }
}

#[component]
fn MoveForm(of: Movable, draft: String, typed: Moving) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let currency = of.currency;
    let form = Form::open(draft, typed);
    let (typed, errors) = (form.typed, form.errors);
    let checking = RwSignal::new(false);
    let option = |number: &str, word: String| (number.to_owned(), word);
    let place = |number: &str, amount| [number, " · ", &t.money(amount, currency)].concat();
    let mut from: Vec<_> = of
        .links
        .iter()
        .map(|(number, amount)| option(number.as_str(), place(number.as_str(), *amount)))
        .collect();
    if of.on_account.is_positive() {
        from.push(option("", place(t.pay_on_account(), of.on_account)));
    }
    let mut to = Vec::new();
    if !of.links.is_empty() {
        to.push(option("", t.move_to_account().to_owned()));
    }
    let owing = of.open.iter();
    to.extend(owing.map(|item| {
        option(
            item.invoice.as_str(),
            t.move_to_invoice(item.invoice.as_str(), &t.money(item.open, currency)),
        )
    }));
    let receipt = of.receipt.to_string();
    let of = StoredValue::new(of);
    let next = move |_| {
        let found = of.with_value(|of| typed.with_untracked(|typed| typed.check(t, of)));
        if form.accepts(found.err().unwrap_or_default()) {
            checking.set(true);
        }
    };
    let record = Callback::new(move |()| {
        let today = app.today();
        form.record("move-save", None, |typed| {
            of.with_value(|of| typed.read(t, of, today))
        });
    });
    let edit = move || {
        view! {
            <SelectField id="move-from" label=t.move_from() options=from.clone() bind=slice!(typed.from) />
            <SelectField id="move-to" label=t.move_to() options=to.clone() bind=slice!(typed.to) error=error_of(errors, "move-to") />
            <AmountField id="move-amount" label=t.move_amount() bind=slice!(typed.amount) currency=currency error=error_of(errors, "move-amount") />
            <TextField id="move-reason" label=t.reverse_reason() bind=slice!(typed.reason) error=error_of(errors, "move-reason") />
            <button type="button" class="btn primary wide" data-testid="move-next" on:click=next>{t.pay_next()}</button>
        }
    };
    let readback = move || {
        let moving = typed.get_untracked();
        let amount = of.with_value(|of| moving.check(t, of)).unwrap_or_default();
        let line = |number: &str, before: Amount, after: Amount| {
            let name = match number {
                "" => t.pay_on_account().to_owned(),
                number => t.move_owes(number),
            };
            view! { <AmountChange name=name from=t.money(before, currency) to=t.money(after, currency) /> }.into_any()
        };
        let lines = of.with_value(|of| {
            [(&moving.from, false), (&moving.to, true)].map(|(place, comes)| {
                match (place.as_str(), comes) {
                    // Money that leaves the account makes it less; money that leaves an invoice makes it owe more.
                    ("", true) => line("", of.on_account, of.on_account + amount),
                    ("", false) => line("", of.on_account, of.on_account - amount),
                    (number, true) => line(number, of.owed(number), of.owed(number) - amount),
                    (number, false) => line(number, of.owed(number), of.owed(number) + amount),
                }
            })
        });
        view! {
            <p class="strong num">{t.money(amount, currency)}</p>
            <div class="card-list" data-testid="move-readback">{lines.into_iter().collect_view()}</div>
            <SaveButton id="move-save" form=form label=t.move_save() on_save=record />
            <button type="button" class="btn wide" on:click=move |_| checking.set(false)>{t.pay_edit()}</button>
        }
    };
    view! {
        <section class="card stack no-print" aria-label=t.move_begin()>
            <h2>{t.move_begin()}</h2>
            <p class="prose">{t.move_explained(&receipt)}</p>
            <ErrorSummary errors=errors />
            {move || if checking.get() { readback().into_any() } else { edit().into_any() }}
        </section>
    }
}
