//! What the matrix of a provision cannot know: debts judged one by one, and what the books hold already (DOMAIN §2.4).

use super::Columns;
use super::provision::rate;
use crate::components::{
    Check, FieldError, Icon, Segmented, SelectField, Sheet, Sign, TextField, error_of, live,
};
use crate::locales::{Texts, use_texts};
use crate::pages::common::Shared;
use crate::state::App;
use chrono::NaiveDate;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tournee_domain::report::provision::{Claim, Measure};
use tournee_domain::report::{Group, Ledger};
use tournee_domain::{Amount, ClientCode, Currency, order, parse};

/// Where they are kept: among what this person typed on this device.
const DRAFT: &str = "provision:judged";

/// The person's judgements, as they stand for every report of theirs on this device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    pub claims: Vec<Claim>,
    /// The allowance in the books, by client. Empty while nobody said: then the month before stands for it.
    pub booked: BTreeMap<ClientCode, Amount>,
}

impl Judged {
    /// As kept, once it is read; what is changed then is kept again.
    pub fn kept(app: App) -> RwSignal<Self> {
        let judged = RwSignal::new(Self::default());
        let read = RwSignal::new(false);
        spawn_local(async move {
            let text = app.load_draft(DRAFT).await.unwrap_or_default();
            if let Ok(kept) = serde_json::from_str(&text) {
                judged.try_set(kept);
            }
            read.try_set(true);
        });
        Effect::new(move |known: Option<String>| {
            let text = judged.with(serde_json::to_string).unwrap_or_default();
            if read.get() && known.as_ref().is_some_and(|known| *known != text) {
                let text = text.clone();
                spawn_local(async move { app.save_draft(DRAFT, text).await });
            }
            text
        });
        judged
    }
}

/// The judgements in force, and the way to one more. `look` opens the sheet of a client by its number.
#[component]
pub fn JudgedList(
    columns: Columns,
    judged: RwSignal<Judged>,
    look: Callback<usize>,
    /// Makes the provision shown the one in the books.
    on_book: Callback<()>,
) -> impl IntoView {
    let t = use_texts();
    let code = RwSignal::new(String::new());
    let missing = RwSignal::new(None::<String>);
    let open = move |_| {
        let wanted = ClientCode::new(code.get_untracked().trim());
        let number = columns
            .get_untracked()
            .and_then(|ledger| ledger.0.client_number(&wanted));
        missing.set(number.is_none().then(|| t.claim_no_client().to_owned()));
        if let Some(number) = number {
            look.run(number);
        }
    };
    let claims = move || {
        let ledger = columns.get()?.0;
        let claims = judged.with(|judged| judged.claims.clone());
        let lines = claims.into_iter().enumerate().map(|(place, claim)| {
            let number = ledger.client_number(&claim.client);
            let name = number.and_then(|number| ledger.client_name(number));
            let name = name.unwrap_or(claim.client.as_str()).to_owned();
            view! { <ClaimLine claim=claim place=place name=name judged=judged currency=ledger.currency() /> }.into_any()
        });
        Some(lines.collect_view())
    };
    let booked = move || {
        match judged.with(|judged| judged.booked.len()) {
        0 => view! { <p class="small muted">{t.booked_none()}</p> }.into_any(),
        n => view! {
            <p class="small">{t.booked_count(n)}</p>
            <button type="button" class="btn quiet" data-testid="booked-forget" on:click=move |_| judged.update(|judged| judged.booked.clear())>{t.booked_forget()}</button>
        }.into_any(),
    }
    };
    view! {
        <details class="stack" open=judged.with_untracked(|judged| *judged != Judged::default())>
            <summary class="strong" data-testid="claims-open">{t.claims_title()}</summary>
            <p class="small muted prose">{t.claims_hint()}</p>
            <div class="card-list" data-testid="claims">{live(claims)}</div>
            <div class="row start">
                <TextField id="claim-client" label=t.client_code() bind=(code.into(), code.into()) error=missing />
                <button type="button" class="btn" data-testid="claim-client-open" on:click=open>{t.claim_judge()}</button>
            </div>
            <div class="row start">
                {live(booked)}
                <button type="button" class="btn" data-testid="booked-take" on:click=move |_| on_book.run(())>{t.booked_take()}</button>
            </div>
        </details>
    }
}

