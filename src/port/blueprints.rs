//! The organisation's blueprints (facts: `GET /v1/blueprints`, one call, not paged).

use std::time::Instant;

use serde::Deserialize;
use serde_json::Value;

use crate::http::{Method, Problem};

use super::client::{Client, Context};

#[derive(Deserialize)]
struct Listed {
    blueprints: Vec<Value>,
}

impl Client {
    /// All blueprints that the credentials may see, as Port lists them.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn blueprints(&self, until: Option<Instant>) -> Result<Vec<Value>, Problem> {
        let context = Context {
            user_agent: Context::product(),
            until,
            stop: None,
        };
        let answer = self.call(&context, Method::Get, "/blueprints", None)?;
        if !answer.is_success() {
            return Err(self.problem(&answer));
        }
        let listed: Listed = answer
            .json()
            .map_err(|_| self.not_understood(&answer, "no list of blueprints"))?;
        Ok(listed.blueprints)
    }
}
