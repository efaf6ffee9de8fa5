//! Whether a fact that took its place in its chain may change records.

use crate::enrol::Role;
use crate::envelope::FactText;
use std::collections::BTreeMap;
use tournee_domain::fact::{FactBody, UnreadableBody};
use tournee_domain::{DeviceId, FactId, OrganisationId, UserId};

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
    /// The device wrote another number into it than its place in the chain.
    #[error("the text says that it is number {said}; in its chain it is {is}")]
    Place { said: u64, is: u64 },
    #[error(transparent)]
    Body(#[from] UnreadableBody),
    #[error("the role « {role} » does not record « {type_name} »")]
    Role {
        role: &'static str,
        type_name: &'static str,
    },
    #[error("payment {0} was taken by somebody else: the office reverses it, or releases this")]
    NotOwn(FactId),
    #[error("receipt {0} is already on another payment")]
    ReceiptTaken(String),
}

impl Refusal {
    /// The word stored and shown to the office.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Envelope(_) => "envelope",
            Self::Identity(_) => "identity",
            Self::Place { .. } => "wrong_place",
            Self::Body(_) => "unreadable_body",
            Self::Role { .. } => "role",
            Self::NotOwn(_) => "not_own",
            Self::ReceiptTaken(_) => "receipt_taken",
        }
    }
}

/// Reads the body of the fact in place `seq` of its chain, and checks that its author may record it; `takers` are the users
/// who took the payments it names.
///
/// # Errors
/// [`Refusal`]: the fact is quarantined and keeps its place.
pub fn admit(
    author: &Author,
    seq: u64,
    text: &FactText,
    takers: &BTreeMap<FactId, UserId>,
) -> Result<Admitted, Refusal> {
    names_its_author(author, text).map_err(Refusal::Identity)?;
    if text.seq != seq {
        let (said, is) = (text.seq, seq);
        return Err(Refusal::Place { said, is });
    }
    let body = text.read_body()?;
    may_record(author, &body, takers)?;
    Ok(Admitted { body })
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

/// Who may record a type of fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// The office's own device alone (SYNC 35): no enrolled device does.
    Office,
    /// Whoever keeps the ledger.
    Ledger,
    /// Whoever records facts about clients.
    Field,
    /// The same, about a payment: of others', only who keeps the ledger.
    Taker(FactId),
}

fn right(body: &FactBody) -> Right {
    match body {
        FactBody::LedgerImported(_)
        | FactBody::PaymentsExported(_)
        | FactBody::ImportUndone(_)
        | FactBody::QuarantineReleased(_) => Right::Office,
        FactBody::DoubleResolved(_)
        | FactBody::ClientEditDecided(_)
        | FactBody::PaymentRedated(_)
        | FactBody::ChequeBounced(_)
        | FactBody::AmountWaived(_) => Right::Ledger,
        // Whoever meets the client uses credit as the client says; what stands already is undone by the office.
        FactBody::Reallocated(moved) if !moved.released.is_empty() => Right::Ledger,
        FactBody::PaymentReversed(reversed) => Right::Taker(reversed.payment),
        FactBody::Visit(_)
        | FactBody::Payment(_)
        | FactBody::ReceiptSigned(_)
        | FactBody::Discharge(_)
        | FactBody::SlipReturn(_)
        | FactBody::ReceiptPrinted(_)
        | FactBody::Reallocated(_)
        | FactBody::WithholdingAttested(_)
        | FactBody::DayClosed(_)
        | FactBody::ClientEditProposed(_) => Right::Field,
    }
}

pub(super) fn is_the_offices(body: &FactBody) -> bool {
    right(body) == Right::Office
}

