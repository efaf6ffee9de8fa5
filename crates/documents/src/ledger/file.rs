//! Why a file as a whole cannot be read, and how far the reading goes.

use super::field::Field;
use super::text::Encoding;
use serde::{Deserialize, Serialize};

/// Bytes of one file.
pub const FILE_BYTES_MAX: usize = 50 * 1024 * 1024;

/// Rows of one file below its heading.
pub const FILE_ROWS_MAX: u32 = 200_000;

/// Columns of a row that are read; ledgers have dozens.
pub const COLUMNS_MAX: usize = 256;

/// Bytes of one cell, quotes aside: names and references are short, an unclosed quote is not.
pub const CELL_BYTES_MAX: usize = 2_000;

/// The file cannot be read as a table of the kind asked for. Nothing of it was taken.
///
/// Serialised with its `code` and what a page needs to ask again: the headings found, examples of unclear numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum FileError {
    #[error("the file is empty")]
    Empty,
    #[error("this is {kind}, not a text table: export the list as CSV and import that file")]
    NotText { kind: FileKind },
    #[error(
        "line {line} is not written in {encoding}: save the file as CSV UTF-8, or choose another encoding"
    )]
    Undecodable { encoding: Encoding, line: u32 },
    #[error("no heading row was found: the first row must name the columns")]
    NoHeading,
    /// No heading names the field, and no column was chosen for it.
    #[error("no column is headed as {field}: choose it among {}", headings.join(", "))]
    MissingColumn { field: Field, headings: Vec<String> },
    #[error("column {index} was chosen for {field}, but the file has {columns}")]
    NoSuchColumn {
        field: Field,
        index: usize,
        columns: usize,
    },
    /// Every number of the column reads two ways, `1.234` as thousands or as a fraction.
    #[error("the numbers of « {heading} » read two ways ({}): choose the decimal sign", examples.join(", "))]
    AmbiguousNumbers {
        field: Field,
        heading: String,
        examples: Vec<String>,
    },
    #[error("the file has more than {max} rows: split it")]
    TooManyRows { max: u32 },
    #[error("the file is larger than {} MB: split it", max_bytes / (1024 * 1024))]
    TooLarge { max_bytes: usize },
}

impl FileError {
    /// The serialised `code`, for problem bodies.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotText { .. } => "not_text",
            Self::Undecodable { .. } => "undecodable",
            Self::NoHeading => "no_heading",
            Self::MissingColumn { .. } => "missing_column",
            Self::NoSuchColumn { .. } => "no_such_column",
            Self::AmbiguousNumbers { .. } => "ambiguous_numbers",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooLarge { .. } => "too_large",
        }
    }
}

/// What a file that is no text is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// `.xlsx`, `.ods`, `.xls`
    Spreadsheet,
    Pdf,
    Image,
    Archive,
    /// A page of the web, sometimes saved under the name of a table.
    Html,
    Xml,
    Binary,
}

impl std::fmt::Display for FileKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Spreadsheet => "a spreadsheet",
            Self::Pdf => "a PDF document",
            Self::Image => "an image",
            Self::Archive => "a compressed archive",
            Self::Html => "a web page",
            Self::Xml => "an XML document",
            Self::Binary => "a binary file",
        })
    }
}

/// Bytes looked at to tell a spreadsheet from another archive.
const SNIFF_BYTES: usize = 8 * 1024;

/// What the first bytes say the file is; `None` for what may be text.
pub fn sniff(bytes: &[u8]) -> Option<FileKind> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let head = &bytes[..bytes.len().min(SNIFF_BYTES)];
    let holds = |needle: &[u8]| head.windows(needle.len()).any(|window| window == needle);
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        let spreadsheet =
            holds(b"xl/") || holds(b"[Content_Types].xml") || holds(b"opendocument.spreadsheet");
        return Some(if spreadsheet {
            FileKind::Spreadsheet
        } else {
            FileKind::Archive
        });
    }
    // The compound file of Excel 97; other Office documents of that time are no tables either.
    if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(FileKind::Spreadsheet);
    }
    if starts(b"%PDF-") {
        return Some(FileKind::Pdf);
    }
    let images: [&[u8]; 6] = [
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"BM",
        b"II*\0",
        b"MM\0*",
    ];
    let boxed = |offset: usize, magic: &[u8]| {
        bytes
            .get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    let bitmap = |magic: &[u8]| magic != b"BM" || bytes.get(6..10) == Some(&[0; 4]);
    if images.iter().any(|magic| starts(magic) && bitmap(magic))
        || (starts(b"RIFF") && boxed(8, b"WEBP"))
        || boxed(4, b"ftyp")
    {
        return Some(FileKind::Image);
    }
    let archives: [&[u8]; 4] = [b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh"];
    if archives.iter().any(|magic| starts(magic)) {
        return Some(FileKind::Archive);
    }
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    let begins = |word: &str| {
        text.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
    };
    if begins("<!doctype html") || begins("<html") {
        return Some(FileKind::Html);
    }
    begins("<?xml").then_some(FileKind::Xml)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_recognised_by_their_first_bytes() {
        for (bytes, expected) in [
            (
                b"PK\x03\x04....[Content_Types].xml".as_slice(),
                Some(FileKind::Spreadsheet),
            ),
            (b"PK\x03\x04\0\0photo.jpg", Some(FileKind::Archive)),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0",
                Some(FileKind::Spreadsheet),
            ),
            (b"%PDF-1.7", Some(FileKind::Pdf)),
            (b"\x89PNG\r\n", Some(FileKind::Image)),
            (b"\xff\xd8\xff\xe0", Some(FileKind::Image)),
            (b"\0\0\0\x18ftypheic", Some(FileKind::Image)),
            (b"BM\0\0\0\0\0\0\0\0", Some(FileKind::Image)),
            (b"\x1f\x8b\x08", Some(FileKind::Archive)),
            (b"\xef\xbb\xbf \n<!DOCTYPE HTML>", Some(FileKind::Html)),
            (b"<?xml version", Some(FileKind::Xml)),
            (b"BM_code;Name", None),
            (b"Code;Nom", None),
            (b"", None),
        ] {
            assert_eq!(
                sniff(bytes),
                expected,
                "{:?}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
