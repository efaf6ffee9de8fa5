//! Newtypes of every identifier, so that one cannot be passed for another.
//!
//! Serialised as plain strings; these forms are stored for ever.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Keeps the text as given, without the blanks around it.
            pub fn new(text: &str) -> Self {
                Self(text.trim().to_owned())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

uuid_id!(
    /// One fact, for ever (UUIDv7, made when the form opens: SYNC 2).
    FactId
);
uuid_id!(
    /// One enrolled installation of one user (SYNC 1).
    DeviceId
);
uuid_id!(OrganisationId);
uuid_id!(UserId);

text_id!(
    /// The client's code in the ledger, `C00095`.
    ClientCode
);
text_id!(
    /// The number printed on the invoice or credit note, `FA26000001`.
    InvoiceNumber
);
text_id!(
    /// The collector code of the ledger, `REC01`: it names a portfolio.
    PortfolioCode
);
text_id!(
    /// SHA-256 of a photo's or signature's bytes, in lower-case hexadecimal.
    BlobHash
);

/// A receipt's number, `ARL-D03-E1-000127` (SYNC 32): agency, device label, epoch, and a counter without gaps
/// within device and epoch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptNumber {
    /// Agency code; `SIE` for the head office (*siège*).
    pub agency: String,
    pub device_label: String,
    pub epoch: u32,
    pub n: u32,
}

impl ReceiptNumber {
    /// Stands in a fact until its turn in the chain has come.
    pub fn to_come() -> Self {
        Self {
            agency: String::new(),
            device_label: String::new(),
            epoch: 0,
            n: 0,
        }
    }
}

impl fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-{}-E{}-{:06}",
            self.agency, self.device_label, self.epoch, self.n
        )
    }
}

/// The text is not of the form `AGENCY-LABEL-Eepoch-number`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("« {0} » is not a receipt number such as ARL-D03-E1-000127")]
pub struct InvalidReceiptNumber(pub String);

impl FromStr for ReceiptNumber {
    type Err = InvalidReceiptNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidReceiptNumber(text.to_owned());
        let mut parts = text.split('-');
        let mut next = || {
            parts
                .next()
                .filter(|part| !part.is_empty())
                .ok_or_else(invalid)
        };
        let (agency, device_label, epoch, n) = (next()?, next()?, next()?, next()?);
        if parts.next().is_some() || n.len() < 6 || !n.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let epoch = epoch
            .strip_prefix('E')
            .and_then(|e| e.parse().ok())
            .ok_or_else(invalid)?;
        let number = Self {
            agency: agency.into(),
            device_label: device_label.into(),
            epoch,
            n: n.parse().map_err(|_| invalid())?,
        };
        // One number has one spelling, or the uniqueness of receipts could be dodged.
        if number.to_string() == text {
            Ok(number)
        } else {
            Err(invalid())
        }
    }
}

impl Serialize for ReceiptNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ReceiptNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::parse(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipt_numbers_have_one_spelling() {
        for good in ["ARL-D03-E1-000127", "SIE-D12-E4-1234567"] {
            assert_eq!(good.parse::<ReceiptNumber>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "ARL-D03-E1-127",
            "ARL-D03-1-000127",
            "ARL-D03-E01-000127",
            "ARL-D03-E1-000127-X",
            "--E1-000001",
        ] {
            assert!(bad.parse::<ReceiptNumber>().is_err(), "{bad}");
        }
    }
}
