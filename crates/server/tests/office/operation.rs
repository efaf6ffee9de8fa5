//! Starting, stopping, and what it says when it cannot.

use crate::support::{Client, Folder, Server, binary, command};
use serde_json::Value;
use sqlx::Row;
use std::process::{Command, Output};

#[test]
fn it_stops_well_when_asked_also_with_a_listener() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let client = server.user("manager");
    let mut lines = client.listen();
    lines.find(|line| line.contains("event: changed")).unwrap();
    let status = server.terminate();
    assert!(status.success(), "{status}");
    assert!(
        !folder.data().join("tournee.sqlite-wal").exists(),
        "the log went into the file"
    );
}

#[test]
fn those_who_listen_hear_of_each_change() {
    let folder = Folder::with_ledger();
    let server = Server::start(&folder);
    let client = server.user("manager");
    let mut numbers = client
        .listen()
        .filter_map(|line| line.strip_prefix("data: ").map(str::to_owned))
        .map(|data| {
            serde_json::from_str::<Value>(&data).unwrap()["server_seq"]
                .as_u64()
                .unwrap()
        });
    let before = numbers.next().unwrap();
    let mut device = crate::support::Device::enrol(&server.user("one"));
    let fact = device.fact("visit", &crate::support::visit("C1"));
    device.pushed(1, &[fact]);
    assert_eq!(
        numbers.next().unwrap(),
        before + 2,
        "the fact and its record"
    );
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let folder = Folder::with_people();
    let server = Server::start(&folder);
    let address = server.base().strip_prefix("http://").unwrap();
    let data = folder.data();
    let data = data.to_str().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    let cases: [(&[&str], &str); 5] = [
        (
            &["serve", "--data", data, "--listen", address],
            "cannot listen on",
        ),
        (
            &["serve", "--data", file, "--listen", "127.0.0.1:0"],
            "cannot create",
        ),
        (
            &["serve", "--data", data, "--assets", "/nowhere"],
            "no index.html",
        ),
        (&["demo", "--data", data], "choose another with --data"),
        (
            &[
                "user",
                "add",
                "one",
                "--name",
                "One",
                "--role",
                "collector",
                "--data",
                data,
            ],
            "is taken",
        ),
    ];
    for (arguments, expected) in cases {
        let arguments: Vec<&str> = arguments.to_vec();
        let Output { status, stderr, .. } =
            Command::new(binary()).args(&arguments).output().unwrap();
        let said = String::from_utf8(stderr).unwrap();
        let said: Vec<&str> = said
            .lines()
            .filter(|line| line.starts_with("tournee-server:"))
            .collect();
        assert!(!status.success(), "{arguments:?}");
        assert!(
            said.len() == 1 && said[0].contains(expected),
            "{arguments:?}: {said:?}"
        );
    }
}

#[test]
fn the_journal_cannot_be_changed_and_a_changed_record_is_found() {
    let folder = Folder::with_ledger();
    folder.check();
    folder.with_office(async |office| {
        for sql in ["UPDATE facts SET text = 'x'", "DELETE FROM facts"] {
            let mut tx = office.database.write().await.unwrap();
            let error = sqlx::query(sql)
                .execute(&mut *tx)
                .await
                .unwrap_err()
                .to_string();
            assert!(error.contains("never"), "{error}");
        }
    });
    folder.tamper("UPDATE records SET body = replace(body, '10000', '10001') WHERE id = 'C1'");
    let output = Command::new(binary())
        .args(["check", "--json", "--data"])
        .arg(folder.data())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["different"], serde_json::json!(["C1"]));
}

/// An acknowledged fact survives a power cut only if the writer waits for the disk (SYNC 17).
#[test]
fn sqlite_waits_for_the_disk() {
    let folder = Folder::with_people();
    folder.with_office(async |office| {
        let writer = office.database.write().await.unwrap();
        let reader = office.database.read().await.unwrap();
        for mut tx in [writer, reader] {
            for (pragma, expected) in [
                ("PRAGMA journal_mode", "wal"),
                ("PRAGMA synchronous", "2"),
                ("PRAGMA foreign_keys", "1"),
                ("PRAGMA busy_timeout", "60000"),
            ] {
                let row = sqlx::query(pragma).fetch_one(&mut *tx).await.unwrap();
                let value: String = row.try_get_unchecked(0).unwrap();
                assert_eq!(value, expected, "{pragma}");
            }
        }
    });
}

