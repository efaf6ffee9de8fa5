//! A copy made while the office works, served in its place.

use crate::support::{Device, Folder, Server, cash, command};
use serde_json::{Value, json};

#[test]
fn a_copy_serves_in_the_originals_place() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = Device::enrol(&server.user("one"));
    let pay = |device: &mut Device| {
        let receipt = device.next_receipt();
        let fact = device.fact("payment", &cash("C1", &receipt, "C1-A", "100"));
        device.pushed(device.seq, std::slice::from_ref(&fact));
        fact
    };
    pay(&mut device);
    let cursor = device.pulled(None).pop().unwrap().cursor;
    let elsewhere = Folder::empty();
    let to = elsewhere.data();
    let to = to.to_str().unwrap();
    let told: Value = serde_json::from_str(&folder.run(&["backup", "--to", to, "--json"])).unwrap();
    // The imported rows and the two files they came from.
    assert_eq!(told, json!({"facts": 2, "records": 4, "files": 3}));
    let late = pay(&mut device);
    let again = command(&folder, &["backup", "--to", to]);
    assert!(!again.status.success(), "a backup is not written over");
    drop(server);

    elsewhere.check();
    let restored = Server::start(&elsewhere);
    device.client = restored.user("one");
    assert_eq!(device.pull(Some(&cursor)).problem().1, "resnapshot");
    // What came after the copy is sent again and enters once.
    let answer: Value = device.push(2, &[late]).ok();
    assert_eq!(answer["results"][0]["status"], "accepted");
    drop(restored);
    elsewhere.check();
}
