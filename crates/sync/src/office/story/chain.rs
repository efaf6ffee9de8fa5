//! Facts arrive once, in order, or wait, or are set aside.

use super::teller::{Device, NOW_MS, Teller, cash, reversal, statuses, visit};
use crate::office::{
    EPOCH_ROOM, LABEL_ROOM, OfficeDatabase, OfficeKey, OfficeStore, PushRefused, label_number,
};
use crate::push::FactStatus::{Accepted, Duplicate, Flagged, Quarantined, Staged};
use tournee_domain::UserId;
use uuid::Uuid;

pub async fn a_payment_enters_once<D: OfficeDatabase, K: OfficeKey>(teller: &Teller<'_, D, K>) {
    teller.import(1, "REC01", &["C1", "C2"], 10).await;
    teller.import(2, "REC02", &["C3"], 10).await;
    let before = teller.clock().await;
    assert_eq!(before, 5, "two facts and three records");
    let mut device = teller.enrol(teller.cast.one, 10).await;
    assert_eq!(
        (
            device.enrolled.device.label.as_str(),
            device.enrolled.device.epoch
        ),
        ("D01", 1)
    );
    let receipt = device.next_receipt();
    let facts = [
        device.fact(11, "visit", &visit("C1")),
        device.fact(12, "payment", &cash("C1", &receipt)),
        device.fact(13, "visit", &visit("C2")),
    ];
    let (first, ack) = teller.push(&device, 1, &facts).await;
    assert_eq!(statuses(&first), [Accepted; 3]);
    assert_eq!((ack.acked_through, ack.chain_hash), (3, device.head));
    let numbers: Vec<_> = first
        .results
        .iter()
        .map(|result| result.server_seq)
        .collect();
    assert_eq!(numbers, [6, 7, 8].map(Some), "without gaps, in order");
    assert_eq!(
        teller.clock().await,
        10,
        "then the two records they changed"
    );

    // The answer was lost: the same again is the same, and takes no number.
    let (again, ack) = teller.push(&device, 1, &facts).await;
    assert_eq!(statuses(&again), [Duplicate; 3]);
    let same: Vec<_> = again
        .results
        .iter()
        .map(|result| result.server_seq)
        .collect();
    assert_eq!((same, ack.acked_through), (numbers, 3));
    assert_eq!(teller.clock().await, 10);

    let stranger = device.fact(14, "visit", &visit("C3"));
    let (response, _) = teller.push(&device, 4, &[stranger]).await;
    assert_eq!(
        statuses(&response),
        [Flagged],
        "out of scope counts, and is seen"
    );
}

pub async fn what_was_not_committed_never_happened<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut device = teller.enrol(teller.cast.one, 20).await;
    let fact = [device.fact(21, "visit", &visit("C1"))];
    let before = teller.clock().await;
    let mut transaction = teller.begin().await;
    let lost = teller.push_into(&mut transaction, &device, 1, &fact).await;
    assert_eq!(lost.last, Some(before + 2));
    drop(transaction);
    assert_eq!(teller.clock().await, before);
    let (response, _) = teller.push(&device, 1, &fact).await;
    assert_eq!(statuses(&response), [Accepted], "it is new");
}

pub async fn later_facts_wait_for_earlier_ones<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut device = teller.enrol(teller.cast.one, 30).await;
    let facts: Vec<_> = (31..35)
        .map(|number| device.fact(number, "visit", &visit("C1")))
        .collect();
    let before = teller.clock().await;
    let (response, ack) = teller.push(&device, 3, &facts[2..]).await;
    assert_eq!(statuses(&response), [Staged, Staged]);
    assert_eq!((response.need_from, ack.acked_through), (Some(1), 0));
    assert_eq!(teller.clock().await, before, "nothing is numbered");
    let (response, _) = teller.push(&device, 4, &facts[3..]).await;
    assert_eq!(statuses(&response), [Staged], "the same bytes wait once");

    let (response, ack) = teller.push(&device, 1, &facts[..2]).await;
    assert_eq!(statuses(&response), [Accepted, Accepted]);
    assert_eq!((response.need_from, ack.acked_through), (None, 4));
    assert_eq!(ack.chain_hash, device.head, "what waited followed");
    let (response, _) = teller.push(&device, 1, &facts).await;
    assert_eq!(statuses(&response), [Duplicate; 4]);
    assert_eq!(
        teller.clock().await,
        before + 5,
        "four facts and the record they changed"
    );
    let staged = teller.begin().await.staged(device.chain()).await;
    assert!(staged.expect("staged facts").is_empty(), "nothing waits");
}

