//! The grammar of Gimlet's globs, which are those of `gobwas/glob` without separators: `*`, `?`,
//! `[abc]`, `[a-z]`, `[!a]`, `{one,other}` and `\` before a character that stands for itself.

use std::ops::Range;

/// Why a glob is none, and where.
type Broken = super::broken::Broken<Fault>;

/// What can be wrong with a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `[` without `]`.
    OpenBracket,
    /// `{` without `}`.
    OpenBrace,
    /// `[]`.
    EmptyBrackets,
    /// `[a-z0-9]`: brackets hold one range or single characters.
    SeveralRanges,
    /// `[z-a]`.
    Reversed,
    /// `\` with nothing behind it.
    Backslash,
}

/// Whether `glob` can be read.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn parse(glob: &str) -> Result<(), Broken> {
    let mut braces = Vec::new();
    let mut at = 0;
    while let Some(c) = glob[at..].chars().next() {
        let next = at + c.len_utf8();
        at = match c {
            '\\' => match glob[next..].chars().next() {
                Some(escaped) => next + escaped.len_utf8(),
                None => return Err(broken(at..next, Fault::Backslash)),
            },
            '[' => brackets(glob, at)?,
            '{' => {
                braces.push(at);
                next
            }
            '}' => {
                // Outside of braces it stands for itself.
                braces.pop();
                next
            }
            _ => next,
        };
    }
    match braces.first() {
        Some(&open) => Err(broken(open..open + 1, Fault::OpenBrace)),
        None => Ok(()),
    }
}

/// The offset behind the brackets that open at `open`.
fn brackets(glob: &str, open: usize) -> Result<usize, Broken> {
    let unclosed = || broken(open..open + 1, Fault::OpenBracket);
    let mut at = open + 1;
    if glob[at..].starts_with('!') {
        at += 1;
    }
    let first = glob[at..].chars().next().ok_or_else(unclosed)?;
    let behind = at + first.len_utf8();
    if let Some(rest) = glob[behind..].strip_prefix('-') {
        let last = rest.chars().next().ok_or_else(unclosed)?;
        let close = behind + 1 + last.len_utf8();
        return match glob[close..].chars().next() {
            None => Err(unclosed()),
            Some(']') if last < first => Err(broken(at..close, Fault::Reversed)),
            Some(']') => Ok(close + 1),
            Some(_) => Err(match glob[close..].find(']') {
                Some(end) => broken(open..close + end + 1, Fault::SeveralRanges),
                None => unclosed(),
            }),
        };
    }
    let close = closing(glob, at).ok_or_else(unclosed)?;
    let inside = &glob[at..close];
    if inside.is_empty() {
        return Err(broken(open..close + 1, Fault::EmptyBrackets));
    }
    // Behind the first character a range is read as its three characters.
    let last = inside.len() - inside.chars().next_back().map_or(0, char::len_utf8);
    if !inside.contains('\\') && inside[..last].contains('-') && !inside.starts_with('-') {
        return Err(broken(open..close + 1, Fault::SeveralRanges));
    }
    Ok(close + 1)
}

/// The `]` that ends a list of characters.
fn closing(glob: &str, from: usize) -> Option<usize> {
    let mut escaped = false;
    let found = glob[from..].char_indices().find(|&(_, c)| {
        let is_end = c == ']' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    });
    found.map(|(at, _)| from + at)
}

/// `[a-z0-9_]` as Gimlet reads it: `{[a-z],[0-9],[_]}`.
pub(super) fn as_choice(brackets: &str) -> Option<String> {
    let inside = brackets.strip_prefix('[')?.strip_suffix(']')?;
    if inside.starts_with('!') || inside.contains(['\\', ',', '[', '{', '}']) {
        return None;
    }
    let (mut ranges, mut single) = (Vec::new(), String::new());
    let mut rest = inside.chars().peekable();
    while let Some(first) = rest.next() {
        let mut ahead = rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) if last < first => return None,
            (Some('-'), Some(last)) => {
                ranges.push(format!("[{first}-{last}]"));
                rest = ahead;
            }
            _ => single.push(first),
        }
    }
    if !single.is_empty() {
        ranges.push(format!("[{single}]"));
    }
    Some(format!("{{{}}}", ranges.join(",")))
}

fn broken(at: Range<usize>, fault: Fault) -> Broken {
    Broken { at, fault }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(glob: &str) -> Option<(&str, Fault)> {
        let broken = parse(glob).err()?;
        Some((&glob[broken.at], broken.fault))
    }

    #[test]
    fn what_the_library_takes_is_taken() {
        for glob in [
            "",
            "main",
            "feature/*",
            "{main,master}",
            "{a,{b,c}}",
            "v[0-9]*",
            "[!a-c]?",
            "[abc]",
            "[._-]",
            "[-a]",
            r"\[x\]",
            r"[\]]",
            "a}b",
            "a]b",
            "**",
            "[!!]",
        ] {
            assert_eq!(fault(glob), None, "{glob}");
        }
    }

    #[test]
    fn what_breaks_the_server_is_found_where_it_is() {
        for (glob, at, what) in [
            ("feature/[", "[", Fault::OpenBracket),
            ("[ab", "[", Fault::OpenBracket),
            ("[a-", "[", Fault::OpenBracket),
            ("[a-]", "[", Fault::OpenBracket),
            ("[!", "[", Fault::OpenBracket),
            (r"[\]", "[", Fault::OpenBracket),
            ("x[]", "[]", Fault::EmptyBrackets),
            ("[!]", "[!]", Fault::EmptyBrackets),
            ("v[z-a]", "z-a", Fault::Reversed),
            ("v[a-z0-9]*", "[a-z0-9]", Fault::SeveralRanges),
            ("v[xa-z]", "[xa-z]", Fault::SeveralRanges),
            ("{a,b", "{", Fault::OpenBrace),
            (r"a\", r"\", Fault::Backslash),
        ] {
            assert_eq!(fault(glob), Some((at, what)), "{glob}");
        }
    }

    #[test]
    fn several_ranges_become_a_choice() {
        let choice = as_choice("[a-z0-9_.]").unwrap();
        assert_eq!(choice, "{[a-z],[0-9],[_.]}");
        assert_eq!(parse(&choice), Ok(()));
        assert_eq!(as_choice("[!a-z0-9]"), None);
    }

    /// Globs that are right by construction.
    fn right() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[a-zé/._-]{1,6}",
            Just("*".to_owned()),
            Just("?".to_owned()),
            "[a-m]-[n-z]".prop_map(|range| format!("[{range}]")),
            "!?[a-z]{1,4}".prop_map(|list| format!("[{list}]")),
            r"\\[\[\]{}*?\\]",
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                prop::collection::vec(inner, 1..4)
                    .prop_map(|parts| format!("{{{}}}", parts.join(","))),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn right_globs_are_right_and_broken_ones_are_not(glob in right()) {
            prop_assert_eq!(parse(&glob), Ok(()));
            for (end, what) in [("[", Fault::OpenBracket), ("{", Fault::OpenBrace), ("\\", Fault::Backslash)] {
                let broken = parse(&format!("{glob}{end}")).unwrap_err();
                prop_assert_eq!(broken.at, glob.len()..glob.len() + 1);
                prop_assert_eq!(broken.fault, what);
            }
        }

        #[test]
        fn any_text_is_judged_and_the_place_lies_in_it(glob in r"[\[\]{}!,\-\\*?abé]{0,24}") {
            if let Err(broken) = parse(&glob) {
                prop_assert!(glob.get(broken.at).is_some_and(|part| !part.is_empty()));
            }
        }
    }
}
