//! Rows of a delimited text, with the physical line each begins on.

use super::file::{CELL_BYTES_MAX, COLUMNS_MAX};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What stands between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Separator {
    #[serde(rename = ";")]
    Semicolon,
    #[serde(rename = "\t")]
    Tab,
    #[serde(rename = "|")]
    Pipe,
    #[serde(rename = ",")]
    Comma,
}

impl Separator {
    /// In the order that decides between equals.
    pub const ALL: [Self; 4] = [Self::Semicolon, Self::Tab, Self::Pipe, Self::Comma];

    pub fn as_char(self) -> char {
        self.byte().into()
    }

    fn byte(self) -> u8 {
        match self {
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
            Self::Comma => b',',
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'t> {
    /// Physical line on which the row begins; the file's first line is 1.
    pub line: u32,
    pub cells: Vec<Cow<'t, str>>,
    /// Columns whose cell was longer than [`CELL_BYTES_MAX`]: the rest of it was left out.
    pub cut: Vec<usize>,
}

impl Record<'_> {
    /// The cell without the blanks around it; empty beyond the row's end.
    pub fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.trim())
    }

    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// The rows of `text` that hold anything, one at a time.
pub fn records(text: &str, separator: Separator) -> impl Iterator<Item = Record<'_>> {
    Reader {
        text,
        position: 0,
        line: 1,
        separator: separator.byte(),
    }
    .filter(|record| !record.is_blank())
}

/// Rows looked at to find the separator.
const SAMPLE_ROWS: usize = 50;

/// The separator by which most sampled rows have the same number of cells, weighed by that number.
pub fn find_separator(text: &str) -> Separator {
    let score = |separator: Separator| {
        let mut rows_by_cells = [0_usize; COLUMNS_MAX + 1];
        for record in records(text, separator).take(SAMPLE_ROWS) {
            rows_by_cells[record.cells.len()] += 1;
        }
        let scores = rows_by_cells
            .iter()
            .enumerate()
            .map(|(cells, rows)| rows * cells.saturating_sub(1));
        scores.max().unwrap_or(0)
    };
    let mut best = (Separator::Semicolon, 0);
    for separator in Separator::ALL {
        let found = score(separator);
        if found > best.1 {
            best = (separator, found);
        }
    }
    best.0
}

struct Reader<'t> {
    text: &'t str,
    position: usize,
    line: u32,
    separator: u8,
}

impl<'t> Iterator for Reader<'t> {
    type Item = Record<'t>;

    fn next(&mut self) -> Option<Record<'t>> {
        if self.position >= self.text.len() {
            return None;
        }
        let mut record = Record {
            line: self.line,
            cells: Vec::new(),
            cut: Vec::new(),
        };
        loop {
            let (cell, cut) = match self.quoted() {
                Some(cell) => (cell, false),
                None => self.plain(),
            };
            if record.cells.len() < COLUMNS_MAX {
                if cut {
                    record.cut.push(record.cells.len());
                }
                record.cells.push(cell);
            }
            match self.text.as_bytes().get(self.position) {
                Some(byte) if *byte == self.separator => self.position += 1,
                Some(_) => {
                    self.end_of_line();
                    return Some(record);
                }
                None => return Some(record),
            }
        }
    }
}

