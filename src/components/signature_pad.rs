//! A signature on glass: finger, pen or mouse. Who cannot draw signs on paper, and a photo of it is taken.

use super::strokes::{GLASS_HEIGHT, GLASS_WIDTH, POINTS_MAX, Strokes};
use super::{Icon, Sign};
use crate::locales::use_texts;
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

#[component]
pub fn SignaturePad(
    #[prop(into)] label: String,
    #[prop(into)] strokes: Signal<Strokes>,
    #[prop(into)] on_change: Callback<Strokes>,
    /// Where two are on one page, what the second is called in tests.
    #[prop(default = "signature")]
    testid: &'static str,
) -> impl IntoView {
    let t = use_texts();
    let id = |part| [testid, part].concat();
    let drawing = RwSignal::new(None::<Vec<(i32, i32)>>);
    let point_of = |event: &PointerEvent| {
        let glass = event
            .current_target()?
            .dyn_into::<web_sys::Element>()
            .ok()?;
        let (width, height) = (glass.client_width().max(1), glass.client_height().max(1));
        let x = (event.offset_x() * GLASS_WIDTH / width).clamp(0, GLASS_WIDTH);
        let y = (event.offset_y() * GLASS_HEIGHT / height).clamp(0, GLASS_HEIGHT);
        Some((x, y))
    };
    let down = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(glass) = event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        {
            // Without capture a stroke that leaves the glass ends there: no harm.
            let _ = glass.set_pointer_capture(event.pointer_id());
        }
        drawing.set(point_of(&event).map(|point| vec![point]));
    };
    let moved = move |event: PointerEvent| {
        if drawing.with_untracked(Option::is_none) {
            return;
        }
        let Some(point) = point_of(&event) else {
            return;
        };
        drawing.update(|stroke| {
            if let Some(stroke) = stroke
                && stroke.last() != Some(&point)
                && stroke.len() < POINTS_MAX
            {
                stroke.push(point);
            }
        });
    };
    let up = move |_: PointerEvent| {
        let Some(stroke) = drawing.get_untracked() else {
            return;
        };
        drawing.set(None);
        let mut all = strokes.get_untracked();
        if all.points() + stroke.len() <= POINTS_MAX {
            all.strokes.push(stroke);
            on_change.run(all);
        }
    };
    let undo = move |_| {
        let mut all = strokes.get_untracked();
        all.strokes.pop();
        on_change.run(all);
    };
    let current = move || {
        drawing.with(|stroke| {
            stroke
                .clone()
                .map(|stroke| {
                    Strokes {
                        strokes: vec![stroke],
                        ..Strokes::default()
                    }
                    .path()
                })
                .unwrap_or_default()
        })
    };
    let empty = move || strokes.with(Strokes::is_empty);
    view! {
        <div class="field">
            <span class="label">{label.clone()}</span>
            <span class="hint">{t.signature_hint()}</span>
            <svg
                class="glass strokes"
                viewBox=format!("0 0 {GLASS_WIDTH} {GLASS_HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=label
                data-testid=id("-glass")
                on:pointerdown=down
                on:pointermove=moved
                on:pointerup=up
                on:pointercancel=up
            >
                <path d=move || strokes.with(Strokes::path)></path>
                <path d=current></path>
            </svg>
            <div class="row center glass-row">
                <span class="hint" role="status">{move || if empty() { "" } else { t.signature_there() }}</span>
                <span class="row center">
                    <button type="button" class="btn quiet" disabled=empty data-testid=id("-undo") on:click=undo>
                        <Icon sign=Sign::Undo small=true />
                        {t.undo()}
                    </button>
                    <button type="button" class="btn quiet" disabled=empty data-testid=id("-clear") on:click=move |_| on_change.run(Strokes::default())>
                        {t.clear()}
                    </button>
                </span>
            </div>
        </div>
    }
}
