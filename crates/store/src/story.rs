//! The test story that every adapter passes.

use tournee_domain::fact::Flag;
use tournee_domain::{BlobHash, ClientCode, FactId};
use tournee_sync::device::store::{
    Append, BlobRecord, DeviceStore, FactKey, FactRecord, FactState, Head, LOG_ID, Loaded,
    PageWrite, PullState, Shadow, StoreError, WaitingBlob,
};
use uuid::Uuid;

/// Tells the whole story on an empty store; `other` is a second connection to the same store, as another tab has.
///
/// # Panics
/// When the adapter breaks a promise of the port.
pub async fn story<S: DeviceStore>(store: &S, other: &S) {
    an_empty_store_is_nobodys(store).await;
    facts_are_chained_by_compare_and_swap(store, other).await;
    a_failed_append_leaves_nothing(store).await;
    the_office_answers(store).await;
    a_snapshot_replaces_the_portfolio_when_complete(store, other).await;
    pages_change_the_present_generation(store).await;
    a_new_epoch_keeps_the_former_facts(store).await;
    drafts_and_notes_are_kept(store, other).await;
    an_office_put_back_hears_everything_again(store).await;
    forgotten_facts_leave_room_for_none(store, other).await;
}

async fn an_empty_store_is_nobodys<S: DeviceStore>(store: &S) {
    let loaded = store.load().await.expect("an empty store opens");
    assert_eq!(loaded, Loaded::default());
    assert_eq!(store.head().await, Ok(None));
    let nothing = store.append(&append(None, 1, 1)).await;
    assert_eq!(
        nothing,
        Err(StoreError::HeadMoved),
        "nobody has enrolled: there is no chain to add to"
    );
}

async fn facts_are_chained_by_compare_and_swap<S: DeviceStore>(store: &S, other: &S) {
    let genesis = head(1, 0, 0);
    store.enrol("{\"who\":1}", &genesis).await.expect("enrols");
    store.put_draft("pay:C1", "{}").await.expect("a draft");

    let mut first = append(Some(genesis.clone()), 1, 1);
    first.draft = Some("pay:C1".to_owned());
    first.blobs = vec![blob("aa", 700_000), blob("bb", 3)];
    store.append(&first).await.expect("the first fact");
    assert_eq!(store.head().await, Ok(Some(first.head.clone())));
    assert_eq!(
        store.draft("pay:C1").await,
        Ok(None),
        "the draft ends with its fact"
    );

    // The other tab read the head before the first fact went in.
    let late = append(Some(genesis), 1, 2);
    assert_eq!(other.append(&late).await, Err(StoreError::HeadMoved));
    assert_eq!(other.head().await, Ok(Some(first.head.clone())));
    // One photo may belong to several facts.
    let mut second = append(Some(first.head.clone()), 2, 2);
    second.blobs = vec![blob("aa", 700_000)];
    other
        .append(&second)
        .await
        .expect("with the head of now it goes");

    let again = append(Some(second.head.clone()), 3, 2);
    assert_eq!(
        store.append(&again).await,
        Err(StoreError::HeadMoved),
        "one id, one fact"
    );
    let at = FactKey { epoch: 1, seq: 1 };
    assert_eq!(store.fact(at).await, Ok(Some(first.fact.clone())));
    assert_eq!(store.fact_by_id(id(2)).await, Ok(Some(second.fact.clone())));
    assert_eq!(store.fact_by_id(id(9)).await, Ok(None));
    let facts = store.facts_after(FactKey::START, 10).await.expect("facts");
    let seqs: Vec<u64> = facts.iter().map(|stored| stored.fact.seq).collect();
    assert_eq!(seqs, [1, 2]);
    let limited = store.facts_after(FactKey::START, 1).await.expect("facts");
    assert_eq!(limited.len(), 1);
    let rest = store.facts_after(at, 10).await.expect("facts");
    assert_eq!(rest.len(), 1, "after a place, the place itself is left out");
}

