//! Standard input of a hook.

use proptest::prelude::*;
use pushgate::git::{RefName, RefUpdate};

const ONE: &str = "1111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222";
const NONE: &str = "0000000000000000000000000000000000000000";

fn parse(text: &str) -> Vec<RefUpdate> {
    RefUpdate::parse_all(text.as_bytes()).unwrap()
}

#[test]
fn every_line_counts() {
    let main = RefName::of_branch("main");
    let (one, two) = (ONE.parse().unwrap(), TWO.parse().unwrap());
    let created = RefUpdate::Created {
        name: main.clone(),
        new: two,
    };
    let deleted = RefUpdate::Deleted {
        name: main.clone(),
        old: Some(one),
    };
    let text = format!("{NONE} {TWO} refs/heads/main\n{ONE} {NONE} refs/heads/main");
    for text in [
        text.clone(),
        text.replace('\n', "\r\n") + "\r\n",
        format!("\n{text}\n\n"),
    ] {
        assert_eq!(parse(&text), [created.clone(), deleted.clone()]);
    }
    assert!(parse("").is_empty());
    let nothing = parse(&format!("{NONE} {NONE} refs/heads/main\n"));
    assert_eq!(
        nothing,
        [RefUpdate::Deleted {
            name: main,
            old: None
        }]
    );
    let long = parse(&format!(
        "{} {} refs/tags/v1\n",
        "0".repeat(64),
        "a".repeat(64)
    ));
    assert!(matches!(&long[0], RefUpdate::Created { name, .. } if name.as_str() == "refs/tags/v1"));
}

#[test]
fn a_name_that_is_no_text_stays_what_it_is() {
    let mut line = format!("{ONE} {TWO} refs/heads/").into_bytes();
    line.extend(b"\xff\n");
    let updates = RefUpdate::parse_all(&line).unwrap();
    let name = updates[0].name();
    assert_eq!(name.as_bytes(), b"refs/heads/\xff");
    assert_eq!(name.branch(), Some("\u{fffd}"));
    assert_ne!(*name, RefName::of_branch("\u{fffd}"));
}

proptest! {
    #[test]
    fn any_bytes_are_lines_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        match RefUpdate::parse_all(&bytes) {
            Ok(updates) => prop_assert!(updates.len() <= 1 + bytes.iter().filter(|b| **b == b'\n').count()),
            Err(error) => {
                prop_assert!(!error.to_string().chars().any(char::is_control));
                prop_assert!(error.text.chars().count() <= 121);
            }
        }
    }

    #[test]
    fn one_bad_line_is_named_wherever_it_stands(
        before in 0..5_usize,
        after in 0..5_usize,
        bad in "[ -~]{1,200}",
    ) {
        let good = format!("{ONE} {TWO} refs/heads/main\n");
        prop_assume!(RefUpdate::parse_all(bad.as_bytes()).is_err());
        let text = format!("{}{bad}\n{}", good.repeat(before), good.repeat(after));
        let error = RefUpdate::parse_all(text.as_bytes()).unwrap_err();
        prop_assert_eq!(error.line, before + 1);
    }

    #[test]
    fn good_lines_come_back_in_order(names in prop::collection::vec("[a-zäß/.-]{1,20}", 0..9)) {
        let text: String = names.iter().map(|name| format!("{ONE} {TWO} refs/heads/{name}\n")).collect();
        let branches: Vec<_> = parse(&text).iter().map(|update| update.name().branch().unwrap().to_owned()).collect();
        prop_assert_eq!(branches, names);
    }
}
