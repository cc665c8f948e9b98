//! The file that keeps blueprints: `.pushgate/blueprints.json`, on a server one in the state folder.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Blueprints;
use super::error::BlueprintsError;
use crate::replaced_file::replace;

/// The form of the files.
const VERSION: u64 = 1;
/// Bytes of a file that is read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A file of blueprints, and how long it is good for.
#[derive(Clone, Debug)]
pub struct BlueprintFile {
    path: PathBuf,
    max_age: Option<Duration>,
    when_old: WhenOld,
}

/// What is made of blueprints that are older than they may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenOld {
    /// Nothing is held against them.
    Unused,
    /// They still say what never changes; the rest is no more than a warning.
    Doubted,
}

/// What a file holds.
#[derive(Debug)]
pub struct Copied {
    /// The blueprints.
    pub blueprints: Blueprints,
    /// That they are too old, where they are used all the same.
    pub old: Option<BlueprintsError>,
}

/// What a file of ours holds, or an answer of Port.
#[derive(Default, Deserialize)]
struct Stored<'a> {
    #[serde(default)]
    version: Value,
    #[serde(default)]
    pulled_at: Value,
    #[serde(borrow)]
    blueprints: Option<&'a RawValue>,
}

impl<'a> Stored<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, serde_json::Error> {
        if !bytes.trim_ascii_start().starts_with(b"[") {
            return serde_json::from_slice(bytes);
        }
        Ok(Self {
            blueprints: Some(serde_json::from_slice(bytes)?),
            ..Self::default()
        })
    }
}

impl BlueprintFile {
    /// The file at `path`, which need not be there, and is good however old it is.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            max_age: None,
            when_old: WhenOld::Doubted,
        }
    }

    /// The same file, with an age from which on it is too old.
    #[must_use]
    pub fn good_for(self, max_age: Duration, when_old: WhenOld) -> Self {
        Self {
            max_age: Some(max_age),
            when_old,
            ..self
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it.
    ///
    /// # Errors
    /// It can't be read, is something else, lists nothing, or is too old to be used.
    pub fn read(&self) -> Result<Copied, BlueprintsError> {
        let failed = |source| self.failed(source);
        let file = File::open(&self.path).map_err(failed)?;
        let written = file.metadata().and_then(|about| about.modified());
        let mut bytes = Vec::new();
        file.take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
        let stored = Stored::of(&bytes).map_err(|error| self.damaged(&error.to_string()))?;
        if stored.version.as_u64().unwrap_or(VERSION) != VERSION {
            return Err(self.damaged("a newer pushgate has written it"));
        }
        let given = stored.blueprints.map(RawValue::get).unwrap_or_default();
        let given: Vec<&RawValue> = serde_json::from_str(given)
            .map_err(|_| self.damaged("it holds no list of blueprints"))?;
        let pulled_at = stored.pulled_at.as_str().and_then(|text| text.parse().ok());
        // Whoever wrote an answer of Port to a file wrote it when they had it.
        let pulled_at = pulled_at.or_else(|| Timestamp::try_from(written.ok()?).ok());
        let old = self.too_old(pulled_at);
        if let Some(old) = old
            && self.when_old == WhenOld::Unused
        {
            return Err(self.old(old));
        }
        let blueprints = Blueprints::of_text(given);
        if blueprints.is_empty() {
            return Err(BlueprintsError::None);
        }
        Ok(Copied {
            blueprints,
            old: old.map(|age| self.old(age)),
        })
    }

    /// Writes what Port listed just now; a reader sees the old file or the new one, whole.
    ///
    /// # Errors
    /// The folder can't be written, or Port listed nothing.
    pub fn write(&self, given: &[Value]) -> Result<(), BlueprintsError> {
        if given.is_empty() {
            return Err(BlueprintsError::None);
        }
        // A line a blueprint: short, and a change of one is a change of one line.
        let lines: Vec<String> = given.iter().map(|one| reduced(one).to_string()).collect();
        let pulled_at = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let text = format!(
            "{{\"version\":{VERSION},\"pulled_at\":\"{pulled_at}\",\"blueprints\":[\n{}\n]}}\n",
            lines.join(",\n")
        );
        write_whole(&self.path, &text).map_err(|source| self.failed(source))
    }

    /// Writes a schema made of blueprints to another file, whole.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_schema(path: &Path, schema: &Value) -> io::Result<()> {
        write_whole(path, &(serde_json::to_string_pretty(schema)? + "\n"))
    }

    /// Whether it is not there, is damaged, or was written longer ago than that.
    #[must_use]
    pub fn is_due(&self, after: Duration) -> bool {
        let has_none = fs::metadata(self.stamp()).and_then(|stamp| stamp.modified());
        if has_none.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < after)) {
            return false;
        }
        let file = Self::new(self.path.clone()).good_for(after, WhenOld::Unused);
        file.read().is_err()
    }

    /// Notes that Port had no blueprint, so that it is not asked again at once.
    pub fn note_none(&self) {
        // What can't be noted is asked for once more.
        let _ = fs::write(self.stamp(), "");
    }

    fn stamp(&self) -> PathBuf {
        self.path.with_extension("none")
    }

    /// The age, where it is more than it may be.
    fn too_old(&self, pulled_at: Option<Timestamp>) -> Option<Duration> {
        let max_age = self.max_age?;
        // A time in the future is that of a clock that went wrong.
        let age = Duration::try_from(Timestamp::now().duration_since(pulled_at?));
        age.ok().filter(|age| *age > max_age)
    }

    fn old(&self, age: Duration) -> BlueprintsError {
        BlueprintsError::Old {
            path: self.path.clone(),
            age: in_words(age),
        }
    }

    fn failed(&self, source: io::Error) -> BlueprintsError {
        BlueprintsError::File {
            path: self.path.clone(),
            source,
        }
    }

    fn damaged(&self, reason: &str) -> BlueprintsError {
        BlueprintsError::Damaged {
            path: self.path.clone(),
            reason: reason.to_owned(),
        }
    }
}

