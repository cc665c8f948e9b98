//! `pushgate charts`: the Helm charts whose schemas manifests are held against.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CommandError, ExitStatus, Invocation, output};
use crate::chart::{ChartError, ChartFolder, ChartReference, Wanted, pull};
use crate::config::Place;
use crate::document::{Kind, Kinds, Limits, Source, load};
use crate::http;
use crate::visible::visible;
use crate::work_tree::{WorkTree, shown};

/// The actions of `charts`.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Fetch charts, so that `check` knows what their values may be
    Pull(Pull),
}

/// The arguments of `charts pull`.
#[derive(Debug, Args)]
pub(super) struct Pull {
    /// Address of a Helm repository [default: the charts that the work tree's manifests name]
    #[arg(long, value_name = "URL", requires = "name")]
    helm_repository: Option<String>,
    /// A chart of that repository
    #[arg(long, value_name = "CHART", requires = "helm_repository")]
    name: Option<String>,
    /// Its version or a range of versions [default: the newest]
    #[arg(long, value_name = "VERSION", requires = "name")]
    version: Option<String>,
    /// Where the charts are kept [default: gimlet.charts of the configuration, else .pushgate/charts]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Fetch again what is there already
    #[arg(long)]
    refresh: bool,
}

/// A chart that is to be there, and who wants it.
type Charts = BTreeMap<String, ChartReference>;

pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    let Action::Pull(arguments) = action;
    let tree = WorkTree::around(Path::new("."));
    let config = invocation.load_config(Place::WorkTree(tree.root()))?;
    let folder = arguments.folder.clone().or(config.gimlet.charts.clone());
    let folder = folder.unwrap_or_else(|| tree.root_from_here().join(".pushgate/charts"));
    let charts = match (&arguments.helm_repository, &arguments.name) {
        (Some(repository), Some(name)) => {
            let version = arguments.version.as_deref();
            let chart = ChartReference::new(Some(repository), name, version)
                .map_err(CommandError::usage)?;
            Charts::from([(chart.to_string(), chart)])
        }
        _ => {
            let kinds = config.kinds().map_err(CommandError::usage)?;
            named_by_manifests(&tree, &kinds)
        }
    };
    if charts.is_empty() {
        output::out("no manifest of this work tree names a chart of a Helm repository\n");
        return Ok(ExitStatus::Fine);
    }
    let http = config.http_client().map_err(CommandError::usage)?;
    pull_all(&http, &ChartFolder::new(folder), &charts, arguments.refresh)
}

fn pull_all(
    http: &http::Client,
    folder: &ChartFolder,
    charts: &Charts,
    refresh: bool,
) -> Result<ExitStatus, CommandError> {
    let mut status = ExitStatus::Fine;
    for chart in charts.values() {
        // A version that was published never changes, a range may.
        let is_exact = matches!(chart.version, Wanted::Exactly(_));
        if let Some(path) = folder.find(chart).filter(|_| is_exact && !refresh) {
            output::out(&format!("{} is there already\n", shown(&path)));
            continue;
        }
        match pull_one(http, folder, chart) {
            Ok(line) => output::out(&line),
            Err(error) => {
                status = ExitStatus::Failure;
                let mut text = output::notes();
                text.line(&format!("pushgate: {error}"));
                if let Some(help) = miette::Diagnostic::help(&error) {
                    text.help(&help.to_string());
                }
                output::err(&text.finish());
            }
        }
    }
    Ok(status)
}

fn pull_one(
    http: &http::Client,
    folder: &ChartFolder,
    wanted: &ChartReference,
) -> Result<String, ChartError> {
    let Some(repository) = &wanted.repository else {
        return Err(ChartError::Elsewhere {
            name: wanted.name.to_string(),
        });
    };
    let chart = pull(http, repository, wanted)?;
    let has_schema = !chart.parts(&serde_json::Value::Null).is_empty();
    let path = folder.keep(repository, chart)?;
    let note = match has_schema {
        true => "",
        false => ": it has no schema, so that its values can't be checked",
    };
    Ok(format!("pulled {}{note}\n", visible(&shown(&path))))
}

/// The charts that the manifests of the work tree name, each once.
fn named_by_manifests(tree: &WorkTree, kinds: &Kinds) -> Charts {
    let limits = Limits::default();
    let mut charts = Charts::new();
    for candidate in tree.documents_below(&tree.root_from_here(), kinds, None) {
        if candidate.kind != Kind::Gimlet {
            continue;
        }
        let Ok(bytes) = std::fs::read(&candidate.path) else {
            continue;
        };
        let Ok(source) = Source::decode(&shown(&candidate.path), &bytes, &limits) else {
            continue;
        };
        // A manifest that is wrong is a finding of `check`.
        for document in &load(&source, &limits).documents {
            if let Some(Ok(chart)) = ChartReference::of_manifest(document) {
                charts.insert(chart.to_string(), chart);
            }
        }
    }
    charts
}
