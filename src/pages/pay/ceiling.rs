//! What the country allows to be paid so on one debt (DOMAIN §5): said, not refused, since the money is there.

use super::allocation::Allocations;
use crate::components::{Notice, live};
use crate::locales::use_texts;
use leptos::prelude::*;
use tournee_domain::pack::{CashCeiling, MethodKind};
use tournee_domain::{Amount, Currency, Dossier, InvoiceNumber};

/// The first invoice on which all payments by `method` together are more than `ceiling` allows, and how much they are.
pub fn beyond(
    ceiling: &CashCeiling,
    dossier: &Dossier,
    method: MethodKind,
    allocations: &Allocations,
) -> Option<(InvoiceNumber, Amount)> {
    let lines = allocations.list().into_iter();
    let totals = lines.map(|line| {
        let total = dossier.paid_on(&line.invoice, method) + line.amount;
        (line.invoice, total)
    });
    let mut beyond = totals.filter(|(_, total)| ceiling.is_exceeded_by(*total));
    beyond.next()
}

/// `found` is what [`beyond`] says.
#[component]
pub fn CeilingNotice(
    found: Memo<Option<(InvoiceNumber, Amount)>>,
    ceiling: Option<CashCeiling>,
    currency: Currency,
) -> impl IntoView {
    let t = use_texts();
    let ceiling = StoredValue::new(ceiling);
    live(move || {
        let (invoice, total) = found.get()?;
        let ceiling = ceiling.get_value()?;
        let (total, most) = (t.money(total, currency), t.money(ceiling.amount, currency));
        Some(view! {
            <Notice tone="warn" testid="ceiling">
                <p class="strong">{t.ceiling_reached(invoice.as_str(), &total, &most)}</p>
                <p class="small">{t.rule_source(&ceiling.source)}</p>
            </Notice>
        })
    })
}
