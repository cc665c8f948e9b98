//! What is asked of the server.

use serde::Serialize;

use crate::http::{Method, Request, segment};
use crate::repository::RepositoryName;

/// One call below `/rest`. A call that reads can be made again without harm.
pub(super) struct Call {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<Body>,
    headers: Vec<(&'static str, &'static str)>,
    largest_answer: Option<u64>,
    what: String,
}

struct Body {
    bytes: Vec<u8>,
    content_type: String,
}

impl Call {
    /// A call; `path` begins with `/` behind `/rest`, its segments are encoded, and `what` completes
    /// the sentence "cannot …".
    pub(super) fn new(method: Method, path: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
            headers: Vec::new(),
            largest_answer: None,
            what: what.into(),
        }
    }

    /// A call that reads.
    pub(super) fn get(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Method::Get, path, what)
    }

    /// Adds a parameter.
    pub(super) fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.retain(|(other, _)| *other != name);
        self.query.push((name, value.to_string()));
        self
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends a value as JSON.
    pub(super) fn json(self, value: &impl Serialize) -> Self {
        // What is written here is made of text, numbers and lists: it always can be.
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        self.body(bytes, "application/json")
    }

    /// Sends bytes.
    pub(super) fn body(mut self, bytes: Vec<u8>, content_type: impl Into<String>) -> Self {
        self.body = Some(Body {
            bytes,
            content_type: content_type.into(),
        });
        self
    }

    /// Takes an answer of up to so many bytes.
    pub(super) fn largest_answer(mut self, bytes: u64) -> Self {
        self.largest_answer = Some(bytes);
        self
    }

    /// What is asked, as the end of the sentence "cannot …".
    pub(super) fn what(&self) -> &str {
        &self.what
    }

    /// Whether asking twice is the same as asking once.
    pub(super) fn only_reads(&self) -> bool {
        self.method == Method::Get
    }

    /// The request, below the address of a server.
    pub(super) fn request(&self, address: &str) -> Request {
        let mut url = format!("{address}/rest{}", self.path);
        for (index, (name, value)) in self.query.iter().enumerate() {
            let sign = if index == 0 { '?' } else { '&' };
            url.push_str(&format!("{sign}{name}={}", segment(value)));
        }
        let mut request = Request::new(self.method, url);
        for &(name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &self.body {
            request = request.body(body.bytes.clone(), &body.content_type);
        }
        if let Some(bytes) = self.largest_answer {
            request = request.largest_answer(bytes);
        }
        request
    }
}

/// `/projects/PRJ`, for behind `/api/latest` or another API's root.
pub(super) fn project_path(key: &str) -> String {
    format!("/projects/{}", segment(key))
}

/// `/projects/PRJ/repos/slug`, for behind `/api/latest` or another API's root.
pub(super) fn repository_path(name: &RepositoryName) -> String {
    format!(
        "{}/repos/{}",
        project_path(name.project()),
        segment(name.slug())
    )
}

/// A path of the repository, its parts encoded; none where an address can't name it.
pub(super) fn file_path(path: &str) -> Option<String> {
    // `.` and `..` would be resolved on the way, git has neither.
    let parts: Vec<&str> = path.split('/').collect();
    let nameable = parts.iter().all(|part| !matches!(*part, "" | "." | ".."));
    nameable.then(|| {
        let parts: Vec<String> = parts.into_iter().map(segment).collect();
        parts.join("/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_what_they_are() {
        let name: RepositoryName = "~ada/über+1".parse().unwrap();
        assert_eq!(repository_path(&name), "/projects/~ada/repos/%C3%BCber%2B1");
        assert_eq!(
            file_path("a b/c#d?.yaml").as_deref(),
            Some("a%20b/c%23d%3F.yaml")
        );
        for path in ["", "/a", "a//b", "a/../b", "./a", "a/"] {
            assert_eq!(file_path(path), None, "{path}");
        }
    }
}
