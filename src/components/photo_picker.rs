//! Photos from the camera or a file, seen before they are kept, each removable.

use super::{Icon, Sign};
use crate::locales::use_texts;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;

/// A photo already made small, as it lies in a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// SHA-256 of the bytes.
    pub hash: String,
    pub media_type: String,
    /// The bytes in base64.
    pub base64: String,
}

#[component]
pub fn PhotoPicker(
    #[prop(into)] photos: Signal<Vec<Photo>>,
    /// Photos it takes at most.
    most: usize,
    #[prop(into)] on_pick: Callback<web_sys::File>,
    #[prop(into)] on_remove: Callback<usize>,
    /// A photo is being made small.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    let t = use_texts();
    let picked = move |event: web_sys::Event| {
        let Some(input) = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok())
        else {
            return;
        };
        let Some(files) = input.files() else { return };
        for at in 0..files.length() {
            if let Some(file) = files.get(at) {
                on_pick.run(file);
            }
        }
        // The same file may be chosen again after it was removed.
        input.set_value("");
    };
    let full = move || photos.with(|photos| photos.len() >= most);
    view! {
        <div class="stack">
            <div class="pair">
                <label class="btn pick">
                    <Icon sign=Sign::Camera />
                    {t.photo_take()}
                    <input type="file" accept="image/*" capture="environment" data-testid="photo-camera" aria-label=t.photo_take() disabled=full on:change=picked />
                </label>
                <label class="btn pick">
                    <Icon sign=Sign::Upload />
                    {t.photo_choose()}
                    <input type="file" accept="image/*" multiple data-testid="photo-file" aria-label=t.photo_choose() disabled=full on:change=picked />
                </label>
            </div>
            {move || busy.get().then(|| view! { <super::Busy label=t.photo_working() /> }.into_any())}
            <ul class="photos" aria-label=t.photos()>
                {move || {
                    photos
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(at, photo)| {
                            let number = (at + 1).to_string();
                            view! {
                                <li data-testid="photo">
                                    <img src=["data:", &photo.media_type, ";base64,", &photo.base64].concat() alt=t.photo_n(&number) />
                                    <button type="button" class="btn icon-only" aria-label=t.photo_remove(&number) on:click=move |_| on_remove.run(at)>
                                        <Icon sign=Sign::Trash small=true />
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </div>
    }
}
