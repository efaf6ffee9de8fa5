//! A list of thousands of rows of equal height that draws only those in sight.

use super::live::{after_a_frame, once_idle};
use crate::browser::viewport;
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;

/// Rows drawn above and below the visible part.
const MARGIN_ROWS: usize = 6;
/// As many rows as a large phone shows, where the browser does not say how high the screen is.
const FIRST_ROWS: usize = 8;
/// Before the list is measured.
const QUARTER_REM_PX: usize = 4;

/// Draws one item at the position it is given.
pub type Row<T, V> = Arc<dyn Fn(usize, &T) -> V + Send + Sync>;

/// `row` draws one item at the position it is given; its class must place it absolutely. `height` is the height of a
/// row in quarters of the root font size, so that larger text makes larger rows.
#[component]
pub fn WindowedList<T, K, V>(
    #[prop(into)] rows: Signal<Arc<Vec<T>>>,
    key: fn(&T) -> K,
    #[prop(into)] row: Row<T, V>,
    height_quarter_rem: usize,
    /// Where the list was left, so that coming back finds it again; set it to scroll there.
    scroll: RwSignal<i32>,
    #[prop(into)] label: String,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    K: Eq + std::hash::Hash + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let node = NodeRef::<Div>::new();
    let fit = |px: usize| px / (height_quarter_rem * QUARTER_REM_PX) + 1;
    let range = RwSignal::new((0, viewport::screen_height().map_or(FIRST_ROWS, fit)));
    // Not known before the list is measured.
    let row_px = StoredValue::new(None::<usize>);
    // Where the list stood when it was last looked at: asking the browser makes it lay the page out at once.
    let stands = StoredValue::new(0);
    let look = move || {
        let list = node.try_get_untracked().flatten();
        let (Some(list), Some(known)) = (list, row_px.try_get_value()) else {
            return;
        };
        let row_px = known.unwrap_or_else(|| {
            let measured = (root_font_px() * height_quarter_rem / 4).max(1);
            row_px.try_set_value(Some(measured));
            measured
        });
        let top = usize::try_from(list.scroll_top()).unwrap_or(0);
        let seen = usize::try_from(list.client_height()).unwrap_or(0);
        stands.try_set_value(list.scroll_top());
        if scroll
            .try_get_untracked()
            .is_some_and(|noted| noted != list.scroll_top())
        {
            scroll.try_set(list.scroll_top());
        }
        let first = (top / row_px).saturating_sub(MARGIN_ROWS);
        let last = (top + seen) / row_px + 1 + MARGIN_ROWS;
        // Some rows more than needed at the end do no harm; taking them away would lay the page out once more.
        let fits = |known: (usize, usize)| {
            known.0 == first && (last..=last + MARGIN_ROWS).contains(&known.1)
        };
        if range.try_get_untracked().is_some_and(|known| !fits(known)) {
            range.try_set((first, last));
        }
    };
    let measure = move || {
        row_px.try_set_value(None);
        look();
    };
    Effect::new(move |_| {
        let Some(list) = node.get() else { return };
        match scroll.get_untracked() {
            // What lies below the screen is drawn once the first rows are on it and nobody waits for anything else.
            0 => after_a_frame(move || once_idle(measure)),
            top => request_animation_frame(move || {
                list.set_scroll_top(top);
                measure();
            }),
        }
    });
    // Somebody else moved it; what the list itself noted is where it stands already.
    Effect::new(move |_| {
        let top = scroll.get();
        if let Some(list) = node.get_untracked().filter(|_| stands.get_value() != top) {
            list.set_scroll_top(top);
            look();
        }
    });
    let on_resize = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || on_resize.remove());

    let offset = move |rows: usize| {
        let quarters = rows * height_quarter_rem;
        format!("{}.{:02}rem", quarters / 4, quarters % 4 * 25)
    };
    let visible = move || {
        let rows = rows.get();
        let (first, last) = range.get();
        let last = last.min(rows.len());
        let first = first.min(last);
        (first..last)
            .map(|at| (at, rows[at].clone()))
            .collect::<Vec<_>>()
    };
    view! {
        <div class="page-body" node_ref=node on:scroll=move |_| look()>
            <ul class="client-window" aria-label=label style:height=move || offset(rows.with(|rows| rows.len()))>
                <For
                    each=visible
                    key=move |(at, item)| (*at, key(item))
                    children=move |(at, item)| {
                        view! { <li style:top=offset(at) class="window-slot">{row(at, &item)}</li> }
                    }
                />
            </ul>
        </div>
    }
}

/// The root font size in whole pixels; 16 when the browser does not say.
fn root_font_px() -> usize {
    document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok().flatten())
        .and_then(|style| style.get_property_value("font-size").ok())
        .and_then(|text| {
            text.split(['.', 'p'])
                .next()
                .and_then(|whole| whole.parse().ok())
        })
        .unwrap_or(16)
}