async fn a_failed_append_leaves_nothing<S: DeviceStore>(store: &S) {
    let before = store.load().await.expect("loads");
    store.put_draft("pay:C2", "[1]").await.expect("a draft");
    let mut stale = append(Some(head(1, 7, 7)), 8, 8);
    stale.blobs = vec![blob("cc", 10)];
    stale.draft = Some("pay:C2".to_owned());
    assert_eq!(store.append(&stale).await, Err(StoreError::HeadMoved));
    assert_eq!(store.load().await, Ok(before));
    assert_eq!(store.blob(&BlobHash::new("cc")).await, Ok(None));
    assert_eq!(
        store.draft("pay:C2").await,
        Ok(Some("[1]".to_owned())),
        "what was typed stays"
    );
    store.delete_draft("pay:C2").await.expect("deletes");
}

async fn the_office_answers<S: DeviceStore>(store: &S) {
    let waiting = store.waiting_blobs().await.expect("blobs");
    let big = WaitingBlob {
        hash: BlobHash::new("aa"),
        media_type: "image/jpeg".to_owned(),
        size_bytes: 700_000,
    };
    assert_eq!(waiting.len(), 2, "one photo of two facts travels once");
    assert!(waiting.contains(&big));
    let hash = BlobHash::new("aa");
    store.blob_sent(&hash).await.expect("marks");
    assert_eq!(store.waiting_blobs().await.expect("blobs").len(), 1);
    assert_eq!(
        store.blob(&hash).await,
        Ok(Some(blob("aa", 700_000))),
        "sent bytes stay, in order"
    );
    assert_eq!(store.sent_blobs().await, Ok(vec![big]));
    let waiting = BlobHash::new("bb");
    assert_eq!(store.drop_sent_blob(&waiting).await, Ok(0));
    assert_eq!(
        store.blob(&waiting).await,
        Ok(Some(blob("bb", 3))),
        "what the office does not have stays"
    );

    let flagged = FactState::Flagged {
        flags: vec![Flag::OutOfScope],
    };
    let second = FactKey { epoch: 1, seq: 2 };
    store
        .settle(second, &[(second, flagged.clone())])
        .await
        .expect("settles");
    let loaded = store.load().await.expect("loads");
    assert_eq!(loaded.acked_through, second);
    assert_eq!((loaded.flagged, loaded.waiting_blobs.len()), (1, 1));
    assert_eq!(
        loaded.facts.len(),
        2,
        "the records do not hold them yet, so they still count"
    );
    assert_eq!(loaded.facts[0].state, None);
    assert_eq!(loaded.facts[1].state, Some(flagged));
}

async fn an_office_put_back_hears_everything_again<S: DeviceStore>(store: &S) {
    let before = store.load().await.expect("loads");
    store.begin_log("another log").await.expect("begins");
    let loaded = store.load().await.expect("loads");
    assert_eq!(loaded.acked_through, FactKey::START);
    assert_eq!(loaded.pull.applied_through, FactKey::START);
    assert!(loaded.facts.iter().all(|fact| fact.state.is_none()));
    assert_eq!(loaded.flagged, 0);
    assert_eq!(loaded.waiting_blobs.len(), 2, "sent ones, too");
    let hash = BlobHash::new("bb");
    store.blob_sent(&hash).await.expect("marks");
    assert_eq!(store.drop_sent_blob(&hash).await, Ok(3));
    assert_eq!(store.blob(&hash).await, Ok(None));
    assert_eq!(store.drop_sent_blob(&hash).await, Ok(0), "gone before");
    assert_eq!(
        store.blob(&BlobHash::new("aa")).await,
        Ok(Some(blob("aa", 700_000))),
        "other bytes stay"
    );
    assert_eq!(
        loaded.notes.get(LOG_ID).map(String::as_str),
        Some("another log")
    );
    let pull = PullState {
        applied_through: FactKey::START,
        ..before.pull
    };
    assert_eq!(
        (loaded.head, loaded.pull),
        (before.head, pull),
        "the rest is as it was"
    );
}

