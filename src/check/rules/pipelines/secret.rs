//! Secrets in a text: those that are known by their look, what is given to a name that says so, and
//! passwords in addresses.
//!
//! It reads lines, not a tree: what can't be read as YAML may hold secrets too.

use super::address;
use super::literal::{is_literal, is_secret_name};
use crate::document::Span;

/// A secret and how it was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) struct WrittenSecret {
    pub(in crate::check) span: Span,
    pub(super) known: Known,
}

/// How a secret was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::check) enum Known {
    /// By its own look: what it is.
    Look(&'static str),
    /// By the name of the shell variable that it is given to: the name's place.
    Shell(Span),
    /// By its place in an address.
    Address,
    /// By the key in front of it. Whether that is a mistake the tree has to say.
    Key,
}

/// A look: what it begins with, how long it is at least, what it is.
const LOOKS: [(&str, usize, &str); 27] = [
    ("AKIA", 20, "an AWS access key"),
    ("ASIA", 20, "an AWS access key"),
    ("ghp_", 40, "a GitHub token"),
    ("gho_", 40, "a GitHub token"),
    ("ghu_", 40, "a GitHub token"),
    ("ghs_", 40, "a GitHub token"),
    ("ghr_", 40, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 26, "a GitLab token"),
    ("xoxb-", 24, "a Slack token"),
    ("xoxp-", 24, "a Slack token"),
    ("xoxa-", 24, "a Slack token"),
    ("xoxs-", 24, "a Slack token"),
    ("xapp-", 24, "a Slack token"),
    ("sk_live_", 24, "a Stripe key"),
    ("rk_live_", 24, "a Stripe key"),
    ("npm_", 40, "an npm token"),
    ("pypi-AgE", 50, "a token of a Python package index"),
    ("dckr_pat_", 24, "a Docker Hub token"),
    ("AIza", 39, "a Google API key"),
    ("ya29.", 30, "a Google token"),
    ("SG.", 60, "a SendGrid key"),
    ("ATATT3", 40, "an Atlassian token"),
    ("ATBB", 24, "a Bitbucket app password"),
    ("hvs.", 24, "a Vault token"),
    ("sk-ant-", 30, "an API key"),
    ("eyJ", 60, "a JSON web token"),
];

const KEY_BEGINS: &str = "-----BEGIN ";
const KEY_ENDS: &str = "-----END ";
/// Bytes of the name between `BEGIN` and the dashes, with room to spare.
const LONGEST_HEAD: usize = 64;

/// Every secret of a text, in the order of the text.
pub(super) fn written(text: &str) -> Vec<WrittenSecret> {
    let mut found = Vec::new();
    private_keys(text, &mut found);
    let mut line_start = 0;
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let start = line_start;
        line_start += line.len();
        let body = line.trim_end();
        let indent = body.len() - body.trim_start().len();
        let of_line = found.len();
        words(body, start, &mut found);
        if let Some(outer) = block {
            if indent > outer && !body.is_empty() {
                found.push(WrittenSecret {
                    span: Span::new(start + indent, start + body.len()),
                    known: Known::Key,
                });
                continue;
            }
            block = block.filter(|_| body.is_empty());
        }
        if given(body, start, &mut found) {
            block = Some(indent);
        }
        in_addresses(body, start, of_line, &mut found);
    }
    found.sort_by_key(|found| found.span);
    found
}

/// What lies between `BEGIN … PRIVATE KEY` and `END`.
fn private_keys(text: &str, found: &mut Vec<WrittenSecret>) {
    let mut from = 0;
    while let Some(at) = text[from..].find(KEY_BEGINS) {
        let begin = from + at;
        from = begin + KEY_BEGINS.len();
        let head = &text[from..text.floor_char_boundary(from + LONGEST_HEAD)];
        let Some(name) = head
            .find("-----")
            .filter(|&end| head[..end].ends_with("PRIVATE KEY"))
        else {
            continue;
        };
        let key = from + name + "-----".len();
        let end = match text[key..].find(KEY_ENDS) {
            Some(at) => key + at,
            None => text.len(),
        };
        let key = Span::new(begin, text[..end].trim_end().len().max(key));
        found.push(WrittenSecret {
            span: key,
            known: Known::Look("a private key"),
        });
        from = end;
    }
}

/// The words of a line that look like a secret.
fn words(line: &str, start: usize, found: &mut Vec<WrittenSecret>) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.+/".contains(c);
    let mut at = 0;
    for word in line.split(|c| !is_part(c)) {
        let begin = at;
        // Every character between two words is one of its own.
        at += word.len();
        at += line[at..].chars().next().map_or(0, char::len_utf8);
        let Some((_, _, what)) = LOOKS
            .iter()
            .find(|(look, least, _)| word.len() >= *least && word.starts_with(look))
        else {
            continue;
        };
        let is_real = match *what {
            "an AWS access key" => {
                word.len() == 20
                    && word
                        .bytes()
                        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            }
            "a JSON web token" => word.matches('.').count() == 2 && word.contains(".eyJ"),
            _ => true,
        };
        if is_real && is_literal(word) {
            found.push(WrittenSecret {
                span: Span::new(start + begin, start + begin + word.len()),
                known: Known::Look(what),
            });
        }
    }
}

