//! One line of a timeline: a sign, a title, who and when, and what belongs to it.

use super::{Icon, Sign};
use leptos::prelude::*;

#[component]
pub fn EventLine(
    sign: Sign,
    #[prop(into)] title: String,
    #[prop(into)] meta: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <li data-testid="event">
            <span class="dot"><Icon sign=sign /></span>
            <div class="stack tight">
                <p class="strong wrap">{title}</p>
                <p class="small muted">{meta}</p>
                {children.map(|children| children())}
            </div>
        </li>
    }
}
