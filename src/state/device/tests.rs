//! The write path in a real browser: two desks on one database, as two tabs have.

use super::*;
use std::collections::BTreeSet;
use std::rc::Rc;
use tournee_domain::fact::{DoubleDecision, DoubleResolved, Payment, PaymentMethod};
use tournee_domain::{
    Amount, Currency, DeviceId, FactBody, FactId, OrganisationId, ReceiptNumber, UserId,
};
use tournee_sync::device::store::{BlobRecord, DeviceStore, FactKey, Head};
use tournee_sync::device::{Identity, RecordError, record};
use tournee_sync::enrol::{EnrolledDevice, Organisation, Role, User};
use uuid::Uuid;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// A database in which somebody has just enrolled.
async fn enrolled(name: &str, role: Role) -> PublicKey {
    IndexedDb::delete(name).await.expect("deletes");
    let store = IndexedDb::open(name).await.expect("opens");
    let key = crypto::generate().await.expect("makes a key");
    let id = key.public.id();
    store.put_key(&id.0, &key.private).await.expect("keeps it");
    let identity = Identity {
        organisation: Organisation {
            id: OrganisationId(Uuid::from_u128(1)),
            name: "Sahel".into(),
            address: String::new(),
            tax_id: String::new(),
            trade_register: String::new(),
            country: "NE".into(),
            currency: Currency::XOF,
            time_zone: "Africa/Niamey".into(),
            utc_offset_minutes: 60,
            rescue_key: None,
            rules: None,
        },
        user: User {
            id: UserId(Uuid::from_u128(2)),
            login: "mariama".into(),
            name: "Mariama".into(),
            role,
            portfolios: Vec::new(),
            agency: "ARL".into(),
        },
        device: EnrolledDevice {
            id: DeviceId(Uuid::from_u128(3)),
            label: "D03".into(),
            epoch: 1,
        },
        office_key: key.public.clone(),
        key: key.public.clone(),
        enrol_again: false,
        damage: None,
        certificates: Vec::new(),
    };
    let head = Head {
        epoch: 1,
        seq: 0,
        hash: Hash::GENESIS.to_string(),
        receipts: 0,
        tally: None,
    };
    let json = serde_json::to_string(&identity).expect("serialises");
    store.enrol(&json, &head).await.expect("enrols");
    key.public
}

async fn desk(name: &str) -> Rc<Desk> {
    let store = IndexedDb::open(name).await.expect("opens");
    let desk = Desk::open(Browser::new(store)).await.expect("opens");
    Rc::new(desk.expect("is enrolled"))
}

fn id(number: u128) -> FactId {
    FactId(Uuid::from_u128(number))
}

fn payment(amount: i64) -> FactBody {
    FactBody::Payment(Payment {
        client: "C00095".into(),
        visit: None,
        date: "2026-11-21".parse().expect("a date"),
        receipt: ReceiptNumber::to_come(),
        currency: Currency::XOF,
        amount: Amount::from(amount),
        method: PaymentMethod::Cash {
            denominations: Vec::new(),
        },
        payer: None,
        allocations: Vec::new(),
        withheld: Vec::new(),
        down_payment: None,
        note: String::new(),
        attachments: Vec::new(),
    })
}

fn decision(comment: &str) -> FactBody {
    FactBody::DoubleResolved(DoubleResolved {
        client: "C00095".into(),
        invoice: "FA26000001".into(),
        decision: DoubleDecision::TwoPayments,
        comment: comment.into(),
    })
}

async fn take(desk: &Rc<Desk>, number: u128, amount: i64) -> Payment {
    let taken = record(desk, id(number), payment(amount), Vec::new(), None).await;
    match taken.expect("is recorded").0 {
        FactBody::Payment(payment) => payment,
        other => panic!("{other:?}"),
    }
}

