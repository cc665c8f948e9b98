//! Texts from anywhere: what is shown of them, and what servers ask for in their headers.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use pushgate::http::{LONGEST_WAIT, Secret, api_root, wait_asked_for};
use pushgate::outbox::PostgresAddress;
use pushgate::visible::{clip, clipped_bytes, is_hidden, one_line, visible, visible_lines};

/// Text with what terminals act upon.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "\u{1b}[2J",
            "\u{9b}31m",
            "\u{1b}]0;t\u{7}",
            "\r",
            "\n",
            "\t",
            "\u{8}",
            "\u{7f}",
            "\0",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{feff}",
            "\u{2028}",
            "\u{85}",
            "\u{ad}",
            "\u{e0041}",
            "é",
            "日本",
            " ",
            "a",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// Values of headers as servers and those in between write them, or do not.
fn asked() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<u64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        prop::sample::select(vec![
            "inf",
            "-inf",
            "NaN",
            "1e308",
            "-0",
            "1e-320",
            "0x10",
            "999999999999999999999999",
            "",
            " 5 ",
            "5s",
            "+5",
        ])
        .prop_map(str::to_owned),
    ];
    let moment = (-400_000_000_000_i64..400_000_000_000).prop_map(|seconds| {
        jiff::Timestamp::from_second(seconds)
            .map_or_else(|_| seconds.to_string(), |moment| moment.to_string())
    });
    let date = (0_u64..253_402_300_799).prop_map(|seconds| {
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    });
    prop_oneof![number, moment, date, text()]
}

/// An address without its version is an address itself: `https://v1` is a host, not a version.
#[test]
fn a_root_is_an_address_itself() {
    for (written, root) in [
        ("https://v1", Some("https://v1")),
        ("https://v1/v1/", Some("https://v1")),
        ("https://a/b//v1", Some("https://a/b")),
        ("https://a:8080/v1", Some("https://a:8080")),
        ("https:///v1", None),
        ("http:////", None),
        ("https://u@a/v1", None),
    ] {
        assert_eq!(api_root(written), root, "{written}");
    }
}

/// Where something is forgotten, what reads it takes the password for the name of an option.
#[test]
fn an_address_of_a_database_is_refused_without_a_word_of_it() {
    for written in [
        "app:p4ssw0rd@db.example.org/pushgate?connect_timeout=3",
        "//app:p4ssw0rd@db/pushgate?sslmode=require",
        "host=db user=app p4ssw0rd=",
        "host=db password=a p4ssw0rd=x",
        "\u{feff}postgres://app:p4ssw0rd@db/pushgate?connect_timeout=3",
    ] {
        let error = PostgresAddress::parse(written).err().unwrap();
        let told = error.to_string();
        assert!(!told.contains("p4ssw0rd"), "{told}");
        assert!(!told.chars().any(is_hidden), "{told:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_shown_moves_a_cursor(text in text(), limit in 0_usize..40) {
        prop_assert!(!visible(&text).chars().any(is_hidden));
        prop_assert!(!visible_lines(&text).chars().any(|c| c != '\n' && is_hidden(c)));
        let line = one_line(&text, limit);
        prop_assert!(!line.chars().any(is_hidden));
        let shown = clipped_bytes(text.as_bytes(), limit);
        prop_assert!(!shown.chars().any(is_hidden));
        prop_assert!(shown.chars().count() <= limit + 1);
        // What is clean stays as it is, and what was made visible does too.
        let once = visible(&text).into_owned();
        prop_assert_eq!(visible(&once), once.as_str());
        if !text.chars().any(is_hidden) {
            prop_assert_eq!(visible(&text), text.as_str());
        }
    }

    #[test]
    fn what_is_cut_is_counted(text in text(), limit in 0_usize..40) {
        let cut = clip(&text, limit);
        let length = text.chars().count();
        match length > limit {
            true => {
                let note = format!(" … ({} more characters)", length - limit);
                prop_assert!(cut.ends_with(&note), "{cut:?}");
                prop_assert!(text.starts_with(cut.strip_suffix(&note).unwrap()));
            }
            false => prop_assert_eq!(cut, text),
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_all_the_same(bytes in prop::collection::vec(any::<u8>(), 0..200), limit in 0_usize..60) {
        let shown = clipped_bytes(&bytes, limit);
        prop_assert!(!shown.chars().any(is_hidden));
        prop_assert!(shown.chars().count() <= limit + 1);
    }

    /// However a server asks to be left alone, it is for a quarter of an hour at most.
    #[test]
    fn a_pause_has_an_end(
        retry_after in prop::option::of(asked()),
        reset in prop::option::of(asked()),
        left in prop::option::of(asked()),
        now in 0_u64..5_000_000_000,
    ) {
        let header = |name: &str| match name {
            "retry-after" => retry_after.as_deref(),
            "x-ratelimit-reset" => reset.as_deref(),
            "x-ratelimit-remaining" => left.as_deref(),
            _ => None,
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        let wait = wait_asked_for(header, now);
        prop_assert!(wait.is_none_or(|wait| wait <= LONGEST_WAIT), "{wait:?}");
        if retry_after.is_none() && reset.is_none() {
            prop_assert_eq!(wait, None);
        }
    }

    /// A server may quote what it was sent, cut and wrapped as it likes.
    #[test]
    fn a_secret_that_is_quoted_is_hidden(secret in "[!-~]{8,40}", before in text(), after in text()) {
        let hidden = Secret::new(secret.as_str()).hide_in(&format!("{before}{secret}{after}"));
        prop_assert!(!hidden.contains(&secret) || Secret::placeholder().contains(&secret));
    }
}
