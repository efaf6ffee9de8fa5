//! From a file's bytes to text: the encoding is found, or checked when it was chosen. Nothing is decoded by replacing what
//! does not fit.

use super::file::{FILE_BYTES_MAX, FileError, FileKind, sniff};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// An encoding ledgers are exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-16le")]
    Utf16Le,
    #[serde(rename = "utf-16be")]
    Utf16Be,
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    pub const ALL: [Self; 4] = [Self::Utf8, Self::Windows1252, Self::Utf16Le, Self::Utf16Be];
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        })
    }
}

/// Of a thousand letters, how many control characters a text may hold: a stray one in a name, not a binary file.
const CONTROLS_PER_THOUSAND_MAX: usize = 5;

/// Decodes `bytes` in the `chosen` encoding, else in the one found: a byte order mark, else UTF-8 when all of it is, else
/// Windows-1252.
///
/// # Errors
/// [`FileError`]: empty, too large, no text, or not written in that encoding throughout.
pub fn decode(
    bytes: &[u8],
    chosen: Option<Encoding>,
) -> Result<(Cow<'_, str>, Encoding), FileError> {
    if bytes.is_empty() {
        return Err(FileError::Empty);
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLarge {
            max_bytes: FILE_BYTES_MAX,
        });
    }
    if let Some(kind) = sniff(bytes) {
        return Err(FileError::NotText { kind });
    }
    let encoding = match chosen {
        Some(encoding) => encoding,
        None => detect(bytes)?,
    };
    let text = match encoding {
        Encoding::Utf8 => utf8(bytes)?,
        Encoding::Utf16Le => utf16(bytes.strip_prefix(b"\xff\xfe").unwrap_or(bytes), encoding)?,
        Encoding::Utf16Be => utf16(bytes.strip_prefix(b"\xfe\xff").unwrap_or(bytes), encoding)?,
        Encoding::Windows1252 => windows_1252(bytes)?,
    };
    let text = without_end_of_file(text);
    refuse_binary(&text)?;
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    Ok((text, encoding))
}

fn detect(bytes: &[u8]) -> Result<Encoding, FileError> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Ok(Encoding::Utf8);
    }
    if bytes.starts_with(b"\xff\xfe") {
        return Ok(Encoding::Utf16Le);
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Ok(Encoding::Utf16Be);
    }
    if bytes.contains(&0) {
        return utf16_without_mark(bytes).ok_or(FileError::NotText {
            kind: FileKind::Binary,
        });
    }
    let (mut accents, mut faults, mut first_fault) = (0_usize, 0_usize, 0_usize);
    let mut position = 0;
    for chunk in bytes.utf8_chunks() {
        accents += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        position += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            if faults == 0 {
                first_fault = position;
            }
            faults += 1;
            position += chunk.invalid().len();
        }
    }
    if faults == 0 {
        return Ok(Encoding::Utf8);
    }
    // In Windows-1252 two letters that look like UTF-8 hardly ever meet: a file with more of them than of faults is UTF-8
    // with a damaged place, and reading it as Windows-1252 would spoil every name.
    if accents > faults {
        return Err(FileError::Undecodable {
            encoding: Encoding::Utf8,
            line: line_of(bytes, first_fault),
        });
    }
    Ok(Encoding::Windows1252)
}

/// UTF-16 without its mark: of a table's letters most are Latin, so nearly every other byte is zero, always the same one of
/// each two.
fn utf16_without_mark(bytes: &[u8]) -> Option<Encoding> {
    let zeros = |first: usize| {
        bytes
            .iter()
            .skip(first)
            .step_by(2)
            .filter(|byte| **byte == 0)
    };
    let (even, odd) = (zeros(0).count(), zeros(1).count());
    let most = bytes.len() / 2 * 3 / 4;
    if !bytes.len().is_multiple_of(2) {
        None
    } else if odd > most && even == 0 {
        Some(Encoding::Utf16Le)
    } else if even > most && odd == 0 {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, FileError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|error| FileError::Undecodable {
            encoding: Encoding::Utf8,
            line: line_of(bytes, error.valid_up_to()),
        })
}

