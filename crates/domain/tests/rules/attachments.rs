//! Which bytes a fact names: what a device sends after it and the office lets in (SYNC 33).

use tournee_domain::FactBody;
use tournee_domain::fact::AttachmentKind;

const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn named(type_name: &str, json: &str) -> Vec<AttachmentKind> {
    let body = FactBody::parse(type_name, 1, json).expect("is read");
    body.attachments().iter().map(|named| named.kind).collect()
}

fn blob(kind: &str) -> String {
    format!(
        r#"{{"kind":"{kind}","hash":"{HASH}","media_type":"application/octet-stream","size_bytes":4}}"#
    )
}

#[test]
fn a_payment_names_the_photos_of_its_cheque() {
    let cheque = |attachments: &str| {
        format!(
            r#"{{"client":"C1","date":"2026-11-21","receipt":"NIA-D03-E1-000001","currency":"XOF","amount":"500",
                "method":{{"kind":"cheque","bank":"Sonibank","number":"48213","drawer":"C1","date":"2026-11-21"}},
                "allocations":[]{attachments}}}"#
        )
    };
    let (front, back) = (blob("photo"), blob("photo"));
    let photographed = cheque(&format!(r#","attachments":[{front},{back}]"#));
    assert_eq!(
        named("payment", &photographed),
        [AttachmentKind::Photo, AttachmentKind::Photo]
    );
    assert_eq!(named("payment", &cheque("")), []);
}

#[test]
fn a_signed_receipt_names_the_signatures_of_both() {
    let (payer, collector) = (blob("signature"), blob("officer_signature"));
    let signed = format!(
        r#"{{"client":"C1","payment":"018f4e9a-0000-7000-8000-000000000001","receipt":"NIA-D03-E1-000001",
            "signatures":[{payer},{collector}]}}"#
    );
    assert_eq!(
        named("receipt_signed", &signed),
        [AttachmentKind::Signature, AttachmentKind::OfficerSignature]
    );
}
