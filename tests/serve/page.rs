//! The status page over HTTP: what is shown, who may act, and that no text from outside is more than
//! text.

use jiff::Timestamp;
use pushgate::outbox::{
    BuildJob, BuildTarget, Delivery, DeliveryId, Job, Outbox, Problem, State, StoreAddress,
};

use crate::client::{Answer, request};
use crate::receiver::{NOBODY, Place, Receiver, TOKEN, ZERO, change, push, refs_changed, until};

pub const CONFIG: &str = "serve: { listen: '127.0.0.1:0', deliver: false, token_file: token }\n";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

type Headers<'a> = &'a [(&'a str, &'a str)];

fn outbox_of(place: &Place) -> Outbox {
    let state = place.state();
    Outbox::open(&state, StoreAddress::Folder(state.clone())).unwrap()
}

/// Puts a delivery into the outbox of a place.
pub fn delivery(
    place: &Place,
    repository: &str,
    state: State,
    message: Option<&str>,
) -> DeliveryId {
    let outbox = outbox_of(place);
    let commit = "0123456789012345678901234567890123456789";
    let job = Job::Build(BuildJob {
        branch: Some("main".to_owned()),
        commit: serde_json::from_value(commit.into()).unwrap(),
        target: BuildTarget::Trigger("jenkins-web".parse().unwrap()),
        again: false,
    });
    let delivery = Delivery::new(repository.parse().unwrap(), job);
    let id = outbox.put(&delivery).unwrap();
    let mut store = outbox.store().unwrap();
    outbox.take_in(&mut store).unwrap();
    store
        .update(&id, |delivery| {
            delivery.state = state;
            delivery.attempts = u32::from(message.is_some()) * 3;
            delivery.next_try = Timestamp::now() + jiff::SignedDuration::from_mins(4);
            delivery.last_problem = message.map(|message| Problem {
                at: Timestamp::now(),
                message: message.to_owned(),
                help: Some("correct the property, or discard the delivery".to_owned()),
            });
        })
        .unwrap();
    id
}

/// Logs in; answers with the cookie.
pub fn log_in(receiver: &Receiver) -> String {
    let answer = post(
        receiver,
        "/login",
        &[],
        &format!("token={}", TOKEN.replace(' ', "+")),
    );
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "/"),
        "{}",
        answer.body
    );
    let cookie = answer.header("set-cookie");
    cookie.split(';').next().unwrap().to_owned()
}

fn post(receiver: &Receiver, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let all: Vec<_> = [FORM].iter().chain(headers).copied().collect();
    request(receiver.address, "POST", path, &all, body.as_bytes())
}

fn get(receiver: &Receiver, path: &str, cookie: &str) -> Answer {
    request(receiver.address, "GET", path, &[("Cookie", cookie)], b"")
}

/// The key that the forms of a page carry.
fn form_key(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("name=\"form_key\" value=\"")?;
    Some(rest.split('"').next()?.to_owned())
}

fn state(place: &Place, id: &DeliveryId) -> State {
    let outbox = outbox_of(place);
    outbox.store().unwrap().delivery(id).unwrap().unwrap().state
}

#[test]
fn pushes_that_are_not_shown_are_counted() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    for number in 0..53 {
        assert_eq!(receiver.announce(&push(number)).status, 200);
    }
    let page = receiver.get("/").body;
    assert!(
        page.contains("There are 3 more: the oldest are shown."),
        "{page}"
    );
}

