//! Devices that take payments and remember what the office acknowledged.

use crate::support::{Device, Folder, Scheme, Server, cash};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;
use tournee_domain::{ClientCode, FactId};
use tournee_server::database::{facts, organisations, records};
use tournee_server::office::Office;
use tournee_server::{random, recompute};
use tournee_sync::ack::Ack;
use tournee_sync::envelope::SealedFact;
use tournee_sync::push::{FactStatus, PushResponse};

/// A payment somewhere on its way.
#[derive(Clone)]
pub struct Payment {
    pub id: FactId,
    pub client: String,
    pub amount: u32,
    pub sealed: SealedFact,
}

/// What became of one push.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// Everything pushed so far is acknowledged; how many facts the office had already.
    Acknowledged { duplicates: usize },
    /// No whole answer came: nobody knows.
    Nothing,
    /// A problem: its status and its type.
    Refused(u16, String),
}

/// A device that pays, and pushes again what no answer came for.
pub struct Payer {
    pub device: Device,
    clients: u32,
    /// In the order of the chain; the first of them are acknowledged.
    pub payments: Vec<Payment>,
    pub acknowledged: usize,
}

impl Payer {
    /// Pays for clients `C1` to `C<clients>`.
    pub fn enrol(server: &Server<'_>, login: &str, scheme: Scheme, clients: u32) -> Self {
        Self {
            device: Device::enrol_with(&server.user(login), scheme, random::uuid()),
            clients,
            payments: Vec::new(),
            acknowledged: 0,
        }
    }

    /// The server began anew elsewhere; the session goes on.
    pub fn meet(&mut self, base: &str) {
        let cookie = self.device.client.cookie.take();
        self.device.client = crate::support::Client::new(base);
        self.device.client.cookie = cookie;
    }

    /// Takes payments that differ in client and amount.
    pub fn pay(&mut self, payments: usize) {
        for _ in 0..payments {
            let n = u32::try_from(self.payments.len()).unwrap();
            let device = &mut self.device;
            let client = format!(
                "C{}",
                (n * 7 + device.enrolled.device.epoch) % self.clients + 1
            );
            let amount = 1 + n % 997;
            let id = FactId(random::uuid());
            let receipt = device.next_receipt();
            let body = cash(
                &client,
                &receipt,
                &format!("{client}-{}", n % 10),
                &amount.to_string(),
            );
            let sealed = device.fact_as(id, "payment", &body);
            self.payments.push(Payment {
                id,
                client,
                amount,
                sealed,
            });
        }
    }

    /// Pushes everything that is not acknowledged.
    pub fn push(&mut self) -> Told {
        let waiting: Vec<SealedFact> = self.payments[self.acknowledged..]
            .iter()
            .map(|payment| payment.sealed.clone())
            .collect();
        let from_seq = self.acknowledged as u64 + 1;
        let request = self.device.request(from_seq, &waiting);
        let Some(answer) = self.device.client.try_post("/push", &request) else {
            return Told::Nothing;
        };
        if answer.status != 200 {
            let (status, kind, _) = answer.problem();
            return Told::Refused(status, kind);
        }
        let response: PushResponse = answer.ok();
        let ack: Ack = serde_json::from_str(&response.ack.text).unwrap();
        assert_eq!(ack.acked_through, self.payments.len() as u64);
        assert_eq!(
            ack.chain_hash, self.device.head,
            "the office has this very chain"
        );
        assert_eq!(response.results.len(), waiting.len());
        let is = |status| {
            response
                .results
                .iter()
                .filter(|one| one.status == status)
                .count()
        };
        let duplicates = is(FactStatus::Duplicate);
        assert_eq!(
            duplicates + is(FactStatus::Accepted) + is(FactStatus::Flagged),
            waiting.len(),
            "{:?}",
            response.results
        );
        self.acknowledged = self.payments.len();
        Told::Acknowledged { duplicates }
    }

    /// The payments acknowledged so far.
    pub fn safe(&self) -> &[Payment] {
        &self.payments[..self.acknowledged]
    }
}

/// What an office's folder holds, read by the office's own code.
pub struct Held {
    /// How often each text is in the journal.
    texts: BTreeMap<String, u32>,
    /// What field payments sum up to.
    paid: BTreeMap<ClientCode, Decimal>,
    pub facts: u64,
}

impl Held {
    /// Everything of the folder; chains must hold, and records must be what the facts give.
    pub fn of(root: &std::path::Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let office = Office::open(root).await.unwrap();
            let report = recompute::check(&office).await.unwrap();
            assert!(report.is_good(), "{report:?}");
            let mut tx = office.database.read().await.unwrap();
            let organisation = organisations::required(&mut tx).await.unwrap().id;
            let all = facts::sealed(&mut tx, organisation, 0, u32::MAX)
                .await
                .unwrap();
            let mut texts = BTreeMap::new();
            for fact in all {
                *texts.entry(fact.sealed.text).or_default() += 1;
            }
            let dossiers = records::all_dossiers(&mut tx, organisation).await.unwrap();
            let paid = dossiers.into_iter().map(|(code, dossier)| {
                let amounts = dossier.payments.iter().map(|payment| payment.amount.0);
                (code, amounts.sum())
            });
            let held = Self {
                texts,
                paid: paid.collect(),
                facts: report.facts,
            };
            drop(tx);
            office.database.close().await;
            held
        })
    }

    /// Which of these payments the journal does not hold exactly once.
    pub fn missing<'p>(&self, payments: impl IntoIterator<Item = &'p Payment>) -> Vec<FactId> {
        let is_once = |payment: &&Payment| self.texts.get(&payment.sealed.text) == Some(&1);
        payments
            .into_iter()
            .filter(|payment| !is_once(payment))
            .map(|payment| payment.id)
            .collect()
    }

    /// Sums to the unit, when everything these devices recorded has arrived.
    pub fn sums_to(&self, payers: &[Payer]) {
        let mut expected: BTreeMap<ClientCode, Decimal> = BTreeMap::new();
        for payment in payers.iter().flat_map(|payer| &payer.payments) {
            *expected
                .entry(ClientCode::new(&payment.client))
                .or_default() += Decimal::from(payment.amount);
        }
        let paid = self.paid.iter().filter(|(_, sum)| !sum.is_zero());
        let paid: BTreeMap<ClientCode, Decimal> =
            paid.map(|(code, sum)| (code.clone(), *sum)).collect();
        assert_eq!(paid, expected);
    }
}

/// Whether the exported journal proves itself; how many payments it counts.
pub fn verified(folder: &Folder) -> u64 {
    let path = folder
        .path()
        .join(format!("journal-{}.jsonl", random::uuid()));
    let path = path.to_str().unwrap();
    folder.run(&["export", "journal", "--out", path]);
    let output = std::process::Command::new(crate::support::binary())
        .args(["verify-journal", path, "--json"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["good"], true, "{report}");
    let totals = report["journal"]["totals"].as_array().unwrap();
    totals
        .iter()
        .map(|total| total["payments"].as_u64().unwrap())
        .sum()
}
