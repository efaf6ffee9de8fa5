//! Whether a fact that took its place in its chain may change records.

use crate::enrol::Role;
use crate::envelope::FactText;
use tournee_domain::fact::{FactBody, UnreadableBody};
use tournee_domain::{DeviceId, OrganisationId, UserId};

/// Whose chain the fact stands in, as the office registered it.
#[derive(Clone, Copy, Debug)]
pub struct Author {
    pub organisation: OrganisationId,
    pub device: DeviceId,
    pub epoch: u32,
    pub user: UserId,
    pub role: Role,
}

/// A body that may change records.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub body: FactBody,
}

/// The fact keeps its place and changes nothing; a person looks at it (SYNC 16).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the text is no envelope: {0}")]
    Envelope(String),
    #[error("the text names another {0} than the one that sent it")]
    Identity(&'static str),
    #[error(transparent)]
    Body(#[from] UnreadableBody),
    #[error("the role « {role} » does not record « {type_name} »")]
    Role {
        role: &'static str,
        type_name: &'static str,
    },
    #[error("receipt {0} is already on another payment")]
    ReceiptTaken(String),
}

impl Refusal {
    /// The word stored and shown to the office.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Envelope(_) => "envelope",
            Self::Identity(_) => "identity",
            Self::Body(_) => "unreadable_body",
            Self::Role { .. } => "role",
            Self::ReceiptTaken(_) => "receipt_taken",
        }
    }
}

/// Reads the body and checks that its author may record it.
///
/// # Errors
/// [`Refusal`]: the fact is quarantined and keeps its place.
pub fn admit(author: &Author, text: &FactText) -> Result<Admitted, Refusal> {
    names_its_author(author, text).map_err(Refusal::Identity)?;
    let body = text.read_body()?;
    if may_record(author.role, &body) {
        Ok(Admitted { body })
    } else {
        Err(Refusal::Role {
            role: author.role.code(),
            type_name: body.type_name(),
        })
    }
}

/// What the text claims to be is who sent it; otherwise the part that differs.
pub(super) fn names_its_author(author: &Author, text: &FactText) -> Result<(), &'static str> {
    let claims = [
        ("organisation", text.organisation == author.organisation),
        ("device", text.device == author.device),
        ("epoch", text.epoch == author.epoch),
        ("user", text.user == author.user),
    ];
    let other = claims.into_iter().find(|(_, holds)| !holds);
    other.map_or(Ok(()), |(what, _)| Err(what))
}

/// Imports, exports and releases are the office device's own (SYNC 35): no enrolled device records them.
pub(super) fn is_the_offices(body: &FactBody) -> bool {
    matches!(
        body,
        FactBody::LedgerImported(_)
            | FactBody::PaymentsExported(_)
            | FactBody::ImportUndone(_)
            | FactBody::QuarantineReleased(_)
    )
}

fn may_record(role: Role, body: &FactBody) -> bool {
    match body {
        FactBody::LedgerImported(_)
        | FactBody::PaymentsExported(_)
        | FactBody::ImportUndone(_)
        | FactBody::QuarantineReleased(_) => false,
        FactBody::DoubleResolved(_) | FactBody::ClientEditDecided(_) => role.keeps_ledger(),
        FactBody::Visit(_)
        | FactBody::Payment(_)
        | FactBody::ReceiptSigned(_)
        | FactBody::Discharge(_)
        | FactBody::SlipReturn(_)
        | FactBody::PaymentReversed(_)
        | FactBody::ReceiptPrinted(_)
        | FactBody::DayClosed(_)
        | FactBody::ClientEditProposed(_) => role.records(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Times;
    use serde_json::value::RawValue;
    use uuid::Uuid;

    fn author(role: Role) -> Author {
        Author {
            organisation: OrganisationId(Uuid::from_u128(1)),
            device: DeviceId(Uuid::from_u128(2)),
            epoch: 3,
            user: UserId(Uuid::from_u128(4)),
            role,
        }
    }

    fn text(type_name: &str, body: &str) -> FactText {
        let author = author(Role::Collector);
        FactText {
            organisation: author.organisation,
            device: author.device,
            epoch: author.epoch,
            seq: 1,
            fact_id: tournee_domain::FactId(Uuid::from_u128(9)),
            user: author.user,
            type_name: type_name.into(),
            schema: 1,
            times: Times {
                device: "2026-11-02T09:00:00+01:00".parse().unwrap(),
                zone: String::new(),
                office_offset_ms: None,
                office_offset_age_s: None,
            },
            base_cursor: None,
            body: RawValue::from_string(body.into()).unwrap(),
        }
    }

    const VISIT: &str = r#"{"client":"C1","started_at":"2026-11-02T09:00:00+01:00","ended_at":"2026-11-02T09:10:00+01:00","outcome":"paid","report":""}"#;
    const RESOLVED: &str = r#"{"client":"C1","invoice":"F1","decision":"same_money"}"#;
    const EXPORTED: &str = r#"{"payments":[],"file":"00"}"#;

    #[test]
    fn each_role_records_what_is_its_own() {
        use Role::{Accountant, Administrator, Auditor, Cashier, Collector, Manager};
        let cases: [(&str, &str, &[Role]); 3] = [
            ("visit", VISIT, &[Collector, Manager, Accountant]),
            ("double_resolved", RESOLVED, &[Manager, Accountant]),
            ("payments_exported", EXPORTED, &[]),
        ];
        for (type_name, body, allowed) in cases {
            for role in [
                Collector,
                Cashier,
                Manager,
                Accountant,
                Administrator,
                Auditor,
            ] {
                let admitted = admit(&author(role), &text(type_name, body));
                assert_eq!(
                    admitted.is_ok(),
                    allowed.contains(&role),
                    "{type_name} by {role:?}"
                );
            }
        }
    }

    #[test]
    fn what_the_text_claims_must_be_who_sent_it() {
        let sent = |change: fn(&mut FactText)| {
            let mut text = text("visit", VISIT);
            change(&mut text);
            admit(&author(Role::Collector), &text)
                .map(|_| ())
                .map_err(|refusal| refusal.code())
        };
        assert_eq!(sent(|_| ()), Ok(()));
        assert_eq!(
            sent(|text| text.organisation.0 = Uuid::nil()),
            Err("identity")
        );
        assert_eq!(sent(|text| text.device.0 = Uuid::nil()), Err("identity"));
        assert_eq!(sent(|text| text.epoch = 1), Err("identity"));
        assert_eq!(sent(|text| text.user.0 = Uuid::nil()), Err("identity"));
        assert_eq!(
            sent(|text| text.type_name = "teleport".into()),
            Err("unreadable_body")
        );
        assert_eq!(sent(|text| text.schema = 99), Err("unreadable_body"));
    }
}
