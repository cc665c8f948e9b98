//! The reference of the configuration, `docs/configuration.md`, and its JSON Schema,
//! `docs/config.schema.json`: both are made of the types that read it, and of what is said of them.
//!
//! `PUSHGATE_PAGES=write cargo test --lib reference` writes them.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serializer;
use serde_json::{Map, Value};

use super::Config;

/// One text, or a list of them.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its shape is asked for")]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// A duration, to be told from other text.
#[derive(JsonSchema)]
#[schemars(transparent, inline, extend("examples" = ["500ms", "10s", "2m"]))]
#[expect(dead_code, reason = "only its shape is asked for")]
pub(super) struct Friendly(String);

/// A duration as it is written.
pub(super) fn duration<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    let seconds = value.as_secs();
    let text = match seconds {
        _ if value.subsec_nanos() > 0 => format!("{}ms", value.as_millis()),
        0 => "0s".to_owned(),
        _ if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ => format!("{seconds}s"),
    };
    serializer.serialize_str(&text)
}

/// A value by its own text.
pub(super) fn text<S: Serializer>(
    value: &super::ListenAddress,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value.0)
}

const START: &str = "<!-- made of src/config: what follows is written by a test -->\n";

/// A key, as the page lists it.
struct Row {
    route: String,
    value: String,
    default: String,
    means: String,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            route,
            value,
            default,
            means,
        } = self;
        writeln!(f, "| `{route}` | {value} | {default} | {means} |")
    }
}

/// The schema of the whole configuration.
struct Reference {
    root: Value,
}

impl Reference {
    fn new() -> Self {
        let mut root = schemars::schema_for!(Config).to_value();
        if let Some(object) = root.as_object_mut() {
            object.insert("title".into(), "pushgate's configuration".into());
        }
        Self { root }
    }

    fn schema(&self) -> String {
        format!("{:#}\n", self.root)
    }

    /// What a schema refers to, with what is said beside the reference. An optional value is the
    /// value.
    fn resolve(&self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        if let Some(options) = schema["anyOf"].as_array()
            && let [one, null] = options.as_slice()
            && null["type"] == "null"
        {
            let one = one.clone();
            merge(&mut schema, one);
        }
        while let Some(name) = schema["$ref"].as_str().map(str::to_owned) {
            let target = self.root.pointer(name.trim_start_matches('#'));
            let mut target = target.cloned().unwrap();
            if let Some(object) = schema.as_object_mut() {
                object.remove("$ref");
            }
            merge(&mut schema, target.take());
        }
        schema
    }

    fn page(&self) -> String {
        let mut page = String::new();
        for (section, schema) in properties(&self.root) {
            let schema = self.resolve(schema);
            let _ = write!(page, "\n## {section}\n\n{}\n\n", described(&schema));
            page.push_str("| key | value | default | means |\n|---|---|---|---|\n");
            let mut rows = Vec::new();
            self.rows(section, &schema, false, &mut rows);
            for row in rows {
                let _ = write!(page, "{row}");
            }
        }
        page
    }

    /// The keys at and below a route.
    fn rows(&self, route: &str, schema: &Value, needed: bool, rows: &mut Vec<Row>) {
        let item = self.resolve(&schema["items"]);
        if item["properties"].is_object() {
            return self.below(&format!("{route}[]"), &item, rows);
        }
        if schema["properties"].is_object() {
            return self.below(route, schema, rows);
        }
        let mut means = described(schema);
        for option in schema["oneOf"].as_array().into_iter().flatten() {
            let description = described(option);
            let name = option["const"].as_str().unwrap_or_default();
            let _ = write!(means, " `{name}`: {}", after_name(name, &description));
        }
        rows.push(Row {
            route: route.to_owned(),
            value: self.value(schema),
            default: match &schema["default"] {
                _ if needed => "needed".to_owned(),
                Value::Null => "none".to_owned(),
                Value::Array(list) if list.is_empty() => "none".to_owned(),
                Value::Object(map) if map.is_empty() => "none".to_owned(),
                Value::String(text) => format!("`{text}`"),
                Value::Array(list) => {
                    let items: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                    format!("`[{}]`", items.join(", "))
                }
                other => format!("`{other}`"),
            },
            means,
        });
    }

