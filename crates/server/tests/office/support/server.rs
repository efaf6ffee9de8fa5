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
    base: String,
}

impl<'f> Server<'f> {
    /// Serves the folder's data on a free port.
    pub fn start(folder: &'f Folder) -> Self {
        Self::start_with(folder, &[])
    }

    pub fn start_with(folder: &'f Folder, options: &[&str]) -> Self {
        let log = std::fs::File::create(folder.path().join("log.txt")).unwrap();
        let mut child = Command::new(binary())
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
            .unwrap_or_else(|| panic!("server said {line:?}"));
        let base = base.to_owned();
        Self {
            _folder: std::marker::PhantomData,
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
        self.child.id()
    }

    /// As an operator asks it to stop.
    pub fn terminate(mut self) -> std::process::ExitStatus {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap()
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(id: u32, name: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &id.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
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
