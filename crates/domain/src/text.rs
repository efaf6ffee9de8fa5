//! Reading values that are written as text in JSON.

use serde::Deserializer;
use serde::de::{Error, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Parses a JSON string where it lies: a portfolio has a hundred thousand amounts, and none needs a copy of its digits.
///
/// # Errors
/// When it is no string, or [`FromStr`] refuses it.
pub fn parse<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Text(PhantomData))
}

/// A date as it travels, `2026-03-31`, for serde's `with`: read without the general reader of dates, which costs ten times as
/// much; a portfolio has thirty thousand.
pub mod date {
    use chrono::NaiveDate;
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serialize, Serializer};
    use std::fmt;

    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(date: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
        date.serialize(serializer)
    }

    /// # Errors
    /// When it is no date.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
        struct Date;

        impl Visitor<'_> for Date {
            type Value = NaiveDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date, YYYY-MM-DD")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<NaiveDate, E> {
                read(text).map_or_else(|| text.parse().map_err(E::custom), Ok)
            }
        }

        deserializer.deserialize_str(Date)
    }

    /// `None` for any other form than ten characters, and for days that do not exist.
    fn read(text: &str) -> Option<NaiveDate> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        let number = |digits: &[&u8]| {
            digits.iter().try_fold(0, |number: u32, digit| {
                let digit = digit.is_ascii_digit().then(|| u32::from(*digit - b'0'))?;
                Some(number * 10 + digit)
            })
        };
        let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
        NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Dated(#[serde(with = "super::date")] NaiveDate);

    #[test]
    fn dates_read_as_chrono_reads_them() {
        for text in [
            "2026-03-31",
            "2024-02-29",
            "0001-01-01",
            "9999-12-31",
            "+12026-01-01",
            "-0044-03-15",
        ] {
            let json = format!("\"{text}\"");
            let chrono: NaiveDate = serde_json::from_str(&json).unwrap();
            assert_eq!(
                serde_json::from_str::<Dated>(&json).unwrap().0,
                chrono,
                "{text}"
            );
        }
        for bad in [
            "2026-02-30",
            "2026-13-01",
            "2026/03/31",
            "2026-3é-1",
            "",
            "2026-03-31T00:00",
        ] {
            assert!(
                serde_json::from_str::<Dated>(&format!("\"{bad}\"")).is_err(),
                "{bad}"
            );
        }
    }
}
