//! The operator's configuration, and the addresses that stand in it and in the environment.

use std::time::SystemTime;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use pushgate::bitbucket::Address;
use pushgate::config::{Config, ConfigError};
use pushgate::http::{LONGEST_WAIT, Proxies, api_root, wait_asked_for, without_credentials};
use pushgate::outbox::PostgresAddress;
use pushgate::port::base_url;

use super::shown::{assert_one_line, assert_short};

/// A configuration's text; its first line is taken for an address too.
pub fn put_through(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let read = Config::parse(text, "config.yaml");
    let again = Config::parse(text, "config.yaml");
    match (&read, &again) {
        (Ok(config), Ok(_)) => assert_of_use(config),
        (Err(error), Err(other)) => {
            assert_eq!(error.to_string(), other.to_string());
            assert_points_at_it(error, text);
        }
        _ => panic!("the second time differs"),
    }
    let line = text.lines().next().unwrap_or_default();
    addresses(line);
    waits(line);
}

/// Whatever can be read can be asked, and what is wrong with it then is said in words.
fn assert_of_use(config: &Config) {
    if let Err(error) = config.checker() {
        assert!(!error.to_string().is_empty());
    }
    for branch in [None, Some(""), Some("main"), Some("release/1")] {
        let _ = config.gate.enforcement_of(branch);
    }
    let _ = config.owners();
}

/// The place lies in the text, and can be drawn.
fn assert_points_at_it(error: &ConfigError, text: &str) {
    let ConfigError::Invalid(invalid) = error else {
        return;
    };
    let (start, length) = (invalid.span.offset(), invalid.span.len());
    assert!(text.get(start..start + length).is_some(), "{invalid:?}");
    assert!(invalid.line >= 1 && invalid.column >= 1);
    let mut drawn = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none());
    let error: &dyn Diagnostic = error;
    handler.render_report(&mut drawn, error).unwrap();
    assert!(!drawn.is_empty());
}

/// Texts that are wrong as addresses in each way there is, and hold no password.
const WRONG: [&str; 6] = ["", " ", "x", "ftp://x", "http://", "postgres://x:y"];

/// What is said about an address.
fn told(text: &str) -> Vec<String> {
    let messages = [
        base_url(text).err().map(|error| error.to_string()),
        Address::parse(text).err().map(|error| error.to_string()),
        PostgresAddress::parse(text)
            .err()
            .map(|error| error.to_string()),
        Proxies::from_variables(|_| Some(text.to_owned()))
            .err()
            .map(|error| error.to_string()),
    ];
    messages.into_iter().flatten().collect()
}

fn addresses(text: &str) {
    let shown = without_credentials(text);
    assert_one_line(&shown);
    assert_short(&shown, 1024);
    if let Some(root) = api_root(text) {
        assert!(!root.contains('@') && !root.ends_with('/'), "{root}");
    }
    if let Ok(base) = base_url(text) {
        assert!(base.ends_with("/v1"));
        assert_eq!(base_url(&base).ok(), Some(base));
    }
    if let Ok(address) = Address::parse(text) {
        assert_eq!(Address::parse(address.as_str()).as_ref(), Ok(&address));
    }
    // A password that the host repeats, but for blanks, or pushgate's own words, shows nothing of itself.
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let repeats = |before: &str, behind: &str| {
        behind.contains(before) || folded(behind).contains(&folded(before))
    };
    let password = text
        .rsplit_once('@')
        .filter(|(before, behind)| before.len() >= 8 && !repeats(before, behind))
        .map(|(before, _)| before);
    for message in told(text) {
        assert_one_line(&message);
        let shows = password.filter(|password| message.contains(password));
        let are_own_words = |password| {
            WRONG
                .into_iter()
                .flat_map(told)
                .any(|own| own.contains(password))
        };
        assert!(shows.is_none_or(are_own_words), "{message}");
    }
}

/// However a server asks to be left alone, it is for a while only.
fn waits(text: &str) {
    for name in ["retry-after", "x-ratelimit-reset"] {
        let header = |asked: &str| (asked == name).then_some(text);
        let wait = wait_asked_for(header, SystemTime::now());
        assert!(
            wait.is_none_or(|wait| wait <= LONGEST_WAIT),
            "{name}: {text}"
        );
    }
}
