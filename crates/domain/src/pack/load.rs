//! Packs from their text: read, checked, and joined with the pack each extends.

use super::rules::{
    CashCeiling, ChequePresentation, DocumentRetention, Holiday, Identifier, InvoiceCertification,
    LateInterest, LegalStage, LongestTerms, Name, PegRule, Prescription, ProvisionMatrix, RateCap,
    Rule, SmallDifferenceRule, StampDuty, Vat, Withholding,
};
use super::{Account, Accounts, Pack};
use crate::Currency;
use crate::terms::EndOfMonth;
use chrono::Weekday;
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// A pack cannot be used; nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {fault}")]
pub struct PackError {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    pub fault: PackFault,
}

/// What is wrong there, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackFault {
    #[error("{0}")]
    Unreadable(String),
    #[error("« {kind} » {key}: {why}")]
    Rule {
        kind: &'static str,
        key: Box<str>,
        why: Box<str>,
    },
    #[error("it extends « {0} », which is not among the packs before it: load that one first")]
    UnknownBase(String),
    #[error("no account for {0:?}: add it under [accounts.map], or to `none`")]
    MissingAccount(Account),
    #[error("{0:?} has an account and stands under `none` too: keep one")]
    AccountAndNone(Account),
    #[error("account « {0} » is not a number of 2 to 13 digits")]
    NotAnAccount(String),
    #[error("pack « {0} » stands twice: keep one")]
    Repeated(String),
}

macro_rules! rule_lists {
    ($($kind:ident: $rule:ident,)*) => {
        /// Every dated rule, by kind; of one kind and key, periods never overlap.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Rules {
            $(pub $kind: Vec<$rule>,)*
        }

        /// A pack's file as written.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct PackFile {
            code: String,
            name: Name,
            extends: Option<Spanned<String>>,
            currency: Currency,
            peg: Option<PegRule>,
            #[serde(default)]
            end_of_month: EndOfMonth,
            weekend: Vec<Weekday>,
            accounts: Option<Spanned<Accounts>>,
            $(#[serde(default)] $kind: Vec<Spanned<$rule>>,)*
        }

        impl PackFile {
            fn take_rules(&mut self, source: &Source) -> Result<Rules, PackError> {
                Ok(Rules {
                    $($kind: source.rules(stringify!($kind), std::mem::take(&mut self.$kind), self.currency)?,)*
                })
            }
        }

        impl Rules {
            /// These, and those of `base` for whose key there is none here.
            fn over(self, base: &Self) -> Self {
                Self {
                    $($kind: over(self.$kind, &base.$kind),)*
                }
            }
        }
    };
}

rule_lists! {
    vat: Vat,
    withholding: Withholding,
    stamp_duty: StampDuty,
    cash_ceiling: CashCeiling,
    cheque_presentation: ChequePresentation,
    late_interest: LateInterest,
    rate_cap: RateCap,
    longest_terms: LongestTerms,
    provision_matrix: ProvisionMatrix,
    small_difference: SmallDifferenceRule,
    legal_stage: LegalStage,
    prescription: Prescription,
    document_retention: DocumentRetention,
    identifier: Identifier,
    invoice_certification: InvoiceCertification,
    holiday: Holiday,
}

fn over<R: Rule + Clone>(own: Vec<R>, base: &[R]) -> Vec<R> {
    let keys: BTreeSet<String> = own.iter().map(Rule::key).collect();
    let kept = base.iter().filter(|rule| !keys.contains(&rule.key()));
    kept.cloned().chain(own.iter().cloned()).collect()
}

/// Packs from files, each name and text; a pack comes after the one it extends.
///
/// # Errors
/// [`PackError`] names the first file and line at fault.
pub fn load(files: &[(&str, &str)]) -> Result<Vec<Pack>, PackError> {
    let mut packs: Vec<Pack> = Vec::with_capacity(files.len());
    for (place, (name, text)) in files.iter().enumerate() {
        let source = Source { name, text };
        let mut file: PackFile = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            source.error(at, PackFault::Unreadable(error.message().to_owned()))
        })?;
        let base = match &file.extends {
            None => None,
            Some(extends) => {
                let known = files[..place].iter();
                let found = known
                    .zip(&packs)
                    .find(|((name, _), _)| name == extends.get_ref());
                let unknown = || {
                    let fault = PackFault::UnknownBase(extends.get_ref().clone());
                    source.error(extends.span().start, fault)
                };
                Some(found.ok_or_else(unknown)?.1)
            }
        };
        let rules = file.take_rules(&source)?;
        let pack = source.pack(file, rules, base)?;
        if packs.iter().any(|known| known.code == pack.code) {
            return Err(source.error(0, PackFault::Repeated(pack.code)));
        }
        packs.push(pack);
    }
    Ok(packs)
}

