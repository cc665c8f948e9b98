//! What a repository declares, as a test writes it and reads it back without pushgate.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::server::{Clone, Server};

/// The files that declare entities.
pub const FILES: [&str; 3] = ["port.yaml", "a/port.yaml", "b/port.yaml"];

const BLUEPRINTS: [&str; 2] = ["service", "system"];
const PROPERTIES: [&str; 4] = ["size", "tier", "owner", "url"];

/// Entities of a repository at most.
const MOST: usize = 45;

/// The declared entities, file by file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared(pub BTreeMap<String, Vec<Value>>);

/// Entities by blueprint and identifier, as Port has them.
pub type Entities = BTreeMap<(String, String), Value>;

impl Declared {
    /// What stands in a work tree.
    pub fn in_clone(clone: &Clone<'_>) -> Self {
        Self::read(|file| std::fs::read_to_string(clone.path.join(file)).ok())
    }

    /// What stands at the tip of `main`.
    pub fn at_tip(server: &Server) -> Self {
        Self::read(|file| {
            let path = format!("main:{file}");
            let output = server
                .command("git")
                .args(["show", &path])
                .output()
                .unwrap();
            let found = output.status.success();
            found.then(|| String::from_utf8(output.stdout).unwrap())
        })
    }

    fn read(text: impl Fn(&str) -> Option<String>) -> Self {
        let files = FILES.iter().filter_map(|file| {
            let text = text(file)?;
            let entities: Vec<Value> = serde_json::from_str(&text).unwrap();
            Some(((*file).to_owned(), entities))
        });
        Self(files.collect())
    }

    /// Writes it; JSON is YAML too.
    pub fn write(&self, clone: &Clone<'_>) {
        for file in FILES {
            match self.0.get(file) {
                Some(entities) => {
                    let text = serde_json::to_string_pretty(entities).unwrap();
                    clone.write(file, text);
                }
                None => {
                    let _ = std::fs::remove_file(clone.path.join(file));
                }
            }
        }
    }

    /// One change that a person may make. Entities of a repository begin with its name.
    pub fn change(&mut self, name: &str, dice: &mut Rng) {
        let places: Vec<(String, usize)> = self
            .0
            .iter()
            .flat_map(|(file, entities)| {
                let places = (0..entities.len()).map(|place| (file.clone(), place));
                places.filter(|(_, place)| entities[*place]["identifier"] != fixed(name))
            })
            .collect();
        let any = dice.choice(&places).cloned();
        match (dice.u8(0..9), any) {
            // Add some.
            (0..=2, _) | (_, None) => {
                for _ in 0..dice.usize(1..12) {
                    let identifier = format!("{name}-{}", dice.usize(0..MOST));
                    if !self.has(&identifier) {
                        let file = dice.choice(FILES).unwrap();
                        let entities = self.0.entry(file.to_owned()).or_default();
                        entities.push(entity(&identifier, name, dice));
                    }
                }
            }
            // Edit one: properties come, change and leave.
            (3..=5, Some((file, place))) => {
                let edited = &mut self.0.get_mut(&file).unwrap()[place];
                edited["properties"] = properties(dice);
                edited["title"] = format!("T{}", dice.u16(..)).into();
            }
            // Remove one.
            (6, Some((file, place))) => {
                self.0.get_mut(&file).unwrap().remove(place);
            }
            // Move one to another file, or to another blueprint.
            (7, Some((file, place))) => {
                let mut moved = self.0.get_mut(&file).unwrap().remove(place);
                if dice.bool() {
                    moved["blueprint"] = dice.choice(BLUEPRINTS).unwrap().into();
                }
                let to = dice.choice(FILES).unwrap();
                self.0.entry(to.to_owned()).or_default().push(moved);
            }
            // Rename one.
            (_, Some((file, place))) => {
                let identifier = format!("{name}-{}", dice.usize(0..MOST));
                if !self.has(&identifier) {
                    self.0.get_mut(&file).unwrap()[place]["identifier"] = identifier.into();
                }
            }
        }
        // Now and then a whole file goes.
        if dice.u8(0..20) == 0 {
            self.0.remove(dice.choice(FILES).unwrap());
        }
        self.fix(name);
    }

    /// What never leaves: others point to it, and other sources have written to it.
    fn fix(&mut self, name: &str) {
        let identifier = fixed(name);
        if !self.has(&identifier) {
            let value = json!({"blueprint": "service", "identifier": identifier, "title": "T",
                "properties": {"size": 1}});
            self.0.entry(FILES[0].to_owned()).or_default().push(value);
        }
    }

    fn has(&self, identifier: &str) -> bool {
        let mut all = self.0.values().flatten();
        all.any(|entity| entity["identifier"] == identifier)
    }

    /// The entities as Port has them once all has arrived.
    pub fn entities(&self) -> Entities {
        let all = self.0.values().flatten();
        all.map(|entity| (key(entity), stored(entity))).collect()
    }
}

/// The entity that never leaves a repository.
pub fn fixed(name: &str) -> String {
    format!("{name}-fixed")
}

fn entity(identifier: &str, name: &str, dice: &mut Rng) -> Value {
    let mut value = json!({
        "blueprint": dice.choice(BLUEPRINTS).unwrap(),
        "identifier": identifier,
        "title": identifier,
        "properties": properties(dice),
    });
    if dice.bool() {
        value["relations"] = json!({"part_of": fixed(name)});
    }
    value
}

fn properties(dice: &mut Rng) -> Value {
    let chosen = PROPERTIES.iter().filter(|_| dice.bool());
    let chosen: Vec<_> = chosen.collect();
    let values = chosen.into_iter().map(|key| {
        let value = Value::from(dice.u8(..));
        ((*key).to_owned(), value)
    });
    Value::Object(values.collect::<Map<_, _>>())
}

fn key(entity: &Value) -> (String, String) {
    let text = |key: &str| entity[key].as_str().unwrap().to_owned();
    (text("blueprint"), text("identifier"))
}

/// What is compared: a null is as good as nothing.
pub fn stored(entity: &Value) -> Value {
    let mut stored = Map::new();
    for group in ["properties", "relations"] {
        let values = entity[group].as_object().cloned().unwrap_or_default();
        let set = values.into_iter().filter(|(_, value)| !value.is_null());
        stored.insert(group.to_owned(), Value::Object(set.collect()));
    }
    stored.insert("title".to_owned(), entity["title"].clone());
    Value::Object(stored)
}
