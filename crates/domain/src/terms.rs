//! Payment terms, and the due date they give.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// Payment terms of a client or an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Terms {
    OnReceipt,
    Net { days: u16 },
    /// Net days first, then the end of that month: the default reading of *fin de mois* (DOMAIN §2.6).
    NetThenEndOfMonth { days: u16 },
    /// End of the invoice's month first, then net days.
    EndOfMonthThenNet { days: u16 },
    /// Net days, end of that month, then the given day of the next month (*30 jours fin de mois le 10*).
    NetThenEndOfMonthThe { days: u16, day: u8 },
}
