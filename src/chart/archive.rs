//! A chart's archive, `NAME-VERSION.tgz`: of all its files only those that say what its values are.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Map, Value};

use super::error::ChartError;
use super::{Chart, Dependency};
use crate::document::{Limits, Source, load};
use crate::visible::one_line;

/// Bytes of an archive, and of all that it holds once it is unpacked.
pub(super) const LARGEST: u64 = 64 * 1024 * 1024;
/// Bytes of a single file that is read.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;
/// Archives inside of archives.
const DEEPEST: usize = 4;
/// Files and folders of an archive and of those inside of it.
const ENTRIES: usize = 20_000;
/// Bytes of values and schemas of a chart and all inside of it, each as often as it stands there: a
/// list of aliases on each of four levels is a few kilobytes and would make billions of charts.
const LARGEST_CHART: u64 = 16 * 1024 * 1024;
/// What a chart counts for at least.
const CHART: u64 = 1024;

/// The files of a chart by their paths, those of inner archives below the archive's path.
type Files = BTreeMap<String, Vec<u8>>;

/// Reads the archive of the chart that is called `name`. Nothing is written anywhere, whatever the
/// paths in it are.
///
/// # Errors
/// [`ChartError::Archive`] where it is no archive of a chart or larger than any should be.
pub fn read(name: &str, archive: &[u8]) -> Result<Chart, ChartError> {
    let wrong = |reason: String| ChartError::Archive {
        name: name.to_owned(),
        reason,
    };
    let mut files = Files::new();
    let mut left = Left {
        bytes: LARGEST,
        entries: ENTRIES,
    };
    unpack(archive, "", 0, &mut left, &mut files).map_err(wrong)?;
    let root = files
        .keys()
        .filter_map(|path| path.strip_suffix("/Chart.yaml"))
        .min_by_key(|folder| folder.split('/').count())
        .ok_or_else(|| wrong("it holds no `Chart.yaml`".to_owned()))?
        .to_owned();
    let (chart, _) = chart(&files, &root, 0).map_err(wrong)?;
    Ok(chart)
}

/// How much an archive and those inside of it may still hold.
struct Left {
    bytes: u64,
    entries: usize,
}

fn unpack(
    archive: &[u8],
    below: &str,
    depth: usize,
    left: &mut Left,
    files: &mut Files,
) -> Result<(), String> {
    let broken = |error: std::io::Error| one_line(&error.to_string(), 200);
    let mut tar = tar::Archive::new(GzDecoder::new(archive).take(left.bytes));
    for entry in tar.entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        left.bytes = left
            .bytes
            .checked_sub(entry.size())
            .ok_or_else(|| format!("it unpacks to more than {LARGEST} bytes"))?;
        left.entries = left
            .entries
            .checked_sub(1)
            .ok_or_else(|| format!("it holds more than {ENTRIES} files"))?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let is_inner = is_inner_archive(&path);
        if !(is_inner || is_wanted(&path)) || !entry.header().entry_type().is_file() {
            continue;
        }
        let mut bytes = Vec::new();
        let limit = if is_inner { LARGEST } else { LARGEST_FILE };
        if entry.size() > limit {
            let path = one_line(&path, 100);
            return Err(format!("`{path}` has more than {limit} bytes"));
        }
        entry.take(limit).read_to_end(&mut bytes).map_err(broken)?;
        let path = format!("{below}{path}");
        if !is_inner {
            files.insert(path, bytes);
        } else if depth < DEEPEST {
            // Unpacked beside the folders of other inner charts, which look the same then.
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            unpack(&bytes, &format!("{folder}/"), depth + 1, left, files)?;
        }
    }
    Ok(())
}

fn is_wanted(path: &str) -> bool {
    matches!(
        path.rsplit('/').next(),
        Some("Chart.yaml" | "requirements.yaml" | "values.yaml" | "values.schema.json")
    )
}

fn is_inner_archive(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    parts.next().is_some_and(|name| name.ends_with(".tgz")) && parts.next() == Some("charts")
}

/// The chart in `folder`, and how many bytes it counts for.
fn chart(files: &Files, folder: &str, depth: usize) -> Result<(Chart, u64), String> {
    let file = |name: &str| files.get(&format!("{folder}/{name}"));
    let yaml = |name: &str| file(name).map_or(Ok(Value::Null), |bytes| yaml(name, bytes));
    let about = yaml("Chart.yaml")?;
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let values = match yaml("values.yaml")? {
        Value::Object(values) => values,
        _ => Map::new(),
    };
    let schema = file("values.schema.json")
        .map(|bytes| serde_json::from_slice(bytes))
        .transpose()
        .map_err(|error| format!("its `values.schema.json` is no JSON: {error}"))?;
    let listed = match about.get("dependencies") {
        Some(Value::Array(listed)) => listed.clone(),
        // Charts of Helm 2 list them in a file of their own.
        _ => match yaml("requirements.yaml")?.get("dependencies") {
            Some(Value::Array(listed)) => listed.clone(),
            _ => Vec::new(),
        },
    };
    let bytes = |name: &str| file(name).map_or(0, |bytes| bytes.len() as u64);
    let mut size = CHART + bytes("values.yaml") + bytes("values.schema.json");
    let mut dependencies = Vec::new();
    if depth < DEEPEST {
        for inner in inner_folders(files, folder) {
            let (inner, of_inner) = chart(files, &inner, depth + 1)?;
            let mut of_it: Vec<&Value> = listed
                .iter()
                .filter(|entry| entry["name"] == inner.name.as_str())
                .collect();
            if of_it.is_empty() {
                of_it.push(&Value::Null);
            }
            size = size.saturating_add(of_inner.saturating_mul(of_it.len() as u64));
            if size > LARGEST_CHART {
                return Err(format!(
                    "its values and schemas, with those of the charts inside of it, have more than {LARGEST_CHART} bytes"
                ));
            }
            // One chart may stand below several keys.
            for entry in of_it {
                dependencies.push(Dependency {
                    key: match entry["alias"].as_str() {
                        Some(alias) if !alias.is_empty() => alias.to_owned(),
                        _ => inner.name.clone(),
                    },
                    condition: text(entry, "condition")
                        .split(',')
                        .map(|path| path.trim().to_owned())
                        .filter(|path| !path.is_empty())
                        .collect(),
                    chart: inner.clone(),
                });
            }
        }
    }
    let chart = Chart {
        name: text(&about, "name"),
        version: text(&about, "version"),
        values,
        schema,
        dependencies,
    };
    Ok((chart, size))
}

/// The folders right below `charts/` that hold a chart.
fn inner_folders(files: &Files, folder: &str) -> BTreeSet<String> {
    let charts = format!("{folder}/charts/");
    files
        .range(charts.clone()..)
        .map_while(|(path, _)| path.strip_prefix(&charts))
        .filter_map(|path| {
            let (inner, file) = path.split_once('/')?;
            (file == "Chart.yaml").then(|| format!("{charts}{inner}"))
        })
        .collect()
}

fn yaml(name: &str, bytes: &[u8]) -> Result<Value, String> {
    let limits = Limits {
        bytes: LARGEST_FILE as usize,
        ..Limits::default()
    };
    let unreadable = || format!("its `{name}` is no YAML that can be read");
    let source = Source::decode(name, bytes, &limits).map_err(|_| unreadable())?;
    let stream = load(&source, &limits);
    if !stream.is_complete() {
        return Err(unreadable());
    }
    let document = stream.documents.first();
    Ok(document.map_or(Value::Null, |document| document.to_json()))
}
