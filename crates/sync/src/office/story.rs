//! The test story that every office passes, whatever it is stored in.

mod chain;
mod portfolio;
mod teller;

use super::store::{OfficeDatabase, OfficeKey};
use teller::Teller;
use tournee_domain::UserId;

/// People that the office knows before the story begins.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// Sees REC01.
    pub one: UserId,
    /// Sees REC02.
    pub two: UserId,
    /// Sees REC01 and REC02.
    pub both: UserId,
    /// Sees everything.
    pub all: UserId,
}

/// Tells the whole story on an office without clients and devices.
///
/// # Panics
/// When the office breaks a promise.
pub async fn story<D: OfficeDatabase>(database: &D, key: &impl OfficeKey, cast: Cast) {
    let teller = Teller {
        database,
        key,
        cast,
    };
    chain::a_payment_enters_once(&teller).await;
    chain::what_was_not_committed_never_happened(&teller).await;
    chain::later_facts_wait_for_earlier_ones(&teller).await;
    chain::an_unreadable_fact_keeps_its_place(&teller).await;
    chain::a_fact_with_a_wrong_number_keeps_its_place(&teller).await;
    chain::a_receipt_is_on_one_payment(&teller).await;
    chain::collectors_take_back_what_they_took(&teller).await;
    chain::a_fork_freezes_until_the_device_enrols_again(&teller).await;
    chain::a_revoked_device_changes_nothing(&teller).await;
    chain::strangers_are_refused(&teller).await;
    portfolio::pages_hold_the_own_portfolio_and_say_what_is_in_them(&teller).await;
    portfolio::summaries_come_in_the_form_that_was_asked_for(&teller).await;
    portfolio::a_snapshot_catches_up_with_changes(&teller).await;
    portfolio::a_moved_client_leaves_one_and_reaches_the_other(&teller).await;
    portfolio::a_client_that_comes_back_is_whole(&teller).await;
    portfolio::a_client_that_is_erased_goes_from_everybody(&teller).await;
    portfolio::an_old_cursor_asks_for_a_snapshot(&teller).await;
    portfolio::sums_are_of_what_a_device_was_given(&teller).await;
    chain::an_office_that_was_put_back_knows_its_devices_again(&teller).await;
}
