//! The status page, and what people do on it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Form, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::Markup;
use miette::Diagnostic;
use serde::Deserialize;

use super::{Shared, blocking, host};
use crate::outbox::{Delivery, DeliveryId, Job, Outbox, OutboxError};
use crate::serve::event::Event;
use crate::serve::page::{self, Notice, Viewer};
use crate::serve::push::PushId;
use crate::serve::session::{Begun, LIFETIME, NoLogin};
use crate::serve::site::Site;

/// Deliveries and pushes that the first page shows.
const SHOWN: usize = 50;

/// Nothing that a form sends is longer.
const FORM_BYTES: usize = 8 * 1024;

/// Nothing from anywhere else, no scripts, no frames around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// The pages' routes.
pub(super) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(overview))
        .route("/pushes/{id}", get(push))
        .route("/pushes/{id}/retry", post(retry_push))
        .route("/deliveries/{id}/retry", post(retry_delivery))
        .route("/deliveries/{id}/approve", post(approve_delivery))
        .route("/login", get(login_form).post(log_in))
        .route("/logout", post(log_out))
        .route("/style.css", get(style))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(from_fn_with_state(Arc::clone(site), host::ours))
        .layer(from_fn(protected))
}

/// What browsers may do with a page.
async fn protected(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn html(status: StatusCode, page: &Markup) -> Response {
    let content_type = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, content_type, Body::from(page.0.clone())).into_response()
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, page::STYLE).into_response()
}

impl Site {
    fn viewer(&self, headers: &HeaderMap) -> Viewer {
        let form_key = self
            .cookie(headers)
            .and_then(|cookie| self.sessions.form_key(cookie));
        Viewer {
            base: self.base().to_owned(),
            form_key,
            can_log_in: self.sessions.are_possible(),
        }
    }

    fn base(&self) -> &str {
        let url = self.settings.public_url.as_ref();
        url.map_or("", |url| url.path())
    }

    /// With TLS in front browsers take the cookie from nobody else.
    fn cookie_name(&self) -> &'static str {
        if self.is_https() {
            "__Secure-pushgate"
        } else {
            "pushgate"
        }
    }

    fn is_https(&self) -> bool {
        let url = self.settings.public_url.as_ref();
        url.is_some_and(|url| url.is_https())
    }

    fn cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.cookie_name())
            .map(|(_, value)| value)
    }

    fn set_cookie(&self, value: &str, seconds: u64) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        format!(
            "{}={value}; Path={}/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}",
            self.cookie_name(),
            self.base()
        )
    }

    fn see_other(&self, path: &str) -> Response {
        let to = format!("{}{path}", self.base());
        (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
    }

    /// Whether a form may come from one of our pages: browsers say where it stood.
    fn is_our_origin(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let is_host = origin
            .split_once("://")
            .is_some_and(|(_, authority)| Some(authority) == host);
        let url = self.settings.public_url.as_ref();
        is_host || url.is_some_and(|url| url.origin() == origin)
    }

    /// Whether who sent a form may act.
    fn may_act(&self, headers: &HeaderMap, form_key: &str) -> Result<(), Box<Response>> {
        let refuse = |status, title, text| {
            let page = page::message(&self.viewer(headers), title, text);
            Err(Box::new(html(status, &page)))
        };
        let cookie = self.cookie(headers);
        let Some(cookie) = cookie.filter(|cookie| self.sessions.form_key(cookie).is_some()) else {
            let text =
                "Nothing was done. Log in with the token first; a session lasts eight hours.";
            return refuse(StatusCode::UNAUTHORIZED, "Not logged in", text);
        };
        if !self.is_our_origin(headers) || !self.sessions.is_from_our_page(cookie, form_key) {
            let text = "Nothing was done. The form does not come from this page: open the status page and use its button.";
            return refuse(StatusCode::FORBIDDEN, "Not from this page", text);
        }
        Ok(())
    }
}

async fn overview(State(site): Shared, headers: HeaderMap) -> Response {
    let seen = blocking(&site, |site| match site.overview(SHOWN) {
        Ok(overview) => page::Outbox::Seen(overview),
        // Which file or host it is stays in the log: strangers may read this page.
        Err(_) => page::Outbox::OutOfReach(Notice {
            text: "Its store does not answer; what waits there stays there.".to_owned(),
            help: Some("`pushgate outbox list` on the server tells why.".to_owned()),
        }),
    });
    let outbox = match seen.await {
        Ok(outbox) => outbox,
        Err(response) => return response,
    };
    let page = page::overview(
        &site.viewer(&headers),
        &outbox,
        site.inbox.waiting(),
        &site.inbox.undone(SHOWN),
        &site.inbox.newest(SHOWN),
    );
    html(StatusCode::OK, &page)
}

async fn push(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let viewer = site.viewer(&headers);
    let found = id
        .parse::<PushId>()
        .ok()
        .and_then(|id| site.inbox.find(&id));
    match found {
        Some(push) => html(StatusCode::OK, &page::push(&viewer, &push)),
        None => html(
            StatusCode::NOT_FOUND,
            &page::message(
                &viewer,
                "No such push",
                "The newest two hundred pushes are remembered; this one is not among them.",
            ),
        ),
    }
}

