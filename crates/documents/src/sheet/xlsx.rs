//! As a workbook of one page (Office Open XML, ECMA-376). Written by hand, in an archive without compression: a library
//! would weigh more than all reports together in an app whose first download is counted.

use super::{Cell, Sheet};
use chrono::Datelike;
use std::fmt::Write;

pub const XLSX_MEDIA_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Workbooks count days from 30 December 1899, here in days of the common era.
const DAY_ZERO: i32 = 693_594;

/// Characters a page's name may have.
const NAME_CHARS_MAX: usize = 31;
/// Width of a column in characters, at most.
const WIDTH_MAX: usize = 40;
const WIDTH_MIN: usize = 9;

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const CONTENT: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// Places in the list of formats of [`styles`].
const PLAIN: u8 = 0;
const HEADING: u8 = 1;
const AMOUNT: u8 = 2;
const DATE: u8 = 3;

impl Sheet {
    /// The bytes of an `.xlsx` file: numbers as numbers, headings that stay in sight.
    pub fn xlsx(&self) -> Vec<u8> {
        let mut archive = Archive::default();
        archive.add("[Content_Types].xml", &format!(
            r#"{DECLARATION}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{CONTENT}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{CONTENT}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="{CONTENT}.styles+xml"/></Types>"#
        ));
        archive.add(
            "_rels/.rels",
            &relations(&[("officeDocument", "xl/workbook.xml")]),
        );
        archive.add(
            "xl/_rels/workbook.xml.rels",
            &relations(&[
                ("worksheet", "worksheets/sheet1.xml"),
                ("styles", "styles.xml"),
            ]),
        );
        archive.add("xl/workbook.xml", &format!(
            r#"{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="{}" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
            escaped(&page_name(&self.name))
        ));
        archive.add("xl/styles.xml", &styles(self.currency.scale()));
        archive.add("xl/worksheets/sheet1.xml", &self.page());
        archive.finish()
    }

    fn page(&self) -> String {
        let mut xml = format!(
            r#"{DECLARATION}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>"#
        );
        for (place, name) in self.head.iter().enumerate() {
            let longest = self.lines().map(|line| match &line[place] {
                Cell::Text(text) => text.chars().count(),
                Cell::Amount(_) => 14,
                _ => 0,
            });
            let width = longest.chain([name.chars().count()]).max().unwrap_or(0) + 2;
            let (number, width) = (place + 1, width.clamp(WIDTH_MIN, WIDTH_MAX));
            let _ = write!(
                xml,
                r#"<col min="{number}" max="{number}" width="{width}" customWidth="1"/>"#
            );
        }
        xml.push_str("</cols><sheetData><row>");
        for name in &self.head {
            text_cell(&mut xml, name, HEADING);
        }
        xml.push_str("</row>");
        for line in self.lines() {
            xml.push_str("<row>");
            for cell in line {
                match (cell, self.plain(cell)) {
                    (Cell::Text(text), _) => text_cell(&mut xml, text, PLAIN),
                    (Cell::Date(day), _) => {
                        let day = day.num_days_from_ce() - DAY_ZERO;
                        let _ = write!(xml, r#"<c s="{DATE}"><v>{day}</v></c>"#);
                    }
                    (_, None) => xml.push_str("<c/>"),
                    (cell, Some(number)) => {
                        let style = if matches!(cell, Cell::Amount(_)) {
                            AMOUNT
                        } else {
                            PLAIN
                        };
                        let _ = write!(xml, r#"<c s="{style}"><v>{number}</v></c>"#);
                    }
                }
            }
            xml.push_str("</row>");
        }
        xml.push_str("</sheetData></worksheet>");
        xml
    }
}

fn text_cell(xml: &mut String, text: &str, style: u8) {
    let text = escaped(text);
    let _ = write!(
        xml,
        r#"<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#
    );
}

fn relations(targets: &[(&str, &str)]) -> String {
    let mut xml = format!(r#"{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">"#);
    for (number, (kind, target)) in (1..).zip(targets) {
        let _ = write!(
            xml,
            r#"<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#
        );
    }
    xml.push_str("</Relationships>");
    xml
}

/// Plain, a heading in bold, an amount in groups of thousands with the currency's decimals, a day.
fn styles(decimals: u32) -> String {
    let mut amount = String::from("#,##0");
    for place in 0..decimals {
        amount.push_str(if place == 0 { ".0" } else { "0" });
    }
    format!(
        r#"{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="{amount}"/></numFmts><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#
    )
}

/// Without the characters that a page's name may not have.
fn page_name(name: &str) -> String {
    let allowed = name.chars().filter(|sign| !"[]:*?/\\'".contains(*sign));
    allowed.take(NAME_CHARS_MAX).collect()
}

/// Text for XML 1.0, without the control characters it cannot hold.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\t' | '\n' | '\r' => xml.push(sign),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            sign => xml.push(sign),
        }
    }
    xml
}

/// A zip archive of stored files (PKWARE APPNOTE 6.3), all of 1 January 1980: there is no clock here.
#[derive(Default)]
struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    files: u16,
}

/// Version 2.0 to read, names in UTF-8, stored, midnight of the first day the format knows.
const COMMON: [u8; 10] = [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];

impl Archive {
    fn add(&mut self, name: &str, text: &str) {
        let offset = self.bytes.len();
        let mut entry = COMMON.to_vec();
        entry.extend(crc32(text.as_bytes()).to_le_bytes());
        entry.extend(four(text.len()));
        entry.extend(four(text.len()));
        entry.extend(two(name.len()));
        entry.extend(two(0));

        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&entry);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(text.as_bytes());

        self.directory.extend(b"PK\x01\x02\x14\0");
        self.directory.extend(&entry);
        // No comment, first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(four(offset));
        self.directory.extend(name.as_bytes());
        self.files += 1;
    }

    fn finish(mut self) -> Vec<u8> {
        let start = self.bytes.len();
        let size = self.directory.len();
        self.bytes.append(&mut self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.files.to_le_bytes());
        self.bytes.extend(self.files.to_le_bytes());
        self.bytes.extend(four(size));
        self.bytes.extend(four(start));
        self.bytes.extend(two(0));
        self.bytes
    }
}

/// A table has far fewer bytes than four can count.
fn four(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn two(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()
}

/// CRC-32 of ISO 3309, half a byte at a time.
fn crc32(bytes: &[u8]) -> u32 {
    const fn table() -> [u32; 16] {
        let mut table = [0; 16];
        let mut place = 0;
        while place < 16 {
            let mut value = place as u32;
            let mut bit = 0;
            while bit < 4 {
                let low = value & 1;
                value = (value >> 1) ^ (0xedb8_8320 * low);
                bit += 1;
            }
            table[place] = value;
            place += 1;
        }
        table
    }
    const TABLE: [u32; 16] = table();
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let crc = crc ^ u32::from(*byte);
        let crc = (crc >> 4) ^ TABLE[(crc & 15) as usize];
        (crc >> 4) ^ TABLE[(crc & 15) as usize]
    })
}

#[cfg(test)]
mod tests {
    /// The check value every catalogue of CRCs gives.
    #[test]
    fn the_check_sum_is_that_of_archives() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
    }
}
