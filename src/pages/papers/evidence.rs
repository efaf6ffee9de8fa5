//! What proves a paper: photos and a signature on glass, kept in the draft until the fact is recorded.

use crate::components::{FieldError, Photo, SignaturePad, Strokes};
use crate::locales::use_texts;
use crate::pages::capture::{PhotoField, photo_blobs, signature_blob};
use crate::state::BlobRecord;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tournee_domain::fact::{Attachment, AttachmentKind};

/// Photos of one paper at most; a longer document goes in several records.
const PAPER_PHOTOS_MAX: usize = 8;

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
    pub fn attachments(&self) -> (Vec<Attachment>, Vec<BlobRecord>) {
        photo_blobs(&self.photos)
            .chain(signature_blob(AttachmentKind::Signature, &self.strokes))
            .unzip()
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
    let photos = Signal::derive(move || evidence.with(|evidence| evidence.photos.clone()));
    let strokes = Signal::derive(move || evidence.with(|evidence| evidence.strokes.clone()));
    let set_photos = move |photos| {
        let strokes = strokes.get_untracked();
        on_change.run(Evidence { photos, strokes });
    };
    let set_strokes = move |strokes| {
        let photos = photos.get_untracked();
        on_change.run(Evidence { photos, strokes });
    };
    view! {
        <PhotoField
            id="paper-evidence"
            title=t.paper_photos()
            hint=t.paper_photos_hint()
            photos=photos
            on_change=Callback::new(set_photos)
            most=PAPER_PHOTOS_MAX
            errors=errors
        />
        <section class="card stack">
            <SignaturePad label=signature_label strokes=strokes on_change=Callback::new(set_strokes) />
            <p class="small muted">{t.signature_alternative()}</p>
        </section>
    }
}
