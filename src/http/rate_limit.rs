//! How long a server asks to be left alone.

use std::time::{Duration, SystemTime};

/// No server is left alone for longer than this.
pub const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// Larger numbers of `x-ratelimit-reset` are moments, not seconds to wait: Port's clients know
/// both forms.
const EPOCH_BEGINS: u64 = 10_000;

/// The wait that the headers of an answer ask for, at most [`LONGEST_WAIT`]. `Retry-After` comes
/// first (seconds or an HTTP date), then `x-ratelimit-reset` where nothing is left.
#[must_use]
pub fn wait_asked_for<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    now: SystemTime,
) -> Option<Duration> {
    let until = |moment: SystemTime| moment.duration_since(now).unwrap_or_default();
    let retry_after = header("retry-after").and_then(|value| {
        let value = value.trim();
        match value.parse::<f64>() {
            Ok(seconds) => duration(seconds),
            Err(_) => httpdate::parse_http_date(value).ok().map(until),
        }
    });
    let reset = || {
        // A server that tells how much is left on every answer asks nobody to wait while it does.
        if header("x-ratelimit-remaining").is_some_and(|left| left.trim() != "0") {
            return None;
        }
        let value = header("x-ratelimit-reset")?.trim();
        if let Ok(number) = value.parse::<u64>() {
            return Some(if number > EPOCH_BEGINS {
                until(SystemTime::UNIX_EPOCH + Duration::from_secs(number.min(u64::from(u32::MAX))))
            } else {
                Duration::from_secs(number)
            });
        }
        match value.parse::<f64>() {
            Ok(seconds) => duration(seconds),
            Err(_) => Some(until(value.parse::<jiff::Timestamp>().ok()?.into())),
        }
    };
    Some(retry_after.or_else(reset)?.min(LONGEST_WAIT))
}

fn duration(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_headers_is_understood() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000);
        type Headers = &'static [(&'static str, &'static str)];
        let cases: &[(Headers, Option<u64>)] = &[
            (&[], None),
            (&[("retry-after", "7")], Some(7)),
            (&[("retry-after", "86400")], Some(900)),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "soon")], None),
            (
                &[("retry-after", "Thu, 09 Oct 2025 08:53:30 GMT")],
                Some(10),
            ),
            (&[("retry-after", "Thu, 09 Oct 2025 08:00:00 GMT")], Some(0)),
            (&[("x-ratelimit-reset", "30")], Some(30)),
            (&[("x-ratelimit-reset", "1760000042")], Some(42)),
            (&[("x-ratelimit-reset", "18446744073709551615")], Some(900)),
            (&[("x-ratelimit-reset", "2025-10-09T08:53:25Z")], Some(5)),
            (
                &[("x-ratelimit-reset", "30"), ("x-ratelimit-remaining", "9")],
                None,
            ),
            (
                &[("x-ratelimit-reset", "30"), ("x-ratelimit-remaining", "0")],
                Some(30),
            ),
            (
                &[("retry-after", "3"), ("x-ratelimit-reset", "30")],
                Some(3),
            ),
        ];
        for (headers, seconds) in cases {
            let header = |name: &str| {
                headers
                    .iter()
                    .find(|(other, _)| *other == name)
                    .map(|(_, value)| *value)
            };
            assert_eq!(
                wait_asked_for(header, now).map(|wait| wait.as_secs()),
                *seconds,
                "{headers:?}"
            );
        }
    }
}
