//! Records reach the devices that may have them, whole, and leave those that may not.

use super::teller::{NOW_MS, Teller, codes, visit};
use crate::office::{OfficeDatabase, OfficeKey, OfficeStore, PullRefused, TOMBSTONES_KEPT_MS};
use crate::pull::{BucketSum, PULL_PAGE_BYTES_MAX, PullResponse, RecordKind, record_digest};
use tournee_domain::Dossier;
use tournee_domain::id::PortfolioCode;
use tournee_domain::summary::{SUMMARY_FORM, Summary};

/// Three of these do not fit into one page.
const LARGE: usize = PULL_PAGE_BYTES_MAX * 2 / 5;

pub async fn pages_hold_the_own_portfolio_and_say_what_is_in_them<
    D: OfficeDatabase,
    K: OfficeKey,
>(
    teller: &Teller<'_, D, K>,
) {
    let clients = ["L1", "L2", "L3", "L4", "L5"];
    teller.import(101, "REC02", &clients, LARGE).await;
    let mut device = teller.enrol(teller.cast.two, 100).await;
    let pages = teller.pull_all(&device, None).await;
    let sizes: Vec<_> = pages.iter().map(|page| page.records.len()).collect();
    assert_eq!(sizes, [3, 2, 1], "C3 and five large ones");
    let numbers: Vec<_> = pages
        .iter()
        .flat_map(|page| &page.records)
        .map(|record| record.server_seq)
        .collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    for page in &pages {
        assert!(page.snapshot);
        assert_eq!((page.progress.total, page.applied_through), (6, 0));
    }
    let all: Vec<_> = pages.iter().map(|page| page.progress.done).collect();
    assert_eq!(all, [3, 5, 6]);
    let cursor = &pages[2].cursor;

    let facts = [
        device.fact(102, "visit", &visit("L1")),
        device.fact(103, "visit", &visit("L1")),
    ];
    teller.push(&device, 1, &facts).await;
    let later = teller.pull_all(&device, Some(cursor)).await;
    assert_eq!(codes(&later), ["L1"], "only what changed");
    assert_eq!((later[0].snapshot, later[0].applied_through), (false, 2));
    let nothing = teller.pull_all(&device, Some(&later[0].cursor)).await;
    assert_eq!((codes(&nothing).len(), nothing[0].applied_through), (0, 2));
    let before = teller.pull(&device, None).await;
    assert!(before.more);
    assert_eq!(
        before.applied_through, 0,
        "half a snapshot holds nothing for sure"
    );
}

pub async fn summaries_come_in_the_form_that_was_asked_for<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let device = teller.enrol(teller.cast.two, 105).await;
    let records = teller.summaries(&device, SUMMARY_FORM).await;
    assert_eq!(records.len(), 3);
    for (body, summary) in records {
        let dossier = Dossier::read(&body.expect("nothing was erased")).expect("a dossier");
        let told = summary.as_deref().map(Summary::read);
        let told = told.expect("it was asked for").expect("a summary");
        assert_eq!(told, Summary::of(&dossier));
    }
    let other = teller.summaries(&device, SUMMARY_FORM + 1).await;
    assert!(other.iter().all(|(_, summary)| summary.is_none()));
}

pub async fn a_snapshot_catches_up_with_changes<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let device = teller.enrol(teller.cast.two, 110).await;
    let first = teller.pull(&device, None).await;
    assert_eq!(codes(std::slice::from_ref(&first)), ["C3", "L2", "L3"]);
    let mut other = teller.enrol(teller.cast.two, 111).await;
    // One that was already given, and one that is still to come; then one leaves.
    let facts = [
        other.fact(112, "visit", &visit("C3")),
        other.fact(113, "visit", &visit("L5")),
    ];
    teller.push(&other, 1, &facts).await;
    teller.import(114, "REC01", &["L2"], LARGE).await;
    let rest = teller.pull_all(&device, Some(&first.cursor)).await;
    assert_eq!(codes(&rest), ["L4", "L1", "C3", "L5", "-L2"]);
    assert!(rest.iter().all(|page| page.snapshot));
    let last = rest.last().expect("a page");
    assert_eq!(last.progress.done, last.progress.total);
}

