//! A system's own OpenAPI document, against which every request is held.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::request::Recorded;
use crate::server::lock;

pub(crate) struct Spec {
    document: Value,
    /// The document's paths in parts, those with the fewest variables first.
    templates: Vec<Template>,
    validators: Mutex<HashMap<String, Option<Arc<Validator>>>>,
    /// What stands in front of the document's paths.
    prefix: &'static str,
    /// How paths end that the document leaves out.
    unlisted: &'static [&'static str],
}

struct Template {
    path: String,
    parts: Vec<String>,
}

impl Spec {
    /// The document, where it lies beside the repository.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs");
        let text = std::fs::read(beside.join(name)).ok()?;
        let document: Value = serde_json::from_slice(&text).ok()?;
        let paths = document.get("paths")?.as_object()?.keys();
        let mut templates: Vec<Template> = paths.map(|path| Template::of(path)).collect();
        templates.sort_by_key(|template| template.path.matches('{').count());
        Some(Self {
            document,
            templates,
            validators: Mutex::default(),
            prefix: "",
            unlisted: &[],
        })
    }

    /// The document's paths begin behind `prefix`.
    pub(crate) fn below(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        // Its own example is a number, and so are the values that people send.
        if let Some(value) = self
            .document
            .pointer_mut("/components/schemas/RestInsightReportData/properties/value")
        {
            *value = json!({});
        }
        // It calls the answer a page, and forgets how pages are asked for.
        let paths = self
            .document
            .get_mut("paths")
            .and_then(Value::as_object_mut);
        for (_, item) in paths
            .into_iter()
            .flatten()
            .filter(|(path, _)| path.contains("/browse"))
        {
            if let Some(parameters) = item
                .pointer_mut("/get/parameters")
                .and_then(Value::as_array_mut)
            {
                parameters
                    .extend(["start", "limit"].map(|name| json!({"name": name, "in": "query"})));
            }
        }
        self
    }

    /// Nothing is said of paths that end so.
    pub(crate) fn unlisted(mut self, endings: &'static [&'static str]) -> Self {
        self.unlisted = endings;
        self
    }

    /// Where a request is not what the document says.
    pub(crate) fn violations(&self, request: &Recorded) -> Vec<String> {
        let name = format!("{} {}", request.method, request.path);
        if self.unlisted.iter().any(|end| request.path.ends_with(end)) {
            return Vec::new();
        }
        let Some((template, item)) = self.path_item(request) else {
            return vec![format!("{name}: no such path")];
        };
        let Some(operation) = item.get(request.method.to_lowercase()) else {
            return vec![format!("{name}: no such method")];
        };
        let mut violations = self.query_violations(request, operation, item);
        if let Some(body) = operation.get("requestBody") {
            let schema = self
                .resolved(body)
                .pointer("/content/application~1json/schema")
                .or_else(|| self.resolved(body).pointer("/content/*~1*/schema"))
                .filter(|_| !is_form(request))
                .cloned()
                .unwrap_or(Value::Bool(true));
            let key = format!("{} {template}", request.method);
            match self.validator(&key, &schema) {
                None => violations.push("its schema can't be compiled".to_owned()),
                Some(validator) => violations.extend(
                    validator
                        .iter_errors(&request.body)
                        .map(|error| format!("body{}: {error}", error.instance_path())),
                ),
            }
        } else if !request.body.is_null() && !may_bring_json(operation) {
            violations.push("a body where none belongs".to_owned());
        }
        violations
            .into_iter()
            .map(|violation| format!("{name}: {violation}"))
            .collect()
    }

    /// The path with the fewest variables that fits.
    fn path_item(&self, request: &Recorded) -> Option<(&String, &Value)> {
        let path = request.path.strip_prefix(self.prefix)?;
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let template = self
            .templates
            .iter()
            .find(|template| template.fits(&segments))?;
        self.document
            .get("paths")?
            .as_object()?
            .get_key_value(&template.path)
    }

    fn query_violations(&self, request: &Recorded, operation: &Value, item: &Value) -> Vec<String> {
        let declared: Vec<&Value> = [operation, item]
            .into_iter()
            .filter_map(|owner| owner.get("parameters")?.as_array())
            .flatten()
            .map(|parameter| self.resolved(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .collect();
        let mut violations = Vec::new();
        for parameter in &declared {
            let name = parameter["name"].as_str().unwrap_or_default();
            let value = request.query.get(name);
            if value.is_none() && parameter["required"] == true {
                violations.push(format!("query parameter {name} is missing"));
            }
            let boolean = parameter.pointer("/schema/type") == Some(&json!("boolean"));
            if boolean && value.is_some_and(|value| value != "true" && value != "false") {
                violations.push(format!("query parameter {name} is no boolean"));
            }
        }
        let unknown = request
            .query
            .keys()
            .filter(|name| !(is_page(operation) && matches!(name.as_str(), "start" | "limit")))
            .filter(|name| !declared.iter().any(|parameter| parameter["name"] == **name));
        violations.extend(unknown.map(|name| format!("query parameter {name} is unknown")));
        violations
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|target| self.document.pointer(target.strip_prefix('#')?))
            .unwrap_or(value)
    }

    fn validator(&self, key: &str, schema: &Value) -> Option<Arc<Validator>> {
        lock(&self.validators)
            .entry(key.to_owned())
            .or_insert_with(|| {
                let whole = json!({
                    "components": self.document["components"],
                    "allOf": [schema],
                });
                jsonschema::draft202012::new(&whole).ok().map(Arc::new)
            })
            .clone()
    }
}

impl Template {
    fn of(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            parts: path
                .trim_matches('/')
                .split('/')
                .map(str::to_owned)
                .collect(),
        }
    }

    fn fits(&self, segments: &[&str]) -> bool {
        // A file's path has as many parts as it has.
        let is_long = || {
            self.parts.last().is_some_and(|last| last == "{path}")
                && segments.len() > self.parts.len()
        };
        (self.parts.len() == segments.len() || is_long())
            && self.parts.iter().zip(segments).all(|(part, segment)| {
                part == segment || (part.starts_with('{') && !segment.is_empty())
            })
    }
}

/// Whether the body is a form, of which nothing is read here.
fn is_form(request: &Recorded) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    kind.starts_with("multipart/form-data")
}

/// Whether the text says that a body may come, which the form leaves out.
fn may_bring_json(operation: &Value) -> bool {
    let text = operation["description"].as_str().unwrap_or_default();
    text.contains("A JSON document may be provided")
}

/// Whether the answer is a page, also where the parameters of pages are left out.
fn is_page(operation: &Value) -> bool {
    let answer = operation.pointer("/responses/200/description");
    answer
        .and_then(Value::as_str)
        .is_some_and(|text| text.starts_with("A page of"))
}
