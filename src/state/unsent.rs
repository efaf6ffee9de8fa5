//! What has not left this device, noted outside its database: when the browser clears that, the app can still say what
//! is gone (SYNC §2, fault 25).

use super::device::Desk;
use super::types::KnownUser;
use crate::browser::settings;
use serde::{Deserialize, Serialize};
use tournee_domain::{Amount, Currency, FactBody, ReceiptNumber, UserId};
use tournee_sync::device::PendingFact;
use tournee_sync::device::store::{DeviceStore, FactKey, StoreError};

/// In localStorage: browsers that evict databases leave it.
const UNSENT: &str = "tournee.unsent";
/// Payments noted one by one; the rest is counted.
const PAYMENTS_MAX: usize = 50;

/// Facts that one user's device in one epoch has recorded and not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsent {
    pub user: UserId,
    pub name: String,
    pub device_label: String,
    pub epoch: u32,
    /// The place of the last of them: gone from the database, all of them are.
    last: FactKey,
    pub facts: u32,
    pub payments: Vec<UnsentPayment>,
}

/// What the paper receipt of a lost payment says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsentPayment {
    pub receipt: ReceiptNumber,
    pub currency: Currency,
    pub amount: Amount,
}

impl Unsent {
    fn of(desk: &Desk, waiting: &[PendingFact]) -> Self {
        let identity = desk.identity.borrow();
        let payment = |fact: &PendingFact| match &fact.body {
            Ok(FactBody::Payment(payment)) => Some(UnsentPayment {
                receipt: payment.receipt.clone(),
                currency: payment.currency,
                amount: payment.amount,
            }),
            _ => None,
        };
        Self {
            user: identity.user.id,
            name: identity.user.name.clone(),
            device_label: identity.device.label.clone(),
            epoch: identity.device.epoch,
            last: waiting.last().map(|fact| fact.at).unwrap_or_default(),
            facts: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
            payments: waiting
                .iter()
                .filter_map(payment)
                .take(PAYMENTS_MAX)
                .collect(),
        }
    }

    /// Whether both are notes of the same device of the same user in the same epoch.
    fn is_of_same(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.user, one.device_label.clone(), one.epoch);
        key(self) == key(other)
    }
}

/// Notes what waits now, in place of the former note.
pub fn note(desk: &Desk, waiting: &[PendingFact]) {
    let unsent = Unsent::of(desk, waiting);
    change(|all| {
        all.retain(|other| !other.is_of_same(&unsent));
        if unsent.facts > 0 {
            all.push(unsent);
        }
    });
}

/// Notes of this user whose facts are not in the database any more.
///
/// # Errors
/// When the store fails.
pub async fn lost(desk: &Desk) -> Result<Vec<Unsent>, StoreError> {
    let present = Unsent::of(desk, &[]);
    let of_user = read().into_iter();
    let of_user = of_user.filter(|unsent| unsent.user == present.user);
    let mut lost = Vec::new();
    for unsent in of_user {
        if desk.store().fact(unsent.last).await?.is_none() {
            lost.push(unsent);
        } else if !unsent.is_of_same(&present) {
            // Still there, and what waits of it is noted with the present epoch.
            forget(&[unsent]);
        }
    }
    Ok(lost)
}

/// Notes of people whose data this installation does not hold any more.
pub fn without_data(known: &[KnownUser]) -> Vec<Unsent> {
    let is_known = |unsent: &Unsent| known.iter().any(|user| user.user == unsent.user);
    read()
        .into_iter()
        .filter(|unsent| !is_known(unsent))
        .collect()
}

/// Every note, for when the database cannot be asked.
pub fn read() -> Vec<Unsent> {
    settings::get(UNSENT).unwrap_or_default()
}

/// Somebody has taken note of these.
pub fn forget(noted: &[Unsent]) {
    change(|all| all.retain(|one| !noted.iter().any(|other| one.is_of_same(other))));
}

fn change(edit: impl FnOnce(&mut Vec<Unsent>)) {
    let before = read();
    let mut after = before.clone();
    edit(&mut after);
    if after != before {
        settings::set(UNSENT, &after);
    }
}
