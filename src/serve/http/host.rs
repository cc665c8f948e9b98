//! Under which names the pages are shown. A page elsewhere can have its own name lead here (DNS
//! rebinding), and its script would read what is shown; it can't choose the name that is asked for.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::config::PublicUrl;

/// Refuses what is asked for under a stranger's name, where the operator said what ours is.
pub(super) async fn ours(State(site): Shared, request: Request, next: Next) -> Response {
    let public = site.settings.public_url.as_ref();
    if public.is_none_or(|public| is_ours(request.headers(), public)) {
        return next.run(request).await;
    }
    let text = "pushgate is not known by this name; `serve.public_url` in its configuration says by which.\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

/// Whether the name is the public one, or one that nobody else can have.
fn is_ours(headers: &HeaderMap, public: &PublicUrl) -> bool {
    let Some(authority) = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
    else {
        return false;
    };
    let origin = public.origin();
    let ours = origin.split_once("://").map_or(origin, |(_, ours)| ours);
    let host = without_port(authority);
    host.eq_ignore_ascii_case(without_port(ours))
        || host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}
