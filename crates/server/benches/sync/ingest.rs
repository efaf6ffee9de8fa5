//! Facts a second the office takes, beside a bare loop that verifies, hashes and writes the same rows in the same batches with
//! full synchronisation.

use crate::support::{Client, Device, Folder, Scheme, Server, cash, visit};
use crate::{RUNS, Row, median, ratio};
use sqlx::FromRow;
use std::process::Command;
use tournee_server::database::Database;
use tournee_server::keys::Verifier;
use tournee_server::{clock, random};
use tournee_sync::encoding::Bytes;
use tournee_sync::envelope::{SealedFact, chain_hash};
use tournee_sync::key::PublicKey;

const BATCHES: usize = 40;
const BATCH: usize = 100;
const CLIENTS: u32 = 300;
/// The office's share of the bare loop's speed, in thousandths, at least.
const SHARE_MIN: u64 = 700;

#[derive(FromRow)]
struct FactRow {
    organisation: String,
    server_seq: i64,
    device: String,
    epoch: i64,
    seq: i64,
    fact_id: Option<String>,
    type_name: String,
    projected: bool,
    client: Option<String>,
    receipt_no: Option<String>,
    author: String,
    flags: String,
    received_at_ms: i64,
    previous: String,
    hash: String,
    signature: Vec<u8>,
    key_id: String,
    text: String,
}

type PaymentRow = (String, String, String, i64, Option<String>);
type RecordRow = (String, String, String, Option<String>, i64, String, String);

/// What one push made the office write.
struct Written {
    facts: Vec<FactRow>,
    payments: Vec<PaymentRow>,
    records: Vec<RecordRow>,
}

/// An office with an enrolled device, and what that device will push.
struct Load {
    before: Folder,
    cookie: String,
    key: PublicKey,
    batches: Vec<Vec<SealedFact>>,
    requests: Vec<Vec<u8>>,
    written: Vec<Written>,
}

fn copied(from: &Folder) -> Folder {
    let to = Folder::empty();
    let status = Command::new("cp")
        .arg("-a")
        .arg(from.data())
        .arg(to.data())
        .status();
    assert!(status.unwrap().success());
    to
}

impl Load {
    fn new(scheme: Scheme) -> Self {
        let before = Folder::with_clients(CLIENTS);
        let server = Server::start(&before);
        let client = server.user("manager");
        let mut device = Device::enrol_with(&client, scheme, random::uuid());
        server.terminate();
        let mut batches = Vec::new();
        let mut requests = Vec::new();
        for batch in 0..BATCHES {
            let facts: Vec<SealedFact> = (0..BATCH)
                .map(|n| {
                    let code = format!("C{}", (batch * BATCH + n) % CLIENTS as usize + 1);
                    if n % 2 == 0 {
                        return device.fact("visit", &visit(&code));
                    }
                    let receipt = device.next_receipt();
                    device.fact("payment", &cash(&code, &receipt, "none", "100"))
                })
                .collect();
            let request = device.request((batch * BATCH) as u64 + 1, &facts);
            requests.push(serde_json::to_vec(&request).unwrap());
            batches.push(facts);
        }
        let mut load = Self {
            before,
            cookie: client.cookie.unwrap(),
            key: device.public_key(),
            batches,
            requests,
            written: Vec::new(),
        };
        load.written = load.write_down();
        load
    }

