//! Helm charts: what a chart's values may be, and what they are where a manifest says nothing.
//!
//! Pure but for `folder` and `repository`, which keep and fetch charts.

mod archive;
mod error;
mod folder;
mod index;
mod reference;
mod repository;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use error::ChartError;
pub use folder::{ChartFolder, Stored};
pub use reference::{ChartName, ChartReference, Wanted};
pub use repository::pull;

/// A chart, as far as its values are concerned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Its name, as `Chart.yaml` has it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `values.yaml`: what holds where nobody says otherwise.
    #[serde(default)]
    pub values: Map<String, Value>,
    /// `values.schema.json`, where the chart has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// The charts inside of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
}

/// A chart inside of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dependency {
    /// The key of the outer chart's values below which its own are.
    pub key: String,
    /// Paths into the outer values, of which the first that is `true` or `false` switches it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub condition: Vec<String>,
    /// The chart.
    pub chart: Chart,
}

/// One schema of a chart and the values that Helm holds against it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'c> {
    /// The keys that lead from the values given to those of this part.
    pub route: Vec<&'c str>,
    /// The schema.
    pub schema: &'c Value,
    /// The values, with every default that nobody changed.
    pub values: Value,
}

impl Chart {
    /// What Helm holds against what when a release gets the values `given`: defaults are merged
    /// first, a dependency that is switched off is left out.
    #[must_use]
    pub fn parts(&self, given: &Value) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        self.add_parts(&Vec::new(), given, &mut parts);
        parts
    }

    fn add_parts<'c>(
        &'c self,
        route: &[&'c str],
        given: &Value,
        parts: &mut Vec<Part<'c>>,
    ) -> Value {
        let mut values = coalesce(&self.values, given);
        for dependency in &self.dependencies {
            if !dependency.is_enabled(&values) {
                continue;
            }
            let key = dependency.key.as_str();
            let own = values.get(key).cloned().unwrap_or_default();
            let own = with_globals(own, values.get("global"));
            let route: Vec<_> = route.iter().copied().chain([key]).collect();
            let own = dependency.chart.add_parts(&route, &own, parts);
            if let Value::Object(values) = &mut values {
                values.insert(key.to_owned(), own);
            }
        }
        if let Some(schema) = &self.schema {
            parts.push(Part {
                route: route.to_vec(),
                schema,
                values: values.clone(),
            });
        }
        values
    }
}

impl Dependency {
    /// Whether the outer chart's values switch it on; without a condition, it is.
    fn is_enabled(&self, outer: &Value) -> bool {
        let switch = |path: &String| {
            path.split('.')
                .try_fold(outer, |here, key| here.get(key))?
                .as_bool()
        };
        self.condition.iter().find_map(switch).unwrap_or(true)
    }
}

/// A dependency sees the outer chart's `global` values; where there are none it gets no such key.
fn with_globals(own: Value, outer: Option<&Value>) -> Value {
    match (own, outer) {
        (Value::Object(mut own), Some(Value::Object(outer))) if !outer.is_empty() => {
            let globals = own.remove("global").unwrap_or_default();
            own.insert("global".to_owned(), coalesce(outer, &globals));
            Value::Object(own)
        }
        (Value::Null, Some(Value::Object(outer))) if !outer.is_empty() => {
            serde_json::json!({ "global": outer })
        }
        (own, _) => own,
    }
}

/// Given values over defaults, as Helm does it: mappings key by key, a null removes the default,
/// everything else is taken whole.
fn coalesce(defaults: &Map<String, Value>, given: &Value) -> Value {
    let Value::Object(given) = given else {
        return match given {
            Value::Null => Value::Object(defaults.clone()),
            other => other.clone(),
        };
    };
    let mut merged = given.clone();
    for (key, default) in defaults {
        match (merged.get(key), default) {
            (None, default) => {
                merged.insert(key.clone(), default.clone());
            }
            (Some(Value::Null), _) => {
                merged.remove(key);
            }
            (Some(own @ Value::Object(_)), Value::Object(default)) => {
                let own = coalesce(default, own);
                merged.insert(key.clone(), own);
            }
            _ => {}
        }
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chart(values: Value, schema: Option<Value>) -> Chart {
        Chart {
            name: "web".to_owned(),
            version: "1.0.0".to_owned(),
            values: values.as_object().unwrap().clone(),
            schema,
            dependencies: Vec::new(),
        }
    }

    fn merged(defaults: Value, given: Value) -> Value {
        coalesce(defaults.as_object().unwrap(), &given)
    }

    #[test]
    fn defaults_hold_where_nothing_is_said() {
        let defaults = json!({"a": 1, "m": {"x": 1, "y": 2}, "l": [1, 2], "gone": {"k": 1}});
        for (given, expected) in [
            (json!(null), defaults.clone()),
            (
                json!({"m": {"x": 9}, "l": [3], "gone": null, "new": null}),
                json!({"a": 1, "m": {"x": 9, "y": 2}, "l": [3], "new": null}),
            ),
            (
                json!({"m": "text"}),
                json!({"a": 1, "m": "text", "l": [1, 2], "gone": {"k": 1}}),
            ),
        ] {
            assert_eq!(merged(defaults.clone(), given), expected);
        }
    }

    #[test]
    fn a_dependency_is_held_against_its_own_schema_unless_it_is_off() {
        let mut outer = chart(json!({"global": {"zone": "a"}}), Some(json!({})));
        outer.dependencies.push(Dependency {
            key: "db".to_owned(),
            condition: vec!["db.enabled".to_owned()],
            chart: chart(json!({"size": 1, "enabled": true}), Some(json!({"s": 1}))),
        });
        let parts = outer.parts(&json!({"db": {"size": 2}}));
        assert_eq!(parts[0].route, ["db"]);
        assert_eq!(
            parts[0].values,
            json!({"size": 2, "enabled": true, "global": {"zone": "a"}})
        );
        assert_eq!(parts[1].values["db"]["size"], 2);
        let parts = outer.parts(&json!({"db": {"enabled": false}}));
        assert_eq!(parts.len(), 1);
        assert!(parts[0].route.is_empty());
    }
}
