//! Valid JSON made invalid field by field, bytes made wrong, and requests no library would send.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Stands before a key that is to be there twice.
const TWICE: &str = "\u{10ffff}";

/// What happens to one field.
#[derive(Clone, Debug)]
pub enum Change {
    Remove,
    Replace(Value),
    /// The field is there twice, the second time with this value.
    Duplicate(Value),
}

#[derive(Clone, Debug)]
pub struct Mutation {
    at: Index,
    change: Change,
}

/// What happens to the bytes of the whole body.
#[derive(Clone, Debug)]
pub enum Bytes {
    Whole,
    Cut(Index),
    Changed(Index, u8),
    Inserted(Index, Vec<u8>),
    Appended(Vec<u8>),
}

/// How it travels.
#[derive(Clone, Debug)]
pub enum Travel {
    Plain,
    OfType(&'static str),
    Chunked,
    /// Bytes are missing at the end, or too many; then the line closes.
    Misdeclared(i8),
    Padded(usize),
}

/// Things that are rarely what a field should be.
pub fn odd_value() -> impl Strategy<Value = Value> {
    let nested = |depth: usize| {
        (0..depth).fold(json!(1), |inner, n| {
            if n % 2 == 0 {
                json!([inner])
            } else {
                json!({"a": inner})
            }
        })
    };
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::sample::select(vec![
            0,
            -1,
            1,
            2,
            101,
            4_294_967_295,
            4_294_967_296,
            i64::MAX,
            i64::MIN
        ])
        .prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "\0",
            "a\0b",
            " ",
            "1e400",
            "-0",
            "0.0000000000000000000000000001",
            "99999999999999999999999999999999",
            "-79228162514264337593543950335",
            "NaN",
            "true",
            "null",
            "../../etc/passwd",
            "'; DROP TABLE facts; --",
            "C1",
            "C1-0",
            "9999-12-31",
            "0000-00-00",
            "2026-02-30",
            "+262143-01-01T00:00:00Z",
            "1970-01-01T00:00:00+23:59",
            "00000000-0000-0000-0000-000000000000",
            "NIA-D01-E1-000001",
            "NIA-D99-E4294967295-999999",
            "XOF",
            "EUR",
            "XXX",
            "\u{202e}\u{feff}\u{1f600}\u{fffd}",
        ])
        .prop_map(Value::from),
        (1..5_usize).prop_map(|n| Value::from("é".repeat(10_usize.pow(u32::try_from(n).unwrap())))),
        (1..140_usize).prop_map(nested),
        Just(json!([])),
        Just(json!({})),
        prop::collection::vec(any::<u8>().prop_map(Value::from), 0..200).prop_map(Value::from),
    ]
}

pub fn mutation() -> impl Strategy<Value = Mutation> {
    let change = prop_oneof![
        2 => Just(Change::Remove),
        5 => odd_value().prop_map(Change::Replace),
        1 => odd_value().prop_map(Change::Duplicate),
    ];
    (any::<Index>(), change).prop_map(|(at, change)| Mutation { at, change })
}

pub fn bytes() -> impl Strategy<Value = Bytes> {
    let some = || prop::collection::vec(any::<u8>(), 1..20);
    prop_oneof![
        6 => Just(Bytes::Whole),
        1 => any::<Index>().prop_map(Bytes::Cut),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Bytes::Changed(at, byte)),
        1 => (any::<Index>(), some()).prop_map(|(at, bytes)| Bytes::Inserted(at, bytes)),
        1 => some().prop_map(Bytes::Appended),
    ]
}

pub fn travel() -> impl Strategy<Value = Travel> {
    let kinds = [
        "",
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "application/json; charset=latin1",
        "\u{e9}",
    ];
    prop_oneof![
        12 => Just(Travel::Plain),
        1 => prop::sample::select(kinds.to_vec()).prop_map(Travel::OfType),
        1 => Just(Travel::Chunked),
        1 => (-9..9_i8).prop_map(Travel::Misdeclared),
        1 => (0..400_000_usize).prop_map(Travel::Padded),
    ]
}

