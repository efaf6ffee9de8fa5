//! The office's disk has no room left, and gets some again.

use crate::load::{Held, Payer, Told, verified};
use crate::support::{Device, Folder, Scheme, Server, log_of, wide_ledger};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const CLIENTS: u32 = 20;
/// A small disk, in memory.
const DISK: &str = "size=24m";
/// What is left of it when pushes begin.
const ROOM_BYTES: u64 = 400 * 1024;

/// Serves the folder's data from a small disk of its own, which only the server's process and we, through it, can see. The
/// data lies there as long as the server lives.
///
/// `None` where no disk can be made and whoever runs the tests said so by `TOURNEE_WITHOUT_MOUNT=1`.
fn on_a_small_disk(folder: &Folder) -> Option<(Server<'_>, PathBuf)> {
    let unshare = ["unshare", "--user", "--map-root-user", "--mount"];
    let probe = Command::new(unshare[0])
        .args(&unshare[1..])
        .args(["mount", "-t", "tmpfs", "tmpfs", "/tmp"])
        .output();
    if !probe.as_ref().is_ok_and(|probe| probe.status.success()) {
        assert!(
            std::env::var_os("TOURNEE_WITHOUT_MOUNT").is_some(),
            "no small disk can be made here ({probe:?}), so that nobody can see what a full one does. \
             Allow user namespaces, or set TOURNEE_WITHOUT_MOUNT=1 to go on without knowing."
        );
        eprintln!("NOT SHOWN: what a full disk does (TOURNEE_WITHOUT_MOUNT is set)");
        return None;
    }
    let data = folder.data();
    let (from, to) = (folder.path().join("before"), data.to_str().unwrap());
    std::fs::rename(&data, &from).unwrap();
    std::fs::create_dir(&data).unwrap();
    let from = from.to_str().unwrap();
    let script =
        format!("mount -t tmpfs -o {DISK} tmpfs {to} && cp -a {from}/. {to} && exec \"$0\" \"$@\"");
    let under = [&unshare[..], &["sh", "-c", &script]].concat();
    let server = Server::start_under(folder, &under, &[]);
    let seen = PathBuf::from(format!("/proc/{}/root{to}", server.id()));
    Some((server, seen))
}

/// Fills the disk but for some room.
fn fill(disk: &Path) -> PathBuf {
    let ballast = disk.join("ballast");
    let mut file = File::create(&ballast).unwrap();
    let piece = [1; 64 * 1024];
    while file.write_all(&piece).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length - ROOM_BYTES).unwrap();
    ballast
}

#[test]
fn a_full_disk_is_said_nothing_is_lost_and_it_goes_on_when_there_is_room() {
    let folder = Folder::with_clients(CLIENTS);
    let Some((server, disk)) = on_a_small_disk(&folder) else {
        return;
    };
    let mut payers = ["one", "two", "manager"]
        .map(|login| Payer::enrol(&server, login, Scheme::Ed25519, CLIENTS));
    let manager = server.user("manager");
    let reader = Device::enrol(&manager);
    for round in 0..3 {
        let ballast = fill(&disk);
        for payer in &mut payers {
            let full = (0..200).find_map(|_| {
                payer.pay(3);
                match payer.push() {
                    Told::Acknowledged { .. } => None,
                    told => Some(told),
                }
            });
            assert_eq!(
                full,
                Some(Told::Refused(507, "disk_full".to_owned())),
                "{round}: {}",
                log_of(&folder)
            );
        }
        // Nobody writes, but everybody reads.
        let (clients, invoices) = wide_ledger(3000);
        let upload = manager.post_form(
            "/imports",
            &[
                ("clients", Some("clients.csv"), clients.as_bytes()),
                ("invoices", Some("factures.csv"), invoices.as_bytes()),
            ],
        );
        assert_eq!(upload.problem().0, 507);
        reader.pulled(None);
        assert_eq!(manager.get("/activity").status, 200);

        std::fs::remove_file(ballast).unwrap();
        for payer in &mut payers {
            assert!(matches!(payer.push(), Told::Acknowledged { .. }), "{round}");
        }
    }
    let copy = Folder::empty();
    let copied = Command::new("cp")
        .arg("-a")
        .arg(&disk)
        .arg(copy.data())
        .status()
        .unwrap();
    assert!(copied.success());
    drop(server);
    assert!(!log_of(&folder).contains("panicked"));
    Held::of(&copy.data()).sums_to(&payers);
    let paid = payers
        .iter()
        .map(|payer| payer.payments.len() as u64)
        .sum::<u64>();
    assert_eq!(verified(&copy), paid);
}
