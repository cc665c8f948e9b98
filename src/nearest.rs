//! Did you mean: for names that an operator or a user wrote. Keys of pushed documents have a rule of
//! their own in [`check`](crate::check).

/// The candidate nearest to `word`, where at most a third of the letters differ; of equally near ones
/// the first by the alphabet.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|&(distance, candidate)| distance * 3 <= candidate.len().max(word.len()))
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slip_has_a_name_that_was_meant() {
        let known = ["token", "tokens", "secret"];
        for (word, meant) in [
            ("tokne", Some("token")),
            ("tocken", Some("token")),
            ("secert", Some("secret")),
            ("password", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
