//! A machine at rest: what its next start would show, read without time passing. Nothing is asked of the office.

use crate::ports::Machine;
use chrono::{DateTime, FixedOffset};
use std::rc::Rc;
use tournee_domain::BlobHash;
use tournee_store::Memory;
use tournee_sync::blob::UploadState;
use tournee_sync::device::{CallError, LockName, Ports};
use tournee_sync::encoding::{Bytes, Hash};
use tournee_sync::enrol::{EnrolRequest, EnrolResponse};
use tournee_sync::key::PublicKey;
use tournee_sync::office::SessionResponse;
use tournee_sync::pull::{PullRequest, PullResponse};
use tournee_sync::push::{PushRequest, PushResponse};
use tournee_sync::rescue::Sealed;

/// Reads a machine's disk as it is.
pub struct Still {
    machine: Rc<Machine>,
}

impl Still {
    pub fn new(machine: &Rc<Machine>) -> Self {
        Self {
            machine: machine.clone(),
        }
    }
}

impl Ports for Still {
    type Store = Memory;
    type Lock = ();

    fn store(&self) -> &Memory {
        self.machine.disk.content()
    }

    fn now(&self) -> DateTime<FixedOffset> {
        DateTime::default()
    }

    fn zone(&self) -> String {
        String::new()
    }

    fn build(&self) -> String {
        String::new()
    }

    async fn lock(&self, _: LockName) -> Result<(), String> {
        Ok(())
    }

    async fn try_lock(&self, _: LockName) -> Result<Option<()>, String> {
        Ok(Some(()))
    }

    async fn new_key(&self) -> Result<PublicKey, String> {
        Err("at rest".to_owned())
    }

    async fn has_key(&self, public: &PublicKey) -> bool {
        self.machine.private_keys.borrow().contains(public)
    }

    async fn sign(&self, _: &PublicKey, _: Hash) -> Result<Bytes, String> {
        Err("at rest".to_owned())
    }

    async fn verify(&self, _: &PublicKey, _: &[u8], _: &Bytes) -> Result<bool, String> {
        Err("at rest".to_owned())
    }

    async fn seal_for_office(&self, _: &Bytes, _: &[u8], _: &[u8]) -> Result<Sealed, String> {
        Err("at rest".to_owned())
    }

    async fn session(&self) -> Result<SessionResponse, CallError> {
        Err(CallError::Unreachable)
    }

    async fn enrol(&self, _: &EnrolRequest) -> Result<EnrolResponse, CallError> {
        Err(CallError::Unreachable)
    }

    async fn push(&self, _: &PushRequest) -> Result<PushResponse, CallError> {
        Err(CallError::Unreachable)
    }

    async fn pull(&self, _: &PullRequest) -> Result<PullResponse, CallError> {
        Err(CallError::Unreachable)
    }

    async fn upload_state(&self, _: &BlobHash) -> Result<Option<UploadState>, CallError> {
        Err(CallError::Unreachable)
    }

    async fn send_chunk(&self, _: &BlobHash, _: u64, _: &[u8]) -> Result<UploadState, CallError> {
        Err(CallError::Unreachable)
    }

    async fn fetch_blob(&self, _: &BlobHash) -> Result<Option<(String, Vec<u8>)>, CallError> {
        Err(CallError::Unreachable)
    }
}