fn utf16(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, FileError> {
    let decoder = if encoding == Encoding::Utf16Be {
        UTF_16BE
    } else {
        UTF_16LE
    };
    decoder
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or_else(|| {
            let (text, _) = decoder.decode_without_bom_handling(bytes);
            let fault = text.find(char::REPLACEMENT_CHARACTER).unwrap_or(text.len());
            FileError::Undecodable {
                encoding,
                line: line_of(text.as_bytes(), fault),
            }
        })
}

fn windows_1252(bytes: &[u8]) -> Result<Cow<'_, str>, FileError> {
    // Five bytes mean nothing in Windows-1252; a file that has them is written in something else.
    if let Some(fault) = bytes
        .iter()
        .position(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d))
    {
        return Err(FileError::Undecodable {
            encoding: Encoding::Windows1252,
            line: line_of(bytes, fault),
        });
    }
    Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0)
}

/// Old exports end with the end-of-file sign of DOS.
fn without_end_of_file(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => text.trim_end_matches('\u{1a}').into(),
        Cow::Owned(mut text) => {
            text.truncate(text.trim_end_matches('\u{1a}').len());
            text.into()
        }
    }
}

fn refuse_binary(text: &str) -> Result<(), FileError> {
    let control = |byte: &u8| matches!(byte, 0..=8 | 0x0e..=0x1f | 0x7f);
    let controls = text.bytes().filter(control).count();
    if text.contains('\0') || controls * 1_000 > text.len() * CONTROLS_PER_THOUSAND_MAX {
        return Err(FileError::NotText {
            kind: FileKind::Binary,
        });
    }
    Ok(())
}

/// The physical line, from 1, of a byte's position.
fn line_of(bytes: &[u8], position: usize) -> u32 {
    1 + bytes[..position.min(bytes.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<(&str, Encoding), FileError>) {
        let found = decode(bytes, None);
        assert_eq!(
            found
                .as_ref()
                .map(|(text, encoding)| (text.as_ref(), *encoding)),
            expected.as_ref().map(|it| *it)
        );
    }

    #[test]
    fn the_encoding_is_found() {
        check(
            "Téléphone;1\u{202f}000".as_bytes(),
            Ok(("Téléphone;1\u{202f}000", Encoding::Utf8)),
        );
        check("\u{feff}Té".as_bytes(), Ok(("Té", Encoding::Utf8)));
        check(
            b"T\xe9l\xe9phone;1\xa0000;\x80",
            Ok(("Téléphone;1\u{a0}000;€", Encoding::Windows1252)),
        );
        check(b"\xff\xfeT\0\xe9\0", Ok(("Té", Encoding::Utf16Le)));
        check(b"\xfe\xff\0T\0\xe9", Ok(("Té", Encoding::Utf16Be)));
        check(b"T\0\xe9\0;\0\n\0", Ok(("Té;\n", Encoding::Utf16Le)));
        check(b"\0T\0\xe9\0;\0\n", Ok(("Té;\n", Encoding::Utf16Be)));
        check(b"plain", Ok(("plain", Encoding::Utf8)));
        check(b"plain\x1a", Ok(("plain", Encoding::Utf8)));
        check(b"\xe9\x1a", Ok(("é", Encoding::Windows1252)));
    }

    #[test]
    fn what_is_no_text_is_refused_by_name() {
        let binary = || FileError::NotText {
            kind: FileKind::Binary,
        };
        check(b"", Err(FileError::Empty));
        check(b" \r\n ", Err(FileError::Empty));
        check("\u{feff}".as_bytes(), Err(FileError::Empty));
        check(b"a;b\n1\0;2", Err(binary()));
        check(b"a;b\n\x01\x02\x03\x04;2", Err(binary()));
        check(
            b"%PDF-1.4",
            Err(FileError::NotText {
                kind: FileKind::Pdf,
            }),
        );
        check(
            b"a\nb\x81",
            Err(FileError::Undecodable {
                encoding: Encoding::Windows1252,
                line: 2,
            }),
        );
        check(
            "é;é;é\nb\u{e9}".as_bytes()[..]
                .iter()
                .copied()
                .chain([0xe9, b';'])
                .collect::<Vec<_>>()
                .as_slice(),
            Err(FileError::Undecodable {
                encoding: Encoding::Utf8,
                line: 2,
            }),
        );
        check(
            b"\xff\xfea\0\n\0\x00\xd8b\0",
            Err(FileError::Undecodable {
                encoding: Encoding::Utf16Le,
                line: 2,
            }),
        );
    }

    #[test]
    fn a_chosen_encoding_is_checked() {
        let found = decode(b"ok\nT\xe9;", Some(Encoding::Utf8));
        assert_eq!(
            found,
            Err(FileError::Undecodable {
                encoding: Encoding::Utf8,
                line: 2
            })
        );
        assert!(
            decode("é".as_bytes(), Some(Encoding::Windows1252)).is_ok_and(|(text, _)| text == "Ã©")
        );
    }
}
