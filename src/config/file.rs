//! Reading the configuration's file.

use std::io;
use std::path::{Path, PathBuf};

use miette::{NamedSource, SourceSpan};
use serde::Deserialize;

use super::error::InvalidConfig;
use super::{
    Algorithmia, Bitbucket, ConfigError, Delivery, Gate, Gimlet, Http, Ignore, Port, RuleLevels,
    Serve, Trigger, absolute, triggers, value,
};
use crate::document::OperatorKind;
use crate::nearest::nearest;

/// The configuration, whole.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What the gate does with a push.
    #[serde(deserialize_with = "value::null_is_default")]
    pub gate: Gate,
    /// What findings of a rule do, by its id: refuse, warn, or nothing.
    #[serde(deserialize_with = "value::null_is_default")]
    pub rules: RuleLevels,
    /// What comments in a document may do.
    #[serde(deserialize_with = "value::null_is_default")]
    pub ignore: Ignore,
    /// The operator's own kinds of documents.
    #[serde(deserialize_with = "value::null_is_default")]
    pub kinds: Vec<OperatorKind>,
    /// Which entities go to Port, when, and as whom.
    #[serde(deserialize_with = "value::null_is_default")]
    pub port: Port,
    /// What Gimlet's manifests are checked with.
    #[serde(deserialize_with = "value::null_is_default")]
    pub gimlet: Gimlet,
    /// How Algorithmia is reached, and which pushes it compiles.
    #[serde(deserialize_with = "value::null_is_default")]
    pub algorithmia: Algorithmia,
    /// How the REST API of Bitbucket Server is reached.
    #[serde(deserialize_with = "value::null_is_default")]
    pub bitbucket: Bitbucket,
    /// Services that are told of commits.
    #[serde(rename = "triggers", deserialize_with = "value::null_is_default")]
    written_triggers: Vec<triggers::Written>,
    /// Services that are told of commits.
    #[serde(skip)]
    pub triggers: Vec<Trigger>,
    /// What happens after a push.
    #[serde(deserialize_with = "value::null_is_default")]
    pub delivery: Delivery,
    /// How remote systems are reached.
    #[serde(deserialize_with = "value::null_is_default")]
    pub http: Http,
    /// The webhook receiver and its page.
    #[serde(deserialize_with = "value::null_is_default")]
    pub serve: Serve,
}

/// Where the configuration may stand.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// A git server: the named file, else the machine's.
    Server,
    /// A developer's machine or CI: the named file, else `.pushgate.yaml` at the work tree's root,
    /// else the machine's.
    WorkTree(&'a Path),
}

/// The machine's configuration.
pub const MACHINE: &str = "/etc/pushgate/config.yaml";
/// A repository's own configuration, for developers only: what is pushed can't change the gate.
const REPOSITORY: &str = ".pushgate.yaml";
/// The charts that a repository keeps for its developers.
const CHARTS: &str = ".pushgate/charts";

impl Config {
    /// Reads the configuration: the file that `--config` or `PUSHGATE_CONFIG` names must be there,
    /// the others may be.
    ///
    /// # Errors
    /// Where a file is unreadable or holds what is no configuration.
    pub fn load(named: Option<&Path>, place: Place<'_>) -> Result<Self, ConfigError> {
        let mut config = Self::find(named, place)?;
        if let Place::WorkTree(root) = place
            && config.gimlet.charts.is_none()
        {
            config.gimlet.charts = Some(root.join(CHARTS)).filter(|folder| folder.is_dir());
        }
        Ok(config)
    }

    fn find(named: Option<&Path>, place: Place<'_>) -> Result<Self, ConfigError> {
        if let Some(path) = named {
            return Self::read(path)?.ok_or_else(|| ConfigError::Unreadable {
                path: path.to_owned(),
                source: io::ErrorKind::NotFound.into(),
            });
        }
        if let Place::WorkTree(root) = place {
            let path = root.join(REPOSITORY);
            if path.is_symlink() {
                return Err(ConfigError::LinkInRepository { path });
            }
            if let Some(config) = Self::read(&path)? {
                return config.trusted_in_repository(&path);
            }
        }
        Ok(Self::read(Path::new(MACHINE))?.unwrap_or_default())
    }