async fn forgotten_facts_leave_room_for_none<S: DeviceStore>(store: &S, other: &S) {
    let before = store.load().await.expect("loads");
    assert_eq!(before.forgotten_through, FactKey::START);
    let through = FactKey { epoch: 1, seq: 2 };
    let flagged = FactState::Flagged {
        flags: vec![Flag::OutOfScope],
    };
    let states = [(through, flagged)];
    store.settle(through, &states).await.expect("settles");
    store
        .forget(through, &[(through, id(2))])
        .await
        .expect("forgets");
    let loaded = other.load().await.expect("loads");
    assert_eq!(loaded.forgotten_through, through);
    assert_eq!((loaded.flagged, loaded.head), (0, before.head));
    assert_eq!(other.fact(through).await, Ok(None));
    assert_eq!(other.fact_by_id(id(2)).await, Ok(None));
    let facts = store.facts_after(FactKey::START, 10).await.expect("facts");
    let places: Vec<(u32, u64)> = facts
        .iter()
        .map(|stored| (stored.fact.epoch, stored.fact.seq))
        .collect();
    assert_eq!(places, [(1, 1), (2, 1)], "the others stay");
}

async fn a_snapshot_replaces_the_portfolio_when_complete<S: DeviceStore>(store: &S, other: &S) {
    let client = ClientCode::new("C1");
    let first_page = PageWrite {
        generation: 1,
        dossiers: vec![(client.clone(), Some("{\"old\":1}".to_owned()))],
        pull: PullState {
            shadow: Some(Shadow {
                generation: 1,
                cursor: "half".to_owned(),
            }),
            ..PullState::default()
        },
        ..PageWrite::default()
    };
    store.write_page(&first_page).await.expect("a page");
    assert_eq!(
        store.dossier(&client).await,
        Ok(None),
        "half a portfolio is not shown"
    );
    assert_eq!(
        other.dossiers(1, None, 9).await.expect("the shadow").len(),
        1,
        "but it is there, to go on from"
    );

    for generation in [1, 2] {
        let complete = PageWrite {
            generation,
            dossiers: vec![
                (ClientCode::new("C2"), Some("{}".to_owned())),
                (
                    client.clone(),
                    Some(format!("{{\"generation\":{generation}}}")),
                ),
            ],
            chunks: vec![(1, "[2]".to_owned()), (0, "[1]".to_owned())],
            pull: PullState {
                generation,
                cursor: Some("all".to_owned()),
                applied_through: FactKey { epoch: 1, seq: 1 },
                chunks: 2,
                shadow: None,
            },
            drop_other_generations: true,
        };
        store.write_page(&complete).await.expect("the last page");
        assert_eq!(store.pull_state().await, Ok(complete.pull.clone()));
        let (pull, chunks) = store.summaries().await.expect("summaries");
        assert_eq!(pull, complete.pull);
        assert_eq!(chunks, ["[1]", "[2]"], "by number");
        assert_eq!(
            other.dossier(&client).await,
            Ok(Some(format!("{{\"generation\":{generation}}}")))
        );
    }
    assert_eq!(
        store.dossiers(1, None, 9).await,
        Ok(Vec::new()),
        "the former is gone"
    );
    let loaded = store.load().await.expect("loads");
    assert_eq!(loaded.chunks.len(), 2);
    let seqs: Vec<u64> = loaded.facts.iter().map(|stored| stored.fact.seq).collect();
    assert_eq!(seqs, [2], "the records hold the first fact now");
    let own = store.load_own().await.expect("loads");
    assert_eq!((own.chunks.len(), own.facts), (0, loaded.facts));
}

