//! What a form takes in besides words: photos made small and signatures, kept in its draft until the fact is recorded.

use crate::components::{FieldError, Photo, PhotoPicker, STROKES_MEDIA_TYPE, Strokes};
use crate::locales::use_texts;
use crate::state::BlobRecord;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tournee_domain::BlobHash;
use tournee_domain::fact::{Attachment, AttachmentKind};

/// Photos as the fact names them, and their bytes.
pub fn photo_blobs(photos: &[Photo]) -> impl Iterator<Item = (Attachment, BlobRecord)> {
    photos.iter().filter_map(|photo| {
        let bytes = STANDARD.decode(&photo.base64).ok()?;
        Some(blob(AttachmentKind::Photo, &photo.media_type, bytes))
    })
}

/// A signature as the fact names it, and its bytes; `None` while the glass holds none.
pub fn signature_blob(kind: AttachmentKind, strokes: &Strokes) -> Option<(Attachment, BlobRecord)> {
    let bytes = strokes.to_json().into_bytes();
    strokes
        .is_signature()
        .then(|| blob(kind, STROKES_MEDIA_TYPE, bytes))
}

/// Names `bytes` by their hash, for the fact and for the store.
fn blob(kind: AttachmentKind, media_type: &str, bytes: Vec<u8>) -> (Attachment, BlobRecord) {
    let hash = BlobHash::new(&tournee_sync::encoding::Hash::of(&bytes).to_string());
    let size_bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    (
        Attachment {
            kind,
            hash: hash.clone(),
            media_type: media_type.to_owned(),
            size_bytes,
        },
        BlobRecord {
            hash,
            media_type: media_type.to_owned(),
            bytes,
        },
    )
}

/// Takes up to `most` photos; one that cannot be read is named in `errors` under `id`, the place of the photos.
#[component]
pub fn PhotoField(
    id: &'static str,
    #[prop(into)] title: String,
    #[prop(into)] hint: String,
    #[prop(into)] photos: Signal<Vec<Photo>>,
    #[prop(into)] on_change: Callback<Vec<Photo>>,
    most: usize,
    errors: RwSignal<Vec<FieldError>>,
) -> impl IntoView {
    let t = use_texts();
    let working = RwSignal::new(0_u32);
    let pick = move |file: web_sys::File| {
        working.update(|working| *working += 1);
        spawn_local(async move {
            let prepared = crate::browser::photo::prepare(file).await;
            working.try_update(|working| *working = working.saturating_sub(1));
            let Ok(blob) = prepared else {
                errors.try_set(vec![FieldError::new(id, t.photo_refused())]);
                return;
            };
            let photo = Photo {
                hash: blob.hash.to_string(),
                media_type: blob.media_type,
                base64: STANDARD.encode(&blob.bytes),
            };
            if let Some(mut photos) = photos.try_get_untracked()
                && photos.len() < most
                && !photos.contains(&photo)
            {
                photos.push(photo);
                on_change.try_run(photos);
            }
        });
    };
    let remove = move |at: usize| {
        let mut photos = photos.get_untracked();
        if at < photos.len() {
            photos.remove(at);
        }
        on_change.run(photos);
    };
    let title_id = [id, "-title"].concat();
    view! {
        <section class="card stack" id=id aria-labelledby=title_id>
            <h2 id=title_id.clone()>{title}</h2>
            <p class="small muted">{hint}</p>
            <PhotoPicker
                photos=photos
                most=most
                on_pick=Callback::new(pick)
                on_remove=Callback::new(remove)
                busy=Signal::derive(move || working.get() > 0)
            />
        </section>
    }
}
