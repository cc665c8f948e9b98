//! Did you mean: the name that a misspelt one was probably meant to be.

/// Letters by which long words may differ.
const MOST_DIFFERENT: usize = 3;

/// Names that are compared at most: nobody misspells one key of ten thousand by hand.
const CANDIDATES: usize = 1_000;

/// The candidate nearest to `word`, where one is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain_word = plain(word);
    candidates
        .into_iter()
        .take(CANDIDATES)
        .filter(|candidate| may_be_near(plain_word.len(), candidate))
        .filter_map(|candidate| distance(&plain_word, candidate).map(|far| (far, candidate)))
        .min_by_key(|&(far, _)| far)
        .map(|(_, candidate)| candidate)
}

/// The one candidate that `word` can have been meant to be: the only one that is near, or the only one
/// that differs in nothing but case, `-` and `_`.
pub(super) fn certain<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain_word = plain(word);
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .take(CANDIDATES)
        .filter(|candidate| may_be_near(plain_word.len(), candidate))
        .filter_map(|candidate| distance(&plain_word, candidate).map(|far| (far, candidate)))
        .collect();
    near.sort_unstable();
    near.dedup();
    match near.as_slice() {
        [(_, only)] | [(0, only), (1.., _), ..] => Some(only),
        _ => None,
    }
}

/// Whether the lengths alone leave it open: a push may ask about every key of a large file.
fn may_be_near(plain_word: usize, candidate: &str) -> bool {
    let letters = candidate.bytes().filter(u8::is_ascii_alphanumeric).count();
    // A letter may have more bytes in lower case.
    letters <= plain_word + MOST_DIFFERENT && plain_word <= 2 * candidate.len() + MOST_DIFFERENT
}

/// How many letters differ; none where too many do.
fn distance(plain_word: &str, candidate: &str) -> Option<usize> {
    let plain_candidate = plain(candidate);
    let longest = plain_word.len().max(plain_candidate.len());
    let allowed = match longest {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _ => MOST_DIFFERENT,
    };
    // Comparing is quadratic, and a pushed word may be long.
    if plain_word.len().abs_diff(plain_candidate.len()) > allowed {
        return None;
    }
    Some(strsim::damerau_levenshtein(plain_word, &plain_candidate)).filter(|&far| far <= allowed)
}

/// `serviceName`, `service_name` and `“Service-Name”` are one word.
fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.') && !c.is_whitespace() && !is_quote(*c))
        .flat_map(char::to_lowercase)
        .take(1000)
        .collect()
}

/// Whether a character is one of the quotes that word processors put in.
pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‘' | '’' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let keys = ["identifier", "title", "language", "relations", "env", "tag"];
        for (word, meant) in [
            ("langauge", Some("language")),
            ("Title", Some("title")),
            ("titel", Some("title")),
            ("relation", Some("relations")),
            ("identifer", Some("identifier")),
            ("envs", Some("env")),
            ("“title”", Some("title")),
            ("team", None),
            ("ta", Some("tag")),
            ("description", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), meant, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000), keys), None);
    }

    #[test]
    fn what_may_be_two_things_is_not_certain() {
        let keys = ["push", "tag", "tags", "Tag-s"];
        assert_eq!(certain("psuh", keys), Some("push"));
        assert_eq!(certain("TAG", keys), Some("tag"));
        assert_eq!(certain("tagg", keys), None);
        assert_eq!(certain("TAGS", keys), None);
        assert_eq!(certain("pull", ["push", "pr"]), None);
        assert_eq!(certain("title", ["title", "title"]), Some("title"));
    }
}