#[test]
fn nobody_acts_without_the_token_and_a_form_of_the_page() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let refused = delivery(
        &place,
        "PRJ/hello",
        State::Refused,
        Some("no such blueprint"),
    );
    let retry = format!("/deliveries/{refused}/retry");
    let page = receiver.get("/").body;
    assert!(page.contains("no such blueprint"), "{page}");
    assert!(page.contains("Log in"), "{page}");
    assert!(!page.contains("Retry now"), "{page}");
    assert_eq!(form_key(&page), None);

    let cookie = log_in(&receiver);
    let page = get(&receiver, "/", &cookie).body;
    assert!(page.contains("Retry now"), "{page}");
    let key = form_key(&page).unwrap();
    let sent = format!("form_key={key}");
    let other = log_in(&receiver);
    let others_key = form_key(&get(&receiver, "/", &other).body).unwrap();
    assert_ne!(key, others_key);
    let with_cookie = [("Cookie", cookie.as_str())];
    let foreign = [
        ("Cookie", cookie.as_str()),
        ("Origin", "https://evil.example.com"),
    ];
    let nowhere = [("Cookie", cookie.as_str()), ("Origin", "null")];
    let guessed = [("Cookie", "pushgate=0000")];
    let no_key = String::new();
    let wrong_key = format!("form_key={others_key}");
    let cases: [(Headers<'_>, &String, u16); 6] = [
        (&[], &sent, 401),
        (&guessed, &sent, 401),
        (&with_cookie, &no_key, 403),
        (&with_cookie, &wrong_key, 403),
        (&foreign, &sent, 403),
        (&nowhere, &sent, 403),
    ];
    for (headers, body, status) in cases {
        let answer = post(&receiver, &retry, headers, body);
        assert_eq!(answer.status, status, "{headers:?} {body}: {}", answer.body);
        assert!(answer.body.contains("Nothing was done"), "{}", answer.body);
        assert_eq!(state(&place, &refused), State::Refused);
    }
    // What only looks changes nothing.
    assert_eq!(get(&receiver, &retry, &cookie).status, 405);
    let origin = format!("http://{}", receiver.address);
    let ours = [("Cookie", cookie.as_str()), ("Origin", origin.as_str())];
    let answer = post(&receiver, &retry, &ours, &sent);
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "/"),
        "{}",
        answer.body
    );
    assert_eq!(state(&place, &refused), State::Waiting);

    let held = delivery(&place, "PRJ/hello", State::Held, Some("12 deletions"));
    let answer = post(
        &receiver,
        &format!("/deliveries/{held}/approve"),
        &with_cookie,
        &sent,
    );
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(state(&place, &held), State::Waiting);
    let gone = "/deliveries/20260131t094501123456-k3f9a2xq/retry";
    let answer = post(&receiver, gone, &with_cookie, &sent);
    assert_eq!(answer.status, 409);
    assert!(
        answer.body.contains("waits in the outbox"),
        "{}",
        answer.body
    );

    // Who logged out is out, the other one is not.
    assert_eq!(post(&receiver, "/logout", &with_cookie, "").status, 403);
    let answer = post(&receiver, "/logout", &with_cookie, &sent);
    assert_eq!(answer.status, 303);
    assert!(
        answer.header("set-cookie").contains("Max-Age=0"),
        "{answer:?}"
    );
    assert_eq!(post(&receiver, &retry, &with_cookie, &sent).status, 401);
    assert!(form_key(&get(&receiver, "/", &other).body).is_some());
    let log = receiver.log().join("\n");
    assert!(
        log.contains("will be tried again") && log.contains("logged in"),
        "{log}"
    );
    assert!(!log.contains(TOKEN) && !log.contains(&key), "{log}");
}

#[test]
fn a_push_can_be_tried_again() {
    let place = Place::new(NOBODY, CONFIG);
    let mut receiver = place.start();
    receiver.announce(&push(1));
    receiver.wait_for_line("push_postponed");
    let cookie = log_in(&receiver);
    let page = get(&receiver, "/", &cookie).body;
    let (_, rest) = page.split_once("action=\"/pushes/").unwrap();
    let path = format!("/pushes/{}", rest.split('"').next().unwrap());
    assert!(path.ends_with("/retry"), "{path}");
    let sent = format!("form_key={}", form_key(&page).unwrap());
    let answer = post(&receiver, &path, &[("Cookie", &cookie)], &sent);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let retried = path.trim_end_matches("/retry");
    assert_eq!(get(&receiver, retried, &cookie).status, 200);
    assert_eq!(get(&receiver, "/pushes/none", &cookie).status, 404);
}

