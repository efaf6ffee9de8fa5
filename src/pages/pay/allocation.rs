//! Which invoices the money pays: as the best rule proposes, or as the client says.

use super::form::PayForm;
use crate::components::{AmountInput, FieldError};
use crate::locales::{Texts, use_texts};
use crate::state::use_app;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use tournee_domain::allocation::{OpenItem, Proposal, Rule};
use tournee_domain::fact::Allocation;
use tournee_domain::order;
use tournee_domain::{Amount, Currency, InvoiceNumber, parse};

/// The allocation as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocations {
    by_invoice: BTreeMap<InvoiceNumber, Amount>,
    /// In the order of the list.
    order: Vec<InvoiceNumber>,
    amount: Amount,
    /// Why it was proposed so.
    rule: Rule,
    /// Lines whose text is no amount.
    pub unreadable: Vec<InvoiceNumber>,
}

impl Allocations {
    pub fn of(
        form: &PayForm,
        items: &[OpenItem],
        proposal: &Proposal,
        amount: Amount,
        currency: Currency,
    ) -> Self {
        let order = items.iter().map(|item| item.invoice.clone()).collect();
        let mut by_invoice = BTreeMap::new();
        let mut unreadable = Vec::new();
        match &form.by_hand {
            None => {
                let lines = proposal.allocations.iter();
                by_invoice.extend(lines.map(|line| (line.invoice.clone(), line.amount)));
            }
            Some(typed) => {
                for (invoice, text) in typed.iter().filter(|(_, text)| !text.trim().is_empty()) {
                    match parse::amount(text, currency) {
                        Ok(part) if part.is_zero() => {}
                        Ok(part) => {
                            by_invoice.insert(invoice.clone(), part);
                        }
                        Err(_) => unreadable.push(invoice.clone()),
                    }
                }
            }
        }
        Self {
            by_invoice,
            order,
            amount,
            rule: proposal.rule,
            unreadable,
        }
    }

    pub fn get(&self, invoice: &InvoiceNumber) -> Amount {
        self.by_invoice.get(invoice).copied().unwrap_or_default()
    }

    pub fn total(&self) -> Amount {
        self.by_invoice.values().copied().sum()
    }

    /// Negative when more is allocated than was paid.
    pub fn on_account(&self) -> Amount {
        self.amount - self.total()
    }

    /// As recorded: oldest first, zero lines left out.
    pub fn list(&self) -> Vec<Allocation> {
        let known = self.order.iter().filter_map(|invoice| {
            let amount = self.by_invoice.get(invoice).copied()?;
            (!amount.is_zero()).then(|| Allocation {
                invoice: invoice.clone(),
                amount,
            })
        });
        // An invoice settled since the draft was kept is not in the list any more: the check names it.
        let gone = self
            .by_invoice
            .iter()
            .filter(|(invoice, _)| !self.order.contains(invoice));
        known
            .chain(gone.map(|(invoice, amount)| Allocation {
                invoice: invoice.clone(),
                amount: *amount,
            }))
            .collect()
    }
}

#[component]
pub fn AllocationList(
    form: RwSignal<PayForm>,
    items: Arc<Vec<OpenItem>>,
    allocations: Memo<Allocations>,
    errors: RwSignal<Vec<FieldError>>,
    currency: Currency,
) -> impl IntoView {
    let t = use_texts();
    let by_hand = Memo::new(move |_| form.with(|form| form.by_hand.is_some()));
    let rule = Memo::new(move |_| allocations.with(|allocations| allocations.rule));
    if items.is_empty() {
        return view! { <p class="card muted">{t.alloc_none()}</p> }.into_any();
    }
    let begin = move |_| {
        let proposed = allocations.with_untracked(|allocations| {
            let lines = allocations.list().into_iter();
            order::map_of(lines.map(|line| (line.invoice, t.amount(line.amount, currency))))
        });
        form.update(|form| form.by_hand = Some(proposed));
    };
    let error = move || {
        errors.with(|errors| {
            errors
                .iter()
                .find(|error| error.id == "allocations")
                .map(|error| error.message.clone())
        })
    };
    view! {
        <section class="card card-list" id="allocations" aria-label=t.alloc_title()>
            <div class="head">
                <span data-testid="alloc-rule">{move || if by_hand.get() { t.alloc_by_hand() } else { t.rule(rule.get()) }}</span>
                {move || if by_hand.get() {
                    view! { <button type="button" class="btn quiet" data-testid="alloc-oldest" on:click=move |_| form.update(|form| form.by_hand = None)>{t.alloc_back_to_proposal()}</button> }.into_any()
                } else {
                    view! { <button type="button" class="btn quiet" data-testid="alloc-edit" on:click=begin>{t.alloc_edit()}</button> }.into_any()
                }}
            </div>
            {move || error().map(|message| view! { <p class="small danger strong">{message}</p> }.into_any())}
            {items
                .iter()
                .map(|item| view! { <Line item=item.clone() form=form allocations=allocations errors=errors by_hand=by_hand currency=currency /> }.into_any())
                .collect_view()}
        </section>
    }
    .into_any()
}