/// Any other address.
pub(super) async fn not_found(State(site): Shared, headers: HeaderMap) -> Response {
    let page = page::message(
        &site.viewer(&headers),
        "No such page",
        "There is nothing at this address.",
    );
    let mut response = html(StatusCode::NOT_FOUND, &page);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}

/// What every button sends.
#[derive(Deserialize)]
struct Button {
    #[serde(default)]
    form_key: String,
}

async fn retry_push(
    State(site): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(button): Form<Button>,
) -> Response {
    act(&site, &headers, &button, move |site| {
        let id: PushId = id.parse().map_err(|error| told(&error))?;
        let push = site.inbox.retry(&id).map_err(|error| told(&error))?;
        Ok(format!(
            "push {} of {} will be tried again",
            push.id, push.repository
        ))
    })
    .await
}

async fn retry_delivery(
    site: Shared,
    id: Path<String>,
    headers: HeaderMap,
    button: Form<Button>,
) -> Response {
    let done = |job: &Job| format!("{job} will be tried again");
    on_delivery(site, id, headers, button, Outbox::retry, done).await
}

async fn approve_delivery(
    site: Shared,
    id: Path<String>,
    headers: HeaderMap,
    button: Form<Button>,
) -> Response {
    let done = |job: &Job| format!("{job} will be carried out with all deletions");
    on_delivery(site, id, headers, button, Outbox::approve, done).await
}

/// What is done with a delivery, and what is said of it then.
async fn on_delivery(
    State(site): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(button): Form<Button>,
    work: fn(&Outbox, &DeliveryId) -> Result<Delivery, OutboxError>,
    done: fn(&Job) -> String,
) -> Response {
    act(&site, &headers, &button, move |site| {
        let id: DeliveryId = id.parse().map_err(|error| told(&error))?;
        let delivery = work(&site.outbox, &id).map_err(|error| told(&error))?;
        Ok(format!("{id}: {}", done(&delivery.job)))
    })
    .await
}

fn told(error: &(impl std::fmt::Display + Diagnostic)) -> String {
    match error.help() {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    }
}

/// Does what a button says, for who may, and shows the first page again.
async fn act(
    site: &Arc<Site>,
    headers: &HeaderMap,
    button: &Button,
    work: impl FnOnce(&Site) -> Result<String, String> + Send + 'static,
) -> Response {
    if let Err(refused) = site.may_act(headers, &button.form_key) {
        return *refused;
    }
    match blocking(site, work).await {
        Ok(Ok(what)) => {
            site.say(Event::Acted { what });
            site.see_other("/")
        }
        Ok(Err(why)) => {
            let page = page::message(&site.viewer(headers), "Nothing was done", &why);
            html(StatusCode::CONFLICT, &page)
        }
        Err(response) => response,
    }
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    token: String,
}

async fn login_form(State(site): Shared, headers: HeaderMap) -> Response {
    let viewer = site.viewer(&headers);
    if viewer.form_key.is_some() {
        return site.see_other("/");
    }
    if viewer.can_log_in {
        return html(StatusCode::OK, &page::login(&viewer, None));
    }
    let text = "Nobody can log in here: `serve.token_file` names no token. `pushgate outbox` acts on the server.";
    html(
        StatusCode::NOT_FOUND,
        &page::message(&viewer, "To look at only", text),
    )
}

async fn log_in(State(site): Shared, headers: HeaderMap, Form(login): Form<Login>) -> Response {
    let viewer = site.viewer(&headers);
    let refuse = |status, why: &str| html(status, &page::login(&viewer, Some(why)));
    if !site.is_our_origin(&headers) {
        return refuse(
            StatusCode::FORBIDDEN,
            "The form does not come from this page. Log in here.",
        );
    }
    match site.sessions.log_in(&login.token) {
        Ok(Begun(cookie)) => {
            let cookie = site.set_cookie(&cookie, LIFETIME.as_secs());
            let mut response = site.see_other("/");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            site.say(Event::Acted {
                what: "somebody logged in on the page".to_owned(),
            });
            response
        }
        Err(NoLogin::Wrong) => refuse(StatusCode::UNAUTHORIZED, "That is not the token."),
        Err(NoLogin::TooMany(wait)) => {
            let seconds = wait.as_secs().max(1);
            let why = format!("Too many tries. Come back in {seconds} s.");
            let mut response = refuse(StatusCode::TOO_MANY_REQUESTS, &why);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
            response
        }
        Err(NoLogin::Impossible) => refuse(StatusCode::NOT_FOUND, "Nobody can log in here."),
    }
}

async fn log_out(State(site): Shared, headers: HeaderMap, Form(button): Form<Button>) -> Response {
    if let Err(refused) = site.may_act(&headers, &button.form_key) {
        return *refused;
    }
    if let Some(cookie) = site.cookie(&headers) {
        site.sessions.log_out(cookie);
    }
    let mut response = site.see_other("/");
    if let Ok(cookie) = HeaderValue::from_str(&site.set_cookie("", 0)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
