//! This machine's clock, held against those of the servers it speaks to.

use std::time::{Duration, SystemTime};

use super::{Diagnosis, Item, Subject};
use crate::http::{self, Method, Request};

/// The clocks agree.
pub(super) const CLOCK: Item = Item {
    id: "clock.difference",
    title: "this machine's clock is right",
    needs: &["configuration.file"],
    look,
};

/// From here on it is worth a look: a `Date` counts whole seconds, and answers take their time.
const NOTED: Duration = Duration::from_secs(30);
/// From here on signatures and tokens are refused as too old or not yet valid.
const TOO_MUCH: Duration = Duration::from_secs(300);

fn look(subject: &Subject) -> Diagnosis {
    let servers = subject.servers();
    if servers.is_empty() {
        return Diagnosis::skipped(
            "no server is set up to compare with",
            "set up Bitbucket, Port or Algorithmia",
        );
    }
    let http = match subject.http() {
        Ok(http) => http,
        Err(error) => return Diagnosis::of_error(&error, "correct `http:` in the configuration"),
    };
    let mut compared = Vec::new();
    let mut silent = Vec::new();
    for (name, address) in servers {
        match difference(&http, &address) {
            Some(difference) => compared.push((name, difference)),
            None => silent.push(name),
        }
    }
    let Some((name, worst)) = compared.iter().max_by_key(|(_, it)| it.abs()) else {
        return Diagnosis::skipped(
            format!("{} told no time", silent.join(" and ")),
            "see that the server answers, and with its own clock (`Date`)",
        );
    };
    let away = worst.unsigned_abs();
    let direction = if *worst > 0 { "behind" } else { "ahead of" };
    let message = format!("this clock is {away} s {direction} {name}'s");
    let remedy = "set the clock by NTP, here or there: `timedatectl set-ntp true`";
    if away > TOO_MUCH.as_secs() {
        Diagnosis::failed(message, remedy)
    } else if away > NOTED.as_secs() {
        Diagnosis::warning(message, remedy)
    } else {
        let names: Vec<&str> = compared.iter().map(|(name, _)| *name).collect();
        Diagnosis::ok(format!("it agrees with {}", names.join(" and ")))
    }
}

/// Seconds that the server's clock is ahead of this one; none where it tells no time.
fn difference(http: &http::Client, address: &str) -> Option<i64> {
    let asked = SystemTime::now();
    let answer = http.send(Request::new(Method::Get, address)).ok()?;
    let took = asked.elapsed().unwrap_or_default();
    let theirs = httpdate::parse_http_date(answer.header("date")?.trim()).ok()?;
    let ours = asked + took / 2;
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Some(match theirs.duration_since(ours) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    })
}
