//! `POST /webhook`: what Bitbucket announces is made durable, then acknowledged.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Shared, blocking};
use crate::bitbucket::PUSHED;
use crate::serve::announcement::Announcement;
use crate::serve::event::Event;
use crate::serve::inbox::InboxError;
use crate::serve::metrics::Webhook;
use crate::serve::push::Push;
use crate::serve::replay::BodyDigest;
use crate::serve::site::Site;

const SIGNATURE: &str = "x-hub-signature";
const EVENT: &str = "x-event-key";
const PING: &str = "diagnostics:ping";

/// When to come back where too many pushes wait, or they can't be written.
const LATER: Duration = Duration::from_secs(60);

/// A webhook's end that is no success.
struct Refusal {
    outcome: Webhook,
    status: StatusCode,
    reason: String,
    retry_after: Option<Duration>,
}

impl Refusal {
    fn new(outcome: Webhook, status: StatusCode, reason: impl Into<String>) -> Self {
        Self {
            outcome,
            status,
            reason: reason.into(),
            retry_after: None,
        }
    }

    fn after(self, wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..self
        }
    }
}

/// Takes one webhook.
pub(super) async fn receive(State(site): Shared, headers: HeaderMap, body: Body) -> Response {
    match take(&site, &headers, body).await {
        Ok((outcome, answer)) => {
            site.metrics.webhook(outcome);
            respond(StatusCode::OK, &answer)
        }
        Err(refusal) => {
            site.metrics.webhook(refusal.outcome);
            site.say_now_and_then(Event::WebhookRefused {
                status: refusal.status.as_u16(),
                reason: refusal.reason.clone(),
            });
            let mut response = respond(refusal.status, &json!({"error": refusal.reason}));
            let headers = response.headers_mut();
            if let Some(wait) = refusal.retry_after {
                headers.insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
            }
            // What is left of the body is not waited for.
            if matches!(refusal.outcome, Webhook::TooLarge | Webhook::TooSlow) {
                headers.insert(
                    header::CONNECTION,
                    header::HeaderValue::from_static("close"),
                );
            }
            response
        }
    }
}

fn respond(status: StatusCode, answer: &serde_json::Value) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    (status, content_type, format!("{answer}\n")).into_response()
}

async fn take(
    site: &std::sync::Arc<Site>,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Webhook, serde_json::Value), Refusal> {
    let Some(secret) = &site.settings.secret else {
        return Err(Refusal::new(
            Webhook::Untrusted,
            StatusCode::FORBIDDEN,
            "no webhooks are received here: no secret is configured",
        ));
    };
    let body = read(site, headers, body).await?;
    let signature = headers.get(SIGNATURE).map(|value| value.as_bytes());
    if let Err(untrusted) = secret.verify(signature, &body) {
        return Err(match site.untrusted.take() {
            Ok(()) => Refusal::new(
                Webhook::Untrusted,
                StatusCode::UNAUTHORIZED,
                untrusted.to_string(),
            ),
            Err(wait) => Refusal::new(
                Webhook::TooMany,
                StatusCode::TOO_MANY_REQUESTS,
                "too many webhooks that are not signed with the secret",
            )
            .after(wait),
        });
    }
    if let Err(wait) = site.webhooks.take() {
        let reason = format!(
            "more than {} webhooks a minute (`serve.limits.per_minute`)",
            site.settings.limits.per_minute
        );
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Err(Refusal::new(Webhook::TooMany, status, reason).after(wait));
    }
    match headers.get(EVENT).and_then(|event| event.to_str().ok()) {
        Some(PING) => Ok((Webhook::Ping, json!({"status": "pong"}))),
        Some(PUSHED) => announced(site, &body).await,
        Some(_) => Ok((
            Webhook::NothingToDo,
            json!({"status": "ignored", "reason": "only repo:refs_changed is acted upon"}),
        )),
        None => Err(Refusal::new(
            Webhook::Malformed,
            StatusCode::BAD_REQUEST,
            "the header X-Event-Key is missing",
        )),
    }
}

/// The body, whole, within its limits of size and time.
async fn read(site: &Site, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let limits = &site.settings.limits;
    let too_large = || {
        let reason = format!(
            "the body is larger than {} bytes (`serve.limits.body_bytes`)",
            limits.body_bytes
        );
        Refusal::new(Webhook::TooLarge, StatusCode::PAYLOAD_TOO_LARGE, reason)
    };
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.body_bytes as u64) {
        return Err(too_large());
    }
    match tokio::time::timeout(limits.read_timeout, to_bytes(body, limits.body_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(error)) => {
            let is_limit = std::error::Error::source(&error)
                .is_some_and(|source| source.to_string().contains("length limit"));
            Err(if is_limit {
                too_large()
            } else {
                Refusal::new(
                    Webhook::Malformed,
                    StatusCode::BAD_REQUEST,
                    "the body ended too early",
                )
            })
        }
        Err(_) => Err(Refusal::new(
            Webhook::TooSlow,
            StatusCode::REQUEST_TIMEOUT,
            format!(
                "the body did not come within {} s (`serve.limits.read_timeout`)",
                limits.read_timeout.as_secs_f64()
            ),
        )),
    }
}

/// A push: durable, then acknowledged.
async fn announced(
    site: &std::sync::Arc<Site>,
    body: &[u8],
) -> Result<(Webhook, serde_json::Value), Refusal> {
    let announcement = Announcement::read(body).map_err(|error| {
        Refusal::new(
            Webhook::Malformed,
            StatusCode::BAD_REQUEST,
            error.to_string(),
        )
    })?;
    let digest = BodyDigest::of(body);
    if !site.seen.note(&digest) {
        let answer = json!({"status": "known", "reason": "this webhook came before"});
        return Ok((Webhook::Replayed, answer));
    }
    if announcement.moved.is_empty() {
        let answer = json!({"status": "ignored", "reason": "no branch has a new commit"});
        return Ok((Webhook::NothingToDo, answer));
    }
    let push = Push::announced(announcement, &digest);
    let taken = push.clone();
    // To its end, also where the sender goes away meanwhile.
    let put = blocking(site, move |site| {
        let put = site.inbox.put(taken);
        if put.is_err() {
            site.seen.forget(&digest);
        }
        put
    });
    let failed = match put.await {
        Ok(Ok(())) => {
            let answer = json!({"status": "queued", "push": push.id.to_string()});
            site.say(Event::PushTaken(Box::new(push)));
            return Ok((Webhook::Accepted, answer));
        }
        Ok(Err(error @ InboxError::Full(_))) => Refusal::new(
            Webhook::TooMany,
            StatusCode::SERVICE_UNAVAILABLE,
            error.to_string(),
        ),
        // Which file it was is nobody's concern outside.
        Ok(Err(_)) | Err(_) => Refusal::new(
            Webhook::Failed,
            StatusCode::SERVICE_UNAVAILABLE,
            "the push can't be written to the state folder",
        ),
    };
    Err(failed.after(LATER))
}