pub async fn an_unreadable_fact_keeps_its_place<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut device = teller.enrol(teller.cast.one, 40).await;
    let facts = [
        device.fact(41, "teleport", "{}"),
        device.seal("no envelope at all".to_owned()),
        device.fact(43, "visit", &visit("C1")),
    ];
    let (response, ack) = teller.push(&device, 1, &facts).await;
    assert_eq!(statuses(&response), [Quarantined, Quarantined, Accepted]);
    assert_eq!((ack.acked_through, ack.chain_hash), (3, device.head));
    let (response, _) = teller.push(&device, 1, &facts).await;
    assert_eq!(statuses(&response), [Duplicate; 3]);
}

pub async fn a_fact_with_a_wrong_number_keeps_its_place<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut device = teller.enrol(teller.cast.one, 45).await;
    let first = device.fact(451, "visit", &visit("C1"));
    // The device's own mistake: number 7 where 2 should be, chained and signed.
    let mut wrong = device.clone();
    wrong.seq = 6;
    let moved = wrong.fact(452, "visit", &visit("C1"));
    (device.seq, device.head) = (2, wrong.head);
    let after = device.fact(453, "visit", &visit("C1"));
    let facts = [first, moved, after];
    let (response, ack) = teller.push(&device, 1, &facts).await;
    assert_eq!(statuses(&response), [Accepted, Quarantined, Accepted]);
    assert_eq!((ack.acked_through, ack.chain_hash), (3, device.head));
    assert!(!response.frozen, "the queue goes on");
    let (again, _) = teller.push(&device, 1, &facts).await;
    assert_eq!(statuses(&again), [Duplicate; 3]);

    // Somebody else moves a fact of another device: it is set aside, and freezes nobody.
    let mut other = teller.enrol(teller.cast.one, 46).await;
    let (one, two) = (
        other.fact(461, "visit", &visit("C1")),
        other.fact(462, "visit", &visit("C1")),
    );
    let (response, _) = teller.push(&other, 4, std::slice::from_ref(&two)).await;
    assert_eq!(statuses(&response), [Quarantined]);
    let (response, ack) = teller.push(&other, 1, &[one, two]).await;
    assert_eq!(statuses(&response), [Accepted; 2]);
    assert!(!response.frozen);
    assert_eq!(ack.acked_through, 2);
}

pub async fn a_receipt_is_on_one_payment<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut device = teller.enrol(teller.cast.one, 50).await;
    let receipt = device.next_receipt();
    let first = [
        device.fact(51, "payment", &cash("C1", &receipt)),
        device.fact(52, "payment", &cash("C2", &receipt)),
    ];
    let (response, _) = teller.push(&device, 1, &first).await;
    assert_eq!(
        statuses(&response),
        [Accepted, Quarantined],
        "within one push"
    );
    let later = [device.fact(53, "payment", &cash("C2", &receipt))];
    let (response, ack) = teller.push(&device, 3, &later).await;
    assert_eq!(statuses(&response), [Quarantined], "and later");
    assert_eq!(ack.acked_through, 3, "it keeps its place");
}

