//! What of a pack devices work with: it travels with the organisation's settings, as JSON.

use super::{CashCeiling, Name, Pack, ProvisionMatrix, SmallDifferenceRule, Withholding, in_force};
use crate::Rate;
use crate::discount::SmallDifference;
use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The rules of the office's pack that screens and reports use. A kind this version does not know is ignored, and a rule it
/// cannot read does not hold here: an office may be newer than its devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeRules {
    /// Of the pack.
    pub code: String,
    pub name: Name,
    #[serde(default, deserialize_with = "readable")]
    pub withholding: Vec<Withholding>,
    #[serde(default, deserialize_with = "readable")]
    pub cash_ceiling: Vec<CashCeiling>,
    #[serde(default, deserialize_with = "readable")]
    pub provision_matrix: Vec<ProvisionMatrix>,
    #[serde(default, deserialize_with = "readable")]
    pub small_difference: Vec<SmallDifferenceRule>,
}

impl From<&Pack> for OfficeRules {
    fn from(pack: &Pack) -> Self {
        let rules = pack.rules.clone();
        Self {
            code: pack.code.clone(),
            name: pack.name.clone(),
            withholding: rules.withholding,
            cash_ceiling: rules.cash_ceiling,
            provision_matrix: rules.provision_matrix,
            small_difference: rules.small_difference,
        }
    }
}

impl OfficeRules {
    /// The rates of a provision by age on `day`, the least overdue first; none where no rule holds.
    pub fn provision_rates(&self, day: NaiveDate) -> &[Rate] {
        let mut matrices = in_force(&self.provision_matrix, day);
        matrices.next().map_or(&[], |matrix| &matrix.rates)
    }

    /// What may be given up on `day` without asking.
    pub fn small_difference(&self, day: NaiveDate) -> Option<SmallDifference> {
        let mut rules = in_force(&self.small_difference, day);
        rules.next().map(SmallDifference::from)
    }

    /// The most that anyone may pay on one debt by `method` on `day`.
    pub fn ceiling(&self, method: super::MethodKind, day: NaiveDate) -> Option<&CashCeiling> {
        let mut rules = in_force(&self.cash_ceiling, day);
        rules.find(|rule| rule.payee == "anyone" && rule.method == method)
    }

    /// The taxes that clients keep back on `day`.
    pub fn withholding(&self, day: NaiveDate) -> impl Iterator<Item = &Withholding> {
        in_force(&self.withholding, day)
    }
}

fn readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    // No raw text: settings also lie inside tagged lines, such as a journal's first.
    let listed: Vec<Value> = Vec::deserialize(deserializer)?;
    let read = listed
        .into_iter()
        .filter_map(|rule| serde_json::from_value(rule).ok());
    Ok(read.collect())
}

#[cfg(test)]
mod tests {
    use super::super::{BUILT_IN, MethodKind, load};
    use super::*;

    fn niger() -> OfficeRules {
        let packs = load(&BUILT_IN).unwrap();
        OfficeRules::from(packs.iter().find(|pack| pack.code == "NE").unwrap())
    }

    #[test]
    fn they_travel_as_json() {
        let rules = niger();
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<OfficeRules>(&text).unwrap(), rules);
        // As a journal's first line holds them: read by way of serde's own buffer.
        #[derive(Deserialize)]
        #[serde(tag = "line")]
        enum Line {
            Header { rules: OfficeRules },
        }
        let line = format!(r#"{{"line":"Header","rules":{text}}}"#);
        let Line::Header { rules: read } = serde_json::from_str(&line).unwrap();
        assert_eq!(read, rules);
        assert!(
            text.len() < 3_000,
            "{} bytes with every answer: {text}",
            text.len()
        );
    }

    #[test]
    fn of_a_newer_office_what_can_be_read_holds() {
        let mut sent: serde_json::Value = serde_json::to_value(niger()).unwrap();
        sent["usury"] = serde_json::json!([{"rate": "0.24"}]);
        sent["cash_ceiling"][0]["method"] = "barter".into();
        sent["withholding"][1]["of_what"] = "goods".into();
        let read: OfficeRules = serde_json::from_str(&sent.to_string()).unwrap();
        let known = niger();
        assert_eq!(read.cash_ceiling, known.cash_ceiling[1..]);
        assert_eq!(read.withholding, known.withholding[..1]);
        assert_eq!(read.small_difference, known.small_difference);
    }

    #[test]
    fn each_rule_holds_on_its_days() {
        let mut rules = niger();
        let day: NaiveDate = "2026-11-20".parse().unwrap();
        let first = |rules: &OfficeRules| rules.provision_rates(day).first().map(Rate::to_string);
        assert_eq!(first(&rules).as_deref(), Some("0.003"));
        assert_eq!(rules.withholding(day).count(), 2);
        let ceiling = rules.ceiling(MethodKind::Cash, day).unwrap();
        assert_eq!(ceiling.amount, 5_000_000.into());
        assert!(rules.ceiling(MethodKind::Cheque, day).is_none());
        assert_eq!(rules.small_difference(day).unwrap().at_most, 500.into());
        rules.provision_matrix[0].valid_from = day.succ_opt();
        assert_eq!(first(&rules), None);
    }
}
