//! Schemas with alternatives, and documents that make the errors of all of them many.
//!
//! They are built here and not kept as files; a bench can write [`all`] of them to a folder.

use std::fmt::Write;

/// A schema of the operator's and a document that a push brings.
pub struct Hostile {
    /// What it is, fit for a file name.
    pub name: &'static str,
    /// The schema.
    pub schema: String,
    /// The document.
    pub text: String,
}

/// A choice of two mappings, both of which refuse the keys.
const KEYS: &str = r#"{"oneOf":[
  {"type":"object","propertyNames":{"pattern":"^[a-z]+$"}},
  {"type":"object","propertyNames":{"maxLength":2},"additionalProperties":{"type":"string"}}]}"#;

/// A choice whose branches hold the same choice again.
const DEEP: &str = r##"{"$ref":"#/$defs/n","$defs":{"n":{"oneOf":[
  {"type":"object","properties":{"a":{"$ref":"#/$defs/n"}},"required":["x"]},
  {"type":"object","properties":{"a":{"$ref":"#/$defs/n"}},"required":["y"]},
  {"type":"object","propertyNames":{"maxLength":0},"additionalProperties":{"$ref":"#/$defs/n"}}]}}}"##;

/// Every hostile pair.
pub fn all() -> Vec<Hostile> {
    let hostile = |name, schema: &str, text: String| Hostile {
        name,
        schema: schema.to_owned(),
        text,
    };
    vec![
        hostile("bad-keys", KEYS, keys(59_000)),
        hostile(
            "bad-keys-and-an-alias",
            KEYS,
            format!("a: &a 1\nb: *a\n{}", keys(58_000)),
        ),
        hostile(
            "nested-choices",
            DEEP,
            format!("{}1{}\n", "{a: ".repeat(60), "}".repeat(60)),
        ),
        hostile("unknown-keys", &closed(10), keys(59_000)),
        hostile(
            "lists-of-choices",
            &choices(12),
            "- {a: z}\n".repeat(30_000),
        ),
        hostile(
            "no-list-of-mappings",
            r#"{"items":{"type":"object"}}"#,
            "- x\n".repeat(100_000),
        ),
    ]
}

fn keys(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, key| {
        let _ = writeln!(text, "Key{key}: {key}");
        text
    })
}

/// A choice of mappings that know one key each.
fn closed(count: usize) -> String {
    let branches: Vec<String> = (0..count)
        .map(|key| format!(r#"{{"properties":{{"{key}":{{}}}},"additionalProperties":false}}"#))
        .collect();
    format!(r#"{{"anyOf":[{}]}}"#, branches.join(","))
}

/// A list whose items hold one of many values, each in a branch of its own.
fn choices(count: usize) -> String {
    let branches: Vec<String> = (0..count)
        .map(|value| format!(r#"{{"properties":{{"a":{{"const":"{value}"}}}}}}"#))
        .collect();
    format!(
        r#"{{"oneOf":[{{"type":"array","items":{{"oneOf":[{}]}}}}]}}"#,
        branches.join(",")
    )
}
