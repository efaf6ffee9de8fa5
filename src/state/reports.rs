//! All dossiers at once, and the columns that reports are computed from: built once, kept while nothing changes.

use super::app::App;
use super::device::Desk;
use super::types::StoreError;
use crate::browser::settings;
use leptos::prelude::{GetUntracked, WithUntracked};
use std::sync::Arc;
use tournee_domain::report::{Ledger, LedgerBuilder};
use tournee_domain::{Currency, Dossier, Rate};
use tournee_sync::device::store::DeviceStore;

/// Dossiers read in one go: between two of them the page answers taps.
const DOSSIERS_PER_TURN: u32 = 100;

/// In localStorage.
const PERCENTS: &str = "tournee.provision-percents";

/// The columns, and the state of records and own facts they were built from.
pub struct KeptLedger {
    revision: u64,
    currency: Currency,
    ledger: Arc<Ledger>,
}

impl App {
    /// The percentages a provision was last computed with on this installation, by age, as typed; at first those of the
    /// country's rules.
    pub fn provision_percents(&self) -> [String; 5] {
        let of_rules = || {
            let today = self.today();
            self.rules(|rules| {
                let rates = rules.provision_rates(today);
                std::array::from_fn(|age| rates.get(age).copied().unwrap_or_default().percent())
            })
        };
        let kept = settings::get(PERCENTS).or_else(of_rules);
        kept.unwrap_or_else(|| std::array::from_fn(|_| Rate::ZERO.percent()))
    }

    pub fn keep_provision_percents(&self, percents: [String; 5]) {
        settings::set(PERCENTS, &percents);
    }

    /// Every dossier of the portfolio, own pending facts applied.
    ///
    /// # Errors
    /// When the device's storage fails.
    pub async fn all_dossiers(&self) -> Result<Vec<Dossier>, StoreError> {
        let desk = self.open_desk()?;
        let mut dossiers = Vec::new();
        read(&desk, |dossier| {
            dossiers.push(dossier);
            Ok(())
        })
        .await?;
        Ok(dossiers)
    }

    /// Everything in `currency` that the portfolio's dossiers know, as reports read it. `progress` is told in percent how
    /// much has been read.
    ///
    /// # Errors
    /// When the device's storage fails, or a dossier holds what cannot be counted.
    pub async fn ledger(
        &self,
        currency: Currency,
        progress: impl Fn(u32),
    ) -> Result<Arc<Ledger>, StoreError> {
        let desk = self.open_desk()?;
        let revision = self.revision().get_untracked();
        if let Some(kept) = &*self.kept_ledger().borrow()
            && (kept.revision, kept.currency) == (revision, currency)
        {
            return Ok(kept.ledger.clone());
        }
        let all = self.summaries().with_untracked(|all| all.len()).max(1);
        let ledger = loop {
            let before = desk.store().pull_state().await?;
            let mut builder = LedgerBuilder::new(currency);
            let mut done = 0;
            read(&desk, |dossier| {
                done += 1;
                progress(u32::try_from(done * 100 / all).unwrap_or(100).min(100));
                let counted = builder.dossier(&dossier);
                counted.map_err(|error| StoreError::Corrupt(error.to_string()))
            })
            .await?;
            // Records that arrived in between would make a total that never was.
            if desk.store().pull_state().await? == before {
                break Arc::new(builder.finish());
            }
        };
        *self.kept_ledger().borrow_mut() = Some(KeptLedger {
            revision,
            currency,
            ledger: ledger.clone(),
        });
        Ok(ledger)
    }
}

/// Takes every dossier of the present generation, by code.
async fn read(
    desk: &Desk,
    mut take: impl FnMut(Dossier) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let generation = desk.pull.borrow().generation;
    let mut last = None;
    loop {
        let found = desk
            .store()
            .dossiers(generation, last.as_ref(), DOSSIERS_PER_TURN)
            .await?;
        for (_, text) in &found {
            let mut dossier =
                Dossier::read(text).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            desk.apply_to(&mut dossier);
            take(dossier)?;
        }
        match found.into_iter().next_back() {
            Some((code, _)) => last = Some(code),
            None => return Ok(()),
        }
    }
}
