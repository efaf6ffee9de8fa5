//! The command line: what each command says, leaves behind, and does beside a running server.

use crate::support::{Folder, Server, binary, cash, command, small_ledger};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Files of the small ledger, in the folder but outside its data.
fn ledger(folder: &Folder) -> [String; 2] {
    let (clients, invoices) = small_ledger();
    [("c.csv", clients), ("f.csv", invoices)].map(|(name, text)| file(folder, name, &text))
}

fn file(folder: &Folder, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn import<'a>(files: &'a [String; 2], more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["import", "--clients", &files[0], "--invoices", &files[1]];
    arguments.extend(more);
    arguments
}

/// The one line of an error.
fn refused(folder: &Folder, arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command(folder, arguments);
    let said = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "{arguments:?}: {said}");
    assert_eq!(String::from_utf8(stdout).unwrap(), "", "{arguments:?}");
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("tournee-server:") || line.starts_with("error:"))
        .collect();
    assert_eq!(lines.len(), 1, "{arguments:?}: {said}");
    lines[0].to_owned()
}

/// Every file below, with its bytes.
fn contents(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((
                path.to_str().unwrap().to_owned(),
                std::fs::read(&path).unwrap(),
            ));
        }
    }
    found.sort();
    found
}

#[test]
fn what_changes_nothing_leaves_nothing_behind() {
    let folder = Folder::empty();
    let files = ledger(&folder);
    let day = ["--statement-date", "2026-10-31"];
    folder.run(&import(&files, &[&day[..], &["--dry-run"]].concat()));
    let no_table = [files[0].clone(), file(&folder, "bad.csv", "nothing\n")];
    refused(&folder, &import(&no_table, &day));
    for command in [
        &["user", "list"][..],
        &["user", "password", "one"],
        &["export", "payments"],
        &["export", "list"],
        &["check"],
        &["organisation", "show"],
    ] {
        assert!(refused(&folder, command).contains("there is no organisation in"));
    }
    assert!(!folder.data().exists(), "a mistyped directory is not made");

    folder.run(&import(&files, &day));
    let before = contents(&folder.data());
    folder.run(&import(&files, &day));
    let later = ["--statement-date", "2026-11-05", "--dry-run"];
    folder.run(&import(&files, &later));
    folder.run(&["user", "list"]);
    folder.run(&["check"]);
    assert_eq!(contents(&folder.data()), before, "to the byte");
}

