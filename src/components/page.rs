//! The frame of every screen: title, way back, state of the sync, the one primary action at the foot.

use super::live::after_a_frame;
use super::{Icon, Sign};
use crate::locales::use_texts;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Draws the sync chip in the header of every page; given by the shell, so that pages need not pass it on.
#[derive(Clone)]
pub struct HeaderEnd(pub ViewFn);

/// What stands above the content of every page while it must be seen; given by the shell.
#[derive(Clone)]
pub struct PageTop(pub ViewFn);

/// The way back as a link: the page's parent, so that it also works after a reload.
pub fn back_to(path: impl Into<String>) -> Option<String> {
    Some(path.into())
}

#[component]
pub fn Page(
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] subtitle: Signal<String>,
    #[prop(optional_no_strip)] back: Option<String>,
    /// Uses the whole width: tables.
    #[prop(optional)]
    wide: bool,
    /// The children scroll by themselves.
    #[prop(optional)]
    flush: bool,
    /// A step inside a screen: a smaller title although there is no way back by link.
    #[prop(optional)]
    step: bool,
    #[prop(optional, into)] actions: ViewFnOnceOption,
    #[prop(optional, into)] foot: ViewFnOnceOption,
    /// What Enter in a line of text does: the primary action of a form.
    #[prop(optional, into)]
    on_enter: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let t = use_texts();
    let heading = NodeRef::<leptos::html::H1>::new();
    // What the browser writes above the page can wait for the page.
    Effect::new(move |_| {
        let title = [title.get().as_str(), " · Tournée"].concat();
        match document().hidden() {
            // There are no frames.
            true => document().set_title(&title),
            false => after_a_frame(move || document().set_title(&title)),
        }
    });
    let first = use_context::<FirstPage>();
    if first.is_some_and(|first| !first.0.get_value()) {
        leave_focus();
    }
    // After a navigation the reader stands at the new page's title; the very first page leaves the focus alone.
    Effect::new(move |_| {
        if let Some(heading) = heading.get()
            && let Some(first) = first
        {
            if first.0.get_value() {
                first.0.set_value(false);
            } else {
                // Focus makes the browser lay the page out: not before the frame that does so anyway.
                after_a_frame(move || stand_at(&heading));
            }
        }
    });
    let enter = move |event: leptos::ev::KeyboardEvent| {
        if let Some(act) = on_enter
            && event.key() == "Enter"
            && !event.is_composing()
            && is_line_of_text(&event)
        {
            event.prevent_default();
            // Leaving the input first lets a value that is taken on change be taken.
            if let Some(input) = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
            {
                let _ = input.blur();
            }
            act.run(());
        }
    };
    let sub = step || back.is_some();
    let header_end = use_context::<HeaderEnd>();
    let top = use_context::<PageTop>().map(|top| top.0.run());
    let top = view! { <div class="page-alarm">{top}</div> };
    let class = match (wide, flush) {
        (true, _) => "page wide",
        (_, true) => "page flush",
        _ => "page",
    };
    view! {
        <div class=class on:keydown=enter>
            <header class=if sub { "page-top sub" } else { "page-top" }>
                {back.map(|back| view! {
                    <a class="back" href=back aria-label=t.back() data-testid="back"><Icon sign=Sign::Back /></a>
                }.into_any())}
                <div class="titles">
                    <h1 tabindex="-1" node_ref=heading>{move || title.get()}</h1>
                    {move || subtitle.with(|text| (!text.is_empty()).then(|| view! { <p class="small muted">{text.clone()}</p> }.into_any()))}
                </div>
                {actions.0.map(|actions| view! { <div class="page-actions">{actions()}</div> }.into_any())}
                {header_end.map(|end| end.0.run())}
            </header>
            {if flush {
                view! { {top}{children()} }.into_any()
            } else {
                view! { <div class="page-body"><div class="content">{top}{children()}</div></div> }.into_any()
            }}
            {foot.0.map(|foot| view! { <footer class="page-foot"><div>{foot()}</div></footer> }.into_any())}
        </div>
    }
}

/// What was tapped on the former page gives the focus up before the new one is in the document: the browser looks for another
/// place of a focus whose element is taken away, and lays out both pages for it. What somebody types in is left alone, for leaving it
/// takes what was typed.
fn leave_focus() {
    let focused = document().active_element();
    let tapped = focused.filter(|element| {
        let in_sheet = element.closest("dialog[open]").ok().flatten().is_some();
        !in_sheet && ["A", "BUTTON", "H1"].contains(&element.tag_name().as_str())
    });
    if let Some(tapped) = tapped.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        // What is gone meanwhile has no focus.
        let _ = tapped.blur();
    }
}

/// Puts the focus on a page's heading, unless something of the page has it already.
fn stand_at(heading: &web_sys::HtmlElement) {
    let page = heading.closest(".page").ok().flatten();
    let focused = document().active_element();
    if !page.is_some_and(|page| page.contains(focused.as_deref())) {
        // A heading that is gone meanwhile takes no focus.
        let _ = heading.focus();
    }
}

/// Whether no page has been shown yet.
#[derive(Clone, Copy)]
pub struct FirstPage(pub StoredValue<bool>);

/// A slot that may be left out.
#[derive(Default)]
pub struct ViewFnOnceOption(Option<Box<dyn FnOnce() -> AnyView + Send>>);

impl<F, V> From<F> for ViewFnOnceOption
where
    F: FnOnce() -> V + Send + 'static,
    V: IntoView + 'static,
{
    fn from(slot: F) -> Self {
        Self(Some(Box::new(move || slot().into_any())))
    }
}

/// Whether a key was pressed in a one-line input, not in a box, a choice or a button.
fn is_line_of_text(event: &leptos::ev::KeyboardEvent) -> bool {
    let input = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    input.is_some_and(|input| !["checkbox", "radio", "file"].contains(&input.type_().as_str()))
}
