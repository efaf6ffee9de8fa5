//! What the server asked of its kernel, as strace saw it. The lines stand in an order in which causes come before their
//! effects: a call that waited for another's end begins after the line of that end.

use crate::support::{Folder, Server, binary};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Calls that change files or send answers. What is not here is not seen: a server that wrote by other calls would be found
/// out, since its facts would be in no write.
const CALLS: &str = "trace=openat,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync,ftruncate,rename,renameat,\
                     renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,copy_file_range,sendfile,fallocate";
/// Bytes of one write that strace shows.
const SHOWN_BYTES: &str = "4194304";

/// One call, from its line to the line of its end; `usize::MAX` when it never ended.
#[derive(Debug)]
pub struct Event {
    pub call: Call,
    pub began: usize,
    pub ended: usize,
}

#[derive(Debug)]
pub enum Call {
    /// Without an offset, after what was written before through the same name.
    Write {
        path: PathBuf,
        offset: Option<u64>,
        bytes: Vec<u8>,
    },
    Truncate {
        path: PathBuf,
        length: u64,
    },
    /// The file's content, or the folder's names, are on the disk when it ends.
    Sync {
        path: PathBuf,
    },
    /// Opened for writing; made when it was missing.
    Open {
        path: PathBuf,
        empty: bool,
    },
    MakeFolder {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    /// Bytes left for somebody.
    Sent {
        bytes: Vec<u8>,
    },
}

/// A server under strace.
pub struct Traced<'f> {
    pub server: Server<'f>,
    file: PathBuf,
}

impl<'f> Traced<'f> {
    /// `None` where nobody may trace; see [`may_trace`].
    pub fn start(folder: &'f Folder, environment: &[&str]) -> Option<Self> {
        if !may_trace() {
            return None;
        }
        let file = folder.path().join("trace.txt");
        let mut under = vec!["env"];
        under.extend(environment);
        under.extend(strace(&file));
        Some(Self {
            server: Server::start_under(folder, &under, &[]),
            file,
        })
    }

    /// Ends the server where it stands, and tells what it did, in the order in which it began.
    pub fn end(mut self) -> Vec<Event> {
        self.server.kill();
        read(&std::fs::read_to_string(&self.file).unwrap())
    }
}

/// What one of the server's commands does on the folder's data; `None` as for [`Traced::start`].
pub fn command(folder: &Folder, arguments: &[&str]) -> Option<Vec<Event>> {
    if !may_trace() {
        return None;
    }
    let file = folder.path().join("trace.txt");
    let strace = strace(&file);
    let output = Command::new(strace[0])
        .args(&strace[1..])
        .arg(binary())
        .args(arguments)
        .arg("--data")
        .arg(folder.data())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    Some(read(&std::fs::read_to_string(&file).unwrap()))
}

fn strace(file: &Path) -> Vec<&str> {
    let mut words = vec![
        "strace",
        "--follow-forks",
        "--seccomp-bpf",
        "--decode-fds=path",
        "-xx",
    ];
    words.extend(["-s", SHOWN_BYTES, "-e", CALLS, "-e", "signal=none", "-o"]);
    words.push(file.to_str().unwrap());
    words
}

/// Whether the kernel lets us look; `false` only where whoever runs the tests said by `TOURNEE_WITHOUT_PTRACE=1` that it may
/// not.
///
/// # Panics
/// Where nobody may trace and nobody said so: what is not shown must not pass for shown.
fn may_trace() -> bool {
    let probe = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    if !probe.as_ref().is_ok_and(|probe| probe.status.success()) {
        let waived = std::env::var_os("TOURNEE_WITHOUT_PTRACE").is_some();
        assert!(
            waived,
            "strace cannot trace here ({probe:?}), so that nobody can see whether acknowledgements wait for the disk. \
                 Install strace and allow ptrace, or set TOURNEE_WITHOUT_PTRACE=1 to go on without knowing."
        );
        eprintln!(
            "NOT SHOWN: whether acknowledgements wait for the disk (TOURNEE_WITHOUT_PTRACE is set)"
        );
        return false;
    }
    true
}

fn read(trace: &str) -> Vec<Event> {
    let mut events = Vec::new();
    // By thread: where it began, and its words so far.
    let mut unfinished: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for (at, line) in trace.lines().enumerate() {
        let (thread, said) = line.split_once(' ').unwrap();
        let said = said.trim_start();
        if let Some(words) = said.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, (at, words));
        } else if said.starts_with("<... ") {
            let Some((began, words)) = unfinished.remove(thread) else {
                continue;
            };
            let (_, end) = said.rsplit_once(" = ").unwrap();
            events.extend(event(words, Some(end), began, at));
        } else if let Some((words, end)) = said.rsplit_once(" = ") {
            events.extend(event(words, Some(end), at, at));
        }
    }
    for (began, words) in unfinished.into_values() {
        events.extend(event(words, None, began, usize::MAX));
    }
    events.sort_by_key(|event| event.began);
    events
}

