//! Columns side by side, as SVG: the picture stretches with the screen, the words around it stay text.

use crate::locales::{Texts, use_texts};
use leptos::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A place on the chart's axis.
#[derive(Clone)]
pub struct ChartColumn {
    pub label: String,
    /// A second line under the label.
    pub note: String,
    /// Values with the class that fills them. A negative one has no bar: the table beside the chart says it.
    pub bars: Vec<(Decimal, &'static str)>,
}

/// More columns than that have every second label only on a phone.
const LABELS_MAX: usize = 7;
/// Width of a column and of its bars together, in units of the drawing; its height is 1,000.
const COLUMN: usize = 100;
const BARS: usize = 70;

/// `label` says in words what the picture shows; `legend` names the classes where there are several.
#[component]
pub fn Chart(
    #[prop(into)] label: String,
    columns: Vec<ChartColumn>,
    #[prop(optional)] legend: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let t = use_texts();
    let values = columns.iter().flat_map(|column| &column.bars);
    let top = top(values.map(|(value, _)| *value).max().unwrap_or_default());
    let width = columns.len() * COLUMN;
    let mut bars = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let step = BARS / column.bars.len().max(1);
        for (n, (value, class)) in column.bars.iter().enumerate() {
            let height = (value * Decimal::ONE_THOUSAND / top).to_u32().unwrap_or(0);
            // A sliver stays visible.
            let height = if value > &Decimal::ZERO {
                height.max(4)
            } else {
                0
            };
            let x = at * COLUMN + (COLUMN - BARS) / 2 + n * step;
            bars.push(view! {
                <rect class=*class x=x.to_string() y=(1000 - height.min(1000)).to_string() width=(step - 4).to_string() height=height.to_string()></rect>
            }.into_any());
        }
    }
    let class = if columns.len() > LABELS_MAX {
        "chart many"
    } else {
        "chart"
    };
    let grid = [
        "M0 0H",
        &width.to_string(),
        "M0 500H",
        &width.to_string(),
        "M0 1000H",
        &width.to_string(),
    ]
    .concat();
    let axis = [top, top / Decimal::TWO, Decimal::ZERO].map(|value| t.compact(value));
    view! {
        <figure class=class role="img" aria-label=label>
            <div class="chart-axis">{axis.into_iter().map(|text| view! { <span>{text}</span> }.into_any()).collect_view()}</div>
            <svg viewBox=["0 0 ", &width.to_string(), " 1000"].concat() preserveAspectRatio="none" aria-hidden="true">
                <path d=grid></path>
                {bars}
            </svg>
            <div class="chart-labels">
                {columns.into_iter().map(|column| view! { <span>{column.label}<small>{column.note}</small></span> }.into_any()).collect_view()}
            </div>
        </figure>
        {(!legend.is_empty()).then(|| view! {
            <div class="legend">
                {legend.into_iter().map(|(class, name)| view! { <span><span class=["swatch ", class].concat()></span>{name}</span> }.into_any()).collect_view()}
            </div>
        }.into_any())}
    }
}

/// The end of the axis: the next round number whose half is round, too.
fn top(largest: Decimal) -> Decimal {
    let mut power = Decimal::ONE;
    while power * Decimal::TEN <= largest {
        power *= Decimal::TEN;
    }
    let steps = [1, 2, 4, 6, 8].map(|step| power * Decimal::from(step));
    steps
        .into_iter()
        .find(|step| *step >= largest)
        .unwrap_or(power * Decimal::TEN)
}

impl Texts {
    /// `12,5 M`: few digits, for the axis of a chart.
    pub fn compact(self, value: Decimal) -> String {
        let units = [(9, self.unit_billion()), (6, "M"), (3, "k")];
        for (digits, unit) in units {
            let unit_value = Decimal::from(10_i64.pow(digits));
            if value.abs() >= unit_value {
                return [
                    &self.decimal((value / unit_value).round_dp(1).normalize()),
                    "\u{a0}",
                    unit,
                ]
                .concat();
            }
        }
        self.decimal(value.round_dp(1).normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tournee_domain::format::Language;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn an_axis_ends_at_a_round_number() {
        let top = |value: i64| super::top(Decimal::from(value)).to_string();
        assert_eq!(
            [0, 1, 9, 10, 61, 950].map(top),
            ["1", "1", "10", "10", "80", "1000"]
        );
        let text = |value: i64| Texts(Language::Fr).compact(Decimal::from(value));
        assert_eq!(
            [0, 950, 12_500, 4_000_000].map(text),
            ["0", "950", "12,5\u{a0}k", "4\u{a0}M"]
        );
    }
}
