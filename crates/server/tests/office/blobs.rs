//! Photos and signatures follow the facts that name them (SYNC 33, 34).

use crate::support::{Client, Device, Folder, Server};
use serde_json::json;
use sha2::{Digest, Sha256};
use tournee_sync::blob::{BLOB_CHUNK_MAX_BYTES, BLOB_MAX_BYTES};

/// Sends all bytes at once.
fn put(client: &Client, hash: &str, bytes: &[u8]) -> crate::support::Answer {
    client.send_chunk(hash, 0, bytes)
}

#[test]
fn bytes_are_taken_when_a_fact_names_them_and_given_to_who_sees_the_client() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let one = server.user("one");
    let anyone = server.anyone();
    let bytes = b"\xff\xd8\xff not much of a photo".to_vec();
    let hash = hex::encode(Sha256::digest(&bytes));
    let path = format!("/api/v1/blobs/{hash}");
    assert_eq!(
        put(&anyone, &hash, &bytes).problem().1,
        "unknown_blob",
        "no fact names it yet"
    );

    let mut device = Device::enrol(&one);
    let fact = device.fact(
        "discharge",
        &json!({
            "client": "C1", "invoice": "C1-A", "date": "2026-11-02",
            "outcome": {"kind": "discharged", "signer": {"name": "Hadiza"}, "stamped": true},
            "attachments": [{"kind": "photo", "hash": hash, "media_type": "image/jpeg", "size_bytes": bytes.len()}],
        }),
    );
    device.pushed(1, &[fact]);
    let asked = anyone.send("HEAD", &path, &[], &[]);
    assert_eq!((asked.status, asked.header("upload-offset")), (200, "0"));
    assert_eq!(put(&anyone, &hash, &bytes).status, 201, "without a session");
    assert_eq!(put(&anyone, &hash, &bytes).status, 204, "the same again");
    let asked = anyone.send("HEAD", &path, &[], &[]);
    assert_eq!(asked.header("upload-complete"), "?1");

    for (login, status) in [
        ("one", 200),
        ("manager", 200),
        ("auditor", 200),
        ("two", 404),
        ("cashier", 404),
    ] {
        let answer = server.user(login).get(&format!("/blobs/{hash}"));
        assert_eq!(answer.status, status, "{login}");
        if status == 200 {
            assert_eq!(
                (
                    answer.body,
                    answer.headers["content-type"].to_str().unwrap()
                ),
                (bytes.clone(), "image/jpeg")
            );
        }
    }
    assert_eq!(anyone.get(&format!("/blobs/{hash}")).status, 401);
    for bad in ["abc", &"g".repeat(64), &"0".repeat(65)] {
        assert_eq!(
            put(&anyone, bad, &bytes).problem().2.as_deref(),
            Some("hash"),
            "{bad}"
        );
    }
    let large = vec![0; BLOB_MAX_BYTES + 1];
    let hash = hex::encode(Sha256::digest(&large));
    let fact = device.fact(
        "slip_return",
        &json!({
            "client": "C1", "invoice": "C1-A", "slip": "BL01", "date": "2026-11-02", "signer": {"name": "Hadiza"},
            "attachments": [{"kind": "photo", "hash": hash, "media_type": "image/jpeg", "size_bytes": large.len()}],
        }),
    );
    device.pushed(2, &[fact]);
    let chunk = &large[..BLOB_CHUNK_MAX_BYTES];
    assert_eq!(put(&one, &hash, chunk).problem().0, 413, "the photo");
    let chunk = &large[..=BLOB_CHUNK_MAX_BYTES];
    assert_eq!(put(&one, &hash, chunk).problem().0, 413, "the chunk");
}

#[test]
fn the_photo_of_a_fact_that_was_set_aside_is_evidence_unless_a_stranger_names_it() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let anyone = server.anyone();
    let mut device = Device::enrol(&server.user("one"));
    let mut cloned = device.clone();
    let first = device.fact("visit", &crate::support::visit("C1"));
    device.pushed(1, &[first]);
    let photo = |name: &str| {
        let bytes = format!("\u{ff}\u{d8} {name}").into_bytes();
        (hex::encode(Sha256::digest(&bytes)), bytes)
    };
    let discharge = |hash: &str, size: usize| {
        json!({
            "client": "C1", "invoice": "C1-A", "date": "2026-11-02",
            "outcome": {"kind": "discharged", "signer": {"name": "Hadiza"}, "stamped": true},
            "attachments": [{"kind": "photo", "hash": hash, "media_type": "image/jpeg", "size_bytes": size}],
        })
    };
    let (hash, bytes) = photo("a fork's");
    let forked = cloned.fact("discharge", &discharge(&hash, bytes.len()));
    assert!(cloned.pushed(1, &[forked]).0.frozen);
    assert_eq!(put(&anyone, &hash, &bytes).status, 201);

    let (hash, bytes) = photo("a stranger's");
    let mut unsigned = device.fact("discharge", &discharge(&hash, bytes.len()));
    unsigned.signature.0[0] ^= 1;
    device.pushed(2, &[unsigned]);
    assert_eq!(put(&anyone, &hash, &bytes).problem().1, "unknown_blob");
}