/// One claim, and the way to take it back.
#[component]
fn ClaimLine(
    claim: Claim,
    place: usize,
    name: String,
    judged: RwSignal<Judged>,
    currency: Currency,
) -> impl IntoView {
    let t = use_texts();
    let what = match &claim.reference {
        Some(reference) => reference.clone(),
        None => t.claim_whole_client().to_owned(),
    };
    let about = [&name, " · ", &what].concat();
    let measure = t.measure(claim.measure, currency);
    let detail = [&measure, " · ", &claim.justification].concat();
    let remove = move |_| {
        judged.update(|judged| {
            if judged.claims.get(place) == Some(&claim) {
                judged.claims.remove(place);
            }
        });
    };
    view! {
        <div class="row center" data-testid="claim">
            <span class="stack tight"><span class="strong wrap">{about.clone()}</span><span class="small muted wrap">{detail}</span></span>
            <button type="button" class="btn quiet icon-only" data-testid="claim-remove" aria-label=t.claim_remove(&about) on:click=remove><Icon sign=Sign::Close small=true /></button>
        </div>
    }
}

/// A client's own provision: what is in the books, and one more claim.
#[component]
pub fn ClientSheet(
    columns: Columns,
    chosen: RwSignal<Option<usize>>,
    looking: RwSignal<bool>,
    as_of: Memo<NaiveDate>,
    judged: RwSignal<Judged>,
) -> impl IntoView {
    let title = Signal::derive(move || {
        let ledger = columns.get();
        let name = ledger
            .zip(chosen.get())
            .and_then(|(ledger, number)| ledger.0.client_name(number).map(str::to_owned));
        name.unwrap_or_default()
    });
    view! {
        <Sheet title=title open=looking>
            {move || chosen.get().zip(columns.get_untracked()).map(|(number, ledger)| view! {
                <Judging ledger=ledger number=number as_of=as_of.get_untracked() judged=judged looking=looking />
            }.into_any())}
        </Sheet>
    }
}

#[component]
fn Judging(
    ledger: Shared<Ledger>,
    number: usize,
    as_of: NaiveDate,
    judged: RwSignal<Judged>,
    looking: RwSignal<bool>,
) -> impl IntoView {
    let t = use_texts();
    let ledger = ledger.0;
    let currency = ledger.currency();
    let client = ClientCode::new(ledger.label(Group::Client, number).unwrap_or_default());
    let booked = RwSignal::new(judged.with_untracked(|judged| {
        let booked = judged.booked.get(&client);
        booked.map_or(String::new(), |booked| t.amount(*booked, currency))
    }));
    let form = RwSignal::new(Typed::default());
    let errors = RwSignal::new(Vec::<FieldError>::new());
    let mut invoices = vec![(String::new(), t.claim_whole_client().to_owned())];
    let open = ledger.open_items(Group::Client, number, as_of);
    for item in open.iter().filter(|item| item.open.is_positive()) {
        // An invoice has a line for each instalment.
        if invoices.iter().all(|(known, _)| *known != item.reference) {
            let of_invoice = open.iter().filter(|one| one.reference == item.reference);
            let owed = of_invoice.map(|one| one.open).sum();
            let label = [&item.reference, " · ", &t.money(owed, currency)].concat();
            invoices.push((item.reference.clone(), label));
        }
    }
    let measures = [("rate", t.claim_rate()), ("amount", t.claim_amount())];
    let measures = measures.map(|(name, word)| (name.to_owned(), word.to_owned()));
    let done = move |_| {
        let typed = form.get_untracked();
        let (claim, book) = (
            typed.read(t, &client, currency),
            booked.with_untracked(|text| booked_of(t, text, currency)),
        );
        let mut found = Vec::new();
        let claim = claim.unwrap_or_else(|wrong| {
            found.extend(wrong);
            None
        });
        let book = book.unwrap_or_else(|wrong| {
            found.push(wrong);
            None
        });
        let wrong = !found.is_empty();
        errors.set(found);
        if wrong {
            return;
        }
        judged.update(|judged| {
            match book {
                Some(book) => judged.booked.insert(client.clone(), book),
                None => judged.booked.remove(&client),
            };
            if let Some(claim) = claim {
                // Judged anew, the former judgement goes.
                let same = |kept: &Claim| {
                    (&kept.client, &kept.reference) == (&claim.client, &claim.reference)
                };
                judged.claims.retain(|kept| !same(kept));
                judged.claims.push(claim);
                order::sort_by(&mut judged.claims, |a, b| {
                    (&a.client, &a.reference).cmp(&(&b.client, &b.reference))
                });
            }
        });
        looking.set(false);
    };
    view! {
        <div class="stack" data-testid="judging">
            <TextField id="booked" label=t.booked_of_client() bind=(booked.into(), booked.into()) hint=t.booked_hint() error=error_of(errors, "booked") inputmode="decimal" />
            <h3>{t.claim_new()}</h3>
            <p class="small muted prose">{t.claim_new_hint()}</p>
            <SelectField id="claim-invoice" label=t.claim_what() options=invoices bind=slice!(form.invoice) />
            <Segmented name="claim-measure" legend=t.claim_measure() options=measures.to_vec() bind=slice!(form.measure) />
            <div class="pair">
                <TextField id="claim-value" label=t.claim_value() bind=slice!(form.value) error=error_of(errors, "claim-value") inputmode="decimal" />
                <TextField id="claim-guaranteed" label=t.claim_guaranteed() bind=slice!(form.guaranteed) error=error_of(errors, "claim-guaranteed") inputmode="decimal" />
            </div>
            <TextField id="claim-why" label=t.claim_why() bind=slice!(form.why) hint=t.claim_why_hint() error=error_of(errors, "claim-why") />
            <Check id="claim-deductible" label=t.claim_deductible() checked=Signal::derive(move || form.with(|form| form.deductible)) on_change=Callback::new(move |on| form.update(|form| form.deductible = on)) />
            <button type="button" class="btn primary wide" data-testid="claim-save" on:click=done>{t.claim_save()}</button>
        </div>
    }
}