/// The passwords of a line's addresses that nothing else has told already, from `of_line` on.
fn in_addresses(line: &str, start: usize, of_line: usize, found: &mut Vec<WrittenSecret>) {
    for password in address::passwords(line) {
        let span = Span::new(start + password.start, start + password.end);
        let is_told =
            |other: &WrittenSecret| other.span.start < span.end && span.start < other.span.end;
        if !found[of_line..].iter().any(is_told) {
            found.push(WrittenSecret {
                span,
                known: Known::Address,
            });
        }
    }
}

/// What a line gives to names that say that it is a secret; whether a block of such text begins.
fn given(line: &str, start: usize, found: &mut Vec<WrittenSecret>) -> bool {
    let is_comment = line.trim_start().starts_with('#');
    let mut from = 0;
    while let Some(at) = line[from..].find(['=', ':']) {
        let sign = from + at;
        from = sign + 1;
        let Some(name) = name_before(line, sign) else {
            continue;
        };
        if !is_secret_name(&line[name.start..name.end]) {
            continue;
        }
        let is_shell = line[sign..].starts_with('=');
        let Some(value) = value_behind(line, sign + 1, is_shell) else {
            continue;
        };
        let text = &line[value.start..value.end];
        if !is_shell && text.starts_with(['|', '>']) {
            return true;
        }
        if is_literal(text) {
            let known = match is_shell && !is_comment {
                true => Known::Shell(Span::new(start + name.start, start + name.end)),
                false => Known::Key,
            };
            found.push(WrittenSecret {
                span: Span::new(start + value.start, start + value.end),
                known,
            });
        }
        // A quote that is open at the end of the line: the secret goes on.
        if !is_shell && value.end == line.len() && line[..value.start].ends_with(['"', '\'']) {
            return true;
        }
        from = value.end.max(from);
    }
    false
}

fn name_before(line: &str, sign: usize) -> Option<Span> {
    const LONGEST: usize = 100;
    let before = line[..sign].trim_end();
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let length = before
        .bytes()
        .rev()
        .take(LONGEST)
        .take_while(|byte| is_part(byte))
        .count();
    (length > 0).then(|| Span::new(before.len() - length, before.len()))
}

/// The value without its quotes and without what belongs to the line only.
fn value_behind(line: &str, from: usize, is_shell: bool) -> Option<Span> {
    let rest = &line[from..];
    let blanks = rest.len() - rest.trim_start().len();
    if (is_shell && blanks > 0) || (!is_shell && blanks == 0) {
        return None;
    }
    let begin = from + blanks;
    let rest = &line[begin..];
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let length = rest[1..].find(quote).unwrap_or(rest.len() - 1);
        return Some(Span::new(begin + 1, begin + 1 + length));
    }
    let end = match is_shell {
        true => rest.find(|c: char| c.is_whitespace() || ";&|)\"'".contains(c)),
        false => rest.find(" #").or_else(|| rest.find([',', '}'])),
    };
    let length = rest[..end.unwrap_or(rest.len())].trim_end().len();
    (length > 0).then(|| Span::new(begin, begin + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<&str> {
        let spans = written(text).into_iter().map(|found| found.span);
        spans.map(|span| &text[span.start..span.end]).collect()
    }

    #[test]
    fn secrets_are_known_by_look_and_by_name() {
        for (text, expected) in [
            ("- export NPM_TOKEN=s3cr3t-value", vec!["s3cr3t-value"]),
            (
                "- export NPM_TOKEN=\"s3cr3t value\"; ls",
                vec!["s3cr3t value"],
            ),
            ("- export NPM_TOKEN=$TOKEN", vec![]),
            ("DUPLO_TOKEN: abc-def-123", vec!["abc-def-123"]),
            ("{PASSWORD: hunter2x, OTHER: y}", vec!["hunter2x"]),
            ("PASSWORD: <password>", vec![]),
            ("token-name: web", vec![]),
            (
                "- git clone https://bot:ghp_0123456789abcdefghijABCDEFGHIJ012345@github.com/a",
                vec!["ghp_0123456789abcdefghijABCDEFGHIJ012345"],
            ),
            (
                "- export DB_PASSWORD=a://b:c9c9@d e://f:g9g9@h",
                vec!["a://b:c9c9@d", "g9g9"],
            ),
            (
                "a: glpat-1a2b3c4d5e6f7g8h9i0j",
                vec!["glpat-1a2b3c4d5e6f7g8h9i0j"],
            ),
            (
                "SECRET: |\n  first9\n\n  second8\nb: 1",
                vec!["first9", "second8"],
            ),
            (
                "k: -----BEGIN RSA PRIVATE KEY-----\n abc\n -----END RSA PRIVATE KEY-----",
                vec!["-----BEGIN RSA PRIVATE KEY-----\n abc"],
            ),
            (
                "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
                vec![],
            ),
            (
                "é: ghp_0123456789abcdefghijABCDEFGHIJ012345",
                vec!["ghp_0123456789abcdefghijABCDEFGHIJ012345"],
            ),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
