//! The ageing scale as a bar, and in words: overdue never by colour alone.

use crate::locales::use_texts;
use leptos::prelude::*;
use tournee_domain::{Amount, Currency};

/// Each amount's share of their sum in thousandths; zero and negative amounts have none.
fn shares_permille(amounts: &[Amount]) -> Vec<u32> {
    let total: Amount = amounts
        .iter()
        .copied()
        .filter(|amount| amount.is_positive())
        .sum();
    let share = |amount: &Amount| {
        if !amount.is_positive() {
            return 0;
        }
        let share = (amount.0 * Amount::from(1000).0 / total.0).round();
        u32::try_from(share).unwrap_or(0).max(1)
    };
    amounts.iter().map(share).collect()
}

/// One colour a bucket. A legend or a sentence beside it says the same in words.
#[component]
pub fn AgeingBar(
    buckets: Vec<Amount>,
    currency: Currency,
    #[prop(optional)] thin: bool,
) -> impl IntoView {
    let t = use_texts();
    let names = t.age_names();
    let shares = shares_permille(&buckets);
    let label = buckets
        .iter()
        .enumerate()
        .filter(|(_, amount)| amount.is_positive())
        .map(|(age, amount)| [names[age.min(4)], " ", &t.money(*amount, currency)].concat())
        .collect::<Vec<_>>()
        .join(", ");
    let label = if label.is_empty() {
        t.age_nothing_open().to_owned()
    } else {
        [t.age_split(), " ", &label].concat()
    };
    view! {
        <div class=if thin { "ages thin" } else { "ages" } role="img" aria-label=label>
            {shares
                .into_iter()
                .enumerate()
                .filter(|(_, share)| *share > 0)
                .map(|(age, share)| view! { <i class=format!("age-{}", age.min(4)) style:flex-grow=share.to_string()></i> }.into_any())
                .collect_view()}
        </div>
    }
}

/// The words of the scale with each share, in percent or as amounts.
#[component]
pub fn AgeingLegend(
    buckets: Vec<Amount>,
    #[prop(optional)] currency: Option<Currency>,
) -> impl IntoView {
    let t = use_texts();
    let names = t.age_names();
    let shares = shares_permille(&buckets);
    view! {
        <div class="legend">
            {buckets
                .into_iter()
                .enumerate()
                .filter(|(_, amount)| amount.is_positive())
                .map(|(age, amount)| {
                    let figure = match currency {
                        Some(currency) => t.money(amount, currency),
                        None => t.percent(&((shares[age] + 5) / 10).to_string()),
                    };
                    view! {
                        <span>
                            <span class=format!("swatch age-{}", age.min(4))></span>
                            {names[age.min(4)]}
                            <span class="num strong">{figure}</span>
                        </span>
                    }
                })
                .collect_view()}
        </div>
    }
}

impl crate::locales::Texts {
    /// Names of the ageing buckets of [`tournee_domain::ageing::Bounds`]' default, in order.
    pub fn age_names(self) -> [&'static str; 5] {
        [
            self.age_0(),
            self.age_1(),
            self.age_2(),
            self.age_3(),
            self.age_4(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn shares_are_of_what_is_owed_and_nothing_vanishes() {
        let shares = |amounts: &[i64]| {
            shares_permille(
                &amounts
                    .iter()
                    .copied()
                    .map(Amount::from)
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(shares(&[250, 250, 500]), [250, 250, 500]);
        // A credit is no part of the bar; a sliver stays visible.
        assert_eq!(shares(&[1_000_000, -400_000, 1]), [1000, 0, 1]);
        assert_eq!(shares(&[0, 0]), [0, 0]);
    }
}
