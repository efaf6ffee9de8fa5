//! A photo as it is kept: a JPEG of moderate size without the camera's data about place and person (SYNC 33).

use super::js::{call_async, describe, get, integer, object, window};
use crate::state::BlobRecord;
use futures::channel::oneshot;
use tournee_domain::BlobHash;
use tournee_sync::encoding::Hash;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, CanvasRenderingContext2d, File, HtmlCanvasElement, ImageBitmap};

/// Longer side of a kept photo: a signature and a stamp stay readable.
const SIDE_MAX_PX: u32 = 1600;
const MEDIA_TYPE: &str = "image/jpeg";
const QUALITY: f64 = 0.7;
/// Larger files are refused before they are decoded.
pub const FILE_BYTES_MAX: u64 = 25 * 1024 * 1024;

/// Why a file cannot be kept as a photo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    #[error("the file has {size_bytes} bytes; at most {FILE_BYTES_MAX} are accepted")]
    TooLarge { size_bytes: u64 },
    /// This browser reads no HEIC: set the camera to JPEG, or take the photo in the app.
    #[error("this browser cannot read HEIC photos")]
    Heic,
    #[error("the file is not an image")]
    NotAnImage,
    #[error("the browser could not prepare the photo: {0}")]
    Failed(String),
}

/// Re-encodes a photo as a JPEG of at most 1600 pixels, upright, without EXIF data.
///
/// # Errors
/// [`PhotoError`]
pub async fn prepare(file: File) -> Result<BlobRecord, PhotoError> {
    let size_bytes = integer(&get(&file, "size")).and_then(|bytes| u64::try_from(bytes).ok());
    let size_bytes = size_bytes.unwrap_or(u64::MAX);
    if size_bytes > FILE_BYTES_MAX {
        return Err(PhotoError::TooLarge { size_bytes });
    }
    let decoded = decode(&file).await?;
    let drawn = draw(&decoded);
    decoded.close();
    let canvas = drawn.map_err(|error| PhotoError::Failed(describe(&error)))?;
    let bytes = encode(&canvas).await?;
    Ok(BlobRecord {
        hash: BlobHash::new(&Hash::of(&bytes).to_string()),
        media_type: MEDIA_TYPE.to_owned(),
        bytes,
    })
}

async fn decode(file: &File) -> Result<ImageBitmap, PhotoError> {
    // The camera notes how it was held; `from-image` turns the picture upright.
    let options = object(&[("imageOrientation", "from-image".into())]);
    let arguments = [JsValue::from(file.clone()), options];
    let decoded = call_async(&window(), "createImageBitmap", &arguments).await;
    let bitmap = decoded.ok().and_then(|bitmap| bitmap.dyn_into().ok());
    bitmap.ok_or_else(|| {
        if is_heic(file) {
            PhotoError::Heic
        } else {
            PhotoError::NotAnImage
        }
    })
}

fn is_heic(file: &File) -> bool {
    let (kind, name) = (file.type_().to_lowercase(), file.name().to_lowercase());
    ["heic", "heif"]
        .iter()
        .any(|ending| kind.ends_with(ending) || name.ends_with(ending))
}

fn draw(bitmap: &ImageBitmap) -> Result<HtmlCanvasElement, JsValue> {
    let (width, height) = fitted(bitmap.width(), bitmap.height());
    let document = window().document().ok_or(JsValue::UNDEFINED)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.dyn_into()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas
        .get_context("2d")?
        .ok_or(JsValue::UNDEFINED)?
        .dyn_into()?;
    // JPEG has no transparency: what is transparent becomes paper, not black.
    context.set_fill_style_str("#ffffff");
    context.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
    context.draw_image_with_image_bitmap_and_dw_and_dh(
        bitmap,
        0.0,
        0.0,
        f64::from(width),
        f64::from(height),
    )?;
    Ok(canvas)
}

