//! Photos on their way to the office, and off the device once they are there (SYNC 12, 33, 34, faults 3 and 7).

use crate::support::{Line, desk, named, photo, record_with};
use tournee_sync::blob::BLOB_CHUNK_MAX_BYTES;
use tournee_sync::device::store::DeviceStore;
use tournee_sync::device::{SyncError, free_media, send_media};

const CHUNK: u64 = BLOB_CHUNK_MAX_BYTES as u64;

#[test]
fn a_photo_goes_on_from_where_the_line_broke() {
    pollster::block_on(async {
        let desk = desk().await;
        let photo = photo(1, 3 * BLOB_CHUNK_MAX_BYTES);
        record_with(&desk, 1, &photo).await;
        send_media(&desk).await.expect("nothing to do yet");
        assert!(desk.ports.sent.borrow().is_empty(), "its fact goes first");

        named(&desk, &photo);
        *desk.ports.line.borrow_mut() = vec![Line::Cut, Line::Good];
        assert_eq!(send_media(&desk).await, Err(SyncError::TimedOut));
        assert_eq!(desk.waiting_blobs.borrow().len(), 1, "it still waits");
        send_media(&desk).await.expect("goes on");
        let sent = desk.ports.sent.borrow().clone();
        let begun: Vec<u64> = sent.iter().map(|(offset, _)| *offset).collect();
        let resumed = CHUNK + CHUNK / 2;
        assert_eq!(begun, [0, CHUNK, resumed, resumed + CHUNK]);
        assert_eq!(desk.ports.held.borrow()[&photo.hash], photo.bytes);
        assert!(desk.waiting_blobs.borrow().is_empty());
        let kept = desk.store().blob(&photo.hash).await;
        assert_eq!(kept, Ok(Some(photo)), "it stays on the device");
    });
}

#[test]
fn a_damaged_photo_begins_anew_but_not_for_ever() {
    pollster::block_on(async {
        let desk = desk().await;
        let photo = photo(1, 2 * BLOB_CHUNK_MAX_BYTES);
        record_with(&desk, 1, &photo).await;
        named(&desk, &photo);
        *desk.ports.line.borrow_mut() = vec![Line::Damaged, Line::Good];
        send_media(&desk)
            .await
            .expect("the second time it is whole");
        assert_eq!(desk.ports.sent.borrow().len(), 4);
        assert_eq!(desk.ports.held.borrow()[&photo.hash], photo.bytes);

        let other = crate::support::photo(2, 10);
        record_with(&desk, 2, &other).await;
        named(&desk, &other);
        desk.ports.always_damaged.set(true);
        let refused = send_media(&desk).await;
        assert!(matches!(refused, Err(SyncError::Refused(_))), "{refused:?}");
        assert_eq!(desk.waiting_blobs.borrow().len(), 1, "it still waits");
    });
}

#[test]
fn room_is_made_of_what_the_office_has_the_oldest_first_and_of_nothing_else() {
    pollster::block_on(async {
        let desk = desk().await;
        let photos: Vec<_> = (1..=4).map(|number| photo(number, 100)).collect();
        for (number, photo) in (1..).zip(&photos) {
            record_with(&desk, number, photo).await;
        }
        assert_eq!(free_media(&desk, 1).await, Ok(0), "everything waits");
        for photo in &photos[..3] {
            named(&desk, photo);
        }
        send_media(&desk).await.expect("three of them go");
        let facts_before = desk.store().facts_after(Default::default(), 10).await;

        assert_eq!(free_media(&desk, 150).await, Ok(200));
        let here = async |number: usize| {
            let found = desk.store().blob(&photos[number].hash).await;
            found.expect("memory reads").is_some()
        };
        let kept = [here(0).await, here(1).await, here(2).await, here(3).await];
        assert_eq!(kept, [false, false, true, true], "the newest stay");
        assert_eq!(free_media(&desk, 1_000).await, Ok(100));
        assert!(here(3).await, "what waits stays, whatever is asked");
        let facts_after = desk.store().facts_after(Default::default(), 10).await;
        assert_eq!(facts_after, facts_before, "facts stay");
    });
}
