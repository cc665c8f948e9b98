//! The page in a real browser, in each of its states, on a phone and on a desk, light and dark. The
//! pictures lie in `target/screens`, for people to look at.

use std::path::PathBuf;

use pushgate::outbox::State;

use crate::browser::{Browser, Scheme, logged_in};
use crate::durability::{Site, announce, entity};
use crate::page::{CONFIG, HOSTILE, delivery, log_in};
use crate::receiver::{NOBODY, Place, ZERO, change, refs_changed, until};

const PHONE: (u32, u32) = (390, 844);
const DESK: (u32, u32) = (1280, 900);

fn screens() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The four pictures of a page.
fn pictures(browser: &Browser, name: &str, url: &str) {
    for (size, device) in [(PHONE, "phone"), (DESK, "desk")] {
        for (scheme, light) in [(Scheme::Light, "light"), (Scheme::Dark, "dark")] {
            let file = screens().join(format!("{name}-{device}-{light}.png"));
            browser.picture(url, size, scheme, &file);
        }
    }
}

#[test]
fn nothing_waits() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let url = format!("http://{}/", receiver.address);
    let dom = browser.dom(&url);
    assert!(
        dom.contains("Nothing waits.") && dom.contains("No push has been checked yet."),
        "{dom}"
    );
    pictures(&browser, "empty", &url);
    let login = format!("http://{}/login", receiver.address);
    assert!(browser.dom(&login).contains("type=\"password\""));
    pictures(&browser, "login", &login);
}

#[test]
fn some_of_everything_waits() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let site = Site::new(CONFIG);
    let mut receiver = site.place.start();
    let good = site.commit("PRJ/web-shop", "main", &entity("web-shop"));
    announce(&receiver, "PRJ/web-shop", "main", &good);
    let bad = "identifier: billing\ntitel: Billing\nblueprint: service\nproperties: 1\n";
    let bad = site.commit(
        "PRJ/billing",
        "feature/a-branch-with-a-rather-long-name",
        bad,
    );
    let refused = announce(
        &receiver,
        "PRJ/billing",
        "feature/a-branch-with-a-rather-long-name",
        &bad,
    );
    until("the verdicts", || {
        let log = receiver.log();
        let checked = log.iter().filter(|line| line.contains("push_checked"));
        (checked.count() == 2).then_some(())
    });
    site.bitbucket.add_repository("PRJ/gone");
    announce(&receiver, "PRJ/gone", "main", &"9".repeat(40));
    receiver.wait_for_line("push_set_aside");
    delivery(
        &site.place,
        "PRJ/web-shop",
        State::Waiting,
        Some("jenkins.example.com answers with 503"),
    );
    delivery(
        &site.place,
        "PRJ/billing",
        State::Refused,
        Some("the property `language` must be a string"),
    );
    delivery(
        &site.place,
        "PRJ/archive",
        State::Held,
        Some("it would delete 12 of 14 entities"),
    );
    let cookie = log_in(&receiver);
    let address = logged_in(receiver.address, &cookie);
    let url = format!("http://{address}/");
    let dom = browser.dom(&url);
    for text in [
        "Retry now",
        "Approve",
        "Log out",
        "refused",
        "accepted",
        "set aside",
        "would delete 12",
    ] {
        assert!(dom.contains(text), "{text}: {dom}");
    }
    pictures(&browser, "some", &url);
    let url = format!("http://{}/pushes/{refused}", receiver.address);
    let dom = browser.dom(&url);
    assert!(dom.contains("port.yaml:2:1"), "{dom}");
    pictures(&browser, "push", &url);
}

#[test]
fn everything_is_down() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let place = Place::new(NOBODY, CONFIG).with(
        "PUSHGATE_STORE",
        "postgres://nobody:hidden-password@127.0.0.1:9/none",
    );
    let mut receiver = place.start();
    receiver.announce(&refs_changed(
        "PRJ/hello",
        &[change("main", ZERO, &"1".repeat(40))],
    ));
    receiver.wait_for_line("push_postponed");
    let url = format!("http://{}/", receiver.address);
    let dom = browser.dom(&url);
    assert!(dom.contains("The outbox can't be seen."), "{dom}");
    assert!(dom.contains("push to be checked"), "{dom}");
    assert!(!dom.contains("hidden-password"), "{dom}");
    pictures(&browser, "down", &url);
}

/// A browser finds nothing in hostile names that it would run or load.
#[test]
fn hostile_names_stay_text_in_a_browser() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let long = "a-name-without-a-single-blank-".repeat(8);
    for branch in [HOSTILE, long.as_str()] {
        let body = refs_changed(
            "PRJ/<script>alert(1)<",
            &[change(branch, ZERO, &"1".repeat(40))],
        );
        assert_eq!(receiver.announce(&body).status, 200);
    }
    let url = format!("http://{}/", receiver.address);
    let dom = browser.dom(&url);
    assert!(!dom.contains("<script") && !dom.contains("<img"), "{dom}");
    assert!(dom.contains("alert(1)"), "{dom}");
    pictures(&browser, "hostile", &url);
}
