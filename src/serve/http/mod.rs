//! What is answered to whom.

mod health;
mod host;
mod listener;
mod page;
mod webhook;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::site::Site;

pub(super) use listener::{Listener, serve};

type Shared = State<Arc<Site>>;

/// Where webhooks are sent to.
pub(super) const WEBHOOK: &str = "/webhook";

/// Everything that is answered.
pub(super) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route(WEBHOOK, post(webhook::receive))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .merge(page::routes(&site))
        .fallback(page::not_found)
        .layer(from_fn_with_state(Arc::clone(&site), around))
        .with_state(site)
}

/// Measures every request, and adds what holds for every answer.
async fn around(State(site): Shared, request: Request, next: Next) -> Response {
    let started = Instant::now();
    // The route, never the path: who asks for paths must not make up labels.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    let status = response.status().as_u16();
    site.metrics.request(&route, status, started.elapsed());
    response
}

/// Does what blocks on a thread of its own.
async fn blocking<T: Send + 'static>(
    site: &Arc<Site>,
    work: impl FnOnce(&Site) -> T + Send + 'static,
) -> Result<T, Response> {
    let site = Arc::clone(site);
    tokio::task::spawn_blocking(move || work(&site))
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
