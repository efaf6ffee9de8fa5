//! HTTP as an app sends it.

use super::PASSWORD;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::time::Duration;
use ureq::http::{HeaderMap, Method, Request};
use ureq::{Agent, SendBody};

const ANSWER_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A person or device at the other end of the line.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    pub cookie: Option<String>,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The body of a success.
    pub fn ok<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, 200, "{self}");
        self.json()
    }

    /// Status, type and field of a problem.
    pub fn problem(&self) -> (u16, String, Option<String>) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self}"
        );
        let problem: Value = self.json();
        assert_eq!(problem["status"], self.status);
        let text = |key: &str| problem[key].as_str().map(str::to_owned);
        (self.status, text("type").unwrap(), text("field"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = String::from_utf8_lossy(&self.body)
            .chars()
            .take(600)
            .collect();
        write!(f, "{} {body}", self.status)
    }
}

impl Client {
    pub fn new(base: &str) -> Self {
        Self::with_patience(base, Duration::from_secs(120))
    }

    /// Gives up after so long.
    pub fn with_patience(base: &str, patience: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(patience))
            .build();
        Self {
            agent: Agent::new_with_config(config),
            base: base.to_owned(),
            cookie: None,
        }
    }

    pub fn sign_in(&mut self, login: &str) {
        let answer = self.post("/session", &json!({"login": login, "password": PASSWORD}));
        assert_eq!(answer.status, 200, "{login}: {answer}");
        let cookie = answer.header("set-cookie");
        self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
    }

    /// Listens to the office: the lines of its event stream as they come, at most 20 s apart.
    pub fn listen(&self) -> impl Iterator<Item = String> + use<> {
        let address = self.base.strip_prefix("http://").unwrap();
        let mut line = std::net::TcpStream::connect(address).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let cookie = self.cookie.as_deref().unwrap();
        write!(
            line,
            "GET /api/v1/events HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        BufReader::new(line).lines().map_while(Result::ok)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", &format!("/api/v1{path}"), &[], &[])
    }

    pub fn post(&self, path: &str, body: &impl serde::Serialize) -> Answer {
        self.post_bytes(path, serde_json::to_vec(body).unwrap())
    }

    /// The answer, should one come.
    pub fn try_post(&self, path: &str, body: &impl serde::Serialize) -> Option<Answer> {
        let mut request = Request::builder()
            .method("POST")
            .uri(format!("{}/api/v1{path}", self.base))
            .header("content-type", "application/json");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let body = serde_json::to_vec(body).unwrap();
        let response = self.agent.run(request.body(body).unwrap());
        response.ok().and_then(answer)
    }

    /// A JSON body as it is, good or not.
    pub fn post_bytes(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let headers = [("content-type", "application/json")];
        self.send("POST", &format!("/api/v1{path}"), &headers, &body.into())
    }

    /// Any request; an empty body is none.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let bodiless = matches!(
            request.method_ref(),
            Some(&(Method::GET | Method::HEAD | Method::DELETE))
        );
        let response = if bodiless {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        answer(response.unwrap()).unwrap()
    }

    /// A part of a photo, from `offset` on.
    pub fn send_chunk(&self, hash: &str, offset: u64, chunk: &[u8]) -> Answer {
        let path = format!("/api/v1/blobs/{hash}");
        let offset = offset.to_string();
        let headers = [
            ("content-type", "application/offset+octet-stream"),
            ("upload-offset", offset.as_str()),
        ];
        self.send("PATCH", &path, &headers, chunk)
    }

    /// A body that is never whole in memory.
    pub fn post_stream(
        &self,
        path: &str,
        content_type: &str,
        length: u64,
        body: &mut dyn std::io::Read,
    ) -> Answer {
        let mut request = Request::builder()
            .method("POST")
            .uri(format!("{}/api/v1{path}", self.base))
            .header("content-type", content_type)
            .header("content-length", length)
            .header("x-tournee", "1");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let mut body = body;
        let body = SendBody::from_reader(&mut body);
        answer(self.agent.run(request.body(body).unwrap()).unwrap()).unwrap()
    }

    /// The parts of a form: name, file name, bytes.
    pub fn post_form(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
        const BOUNDARY: &str = "----------------------------tournee";
        let mut body = Vec::new();
        for (name, file_name, bytes) in parts {
            let file = file_name.map_or_else(String::new, |name| format!("; filename=\"{name}\""));
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
            );
            body.extend(head.as_bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let headers = [("content-type", content_type.as_str()), ("x-tournee", "1")];
        self.send("POST", &format!("/api/v1{path}"), &headers, &body)
    }
}

/// `None` when the line broke before the answer was whole.
fn answer(response: ureq::http::Response<ureq::Body>) -> Option<Answer> {
    let (parts, mut body) = response.into_parts();
    let body = body.with_config().limit(ANSWER_MAX_BYTES).read_to_vec();
    Some(Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.ok()?,
    })
}
