//! Every configuration that a page shows is one, and the page names every variable.

use pushgate::config::Config;
use serde_json::Value;

use crate::page::{Page, all, root};

/// The sections of the configuration, by its own schema.
fn sections() -> Vec<String> {
    let schema = std::fs::read_to_string(root().join("docs/config.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let sections = schema["properties"].as_object().unwrap();
    sections.keys().cloned().collect()
}

/// Other files have such keys too: their writers say so.
const OTHERS: [&str; 2] = ["kind", "pipelines"];

#[test]
fn every_configuration_is_read() {
    let sections = sections();
    let mut seen = 0;
    for page in all() {
        for block in page.blocks() {
            if block.language != "yaml" {
                continue;
            }
            let value: Value = serde_yaml::from_str(&block.text)
                .unwrap_or_else(|error| panic!("{}: {error}", block.place));
            let Some(mapping) = value.as_object() else {
                continue;
            };
            let is_one = mapping.keys().any(|key| sections.contains(key))
                && !mapping.keys().any(|key| OTHERS.contains(&key.as_str()));
            if is_one {
                if let Err(error) = Config::parse(&block.text, &block.place) {
                    panic!("{}: {error}", block.place);
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn the_page_names_every_variable() {
    let source = std::fs::read_to_string(root().join("src/environment.rs")).unwrap();
    let names = source.lines().filter_map(|line| {
        let value = line
            .strip_prefix("pub const ")?
            .split_once(": &str = \"")?
            .1;
        value.strip_suffix("\";")
    });
    let page = Page::read("docs/configuration.md");
    let pieces: Vec<String> = page.pieces().into_iter().map(|(_, text)| text).collect();
    let missing: Vec<&str> = names
        .filter(|name| !pieces.iter().any(|piece| piece == name))
        .collect();
    assert!(missing.is_empty(), "docs/configuration.md: {missing:?}");
}