#[wasm_bindgen_test]
async fn two_tabs_at_once_number_their_receipts_without_gaps() {
    let name = "two-tabs";
    let key = enrolled(name, Role::Collector).await;
    let (left, right) = (desk(name).await, desk(name).await);
    let mut numbers = BTreeSet::new();
    for round in 0..10_u32 {
        let at = u128::from(round) * 2 + 1;
        let (one, two) =
            futures::future::join(take(&left, at, 500), take(&right, at + 1, 700)).await;
        numbers.extend([one.receipt.n, two.receipt.n]);
    }
    assert_eq!(numbers, (1..=20).collect());

    let facts = left
        .store()
        .facts_after(FactKey::START, 100)
        .await
        .expect("facts");
    assert_eq!(facts.len(), 20);
    let mut previous = Hash::GENESIS;
    for (stored, seq) in facts.iter().zip(1..) {
        let fact = &stored.fact;
        assert_eq!((fact.epoch, fact.seq), (1, seq));
        assert_eq!(
            fact.previous,
            previous.to_string(),
            "one chain through both tabs"
        );
        previous = tournee_sync::envelope::chain_hash(previous, &fact.text);
        assert_eq!(fact.hash, previous.to_string());
        let signature: Bytes =
            serde_json::from_value(fact.signature.clone().into()).expect("a signature");
        assert_eq!(
            crypto::verify(&key, &previous.0, &signature).await,
            Ok(true)
        );
    }
}

#[wasm_bindgen_test]
async fn without_the_lock_the_comparison_still_holds() {
    let name = "no-lock";
    enrolled(name, Role::Collector).await;
    let (left, right) = (desk(name).await, desk(name).await);
    take(&left, 1, 500).await;
    // The other desk still believes in the old head; its receipt gets the next number all the same.
    assert_eq!(right.head.borrow().receipts, 0);
    let second = take(&right, 2, 700).await;
    assert_eq!(second.receipt.to_string(), "ARL-D03-E1-000002");
}

#[wasm_bindgen_test]
async fn the_same_form_counts_once() {
    let name = "same-form";
    enrolled(name, Role::Collector).await;
    let (left, right) = (desk(name).await, desk(name).await);
    let first = take(&left, 1, 500).await;
    assert_eq!(take(&left, 1, 500).await, first, "the first result, again");
    assert_eq!(take(&right, 1, 500).await, first, "from another tab, too");
    let other = record(&right, id(1), payment(501), Vec::new(), None).await;
    assert_eq!(
        other,
        Err(RecordError::AlreadyRecorded),
        "never silently something else"
    );
    let receipts = left
        .store()
        .head()
        .await
        .expect("a head")
        .map(|head| head.receipts);
    assert_eq!(receipts, Some(1));
}

#[wasm_bindgen_test]
async fn other_facts_use_no_receipt_number() {
    let name = "no-number";
    enrolled(name, Role::Manager).await;
    let desk = desk(name).await;
    let blob = BlobRecord {
        hash: tournee_domain::BlobHash::new(&Hash::of(b"bytes").to_string()),
        media_type: "image/jpeg".into(),
        bytes: b"bytes".to_vec(),
    };
    let kept = record(&desk, id(1), decision("vu"), vec![blob], None).await;
    assert_eq!(kept.expect("is recorded").1, FactKey { epoch: 1, seq: 1 });
    assert_eq!(desk.waiting().len(), 1);
    assert_eq!(desk.waiting_blobs.borrow().len(), 1);
    assert_eq!(take(&desk, 2, 500).await.receipt.n, 1);
    let long = decision(&"é".repeat(40_000));
    let refused = record(&desk, id(3), long, Vec::new(), None).await;
    assert_eq!(refused, Err(RecordError::TooLong));
    assert_eq!(
        take(&desk, 4, 500).await.receipt.n,
        2,
        "nothing was used up"
    );

    let reopened = Desk::open(Browser::new(desk.store().clone())).await;
    let reopened = reopened.expect("opens").expect("is enrolled");
    let seqs: Vec<u64> = reopened.waiting().iter().map(|fact| fact.at.seq).collect();
    assert_eq!(seqs, [1, 2, 3], "the next start finds everything");
}

#[wasm_bindgen_test]
async fn roles_that_only_read_record_nothing() {
    let name = "auditor";
    enrolled(name, Role::Auditor).await;
    let desk = desk(name).await;
    let refused = record(&desk, id(1), decision("vu"), Vec::new(), None).await;
    assert_eq!(refused, Err(RecordError::NotAllowed));
    assert_eq!(desk.waiting().len(), 0);
}