/// Offices that begin at once agree on one key.
#[test]
fn commands_that_begin_at_once_share_one_office() {
    let folder = Folder::empty();
    let (clients, _) = crate::support::small_ledger();
    let path = folder.path().join("c.csv");
    std::fs::write(&path, clients).unwrap();
    let begin = || {
        Command::new(binary())
            .args(["import", "--statement-date", "2026-10-31", "--clients"])
            .arg(&path)
            .arg("--data")
            .arg(folder.data())
            .output()
            .unwrap()
    };
    let outputs: Vec<Output> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..6).map(|_| scope.spawn(begin)).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for Output { status, stderr, .. } in outputs {
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    }
    assert_eq!(folder.value("SELECT count(*) FROM facts"), 1);
    assert_eq!(folder.value("SELECT count(*) FROM organisations"), 1);
    folder.check();
}

/// Every fact without what belongs to one installation: who, on which device, and when the ledger went in.
fn told_by(folder: &Folder) -> Vec<(Option<Value>, Value)> {
    folder.with_office(async |office| {
        let mut tx = office.database.read().await.unwrap();
        let texts: Vec<String> = sqlx::query_scalar("SELECT text FROM facts ORDER BY server_seq")
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        let told = |text: &String| {
            let mut fact: Value = serde_json::from_str(text).unwrap();
            let of_field = fact["type"] != "ledger_imported";
            (
                of_field.then(|| fact["fact_id"].take()),
                fact["body"].take(),
            )
        };
        texts.iter().map(told).collect()
    })
}

#[test]
fn the_demo_is_the_same_each_time_and_looks_like_a_ledger() {
    let folder = Folder::empty();
    let told: Value = serde_json::from_str(&folder.run(&["demo", "--json"])).unwrap();
    assert_eq!(
        (&told["created"], told["accounts"].as_array().unwrap().len()),
        (&Value::Bool(true), 9)
    );
    let again: Value = serde_json::from_str(&folder.run(&["demo", "--json"])).unwrap();
    assert_eq!(again["created"], false);
    let facts = folder.value("SELECT count(*) FROM facts");
    assert!(facts > 60, "the collectors were at work: {facts} facts");
    assert_eq!(
        folder.value("SELECT count(*) FROM facts WHERE flags <> '[]' OR NOT projected"),
        0
    );
    folder.check();
    let figures = folder.with_office(async |office| {
        let organisation = office.organisation().await.unwrap();
        let mut tx = office.database.read().await.unwrap();
        let dossiers = tournee_server::database::records::all_dossiers(&mut tx, organisation.id)
            .await
            .unwrap();
        let today = tournee_server::clock::now().date_naive();
        let over = dossiers.values().filter(|dossier| {
            let balances = dossier.balances(today);
            let limit = dossier.client.credit_limit.unwrap();
            balances.values().any(|balance| balance.net > limit)
        });
        let over = over.count();
        println!("beyond their limit: {over}");
        assert!(
            (16..=56).contains(&over),
            "{over} clients of 400 are beyond their limit"
        );
        let names: std::collections::BTreeSet<&str> = dossiers
            .values()
            .map(|dossier| dossier.client.name.as_str())
            .collect();
        assert_eq!(names.len(), dossiers.len(), "each has a name of its own");
        let invoices: usize = dossiers
            .values()
            .map(|dossier| dossier.invoices.len())
            .sum();
        let overdue = dossiers.values().filter(|dossier| {
            dossier
                .invoices
                .iter()
                .any(|invoice| invoice.open().is_positive() && invoice.days_overdue(today) > 0)
        });
        (dossiers.len(), invoices, overdue.count())
    });
    println!("clients, invoices, clients with overdue: {figures:?}");
    assert_eq!(figures.0, 400);
    assert!((3_600..=4_400).contains(&figures.1), "{figures:?}");
    assert!(
        (80..=190).contains(&figures.2),
        "about a third are overdue: {figures:?}"
    );
    let twin = Folder::empty();
    twin.run(&["demo"]);
    assert_eq!(
        told_by(&folder),
        told_by(&twin),
        "the same day, the same demo"
    );
    let server = Server::start(&folder);
    let mut client: Client = server.anyone();
    let login = serde_json::json!({"login": "mariama", "password": "tournee-demo"});
    let answer = client.post("/session", &login);
    client.cookie = Some(
        answer
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned(),
    );
    assert_eq!(
        client.get("/session").ok::<Value>()["user"]["portfolios"],
        serde_json::json!(["REC01"])
    );
}

