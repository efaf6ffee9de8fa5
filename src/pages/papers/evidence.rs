//! What proves a paper: photos and a signature on glass, kept in the draft until the fact is recorded.

use crate::components::{FieldError, Photo, PhotoPicker, SignaturePad, Strokes};
use crate::locales::use_texts;
use crate::pages::receipt::{attachment, signature_blob};
use crate::state::NewBlob;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use tournee_domain::fact::{Attachment, AttachmentKind};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub photos: Vec<Photo>,
    pub strokes: Strokes,
}

impl Evidence {
    pub fn is_empty(&self) -> bool {
        self.photos.is_empty() && !self.strokes.is_signature()
    }

    /// As the fact names them, and their bytes.
    pub fn attachments(&self) -> (Vec<Attachment>, Vec<NewBlob>) {
        let photos = self.photos.iter().filter_map(|photo| {
            let bytes = STANDARD.decode(&photo.base64).ok()?;
            Some(attachment(AttachmentKind::Photo, &photo.media_type, bytes))
        });
        let signature = self
            .strokes
            .is_signature()
            .then(|| signature_blob(&self.strokes));
        photos.chain(signature).unzip()
    }
}

/// Photos, then the signature; `errors` receives photos that cannot be read.
#[component]
pub fn EvidenceFields(
    #[prop(into)] evidence: Signal<Evidence>,
    #[prop(into)] on_change: Callback<Evidence>,
    errors: RwSignal<Vec<FieldError>>,
    #[prop(into)] signature_label: String,
) -> impl IntoView {
    let t = use_texts();
    let working = RwSignal::new(0_u32);
    let pick = move |file: web_sys::File| {
        working.update(|working| *working += 1);
        spawn_local(async move {
            let prepared = crate::browser::photo::prepare(file).await;
            working.try_update(|working| *working = working.saturating_sub(1));
            match prepared {
                Ok(blob) => {
                    if let Some(mut evidence) = evidence.try_get_untracked() {
                        let photo = Photo {
                            hash: blob.hash.to_string(),
                            media_type: blob.media_type,
                            base64: STANDARD.encode(&blob.bytes),
                        };
                        if !evidence.photos.contains(&photo) {
                            evidence.photos.push(photo);
                        }
                        on_change.try_run(evidence);
                    }
                }
                Err(_) => {
                    errors.try_set(vec![FieldError::new("paper-evidence", t.photo_refused())]);
                }
            }
        });
    };
    let remove = move |at: usize| {
        let mut evidence = evidence.get_untracked();
        if at < evidence.photos.len() {
            evidence.photos.remove(at);
        }
        on_change.run(evidence);
    };
    view! {
        <section class="card stack" id="paper-evidence" aria-labelledby="paper-photos-title">
            <h2 id="paper-photos-title">{t.paper_photos()}</h2>
            <p class="small muted">{t.paper_photos_hint()}</p>
            <PhotoPicker
                photos=Signal::derive(move || evidence.with(|evidence| evidence.photos.clone()))
                on_pick=Callback::new(pick)
                on_remove=Callback::new(remove)
                busy=Signal::derive(move || working.get() > 0)
            />
        </section>
        <section class="card stack">
            <SignaturePad
                label=signature_label
                strokes=Signal::derive(move || evidence.with(|evidence| evidence.strokes.clone()))
                on_change=Callback::new(move |strokes| {
                    let mut evidence = evidence.get_untracked();
                    evidence.strokes = strokes;
                    on_change.run(evidence);
                })
            />
            <p class="small muted">{t.signature_alternative()}</p>
        </section>
    }
}
