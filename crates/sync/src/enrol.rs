//! Enrolment: online only, under a session (SYNC 1).

use crate::certificate::SignedCertificate;
use crate::encoding::Bytes;
use crate::key::PublicKey;
use serde::{Deserialize, Serialize};
use tournee_domain::id::PortfolioCode;
use tournee_domain::pack::OfficeRules;
use tournee_domain::{Currency, DeviceId, OrganisationId, UserId};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    pub protocol: u32,
    /// Made once per installation; enrolling again from the same one gives the same device and a new epoch.
    pub installation: Uuid,
    pub key: PublicKey,
    /// The app's build, for the office's list of devices.
    pub build: String,
    /// Of this installation's last enrolment: an office that was put back from a backup may have forgotten it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<SignedCertificate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    pub organisation: Organisation,
    pub user: User,
    pub device: EnrolledDevice,
    /// The office's public key, pinned by the device.
    pub office_key: PublicKey,
    /// To be kept for as long as facts of this epoch are.
    pub certificate: SignedCertificate,
    pub server_now_ms: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolledDevice {
    pub id: DeviceId,
    /// Unique in the organisation, `D03`: it stands in every receipt number.
    pub label: String,
    pub epoch: u32,
}

/// The organisation's settings a device needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    /// Printed on receipts, with the name.
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub tax_id: String,
    #[serde(default)]
    pub trade_register: String,
    /// ISO 3166 code of the country pack, `NE`.
    pub country: String,
    pub currency: Currency,
    /// IANA zone of business dates, `Africa/Niamey`.
    pub time_zone: String,
    /// Minutes east of UTC now in that zone: a device without a zone database still knows its business date.
    pub utc_offset_minutes: i32,
    /// The office's raw P-256 point, to seal emergency files to (SYNC 40); an older office has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescue_key: Option<Bytes>,
    /// The country's rules that screens and reports use; an older office, or one without a pack, sends none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<OfficeRules>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub login: String,
    pub name: String,
    pub role: Role,
    /// Portfolios this user sees; empty for roles that see all.
    pub portfolios: Vec<PortfolioCode>,
    /// Agency code in receipt numbers; `SIE` for the head office.
    pub agency: String,
}

/// The roles of PRODUCT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Collector,
    Cashier,
    Manager,
    Accountant,
    Administrator,
    Auditor,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Collector,
        Self::Cashier,
        Self::Manager,
        Self::Accountant,
        Self::Administrator,
        Self::Auditor,
    ];

    /// As serialised and stored: `collector`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Collector => "collector",
            Self::Cashier => "cashier",
            Self::Manager => "manager",
            Self::Accountant => "accountant",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }

    /// Whether the whole organisation's dossiers are shipped to this role.
    pub fn sees_all(self) -> bool {
        matches!(self, Self::Manager | Self::Accountant | Self::Auditor)
    }

    /// Whether this role records facts about clients.
    pub fn records(self) -> bool {
        matches!(self, Self::Collector | Self::Manager | Self::Accountant)
    }

    /// Whether this role looks after devices and what was set aside.
    pub fn looks_after(self) -> bool {
        self.sees_all() || self == Self::Administrator
    }

    /// Whether this role imports statements and exports payments.
    pub fn keeps_ledger(self) -> bool {
        matches!(self, Self::Manager | Self::Accountant)
    }
}