/// The size at which the longer side is at most [`SIDE_MAX_PX`].
fn fitted(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= SIDE_MAX_PX {
        return (width, height);
    }
    let scaled = |side: u32| {
        let side = u64::from(side) * u64::from(SIDE_MAX_PX) / u64::from(longer);
        u32::try_from(side).unwrap_or(SIDE_MAX_PX).max(1)
    };
    (scaled(width), scaled(height))
}

async fn encode(canvas: &HtmlCanvasElement) -> Result<Vec<u8>, PhotoError> {
    let (sender, receiver) = oneshot::channel::<Option<Blob>>();
    let encoded = Closure::once_into_js(move |blob: Option<Blob>| {
        // Nobody waits any more when the form was closed.
        let _sent = sender.send(blob);
    });
    let arguments = [encoded, MEDIA_TYPE.into(), QUALITY.into()];
    super::js::call(canvas, "toBlob", &arguments)
        .map_err(|error| PhotoError::Failed(describe(&error)))?;
    let blob = receiver.await.ok().flatten();
    let blob = blob.ok_or_else(|| PhotoError::Failed("the canvas gave nothing".to_owned()))?;
    super::files::read(&blob).await.map_err(PhotoError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use js_sys::{Array, Uint8Array};
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
    use web_sys::FilePropertyBag;

    wasm_bindgen_test_configure!(run_in_browser);

    fn file(bytes: &[u8], name: &str, kind: &str) -> File {
        let parts = Array::of1(&Uint8Array::from(bytes));
        let options = FilePropertyBag::new();
        options.set_type(kind);
        File::new_with_u8_array_sequence_and_options(&parts, name, &options).expect("a file")
    }

    /// A picture of one colour, as a camera would give it.
    async fn picture(width: u32, height: u32) -> Vec<u8> {
        let document = window().document().expect("a page");
        let canvas = document.create_element("canvas").expect("a canvas");
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        canvas.set_width(width);
        canvas.set_height(height);
        encode(&canvas).await.expect("encodes")
    }

    #[wasm_bindgen_test]
    async fn a_photo_becomes_a_jpeg_of_moderate_size() {
        let large = file(&picture(4_000, 1_000).await, "photo.jpg", MEDIA_TYPE);
        let kept = prepare(large).await.expect("prepares");
        assert_eq!(kept.media_type, "image/jpeg");
        assert_eq!(&kept.bytes[..3], [0xff, 0xd8, 0xff], "a JPEG by content");
        assert_eq!(kept.hash.as_str(), Hash::of(&kept.bytes).to_string());
        let again = decode(&file(&kept.bytes, "kept.jpg", MEDIA_TYPE))
            .await
            .expect("decodes");
        assert_eq!((again.width(), again.height()), (1_600, 400));
        let holds = |word: &[u8]| kept.bytes.windows(word.len()).any(|part| part == word);
        assert!(!holds(b"Exif"), "nothing of the camera's data is left");
    }

    #[wasm_bindgen_test]
    async fn what_is_no_photo_is_refused_in_words() {
        let text = prepare(file(b"hello", "photo.jpg", MEDIA_TYPE)).await;
        assert_eq!(text, Err(PhotoError::NotAnImage));
        let heic = prepare(file(b"....ftypheic", "IMG_1.HEIC", "")).await;
        assert_eq!(heic, Err(PhotoError::Heic));
        let size = usize::try_from(FILE_BYTES_MAX).expect("fits") + 1;
        let large = prepare(file(&vec![0; size], "large.jpg", MEDIA_TYPE)).await;
        let expected = PhotoError::TooLarge {
            size_bytes: FILE_BYTES_MAX + 1,
        };
        assert_eq!(large, Err(expected));
    }

    #[wasm_bindgen_test]
    fn small_photos_keep_their_size() {
        assert_eq!(fitted(1_600, 900), (1_600, 900));
        assert_eq!(fitted(3_200, 1_800), (1_600, 900));
        assert_eq!(fitted(1, 100_000), (1, 1_600));
    }
}