/// `None` for what failed, and for what is neither a change of a file nor an answer.
fn event(words: &str, end: Option<&str>, began: usize, ended: usize) -> Option<Event> {
    let (name, arguments) = words.split_once('(')?;
    let arguments: Vec<&str> = arguments
        .trim_end()
        .trim_end_matches(')')
        .split(", ")
        .collect();
    let result = end.and_then(|end| end.split([' ', '<']).next());
    let result: Option<i64> = result.and_then(|result| result.parse().ok());
    if result.is_some_and(|result| result < 0) {
        return None;
    }
    // The strings are hexadecimal, so that no comma or quote stands in them.
    let strings = || words.split('"').skip(1).step_by(2).map(decoded);
    let mut paths = strings().map(|bytes| PathBuf::from(String::from_utf8(bytes).unwrap()));
    let number = |at: usize| arguments[at].trim().parse::<u64>().unwrap();
    let written = || {
        let mut bytes: Vec<u8> = strings().flatten().collect();
        if let Some(result) = result {
            bytes.truncate(usize::try_from(result).unwrap());
        }
        bytes
    };
    let call = match name {
        "pwrite64" => Call::Write {
            path: of_descriptor(arguments[0])?,
            offset: Some(number(3)),
            bytes: written(),
        },
        "write" | "writev" | "sendto" | "sendmsg" => match of_descriptor(arguments[0])? {
            path if path.starts_with("/") => Call::Write {
                path,
                offset: None,
                bytes: written(),
            },
            socket if is_socket(&socket) => Call::Sent { bytes: written() },
            _ => return None,
        },
        "fsync" | "fdatasync" => Call::Sync {
            path: of_descriptor(arguments[0])?,
        },
        "ftruncate" => Call::Truncate {
            path: of_descriptor(arguments[0])?,
            length: number(1),
        },
        "openat" if arguments[2].contains("O_CREAT") || arguments[2].contains("O_TRUNC") => {
            Call::Open {
                path: paths.next()?,
                empty: arguments[2].contains("O_TRUNC"),
            }
        }
        "openat" => return None,
        "mkdir" | "mkdirat" => Call::MakeFolder {
            path: paths.next()?,
        },
        "rename" | "renameat" | "renameat2" => Call::Rename {
            from: paths.next()?,
            to: paths.next()?,
        },
        "link" | "linkat" => Call::Link {
            from: paths.next()?,
            to: paths.next()?,
        },
        "unlink" | "unlinkat" | "rmdir" => Call::Remove {
            path: paths.next()?,
        },
        other => panic!("the model of the disk does not know {other}"),
    };
    Some(Event { call, began, ended })
}

/// `12</tmp/file>`, the name in hexadecimal.
fn of_descriptor(argument: &str) -> Option<PathBuf> {
    let name = argument.split_once('<')?.1.strip_suffix('>')?;
    let name = if name.contains("\\x") {
        decoded(name)
    } else {
        name.as_bytes().to_vec()
    };
    Some(PathBuf::from(String::from_utf8(name).ok()?))
}

fn is_socket(name: &Path) -> bool {
    name.to_string_lossy().starts_with("socket:")
}

/// `\x2f\x61` is `/a`.
fn decoded(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.split("\\x").skip(1).collect::<String>().into_bytes();
    hex::decode(digits).unwrap()
}

#[test]
fn a_trace_is_read_as_it_is_written() {
    let trace = r#"7 openat(AT_FDCWD<\x2f>, "\x2f\x61", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 5<\x2f\x61>
8 sendto(6<\x73\x6f\x63\x6b\x65\x74\x3a\x5b\x31\x5d>, "\x4f\x4b", 2, MSG_NOSIGNAL, NULL, 0 <unfinished ...>
7 pwrite64(5<\x2f\x61>, "\x01\x02\x03", 3, 4096) = 2
8 <... sendto resumed>) = 2
7 fsync(5<\x2f\x61> <unfinished ...>
8 write(4<\x61\x6e\x6f\x6e\x5f\x69\x6e\x6f\x64\x65\x3a\x5b\x65\x5d>, "\x01", 1) = 1
8 mkdir("\x2f\x62", 0777) = -1 EEXIST (File exists)
8 +++ killed by SIGKILL +++
"#;
    let read = format!("{:?}", read(trace));
    let expected = "[Event { call: Open { path: \"/a\", empty: false }, began: 0, ended: 0 }, \
                    Event { call: Sent { bytes: [79, 75] }, began: 1, ended: 3 }, \
                    Event { call: Write { path: \"/a\", offset: Some(4096), bytes: [1, 2] }, began: 2, ended: 2 }, \
                    Event { call: Sync { path: \"/a\" }, began: 4, ended: 18446744073709551615 }]";
    assert_eq!(read, expected);
}
