//! For machines that watch: alive, ready, metrics.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Shared, blocking};

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// Pushes can be made durable, and the outbox's store answers.
pub(super) async fn ready(State(site): Shared) -> Response {
    let probed = blocking(&site, |site| {
        // The reason names folders and hosts, and is on the page's own log: strangers may ask here.
        let mut missing = Vec::new();
        if site.inbox.probe().is_err() {
            missing.push("pushes can't be written to the state folder");
        }
        if site.overview(0).is_err() {
            missing.push("the outbox's store does not answer");
        }
        missing
    });
    match probed.await {
        Ok(missing) if missing.is_empty() => "ready\n".into_response(),
        Ok(missing) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {}\n", missing.join("; ")),
        )
            .into_response(),
        Err(response) => response,
    }
}

/// What Prometheus asks for.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that is counted and measured.
pub(super) async fn metrics(State(site): Shared) -> Response {
    let text = blocking(&site, |site| {
        let overview = site.overview(0).ok();
        site.metrics.text(site.inbox.waiting(), overview.as_ref())
    });
    match text.await {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(response) => response,
    }
}