impl<'t> Reader<'t> {
    /// A cell that begins with a quote, up to its closing one. `None`, and nothing is consumed, when there is no such cell
    /// here: a quote that closes nowhere near belongs to the text (`"3" tube;…`), or it would swallow the rows below.
    fn quoted(&mut self) -> Option<Cow<'t, str>> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.position) != Some(&b'"') {
            return None;
        }
        let start = self.position + 1;
        let (mut at, mut lines, mut doubled) = (start, 0, false);
        loop {
            match (*bytes.get(at)?, bytes.get(at + 1)) {
                (b'"', Some(b'"')) => {
                    doubled = true;
                    at += 1;
                }
                (b'"', None | Some(b'\n' | b'\r')) => break,
                (b'"', Some(next)) if *next == self.separator => break,
                (b'"', Some(_)) => return None,
                (b'\n', _) => lines += 1,
                (b'\r', next) if next != Some(&b'\n') => lines += 1,
                _ => {}
            }
            at += 1;
            if at - start > CELL_BYTES_MAX {
                return None;
            }
        }
        self.position = at + 1;
        self.line += lines;
        let inside = &self.text[start..at];
        Some(if doubled {
            inside.replace("\"\"", "\"").into()
        } else {
            inside.into()
        })
    }

    /// Everything up to the separator or the end of the line, and whether it had to be cut.
    fn plain(&mut self) -> (Cow<'t, str>, bool) {
        let rest = &self.text[self.position..];
        let ends = |byte: &u8| *byte == self.separator || matches!(byte, b'\n' | b'\r');
        let length = rest.as_bytes().iter().position(ends).unwrap_or(rest.len());
        self.position += length;
        let kept = rest.floor_char_boundary(length.min(CELL_BYTES_MAX));
        (rest[..kept].into(), kept < length)
    }

    /// Steps over `\r\n`, `\n` or a lone `\r`.
    fn end_of_line(&mut self) {
        let crlf = self.text[self.position..].starts_with("\r\n");
        self.position += if crlf { 2 } else { 1 };
        self.line += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(u32, &[&str])]) {
        let found: Vec<_> = records(text, Separator::Semicolon).collect();
        let found: Vec<(u32, Vec<&str>)> = found
            .iter()
            .map(|record| {
                (
                    record.line,
                    record.cells.iter().map(AsRef::as_ref).collect(),
                )
            })
            .collect();
        let expected: Vec<(u32, Vec<&str>)> = expected
            .iter()
            .map(|(line, cells)| (*line, cells.to_vec()))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn lines_are_physical_lines() {
        check("a;b\r\n1;2\r\n", &[(1, &["a", "b"]), (2, &["1", "2"])]);
        check("a;b\n\n\n1;2", &[(1, &["a", "b"]), (4, &["1", "2"])]);
        check("a\rb\rc", &[(1, &["a"]), (2, &["b"]), (3, &["c"])]);
        check(
            "\"x\r\ny\";1\r\nz;2",
            &[(1, &["x\r\ny", "1"]), (3, &["z", "2"])],
        );
        check(" ; \nz;", &[(2, &["z", ""])]);
    }

    #[test]
    fn quotes_protect_separators_and_stray_ones_are_text() {
        check("\"a;b\";c", &[(1, &["a;b", "c"])]);
        check("\"say \"\"hi\"\"\";c", &[(1, &["say \"hi\"", "c"])]);
        check("\"\";c", &[(1, &["", "c"])]);
        check("tube 3\";c", &[(1, &["tube 3\"", "c"])]);
        check(
            "\"3\" tube;c\nd;e",
            &[(1, &["\"3\" tube", "c"]), (2, &["d", "e"])],
        );
        check(
            "\"never closed;c\nd;e\nf;g",
            &[
                (1, &["\"never closed", "c"]),
                (2, &["d", "e"]),
                (3, &["f", "g"]),
            ],
        );
    }

    #[test]
    fn cells_and_rows_have_limits() {
        let long = format!("{};b\nc;d", "é".repeat(CELL_BYTES_MAX));
        let found: Vec<_> = records(&long, Separator::Semicolon).collect();
        assert!(found[0].cut == [0] && found[0].cells[0].len() <= CELL_BYTES_MAX);
        assert_eq!(
            (found[0].cells.len(), found[1].line, found[1].cut.len()),
            (2, 2, 0)
        );
        let wide = ";".repeat(COLUMNS_MAX + 5) + "x\ny";
        let found: Vec<_> = records(&wide, Separator::Semicolon).collect();
        assert_eq!(
            found.last().map(|record| (record.line, record.cell(0))),
            Some((2, "y"))
        );
    }

    #[test]
    fn the_separator_is_the_one_that_makes_a_table() {
        for (text, expected) in [
            ("a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5", Separator::Semicolon),
            ("a,b,c\n\"x;y\",2,3\n\"x;y\",2,3", Separator::Comma),
            ("a\tb\n1,5\t2,5", Separator::Tab),
            ("a|b\n1|2", Separator::Pipe),
            ("one column", Separator::Semicolon),
        ] {
            assert_eq!(find_separator(text), expected, "{text:?}");
        }
    }
}
