//! Which chart a manifest asks for.

use std::fmt;

use semver::{Version, VersionReq};

use super::error::ChartError;
use crate::document::Document;

/// A chart's name: safe as a part of a path and of an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChartName(String);

impl ChartName {
    /// The last part of `onechart/onechart`; none where the text is no name, such as the address of
    /// a git repository.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.rsplit_once('/').map_or(
            text,
            |(alias, name)| {
                if is_plain(alias) { name } else { "" }
            },
        );
        is_plain(name).then(|| Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Letters, digits and `. _ + -`, with a letter or digit first: no route out of a folder.
pub(super) fn is_plain(text: &str) -> bool {
    const LONGEST: usize = 250;
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
}

/// The version that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Whatever is newest.
    Newest,
    /// This one.
    Exactly(Version),
    /// The newest of a range, such as `^0.70.0`.
    OneOf(VersionReq),
}

impl Wanted {
    /// Reads a version as Helm does, where that is possible.
    ///
    /// # Errors
    /// [`ChartError::Version`].
    pub fn parse(text: &str) -> Result<Self, ChartError> {
        let text = text.trim();
        if text.is_empty() || text == "*" {
            return Ok(Self::Newest);
        }
        if let Some(exact) = version(text) {
            return Ok(Self::Exactly(exact));
        }
        // Helm separates the parts of a range by blanks as well.
        let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let commas = spaced.replace(", ", ",").replace(" ", ",");
        for candidate in [&spaced, &commas] {
            if let Ok(range) = VersionReq::parse(candidate) {
                return Ok(Self::OneOf(range));
            }
        }
        Err(ChartError::Version {
            version: text.to_owned(),
        })
    }

    /// Whether a version is one that was asked for.
    #[must_use]
    pub fn allows(&self, version: &Version) -> bool {
        match self {
            Self::Newest => version.pre.is_empty(),
            Self::Exactly(exact) => exact == version,
            Self::OneOf(range) => range.matches(version),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => f.write_str("any version"),
            Self::Exactly(version) => write!(f, "version {version}"),
            Self::OneOf(range) => write!(f, "version {range}"),
        }
    }
}

/// A version, with or without `v` and with missing parts as Helm takes them.
pub(super) fn version(text: &str) -> Option<Version> {
    let plain = text.strip_prefix('v').unwrap_or(text);
    Version::parse(plain).ok()
}

/// A chart as a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartReference {
    /// Address of the Helm repository; none where the name alone was given.
    pub repository: Option<String>,
    /// The chart.
    pub name: ChartName,
    /// The version.
    pub version: Wanted,
}

impl ChartReference {
    /// The chart that a Gimlet manifest names; none where it names no chart at all.
    ///
    /// # Errors
    /// As [`ChartReference::new`].
    #[must_use]
    pub fn of_manifest(manifest: &Document) -> Option<Result<Self, ChartError>> {
        let chart = manifest.get(manifest.root().node, "chart")?.value.node;
        let text = |key| manifest.string(manifest.get(chart, key)?.value.node);
        Some(Self::new(
            text("repository"),
            text("name")?,
            text("version"),
        ))
    }

    /// The chart of `chart.repository`, `chart.name` and `chart.version`.
    ///
    /// # Errors
    /// A chart that no Helm repository has: one from a git repository or a registry of images; a
    /// version that can't be read.
    pub fn new(
        repository: Option<&str>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Self, ChartError> {
        let repository = repository.map(str::trim).filter(|text| !text.is_empty());
        let is_http = |text: &str| text.starts_with("https://") || text.starts_with("http://");
        if repository.is_some_and(|text| !is_http(text)) {
            return Err(ChartError::Elsewhere {
                name: repository.unwrap_or_default().to_owned(),
            });
        }
        Ok(Self {
            repository: repository.map(|text| text.trim_end_matches('/').to_owned()),
            name: ChartName::parse(name).ok_or_else(|| ChartError::Elsewhere {
                name: name.to_owned(),
            })?,
            version: Wanted::parse(version.unwrap_or_default())?,
        })
    }
}

impl fmt::Display for ChartReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, {}", self.name, self.version)?;
        match &self.repository {
            Some(repository) => write!(f, ", of {repository}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_lead_out_of_a_folder() {
        for (text, name) in [
            ("onechart", Some("onechart")),
            ("onechart/cron-job", Some("cron-job")),
            ("../onechart", None),
            ("a/../b", None),
            ("..", None),
            ("", None),
            ("https://example.com/x.git?path=/charts/y", None),
            ("git@example.com:x/y.git", None),
        ] {
            let parsed = ChartName::parse(text);
            assert_eq!(parsed.as_ref().map(ChartName::as_str), name, "{text}");
        }
    }

    #[test]
    fn versions_are_read_as_helm_reads_them() {
        let allows = |wanted: &str, given: &str| {
            Wanted::parse(wanted)
                .unwrap()
                .allows(&version(given).unwrap())
        };
        for (wanted, given, allowed) in [
            ("0.70.0", "0.70.0", true),
            ("v0.70.0", "0.70.0", true),
            ("0.70.0", "0.71.0", false),
            ("^0.70.0", "0.70.3", true),
            ("~0.70", "0.71.0", false),
            (">=0.57.0 <0.71.0", "0.70.0", true),
            (">= 0.57.0, < 0.71.0", "0.71.0", false),
            ("", "9.9.9", true),
            ("", "9.9.9-rc.1", false),
        ] {
            assert_eq!(allows(wanted, given), allowed, "{wanted} {given}");
        }
        assert!(Wanted::parse("latest").is_err());
    }
}
