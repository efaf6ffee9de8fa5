//! Files in and out of the page.

use super::js::{call, call_async, describe, get, object, window};
use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// How long a download's address stays valid: the browser has begun by then.
const ADDRESS_KEPT_MS: u32 = 60_000;

/// Bytes as the browser's `Blob`.
///
/// # Errors
/// What the browser threw.
pub fn blob(bytes: &[u8], media_type: &str) -> Result<Blob, JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&parts, &options)
}

/// All bytes of a file or blob.
///
/// # Errors
/// What the browser says, for instance of a file that was moved since it was chosen.
pub async fn read(blob: &Blob) -> Result<Vec<u8>, String> {
    let buffer = JsFuture::from(blob.array_buffer()).await;
    let buffer = buffer.map_err(|error| describe(&error))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// A `blob:` address of these bytes, valid until the page is closed or the address is revoked.
///
/// # Errors
/// What the browser says.
pub fn address(bytes: &[u8], media_type: &str) -> Result<String, String> {
    blob(bytes, media_type)
        .and_then(|blob| Url::create_object_url_with_blob(&blob))
        .map_err(|error| describe(&error))
}

/// Offers bytes as a download.
///
/// # Errors
/// What the browser says.
pub fn download(name: &str, media_type: &str, bytes: &[u8]) -> Result<(), String> {
    let address = address(bytes, media_type)?;
    let clicked = click_on_link(&address, name).map_err(|error| describe(&error));
    wasm_bindgen_futures::spawn_local(async move {
        super::clock::sleep(ADDRESS_KEPT_MS).await;
        let _revoked = Url::revoke_object_url(&address);
    });
    clicked
}

/// Hands bytes to the system's share sheet, as a text file: browsers share no JSON.
///
/// # Errors
/// Where there is no sheet for files, and when nothing was shared.
pub async fn share(name: &str, bytes: &[u8]) -> Result<(), String> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let kind = object(&[("type", "text/plain".into())]);
    let constructor: Function = get(&window(), "File").unchecked_into();
    let file = Reflect::construct(&constructor, &Array::of3(&parts, &name.into(), &kind));
    let file = file.map_err(|error| describe(&error))?;
    let shared = object(&[("files", Array::of1(&file).into())]);
    let navigator = window().navigator();
    let can = call(&navigator, "canShare", std::slice::from_ref(&shared));
    if !can.is_ok_and(|can| can.is_truthy()) {
        return Err("this browser shares no files".to_owned());
    }
    let shared = call_async(&navigator, "share", &[shared]).await;
    shared.map(drop).map_err(|error| describe(&error))
}

fn click_on_link(address: &str, name: &str) -> Result<(), JsValue> {
    let document = window().document().ok_or_else(|| object(&[]))?;
    let link: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    link.set_href(address);
    link.set_download(name);
    link.click();
    Ok(())
}
