//! The built-in schemas as code, made when pushgate is built: whether a document fits, at the price of
//! looking at it. Compiling a schema at run time costs more than everything else about one document.
//!
//! The files in `ahead/` are the schemas without what only explains. In place of each pattern stands the
//! name of a function below, since a pattern is compiled at run time whoever makes the code.

use super::instance::Values;

/// Whether a document fits a schema; where it does not, the schema itself says why.
pub(super) type Fits = fn(&dyn Values) -> bool;

#[jsonschema::validator(
    path = "src/check/ahead/port.json",
    validate_formats = true,
    formats = {
        "identifier" => crate::check::ahead::identifier,
        "blueprint" => crate::check::ahead::blueprint,
        "key" => crate::check::ahead::key,
    },
    methods = { is_valid = true, validate = false, iter_errors = false },
)]
struct Port;

#[jsonschema::validator(
    path = "src/check/ahead/gimlet-manifest.json",
    validate_formats = true,
    formats = {
        "app" => crate::check::ahead::app,
        "template" => crate::check::ahead::template,
        "ways" => crate::check::ahead::ways,
    },
    methods = { is_valid = true, validate = false, iter_errors = false },
)]
struct Manifest;

#[jsonschema::validator(
    path = "src/check/ahead/gimlet-envs.json",
    methods = { is_valid = true, validate = false, iter_errors = false },
)]
struct Environments;

#[jsonschema::validator(
    path = "src/check/ahead/algorithmia.json",
    validate_formats = true,
    formats = { "name" => crate::check::ahead::name },
    methods = { is_valid = true, validate = false, iter_errors = false },
)]
struct Algorithmia;

/// Entities. Their properties may have any value, which needn't be made into JSON to be told so.
pub(super) fn port(values: &dyn Values) -> bool {
    match values.document().filter(|_| values.made().is_none()) {
        Some(document) => Port::is_valid(&document.outline(ANY_VALUES, is_name)),
        None => Port::is_valid(values.json()),
    }
}

/// The key of an entity below which the schema has names and takes all values.
const ANY_VALUES: &str = "properties";

/// Gimlet's manifests.
pub(super) fn manifest(values: &dyn Values) -> bool {
    Manifest::is_valid(values.json())
}

/// Gimlet's environments.
pub(super) fn environments(values: &dyn Values) -> bool {
    Environments::is_valid(values.json())
}

/// Algorithmia's description of an algorithm.
pub(super) fn algorithmia(values: &dyn Values) -> bool {
    Algorithmia::is_valid(values.json())
}

/// Port's identifiers, those with letters beyond ASCII left out: the schema itself decides them.
fn identifier(text: &str) -> bool {
    is_of(text, |byte| byte == b'=' || in_blueprint(byte))
}

/// Port's names of blueprints, those with letters beyond ASCII left out.
fn blueprint(text: &str) -> bool {
    is_of(text, in_blueprint)
}

fn in_blueprint(byte: u8) -> bool {
    matches!(byte, b'@' | b'_' | b'.' | b'+' | b':' | b'\\' | b'/' | b'-')
}

/// A name that a property may have.
fn is_name(text: &str) -> bool {
    text.len() <= NAME && key(text)
}

/// So many bytes the name of a property may have at least.
const NAME: usize = 100;

/// Port's names of properties and relations.
fn key(text: &str) -> bool {
    is_of(text, |byte| {
        matches!(byte, b'@' | b'_' | b'=' | b'\\' | b'-')
    })
}

/// Algorithmia's names.
fn name(text: &str) -> bool {
    !text.starts_with('-') && is_of(text, |byte| matches!(byte, b'_' | b'-'))
}

fn is_of(text: &str, holds: impl Fn(u8) -> bool) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || holds(byte))
}

/// The names of apps, those with templates left out.
fn app(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.split('.').all(|part| {
        let bytes = part.as_bytes();
        bytes.first().copied().is_some_and(is_plain)
            && bytes.last().copied().is_some_and(is_plain)
            && bytes.iter().all(|&byte| byte == b'-' || is_plain(byte))
    })
}

/// Texts with a template.
fn template(text: &str) -> bool {
    text.contains("{{")
}

