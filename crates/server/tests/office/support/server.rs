//! The server's process.

use super::{Client, Folder};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

/// The server under test; `TOURNEE_SERVER_BIN` names another build of it.
pub fn binary() -> String {
    let built = env!("CARGO_BIN_EXE_tournee-server").to_owned();
    std::env::var("TOURNEE_SERVER_BIN").unwrap_or(built)
}

pub struct Server<'f> {
    _folder: std::marker::PhantomData<&'f Folder>,
    child: Child,
    /// The server itself, where the child is a program that watches it.
    id: u32,
    base: String,
}

impl<'f> Server<'f> {
    /// Serves the folder's data on a free port.
    pub fn start(folder: &'f Folder) -> Self {
        Self::start_with(folder, &[])
    }

    pub fn start_with(folder: &'f Folder, options: &[&str]) -> Self {
        Self::start_under(folder, &[], options)
    }

    /// As a child of another program, such as one that watches it: `under` is its name and its arguments.
    pub fn start_under(folder: &'f Folder, under: &[&str], options: &[&str]) -> Self {
        let log = std::fs::File::create(folder.path().join("log.txt")).unwrap();
        let program = binary();
        let words: Vec<&str> = under.iter().copied().chain([program.as_str()]).collect();
        let mut child = Command::new(words[0])
            .args(&words[1..])
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.data())
            .args(options)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let base = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("{words:?} said {line:?}; its log: {}", log_of(folder)));
        let base = base.to_owned();
        Self {
            _folder: std::marker::PhantomData,
            id: first_child(child.id()).unwrap_or(child.id()),
            child,
            base,
        }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// Nobody signed in.
    pub fn anyone(&self) -> Client {
        Client::new(&self.base)
    }

    /// Somebody signed in.
    pub fn user(&self, login: &str) -> Client {
        let mut client = self.anyone();
        client.sign_in(login);
        client
    }

    pub fn id(&self) -> u32 {
        self.id
    }

    /// As an operator asks it to stop.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        signal(self.id, "TERM");
        self.child.wait().unwrap()
    }

    pub fn kill(&mut self) {
        // Who was waited for has no process any more; its number may be another's.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            signal(self.id, "KILL");
            let _ = self.child.wait();
        }
    }
}

pub fn signal(id: u32, name: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &id.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

fn first_child(process: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    children.ok()?.split_whitespace().next()?.parse().ok()
}

/// What the server wrote into its log.
pub fn log_of(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("log.txt")).unwrap_or_default()
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs one of the server's commands on the folder's data.
pub fn command(folder: &Folder, arguments: &[&str]) -> Output {
    Command::new(binary())
        .args(arguments)
        .arg("--data")
        .arg(folder.data())
        .output()
        .unwrap()
}

impl Folder {
    /// The command's standard output; it must succeed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = command(self, arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The records are what the facts give, and the chains hold.
    pub fn check(&self) {
        self.run(&["check"]);
    }
}
