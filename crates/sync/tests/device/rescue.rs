//! What a device puts into its emergency file (SYNC 40).

use crate::support::{Fake, desk, named, photo, record_with};
use tournee_sync::certificate::{Certificate, SignedCertificate};
use tournee_sync::device::rescue::{RescueError, Rescued, export};
use tournee_sync::device::store::{DeviceStore, FactKey};
use tournee_sync::device::{Desk, send_media};
use tournee_sync::encoding::Bytes;
use tournee_sync::rescue::{RESCUE_MEDIA_MAX_BYTES, RescueContent, RescueFile};

/// What the file holds; the support's office seals nothing.
async fn rescued(desk: &Desk<Fake>, what: Rescued) -> RescueContent {
    let file = export(&desk.ports, what).await.expect("a file");
    let file: RescueFile = serde_json::from_slice(&file).expect("reads");
    assert_eq!(
        (file.head.label.as_str(), file.head.format.as_str()),
        ("D03", "tournee rescue 1")
    );
    serde_json::from_slice(&file.sealed.ciphertext.0).expect("reads")
}

#[test]
fn the_file_holds_what_the_office_lacks_byte_for_byte() {
    pollster::block_on(async {
        let desk = desk().await;
        let photos = [
            photo(1, 300),
            photo(2, 200),
            photo(3, RESCUE_MEDIA_MAX_BYTES),
        ];
        for (number, photo) in (1..).zip(&photos) {
            record_with(&desk, number, photo).await;
        }
        let through = FactKey { epoch: 1, seq: 1 };
        desk.store()
            .settle(through, &[])
            .await
            .expect("acknowledged");
        let stored = desk.store().facts_after(FactKey::START, 10).await;
        let stored = stored.expect("memory reads");

        let content = rescued(&desk, Rescued::Waiting).await;
        let seqs: Vec<u64> = content.facts.iter().map(|fact| fact.seq).collect();
        assert_eq!(seqs, [2, 3]);
        for (fact, stored) in content.facts.iter().zip(&stored[1..]) {
            assert_eq!(fact.sealed.text, stored.fact.text);
            assert_eq!(fact.sealed.hash.to_string(), stored.fact.hash);
        }
        let sizes = content.blobs.iter().map(|blob| blob.bytes.0.len());
        assert_eq!(sizes.collect::<Vec<_>>(), [200, 300], "the smallest first");
        assert_eq!(content.blobs_left_out, 1);
        assert_eq!(rescued(&desk, Rescued::All).await.facts.len(), 3);

        named(&desk, &photos[0]);
        send_media(&desk).await.expect("one goes");
        let content = rescued(&desk, Rescued::Waiting).await;
        assert_eq!(content.blobs.len(), 1, "what the office has stays out");
    });
}

#[test]
fn without_the_offices_key_there_is_no_file() {
    pollster::block_on(async {
        let desk = desk().await;
        let mut identity = desk.identity.borrow().clone();
        identity.organisation.rescue_key = None;
        desk.keep_identity(identity).await.expect("memory keeps it");
        let refused = export(&desk.ports, Rescued::Waiting).await;
        assert_eq!(refused, Err(RescueError::NoKey));
    });
}

#[test]
fn the_file_carries_the_certificate_of_each_epoch_with_facts_in_it() {
    pollster::block_on(async {
        let desk = desk().await;
        let device = desk.identity.borrow().device.clone();
        let certificate = |epoch: u32| SignedCertificate {
            text: serde_json::to_string(&Certificate {
                organisation: desk.identity.borrow().organisation.id,
                device: device.id,
                label: device.label.clone(),
                epoch,
                user: desk.identity.borrow().user.id,
                key: desk.identity.borrow().key.clone(),
                installation: Default::default(),
                issued_at_ms: 0,
            })
            .expect("serialises"),
            signature: Bytes(vec![1]),
        };
        let mut identity = desk.identity.borrow().clone();
        identity.certificates = vec![certificate(1), certificate(2)];
        desk.keep_identity(identity).await.expect("memory keeps it");
        assert_eq!(rescued(&desk, Rescued::All).await.certificates, []);
        record_with(&desk, 1, &photo(1, 300)).await;
        let content = rescued(&desk, Rescued::All).await;
        assert_eq!(content.certificates, [certificate(1)]);
    });
}
