//! The rules about blueprints and the schema that editors get say the same, and asking costs little.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use pushgate::blueprint::{BlueprintFile, json_schema};
use pushgate::check::{Checker, Settings};
use pushgate::document::Kind;
use pushgate::finding::Finding;
use serde_json::{Map, Value, json};

use crate::rendering::render;

/// Properties as Port has them, of every type and format; `fits` is a value that fits.
fn property() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"type": "string", "fits": "a"}),
        json!({"type": "string", "title": "T", "description": "D", "default": "x", "fits": "a"}),
        json!({"type": "string", "enum": ["a", "b", "1"], "fits": "1"}),
        json!({"type": "string", "format": "url", "fits": "ftp://x"}),
        json!({"type": "string", "format": "url", "pattern": "^https", "fits": "https://example.com"}),
        json!({"type": "string", "format": "user", "fits": "me@example.com"}),
        json!({"type": "string", "format": "date-time", "fits": "2026-03-31T12:00:00Z"}),
        json!({"type": "string", "format": "ipv4", "fits": "192.0.2.1"}),
        json!({"type": "string", "format": "ipv6", "fits": "2001:db8::1"}),
        json!({"type": "string", "format": "markdown", "maxLength": 3, "fits": "abc"}),
        json!({"type": "string", "pattern": "^[a-z]+$", "minLength": 2, "fits": "abcd"}),
        json!({"type": "number", "fits": 3}),
        json!({"type": "number", "minimum": 1, "maximum": 2.5, "fits": 2.5}),
        json!({"type": "number", "enum": [1, 2], "fits": 1.0}),
        json!({"type": "boolean", "fits": false}),
        json!({"type": "object", "fits": {}}),
        json!({"type": "object", "format": "labeled-url", "fits": {"url": "https://example.com"}}),
        json!({"type": "object", "spec": "open-api", "fits": {"openapi": "3.1.0"}}),
        json!({"type": "array", "fits": [1, "x"]}),
        json!({"type": "array", "minItems": 1, "maxItems": 2, "fits": [1]}),
        json!({"type": "array", "items": {"type": "string", "format": "email"}, "fits": ["me@example.com"]}),
        json!({"type": "array", "items": {"type": "number", "enum": [1]}, "fits": [1, 1]}),
        json!({"type": "vector", "format": "shape", "fits": {"x": 1}}),
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

/// How an entity comes to a value for a key of its blueprint.
#[derive(Clone, Debug)]
enum Given {
    Nothing,
    Fitting,
    Any(Value),
}

fn given(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Given> {
    prop_oneof![
        2 => Just(Given::Nothing),
        5 => Just(Given::Fitting),
        2 => value.prop_map(Given::Any),
    ]
}

/// The keys of a part of the blueprint with values, and sometimes one that it does not have.
fn part(
    described: &Value,
    given: &[Given],
    extra: Option<String>,
    fits: &dyn Fn(&Value) -> Value,
) -> Value {
    let keys = described.as_object().into_iter().flatten();
    let mut part: Map<String, Value> = keys
        .zip(given.iter().cycle())
        .filter_map(|((key, about), given)| match given {
            Given::Nothing => None,
            Given::Fitting => Some((key.clone(), fits(about))),
            Given::Any(value) => Some((key.clone(), value.clone())),
        })
        .collect();
    if let Some(extra) = extra {
        part.entry(extra).or_insert(json!("x"));
    }
    Value::Object(part)
}

fn rarely<T: std::fmt::Debug + Clone + 'static>(
    strategy: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    prop_oneof![9 => Just(None), 1 => strategy.prop_map(Some)]
}