    fn read(path: &Path) -> Result<Option<Self>, ConfigError> {
        // Relative paths in it have to mean the same to a process that runs elsewhere.
        let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(ConfigError::Unreadable {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let mut config = Self::parse(&text, &path.display().to_string())?;
        config.resolve_paths(path.parent());
        Ok(Some(config))
    }

    /// Reads a configuration's text; `path` names it in errors.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with the place.
    pub fn parse(text: &str, path: &str) -> Result<Self, ConfigError> {
        let mut config = serde_yaml::from_str::<Option<Self>>(text)
            .map(Option::unwrap_or_default)
            .map_err(|error| invalid(text, path, &error))?;
        config.triggers = triggers::read(&config.written_triggers)
            .map_err(|mistake| mistake.in_text(text, path))?;
        if let Some(mistake) = config.nonsense() {
            return Err(mistake.in_text(text, path));
        }
        Ok(config)
    }

    /// Relative paths start at the configuration's folder.
    fn resolve_paths(&mut self, folder: Option<&Path>) {
        let optional = [
            &mut self.port.client_id_file,
            &mut self.port.client_secret_file,
            &mut self.port.blueprints,
            &mut self.gimlet.charts,
            &mut self.algorithmia.api_key_file,
            &mut self.algorithmia.bearer_token_file,
            &mut self.algorithmia.admin_api_key_file,
            &mut self.algorithmia.admin_bearer_token_file,
            &mut self.bitbucket.password_file,
            &mut self.bitbucket.token_file,
            &mut self.bitbucket.ca_file,
            &mut self.delivery.state,
            &mut self.delivery.store_file,
            &mut self.http.ca_file,
            &mut self.serve.secret_file,
            &mut self.serve.token_file,
        ];
        let builds = self.algorithmia.builds.iter_mut();
        let from_file = self.algorithmia.from_file.iter_mut();
        let triggers = self.triggers.iter_mut();
        let kinds = self.kinds.iter_mut();
        let all: Vec<&mut PathBuf> = optional
            .into_iter()
            .flatten()
            .chain(builds.map(|build| &mut build.ssh_key_file))
            .chain(from_file.map(|from_file| &mut from_file.ssh_key_file))
            .chain(triggers.flat_map(Trigger::paths))
            .chain(kinds.map(|kind| &mut kind.schema))
            .collect();
        for path in all {
            absolute(folder, path);
        }
    }
}

fn invalid(text: &str, path: &str, error: &serde_yaml::Error) -> ConfigError {
    let (line, column, index) = error
        .location()
        .map_or((1, 1, 0), |at| (at.line(), at.column(), at.index()));
    let full = error.to_string();
    // The place stands in front of the message already.
    let message = full.split(" at line ").next().unwrap_or(&full).to_owned();
    let index = index.min(text.len());
    let length = text
        .get(index..)
        .and_then(|rest| rest.split([':', '\n', ' ', '}', ',']).next())
        .map_or(0, str::len);
    ConfigError::Invalid(Box::new(InvalidConfig {
        path: path.to_owned(),
        line,
        column,
        help: suggestion(&message),
        message,
        text: NamedSource::new(path, text.to_owned()),
        span: SourceSpan::from((index, length)),
    }))
}

/// The nearest of the names that serde expected.
fn suggestion(message: &str) -> Option<String> {
    let rest = message
        .split_once("unknown field ")
        .or_else(|| message.split_once("unknown variant "))?
        .1;
    let mut names = rest.split('`').skip(1).step_by(2);
    let given = names.next()?;
    nearest(given, names).map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::super::{AfterPush, Enforcement};
    use super::*;
    use crate::check::Level;

    #[test]
    fn every_key_has_a_default() {
        for text in ["", "# nothing\n", "port:\ngate:\n"] {
            let config = Config::parse(text, "config.yaml").unwrap();
            assert_eq!(config.port.files, ["port.yaml", "port.yml"]);
            assert_eq!(config.gate.enforcement, Enforcement::Enforce);
        }
    }

    #[test]
    fn the_documented_example_is_read() {
        let config = Config::parse(
            "gate:\n  enforcement: warn\n  deadline: 500ms\n  bypass: { users: [ci-bot] }\n  branches:\n    - { name: 'release/*', enforcement: enforce }\nrules: { port/missing-title: warning }\nalgorithmia:\n  builds:\n    - { repository: PRJ/hello, algorithm: owner/name, ssh_key_file: /k }\ndelivery: { after_push: detach, wait: 3s }\n",
            "config.yaml",
        )
        .unwrap();
        assert_eq!(config.gate.deadline.as_millis(), 500);
        assert_eq!(
            config.gate.enforcement_of(Some("release/1")),
            Enforcement::Enforce
        );
        assert_eq!(
            config.gate.enforcement_of(Some("release/1/x")),
            Enforcement::Warn
        );
        assert_eq!(config.gate.enforcement_of(None), Enforcement::Warn);
        assert_eq!(config.rules["port/missing-title"], Level::Warning);
        assert_eq!(config.delivery.after_push, AfterPush::Detach);
    }

    #[test]
    fn mistakes_name_their_place_and_the_nearest_key() {
        let cases = [
            (
                "gate:\n  enforcment: warn\n",
                "config.yaml:2:3: gate: unknown field `enforcment`",
                Some("did you mean `enforcement`?"),
            ),
            (
                "gate:\n  enforcement: wran\n",
                "config.yaml:2:16: gate.enforcement: unknown variant `wran`",
                Some("did you mean `warn`?"),
            ),
            (
                "gate:\n  deadline: soon\n",
                "config.yaml:2:13: gate.deadline: `soon` is no duration: write it like `10s`",
                None,
            ),
            (
                "algorithmia:\n  builds:\n    - { repository: hello, algorithm: a/b, ssh_key_file: /k }\n",
                "config.yaml:3:21: algorithmia.builds[0].repository: `hello` is no repository name",
                None,
            ),
        ];
        for (text, message, help) in cases {
            let error = Config::parse(text, "config.yaml").unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
            let shown = miette::Diagnostic::help(&error).map(|help| help.to_string());
            assert_eq!(shown.as_deref(), help);
        }
    }
}
