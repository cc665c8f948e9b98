//! Text in the YAML that pushgate writes.

/// A text in quotes, as YAML takes it for text whatever is in it: JSON's quotes are YAML's too.
#[must_use]
pub fn yaml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
