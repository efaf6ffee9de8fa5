//! Facts that the office itself records: imports and exports, in the chain of its own device, signed with its key
//! (SYNC 35).

use crate::database::facts::{self, NewFact};
use crate::database::organisations::OrganisationRecord;
use crate::database::{Connection, devices};
use crate::error::{Error, Result};
use crate::office::Office;
use crate::{clock, random};
use chrono::{DateTime, FixedOffset};
use tournee_domain::fact::{Authored, BODY_SCHEMA, FactBody};
use tournee_domain::{FactId, UserId};
use tournee_sync::envelope::{FACT_TEXT_MAX_BYTES, FactText, SealedFact, Times, chain_hash};
use uuid::Uuid;

/// Who at the office does it.
#[derive(Clone, Debug)]
pub struct OfficeAuthor {
    pub user: UserId,
    pub name: String,
}

impl OfficeAuthor {
    /// Somebody at the server's command line.
    pub fn console(organisation: &OrganisationRecord) -> Self {
        Self {
            user: UserId(Uuid::nil()),
            name: organisation.name.clone(),
        }
    }
}

/// A fact about to be recorded: its id and time are needed before its body is known.
#[derive(Clone, Debug)]
pub struct OfficeFact {
    pub author: OfficeAuthor,
    pub id: FactId,
    pub at: DateTime<FixedOffset>,
}

impl OfficeFact {
    pub fn begin(author: &OfficeAuthor, organisation: &OrganisationRecord) -> Self {
        Self {
            author: author.clone(),
            id: random::fact_id(),
            at: clock::now()
                .with_timezone(&organisation.zone)
                .fixed_offset(),
        }
    }

    /// What the projections need of it.
    pub fn authored(&self) -> Authored {
        Authored {
            fact_id: self.id,
            at: self.at,
            author: self.author.name.clone(),
            device_label: devices::OFFICE_LABEL.to_owned(),
        }
    }

    /// Writes the fact under the number given, as the next of the office's chain.
    ///
    /// # Errors
    /// When the database fails, or the body is longer than a fact may be.
    pub async fn record(
        self,
        office: &Office,
        connection: &mut Connection,
        organisation: &OrganisationRecord,
        body: &FactBody,
        server_seq: u64,
    ) -> Result<()> {
        let mut epoch = devices::office(connection, organisation.id)
            .await?
            .ok_or_else(|| Error::Corrupt("the office has no device".to_owned()))?;
        let json = serde_json::to_string(body)
            .and_then(serde_json::value::RawValue::from_string)
            .map_err(|error| Error::corrupt("a fact's body")(&error))?;
        let text = FactText {
            organisation: organisation.id,
            device: epoch.device,
            epoch: epoch.epoch,
            seq: epoch.chain.head_seq + 1,
            fact_id: self.id,
            user: self.author.user,
            type_name: body.type_name().to_owned(),
            schema: BODY_SCHEMA,
            times: Times {
                device: self.at,
                zone: organisation.zone.name().to_owned(),
                office_offset_ms: Some(0),
                office_offset_age_s: Some(0),
            },
            base_cursor: None,
            body: json,
        };
        let written = text.write();
        if written.len() > FACT_TEXT_MAX_BYTES {
            return Err(Error::Corrupt(format!("a fact of {} bytes", written.len())));
        }
        let previous = epoch.chain.head_hash;
        let hash = chain_hash(previous, &written);
        let sealed = SealedFact {
            text: written,
            previous,
            hash,
            signature: office.key.sign(&hash.0),
            key: office.key.public().id(),
        };
        let new = NewFact {
            server_seq,
            device: epoch.device,
            epoch: epoch.epoch,
            seq: text.seq,
            fact_id: Some(self.id),
            type_name: body.type_name(),
            projected: true,
            client: None,
            receipt: None,
            author: &self.author.name,
            flags: &[],
            received_at_ms: self.at.timestamp_millis(),
            sealed: &sealed,
        };
        facts::insert(connection, organisation.id, &new).await?;
        epoch.chain.head_seq = text.seq;
        epoch.chain.head_hash = hash;
        epoch.head_device_ms = Some(self.at.timestamp_millis());
        devices::advance(connection, organisation.id, &epoch).await
    }
}
