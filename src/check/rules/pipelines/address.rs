//! Passwords in addresses: `https://user:password@host/path`.

use super::literal::is_literal;
use crate::document::Span;

/// The passwords in the addresses of a line that stand there themselves, and not as variables. What
/// a step starts for itself, on its own machine, needs no secret.
pub(super) fn passwords(line: &str) -> impl Iterator<Item = Span> {
    line.match_indices("://").filter_map(|(at, sign)| {
        let start = at + sign.len();
        let rest = &line[start..];
        let authority = match rest.find(|c: char| c.is_whitespace() || "/?#\"'`<>\\".contains(c)) {
            Some(end) => &rest[..end],
            None => rest,
        };
        let (user_info, host) = authority.rsplit_once('@')?;
        let (user, password) = user_info.split_once(':')?;
        let start = start + user.len() + 1;
        (is_literal(password) && !is_this_machine(host))
            .then(|| Span::new(start, start + password.len()))
    })
}

fn is_this_machine(host: &str) -> bool {
    host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stands_between_a_colon_and_an_at() {
        for (line, expected) in [
            (
                "git clone https://bot:q7Rt2kLm@git.example.com/a.git",
                vec!["q7Rt2kLm"],
            ),
            ("curl 'https://:q7Rt2kLm@h.example.com'", vec!["q7Rt2kLm"]),
            ("x postgres://app:hunter2x@db/app", vec!["hunter2x"]),
            ("a=https://$USER:hunter2x@h?b", vec!["hunter2x"]),
            ("a=https://u:one1@h b=ftp://u:two2@h", vec!["one1", "two2"]),
            ("https://u:p@ss@h.example.com", vec!["p@ss"]),
            ("https://user:$TOKEN@h.example.com", vec![]),
            ("https://$USER:$TOKEN@h.example.com", vec![]),
            (
                "https://x-token-auth:${TOKEN}@bitbucket.org/a/b.git",
                vec![],
            ),
            ("https://user:{{password}}@h.example.com", vec![]),
            ("https://<user>:<password>@h.example.com", vec![]),
            ("https://USER:PASSWORD@h.example.com", vec![]),
            ("https://user@h.example.com", vec![]),
            ("ssh://git@h.example.com:7999/a/b.git", vec![]),
            ("git@bitbucket.org:team/a.git", vec![]),
            ("https://h.example.com:8443/a@b", vec![]),
            ("postgres://postgres:postgres@localhost:5432/test", vec![]),
            ("amqp://guest:guest@127.0.0.1", vec![]),
            ("://", vec![]),
        ] {
            let found: Vec<_> = passwords(line)
                .map(|span| &line[span.start..span.end])
                .collect();
            assert_eq!(found, expected, "{line}");
        }
    }
}