fn write_whole(path: &Path, content: &str) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    // Nothing in it is secret, and whoever checks may be another user than who pulls.
    replace(path, 0o644, |file| file.write_all(content.as_bytes()))
}

/// A blueprint without what nobody here asks for: who changed it and when, expressions, icons.
fn reduced(blueprint: &Value) -> Value {
    let mut blueprint = blueprint.clone();
    let Some(map) = blueprint.as_object_mut() else {
        return blueprint;
    };
    map.retain(|key, _| {
        matches!(
            key.as_str(),
            "identifier"
                | "title"
                | "description"
                | "schema"
                | "relations"
                | "ownership"
                | "teamInheritance"
                | "calculationProperties"
                | "mirrorProperties"
                | "aggregationProperties"
        )
    });
    for part in [
        "calculationProperties",
        "mirrorProperties",
        "aggregationProperties",
    ] {
        let computed = map.get_mut(part).and_then(Value::as_object_mut);
        for (_, value) in computed.into_iter().flatten() {
            *value = json!({});
        }
    }
    let properties = map
        .get_mut("schema")
        .and_then(|schema| schema.get_mut("properties"))
        .and_then(Value::as_object_mut);
    for (_, value) in properties.into_iter().flatten() {
        if let Some(property) = value.as_object_mut() {
            property.retain(|key, _| {
                !matches!(key.as_str(), "icon" | "enumColors" | "specAuthentication")
            });
        }
    }
    blueprint
}

/// `3 days`, `26 hours`, `5 minutes`.
fn in_words(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    let (count, noun) = match minutes {
        0..=119 => (minutes, "minute"),
        120..=2879 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path) -> BlueprintFile {
        BlueprintFile::new(folder.join("a/blueprints.json"))
    }

    #[test]
    fn what_is_written_is_read_without_what_nobody_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        let given = json!({
            "identifier": "service", "createdBy": "ada",
            "schema": {"properties": {"tier": {"type": "string", "icon": "Star"}}},
            "calculationProperties": {"size": {"calculation": ".secret"}},
        });
        file.write(&[given]).unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        for gone in ["ada", "Star", ".secret"] {
            assert!(!text.contains(gone), "{text}");
        }
        let copied = file.read().unwrap();
        assert_eq!(copied.blueprints.get("service").unwrap().computed.len(), 1);
        assert!(!file.is_due(Duration::from_secs(60)));
    }

    #[test]
    fn an_old_file_is_doubted_or_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.json");
        let day = Duration::from_secs(24 * 60 * 60);
        fs::write(
            &path,
            r#"{"pulled_at": "2026-01-01T00:00:00Z", "blueprints": [{"identifier": "a"}]}"#,
        )
        .unwrap();
        let file = BlueprintFile::new(path);
        assert!(file.read().unwrap().old.is_none());
        assert!(file.is_due(day));
        let doubted = file.clone().good_for(day, WhenOld::Doubted);
        assert!(doubted.read().unwrap().old.is_some());
        let error = file.good_for(day, WhenOld::Unused).read().unwrap_err();
        assert!(error.to_string().ends_with("days old"), "{error}");
    }

    #[test]
    fn what_is_no_list_of_blueprints_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        for (text, part) in [
            ("{", "holds no blueprints of Port: EOF"),
            ("{}", "it holds no list of blueprints"),
            (r#"{"version": 2, "blueprints": []}"#, "a newer pushgate"),
            ("[]", "Port lists no blueprint"),
        ] {
            fs::write(&path, text).unwrap();
            let error = BlueprintFile::new(path.clone()).read().unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn every_form_of_a_list_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        for form in [
            r#" [{"identifier": "a"}, 7, {"title": "nameless"}]"#,
            r#"{"ok": true, "blueprints": [{"identifier": "a"}]}"#,
            r#"{"version": 1, "pulled_at": 7, "blueprints": [{"identifier": "a"}], "new": {}}"#,
        ] {
            fs::write(&path, form).unwrap();
            let copied = BlueprintFile::new(path.clone()).read().unwrap();
            assert_eq!(copied.blueprints.identifiers().count(), 1, "{form}");
        }
    }

    #[test]
    fn ages_are_words() {
        let ages = [60, 7199, 7200, 172_799, 172_800].map(Duration::from_secs);
        let words = ["1 minute", "119 minutes", "2 hours", "47 hours", "2 days"];
        assert_eq!(ages.map(in_words), words);
    }
}
