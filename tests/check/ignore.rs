//! `# pushgate: ignore RULE reason`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pushgate::check::{Checked, Checker, Level, Settings};
use pushgate::document::Kind;

use crate::rendering::render;

fn allowing(errors: &[&str]) -> Checker {
    Checker::new(Settings {
        ignorable: errors.iter().map(|&rule| rule.to_owned()).collect(),
        ..Settings::default()
    })
    .unwrap()
}

fn check(checker: &Checker, text: &str) -> Checked {
    checker.check(&Kind::Port, "port.yaml", text.as_bytes())
}

const WARNED: &str = "\
identifier: web-shop
title: Web shop
blueprint: service
# pushgate: ignore port/unknown-key our old importer reads it
apiVersion: v0.1
";

const WRONG: &str = "\
# pushgate: ignore port/missing-title the portal makes one of the identifier
identifier: web-shop
blueprint: service
";

#[test]
fn a_warning_is_silenced_and_counted() {
    let checked = check(&allowing(&[]), WARNED);
    assert_eq!(render(&checked), "");
    assert_eq!(checked.ignored, 1);
}

#[test]
fn a_warning_that_the_operator_made_an_error_is_not() {
    let checker = Checker::new(Settings {
        levels: BTreeMap::from([("port/unknown-key".to_owned(), Level::Error)]),
        ..Settings::default()
    })
    .unwrap();
    assert_eq!(check(&checker, WARNED).errors(), 1);
}

#[test]
fn an_error_is_silenced_where_the_operator_allows_it() {
    let checked = check(&allowing(&["port/missing-title"]), WRONG);
    assert_eq!(render(&checked), "");
    assert_eq!(checked.ignored, 1);

    let refused = check(&allowing(&["port/key"]), WRONG);
    assert_eq!(refused.ignored, 0);
    insta::assert_snapshot!(render(&refused), @r"
    port.yaml:2:1-2:11 error[port/missing-title] 
      this entity has no `title`
      help: add the line `title: Web shop`
      related: 1:1-1:77 this silences warnings only; `ignore.errors` in the gate's configuration can allow more
    ");
}

#[test]
fn only_the_next_line_and_only_that_rule() {
    for text in [
        WARNED.replace("reads it\n", "reads it\nicon: Service\n"),
        WARNED.replace("port/unknown-key", "port/misplaced-key"),
    ] {
        let checked = check(&allowing(&[]), &text);
        assert_eq!((checked.warnings(), checked.ignored), (1, 0), "{text}");
    }
}

#[test]
fn what_cannot_be_read_cannot_be_ignored() {
    let text = "# pushgate: ignore yaml/syntax I know\nidentifier: [\n";
    let checked = check(&allowing(&[]), text);
    assert!(!checked.is_readable());
    assert_eq!((checked.errors(), checked.ignored), (1, 0));

    let refused = Checker::new(Settings {
        ignorable: BTreeSet::from(["yaml/syntax".to_owned()]),
        ..Settings::default()
    })
    .unwrap_err();
    insta::assert_snapshot!(
        refused,
        @"`yaml/syntax` can't be ignored: a document that can't be read can't be accepted"
    );
    let unknown = Checker::new(Settings {
        ignorable: BTreeSet::from(["port/unknown-kye".to_owned()]),
        ..Settings::default()
    })
    .unwrap_err();
    insta::assert_snapshot!(unknown, @"there is no rule `port/unknown-kye`");
}

/// A comment a line, and one line of nothing but comments: the work must grow with the file alone.
#[test]
fn comments_without_end_are_read_once() {
    let comment = "# pushgate: ignore port/unknown-key because\n";
    let mut text = comment.repeat(20_000);
    let _ = writeln!(text, "{}", "# pushgate: ignore ".repeat(5_000));
    text.push_str("identifier: a\ntitle: A\nblueprint: b\n");
    let checked = check(&allowing(&[]), &text);
    assert_eq!((checked.errors(), checked.warnings()), (0, 1));
}
