//! Devices and ledgers for the story.

use super::Cast;
use crate::PROTOCOL;
use crate::ack::Ack;
use crate::certificate::Certificate;
use crate::encoding::{Bytes, Hash};
use crate::enrol::{EnrolRequest, EnrolResponse, EnrolledDevice};
use crate::envelope::{FactText, SealedFact, Times, chain_hash};
use crate::key::{Algorithm, PublicKey};
use crate::office::{
    Dossiers, Examined, OfficeAuthor, OfficeDatabase, OfficeFact, OfficeKey, OfficeStore,
    PullRefused, PushRefused, Pushed, certified, enrol, pull, push, record,
};
use crate::pull::{PullRequest, PullResponse, Record};
use crate::push::{FactStatus, PushRequest, PushResponse};
use chrono::{DateTime, FixedOffset};
use serde_json::value::RawValue;
use tournee_domain::dossier::{Client, Dossier};
use tournee_domain::fact::{FactBody, LedgerImported};
use tournee_domain::id::PortfolioCode;
use tournee_domain::{BlobHash, ClientCode, DeviceId, FactId, UserId};
use uuid::Uuid;

/// 2026-11-02T08:00:00Z.
pub const NOW_MS: i64 = 1_793_606_400_000;

pub struct Teller<'a, D, K> {
    pub database: &'a D,
    pub key: &'a K,
    pub cast: Cast,
}

pub type StoreError<D> = <<D as OfficeDatabase>::Transaction as OfficeStore>::Error;

/// An enrolled device with its chain.
#[derive(Clone)]
pub struct Device {
    pub enrolled: EnrolResponse,
    key: PublicKey,
    pub seq: u64,
    pub head: Hash,
    pub receipts: u32,
}

pub fn fact_id(number: u128) -> FactId {
    FactId(Uuid::from_u128(number))
}

pub fn visit(client: &str) -> String {
    format!(
        r#"{{"client":"{client}","started_at":"2026-11-02T08:50:00+01:00","ended_at":"2026-11-02T09:00:00+01:00","outcome":"paid","report":"Passage"}}"#
    )
}

pub fn cash(client: &str, receipt: &str) -> String {
    format!(
        r#"{{"client":"{client}","date":"2026-11-02","receipt":"{receipt}","currency":"XOF","amount":"1000","method":{{"kind":"cash"}},"allocations":[]}}"#
    )
}

/// Of a payment of [`cash`].
pub fn reversal(client: &str, payment: u128, reverses: &str, receipt: &str) -> String {
    let payment = fact_id(payment);
    format!(
        r#"{{"client":"{client}","payment":"{payment}","reverses":"{reverses}","receipt":"{receipt}","date":"2026-11-02","currency":"XOF","amount":"1000","reason":"Erreur"}}"#
    )
}

/// What became of each fact.
pub fn statuses(response: &PushResponse) -> Vec<FactStatus> {
    let results = response.results.iter();
    results.map(|result| result.status).collect()
}

/// Code of every record of the pages, `-` before those that are erased, in their order.
pub fn codes(pages: &[PullResponse]) -> Vec<String> {
    let records = pages.iter().flat_map(|page| &page.records);
    records
        .map(|record| match record.body {
            Some(_) => record.id.clone(),
            None => format!("-{}", record.id),
        })
        .collect()
}

impl Device {
    /// The next receipt number of its series.
    pub fn next_receipt(&mut self) -> String {
        self.receipts += 1;
        let EnrolResponse { user, device, .. } = &self.enrolled;
        format!(
            "{}-{}-E{}-{:06}",
            user.agency, device.label, device.epoch, self.receipts
        )
    }

    /// The next fact of the chain.
    pub fn fact(&mut self, number: u128, type_name: &str, body: &str) -> SealedFact {
        let text = FactText {
            organisation: self.enrolled.organisation.id,
            device: self.enrolled.device.id,
            epoch: self.enrolled.device.epoch,
            seq: self.seq + 1,
            fact_id: fact_id(number),
            user: self.enrolled.user.id,
            type_name: type_name.to_owned(),
            schema: 1,
            times: Times {
                device: at(),
                zone: String::new(),
                office_offset_ms: None,
                office_offset_age_s: None,
            },
            base_cursor: None,
            body: RawValue::from_string(body.to_owned()).expect("bodies are JSON"),
        };
        self.seal(text.write())
    }

    /// Makes any text the next fact. Signatures are not the story's: it says which are good.
    pub fn seal(&mut self, text: String) -> SealedFact {
        let previous = self.head;
        let hash = chain_hash(previous, &text);
        self.seq += 1;
        self.head = hash;
        SealedFact {
            text,
            previous,
            hash,
            signature: Bytes(vec![7; 64]),
            key: self.key.id(),
        }
    }

    pub fn chain(&self) -> (DeviceId, u32) {
        (self.enrolled.device.id, self.enrolled.device.epoch)
    }

    fn request(&self, from_seq: u64) -> PushRequest {
        let (device, epoch) = self.chain();
        PushRequest {
            protocol: PROTOCOL,
            build: "story".to_owned(),
            device,
            epoch,
            from_seq,
            facts: Vec::new(),
            certificate: None,
            heartbeat: None,
        }
    }

