//! Taxes the client keeps back from what it pays (PRODUCT C7): proposed by the country's rules, as the client says.

use super::allocation::Allocations;
use super::form::PayForm;
use crate::components::{AmountInput, FieldError, Folded, SelectField, live};
use crate::locales::{Texts, use_texts};
use leptos::prelude::*;
use std::sync::Arc;
use tournee_domain::dossier::{Invoice, ReductionKind};
use tournee_domain::fact::{Allocation, Withheld};
use tournee_domain::pack::{Rule, Withholding};
use tournee_domain::{Amount, Currency, Dossier, InvoiceNumber, Money, parse};

/// What is kept back on each invoice paid, by the rule chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taxes {
    /// One an invoice paid, also of nothing.
    pub lines: Vec<Withheld>,
    pub errors: Vec<FieldError>,
}

impl Taxes {
    pub fn of(
        t: Texts,
        form: &PayForm,
        rules: &[Withholding],
        dossier: &Dossier,
        allocations: &[Allocation],
        currency: Currency,
    ) -> Self {
        let mut taxes = Self::default();
        let Some(rule) = rules.iter().find(|rule| rule.key() == form.withheld_rule) else {
            return taxes;
        };
        for part in allocations {
            let mut invoices = dossier.invoices.iter();
            let Some(invoice) = invoices.find(|known| known.number == part.invoice) else {
                continue;
            };
            let amount = match form.withheld.get(&invoice.number) {
                None => proposed(rule, invoice, part.amount),
                Some(text) if text.trim().is_empty() => Amount::ZERO,
                Some(text) => match parse::amount(text, currency) {
                    Ok(amount) if !amount.is_negative() && amount <= room(invoice, part.amount) => {
                        amount
                    }
                    _ => {
                        let most = t.money(room(invoice, part.amount), currency);
                        let message = t.withheld_wrong(invoice.number.as_str(), &most);
                        taxes
                            .errors
                            .push(FieldError::new(field(&invoice.number), message));
                        continue;
                    }
                },
            };
            taxes.lines.push(Withheld {
                invoice: invoice.number.clone(),
                tax: rule.tax.clone(),
                amount,
            });
        }
        taxes
    }

    /// As recorded.
    pub fn recorded(&self) -> Vec<Withheld> {
        let lines = self.lines.iter().filter(|line| line.amount.is_positive());
        lines.cloned().collect()
    }
}

/// The tax on the whole invoice, once, as far as what is paid leaves room.
fn proposed(rule: &Withholding, invoice: &Invoice, paid: Amount) -> Amount {
    let kept_before = invoice
        .reductions
        .iter()
        .any(|kept| matches!(&kept.what, ReductionKind::Withheld { tax, .. } if *tax == rule.tax));
    let money = |amount| Money::new(amount, invoice.currency);
    let tax = money(invoice.net).and_then(|net| rule.on(net, money(invoice.vat)?));
    match tax {
        Ok(tax) if !kept_before => tax.amount().min(room(invoice, paid)),
        _ => Amount::ZERO,
    }
}

/// What is neither paid nor kept back already.
fn room(invoice: &Invoice, paid: Amount) -> Amount {
    let pending = invoice
        .reductions
        .iter()
        .filter(|kept| kept.counts_from().is_none());
    let pending: Amount = pending.map(|kept| kept.amount - kept.booked).sum();
    (invoice.open() - pending - paid).max(Amount::ZERO)
}

fn field(invoice: &InvoiceNumber) -> String {
    ["withheld-", invoice.as_str()].concat()
}

