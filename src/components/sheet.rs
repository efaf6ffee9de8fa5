//! A sheet over the page: the browser's own dialog, so that Escape closes it and the focus stays inside.

use super::{Icon, Sign};
use crate::locales::use_texts;
use leptos::html::Dialog;
use leptos::prelude::*;

#[component]
pub fn Sheet(
    #[prop(into)] title: Signal<String>,
    open: RwSignal<bool>,
    children: ChildrenFn,
) -> impl IntoView {
    let t = use_texts();
    let node = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                // It fails only when the dialog has just left the page; then nobody waits for it.
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog class="sheet" node_ref=node aria-labelledby="sheet-title" on:close=move |_| open.set(false)>
            {move || {
                open.get().then(|| view! {
                    <div class="sheet-head">
                        <h2 id="sheet-title">{move || title.get()}</h2>
                        <button type="button" class="btn quiet icon-only" aria-label=t.close() data-testid="sheet-close" on:click=move |_| open.set(false)>
                            <Icon sign=Sign::Close />
                        </button>
                    </div>
                    <div class="sheet-body">{children()}</div>
                }.into_any())
            }}
        </dialog>
    }
}