/// The text of a JSON value with these changes, and where the first of them was: `facts.0.hash`.
pub fn mutated(valid: &Value, mutations: &[Mutation]) -> (String, Option<String>) {
    let mut value = valid.clone();
    let mut first = None;
    for mutation in mutations {
        let mut paths = Vec::new();
        collect(&value, "", &mut paths);
        if paths.is_empty() {
            break;
        }
        let path = mutation.at.get(&paths).clone();
        apply(&mut value, &path, &mutation.change);
        first.get_or_insert(path.trim_start_matches('/').replace('/', "."));
    }
    (value.to_string().replace(TWICE, ""), first)
}

fn collect(value: &Value, path: &str, paths: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), value))
            .collect(),
        _ => return,
    };
    for (key, child) in children {
        let path = format!("{path}/{key}");
        collect(child, &path, paths);
        paths.push(path);
    }
}

fn apply(value: &mut Value, path: &str, change: &Change) {
    let (parent, key) = path.rsplit_once('/').unwrap();
    let Some(parent) = value.pointer_mut(parent) else {
        return;
    };
    match (parent, change) {
        (Value::Object(fields), Change::Remove) => {
            fields.remove(key);
        }
        (Value::Object(fields), Change::Replace(with)) => {
            fields.insert(key.to_owned(), with.clone());
        }
        (Value::Object(fields), Change::Duplicate(with)) => {
            fields.insert(format!("{TWICE}{key}"), with.clone());
        }
        (Value::Array(items), Change::Remove) => {
            items.remove(key.parse().unwrap());
        }
        (Value::Array(items), Change::Replace(with) | Change::Duplicate(with)) => {
            items[key.parse::<usize>().unwrap()] = with.clone();
        }
        _ => {}
    }
}

impl Bytes {
    pub fn of(&self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        let place = |at: &Index| at.index(bytes.len() + 1);
        match self {
            Self::Whole => {}
            Self::Cut(at) => bytes.truncate(place(at)),
            Self::Changed(at, byte) => {
                let at = place(at);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Self::Inserted(at, more) => {
                let at = place(at);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Appended(more) => bytes.extend(more),
        }
        bytes
    }
}

/// An answer as it came: its status, 0 when there was none, and its body.
#[derive(Debug)]
pub struct RawAnswer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// Sends bytes to the server, and reads until it closes. Who hangs up says nothing more, and gets no answer to what the
/// server still works on.
pub fn say(address: &str, request: &[u8], hangs_up: bool) -> RawAnswer {
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    // A server that has heard enough may close while we still speak.
    let _ = line.write_all(request);
    if hangs_up {
        let _ = line.shutdown(std::net::Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = line.read_to_end(&mut answer);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let head = String::from_utf8_lossy(&answer[..end.unwrap_or(answer.len())]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    RawAnswer {
        status: status.unwrap_or(0),
        body: end.map_or_else(Vec::new, |end| answer.split_off(end + 4)),
        head,
    }
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, cookie: &str, travel: &Travel, body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    let mut kind = "application/json";
    let mut length = body.len();
    match travel {
        Travel::Plain | Travel::Chunked => {}
        Travel::OfType(other) => kind = other,
        Travel::Misdeclared(by) => length = length.saturating_add_signed(isize::from(*by)),
        Travel::Padded(spaces) => {
            body.extend(std::iter::repeat_n(b' ', *spaces));
            length = body.len();
        }
    }
    let mut request = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: office\r\nConnection: close\r\nContent-Type: {kind}\r\nCookie: {cookie}\r\n"
    )
    .into_bytes();
    if matches!(travel, Travel::Chunked) {
        request.extend(b"Transfer-Encoding: chunked\r\n\r\n");
        for chunk in body.chunks(97) {
            request.extend(format!("{:x}\r\n", chunk.len()).bytes());
            request.extend(chunk);
            request.extend(b"\r\n");
        }
        request.extend(b"0\r\n\r\n");
    } else {
        request.extend(format!("Content-Length: {length}\r\n\r\n").bytes());
        request.extend(body);
    }
    request
}
