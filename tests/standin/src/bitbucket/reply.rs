//! Answers in Bitbucket's shapes.

use serde_json::{Value, json};

use crate::request::{Recorded, Reply};

/// An error in Bitbucket's envelope.
pub(super) fn error(status: u16, exception: &str, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"errors": [{"context": null, "message": message, "exceptionName": exception}]}),
    )
}

/// Something that is not there.
pub(super) fn not_found(exception: &str, message: &str) -> Reply {
    error(404, exception, message)
}

/// The start of a page begins here: it is no index into the list, as Bitbucket's is none.
const FIRST: usize = 3;
const STRIDE: usize = 7;

/// The page of a list that a request asks for, as the value of `values` and what goes with it.
pub(super) fn page(request: &Recorded, largest: usize, all: &[Value]) -> Value {
    let number = |name: &str| request.query.get(name)?.parse::<usize>().ok();
    let start = number("start").unwrap_or_default();
    let limit = number("limit").unwrap_or(25).clamp(1, largest.max(1));
    let from = start.saturating_sub(FIRST) / STRIDE;
    let values: Vec<Value> = all.iter().skip(from).take(limit).cloned().collect();
    let to = from + values.len();
    let is_last = to >= all.len();
    json!({
        "size": values.len(),
        "limit": limit,
        "start": start,
        "isLastPage": is_last,
        "nextPageStart": if is_last { Value::Null } else { (to * STRIDE + FIRST).into() },
        "values": values,
    })
}