prop_compose! {
    /// A blueprint, and an entity that nearly fits it.
    fn pair()(blueprint in blueprint())(
        properties in prop::collection::vec(given(value()), 3),
        relations in prop::collection::vec(given(target()), 3),
        extra_property in rarely(key()),
        extra_relation in rarely(key()),
        other in rarely(prop::sample::select(vec!["other", "third"])),
        team in rarely(Just(json!("shops"))),
        blueprint in Just(blueprint),
    ) -> (Value, Value) {
        let fits = |about: &Value| about["fits"].clone();
        let leads = |about: &Value| match about["many"] == true {
            true => json!(["x"]),
            false => json!("x"),
        };
        let mut entity = json!({
            "identifier": "e", "title": "E", "blueprint": other.unwrap_or("service"),
            "properties": part(&blueprint["schema"]["properties"], &properties, extra_property, &fits),
            "relations": part(&blueprint["relations"], &relations, extra_relation, &leads),
        });
        if let Some(team) = team {
            entity["team"] = team;
        }
        (blueprint, entity)
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
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn the_editors_schema_refuses_what_the_rules_refuse(
        (blueprint, entity) in pair(),
        in_a_list in any::<bool>(),
    ) {
        let other = json!({"identifier": "other", "schema": {"properties": {"alpha": {"type": "string"}}}});
        let given = [blueprint, other];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blueprints.json");
        let checker = checker(&path, &given);
        let copied = BlueprintFile::new(path).read().unwrap();
        let schema = json_schema(&copied.blueprints, None);
        let validator = jsonschema::draft7::new(&schema).unwrap();
        let file = if in_a_list { json!([entity]) } else { entity };
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

/// Whatever is pushed: an end without a panic, findings that lie in the text, and no time that grows
/// faster than the file.
#[test]
fn a_large_file_of_bad_entities_is_no_burden() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/port/property-type");
    let given = BlueprintFile::new(fixtures.join("blueprints.json"));
    let checker = Checker::new(Settings {
        blueprints: Some(given),
        ..Settings::default()
    })
    .unwrap();
    let entities = |count: usize, body: &dyn Fn(usize) -> String| -> String {
        (0..count)
            .map(|number| format!("- {{identifier: e{number}, title: E, {}}}\n", body(number)))
            .collect()
    };
    let one = |properties: usize| {
        let properties: Vec<String> = (0..properties)
            .map(|number| format!("  lanquage{number}: 1\n  tags{number}: [x]\n"))
            .collect();
        format!(
            "identifier: a\ntitle: A\nblueprint: service\nproperties:\n{}",
            properties.concat()
        )
    };
    let long = "a".repeat(100_000);
    for text in [
        entities(2_000, &|_| {
            "blueprint: api, properties: {lifecyle: x, contcat: 7}".to_owned()
        }),
        entities(2_000, &|number| format!("blueprint: serv{number}")),
        entities(2_000, &|_| {
            "blueprint: service, relations: {sytem: [x], consumers: y}".to_owned()
        }),
        one(2_000),
        format!(
            "identifier: a\ntitle: A\nblueprint: service\nproperties:\n  tags: [{}]\n",
            "x, ".repeat(4_000)
        ),
        format!(
            "identifier: a\ntitle: A\nblueprint: service\nproperties: {{{long}: 1, url: {long}, code: {long}}}\n"
        ),
    ] {
        let began = Instant::now();
        let checked = checker.check(&Kind::Port, "port.yaml", text.as_bytes());
        let took = began.elapsed();
        assert!(checked.errors() > 0, "{}", &text[..200]);
        let lies = |finding: &Finding| {
            checked
                .source
                .text()
                .get(finding.span.start..finding.span.end)
                .is_some()
        };
        assert!(checked.findings.iter().all(lies));
        assert!(took < Duration::from_secs(5), "{took:?}: {}", &text[..200]);
        println!("{took:?} for {} bytes", text.len());
    }
}

/// A fix mends the finding that offers it and brings no other one.
#[test]
fn fixes_mend() {
    let mut fixed = Vec::new();
    for rule in [
        "unknown-blueprint",
        "unknown-property",
        "unknown-relation",
        "relation-many",
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/port")
            .join(rule);
        let checker = Checker::new(Settings {
            blueprints: Some(BlueprintFile::new(folder.join("blueprints.json"))),
            ..Settings::default()
        })
        .unwrap();
        let check = |text: &str| checker.check(&Kind::Port, "port.yaml", text.as_bytes());
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let before = check(&text).findings;
            for finding in &before {
                let Some(fix) = &finding.fix else { continue };
                let mut mended = text.clone();
                for edit in fix.edits.iter().rev() {
                    mended.replace_range(edit.span.start..edit.span.end, &edit.text);
                }
                let after = check(&mended).findings;
                assert!(after.len() < before.len(), "{mended}");
                fixed.push(finding.rule.as_str().to_owned());
            }
        }
    }
    fixed.sort();
    fixed.dedup();
    assert_eq!(fixed.len(), 4, "{fixed:?}");
}

/// What stands in a wrong place or has a wrong name is not missing as well.
#[test]
fn one_mistake_is_one_finding() {
    let given = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/port/missing-property/blueprints.json");
    let checker = Checker::new(Settings {
        blueprints: Some(BlueprintFile::new(given)),
        ..Settings::default()
    })
    .unwrap();
    for (below, rule) in [
        (
            "properties:\n  lifecycle: stable\n  contact: a@example.com\n  relations:\n    service: a\n",
            "port/misplaced-key",
        ),
        (
            "propertys:\n  lifecycle: stable\n  contact: a@example.com\nrelations: {service: a}\n",
            "port/unknown-key",
        ),
        (
            "contact: a@example.com\nproperties: {lifecycle: stable}\nrelations: {service: a}\n",
            "port/unknown-key",
        ),
        (
            "properties: {lifecycle: stable, contact: a@example.com, service: a}\n",
            "port/unknown-property",
        ),
        (
            "properties: [lifecycle]\nrelations: {service: a}\n",
            "port/type",
        ),
    ] {
        let text = format!("identifier: a\ntitle: A\nblueprint: api\n{below}");
        let checked = checker.check(&Kind::Port, "port.yaml", text.as_bytes());
        let found: Vec<&str> = checked.findings.iter().map(|f| f.rule.as_str()).collect();
        assert_eq!(found, [rule], "{}", render(&checked));
    }
}
