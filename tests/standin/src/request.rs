//! A request as it came in, and an answer as it goes out.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request that reached a stand-in.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The method, in capitals.
    pub method: String,
    /// The path as it was sent, still encoded.
    pub path: String,
    /// The query as it was sent.
    pub raw_query: String,
    /// The query's parameters, decoded.
    pub query: BTreeMap<String, String>,
    /// The headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body's length in bytes.
    pub length: usize,
    /// The body as JSON; null where it is none.
    pub body: Value,
    /// The body as it was sent.
    pub text: String,
}

impl Recorded {
    /// The path's segments, decoded.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        self.path
            .trim_matches('/')
            .split('/')
            .map(decoded)
            .collect()
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Whether the first entity of it is to fail.
    pub(crate) fn is_partly(&self) -> bool {
        self.header(PARTLY).is_some()
    }

    /// From now on the first entity of it is to fail.
    pub(crate) fn set_partly(&mut self) {
        self.headers.insert(PARTLY.to_owned(), String::new());
    }

    /// Whether a parameter of the query is `true`.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|value| value == "true")
    }
}

/// A header that no client sends.
const PARTLY: &str = " partly";

pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

pub(crate) fn parameters(query: &str) -> BTreeMap<String, String> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    pub(crate) fn html(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "text/html".to_owned())],
            body: format!("<!doctype html><p>{text}</p>").into_bytes(),
        }
    }

    pub(crate) fn bytes(body: &[u8]) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
            body: body.to_vec(),
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }
}