/// The text errors point into.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, at: usize, fault: PackFault) -> PackError {
        let before = self.text.as_bytes().iter().take(at);
        PackError {
            file: self.name.to_owned(),
            line: 1 + before.filter(|byte| **byte == b'\n').count(),
            fault,
        }
    }

    fn pack(&self, file: PackFile, rules: Rules, base: Option<&Pack>) -> Result<Pack, PackError> {
        Ok(Pack {
            accounts: self.accounts(file.accounts, base)?,
            rules: match base {
                Some(base) => rules.over(&base.rules),
                None => rules,
            },
            peg: file.peg.or_else(|| base.and_then(|base| base.peg.clone())),
            code: file.code,
            name: file.name,
            currency: file.currency,
            end_of_month: file.end_of_month,
            weekend: file.weekend,
        })
    }

    /// The base's accounts where the file names none of its own.
    fn accounts(
        &self,
        own: Option<Spanned<Accounts>>,
        base: Option<&Pack>,
    ) -> Result<Accounts, PackError> {
        let at = own.as_ref().map_or(0, |own| own.span().start);
        let own = own.map(Spanned::into_inner).unwrap_or_default();
        let mut accounts = base.map_or_else(Accounts::default, |base| base.accounts.clone());
        for (account, number) in &own.map {
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || !(2..=13).contains(&number.len()) {
                return Err(self.error(at, PackFault::NotAnAccount(number.clone())));
            }
            if own.none.contains(account) {
                return Err(self.error(at, PackFault::AccountAndNone(*account)));
            }
        }
        accounts
            .none
            .retain(|account| !own.map.contains_key(account));
        accounts
            .map
            .retain(|account, _| !own.none.contains(account));
        accounts.map.extend(own.map);
        accounts.none.extend(own.none);
        if !own.source.is_empty() {
            accounts.source = own.source;
        }
        let known = |account: &Account| {
            accounts.map.contains_key(account) || accounts.none.contains(account)
        };
        match Account::ALL.iter().find(|account| !known(account)) {
            Some(missing) => Err(self.error(at, PackFault::MissingAccount(*missing))),
            None => Ok(accounts),
        }
    }

    /// Rules of one kind: each with a source, a period, nothing absurd, and no two for the same key and day.
    fn rules<R: Rule>(
        &self,
        kind: &'static str,
        listed: Vec<Spanned<R>>,
        currency: Currency,
    ) -> Result<Vec<R>, PackError> {
        for (place, rule) in listed.iter().enumerate() {
            let (at, rule) = (rule.span().start, rule.get_ref());
            let validity = rule.validity();
            let before = listed[..place].iter();
            let mut same = before.filter(|other| other.get_ref().key() == rule.key());
            let other = same.find(|other| other.get_ref().validity().overlaps(validity));
            let reversed =
                matches!((validity.from, validity.to), (Some(from), Some(to)) if to < from);
            let why = match (rule.check(currency), other) {
                (Err(why), _) => why,
                _ if rule.source().trim().is_empty() => "it names no source".to_owned(),
                _ if reversed => "valid_to lies before valid_from".to_owned(),
                (Ok(()), Some(other)) => format!(
                    "another one of line {} holds at the same time: end that one before",
                    self.error(other.span().start, PackFault::Repeated(String::new()))
                        .line
                ),
                (Ok(()), None) => continue,
            };
            let fault = PackFault::Rule {
                kind,
                key: rule.key().into(),
                why: why.into(),
            };
            return Err(self.error(at, fault));
        }
        Ok(listed.into_iter().map(Spanned::into_inner).collect())
    }
}