#[test]
fn the_token_is_not_guessed_and_the_cookie_is_kept_from_others() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let wrong = post(&receiver, "/login", &[], "token=guess");
    assert_eq!(wrong.status, 401);
    assert!(
        wrong.body.contains("That is not the token."),
        "{}",
        wrong.body
    );
    assert_eq!(wrong.header("set-cookie"), "");
    let elsewhere = [("Origin", "https://evil.example.com")];
    let right = format!("token={}", TOKEN.replace(' ', "+"));
    assert_eq!(post(&receiver, "/login", &elsewhere, &right).status, 403);
    let answer = post(&receiver, "/login", &[], &right);
    let cookie = answer.header("set-cookie").to_owned();
    for part in [
        "pushgate=",
        "HttpOnly",
        "SameSite=Strict",
        "Path=/",
        "Max-Age=28800",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Secure") && !cookie.contains(TOKEN),
        "{cookie}"
    );
    let last = until("the limit", || {
        let answer = post(&receiver, "/login", &[], "token=guess");
        (answer.status == 429).then_some(answer)
    });
    assert!(last.header("retry-after").parse::<u64>().unwrap() >= 1);

    // Behind TLS no other connection may carry it, and paths begin where the proxy puts the page.
    let config = "serve: { listen: '127.0.0.1:0', deliver: false, token_file: token, public_url: 'https://gate.example.com/push' }\n";
    let place = Place::new(NOBODY, config);
    let receiver = place.start();
    let origin = [("Origin", "https://gate.example.com")];
    let answer = post(&receiver, "/login", &origin, &right);
    assert_eq!((answer.status, answer.header("location")), (303, "/push/"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Secure-pushgate="), "{cookie}");
    assert!(
        cookie.contains("; Secure") && cookie.contains("Path=/push/"),
        "{cookie}"
    );
    assert!(receiver.get("/").body.contains("href=\"/push/style.css\""));
}

#[test]
fn without_a_token_the_page_is_to_look_at_only() {
    let place = Place::new(NOBODY, "serve: { listen: '127.0.0.1:0', deliver: false }\n");
    let receiver = place.start();
    let id = delivery(&place, "PRJ/hello", State::Refused, Some("no"));
    let page = receiver.get("/").body;
    assert!(
        page.contains("to look at only") && !page.contains("Log in"),
        "{page}"
    );
    assert_eq!(receiver.get("/login").status, 404);
    for body in ["token=", "token=x", ""] {
        let answer = post(&receiver, "/login", &[], body);
        assert_eq!((answer.status, answer.header("set-cookie")), (404, ""));
    }
    let answer = post(
        &receiver,
        &format!("/deliveries/{id}/retry"),
        &[],
        "form_key=",
    );
    assert_eq!(answer.status, 401);
    assert_eq!(state(&place, &id), State::Refused);
}

/// Text that would be more than text in a page that is not careful.
pub const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;";

#[test]
fn no_text_from_outside_is_more_than_text() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let mut body = refs_changed("PRJ/<b>bold", &[change(HOSTILE, ZERO, &"1".repeat(40))]);
    body = String::from_utf8(body)
        .unwrap()
        .replace(
            "\"name\":\"ada\"",
            "\"name\":\"</p><svg/onload=alert(3)>\\u202e\\u001b[31m\"",
        )
        .into_bytes();
    let said = receiver.announce(&body).body;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    delivery(&place, "PRJ/<i>x", State::Refused, Some(HOSTILE));
    let cookie = log_in(&receiver);
    let pages = [
        get(&receiver, "/", &cookie).body,
        get(
            &receiver,
            &format!("/pushes/{}", said["push"].as_str().unwrap()),
            &cookie,
        )
        .body,
        get(&receiver, "/pushes/%3Cscript%3E", &cookie).body,
        get(&receiver, "/%3Cscript%3Ealert(1)%3C/script%3E", &cookie).body,
    ];
    for page in &pages {
        for tag in [
            "<script", "<img", "<svg", "<b>", "<i>", "\u{1b}", "\u{202e}",
        ] {
            assert!(!page.contains(tag), "{tag}: {page}");
        }
    }
    assert!(
        pages[0].contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{}",
        pages[0]
    );
    assert!(pages[0].contains("PRJ/&lt;b&gt;bold"), "{}", pages[0]);
    assert!(pages[1].contains("\\u{202e}\\u{1b}[31m"), "{}", pages[1]);
    // Line breaks and control characters don't reach the log either.
    for line in receiver.log() {
        assert!(
            !line.contains('\u{1b}') && !line.contains('\u{202e}'),
            "{line}"
        );
    }
}

#[test]
fn browsers_are_told_to_load_nothing_from_elsewhere() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    for path in ["/", "/login", "/pushes/none", "/nothing", "/style.css"] {
        let answer = receiver.get(path);
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(
            !answer.body.contains("http://") && !answer.body.contains("https://"),
            "{path}"
        );
        assert!(
            !answer.body.contains(" style=") && !answer.body.contains("<script"),
            "{path}"
        );
    }
    assert_eq!(receiver.get("/").header("cache-control"), "no-store");
    assert_eq!(
        receiver.get("/style.css").header("content-type"),
        "text/css; charset=utf-8"
    );
}