pub async fn a_moved_client_leaves_one_and_reaches_the_other<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let one = teller.enrol(teller.cast.one, 120).await;
    let two = teller.enrol(teller.cast.two, 121).await;
    let both = teller.enrol(teller.cast.both, 122).await;
    let mut cursors = Vec::new();
    for device in [&one, &two, &both] {
        let pages = teller.pull_all(device, None).await;
        assert!(
            codes(&pages).iter().all(|code| !code.starts_with('-')),
            "what left before a snapshot is not in it"
        );
        cursors.push(pages.last().expect("a page").cursor.clone());
    }
    teller.import(123, "REC01", &["C3"], 10).await;
    let loses = teller.pull_all(&two, Some(&cursors[1])).await;
    assert_eq!(codes(&loses), ["-C3"]);
    let gains = teller.pull_all(&one, Some(&cursors[0])).await;
    assert_eq!(codes(&gains), ["C3"], "whole");
    let sees = teller.pull_all(&both, Some(&cursors[2])).await;
    assert_eq!(codes(&sees), ["C3"], "and never loses it");
    assert_eq!(
        loses[0].records[0].server_seq, gains[0].records[0].server_seq,
        "one change, one number"
    );
    let again = teller.pull_all(&two, Some(&loses[0].cursor)).await;
    assert!(codes(&again).is_empty(), "once");
}

pub async fn a_client_that_comes_back_is_whole<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let one = teller.enrol(teller.cast.one, 130).await;
    let two = teller.enrol(teller.cast.two, 131).await;
    let cursor = |pages: Vec<crate::pull::PullResponse>| pages[pages.len() - 1].cursor.clone();
    let at_one = cursor(teller.pull_all(&one, None).await);
    let at_two = cursor(teller.pull_all(&two, None).await);
    teller.import(132, "REC02", &["C1"], 10).await;
    teller.import(133, "REC01", &["C1"], 10).await;
    let pages = teller.pull_all(&one, Some(&at_one)).await;
    assert_eq!(codes(&pages), ["C1"]);
    let pages = teller.pull_all(&two, Some(&at_two)).await;
    assert_eq!(codes(&pages), ["-C1"], "whatever it missed meanwhile");
    teller.import(134, "REC03", &["C1"], 10).await;
    let pages = teller.pull_all(&one, Some(&at_one)).await;
    assert_eq!(codes(&pages), ["-C1"], "nobody of the cast sees it now");
}

pub async fn a_client_that_is_erased_goes_from_everybody<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let two = teller.enrol(teller.cast.two, 135).await;
    let both = teller.enrol(teller.cast.both, 136).await;
    let all = teller.enrol(teller.cast.all, 137).await;
    teller.import(138, "REC02", &["E1"], 10).await;
    let mut cursors = Vec::new();
    for device in [&two, &both, &all] {
        let pages = teller.pull_all(device, None).await;
        assert!(codes(&pages).contains(&"E1".to_owned()));
        cursors.push(pages.last().expect("a page").cursor.clone());
    }
    teller.forget(139, &["E1"]).await;
    for (device, cursor) in [&two, &both, &all].into_iter().zip(&mut cursors) {
        let pages = teller.pull_all(device, Some(cursor)).await;
        assert_eq!(codes(&pages), ["-E1"]);
        cursor.clone_from(&pages[0].cursor);
        assert!(codes(&teller.pull_all(device, Some(cursor)).await).is_empty());
        assert!(!codes(&teller.pull_all(device, None).await).contains(&"E1".to_owned()));
    }
    // It may come back, and leave nobody's screen who sees its new portfolio.
    teller.import(1390, "REC01", &["E1"], 10).await;
    let found: Vec<_> = [&two, &both, &all].into_iter().zip(&cursors).collect();
    for ((device, cursor), expected) in found.into_iter().zip([None, Some("E1"), Some("E1")]) {
        let pages = teller.pull_all(device, Some(cursor)).await;
        assert_eq!(codes(&pages).first().map(String::as_str), expected);
    }
}

