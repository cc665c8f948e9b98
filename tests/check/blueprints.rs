//! The rules about blueprints and the schema that editors get say the same, and asking costs little.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use pushgate::blueprint::{BlueprintFile, Blueprints, json_schema};
use pushgate::check::{Checker, Settings};
use pushgate::document::Kind;
use pushgate::finding::Finding;
use serde_json::{Map, Value, json};

use crate::rendering::render;

/// Properties as Port has them, of every type and format.
fn property() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"type": "string"}),
        json!({"type": "string", "title": "T", "description": "D", "default": "x"}),
        json!({"type": "string", "enum": ["a", "b", "1"]}),
        json!({"type": "string", "format": "url"}),
        json!({"type": "string", "format": "url", "pattern": "^https"}),
        json!({"type": "string", "format": "user"}),
        json!({"type": "string", "format": "date-time"}),
        json!({"type": "string", "format": "ipv4"}),
        json!({"type": "string", "format": "ipv6"}),
        json!({"type": "string", "format": "markdown", "maxLength": 3}),
        json!({"type": "string", "pattern": "^[a-z]+$", "minLength": 2}),
        json!({"type": "number"}),
        json!({"type": "number", "minimum": 1, "maximum": 2.5}),
        json!({"type": "number", "enum": [1, 2]}),
        json!({"type": "boolean"}),
        json!({"type": "object"}),
        json!({"type": "object", "format": "labeled-url"}),
        json!({"type": "object", "spec": "open-api"}),
        json!({"type": "array"}),
        json!({"type": "array", "minItems": 1, "maxItems": 2}),
        json!({"type": "array", "items": {"type": "string", "format": "email"}}),
        json!({"type": "array", "items": {"type": "number", "enum": [1]}}),
        json!({"type": "vector", "format": "shape"}),
    ])
}

/// Values that fit some of them. A date and time without an offset is left out: there editors are
/// stricter.
fn value() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!("a"),
        json!("abcd"),
        json!(""),
        json!("1"),
        json!("https://example.com"),
        json!("example.com"),
        json!("ftp://x"),
        json!("me@example.com"),
        json!("2026-03-31T12:00:00Z"),
        json!("2026-03-31"),
        json!("192.0.2.1"),
        json!("2001:db8::1"),
        json!("file://README.md"),
        json!(1),
        json!(1.0),
        json!(3),
        json!(true),
        json!({}),
        json!({"url": "https://example.com"}),
        json!({"url": "example.com"}),
        json!({"url": 7, "displayText": "x"}),
        json!([]),
        json!([1]),
        json!(["me@example.com", "x"]),
        json!([null]),
        json!([1, 2, 3]),
    ])
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["alpha", "beta", "gamma", "delta", "epsilon"]).prop_map(str::to_owned)
}

fn map(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(key(), value, 0..4).prop_map(|map| map.into_iter().collect())
}

fn relation() -> impl Strategy<Value = Value> {
    (any::<bool>(), any::<bool>()).prop_map(
        |(many, required)| json!({"target": "other", "many": many, "required": required && !many}),
    )
}

fn target() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!("x"),
        json!([]),
        json!(["x", "y"]),
        json!({"combinator": "and", "rules": [{"property": "$title", "operator": "=", "value": "x"}]}),
    ])
}

prop_compose! {
    fn blueprint()(
        properties in map(property()),
        required in prop::collection::vec(key(), 0..3),
        computed in map(Just(json!({}))),
        relations in map(relation()),
        inherits in any::<bool>(),
    ) -> Value {
        let ownership = match inherits {
            true => json!({"type": "Inherited", "path": "alpha"}),
            false => json!({"type": "Direct"}),
        };
        // What is no property of the blueprint can't be required.
        let required: Vec<String> = required
            .into_iter()
            .filter(|key| properties.contains_key(key))
            .collect();
        json!({
            "identifier": "service",
            "schema": {"properties": properties, "required": required},
            "calculationProperties": computed,
            "relations": relations,
            "ownership": ownership,
        })
    }
}