fn may_record(
    author: &Author,
    body: &FactBody,
    takers: &BTreeMap<FactId, UserId>,
) -> Result<(), Refusal> {
    let role = author.role;
    let may = match right(body) {
        Right::Office => false,
        Right::Ledger => role.keeps_ledger(),
        Right::Field | Right::Taker(_) => role.records(),
    };
    if !may {
        return Err(Refusal::Role {
            role: role.code(),
            type_name: body.type_name(),
        });
    }
    match right(body) {
        // A payment that the office does not have is nobody's: its reversal is flagged, and has no effect.
        Right::Taker(payment)
            if !role.keeps_ledger()
                && takers
                    .get(&payment)
                    .is_some_and(|taker| *taker != author.user) =>
        {
            Err(Refusal::NotOwn(payment))
        }
        _ => Ok(()),
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

    /// A body of every type, and who may record it.
    fn table() -> Vec<(&'static str, &'static str, &'static [Role])> {
        use Role::{Accountant, Collector, Manager};
        const FIELD: &[Role] = &[Collector, Manager, Accountant];
        const LEDGER: &[Role] = &[Manager, Accountant];
        vec![
            (
                "ledger_imported",
                r#"{"statement_date":"2026-10-31","complete":false,"files":[],"rows":"00","clients":0,"invoices":0}"#,
                &[],
            ),
            ("payments_exported", r#"{"payments":[],"file":"00"}"#, &[]),
            (
                "import_undone",
                r#"{"import":"00000000-0000-0000-0000-000000000001","statement_date":"2026-10-31","reason":""}"#,
                &[],
            ),
            (
                "quarantine_released",
                r#"{"fact":"00000000-0000-0000-0000-000000000001","set_aside_for":"","text":"","previous":"","hash":"","signature":"","key":"","device":"00000000-0000-0000-0000-000000000001","epoch":1,"device_label":"","author":"","received_at_ms":0,"decisions":[]}"#,
                &[],
            ),
            (
                "double_resolved",
                r#"{"client":"C1","invoice":"F1","decision":"same_money"}"#,
                LEDGER,
            ),
            (
                "client_edit_decided",
                r#"{"client":"C1","proposal":"00000000-0000-0000-0000-000000000001"}"#,
                LEDGER,
            ),
            (
                "cheque_bounced",
                r#"{"client":"C1","payment":"00000000-0000-0000-0000-000000000001","receipt":"NIA-D01-E1-000001","date":"2026-11-02","reason":""}"#,
                LEDGER,
            ),
            (
                "amount_waived",
                r#"{"client":"C1","invoice":"F1","date":"2026-11-02","why":"small_difference","amount":"5"}"#,
                LEDGER,
            ),
            // Undoing what stands is the office's, using credit is everybody's who meets the client.
            (
                "reallocated",
                r#"{"client":"C1","source":{"kind":"credit_note","number":"A1"},"date":"2026-11-02","released":[{"invoice":"F1","amount":"5"}]}"#,
                LEDGER,
            ),
            (
                "reallocated",
                r#"{"client":"C1","source":{"kind":"payment","payment":"00000000-0000-0000-0000-000000000001"},"date":"2026-11-02","allocated":[{"invoice":"F1","amount":"5"}]}"#,
                FIELD,
            ),
            (
                "withholding_attested",
                r#"{"client":"C1","payment":"00000000-0000-0000-0000-000000000001","invoice":"F1","tax":"ISB","number":"7","date":"2026-11-02"}"#,
                FIELD,
            ),
            ("visit", VISIT, FIELD),
            (
                "payment",
                r#"{"client":"C1","date":"2026-11-02","receipt":"NIA-D01-E1-000001","currency":"XOF","amount":"5","method":{"kind":"cash"},"allocations":[]}"#,
                FIELD,
            ),
            ("payment_reversed", REVERSED, FIELD),
            (
                "receipt_signed",
                r#"{"client":"C1","payment":"00000000-0000-0000-0000-000000000001","receipt":"NIA-D01-E1-000001"}"#,
                FIELD,
            ),
            (
                "receipt_printed",
                r#"{"client":"C1","payment":"00000000-0000-0000-0000-000000000001","receipt":"NIA-D01-E1-000001"}"#,
                FIELD,
            ),
            (
                "discharge",
                r#"{"client":"C1","invoice":"F1","date":"2026-11-02","outcome":{"kind":"refused","reason":"no"}}"#,
                FIELD,
            ),
            (
                "slip_return",
                r#"{"client":"C1","invoice":"F1","slip":"B1","date":"2026-11-02","signer":{"name":"A"}}"#,
                FIELD,
            ),
            (
                "day_closed",
                r#"{"date":"2026-11-02","first_seq":1,"last_seq":0,"head_hash":"","totals":{}}"#,
                FIELD,
            ),
            (
                "client_edit_proposed",
                r#"{"client":"C1","changes":[]}"#,
                FIELD,
            ),
        ]
    }

    const VISIT: &str = r#"{"client":"C1","started_at":"2026-11-02T09:00:00+01:00","ended_at":"2026-11-02T09:10:00+01:00","outcome":"paid","report":""}"#;
    const REVERSED: &str = r#"{"client":"C1","payment":"00000000-0000-0000-0000-000000000007","reverses":"NIA-D01-E1-000001","receipt":"NIA-D01-E1-000002","date":"2026-11-02","currency":"XOF","amount":"5","reason":""}"#;

    #[test]
    fn each_role_records_what_is_its_own() {
        for (type_name, body, allowed) in table() {
            for role in Role::ALL {
                let admitted = admit(&author(role), 1, &text(type_name, body), &BTreeMap::new());
                let code = admitted.as_ref().map_err(Refusal::code).err();
                let expected = (!allowed.contains(&role)).then_some("role");
                assert_eq!(code, expected, "{type_name} by {role:?}: {admitted:?}");
            }
        }
    }

    #[test]
    fn collectors_reverse_what_they_took_themselves() {
        let payment = FactId(Uuid::from_u128(7));
        let (own, other) = (author(Role::Collector).user, UserId(Uuid::from_u128(5)));
        let cases = [
            (Role::Collector, Some(own), None),
            (Role::Collector, Some(other), Some("not_own")),
            // Unknown here: the dossier flags it.
            (Role::Collector, None, None),
            (Role::Manager, Some(other), None),
            (Role::Accountant, Some(other), None),
            (Role::Cashier, Some(own), Some("role")),
        ];
        for (role, taker, expected) in cases {
            let takers = taker.map(|taker| (payment, taker)).into_iter().collect();
            let admitted = admit(
                &author(role),
                1,
                &text("payment_reversed", REVERSED),
                &takers,
            );
            let code = admitted.map_err(|refusal| refusal.code()).err();
            assert_eq!(code, expected, "{role:?} of {taker:?}");
        }
    }

    #[test]
    fn what_the_text_claims_must_be_who_sent_it() {
        let sent = |change: fn(&mut FactText)| {
            let mut text = text("visit", VISIT);
            change(&mut text);
            admit(&author(Role::Collector), 1, &text, &BTreeMap::new())
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
        assert_eq!(sent(|text| text.seq = 2), Err("wrong_place"));
        assert_eq!(
            sent(|text| text.type_name = "teleport".into()),
            Err("unreadable_body")
        );
        assert_eq!(sent(|text| text.schema = 99), Err("unreadable_body"));
    }
}
