//! The bytes of a photo or signature on their way to the office: in chunks, from where the office is, and the same again
//! changes nothing (SYNC 34).

/// Bytes of one photo or signature; devices send far less (1600 px JPEG).
pub const BLOB_MAX_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of one chunk: what a line that breaks loses at most, and half a minute on the slowest line.
pub const BLOB_CHUNK_MAX_BYTES: usize = 128 * 1024;

/// Where the office is with a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadState {
    /// The next chunk begins here.
    pub offset_bytes: u64,
    /// The office has all bytes, and their SHA-256 is the one the fact names. Until then the device keeps its own.
    pub verified: bool,
}

/// What of a chunk comes after the bytes `held`, of a blob of `size_bytes`; nothing when all of it came before. `None` when it
/// does not fit: it begins after them, ends beyond the blob, or differs where it overlaps.
pub fn new_bytes<'c>(
    held: &[u8],
    offset_bytes: u64,
    chunk: &'c [u8],
    size_bytes: u64,
) -> Option<&'c [u8]> {
    let end_bytes = offset_bytes.checked_add(chunk.len() as u64)?;
    let before = held.get(usize::try_from(offset_bytes).ok()?..)?;
    let (again, new) = chunk.split_at(before.len().min(chunk.len()));
    (before.starts_with(again) && end_bytes <= size_bytes).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_adds_only_what_is_new() {
        let held = b"photo of";
        for (offset, chunk, expected) in [
            (8, " a slip", Some(" a slip")),
            (0, "photo of", Some("")),
            (2, "oto", Some("")),
            (6, "of a slip", Some(" a slip")),
            (8, "", Some("")),
            (0, "photos", None),
            (9, "a slip", None),
            (8, " a longer one", None),
            (u64::MAX, "a", None),
        ] {
            let added = new_bytes(held, offset, chunk.as_bytes(), 15);
            let expected = expected.map(str::as_bytes);
            assert_eq!(added, expected, "{chunk} at {offset}");
        }
    }
}