#[test]
fn a_wrong_sum_is_named_and_an_upgrade_computes_them() {
    let folder = Folder::with_ledger();
    folder.check();
    folder.tamper("UPDATE bucket_sums SET records = records + 1 WHERE bucket = 'REC01'");
    let wrong = command(&folder, &["check"]);
    assert!(!wrong.status.success());
    let told = String::from_utf8(wrong.stdout).unwrap() + &String::from_utf8(wrong.stderr).unwrap();
    assert!(
        told.contains("« REC01 »") && !told.contains("« REC02 »"),
        "{told}"
    );
    // Data from before there were sums.
    folder.tamper("UPDATE records SET digest = NULL");
    folder.tamper("DELETE FROM bucket_sums");
    folder.check();
    assert_eq!(
        folder.value("SELECT count(*) FROM records WHERE digest IS NULL"),
        0
    );
}

/// What the server says when it cannot start, on the folder's data, with this pack.
fn refused(folder: &Folder, pack: &str) -> String {
    let Output { status, stderr, .. } = command(
        folder,
        &["serve", "--listen", "127.0.0.1:0", "--pack", pack],
    );
    assert!(!status.success(), "{pack}");
    let said = String::from_utf8(stderr).unwrap();
    let mut said = said
        .lines()
        .filter(|line| line.starts_with("tournee-server:"));
    let line = said.next().unwrap_or_default().to_owned();
    assert_eq!(said.next(), None, "{pack}: one line");
    line
}

#[test]
fn a_broken_country_pack_is_refused_with_file_and_line() {
    let folder = Folder::with_people();
    let path = folder.path().join("sahel.toml");
    let good = "code = \"SAHEL\"\nextends = \"niger.toml\"\ncurrency = \"XOF\"\nweekend = [\"sun\"]\n\
                name = { fr = \"Sahel\", en = \"Sahel\" }\n\n[[small_difference]]\nat_most = \"250\"\n\
                share_at_most = \"0.02\"\nsource = \"note 12 de la direction\"\n";
    let file = path.to_str().unwrap();
    for (part, instead, line, words) in [
        ("at_most = \"250\"", "at_most = 250", 8, "250"),
        (
            "at_most = \"250\"",
            "at_most = \"2.5\"",
            7,
            "2.5 is no amount of XOF",
        ),
        (
            "source = \"note 12 de la direction\"\n",
            "",
            7,
            "missing field `source`",
        ),
        ("[\"sun\"]", "[\"sun\"", 5, ""),
        (
            "niger.toml",
            "sahel.toml",
            2,
            "not among the packs before it",
        ),
    ] {
        std::fs::write(&path, good.replacen(part, instead, 1)).unwrap();
        let said = refused(&folder, file);
        let begins = format!("tournee-server: country pack {file}, line {line}: ");
        assert!(said.starts_with(&begins) && said.contains(words), "{said}");
    }
    let said = refused(&folder, "ZZ");
    assert!(
        said.contains("no built-in country pack, and cannot read ZZ"),
        "{said}"
    );
    let said = refused(&folder, "fr");
    assert!(
        said.contains("FR is in EUR") && said.contains("--pack"),
        "{said}"
    );

    // The office's own file holds for its devices, and the country's again without it.
    std::fs::write(&path, good).unwrap();
    let at_most = |options: &[&str]| {
        let server = Server::start_with(&folder, options);
        let device = crate::support::Device::enrol(&server.user("one"));
        let rules = device.enrolled.organisation.rules.clone().unwrap();
        let today = "2026-11-02".parse().unwrap();
        assert_eq!(
            device.pulled(None)[0].organisation.rules.as_ref(),
            Some(&rules)
        );
        assert_eq!(
            rules.provision_rates(today).len(),
            5,
            "of the pack it extends"
        );
        (
            rules.code.clone(),
            rules.small_difference(today).unwrap().at_most.to_string(),
        )
    };
    assert_eq!(
        at_most(&["--pack", file]),
        ("SAHEL".to_owned(), "250".to_owned())
    );
    assert_eq!(at_most(&[]), ("NE".to_owned(), "500".to_owned()));
}
