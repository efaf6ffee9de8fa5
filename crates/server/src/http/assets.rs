//! The app's files: hashed names for ever, the others asked for each time.

use super::headers::policy;
use super::{App, Problem};
use crate::error::{Error, Result};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tournee_sync::encoding::Hash;

const INDEX: &str = "index.html";
const HTML: &str = "text/html; charset=utf-8";
/// Hex digits in a file name that make it a name by content, as trunk writes them.
const HASH_DIGITS_MIN: usize = 16;
/// Tags remembered; an app has a few dozen files.
const TAGS_MAX: usize = 1_000;

/// The folder of the built app, if it is served at all.
#[derive(Clone, Default)]
pub struct Assets {
    folder: Option<PathBuf>,
    tags: Arc<Mutex<Tags>>,
}

/// By path: when the file was written, its size, its tag.
type Tags = HashMap<PathBuf, (SystemTime, u64, String)>;

impl Assets {
    /// # Errors
    /// When the folder holds no app.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        if !folder.join(INDEX).is_file() {
            return Err(Error::Usage(format!(
                "{} holds no built app (no {INDEX}): build it with `cargo xtask build`, or choose another folder with --assets",
                folder.display()
            )));
        }
        Ok(Self {
            folder: Some(folder.to_owned()),
            tags: Arc::default(),
        })
    }

    /// A weak tag by content: the same for every encoding of the file.
    fn tag(&self, path: &Path, bytes: &[u8], modified: SystemTime) -> String {
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        let size = bytes.len() as u64;
        if let Some((at, length, tag)) = tags.get(path)
            && *at == modified
            && *length == size
        {
            return tag.clone();
        }
        if tags.len() >= TAGS_MAX {
            tags.clear();
        }
        let tag = format!("W/\"{}\"", &Hash::of(bytes).to_string()[..32]);
        tags.insert(path.to_owned(), (modified, size, tag.clone()));
        tag
    }
}

/// Everything outside the API: a file of the app, or its first page for paths the app knows itself.
///
/// # Errors
/// 404 for files that do not exist; 405 for anything but reading.
pub async fn asset(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "Only reading is possible here",
            "the API lies under /api/v1",
        ));
    }
    let path = request.uri().path();
    let missing = || Problem::not_found(format!("no file at {path}"));
    // The compressed copies are given under the names of their files.
    let name = relative(path)
        .filter(|name| name.extension().is_none_or(|suffix| suffix != "br"))
        .ok_or_else(missing)?;
    let folder = app.assets.folder.clone().ok_or_else(missing)?;
    if let Some(response) = file(&app.assets, &folder, &name, request.headers()).await {
        return Ok(response);
    }
    // `/clients/C00001` is a page of the app, also for a client `411.0042`; `/old-build.js` is a file that is gone.
    if name.extension().is_some() && !wants_page(request.headers()) {
        return Err(missing());
    }
    file(&app.assets, &folder, Path::new(INDEX), request.headers())
        .await
        .ok_or_else(missing)
}

/// Whether a browser goes to a page, rather than asking for a part of one.
fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    accept.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// The path below the folder, without ways out of it.
fn relative(path: &str) -> Option<PathBuf> {
    let path = path.trim_start_matches('/');
    let path = Path::new(if path.is_empty() { INDEX } else { path });
    let plain =
        |part| matches!(part, Component::Normal(name) if !name.to_string_lossy().starts_with('.'));
    path.components().all(plain).then(|| path.to_owned())
}

async fn file(
    assets: &Assets,
    folder: &Path,
    name: &Path,
    headers: &HeaderMap,
) -> Option<Response> {
    let path = folder.join(name);
    let modified = tokio::fs::metadata(&path)
        .await
        .ok()
        .filter(std::fs::Metadata::is_file)?
        .modified()
        .ok()?;
    let bytes = tokio::fs::read(&path).await.ok()?;
    let tag = assets.tag(&path, &bytes, modified);
    let unchanged = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    let inline = match media_type(name) {
        HTML => inline_scripts(&bytes),
        _ => Vec::new(),
    };
    let common = [
        (header::ETAG, HeaderValue::from_str(&tag).ok()?),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static(caching(name)),
        ),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        // Also where nothing has changed: what the browser keeps takes these headers.
        (header::CONTENT_SECURITY_POLICY, policy(&inline)),
    ];
    if unchanged {
        return Some((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let media_type = [(header::CONTENT_TYPE, media_type(name))];
    let copy = PathBuf::from(format!("{}.br", path.display()));
    if accepts_brotli(headers)
        && let Ok(compressed) = tokio::fs::read(&copy).await
    {
        let encoding = [(header::CONTENT_ENCODING, "br")];
        return Some((common, media_type, encoding, compressed).into_response());
    }
    Some((common, media_type, bytes).into_response())
}

/// The SHA-256 of each script that stands in a page of ours.
fn inline_scripts(page: &[u8]) -> Vec<[u8; 32]> {
    let page = String::from_utf8_lossy(page);
    let scripts = page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then(|| Sha256::digest(script).into())
    });
    scripts.collect()
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|encoding| {
            let (name, quality) = encoding.split_once(';').unwrap_or((encoding, ""));
            name.trim() == "br" && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
}

fn caching(name: &Path) -> &'static str {
    let by_content = name.file_name().is_some_and(|name| {
        name.to_string_lossy()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|part| {
                part.len() >= HASH_DIGITS_MIN && part.bytes().all(|b| b.is_ascii_hexdigit())
            })
    });
    if by_content {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

fn media_type(name: &Path) -> &'static str {
    match name.extension().and_then(|suffix| suffix.to_str()) {
        Some("html") => HTML,
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert_eq!(relative("/"), Some(PathBuf::from("index.html")));
        assert_eq!(
            relative("/icons/icon.svg"),
            Some(PathBuf::from("icons/icon.svg"))
        );
        for bad in ["/../secret", "/a/../../b", "/.git/config", "/a/./.env"] {
            assert_eq!(relative(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_names_by_content_are_kept_for_ever() {
        for (name, immutable) in [
            ("tournee-0123456789abcdef.js", true),
            ("tournee-0123456789abcdef_bg.wasm", true),
            ("index.html", false),
            ("sw.js", false),
            ("manifest.webmanifest", false),
        ] {
            assert_eq!(
                caching(Path::new(name)).contains("immutable"),
                immutable,
                "{name}"
            );
        }
    }
}
