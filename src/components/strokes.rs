//! A signature as strokes of whole-number points (PRODUCT D4): small, exact, drawn the same everywhere.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub const STROKES_MEDIA_TYPE: &str = "application/vnd.tournee.strokes+json";
/// The glass, in its own units.
pub const GLASS_WIDTH: i32 = 1000;
pub const GLASS_HEIGHT: i32 = 400;
/// Points of one signature; a hand that goes on scribbling adds no more.
pub const POINTS_MAX: usize = 4000;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strokes {
    pub width: i32,
    pub height: i32,
    pub strokes: Vec<Vec<(i32, i32)>>,
}

impl Strokes {
    pub fn is_empty(&self) -> bool {
        self.strokes.is_empty()
    }

    /// More than an accidental touch.
    pub fn is_signature(&self) -> bool {
        self.points() >= 5
    }

    pub fn points(&self) -> usize {
        self.strokes.iter().map(Vec::len).sum()
    }

    /// What was stored as JSON; `None` when it is no drawing.
    pub fn from_json(bytes: &[u8]) -> Option<Self> {
        serde_json::from_str(std::str::from_utf8(bytes).ok()?).ok()
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(&Self {
            width: GLASS_WIDTH,
            height: GLASS_HEIGHT,
            strokes: self.strokes.clone(),
        })
        .unwrap_or_default()
    }

    /// One SVG path for all strokes.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for stroke in &self.strokes {
            for (at, (x, y)) in stroke.iter().enumerate() {
                path.push_str(if at == 0 { "M" } else { "L" });
                path.push_str(&x.to_string());
                path.push(' ');
                path.push_str(&y.to_string());
            }
            if let [(x, y)] = stroke.as_slice() {
                // A dot.
                path.push_str(&format!("L{x} {y}"));
            }
        }
        path
    }
}

/// A stored signature.
#[component]
pub fn StrokesView(strokes: Strokes, #[prop(into)] label: String) -> impl IntoView {
    let width = if strokes.width > 0 {
        strokes.width
    } else {
        GLASS_WIDTH
    };
    let height = if strokes.height > 0 {
        strokes.height
    } else {
        GLASS_HEIGHT
    };
    view! {
        <svg class="strokes" viewBox=format!("0 0 {width} {height}") role="img" aria-label=label>
            <path d=strokes.path()></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_signature_is_drawn_as_lines_and_dots() {
        let strokes = Strokes {
            strokes: vec![vec![(10, 20), (30, 40)], vec![(5, 6)]],
            ..Strokes::default()
        };
        assert_eq!(strokes.path(), "M10 20L30 40M5 6L5 6");
        assert!(
            !strokes.is_signature(),
            "three points are a slip of the hand"
        );
    }

    #[wasm_bindgen_test]
    fn what_is_stored_is_read_back_with_its_size() {
        let strokes = Strokes {
            strokes: vec![vec![(1, 2); 6]],
            ..Strokes::default()
        };
        let read: Strokes = serde_json::from_str(&strokes.to_json()).unwrap();
        assert_eq!((read.width, read.height), (GLASS_WIDTH, GLASS_HEIGHT));
        assert_eq!(read.strokes, strokes.strokes);
    }
}