prop_compose! {
    fn entity()(
        properties in map(value()),
        relations in map(target()),
        blueprint in prop::sample::select(vec!["service", "service", "service", "other", "third"]),
        team in any::<bool>(),
    ) -> Value {
        let mut entity = json!({
            "identifier": "e", "title": "E", "blueprint": blueprint,
            "properties": properties, "relations": relations,
        });
        if team {
            entity["team"] = json!("shops");
        }
        entity
    }
}

fn checker(file: &Path, given: &[Value]) -> Checker {
    let file = BlueprintFile::new(file.to_owned());
    file.write(given).unwrap();
    Checker::new(Settings {
        blueprints: Some(file),
        ..Settings::default()
    })
    .unwrap()
}

/// A finding of the rules about blueprints; the lack of something is only a warning where nobody
/// knows whether the entity is new.
fn is_about_blueprints(finding: &Finding) -> bool {
    [
        "port/unknown-blueprint",
        "port/unknown-property",
        "port/read-only-property",
        "port/property-type",
        "port/property-format",
        "port/property-value",
        "port/missing-property",
        "port/unknown-relation",
        "port/missing-relation",
        "port/relation-many",
        "port/inherited-team",
    ]
    .contains(&finding.rule.as_str())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn the_editors_schema_refuses_what_the_rules_refuse(
        blueprint in blueprint(),
        entities in prop::collection::vec(entity(), 1..3),
    ) {
        let other = json!({"identifier": "other", "schema": {"properties": {"alpha": {"type": "string"}}}});
        let given = [blueprint, other];
        let folder = tempfile::tempdir().unwrap();
        let checker = checker(&folder.path().join("blueprints.json"), &given);
        let schema = json_schema(&Blueprints::new(given.to_vec()), None);
        let validator = jsonschema::draft7::new(&schema).unwrap();
        let mut entities = entities;
        for (number, entity) in entities.iter_mut().enumerate() {
            entity["identifier"] = json!(format!("e{number}"));
        }
        let file = Value::Array(entities);
        let checked = checker.check(&Kind::Port, "port.yaml", file.to_string().as_bytes());
        let is_fine = !checked.findings.iter().any(is_about_blueprints);
        prop_assert_eq!(validator.is_valid(&file), is_fine, "{}\n{}", file, render(&checked));
    }
}

/// A catalogue of 300 blueprints is read once, and not at all for what is no document of Port's.
#[test]
fn many_blueprints_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blueprints.json");
    let properties: Map<String, Value> = (0..40)
        .map(|number| {
            let property = json!({
                "type": "string", "title": "A property", "description": "What it is about.",
                "pattern": "^[a-z]+$", "enum": ["one", "two", "three"],
            });
            (format!("property-{number}"), property)
        })
        .collect();
    let given: Vec<Value> = (0..300)
        .map(|number| {
            json!({"identifier": format!("blueprint-{number}"), "schema": {"properties": properties}})
        })
        .collect();
    let checker = checker(&path, &given);
    let kept = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let manifest = b"app: hello\nenv: staging\nnamespace: default\n";
    let _ = checker.check(&Kind::Gimlet, ".gimlet/a.yaml", manifest);
    assert!(checker.doubt_of_blueprints().is_none());
    std::fs::write(&path, kept).unwrap();

    let entity =
        b"identifier: a\ntitle: A\nblueprint: blueprint-7\nproperties: {property-1: four}\n";
    let check = || {
        let began = Instant::now();
        let checked = checker.check(&Kind::Port, "port.yaml", entity);
        assert_eq!(checked.errors(), 1, "{}", render(&checked));
        began.elapsed()
    };
    let first = check();
    std::fs::remove_file(&path).unwrap();
    let others: Duration = (0..50).map(|_| check()).sum();
    println!("the first took {first:?}, 50 more {others:?}");
    assert!(others / 50 < first);
}