/// A claim as typed; nothing of it is one as long as there is neither a value nor a reason.
#[derive(Clone, Default, PartialEq)]
struct Typed {
    invoice: String,
    /// `amount`, or by a rate.
    measure: String,
    value: String,
    guaranteed: String,
    why: String,
    deductible: bool,
}

impl Typed {
    fn read(
        &self,
        t: Texts,
        client: &ClientCode,
        currency: Currency,
    ) -> Result<Option<Claim>, Vec<FieldError>> {
        if self.value.trim().is_empty() && self.why.trim().is_empty() {
            return Ok(None);
        }
        let amount = |text: &str| {
            let amount = parse::amount(text, currency).ok();
            amount.filter(|amount| !amount.is_negative())
        };
        let measure = match self.measure.as_str() {
            "amount" => amount(&self.value).map(Measure::Amount),
            _ => rate(&self.value).map(Measure::Rate),
        };
        let guaranteed = match self.guaranteed.trim() {
            "" => Some(Amount::ZERO),
            text => amount(text),
        };
        let mut wrong = Vec::new();
        if measure.is_none() {
            let message = match self.measure.as_str() {
                "amount" => t.claim_amount_error(),
                _ => t.provision_rate_error(),
            };
            wrong.push(FieldError::new("claim-value", message));
        }
        if guaranteed.is_none() {
            wrong.push(FieldError::new("claim-guaranteed", t.claim_amount_error()));
        }
        if self.why.trim().is_empty() {
            wrong.push(FieldError::new("claim-why", t.claim_why_missing()));
        }
        match (measure, guaranteed) {
            (Some(measure), Some(guaranteed)) if wrong.is_empty() => Ok(Some(Claim {
                client: client.clone(),
                reference: (!self.invoice.is_empty()).then(|| self.invoice.clone()),
                measure,
                guaranteed,
                justification: self.why.trim().to_owned(),
                deductible: self.deductible,
            })),
            _ => Err(wrong),
        }
    }
}

/// Nothing typed is nothing booked.
fn booked_of(t: Texts, text: &str, currency: Currency) -> Result<Option<Amount>, FieldError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match parse::amount(text, currency) {
        Ok(amount) if !amount.is_negative() => Ok(Some(amount)),
        _ => Err(FieldError::new("booked", t.claim_amount_error())),
    }
}

impl Texts {
    fn measure(self, measure: Measure, currency: Currency) -> String {
        match measure {
            Measure::Rate(rate) => self.rate(rate),
            Measure::Amount(amount) => self.money(amount, currency),
        }
    }
}
