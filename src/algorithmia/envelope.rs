//! The forms in which Algorithmia says that something is wrong (vendor's OpenAPI document, and what
//! its services answer beside it).

use serde_json::Value;

/// What an answer's body says, whichever of the many envelopes it came in.
#[derive(Default)]
pub(super) struct Said {
    pub(super) code: Option<u64>,
    pub(super) message: Option<String>,
    /// What the vendor's support finds the failure by.
    pub(super) id: Option<String>,
}

impl Said {
    /// Opens the envelope; a body that is no JSON is a message of its own.
    pub(super) fn of(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(body) => Self::of_json(&body),
            Err(_) => Self::message(String::from_utf8_lossy(body)),
        }
    }

    fn message(text: impl Into<String>) -> Self {
        Self {
            message: Some(text.into()),
            ..Self::default()
        }
    }

    fn of_json(body: &Value) -> Self {
        match body {
            Value::Object(object) => match object.get("error") {
                Some(error @ Value::Object(_)) => Self::of_json(error),
                Some(Value::String(text)) => Self::message(text),
                _ => Self {
                    code: object
                        .get("code")
                        .and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok())),
                    message: ["message", "detail"]
                        .into_iter()
                        .find_map(|key| object.get(key))
                        .map(|text| {
                            text.as_str()
                                .map_or_else(|| text.to_string(), str::to_owned)
                        }),
                    id: object.get("id").and_then(Value::as_str).map(str::to_owned),
                },
            },
            Value::String(text) => Self::message(text),
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_envelope_is_opened() {
        let cases = [
            (
                json!({"error": {"id": "x1", "code": 2001, "message": "no"}}),
                (Some(2001), Some("no"), Some("x1")),
            ),
            (
                json!({"id": "x2", "code": "1000", "message": "gone"}),
                (Some(1000), Some("gone"), Some("x2")),
            ),
            (
                json!({"error": "No such algorithm"}),
                (None, Some("No such algorithm"), None),
            ),
            (json!({"error": {"message": "m"}}), (None, Some("m"), None)),
            (json!({"detail": "d"}), (None, Some("d"), None)),
            (json!({"detail": [1]}), (None, Some("[1]"), None)),
            (json!("text"), (None, Some("text"), None)),
            (json!(null), (None, None, None)),
            (json!([1]), (None, None, None)),
        ];
        for (body, (code, message, id)) in cases {
            let said = Said::of(body.to_string().as_bytes());
            assert_eq!(said.code, code, "{body}");
            assert_eq!(said.message.as_deref(), message, "{body}");
            assert_eq!(said.id.as_deref(), id, "{body}");
        }
        assert_eq!(Said::of(b"plain").message.as_deref(), Some("plain"));
    }
}
