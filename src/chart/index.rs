//! `index.yaml` of a Helm repository: the charts it has, their versions and archives.

use semver::Version;

use super::error::ChartError;
use super::reference::{ChartReference, version};
use crate::document::{Document, Limits, NodeId, Source, load};
use crate::http::without_credentials;
use crate::nearest::nearest;
use crate::visible::one_line;

/// Large repositories list ten thousand versions.
pub(super) const LARGEST: u64 = 64 * 1024 * 1024;

/// An archive that the index lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) version: Version,
    /// The version as the index writes it.
    pub(super) text: String,
    /// Address of the archive, absolute or relative to the repository's.
    pub(super) url: String,
    /// SHA-256 of the archive, in hexadecimal.
    pub(super) digest: Option<String>,
}

/// Finds the newest version of a chart that the reference allows.
pub(super) fn find(
    bytes: &[u8],
    url: &str,
    repository: &str,
    wanted: &ChartReference,
) -> Result<Listed, ChartError> {
    let limits = Limits {
        bytes: LARGEST as usize,
        nodes: 8_000_000,
        expanded: 8_000_000,
        expanded_bytes: LARGEST as usize,
        ..Limits::default()
    };
    let unreadable = |reason: &str| ChartError::Index {
        url: without_credentials(url),
        reason: reason.to_owned(),
    };
    let source = Source::decode("index.yaml", bytes, &limits)
        .map_err(|_| unreadable("its text can't be read"))?;
    let stream = load(&source, &limits);
    let document = stream.documents.first().filter(|_| stream.is_complete());
    let document = document.ok_or_else(|| unreadable("it is no YAML"))?;
    let charts = document
        .get(document.root().node, "entries")
        .ok_or_else(|| unreadable("it has no `entries`"))?;
    let charts = document.entries(charts.value.node);
    let repository = without_credentials(repository);
    let name = wanted.name.as_str();
    let Some(chart) = charts.iter().find(|chart| chart.key == name) else {
        return Err(ChartError::NoSuchChart {
            suggestion: nearest(name, charts.iter().map(|chart| &*chart.key))
                .map(|name| one_line(name, 100)),
            name: name.to_owned(),
            repository,
        });
    };
    let mut versions: Vec<Listed> = document
        .items(chart.value.node)
        .iter()
        .filter_map(|item| listed(document, item.node))
        .collect();
    versions.sort_by(|one, other| one.version.cmp(&other.version));
    let newest = versions
        .last()
        .map_or_else(|| "none at all".to_owned(), |listed| listed.text.clone());
    let found = versions
        .into_iter()
        .rev()
        .find(|listed| wanted.version.allows(&listed.version));
    found.ok_or_else(|| ChartError::NoSuchVersion {
        repository,
        name: name.to_owned(),
        wanted: wanted.version.to_string(),
        newest,
    })
}

fn listed(document: &Document, node: NodeId) -> Option<Listed> {
    let text = |key: &str| {
        let entry = document.get(node, key)?;
        Some(document.scalar(entry.value.node)?.text.to_string())
    };
    let urls = document.get(node, "urls")?;
    let url = document.items(urls.value.node).first()?;
    let written = text("version")?;
    Some(Listed {
        version: version(&written)?,
        text: one_line(&written, 100),
        url: document.string(url.node)?.to_owned(),
        digest: text("digest"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "apiVersion: v1\nentries:\n  web:\n    - version: 1.2.0\n      urls: [web-1.2.0.tgz]\n      digest: abc\n    - version: 1.10.0\n      urls: ['https://example.com/web-1.10.0.tgz']\n    - version: 2.0.0-rc.1\n      urls: [web-2.0.0-rc.1.tgz]\n    - version: nonsense\n      urls: [x]\n    - {}\n";

    fn found(name: &str, version: &str) -> Result<Listed, ChartError> {
        let repository = "https://charts.example.com";
        let wanted = ChartReference::new(Some(repository), name, Some(version)).unwrap();
        find(
            INDEX.as_bytes(),
            "https://x/index.yaml",
            repository,
            &wanted,
        )
    }

    #[test]
    fn the_newest_version_that_fits_is_found() {
        for (version, text) in [
            ("", "1.10.0"),
            ("1.2.0", "1.2.0"),
            ("^1.0.0", "1.10.0"),
            ("2.0.0-rc.1", "2.0.0-rc.1"),
        ] {
            assert_eq!(found("web", version).unwrap().text, text);
        }
        let said = |name, version| {
            let error = found(name, version).unwrap_err();
            let help = miette::Diagnostic::help(&error).unwrap().to_string();
            format!("{error}; {help}")
        };
        insta::assert_snapshot!(
            [said("web", "3.0.0"), said("wbe", ""), said("other-thing", "")].join("\n"),
            @r"
        the chart `web` of https://charts.example.com has no version 3.0.0; the newest is 2.0.0-rc.1
        https://charts.example.com has no chart named `wbe`; did you mean `web`?
        https://charts.example.com has no chart named `other-thing`; its `index.yaml` lists the charts that it has
        "
        );
    }
}
