//! The country's rules: built in, or a file of the office. Read and checked at every start (DOMAIN §8).

use crate::database::Database;
use crate::database::organisations::{self, OrganisationRecord};
use crate::error::{Error, Result};
use std::path::Path;
use tournee_domain::pack::{BUILT_IN, OfficeRules, Pack, load};

/// Packs this office can work with.
pub struct Packs {
    built_in: Vec<Pack>,
    /// Asked for by name or file.
    chosen: Option<Pack>,
}

impl Packs {
    /// Reads the built-in packs and, where `choice` is neither the code nor the file name of one, the file it names. Such a
    /// file may extend a built-in pack.
    ///
    /// # Errors
    /// One line that names file and line of the first mistake.
    pub fn read(choice: Option<&str>) -> Result<Self> {
        let wrong = |error: tournee_domain::pack::PackError| {
            Error::Usage(format!("country pack {error}; nothing was started"))
        };
        let built_in = load(&BUILT_IN).map_err(wrong)?;
        let Some(choice) = choice else {
            return Ok(Self {
                built_in,
                chosen: None,
            });
        };
        let named = BUILT_IN.iter().zip(&built_in).find(|((file, _), pack)| {
            pack.code.eq_ignore_ascii_case(choice) || file.strip_suffix(".toml") == Some(choice)
        });
        let chosen = match named {
            Some((_, pack)) => Some(pack.clone()),
            None => {
                let text = std::fs::read_to_string(choice).map_err(Error::file(
                    "no built-in country pack, and cannot read",
                    Path::new(choice),
                ))?;
                let files: Vec<_> = BUILT_IN
                    .into_iter()
                    .chain([(choice, text.as_str())])
                    .collect();
                load(&files).map_err(wrong)?.pop()
            }
        };
        Ok(Self { built_in, chosen })
    }

    /// The pack of an organisation: the one chosen, else its country's. `None` where there is none in its currency.
    ///
    /// # Errors
    /// When the one chosen is in another currency.
    fn of(&self, organisation: &OrganisationRecord) -> Result<Option<&Pack>> {
        let OrganisationRecord {
            country, currency, ..
        } = organisation;
        match &self.chosen {
            Some(pack) if pack.currency == *currency => Ok(Some(pack)),
            Some(pack) => Err(Error::Usage(format!(
                "country pack {} is in {}, « {} » in {currency}: choose another with --pack",
                pack.code, pack.currency, organisation.name
            ))),
            None => {
                let mut packs = self.built_in.iter();
                Ok(packs.find(|pack| pack.code == *country && pack.currency == *currency))
            }
        }
    }
}

/// Devices hear of the rules at their next pull.
///
/// # Errors
/// When the chosen pack is not the organisation's, or the database fails.
pub async fn tell(
    database: &Database,
    packs: &Packs,
    organisation: &OrganisationRecord,
) -> Result<()> {
    let pack = packs.of(organisation)?;
    match pack {
        Some(pack) => tracing::info!(pack = pack.code, "the country's rules were read"),
        None => tracing::warn!(
            country = organisation.country,
            "no built-in pack is of this country and currency: --pack names one"
        ),
    }
    let rules = pack.map(OfficeRules::from);
    if rules == organisation.rules {
        return Ok(());
    }
    let mut tx = database.write().await?;
    organisations::set_rules(&mut tx, rules.as_ref()).await?;
    Ok(tx.commit().await?)
}