pub async fn collectors_take_back_what_they_took<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut one = teller.enrol(teller.cast.one, 54).await;
    let mut both = teller.enrol(teller.cast.both, 55).await;
    let mut office = teller.enrol(teller.cast.all, 56).await;
    let receipts = [one.next_receipt(), one.next_receipt()];
    let facts = [
        one.fact(541, "payment", &cash("C1", &receipts[0])),
        one.fact(542, "payment", &cash("C1", &receipts[1])),
    ];
    teller.push(&one, 1, &facts).await;
    let reverse = async |device: &mut Device, number: u128, payment: u128, of: &str| {
        let receipt = device.next_receipt();
        let body = reversal("C1", payment, of, &receipt);
        let facts = [device.fact(number, "payment_reversed", &body)];
        let (response, _) = teller.push(device, device.seq, &facts).await;
        let result = &response.results[0];
        (result.status, result.flags.clone())
    };
    let aside = (Quarantined, vec![]);
    assert_eq!(
        reverse(&mut both, 551, 541, &receipts[0]).await,
        aside,
        "another's"
    );
    let good = (Accepted, vec![]);
    assert_eq!(
        reverse(&mut one, 543, 541, &receipts[0]).await,
        good,
        "the own"
    );
    assert_eq!(
        reverse(&mut office, 561, 542, &receipts[1]).await,
        good,
        "any"
    );
    // Taken back in the push that brings it.
    let receipts = [one.next_receipt(), one.next_receipt()];
    let facts = [
        one.fact(544, "payment", &cash("C1", &receipts[0])),
        one.fact(
            545,
            "payment_reversed",
            &reversal("C1", 544, &receipts[0], &receipts[1]),
        ),
    ];
    let (response, _) = teller.push(&one, 4, &facts).await;
    assert_eq!(statuses(&response), [Accepted, Accepted]);
}

pub async fn a_fork_freezes_until_the_device_enrols_again<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut device = teller.enrol(teller.cast.one, 60).await;
    let mut clone = device.clone();
    let first = [device.fact(61, "visit", &visit("C1"))];
    teller.push(&device, 1, &first).await;
    let other = [clone.fact(62, "visit", &visit("C2"))];
    let (response, ack) = teller.push(&clone, 1, &other).await;
    assert_eq!(
        (statuses(&response), response.frozen),
        (vec![Quarantined], true)
    );
    assert_eq!(
        (ack.acked_through, ack.chain_hash),
        (1, device.head),
        "what stood stands"
    );
    let next = [device.fact(63, "visit", &visit("C1"))];
    let (response, ack) = teller.push(&device, 2, &next).await;
    assert_eq!(
        (statuses(&response), ack.acked_through),
        (vec![Quarantined], 1)
    );

    let mut again = teller.enrol(teller.cast.one, 60).await;
    assert_eq!(
        (again.chain().0, again.chain().1),
        (device.chain().0, 2),
        "a new epoch"
    );
    let fresh = [again.fact(64, "visit", &visit("C1"))];
    let (response, ack) = teller.push(&again, 1, &fresh).await;
    assert_eq!(
        (statuses(&response), response.frozen),
        (vec![Accepted], false)
    );
    assert_eq!(ack.acked_through, 1);
}

pub async fn a_revoked_device_changes_nothing<D: OfficeDatabase, K: OfficeKey>(
    teller: &Teller<'_, D, K>,
) {
    let mut device = teller.enrol(teller.cast.one, 70).await;
    let before = [device.fact(71, "visit", &visit("C1"))];
    teller.push(&device, 1, &before).await;
    let mut transaction = teller.begin().await;
    let revoked = transaction.revoke(device.chain().0, Some(1)).await;
    revoked.expect("it is revoked");
    teller.commit(transaction).await;

    let after = [device.fact(72, "visit", &visit("C1"))];
    let (response, ack) = teller.push(&device, 2, &after).await;
    assert_eq!(
        (statuses(&response), ack.acked_through),
        (vec![Quarantined], 1)
    );
    let (response, _) = teller.push(&device, 1, &before).await;
    assert_eq!(statuses(&response), [Duplicate], "what came before stands");
    let pulled = teller.try_pull(&device, teller.cast.one, None).await;
    assert!(pulled.is_err(), "no records");
    let again = teller.try_enrol(teller.cast.one, 70).await;
    assert!(again.is_none(), "no way round");

    let mut transaction = teller.begin().await;
    let released = transaction.revoke(device.chain().0, None).await;
    released.expect("it is released");
    teller.commit(transaction).await;
    let (response, _) = teller.push(&device, 2, &after).await;
    assert_eq!(statuses(&response), [Accepted], "it goes on");
}

