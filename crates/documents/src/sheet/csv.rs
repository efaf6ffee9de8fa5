//! As CSV. Written by hand: the `csv` crate would cost the app's first download several kilobytes for a few lines.

use super::{Cell, Sheet};
use crate::spreadsheet::{date, disarmed};
use tournee_domain::format::Language;

pub const CSV_MEDIA_TYPE: &str = "text/csv;charset=utf-8";

impl Sheet {
    /// UTF-8 with its mark, as spreadsheets need it to see accents. In French `;`, a decimal comma and dd/mm/yyyy, in English
    /// `,`, a dot and ISO dates; no thousands separators. Text that a spreadsheet would run as a formula is disarmed by an apostrophe.
    pub fn csv(&self, language: Language) -> String {
        let separator = match language {
            Language::Fr => ";",
            Language::En => ",",
        };
        let mut text = String::from("\u{feff}");
        let mut write = |cells: Vec<String>| {
            text.push_str(&cells.join(separator));
            text.push_str("\r\n");
        };
        write(self.head.iter().map(|name| quoted(name)).collect());
        for line in self.lines() {
            let cell = |cell: &Cell| match cell {
                Cell::Text(text) => quoted(text),
                Cell::Date(day) => date(*day, language),
                number => match language {
                    Language::Fr => self.plain(number).unwrap_or_default().replace('.', ","),
                    Language::En => self.plain(number).unwrap_or_default(),
                },
            };
            write(line.iter().map(cell).collect());
        }
        text
    }
}

fn quoted(text: &str) -> String {
    ["\"", &disarmed(text).replace('"', "\"\""), "\""].concat()
}