#[component]
fn Line(
    item: OpenItem,
    form: RwSignal<PayForm>,
    allocations: Memo<Allocations>,
    errors: RwSignal<Vec<FieldError>>,
    by_hand: Memo<bool>,
    currency: Currency,
) -> impl IntoView {
    let app = use_app();
    let t = use_texts();
    let number = StoredValue::new(item.invoice.clone());
    let open = item.open;
    let today = app.today();
    let days = today.signed_duration_since(item.due_date).num_days();
    let meta = [
        t.due_on(item.due_date, today).as_str(),
        " · ",
        &t.late(days),
    ]
    .concat();
    let part = Memo::new(move |_| {
        allocations.with(|allocations| number.with_value(|number| allocations.get(number)))
    });
    let id = ["alloc-", item.invoice.as_str()].concat();
    let error = {
        let id = id.clone();
        Signal::derive(move || {
            errors.with(|errors| {
                errors
                    .iter()
                    .find(|error| error.id == id)
                    .map(|error| error.message.clone())
            })
        })
    };
    // Ticking by hand pays what is left of the money, at most what the invoice owes.
    let tick = move |on: bool| {
        let left = allocations
            .with_untracked(Allocations::on_account)
            .max(Amount::ZERO);
        let wanted = if on { open.min(left) } else { Amount::ZERO };
        let text = if wanted.is_zero() && !on {
            String::new()
        } else {
            t.amount(wanted, currency)
        };
        write(form, number.get_value(), text, allocations, t, currency);
    };
    let typed = Signal::derive(move || {
        form.with(|form| {
            let typed = form.by_hand.as_ref()?;
            number.with_value(|number| typed.get(number).cloned())
        })
        .unwrap_or_default()
    });
    let label = t.alloc_amount_on(item.invoice.as_str());
    let check_id = ["alloc-check-", item.invoice.as_str()].concat();
    let check_label = t.alloc_pay(item.invoice.as_str());
    view! {
        <div>
            <div class="alloc">
                <label class="check">
                    <input
                        type="checkbox"
                        data-testid=check_id
                        aria-label=check_label
                        prop:checked=move || part.get().is_positive()
                        on:change=move |event| tick(event_target_checked(&event))
                    />
                </label>
                <span class="stack tight">
                    <span class="strong wrap">{item.invoice.to_string()}</span>
                    <span class="small muted">{meta}</span>
                </span>
                <span class="stack tight right">
                    {move || if by_hand.get() {
                        view! {
                            <AmountInput id=id.clone() label=label.clone() value=typed currency=currency invalid=Signal::derive(move || error.with(Option::is_some)) on_change=Callback::new(move |text: String| {
                                write(form, number.get_value(), text, allocations, t, currency);
                            }) />
                        }.into_any()
                    } else {
                        view! { <span class="num strong" data-testid=id.clone()>{move || t.money(part.get(), currency)}</span> }.into_any()
                    }}
                    <span class="small muted num">{t.alloc_of(&t.money(open, currency))}</span>
                </span>
            </div>
            {move || error.get().map(|message| view! { <p class="small danger strong">{message}</p> }.into_any())}
        </div>
    }
}

