//! The account map: what each purpose is called in the chart of accounts (DOMAIN §1.1).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! accounts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What an account is for, whatever its number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Account {
            $($(#[$doc])* $name,)*
        }

        impl Account {
            /// Every purpose: a pack names an account for each, or says that there is none.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

accounts! {
    Client,
    ClientGroup,
    ClientState,
    ClientInternational,
    /// *Retenue de garantie*.
    Retention,
    BillsReceivable,
    UnpaidCheques,
    UnpaidBills,
    UnpaidCards,
    UnpaidOther,
    DiscountedBills,
    Disputed,
    Doubtful,
    /// *Factures à établir*.
    AccruedInvoices,
    AccruedVat,
    AccruedInterest,
    DownPayments,
    CreditNotesToIssue,
    AllowanceDisputed,
    AllowanceDoubtful,
    VatSales,
    VatServices,
    VatWorks,
    WithheldTax,
    ChequesToDeposit,
    ChequesDeposited,
    Bank,
    PostalBank,
    Cash,
    CashBranch,
    Transfers,
    MobileMoney,
    SalesGoods,
    SalesWorks,
    SalesServices,
    SalesAccessory,
    Rebates,
    EarlyPaymentDiscount,
    LateInterest,
    BadDebt,
    DebtWaiver,
    AllowanceCharge,
    AllowanceReversal,
    BadDebtRecovered,
    ExchangeLoss,
    ExchangeGain,
    BankCharges,
    MobileMoneyCharges,
}

/// Account numbers by purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    pub source: String,
    pub map: BTreeMap<Account, String>,
    /// Purposes this chart has no account for.
    #[serde(default)]
    pub none: Vec<Account>,
}

impl Accounts {
    /// `None` where the chart has none.
    pub fn number(&self, account: Account) -> Option<&str> {
        self.map.get(&account).map(String::as_str)
    }
}
