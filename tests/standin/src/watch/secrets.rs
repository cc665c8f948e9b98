//! The secrets that tests plant, and all the forms in which one could turn up.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Stands in every secret that is no variable: in files, in what stand-ins give out. Wherever it turns up,
/// a secret has.
pub const MARK: &str = "planted";

/// Shorter ones would be found in ordinary words.
const SHORTEST: usize = 6;

/// How much of what stands around a secret is shown.
const AROUND: usize = 60;

/// The ends of the names of variables that hold secrets.
const NAMES: [&str; 4] = ["SECRET", "PASSWORD", "TOKEN", "API_KEY"];

struct Planted {
    secrets: BTreeSet<String>,
    forms: AhoCorasick,
}

fn planted() -> MutexGuard<'static, Planted> {
    static PLANTED: OnceLock<Mutex<Planted>> = OnceLock::new();
    PLANTED
        .get_or_init(|| {
            let secrets = BTreeSet::from([MARK.to_owned()]);
            Mutex::new(Planted {
                forms: forms(&secrets),
                secrets,
            })
        })
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// From now on no program of this test's process may show this text.
///
/// # Panics
/// Where it is so short that it is found in ordinary words.
pub fn plant(secret: &str) {
    let secret = secret.trim();
    if secret.is_empty() {
        return;
    }
    assert!(
        secret.len() >= SHORTEST,
        "the secret `{secret}` is too short to be looked for: plant one of {SHORTEST} characters or more"
    );
    let mut planted = planted();
    if planted.secrets.insert(secret.to_owned()) {
        planted.forms = forms(&planted.secrets);
    }
}

/// Plants what a variable of this name holds, where that is a secret.
pub(super) fn plant_variable(name: &OsStr, value: &OsStr) {
    let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else {
        return;
    };
    if NAMES.iter().any(|end| name.ends_with(end)) {
        // One that is too short on purpose is no different from a word.
        if value.trim().len() >= SHORTEST {
            plant(value);
        }
    } else if let Some((_, rest)) = value.split_once("://")
        && let Some((account, _)) = rest.split_once('@')
        && let Some((_, password)) = account.split_once(':')
    {
        plant(password);
    }
}

/// The first planted secret in these bytes, with what stands around it.
#[must_use]
pub fn leaks(bytes: &[u8]) -> Option<String> {
    let found = planted().forms.find(bytes)?;
    let from = found.start().saturating_sub(AROUND);
    let to = bytes.len().min(found.end() + AROUND);
    Some(String::from_utf8_lossy(&bytes[from..to]).into_owned())
}

/// The length of the longest form.
pub(super) fn longest() -> usize {
    planted().forms.max_pattern_len()
}

fn forms(secrets: &BTreeSet<String>) -> AhoCorasick {
    let forms: BTreeSet<Vec<u8>> = secrets.iter().flat_map(|secret| forms_of(secret)).collect();
    AhoCorasick::new(forms).expect("a few short texts")
}

/// As it is, as JSON and Rust quote it, percent-encoded, in hexadecimal digits, and as the middle of
/// something in base64, where it may begin at each of three places.
fn forms_of(secret: &str) -> Vec<Vec<u8>> {
    let quoted = serde_json::Value::from(secret).to_string();
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        secret.to_owned(),
        quoted.trim_matches('"').to_owned(),
        format!("{secret:?}").trim_matches('"').to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        hexadecimal,
    ];
    for before in 0..3 {
        let bytes = [&vec![0; before], secret.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        // What shares a character with its neighbours depends on them.
        let from = [0, 2, 3][before];
        let to = encoded.len() - usize::from(bytes.len() % 3 != 0);
        forms.push(encoded[from..to].to_owned());
    }
    forms.into_iter().map(String::into_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_whatever_form() {
        plant("s3cr3t/of \"Ada\"");
        for text in [
            "x s3cr3t/of \"Ada\" y",
            r#"{"a":"s3cr3t/of \"Ada\""}"#,
            "?t=s3cr3t%2Fof%20%22Ada%22&",
            "7333637233742f6f66202241646122",
            // ada:s3cr3t/of "Ada", with names of three lengths
            "YWRhOnMzY3IzdC9vZiAiQWRhIg==",
            "YWQ6czNjcjN0L29mICJBZGEi",
            "YTpzM2NyM3Qvb2YgIkFkYSI=",
            "the planted one",
        ] {
            assert!(leaks(text.as_bytes()).is_some(), "{text}");
        }
        assert_eq!(leaks(b"s3cr3t of Ada"), None);
    }

    #[test]
    fn secrets_are_known_by_the_names_of_their_variables() {
        plant_variable(OsStr::new("SOME_API_KEY"), OsStr::new("simQ/one"));
        plant_variable(OsStr::new("BB_PROJECT_KEY"), OsStr::new("PRJ"));
        let store = OsStr::new("postgres://ada:pa55word@host/x");
        plant_variable(OsStr::new("PUSHGATE_STORE"), store);
        assert!(leaks(b"key simQ/one").is_some());
        assert!(leaks(b"user ada, pa55word").is_some());
        assert!(leaks(b"PRJ, ada, host").is_none());
    }
}