async fn pages_change_the_present_generation<S: DeviceStore>(store: &S) {
    let before = store.pull_state().await.expect("a state");
    let page = PageWrite {
        generation: 2,
        dossiers: vec![
            (ClientCode::new("C2"), None),
            (ClientCode::new("C3"), Some("{\"new\":1}".to_owned())),
        ],
        chunks: vec![(0, "[3]".to_owned())],
        pull: PullState {
            cursor: Some("next".to_owned()),
            ..before
        },
        drop_other_generations: false,
    };
    store.write_page(&page).await.expect("a page");
    assert_eq!(store.dossier(&ClientCode::new("C2")).await, Ok(None));
    let read = |after, limit| store.dossiers(2, after, limit);
    let all = read(None, 9).await.expect("dossiers");
    let codes: Vec<&str> = all.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["C1", "C3"]);
    assert_eq!(all[1].1, "{\"new\":1}");
    assert_eq!(read(None, 1).await.expect("dossiers"), all[..1]);
    let first = ClientCode::new("C1");
    assert_eq!(read(Some(&first), 9).await.expect("dossiers"), all[1..]);
    let (_, chunks) = store.summaries().await.expect("summaries");
    assert_eq!(chunks, ["[3]", "[2]"]);
}

async fn a_new_epoch_keeps_the_former_facts<S: DeviceStore>(store: &S) {
    let genesis = head(2, 0, 0);
    store
        .enrol("{\"who\":2}", &genesis)
        .await
        .expect("enrols again");
    let mut fact = append(Some(genesis), 1, 21);
    fact.fact.epoch = 2;
    fact.head.epoch = 2;
    store.append(&fact).await.expect("the epoch's first fact");
    let facts = store.facts_after(FactKey::START, 10).await.expect("facts");
    let places: Vec<(u32, u64)> = facts
        .iter()
        .map(|stored| (stored.fact.epoch, stored.fact.seq))
        .collect();
    assert_eq!(places, [(1, 1), (1, 2), (2, 1)]);
    let renamed = store.keep_identity("{\"who\":3}", 2).await;
    renamed.expect("renames");
    for late in [
        store.enrol("{\"who\":4}", &head(2, 0, 0)).await,
        store.keep_identity("{\"who\":4}", 1).await,
    ] {
        assert_eq!(late, Err(StoreError::HeadMoved), "another tab came further");
    }
    let loaded = store.load().await.expect("loads");
    assert_eq!(loaded.identity.as_deref(), Some("{\"who\":3}"));
    assert_eq!(loaded.head, Some(fact.head), "the chain goes on");
}

async fn drafts_and_notes_are_kept<S: DeviceStore>(store: &S, other: &S) {
    for (key, json) in [("b", "1"), ("a", "2"), ("b", "3")] {
        store.put_draft(key, json).await.expect("a draft");
    }
    let expected = [("a", "2"), ("b", "3")].map(|(key, json)| (key.to_owned(), json.to_owned()));
    assert_eq!(other.drafts().await, Ok(expected.to_vec()));
    store.delete_draft("a").await.expect("deletes");
    assert_eq!(store.drafts().await.expect("drafts").len(), 1);
    store.put_note("exchange", "{}").await.expect("a note");
    let notes = store.load().await.expect("loads").notes;
    assert_eq!(notes.get("exchange").map(String::as_str), Some("{}"));
}

fn head(epoch: u32, seq: u64, receipts: u32) -> Head {
    Head {
        epoch,
        seq,
        hash: format!("{seq:064}"),
        receipts,
        tally: None,
    }
}

fn id(number: u128) -> FactId {
    FactId(Uuid::from_u128(number))
}

fn append(expected: Option<Head>, seq: u64, number: u128) -> Append {
    let expected = expected.unwrap_or_else(|| head(1, 0, 0));
    Append {
        head: head(1, seq, expected.receipts + 1),
        fact: FactRecord {
            epoch: 1,
            seq,
            fact_id: id(number),
            text: format!("{{\"é \\\" {number}\":1}}"),
            previous: expected.hash.clone(),
            hash: format!("{seq:064}"),
            signature: "c2lnbmF0dXJl".to_owned(),
            key: "0123456789abcdef".to_owned(),
        },
        expected,
        blobs: Vec::new(),
        draft: None,
    }
}

fn blob(hash: &str, size: usize) -> BlobRecord {
    let bytes = (0..size).map(|at| (at % 251) as u8).collect();
    BlobRecord {
        hash: BlobHash::new(hash),
        media_type: "image/jpeg".to_owned(),
        bytes,
    }
}