#[component]
pub fn WithheldTaxes(
    form: RwSignal<PayForm>,
    rules: Arc<Vec<Withholding>>,
    taxes: Memo<Taxes>,
    allocations: Memo<Allocations>,
    currency: Currency,
) -> impl IntoView {
    let t = use_texts();
    let mut options = vec![(String::new(), t.withheld_none().to_owned())];
    options.extend(rules.iter().map(|rule| {
        let name = [&rule.tax, " ", &t.rate(rule.rate)].concat();
        (rule.key(), name)
    }));
    // A line stays while its invoice is paid, whatever is typed in it.
    let paid = Memo::new(move |_| {
        let chosen = form.with(|form| !form.withheld_rule.is_empty());
        let lines = allocations.with(Allocations::list).into_iter();
        let numbers: Vec<_> = lines.filter(|_| chosen).map(|line| line.invoice).collect();
        numbers
    });
    let lines = move || {
        let lines = paid.get().into_iter().map(|number| {
            let id = field(&number);
            let (of, wrong) = (number.clone(), id.clone());
            let value = Signal::derive(move || {
                let typed = form.with(|form| form.withheld.get(&of).cloned());
                typed.unwrap_or_else(|| taxes.with(|taxes| {
                    let line = taxes.lines.iter().find(|line| line.invoice == of);
                    line.map_or(String::new(), |line| t.amount(line.amount, currency))
                }))
            });
            let error = Signal::derive(move || taxes.with(|taxes| {
                let mut errors = taxes.errors.iter();
                errors.find(|error| error.id == wrong).map(|error| error.message.clone())
            }));
            let label = t.withheld_on(number.as_str());
            let shown = label.clone();
            let on_change = Callback::new(move |text: String| {
                form.update(|form| {
                    form.withheld.insert(number.clone(), text);
                });
            });
            view! {
                <div class="row center"><span class="wrap">{shown}</span><AmountInput id=id label=label value=value currency=currency invalid=Signal::derive(move || error.with(Option::is_some)) on_change=on_change /></div>
                {move || error.get().map(|message| view! { <p class="small danger strong">{message}</p> }.into_any())}
            }.into_any()
        });
        lines.collect_view()
    };
    let begun = form.with_untracked(|form| !form.withheld_rule.is_empty());
    view! {
        <Folded class="card" begun=begun summary=view! { <summary class="strong" data-testid="withheld-open">{t.withheld_title()}</summary> }.into_any()>
            <div class="stack">
                <p class="small muted prose">{t.withheld_hint()}</p>
                <SelectField id="withheld-rule" label=t.withheld_rule() options=options bind=slice!(form.withheld_rule) />
                {live(lines)}
            </div>
        </Folded>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tournee_domain::format::Language;
    use tournee_domain::pack::TaxBase;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn dossier() -> Dossier {
        let invoice = |number: &str, reductions: &str| {
            format!(
                r#"{{"number":"{number}","kind":"invoice","currency":"XOF","invoice_date":"2026-10-01","due_date":"2026-10-31",
                "net":"10000000","vat":"1900000","gross":"11900000","settled":"0","settled_on":"2026-10-31","reductions":[{reductions}],
                "discharge":{{"kind":"to_deposit"}}}}"#
            )
        };
        let before = r#"{"fact":"00000000-0000-0000-0000-000000000001","date":"2026-11-01",
            "what":{"kind":"withheld","tax":"ISB","attestation":null},"amount":"200000"}"#;
        let invoices = [invoice("FA1", ""), invoice("FA2", before)].join(",");
        let text = format!(r#"{{"client":{{"code":"C1","name":"Aïr"}},"invoices":[{invoices}]}}"#);
        Dossier::read(&text).unwrap()
    }

    fn rule() -> Withholding {
        Withholding {
            tax: "ISB".into(),
            base: TaxBase::Net,
            rate: "0.02".parse().unwrap(),
            payer: "with_tax_id".into(),
            exempt_with: None,
            remitted_by_day: None,
            valid_from: None,
            valid_to: None,
            source: "loi".into(),
            confirmed: false,
            note: String::new(),
        }
    }

    /// What is kept back on FA1 and FA2, or which line is wrong, when `paid` is paid on each.
    fn kept(paid: i64, typed: Option<(&str, &str)>) -> Result<Vec<(String, Amount)>, String> {
        let mut form = PayForm::new(
            tournee_domain::FactId(uuid::Uuid::nil()),
            chrono::NaiveDate::MIN,
        );
        form.withheld_rule = rule().key();
        form.withheld
            .extend(typed.map(|(number, text)| (InvoiceNumber::new(number), text.to_owned())));
        let lines = ["FA1", "FA2"].map(|number| Allocation {
            invoice: InvoiceNumber::new(number),
            amount: paid.into(),
        });
        let taxes = Taxes::of(
            Texts(Language::Fr),
            &form,
            &[rule()],
            &dossier(),
            &lines,
            Currency::XOF,
        );
        match taxes.errors.first() {
            Some(error) => Err(error.id.clone()),
            None => {
                let recorded = taxes.recorded().into_iter();
                Ok(recorded
                    .map(|tax| (tax.invoice.to_string(), tax.amount))
                    .collect())
            }
        }
    }

    #[wasm_bindgen_test]
    fn the_tax_is_proposed_once_and_as_far_as_there_is_room() {
        let line = |number: &str, amount: i64| (number.to_owned(), Amount::from(amount));
        // Once: FA2's was kept back before.
        assert_eq!(kept(11_700_000, None), Ok(vec![line("FA1", 200_000)]));
        assert_eq!(kept(11_850_000, None), Ok(vec![line("FA1", 50_000)]));
        assert_eq!(kept(11_900_000, None), Ok(vec![]));
        let by_hand = kept(10_000_000, Some(("FA1", "500 000")));
        assert_eq!(by_hand, Ok(vec![line("FA1", 500_000)]));
        assert_eq!(kept(10_000_000, Some(("FA1", ""))), Ok(vec![]));
        for wrong in ["1 900 001", "-1", "deux"] {
            assert_eq!(
                kept(10_000_000, Some(("FA1", wrong))),
                Err("withheld-FA1".into()),
                "{wrong}"
            );
        }
        // What was kept back before leaves less room.
        assert_eq!(
            kept(10_000_000, Some(("FA2", "1 700 001"))),
            Err("withheld-FA2".into())
        );
    }
}
