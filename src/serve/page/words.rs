//! Times in words.

use jiff::Timestamp;
use maud::{Markup, html};

/// How long ago something was, with the moment itself for who hovers, and for machines.
pub(super) fn ago(moment: Timestamp, now: Timestamp) -> Markup {
    html! { (time(moment, &past(now.duration_since(moment).as_secs()))) }
}

/// When something will be.
pub(super) fn until(moment: Timestamp, now: Timestamp) -> Markup {
    let seconds = moment.duration_since(now).as_secs();
    let words = if seconds <= 0 {
        "now".to_owned()
    } else {
        format!("in {}", span(seconds))
    };
    time(moment, &words)
}

fn time(moment: Timestamp, words: &str) -> Markup {
    let exact = moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let machine = moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    html! { time datetime=(machine) title=(exact) { (words) } }
}

fn past(seconds: i64) -> String {
    if seconds < 5 {
        "just now".to_owned()
    } else {
        format!("{} ago", span(seconds))
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_one_unit() {
        let cases = [
            (0, "just now"),
            (5, "5 s ago"),
            (119, "119 s ago"),
            (120, "2 min ago"),
            (7199, "119 min ago"),
            (7200, "2 h ago"),
            (172_800, "2 days ago"),
        ];
        for (seconds, words) in cases {
            assert_eq!(past(seconds), words);
        }
        let now = Timestamp::UNIX_EPOCH;
        let later = now + jiff::SignedDuration::from_secs(60);
        assert!(until(later, now).into_string().contains(">in 60 s<"));
        assert!(until(now, later).into_string().contains(">now<"));
        assert!(
            ago(now, later)
                .into_string()
                .contains("title=\"1970-01-01 00:00:00 UTC\"")
        );
    }
}