#[test]
fn mistakes_are_named() {
    let folder = Folder::with_people();
    let files = ledger(&folder);
    let options = file(&folder, "o.json", r#"{"invoices": {"separater": ";"}}"#);
    let directory = folder.path().to_str().unwrap();
    let add = |login, name, more: &[&'static str]| {
        let mut arguments = vec!["user", "add", login, "--name", name, "--role", "cashier"];
        arguments.extend(more);
        arguments
    };
    for (arguments, expected) in [
        (
            import(&files, &["--statement-date", "31/10/2026"]),
            "write it as 2026-10-31",
        ),
        (
            import(&files, &["--statement-date", "2026-02-30"]),
            "write it as 2026-10-31",
        ),
        (
            import(&files, &["--statement-date", "2062-10-31"]),
            "correct its date",
        ),
        (
            import(&files, &["--options", &options]),
            "unknown field `separater`",
        ),
        (vec!["import", "--clients", directory], "Is a directory"),
        (
            vec!["import", "--clients", "/nowhere.csv"],
            "cannot read /nowhere.csv",
        ),
        (
            vec!["import", "--clients", "/dev/zero"],
            "larger than 50 MB",
        ),
        (add("", "X", &[]), "a login has"),
        (add("a b", "X", &[]), "a login has"),
        (add("x", " ", &[]), "it is not empty"),
        (
            add("x", "X", &["--agency", "nia"]),
            "capital letters or digits",
        ),
        (add("ONE", "X", &[]), "is taken"),
        (vec!["user", "password", "nobody"], "nobody has the login"),
        (vec!["export", "again", "x"], "there is no export x"),
        (
            vec!["export", "payments", "--out", "/nowhere/p.csv"],
            "cannot write /nowhere/p.csv",
        ),
    ] {
        let said = refused(&folder, &arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    let short = Command::new(binary())
        .args(add("x", "X", &["--password-stdin"]))
        .arg("--data")
        .arg(folder.data())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            child
                .stdin
                .take()
                .unwrap()
                .write_all("court\n".as_bytes())?;
            child.wait_with_output()
        })
        .unwrap();
    assert!(!short.status.success());
    assert!(
        String::from_utf8(short.stderr)
            .unwrap()
            .contains("8 characters or more")
    );
}

#[test]
fn scripts_get_json() {
    let folder = Folder::empty();
    let run = |arguments: &[&str]| serde_json::from_str::<Value>(&folder.run(arguments)).unwrap();
    let made = run(&["organisation", "create", "--name", "Essai", "--json"]);
    assert_eq!(
        (&made["name"], &made["currency"]),
        (&json!("Essai"), &json!("XOF"))
    );
    let user = [
        "user",
        "add",
        "Awa",
        "--name",
        "Awa Ali",
        "--role",
        "collector",
        "--portfolios",
        "REC01, REC02",
    ];
    let added = run(&[&user[..], &["--json"]].concat());
    assert_eq!(
        (&added["login"], &added["portfolios"]),
        (&json!("awa"), &json!(["REC01", "REC02"]))
    );
    assert_eq!(added["password"].as_str().unwrap().len(), 20);
    let renewed = run(&["user", "password", "awa", "--json"]);
    assert_ne!(renewed["password"], added["password"]);
    assert_eq!(run(&["user", "list", "--json"])[0]["name"], "Awa Ali");
    assert_eq!(run(&["export", "payments", "--json"])["payments"], 0);
    assert_eq!(run(&["export", "list", "--json"]), json!([]));
    // What the file leaves open, the options close.
    let amounts = "N° pièce;Code client;Date facture;Date échéance;Montant TTC;Réglé\nF1;C1;01/09/2026;01/10/2026;1.234;0\n";
    let files = [
        ledger(&folder)[0].clone(),
        file(&folder, "dots.csv", amounts),
    ];
    assert!(refused(&folder, &import(&files, &[])).contains("--options"));
    let options = file(
        &folder,
        "o.json",
        r#"{"statement_date": "2026-10-31", "invoices": {"decimal_style": "comma"}}"#,
    );
    let preview = run(&import(&files, &["--options", &options, "--json"]));
    assert_eq!(
        (&preview["open_total"], &preview["statement_date"]),
        (&json!("1234"), &json!("2026-10-31"))
    );
}

#[test]
fn an_export_that_could_not_be_written_is_given_again() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let mut device = crate::support::Device::enrol(&server.user("one"));
    let receipt = device.next_receipt();
    let fact = device.fact("payment", &cash("C1", &receipt, "C1-A", "400"));
    device.pushed(1, &[fact]);
    drop(server);
    let kept = file(&folder, "kept.csv", "of the month before");
    let lost = Command::new(binary())
        .args(["export", "payments", "--data"])
        .arg(folder.data())
        .stdout(std::fs::File::create("/dev/full").unwrap())
        .output()
        .unwrap();
    assert!(!lost.status.success());
    let said = String::from_utf8(lost.stderr).unwrap();
    let entries: Value = serde_json::from_str(&folder.run(&["export", "list", "--json"])).unwrap();
    let id = entries[0]["id"].as_str().unwrap();
    assert!(said.contains(&format!("export again {id}")), "{said}");
    folder.run(&["export", "payments", "--out", &kept]);
    assert_eq!(
        std::fs::read_to_string(&kept).unwrap(),
        "of the month before",
        "nothing was left to export"
    );
    folder.run(&["export", "again", id, "--out", &kept]);
    let csv = std::fs::read_to_string(&kept).unwrap();
    assert!(csv.contains("C1-A"), "{csv}");
    assert_eq!(folder.run(&["export", "again", id]), csv);
    let new = folder.path().join("new.csv");
    folder.run(&["export", "payments", "--out", new.to_str().unwrap()]);
    assert!(!new.exists(), "no empty file");
}

#[test]
fn one_server_a_directory_and_commands_beside_it() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let said = refused(&folder, &["serve", "--listen", "127.0.0.1:0"]);
    assert!(
        said.contains("is served by another tournee-server"),
        "{said}"
    );
    let client = server.user("manager");
    let mut heard = client.listen().filter(|line| line.starts_with("data: "));
    assert_eq!(heard.next().unwrap(), r#"data: {"server_seq":0}"#);
    let files = ledger(&folder);
    folder.run(&import(&files, &["--statement-date", "2026-10-31"]));
    assert_eq!(
        heard.next().unwrap(),
        r#"data: {"server_seq":5}"#,
        "the fact and four dossiers"
    );
    folder.run(&["user", "add", "new", "--name", "New", "--role", "auditor"]);
    folder.check();
    drop(server);
    // However it ended, the next one may serve.
    drop(Server::start(&folder));
}

#[test]
fn without_its_key_the_office_does_not_make_another() {
    let folder = Folder::with_people();
    std::fs::remove_file(folder.data().join("office-key.pem")).unwrap();
    let said = refused(&folder, &["user", "list"]);
    assert!(said.contains("restore it from a backup"), "{said}");
}
