//! An amount that was one thing and will be another.

use leptos::prelude::*;

#[component]
pub fn AmountChange(
    #[prop(into)] name: String,
    #[prop(into)] from: String,
    #[prop(into)] to: String,
) -> impl IntoView {
    view! {
        <div class="row">
            <span class="strong wrap">{name}</span>
            <span class="num"><span class="muted">{from}</span>" → "<span class="strong">{to}</span></span>
        </div>
    }
}