pub async fn an_old_cursor_asks_for_a_snapshot<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let one = teller.enrol(teller.cast.one, 140).await;
    let session = teller.cast.one;
    let full = teller.pull_all(&one, None).await;
    let before = full.last().expect("a page").cursor.clone();
    let is_void = async |cursor: &str| {
        let refused = teller.try_pull(&one, session, Some(cursor)).await;
        matches!(refused, Err(PullRefused::Resnapshot))
    };
    assert!(!is_void(&before).await);
    assert!(is_void("nonsense").await);

    // Tombstones are purged: only who missed none of them may go on.
    teller.import(141, "REC02", &["C2"], 10).await;
    let pages = teller.pull_all(&one, Some(&before)).await;
    assert_eq!(codes(&pages), ["-C2"]);
    let after = pages.last().expect("a page").cursor.clone();
    let (content, signature) = (after.split('.').next(), before.split('.').nth(1));
    let forged = [content, signature]
        .map(|part| part.expect("a part"))
        .join(".");
    assert!(is_void(&forged).await, "signed for another");
    for (now_ms, purged) in [(NOW_MS, false), (NOW_MS + 1, true)] {
        let mut transaction = teller.begin().await;
        let gone = transaction.purge_tombstones(now_ms).await;
        gone.expect("tombstones go");
        teller.commit(transaction).await;
        assert_eq!(is_void(&before).await, purged);
        assert!(!is_void(&after).await);
    }
    const { assert!(TOMBSTONES_KEPT_MS >= 180 * 24 * 3600 * 1000) };

    let mut transaction = teller.begin().await;
    let moved = transaction
        .set_portfolios(session, &[PortfolioCode::new("REC02")])
        .await;
    moved.expect("portfolios change");
    teller.commit(transaction).await;
    assert!(is_void(&after).await, "another scope");
    let pages = teller.pull_all(&one, None).await;
    assert!(codes(&pages).contains(&"L4".to_owned()));
    let of_now = pages.last().expect("a page").cursor.clone();

    let mut transaction = teller.begin().await;
    let begun = transaction.begin_log("restored").await;
    begun.expect("another log begins");
    teller.commit(transaction).await;
    assert!(is_void(&of_now).await, "another log");
}

pub async fn sums_are_of_what_a_device_was_given<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut device = teller.enrol(teller.cast.two, 160).await;
    let pages = teller.pull_all(&device, None).await;
    let (last, before) = pages.split_last().expect("several pages");
    assert!(!before.is_empty());
    assert!(before.iter().all(|page| page.buckets.is_none()));
    assert_eq!(last.buckets, Some(sums_of(&pages)));

    // They follow every change: another body, a client who leaves, one who comes.
    let fact = device.fact(161, "visit", &visit("L1"));
    teller.push(&device, 1, &[fact]).await;
    teller.import(162, "REC01", &["L4"], 10).await;
    teller.import(163, "REC02", &["L6"], 10).await;
    let later = teller.pull_all(&device, Some(&last.cursor)).await;
    let fresh = teller.pull_all(&device, None).await;
    let expected = Some(sums_of(&fresh));
    assert_ne!(last.buckets, expected);
    for pages in [&later, &fresh] {
        assert_eq!(pages.last().expect("a page").buckets, expected);
    }

    // One bucket alone is all of it, for those who see it.
    let session = device.enrolled.user.id;
    let of = async |bucket: &str| {
        let mut pages: Vec<PullResponse> = Vec::new();
        while pages.last().is_none_or(|page| page.more) {
            let cursor = pages.last().map(|page| page.cursor.clone());
            let page = teller.try_pull_bucket(&device, session, Some(bucket), cursor.as_deref());
            pages.push(page.await.expect("a page"));
        }
        pages
    };
    let own = of("REC02").await;
    assert!(own.len() > 1);
    assert_eq!(sums_of(&own), sums_of(&fresh));
    for other in ["REC01", ""] {
        assert!(codes(&of(other).await).is_empty(), "{other}");
    }
    let cursor = Some(own[0].cursor.as_str());
    let elsewhere = teller.try_pull(&device, session, cursor).await;
    assert!(
        matches!(elsewhere, Err(PullRefused::Resnapshot)),
        "the cursor of one bucket leads through that bucket only"
    );
}

/// What a device that took these pages of REC02 holds.
fn sums_of(pages: &[PullResponse]) -> Vec<BucketSum> {
    let mut sum = BucketSum::empty("REC02");
    for record in pages.iter().flat_map(|page| &page.records) {
        let body = record.body.as_ref().expect("a snapshot holds records");
        sum.add(record_digest(RecordKind::Dossier, &record.id, body.get()));
    }
    vec![sum]
}
