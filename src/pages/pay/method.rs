//! The details each way of paying asks for.

use super::form::PayForm;
use crate::components::{DateField, FieldError, Folded, Notice, TextField, error_of, live};
use crate::locales::{Texts, use_texts};
use crate::pages::capture::PhotoField;
use leptos::prelude::*;
use tournee_domain::{Amount, Currency};

/// Front and back.
const CHEQUE_PHOTOS_MAX: usize = 2;

pub fn options(t: Texts) -> Vec<(String, String)> {
    vec![
        ("cash".to_owned(), t.method_cash().to_owned()),
        ("cheque".to_owned(), t.method_cheque().to_owned()),
        ("transfer".to_owned(), t.method_transfer().to_owned()),
        (
            "mobile_money".to_owned(),
            t.method_mobile_short().to_owned(),
        ),
    ]
}

#[component]
pub fn MethodDetails(
    form: RwSignal<PayForm>,
    errors: RwSignal<Vec<FieldError>>,
    amount: Memo<Amount>,
    currency: Currency,
) -> impl IntoView {
    let t = use_texts();
    let method = Memo::new(move |_| form.with(|form| form.method.clone()));
    live(move || {
        match method.get().as_str() {
        "cheque" => view! {
            <div class="pair">
                <TextField id="cheque-bank" label=t.bank() bind=slice!(form.bank) error=error_of(errors, "cheque-bank") suggestions=t.banks() />
                <TextField id="cheque-number" label=t.cheque_number() bind=slice!(form.cheque_number) error=error_of(errors, "cheque-number") inputmode="numeric" />
            </div>
            <div class="pair">
                <TextField id="cheque-drawer" label=t.cheque_drawer() bind=slice!(form.drawer) error=error_of(errors, "cheque-drawer") />
                <DateField id="cheque-date" label=t.cheque_date() bind=slice!(form.cheque_date) error=error_of(errors, "cheque-date") />
            </div>
            <PhotoField
                id="cheque-photos"
                title=t.cheque_photos()
                hint=t.cheque_photos_hint()
                photos=Signal::derive(move || form.with(|form| form.photos.clone()))
                on_change=Callback::new(move |photos| form.update(|form| form.photos = photos))
                most=CHEQUE_PHOTOS_MAX
                errors=errors
            />
        }
        .into_any(),
        "transfer" => view! {
            <div class="pair">
                <TextField id="transfer-bank" label=t.bank() bind=slice!(form.bank) error=error_of(errors, "transfer-bank") suggestions=t.banks() />
                <TextField id="transfer-reference" label=t.transfer_reference() bind=slice!(form.reference) error=error_of(errors, "transfer-reference") />
            </div>
            <Notice><p>{t.transfer_explained()}</p></Notice>
        }
        .into_any(),
        "mobile_money" => view! {
            <div class="pair">
                <TextField id="mobile-operator" label=t.mobile_operator() bind=slice!(form.operator) error=error_of(errors, "mobile-operator") suggestions=t.operators() />
                <TextField id="mobile-phone" label=t.mobile_phone() bind=slice!(form.phone) error=error_of(errors, "mobile-phone") kind="tel" inputmode="tel" />
            </div>
            <TextField id="mobile-transaction" label=t.mobile_transaction() bind=slice!(form.transaction) hint=t.mobile_transaction_hint() error=error_of(errors, "mobile-transaction") />
        }
        .into_any(),
        _ => view! { <CashCount form=form errors=errors amount=amount currency=currency /> }.into_any(),
    }
    })
}

/// Notes and coins, where the currency's faces are known; counting is optional, but what is counted must agree.
#[component]
fn CashCount(
    form: RwSignal<PayForm>,
    errors: RwSignal<Vec<FieldError>>,
    amount: Memo<Amount>,
    currency: Currency,
) -> impl IntoView {
    let t = use_texts();
    let faces = faces(currency);
    if faces.is_empty() {
        return ().into_any();
    }
    let counted = Memo::new(move |_| form.with(PayForm::counted));
    let verdict = move || {
        let (counted, amount) = (counted.get(), amount.get());
        if counted.is_zero() {
            t.cash_uncounted().to_owned()
        } else if counted == amount {
            t.cash_agrees().to_owned()
        } else if counted < amount {
            t.cash_short(&t.money(amount - counted, currency))
        } else {
            t.cash_over(&t.money(counted - amount, currency))
        }
    };
    let error = error_of(errors, "cash-counted");
    let begun = form.with_untracked(|form| form.counted().is_positive());
    let said = move || {
        if counted.get().is_zero() {
            t.optional().to_owned()
        } else {
            t.money(counted.get(), currency)
        }
    };
    let summary = view! {
        <summary class="row" data-testid="cash-count-open">
            <span class="strong">{t.cash_count()}</span>
            <span class="small muted num">{said}</span>
        </summary>
    }
    .into_any();
    view! {
        <Folded class="card" id="cash-counted" begun=begun summary=summary>
            <div class="stack">
                {move || error.get().map(|message| view! { <p class="small danger strong">{message}</p> }.into_any())}
                <div class="denominations">
                    {faces
                        .iter()
                        .map(|face| {
                            let shown = t.amount(Amount::from(*face), currency);
                            let key = face.to_string();
                            let id = ["cash-", &key].concat();
                            let (read, write) = (key.clone(), key.clone());
                            let value = move || form.with(|form| form.counts.get(&read).cloned().unwrap_or_default());
                            view! {
                                <label class="num strong right" for=id.clone()>{shown}" ×"</label>
                                <input class="input" id=id.clone() data-testid=id inputmode="numeric" autocomplete="off" prop:value=value on:input=move |event| {
                                    let (key, text) = (write.clone(), event_target_value(&event));
                                    form.update(|form| {
                                        form.counts.insert(key, text);
                                    });
                                } />
                            }
                        })
                        .collect_view()}
                </div>
                <div class="row">
                    <span class="strong">{t.cash_total()}</span>
                    <span class="num strong" data-testid="cash-total">{move || t.money(counted.get(), currency)}</span>
                </div>
                <p class="small muted" role="status">{verdict}</p>
                <button type="button" class="btn" data-testid="cash-use" disabled=move || counted.get().is_zero() || counted.get() == amount.get() on:click=move |_| {
                    form.update(|form| form.amount = t.amount(form.counted(), currency));
                }>{t.cash_use_total()}</button>
            </div>
        </Folded>
    }
    .into_any()
}

/// Notes and coins in use, largest first.
fn faces(currency: Currency) -> &'static [i64] {
    match currency.code() {
        "XOF" | "XAF" => &[
            10_000, 5_000, 2_000, 1_000, 500, 250, 200, 100, 50, 25, 10, 5,
        ],
        "EUR" => &[500, 200, 100, 50, 20, 10, 5, 2, 1],
        _ => &[],
    }
}

impl Texts {
    /// Banks offered while typing.
    pub fn banks(self) -> Vec<String> {
        [
            "Sonibank",
            "BOA Niger",
            "Ecobank",
            "BIA Niger",
            "Banque Atlantique",
            "Orabank",
            "CBAO",
            "BSIC",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    pub fn operators(self) -> Vec<String> {
        [
            "Airtel Money",
            "Orange Money",
            "Moov Money",
            "Zamani Cash",
            "MTN MoMo",
            "Wave",
        ]
        .map(str::to_owned)
        .to_vec()
    }
}
