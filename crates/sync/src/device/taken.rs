//! The records of a page, taken apart for the store and for the lists.

use super::error::SyncError;
use crate::pull::PullResponse;
use serde_json::value::RawValue;
use tournee_domain::summary::Summary;
use tournee_domain::{ClientCode, Dossier};

/// The records of a page: what is stored, and what lists show of it. `None` erases.
pub(super) struct Taken {
    pub dossiers: Vec<(ClientCode, Option<String>)>,
    pub summaries: Vec<(ClientCode, Option<Summary>)>,
}

impl Taken {
    /// Takes the records out of a page.
    ///
    /// # Errors
    /// [`SyncError::TooOld`] when one of them cannot be read.
    pub fn out_of(response: &mut PullResponse) -> Result<Self, SyncError> {
        let records = std::mem::take(&mut response.records);
        let mut taken = Self {
            dossiers: Vec::with_capacity(records.len()),
            summaries: Vec::with_capacity(records.len()),
        };
        for record in records {
            let code = ClientCode::new(&record.id);
            let body = record.body.map(|body| String::from(Box::<str>::from(body)));
            let summary = match &body {
                Some(body) => Some(summary(&code, body, record.summary.as_deref())?),
                None => None,
            };
            taken.summaries.push((code.clone(), summary));
            taken.dossiers.push((code, body));
        }
        Ok(taken)
    }

    /// Nothing but erasures.
    pub fn erasing(codes: Vec<ClientCode>) -> Self {
        Self {
            dossiers: codes.iter().map(|code| (code.clone(), None)).collect(),
            summaries: codes.into_iter().map(|code| (code, None)).collect(),
        }
    }

    /// Whose records they are.
    pub fn codes(&self) -> Vec<ClientCode> {
        self.dossiers.iter().map(|(code, _)| code.clone()).collect()
    }
}

/// The summary of a dossier: the office's, if it made one, or else computed.
fn summary(code: &ClientCode, body: &str, made: Option<&RawValue>) -> Result<Summary, SyncError> {
    let made = made.and_then(|made| Summary::read(made.get()).ok());
    match made.filter(|made| made.code == *code) {
        Some(made) => Ok(made),
        None => Ok(Summary::of(&parse(body)?)),
    }
}

/// Reads a stored dossier.
///
/// # Errors
/// [`SyncError::TooOld`].
pub(super) fn parse(text: &str) -> Result<Dossier, SyncError> {
    // An older app may meet records it cannot read; what it has stays as it is.
    Dossier::read(text).map_err(|_| SyncError::TooOld)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tournee_domain::dossier::Client;

    const BODY: &str = r#"{"client":{"code":"C1","name":"SOMAIR"},"invoices":[]}"#;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).expect("JSON")
    }

    fn made_for(code: &str) -> String {
        let client = Client::new(ClientCode::new(code), "OFFICE".to_owned());
        serde_json::to_string(&Summary::of(&Dossier::new(client))).expect("serialises")
    }

    #[test]
    fn the_offices_summary_is_taken_if_it_is_one_of_this_client() {
        let code = ClientCode::new("C1");
        let name = |made: Option<&str>| {
            let made = made.map(raw);
            let summary = summary(&code, BODY, made.as_deref());
            summary.expect("a summary").name
        };
        assert_eq!(name(Some(&made_for("C1"))), "OFFICE");
        assert_eq!(name(Some(&made_for("C2"))), "SOMAIR");
        assert_eq!(name(Some("{}")), "SOMAIR", "unreadable");
        assert_eq!(name(None), "SOMAIR", "an older office");
        assert!(matches!(summary(&code, "{}", None), Err(SyncError::TooOld)));
    }
}
