//! A photo that is cut off, repeated or damaged on its way (SYNC 34, fault 3).

use crate::support::{Answer, Client, Device, Folder, Server};
use serde_json::json;
use sha2::{Digest, Sha256};
use tournee_sync::blob::BLOB_CHUNK_MAX_BYTES;

/// Some bytes, and their name.
fn photo(size: usize) -> (String, Vec<u8>) {
    let bytes: Vec<u8> = (0..size).map(|at| (at % 249) as u8).collect();
    (hex::encode(Sha256::digest(&bytes)), bytes)
}

/// Pushes a fact that names the bytes.
fn name(device: &mut Device, hash: &str, size: usize) {
    let fact = device.fact(
        "discharge",
        &json!({
            "client": "C1", "invoice": "C1-A", "date": "2026-11-02",
            "outcome": {"kind": "discharged", "signer": {"name": "Hadiza"}, "stamped": true},
            "attachments": [{"kind": "photo", "hash": hash, "media_type": "image/jpeg", "size_bytes": size}],
        }),
    );
    let seq = device.seq;
    device.pushed(seq, &[fact]);
}

/// Status, offset and whether it is verified.
fn told(answer: &Answer) -> (u16, u64, bool) {
    let offset = answer.header("upload-offset").parse().unwrap();
    (
        answer.status,
        offset,
        answer.header("upload-complete") == "?1",
    )
}

fn asked(client: &Client, hash: &str) -> (u16, u64, bool) {
    told(&client.send("HEAD", &format!("/api/v1/blobs/{hash}"), &[], &[]))
}

#[test]
fn an_upload_goes_on_where_the_office_is_also_after_it_was_restarted() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let (hash, bytes) = photo(300_000);
    let anyone = server.anyone();
    assert_eq!(asked(&anyone, &hash), (404, 0, false), "no fact names it");
    name(&mut device, &hash, bytes.len());
    assert_eq!(asked(&anyone, &hash), (200, 0, false));
    let first = &bytes[..BLOB_CHUNK_MAX_BYTES];
    let (through, end) = (first.len() as u64, bytes.len() as u64);
    assert_eq!(
        told(&anyone.send_chunk(&hash, 0, first)),
        (204, through, false)
    );
    let again = anyone.send_chunk(&hash, 0, first);
    assert_eq!(told(&again), (204, through, false), "nothing twice");
    drop(server);

    let server = Server::start(&folder);
    let anyone = server.anyone();
    assert_eq!(asked(&anyone, &hash), (200, through, false));
    let too_far = anyone.send_chunk(&hash, through + 1, &bytes[first.len() + 1..][..1000]);
    assert_eq!(told(&too_far), (409, through, false));
    assert_eq!(too_far.problem().1, "wrong_offset");
    let beyond = anyone.send_chunk(&hash, through, &[0; BLOB_CHUNK_MAX_BYTES]);
    assert_eq!(told(&beyond), (204, 2 * through, false));
    let other = anyone.send_chunk(&hash, 0, b"other bytes");
    assert_eq!(told(&other), (409, 2 * through, false));
    let rest = &bytes[2 * first.len()..];
    let spoilt = anyone.send_chunk(&hash, 2 * through, rest);
    assert_eq!(told(&spoilt), (422, 0, false), "a chunk was damaged");
    assert_eq!(spoilt.problem().1, "hash_mismatch");
    assert_eq!(
        server.user("one").get(&format!("/blobs/{hash}")).status,
        404
    );

    let mut offset = 0;
    for chunk in bytes.chunks(BLOB_CHUNK_MAX_BYTES) {
        let sent = told(&anyone.send_chunk(&hash, offset, chunk));
        offset += chunk.len() as u64;
        let whole = offset == end;
        assert_eq!(sent, (if whole { 201 } else { 204 }, offset, whole));
    }
    assert_eq!(asked(&anyone, &hash), (200, end, true));
    let late = anyone.send_chunk(&hash, 0, first);
    assert_eq!(
        told(&late),
        (204, end, true),
        "an old chunk changes nothing"
    );
    let fetched = server.user("one").get(&format!("/blobs/{hash}"));
    assert_eq!((fetched.status, fetched.body), (200, bytes));
    let left = std::fs::read_dir(folder.data().join("uploads")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn a_stranger_who_knows_the_name_spoils_nobodys_upload() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let one = server.user("one");
    let mut device = Device::enrol(&one);
    let (hash, bytes) = photo(1_000);
    name(&mut device, &hash, bytes.len());
    assert_eq!(
        told(&one.send_chunk(&hash, 0, &bytes[..600])),
        (204, 600, false)
    );
    let stranger = server.anyone();
    assert_eq!(asked(&stranger, &hash), (200, 0, false));
    let spoilt = stranger.send_chunk(&hash, 0, &[7; 1_000]);
    assert_eq!(told(&spoilt), (422, 0, false));
    assert_eq!(
        told(&stranger.send_chunk(&hash, 0, &[7; 900])),
        (204, 900, false)
    );
    assert_eq!(asked(&one, &hash), (200, 600, false));
    assert_eq!(
        told(&one.send_chunk(&hash, 600, &bytes[600..])),
        (201, 1_000, true)
    );
    assert_eq!(asked(&stranger, &hash), (200, 1_000, true));
}

#[test]
fn the_same_chunk_twice_at_once_is_one() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let (hash, bytes) = photo(100_000);
    name(&mut device, &hash, bytes.len());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let anyone = server.anyone();
                for (chunk, offset) in bytes.chunks(10_000).zip((0..).step_by(10_000)) {
                    let answer = anyone.send_chunk(&hash, offset, chunk);
                    assert!(matches!(answer.status, 201 | 204), "{answer}");
                }
            });
        }
    });
    assert_eq!(asked(&server.anyone(), &hash), (200, 100_000, true));
}

#[test]
fn a_chunk_says_where_it_begins() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let (hash, _) = photo(10);
    let path = format!("/api/v1/blobs/{hash}");
    for offset in [None, Some("-1"), Some("ten"), Some("")] {
        let header = offset.map(|offset| ("upload-offset", offset));
        let headers: Vec<_> = header.into_iter().collect();
        let answer = server.anyone().send("PATCH", &path, &headers, b"bytes");
        let expected = (400, "bad_request".into(), Some("upload-offset".into()));
        assert_eq!(answer.problem(), expected, "{offset:?}");
    }
}