/// Sets one line by hand; the others keep what they have.
fn write(
    form: RwSignal<PayForm>,
    number: InvoiceNumber,
    text: String,
    allocations: Memo<Allocations>,
    t: Texts,
    currency: Currency,
) {
    let proposed = allocations.get_untracked();
    form.update(|form| {
        let typed = form.by_hand.get_or_insert_with(|| {
            let lines = proposed.list().into_iter();
            order::map_of(lines.map(|line| (line.invoice, t.amount(line.amount, currency))))
        });
        typed.insert(number, text);
    });
}

impl Texts {
    /// Why a payment is spread so.
    fn rule(self, rule: Rule) -> &'static str {
        match rule {
            Rule::ExactMatch => self.alloc_exact(),
            Rule::SubsetMatch => self.alloc_subset(),
            Rule::Instruction => self.alloc_by_hand(),
            Rule::OldestFirst => self.alloc_oldest_first(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use tournee_domain::FactId;
    use tournee_domain::allocation::propose;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn items() -> Vec<OpenItem> {
        let item = |number: &str, day, open: i64| OpenItem {
            invoice: InvoiceNumber::new(number),
            due_date: NaiveDate::from_ymd_opt(2026, 10, day).unwrap(),
            open: Amount::from(open),
            charges: false,
        };
        vec![item("FA1", 1, 400_000), item("FA2", 12, 1_042_207)]
    }

    fn form() -> PayForm {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        PayForm::new(FactId(uuid::Uuid::nil()), today)
    }

    fn found(form: &PayForm, amount: i64) -> Allocations {
        let (items, amount) = (items(), Amount::from(amount));
        let proposal = propose(&items, amount, &[]).unwrap();
        Allocations::of(form, &items, &proposal, amount, Currency::XOF)
    }

    fn allocated(form: &PayForm, amount: i64) -> (Vec<(String, Amount)>, Amount) {
        let found = found(form, amount);
        let lines = found
            .list()
            .into_iter()
            .map(|line| (line.invoice.to_string(), line.amount));
        (lines.collect(), found.on_account())
    }

    #[wasm_bindgen_test]
    fn the_oldest_is_paid_first_until_the_collector_says_otherwise() {
        let (lines, rest) = allocated(&form(), 500_000);
        assert_eq!(
            lines,
            [
                ("FA1".into(), 400_000.into()),
                ("FA2".into(), 100_000.into())
            ]
        );
        assert!(rest.is_zero());

        let mut by_hand = form();
        let typed = [(InvoiceNumber::new("FA2"), "300 000".to_owned())];
        by_hand.by_hand = Some(typed.into_iter().collect());
        let (lines, rest) = allocated(&by_hand, 500_000);
        assert_eq!(lines, [("FA2".into(), 300_000.into())]);
        assert_eq!(rest, 200_000.into());
    }

    #[wasm_bindgen_test]
    fn the_whole_of_an_invoice_is_meant_before_a_part_of_an_older_one() {
        let found = found(&form(), 1_042_207);
        assert_eq!(found.rule, Rule::ExactMatch);
        let lines: Vec<_> = found.list().into_iter().map(|line| line.invoice).collect();
        assert_eq!(lines, [InvoiceNumber::new("FA2")]);
    }

    #[wasm_bindgen_test]
    fn a_line_that_is_no_amount_is_named_and_never_taken_for_zero() {
        let mut by_hand = form();
        let typed = [(InvoiceNumber::new("FA1"), "12O OOO".to_owned())];
        by_hand.by_hand = Some(typed.into_iter().collect());
        let found = found(&by_hand, 500_000);
        assert_eq!(found.unreadable, [InvoiceNumber::new("FA1")]);
    }

    #[wasm_bindgen_test]
    fn an_invoice_settled_since_the_draft_stays_in_the_list_for_the_check_to_name() {
        let mut by_hand = form();
        let typed = [(InvoiceNumber::new("GONE"), "1".to_owned())];
        by_hand.by_hand = Some(typed.into_iter().collect());
        let (lines, _) = allocated(&by_hand, 10);
        assert_eq!(lines, [("GONE".into(), 1.into())]);
    }
}
