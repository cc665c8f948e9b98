//! What Algorithmia says is wrong, in words.

use serde_json::Value;

use crate::http::{Answer, Outcome, Problem};
use crate::visible::one_line;

/// How much of a server's text is shown.
const LONGEST_TEXT: usize = 300;

/// What an answer's body says, whichever of the many envelopes it came in.
#[derive(Default)]
struct Said {
    code: Option<u64>,
    message: Option<String>,
    id: Option<String>,
}

/// What a failed call says; `hide` takes secrets out of the server's text.
pub(super) fn of_answer(answer: &Answer, hide: impl Fn(&str) -> String) -> Problem {
    let said = match answer.json::<Value>() {
        Ok(body) => said(&body),
        Err(_) => Said {
            message: Some(String::from_utf8_lossy(answer.body()).into_owned()),
            ..Said::default()
        },
    };
    let (words, help) = words(answer.status(), said.code);
    let mut message = words.to_owned();
    let code = said.code.map(|code| format!("code {code}"));
    let details: Vec<String> = [
        said.message.filter(|text| !text.trim().is_empty()),
        code,
        said.id.map(|id| format!("id {id}")),
    ]
    .into_iter()
    .flatten()
    .map(|text| one_line(&hide(&text), LONGEST_TEXT))
    .collect();
    if !details.is_empty() {
        message.push_str(&format!(" (Algorithmia says: {})", details.join(", ")));
    }
    Problem {
        outcome: outcome(answer, said.code),
        code: said.code.map(|code| code.to_string()),
        message,
        help: help.map(str::to_owned),
        trace_id: None,
        unreachable: false,
    }
}

/// A success by its status that no cluster gives.
pub(super) fn not_understood() -> Problem {
    let help = "check the address: something else than Algorithmia's API seems to answer there";
    Problem {
        outcome: Outcome::Retry { after: None },
        ..Problem::refused("the answer is a web page", Some(help.to_owned()))
    }
}

/// A build that ran and failed.
pub(super) fn of_failed_build(output: &str) -> Problem {
    let message = if output.is_empty() {
        "the build failed; Algorithmia shows no output of it".to_owned()
    } else {
        format!("the build failed: {output}")
    };
    let help = "mend what the output names and push again";
    Problem::refused(message, Some(help.to_owned()))
}

/// The status decides; a code can say that a failure passes, or that it never will.
fn outcome(answer: &Answer, code: Option<u64>) -> Outcome {
    let by_status = answer.outcome();
    match code {
        Some(4083 | 4084 | 5001) if by_status == Outcome::Refused => Outcome::Retry { after: None },
        Some(2002) => Outcome::Blocked,
        Some(1000..=4082 | 5002..=6001) if matches!(by_status, Outcome::Retry { .. }) => {
            match answer.status() {
                429 => by_status,
                _ => Outcome::Refused,
            }
        }
        _ => by_status,
    }
}

fn said(body: &Value) -> Said {
    match body {
        Value::Object(object) => match object.get("error") {
            Some(error @ Value::Object(_)) => said(error),
            Some(Value::String(text)) => Said {
                message: Some(text.clone()),
                ..Said::default()
            },
            _ => Said {
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
        Value::String(text) => Said {
            message: Some(text.clone()),
            ..Said::default()
        },
        _ => Said::default(),
    }
}

fn words(status: u16, code: Option<u64>) -> (&'static str, Option<&'static str>) {
    let credentials = "check ALGORITHMIA_API_KEY or ALGORITHMIA_BEARER_TOKEN, and that it is of \
                       this cluster";
    let rights = "use a standard key with Management Access of an administrator of the owner's \
                  organisation; a cluster administrator's key can't compile";
    let algorithm = "correct `algorithm` in the configuration, or create it with `pushgate \
                     algorithmia algorithm create`";
    match (status, code) {
        (_, Some(2002)) | (401, _) => (
            "Algorithmia does not accept the credentials",
            Some(credentials),
        ),
        (_, Some(2001)) | (403, _) => (
            "the credentials may not compile this algorithm",
            Some(rights),
        ),
        (_, Some(1000 | 1001 | 1009)) | (404, None) => {
            ("Algorithmia has no such algorithm", Some(algorithm))
        }
        (_, Some(4080 | 4081)) => (
            "Bitbucket does not let Algorithmia in",
            Some("give the SSH key's owner read access to the repository"),
        ),
        (_, Some(4082..=4084)) => (
            "Algorithmia could not talk to Bitbucket",
            Some("check the SCM configuration: `pushgate algorithmia scm list`"),
        ),
        (_, Some(4008 | 4009)) => (
            "Algorithmia has no connection to this Bitbucket",
            Some("set one up: `pushgate algorithmia scm create`"),
        ),
        (429, _) => ("Algorithmia asks for a pause", None),
        (500..=599, _) => ("Algorithmia itself failed", None),
        (400 | 422, _) => (
            "Algorithmia does not take the request",
            Some("check that the SSH key is an unencrypted RSA key in PEM form"),
        ),
        _ => ("Algorithmia refuses the build", None),
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
            let said = said(&body);
            assert_eq!(said.code, code, "{body}");
            assert_eq!(said.message.as_deref(), message, "{body}");
            assert_eq!(said.id.as_deref(), id, "{body}");
        }
    }
}
