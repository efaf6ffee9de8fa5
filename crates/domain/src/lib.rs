#![doc = include_str!("../README.md")]

pub mod ageing;
pub mod allocation;
pub mod amount;
pub mod currency;
pub mod discount;
pub mod dossier;
pub mod fact;
pub mod fold;
pub mod format;
pub mod id;
pub mod money;
pub mod order;
pub mod pack;
pub mod parse;
mod rate;
pub mod report;
pub mod search;
pub mod statement;
pub mod summary;
pub mod terms;
mod text;
pub mod words;

pub use amount::Amount;
pub use currency::Currency;
pub use dossier::Dossier;
pub use fact::FactBody;
pub use id::{
    BlobHash, ClientCode, DeviceId, FactId, InvoiceNumber, OrganisationId, ReceiptNumber, UserId,
};
pub use money::{Money, MoneyError, Peg};
pub use rate::{InvalidRate, RATE_DIGITS_MAX, Rate};
