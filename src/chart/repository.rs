//! A Helm repository: an `index.yaml` and archives, over HTTP.

use sha2::{Digest, Sha256};
use ureq::http::Uri;

use super::Chart;
use super::archive;
use super::error::ChartError;
use super::index::{self, Listed};
use super::reference::{ChartReference, is_plain};
use crate::hexadecimal::hexadecimal;
use crate::http::{Client, Method, Request, without_credentials};

/// Archives often lie behind a redirect or two.
const REDIRECTS: u32 = 5;

/// Fetches the newest chart that a reference allows, and looks into it.
///
/// # Errors
/// [`ChartError`] where repository, chart, version or archive can't be had.
pub fn pull(
    client: &Client,
    repository: &str,
    wanted: &ChartReference,
) -> Result<Chart, ChartError> {
    let url = format!("{}/index.yaml", repository.trim_end_matches('/'));
    let index = get(client, &url, index::LARGEST)?;
    let listed = index::find(&index, &url, repository, wanted)?;
    let url = absolute(repository, &listed);
    let bytes = get(client, &url, archive::LARGEST)?;
    let is_listed = listed.digest.as_deref().is_none_or(|digest| {
        let digest = digest.trim_start_matches("sha256:");
        digest.eq_ignore_ascii_case(&hexadecimal(&Sha256::digest(&bytes)))
    });
    if !is_listed {
        return Err(ChartError::Digest {
            url: without_credentials(&url),
        });
    }
    let chart = archive::read(wanted.name.as_str(), &bytes)?;
    // Both become parts of a path.
    if chart.name != wanted.name.as_str() || !is_plain(&chart.version) {
        return Err(ChartError::Archive {
            name: wanted.name.to_string(),
            reason: "it holds another chart than the index says".to_owned(),
        });
    }
    Ok(chart)
}

fn get(client: &Client, url: &str, largest: u64) -> Result<Vec<u8>, ChartError> {
    let request = Request::new(Method::Get, url)
        .header("Accept", "*/*")
        .follow(REDIRECTS)
        .largest_answer(largest);
    let answer = client.send(request)?;
    if !answer.is_success() {
        return Err(ChartError::Status {
            url: without_credentials(url),
            status: answer.status(),
        });
    }
    Ok(answer.body().to_vec())
}

fn absolute(repository: &str, listed: &Listed) -> String {
    let is_absolute = listed.url.contains("://");
    if is_absolute {
        return listed.url.clone();
    }
    let repository = repository.trim_end_matches('/');
    match (listed.url.strip_prefix('/'), repository.parse::<Uri>()) {
        (Some(path), Ok(uri)) => match (uri.scheme_str(), uri.authority()) {
            (Some(scheme), Some(host)) => format!("{scheme}://{host}/{path}"),
            _ => format!("{repository}/{path}"),
        },
        _ => format!("{repository}/{}", listed.url),
    }
}