    fn below(&self, route: &str, schema: &Value, rows: &mut Vec<Row>) {
        for (key, property) in properties(schema) {
            let property = self.resolve(property);
            let required = schema["required"].as_array();
            let needed = required.is_some_and(|names| names.iter().any(|name| name == key));
            self.rows(&format!("{route}.{key}"), &property, needed, rows);
        }
    }

    /// What may be written, in a word or two.
    fn value(&self, schema: &Value) -> String {
        if let Some(options) = schema["oneOf"].as_array() {
            let names = options.iter().filter_map(|option| option["const"].as_str());
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            return names.join(", ");
        }
        if schema["anyOf"].is_array() {
            return "text or list of texts".to_owned();
        }
        let kind = &schema["type"];
        let kind = kind.get(0).unwrap_or(kind).as_str().unwrap_or_default();
        match kind {
            "string" if schema["examples"].is_array() => "duration".to_owned(),
            "string" => "text".to_owned(),
            "boolean" => "`true`, `false`".to_owned(),
            "integer" => "whole number".to_owned(),
            "array" => match self.value(&self.resolve(&schema["items"])).as_str() {
                "text" => "list of texts".to_owned(),
                other => format!("list of {other}s"),
            },
            "object" => {
                let values = self.resolve(&schema["additionalProperties"]);
                format!("mapping to {}", self.value(&values))
            }
            other => other.to_owned(),
        }
    }
}

/// Adds what is not said yet.
fn merge(schema: &mut Value, other: Value) {
    if let (Some(own), Value::Object(other)) = (schema.as_object_mut(), other) {
        for (key, value) in other {
            own.entry(key).or_insert(value);
        }
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"]
        .as_object()
        .into_iter()
        .flat_map(Map::iter)
}

/// What is said of it, on one line.
fn described(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.replace('\n', " ").replace('|', "\\|")
}

/// What is said of a value, to stand behind its name.
fn after_name(name: &str, text: &str) -> String {
    let text = match text.get(..name.len()) {
        Some(start) if start.eq_ignore_ascii_case(name) => {
            match text[name.len()..].strip_prefix(": ") {
                Some(rest) => rest,
                None => return text.to_owned(),
            }
        }
        _ => text,
    };
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

fn docs(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "docs", name].iter().collect()
}

fn holds(name: &str, whole: &str) {
    if std::env::var_os("PUSHGATE_PAGES").is_some_and(|how| how == "write") {
        std::fs::write(docs(name), whole).unwrap();
    }
    let found = std::fs::read_to_string(docs(name)).unwrap_or_default();
    assert!(
        found == whole,
        "docs/{name} is stale: run again with PUSHGATE_PAGES=write"
    );
}

#[test]
fn the_page_says_what_the_types_say() {
    let page = std::fs::read_to_string(docs("configuration.md")).unwrap();
    let own = page.split(START).next().unwrap_or_default();
    holds(
        "configuration.md",
        &format!("{own}{START}{}", Reference::new().page()),
    );
}

#[test]
fn the_schema_says_what_the_types_say() {
    holds("config.schema.json", &Reference::new().schema());
}

/// The whole file that the page shows.
fn example() -> String {
    let page = std::fs::read_to_string(docs("configuration.md")).unwrap();
    let (_, rest) = page.split_once("## A whole file\n").unwrap();
    let (_, rest) = rest.split_once("```yaml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_schema_takes_what_the_parser_takes_and_no_other_key() {
    let validator = jsonschema::validator_for(&Reference::new().root).unwrap();
    let judge = |text: &str| {
        let value: Value = serde_yaml::from_str(text).unwrap();
        let errors = validator.iter_errors(&value);
        let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
        (Config::parse(text, "config.yaml").is_ok(), errors)
    };
    assert_eq!(judge(&example()), (true, Vec::new()));
    for text in [
        "gate: { enforcement: wran }",
        "gate: { enforcment: warn }",
        "port: { files: port.yaml }",
        "algorithmia: { builds: [{ repository: PRJ/x }] }",
        "triggers: [{ name: x, repository: PRJ/x, methud: GET }]",
        "delivery: { workers: many }",
        "surprise: {}",
    ] {
        let (read, errors) = judge(text);
        assert!(!read && !errors.is_empty(), "{text}: {read} {errors:?}");
    }
}

#[test]
fn the_whole_example_names_every_section() {
    let reference = Reference::new();
    let value: Value = serde_yaml::from_str(&example()).unwrap();
    for (section, _) in properties(&reference.root) {
        assert!(value.get(section).is_some(), "{section}");
    }
}
