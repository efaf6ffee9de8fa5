//! Facts that had been set aside and count after all, beside the office's facts that say so (SYNC §4).

use super::Connection;
use super::quarantine::AsideRecord;
use crate::error::{Error, Result};
use std::collections::BTreeSet;
use tournee_domain::{ClientCode, FactId, OrganisationId, ReceiptNumber};

/// A release about to be noted, in the transaction of its fact.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    pub aside: &'a AsideRecord,
    pub fact: FactId,
    pub release_fact: FactId,
    /// `None` when it has none, or another fact bears it.
    pub receipt: Option<&'a ReceiptNumber>,
    /// The client of a fact that moved money in a dossier, and its operator's transaction.
    pub payment: Option<(&'a ClientCode, Option<&'a str>)>,
}

/// Notes the release, and its payment until it is exported.
///
/// # Errors
/// When the database fails.
pub async fn note(
    connection: &mut Connection,
    organisation: OrganisationId,
    release: Release<'_>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO releases (organisation, fact_id, release_fact, quarantine, device, epoch, receipt_no)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(organisation.to_string())
    .bind(release.fact.to_string())
    .bind(release.release_fact.to_string())
    .bind(release.aside.id)
    .bind(release.aside.device.to_string())
    .bind(release.aside.epoch)
    .bind(release.receipt.map(ReceiptNumber::to_string))
    .execute(&mut *connection)
    .await?;
    let Some((client, transaction)) = release.payment else {
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO payments (organisation, payment, client, server_seq, operator_transaction)
         SELECT organisation, ?, ?, server_seq, ? FROM facts WHERE organisation = ? AND fact_id = ?",
    )
    .bind(release.fact.to_string())
    .bind(client.as_str())
    .bind(transaction)
    .bind(organisation.to_string())
    .bind(release.release_fact.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of these ids count already: in the journal, or released.
///
/// # Errors
/// When the database fails.
pub async fn counting(
    connection: &mut Connection,
    organisation: OrganisationId,
    ids: &[FactId],
) -> Result<BTreeSet<FactId>> {
    let list = serde_json::to_string(ids).map_err(|error| Error::corrupt("ids")(&error))?;
    let known: Vec<String> = sqlx::query_scalar(
        "SELECT fact_id FROM facts
         WHERE organisation = ?1 AND projected AND fact_id IN (SELECT value FROM json_each(?2))
         UNION SELECT fact_id FROM releases WHERE organisation = ?1 AND fact_id IN (SELECT value FROM json_each(?2))",
    )
    .bind(organisation.to_string())
    .bind(list)
    .fetch_all(connection)
    .await?;
    let ids = known.iter().map(|id| id.parse());
    ids.collect::<Result<_, _>>()
        .map_err(|error| Error::corrupt("an id")(&error))
}