    fn examine(&self, from_seq: u64, facts: &[SealedFact], signed: bool) -> Vec<Examined> {
        let key = self.key.id();
        let facts = (from_seq..).zip(facts);
        facts
            .map(|(seq, sealed)| Examined::new(seq, sealed.clone(), &key, |_, _| signed))
            .collect()
    }
}

fn at() -> DateTime<FixedOffset> {
    let at = DateTime::from_timestamp_millis(NOW_MS).expect("a time");
    at.fixed_offset()
}

impl<D: OfficeDatabase, K: OfficeKey> Teller<'_, D, K> {
    pub async fn begin(&self) -> D::Transaction {
        self.database.begin().await.expect("a transaction opens")
    }

    pub async fn commit(&self, transaction: D::Transaction) {
        let committed = self.database.commit(transaction).await;
        committed.expect("a transaction commits");
    }

    pub async fn clock(&self) -> u64 {
        self.begin().await.organisation().clock
    }

    /// A device of one user, from an installation of its own.
    pub async fn enrol(&self, user: UserId, installation: u128) -> Device {
        self.try_enrol(user, installation).await.expect("it enrols")
    }

    /// The same installation enrols once more, unless the device was revoked.
    pub async fn try_enrol(&self, user: UserId, installation: u128) -> Option<Device> {
        let installation = Uuid::from_u128(installation);
        let key = PublicKey {
            algorithm: Algorithm::Ed25519,
            bytes: Bytes(installation.as_bytes().repeat(2)),
        };
        let request = EnrolRequest {
            protocol: PROTOCOL,
            installation,
            key: key.clone(),
            build: "story".to_owned(),
            certificate: None,
        };
        let mut transaction = self.begin().await;
        let id = DeviceId(installation);
        let enrolled = enrol(&mut transaction, self.key, user, &request, id, NOW_MS).await;
        let enrolled = enrolled.ok()?;
        self.commit(transaction).await;
        Some(Device {
            enrolled,
            key,
            seq: 0,
            head: Hash::GENESIS,
            receipts: 0,
        })
    }

    /// Pushes into a transaction that is still open.
    pub async fn push_into(
        &self,
        transaction: &mut D::Transaction,
        device: &Device,
        from_seq: u64,
        facts: &[SealedFact],
    ) -> Pushed {
        let examined = device.examine(from_seq, facts, true);
        let request = device.request(from_seq);
        let pushed = push(transaction, &request, examined, None, None, NOW_MS).await;
        pushed.expect("a push signed by its device is taken")
    }

    /// A device that this office certified and does not know, since it was put back.
    pub fn forgotten(&self, like: &Device, id: u128, label: &str, epoch: u32) -> Device {
        let mut device = like.clone();
        device.enrolled.device = EnrolledDevice {
            id: DeviceId(Uuid::from_u128(id)),
            label: label.to_owned(),
            epoch,
        };
        let certificate = Certificate {
            organisation: like.enrolled.organisation.id,
            device: device.enrolled.device.id,
            label: label.to_owned(),
            epoch,
            user: like.enrolled.user.id,
            key: device.key.clone(),
            installation: Uuid::from_u128(id),
            issued_at_ms: NOW_MS,
        };
        device.enrolled.certificate = certificate.sign(self.key);
        (device.seq, device.head) = (0, Hash::GENESIS);
        device
    }

    /// Pushes with the device's certificate; none when the office does not know the device all the same.
    pub async fn push_certified(
        &self,
        device: &Device,
        facts: &[SealedFact],
        signed: bool,
    ) -> Option<PushResponse> {
        let mut request = device.request(1);
        request.certificate = Some(device.enrolled.certificate.clone());
        let known = certified(&request, device.enrolled.organisation.id, self.key);
        let examined = device.examine(1, facts, signed);
        let mut transaction = self.begin().await;
        let pushed = push(
            &mut transaction,
            &request,
            examined,
            known.as_ref(),
            None,
            NOW_MS,
        )
        .await;
        let pushed = pushed.ok()?;
        self.commit(transaction).await;
        Some(pushed.committed(self.key, NOW_MS))
    }

    /// A push that is committed; its acknowledgement must be the office's.
    pub async fn push(
        &self,
        device: &Device,
        from_seq: u64,
        facts: &[SealedFact],
    ) -> (PushResponse, Ack) {
        let mut transaction = self.begin().await;
        let pushed = self
            .push_into(&mut transaction, device, from_seq, facts)
            .await;
        self.commit(transaction).await;
        let response = pushed.committed(self.key, NOW_MS);
        let ack = self.acknowledged(&response.ack, device);
        (response, ack)
    }

    /// Why a push without a good signature is not taken.
    pub async fn push_unsigned(
        &self,
        device: &Device,
        facts: &[SealedFact],
        session: Option<UserId>,
    ) -> Option<PushRefused<StoreError<D>>> {
        let mut transaction = self.begin().await;
        let examined = device.examine(1, facts, false);
        let request = device.request(1);
        let pushed = push(&mut transaction, &request, examined, None, session, NOW_MS).await;
        pushed.err()
    }

    pub async fn try_pull(
        &self,
        device: &Device,
        session: UserId,
        cursor: Option<&str>,
    ) -> Result<PullResponse, PullRefused<StoreError<D>>> {
        self.try_pull_bucket(device, session, None, cursor).await
    }

    /// One bucket alone, or everything.
    pub async fn try_pull_bucket(
        &self,
        device: &Device,
        session: UserId,
        bucket: Option<&str>,
        cursor: Option<&str>,
    ) -> Result<PullResponse, PullRefused<StoreError<D>>> {
        let request = PullRequest {
            cursor: cursor.map(str::to_owned),
            bucket: bucket.map(str::to_owned),
            ..question(device)
        };
        self.ask(session, &request).await
    }

    /// Every record's summary in the first page of a device that reads this form of them.
    pub async fn summaries(
        &self,
        device: &Device,
        form: u32,
    ) -> Vec<(Option<String>, Option<String>)> {
        let request = PullRequest {
            summaries: Some(form),
            ..question(device)
        };
        let page = self.ask(device.enrolled.user.id, &request).await;
        let records = page.expect("a page of the own portfolio").records;
        let text = |value: Option<Box<RawValue>>| value.map(|value| value.get().to_owned());
        let both = |record: Record| (text(record.body), text(record.summary));
        records.into_iter().map(both).collect()
    }

    async fn ask(
        &self,
        session: UserId,
        request: &PullRequest,
    ) -> Result<PullResponse, PullRefused<StoreError<D>>> {
        let mut transaction = self.begin().await;
        pull(&mut transaction, self.key, session, request, NOW_MS).await
    }

    pub async fn pull(&self, device: &Device, cursor: Option<&str>) -> PullResponse {
        let session = device.enrolled.user.id;
        let page = self.try_pull(device, session, cursor).await;
        let page = page.expect("a page of the own portfolio");
        self.acknowledged(&page.ack, device);
        page
    }

    /// Pulls until there is no more.
    pub async fn pull_all(&self, device: &Device, cursor: Option<&str>) -> Vec<PullResponse> {
        let mut pages: Vec<PullResponse> = Vec::new();
        loop {
            let cursor = pages.last().map(|page| page.cursor.as_str()).or(cursor);
            let page = self.pull(device, cursor).await;
            let more = page.more;
            pages.push(page);
            if !more {
                return pages;
            }
        }
    }

    /// A statement: these clients are of that portfolio, with a name of that many letters.
    pub async fn import(&self, number: u128, portfolio: &str, clients: &[&str], letters: usize) {
        let mut dossiers = Dossiers::default();
        for code in clients {
            let code = ClientCode::new(code);
            dossiers.changed.insert(code.clone());
            let dossier = Dossier::new(client(&code, portfolio, letters));
            dossiers.by_client.insert(code, dossier);
        }
        self.record(number, dossiers).await;
    }

    /// A statement is undone: these clients are no longer known.
    pub async fn forget(&self, number: u128, clients: &[&str]) {
        let changed = clients.iter().map(|code| ClientCode::new(code)).collect();
        let dossiers = Dossiers {
            changed,
            ..Dossiers::default()
        };
        self.record(number, dossiers).await;
    }

    /// A fact of the office, whatever it says, and what it changed.
    async fn record(&self, number: u128, dossiers: Dossiers) {
        let body = FactBody::LedgerImported(LedgerImported {
            statement_date: at().date_naive(),
            complete: false,
            files: Vec::new(),
            rows: BlobHash::new("00"),
            clients: 0,
            invoices: 0,
            portfolio_map: Default::default(),
        });
        let author = OfficeAuthor {
            user: UserId(Uuid::nil()),
            name: "Office".to_owned(),
        };
        let fact = OfficeFact {
            author,
            id: fact_id(number),
            at: at(),
            flags: Vec::new(),
        };
        let mut transaction = self.begin().await;
        let recorded = record(&mut transaction, self.key, &[(fact, body)], dossiers).await;
        recorded.expect("the office records");
        self.commit(transaction).await;
    }

    fn acknowledged(&self, ack: &crate::ack::SignedAck, device: &Device) -> Ack {
        assert!(
            self.key.verify(ack.text.as_bytes(), &ack.signature.0),
            "the office signs its acknowledgements"
        );
        let ack: Ack = serde_json::from_str(&ack.text).expect("an acknowledgement");
        assert_eq!((ack.device, ack.epoch), device.chain());
        ack
    }
}

/// Everything from the beginning, without summaries.
fn question(device: &Device) -> PullRequest {
    let (id, epoch) = device.chain();
    PullRequest {
        protocol: PROTOCOL,
        build: "story".to_owned(),
        device: id,
        epoch,
        cursor: None,
        bucket: None,
        summaries: None,
        heartbeat: None,
    }
}

fn client(code: &ClientCode, portfolio: &str, letters: usize) -> Client {
    Client {
        portfolio: Some(PortfolioCode::new(portfolio)),
        ..Client::new(code.clone(), "n".repeat(letters))
    }
}