/// Texts that lead to another folder.
fn ways(text: &str) -> bool {
    text.contains('/') || text.contains("..")
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::document::{Document, Limits, Source, load};

    /// How far a function stands for its pattern.
    #[derive(Clone, Copy, PartialEq)]
    enum Takes {
        Same,
        /// Less: only where the pattern must match, so that what it does not take is asked again.
        Less,
    }

    struct Named {
        pattern: &'static str,
        name: &'static str,
        matches: fn(&str) -> bool,
        takes: Takes,
    }

    const fn named(
        pattern: &'static str,
        name: &'static str,
        matches: fn(&str) -> bool,
        takes: Takes,
    ) -> Named {
        Named {
            pattern,
            name,
            matches,
            takes,
        }
    }

    const PATTERNS: [Named; 7] = [
        named(
            r"^[\p{L}0-9@_.+:\\/=-]+$",
            "identifier",
            identifier,
            Takes::Less,
        ),
        named(
            r"^[\p{L}0-9@_.+:\\/-]+$",
            "blueprint",
            blueprint,
            Takes::Less,
        ),
        named(r"^[A-Za-z0-9@_=\\-]+$", "key", key, Takes::Same),
        named("^[A-Za-z0-9_][A-Za-z0-9_-]*$", "name", name, Takes::Same),
        named(
            r"^(?:\{\{[^}]*\}\}|[a-z0-9])(?:(?:\{\{[^}]*\}\}|[a-z0-9-])*(?:\{\{[^}]*\}\}|[a-z0-9]))?(?:\.(?:\{\{[^}]*\}\}|[a-z0-9])(?:(?:\{\{[^}]*\}\}|[a-z0-9-])*(?:\{\{[^}]*\}\}|[a-z0-9]))?)*$",
            "app",
            app,
            Takes::Less,
        ),
        named(r"\{\{", "template", template, Takes::Same),
        named(r"/|\.\.", "ways", ways, Takes::Same),
    ];

    const SCHEMAS: [(&str, Fits, &str); 4] = [
        ("port", port, "port"),
        ("gimlet-manifest", manifest, "gimlet"),
        ("gimlet-envs", environments, "gimlet"),
        ("algorithmia", algorithmia, "algorithmia"),
    ];

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn schema(name: &str) -> Value {
        let text = std::fs::read(root().join(format!("schemas/{name}.schema.json"))).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn full(schema: &Value) -> jsonschema::Validator {
        let options = jsonschema::options().offline();
        options
            .with_pattern_options(jsonschema::PatternOptions::regex())
            .build(schema)
            .unwrap()
    }

    /// The schema without what only explains, functions in place of patterns.
    fn lean(schema: &Value) -> Value {
        let of_each = |value: &Value| match value {
            Value::Object(all) => {
                let all = all.iter().map(|(name, one)| (name.clone(), lean(one)));
                Value::Object(all.collect())
            }
            other => other.clone(),
        };
        match schema {
            Value::Array(items) => items.iter().map(lean).collect(),
            Value::Object(keywords) => {
                let mut left = Map::new();
                for (keyword, value) in keywords {
                    let (keyword, value) = match keyword.as_str() {
                        "x-pushgate" | "description" | "title" => continue,
                        "properties" | "$defs" => (keyword.as_str(), of_each(value)),
                        "enum" | "const" | "required" => (keyword.as_str(), value.clone()),
                        "pattern" => ("format", json!(named_for(value.as_str().unwrap()))),
                        other => (other, lean(value)),
                    };
                    left.insert(keyword.to_owned(), value);
                }
                Value::Object(left)
            }
            other => other.clone(),
        }
    }

    fn named_for(pattern: &str) -> &'static str {
        let known = PATTERNS.iter().find(|known| known.pattern == pattern);
        known.map_or_else(
            || panic!("no function stands for {pattern}"),
            |known| known.name,
        )
    }

    #[test]
    fn the_files_are_the_schemas() {
        for (name, ..) in SCHEMAS {
            let path = root().join(format!("src/check/ahead/{name}.json"));
            let wanted = lean(&schema(name)).to_string() + "\n";
            if std::env::var_os("PUSHGATE_WRITE_AHEAD").is_some() {
                std::fs::write(&path, &wanted).unwrap();
            }
            assert_eq!(
                std::fs::read_to_string(&path).unwrap(),
                wanted,
                "{}: run this test with PUSHGATE_WRITE_AHEAD=1 to write it anew",
                path.display()
            );
        }
    }

    fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                yaml_files(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    /// Every document of the fixtures, good and bad, and what is left of it without any one value.
    #[test]
    fn what_fits_is_valid_and_what_is_valid_fits() {
        for (name, fits, folder) in SCHEMAS {
            let full = full(&schema(name));
            let mut files = Vec::new();
            yaml_files(&root().join("fixtures").join(folder), &mut files);
            let (mut fitting, mut unfitting) = (0, 0);
            for file in files {
                let bytes = std::fs::read(&file).unwrap();
                let Ok(source) = Source::decode("x", &bytes, &Limits::default()) else {
                    continue;
                };
                for document in load(&source, &Limits::default()).documents {
                    let json = document.to_json();
                    for json in std::iter::once(json.clone()).chain(with_a_part_missing(&json)) {
                        let valid = full.is_valid(&json);
                        let narrow =
                            json.to_string().contains("{{") || !json.to_string().is_ascii();
                        for fits in [fits(&json), fits(&read(&json))] {
                            assert!(
                                fits == valid || valid && narrow,
                                "{name}: {} {json}",
                                file.display()
                            );
                        }
                        *(if valid { &mut fitting } else { &mut unfitting }) += 1;
                    }
                }
            }
            assert!(
                fitting > 5 && unfitting > 5,
                "{name}: {fitting} {unfitting}"
            );
        }
    }

    struct Read(Document, Value);

    impl Values for Read {
        fn document(&self) -> Option<&Document> {
            Some(&self.0)
        }

        fn json(&self) -> &Value {
            &self.1
        }

        fn made(&self) -> Option<&Value> {
            None
        }
    }

    fn read(json: &Value) -> Read {
        let source = Source::decode("x", json.to_string().as_bytes(), &Limits::default());
        let mut stream = load(&source.unwrap(), &Limits::default());
        assert!(stream.is_complete(), "{json}");
        Read(stream.documents.remove(0), json.clone())
    }

    /// What [`port`] does not look at.
    #[test]
    fn the_schema_takes_any_value_of_a_property() {
        let text = std::fs::read(root().join("src/check/ahead/port.json")).unwrap();
        let schema: Value = serde_json::from_slice(&text).unwrap();
        let mut entity = schema["$defs"]["entity"].clone();
        let properties = entity["properties"][ANY_VALUES].take();
        let names = json!({ "$ref": "#/$defs/key" });
        let wanted = json!({ "propertyNames": names, "type": ["object", "null"] });
        assert_eq!(properties, wanted);
        let name = json!({ "format": "key", "maxLength": NAME, "type": "string" });
        assert_eq!(schema["$defs"]["key"], name);
        let said: Vec<_> = entity.as_object().unwrap().keys().collect();
        assert_eq!(said, ["additionalProperties", "properties", "required"]);
    }

    /// The document once for each of its keys, without it, and with a number in its place.
    fn with_a_part_missing(json: &Value) -> Vec<Value> {
        let mut changed = Vec::new();
        match json {
            Value::Object(map) => {
                for (key, value) in map {
                    let mut without = map.clone();
                    without.remove(key);
                    changed.push(Value::Object(without));
                    let others = with_a_part_missing(value);
                    changed.extend(others.into_iter().chain([json!(7)]).map(|other| {
                        let mut with = map.clone();
                        with.insert(key.clone(), other);
                        Value::Object(with)
                    }));
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    changed.extend(with_a_part_missing(item).into_iter().map(|other| {
                        let mut with = items.clone();
                        with[at] = other;
                        Value::Array(with)
                    }));
                }
            }
            _ => {}
        }
        changed
    }

    #[test]
    fn the_functions_are_the_patterns() {
        let patterns: Vec<_> = PATTERNS
            .iter()
            .map(|known| (known, full(&json!({ "pattern": known.pattern }))))
            .collect();
        proptest!(|(text in "[a-bA-B0-1@_.+:\\\\/=é{} -]{0,8}")| {
            for (known, pattern) in &patterns {
                let matches = (known.matches)(&text);
                let full = pattern.is_valid(&json!(text));
                prop_assert!(
                    matches == full || known.takes == Takes::Less && full,
                    "{}: {text:?}", known.name
                );
            }
        });
    }
}