pub async fn strangers_are_refused<D: OfficeDatabase, K: OfficeKey>(teller: &Teller<'_, D, K>) {
    let mut device = teller.enrol(teller.cast.one, 80).await;
    let facts = [device.fact(81, "visit", &visit("C1"))];
    for session in [None, Some(teller.cast.two)] {
        let refused = teller.push_unsigned(&device, &facts, session).await;
        assert!(
            matches!(refused, Some(PushRefused::NotAuthorised)),
            "{session:?}: {refused:?}"
        );
    }
    let own = Some(teller.cast.one);
    let refused = teller.push_unsigned(&device, &facts, own).await;
    assert!(refused.is_none(), "the session of its user will do");
    device.enrolled.device.epoch = 9;
    let refused = teller.push_unsigned(&device, &facts, own).await;
    assert!(matches!(refused, Some(PushRefused::UnknownDevice(_))));
    let nobody = UserId(Uuid::nil());
    assert!(teller.try_pull(&device, nobody, None).await.is_err());
}

pub async fn an_office_that_was_put_back_knows_its_devices_again<
    D: OfficeDatabase,
    K: OfficeKey,
>(
    teller: &Teller<'_, D, K>,
) {
    let known = teller.enrol(teller.cast.both, 280).await;
    let mut lost = teller.forgotten(&known, 281, "D300", 3);
    let receipt = lost.next_receipt();
    let facts = [lost.fact(2810, "payment", &cash("C2", &receipt))];
    let stranger = teller.push_certified(&lost, &facts, false).await;
    assert!(stranger.is_none(), "neither a session nor its signature");
    let mut forged = lost.clone();
    forged.enrolled.certificate.text = forged.enrolled.certificate.text.replace("D300", "D301");
    let stranger = teller.push_certified(&forged, &facts, true).await;
    assert!(stranger.is_none(), "not as this office wrote it");
    let taken = teller.forgotten(&known, 282, &known.enrolled.device.label, 1);
    let stranger = teller.push_certified(&taken, &[], true).await;
    assert!(stranger.is_none(), "the label is another device's");

    let response = teller.push_certified(&lost, &facts, true).await;
    let response = response.expect("its own certificate and signature are enough");
    assert_eq!(statuses(&response), [Accepted]);
    let next = teller.enrol(teller.cast.both, 283).await;
    assert_eq!(next.enrolled.device.label, "D301", "never a label twice");

    // A revoked device is taken into quarantine in whatever epoch, and stays revoked.
    let mut transaction = teller.begin().await;
    let revoked = transaction.revoke(lost.chain().0, Some(NOW_MS)).await;
    revoked.expect("a known device");
    teller.commit(transaction).await;
    let mut later = teller.forgotten(&known, 281, "D300", 4);
    let facts = [later.fact(2811, "visit", &visit("C2"))];
    let response = teller.push_certified(&later, &facts, true).await;
    let response = response.expect("what it has is safe");
    assert_eq!(statuses(&response), [Quarantined]);

    let mut transaction = teller.begin().await;
    let begun = transaction.begin_log("put back").await;
    begun.expect("another log begins");
    teller.commit(transaction).await;
    let again = teller.enrol(teller.cast.both, 280).await.enrolled.device;
    let former = &known.enrolled.device;
    assert_eq!((again.id, &again.label), (former.id, &former.label));
    assert_eq!(again.epoch, former.epoch + EPOCH_ROOM + 1);
    let new = teller.enrol(teller.cast.both, 284).await.enrolled.device;
    assert_eq!(label_number(&new.label), Some(301 + LABEL_ROOM + 1));
}