    /// Pushes once without looking at the clock, and notes what each push wrote.
    fn write_down(&self) -> Vec<Written> {
        let folder = copied(&self.before);
        let server = Server::start(&folder);
        let client = self.client(&server);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let database = Database::open(&folder.data().join("tournee.sqlite")).await.unwrap();
            let mut written = Vec::new();
            for request in &self.requests {
                let mut tx = database.read().await.unwrap();
                let last: i64 = sqlx::query_scalar("SELECT clock FROM organisations").fetch_one(&mut *tx).await.unwrap();
                drop(tx);
                assert_eq!(client.post_bytes("/push", request.clone()).status, 200);
                let mut tx = database.read().await.unwrap();
                written.push(Written {
                    facts: sqlx::query_as("SELECT * FROM facts WHERE server_seq > ? ORDER BY server_seq").bind(last).fetch_all(&mut *tx).await.unwrap(),
                    payments: sqlx::query_as(
                        "SELECT organisation, payment, client, server_seq, operator_transaction FROM payments WHERE server_seq > ?",
                    ).bind(last).fetch_all(&mut *tx).await.unwrap(),
                    records: sqlx::query_as(
                        "SELECT organisation, kind, id, bucket, server_seq, body, digest FROM records WHERE server_seq > ? ORDER BY server_seq",
                    ).bind(last).fetch_all(&mut *tx).await.unwrap(),
                });
            }
            written
        })
    }

    fn client(&self, server: &Server<'_>) -> Client {
        let mut client = server.anyone();
        client.cookie = Some(self.cookie.clone());
        client
    }

    /// Milliseconds the office takes.
    fn office(&self) -> u64 {
        let folder = copied(&self.before);
        let server = Server::start(&folder);
        let client = self.client(&server);
        assert_eq!(client.get("/session").status, 200);
        let began = clock::instant();
        for request in &self.requests {
            assert_eq!(client.post_bytes("/push", request.clone()).status, 200);
        }
        u64::try_from(began.elapsed().as_millis()).unwrap()
    }

    /// Milliseconds the bare loop takes.
    fn bare_loop(&self) -> u64 {
        let folder = copied(&self.before);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let database = Database::open(&folder.data().join("tournee.sqlite"))
                .await
                .unwrap();
            let began = clock::instant();
            for (facts, written) in self.batches.iter().zip(&self.written) {
                let verifier = Verifier::new(&self.key);
                for fact in facts {
                    assert!(chain_hash(fact.previous, &fact.text) == fact.hash);
                    assert!(verifier.is_signed(&fact.hash, &Bytes(fact.signature.0.clone())));
                }
                let mut tx = database.write().await.unwrap();
                written.insert(&mut tx).await;
                tx.commit().await.unwrap();
            }
            let ms = u64::try_from(began.elapsed().as_millis()).unwrap();
            database.close().await;
            ms
        })
    }
}

impl Written {
    async fn insert(&self, tx: &mut sqlx::SqliteConnection) {
        for row in &self.facts {
            sqlx::query(
                "INSERT INTO facts (organisation, server_seq, device, epoch, seq, fact_id, type_name, projected, client, receipt_no,
                                    author, flags, received_at_ms, previous, hash, signature, key_id, text)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(&row.organisation)
            .bind(row.server_seq)
            .bind(&row.device)
            .bind(row.epoch)
            .bind(row.seq)
            .bind(&row.fact_id)
            .bind(&row.type_name)
            .bind(row.projected)
            .bind(&row.client)
            .bind(&row.receipt_no)
            .bind(&row.author)
            .bind(&row.flags)
            .bind(row.received_at_ms)
            .bind(&row.previous)
            .bind(&row.hash)
            .bind(&row.signature)
            .bind(&row.key_id)
            .bind(&row.text)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        for (organisation, payment, client, server_seq, transaction) in &self.payments {
            sqlx::query(
                "INSERT INTO payments (organisation, payment, client, server_seq, operator_transaction) VALUES (?, ?, ?, ?, ?)",
            )
            .bind(organisation)
            .bind(payment)
            .bind(client)
            .bind(server_seq)
            .bind(transaction)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        for (organisation, kind, id, bucket, server_seq, body, digest) in &self.records {
            sqlx::query(
                "INSERT INTO records (organisation, kind, id, bucket, server_seq, body, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (organisation, kind, id) DO UPDATE SET bucket = ?4, server_seq = ?5, body = ?6, digest = ?7",
            )
            .bind(organisation)
            .bind(kind)
            .bind(id)
            .bind(bucket)
            .bind(server_seq)
            .bind(body)
            .bind(digest)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
    }
}

pub fn measure() -> Vec<Row> {
    let row = |scheme| {
        let load = Load::new(scheme);
        let (mut runs, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            floor.push(load.bare_loop());
            runs.push(load.office());
        }
        let (share, text) = ratio(median(&floor), median(&runs));
        let facts = (BATCHES * BATCH) as u64;
        Row {
            what: format!("{facts} facts in pushes of {BATCH}, {scheme:?}"),
            unit: "ms",
            verdict: format!(
                "{} facts/s; {text} × the bare loop's speed (at least 0.70)",
                facts * 1000 / median(&runs).max(1)
            ),
            good: share >= SHARE_MIN,
            runs,
            floor,
        }
    };
    [Scheme::Ed25519, Scheme::P256].map(row).into()
}
