//! The device's machine with its store in memory, natively: its first sync, and a day of payments pushed. In the browser the
//! store is IndexedDB: `cargo xtask bench browser first-sync` measures that, and has the budget.

use crate::support::{Answer, Client, Folder, Server, cash};
use crate::{RUNS, Row, median, ratio};
use chrono::{DateTime, FixedOffset};
use p256::ecdsa::signature::{Signer, Verifier};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::cell::Cell;
use tournee_domain::{BlobHash, FactBody, FactId};
use tournee_server::{clock, random};
use tournee_store::Memory;
use tournee_sync::blob::UploadState;
use tournee_sync::device::{CallError, Desk, LockName, Ports, exchange, record, sit_down};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::{EnrolRequest, EnrolResponse};
use tournee_sync::key::{Algorithm, PublicKey};
use tournee_sync::office::SessionResponse;
use tournee_sync::pull::{PullRequest, PullResponse};
use tournee_sync::push::{PushRequest, PushResponse};
use tournee_sync::rescue::Sealed;

const CLIENTS: u32 = 1000;
const PAYMENTS: u32 = 500;
const REQUESTS_MAX: u64 = 6;

/// A device on this machine.
struct Native {
    store: Memory,
    client: Client,
    key: ed25519_dalek::SigningKey,
    pushes: Cell<u64>,
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallError> {
    if answer.status == 200 {
        return Ok(answer.json());
    }
    Err(CallError::Problem {
        problem: Box::new(answer.json()),
        retry_after_s: None,
    })
}

impl Ports for Native {
    type Store = Memory;
    type Lock = ();

    fn store(&self) -> &Memory {
        &self.store
    }

    fn now(&self) -> DateTime<FixedOffset> {
        clock::now().fixed_offset()
    }

    fn zone(&self) -> String {
        "Africa/Niamey".to_owned()
    }

    fn build(&self) -> String {
        "bench".to_owned()
    }

    async fn lock(&self, _: LockName) -> Result<(), String> {
        Ok(())
    }

    async fn try_lock(&self, _: LockName) -> Result<Option<()>, String> {
        Ok(Some(()))
    }

    async fn new_key(&self) -> Result<PublicKey, String> {
        Ok(PublicKey {
            algorithm: Algorithm::Ed25519,
            bytes: Bytes(self.key.verifying_key().to_bytes().to_vec()),
        })
    }

    async fn has_key(&self, _: &PublicKey) -> bool {
        true
    }

    async fn sign(&self, _: &PublicKey, hash: Hash) -> Result<Bytes, String> {
        Ok(Bytes(self.key.sign(&hash.0).to_bytes().to_vec()))
    }

    async fn verify(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &Bytes,
    ) -> Result<bool, String> {
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key.bytes.0)
            .map_err(|error| error.to_string())?;
        let signature =
            p256::ecdsa::Signature::from_slice(&signature.0).map_err(|error| error.to_string())?;
        Ok(key.verify(message, &signature).is_ok())
    }

    async fn seal_for_office(&self, _: &Bytes, _: &[u8], _: &[u8]) -> Result<Sealed, String> {
        Err("nothing is rescued here".to_owned())
    }

    async fn session(&self) -> Result<SessionResponse, CallError> {
        read(&self.client.get("/session"))
    }

    async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolResponse, CallError> {
        read(&self.client.post("/enrol", request))
    }

    async fn push(&self, request: &PushRequest) -> Result<PushResponse, CallError> {
        self.pushes.set(self.pushes.get() + 1);
        read(&self.client.post("/push", request))
    }

    async fn pull(&self, request: &PullRequest) -> Result<PullResponse, CallError> {
        // As in a browser, the device may do something else meanwhile.
        let (client, request) = (self.client.clone(), request.clone());
        let asked = tokio::task::spawn_blocking(move || client.post("/pull", &request));
        read(&asked.await.map_err(|_| CallError::Unreachable)?)
    }

    async fn upload_state(&self, _: &BlobHash) -> Result<Option<UploadState>, CallError> {
        Ok(None)
    }

    async fn send_chunk(&self, _: &BlobHash, _: u64, _: &[u8]) -> Result<UploadState, CallError> {
        Err(CallError::Unreachable)
    }

    async fn fetch_blob(&self, _: &BlobHash) -> Result<Option<(String, Vec<u8>)>, CallError> {
        Ok(None)
    }
}

async fn desk(client: &Client) -> Desk<Native> {
    let native = Native {
        store: Memory::default(),
        client: client.clone(),
        key: ed25519_dalek::SigningKey::from_bytes(&random::bytes()),
        pushes: Cell::default(),
    };
    let session = native.session().await.unwrap();
    sit_down(native, session, random::uuid()).await.unwrap()
}

/// The same pages, asked for and kept as they come.
fn fetch_and_store(desk: &Desk<Native>) -> u64 {
    #[derive(Deserialize)]
    struct Page {
        cursor: String,
        more: bool,
    }
    let device = desk.identity.borrow().device.clone();
    let client = &desk.ports.client;
    let mut stored: Vec<Vec<u8>> = Vec::new();
    let mut cursor: Option<String> = None;
    let began = clock::instant();
    loop {
        let request = json!({"protocol": 1, "build": "bench", "device": device.id, "epoch": device.epoch, "cursor": cursor});
        let answer = client.post("/pull", &request);
        let page: Page = answer.json();
        stored.push(answer.body);
        if !page.more {
            break;
        }
        cursor = Some(page.cursor);
    }
    u64::try_from(began.elapsed().as_millis()).unwrap()
}

pub fn measure() -> Vec<Row> {
    let folder = Folder::with_clients(CLIENTS);
    let server = Server::start(&folder);
    let manager = server.user("manager");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (mut syncs, mut floor, mut pushes) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let desk = desk(&manager).await;
            floor.push(fetch_and_store(&desk));
            let began = clock::instant();
            exchange(&desk, |_| {}).await.unwrap();
            syncs.push(u64::try_from(began.elapsed().as_millis()).unwrap());

            for n in 0..PAYMENTS {
                let client = format!("C{}", n % CLIENTS + 1);
                let body = cash(&client, "NIA-D01-E1-000001", &format!("{client}-0"), "100");
                let body = FactBody::parse("payment", 1, &body.to_string()).unwrap();
                record(&desk, FactId(random::uuid()), body, Vec::new(), None)
                    .await
                    .unwrap();
            }
            exchange(&desk, |_| {}).await.unwrap();
            pushes.push(desk.ports.pushes.get());
        }
        let (_, text) = ratio(median(&syncs), median(&floor));
        let most = pushes.iter().max().copied().unwrap();
        vec![
            Row {
                what: format!(
                    "first sync of {CLIENTS} clients and {} invoices, native, store in memory",
                    CLIENTS * 10
                ),
                unit: "ms",
                verdict: format!(
                    "{text} × fetching the same pages and keeping them in memory; the budget is the browser's"
                ),
                good: true,
                runs: syncs,
                floor,
            },
            Row {
                what: format!("requests for {PAYMENTS} payments recorded offline"),
                unit: "requests",
                verdict: format!("at most {REQUESTS_MAX}"),
                good: most <= REQUESTS_MAX,
                runs: pushes,
                floor: Vec::new(),
            },
        ]
    })
}
