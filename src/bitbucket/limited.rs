//! Text within the limits of a server that counts as Java does, in units of UTF-16.

/// What stands at the end of text that was cut.
const CUT: char = '…';

/// The text, cut to at most `most` units, with an ellipsis where it was cut. No character is cut in
/// two.
pub(super) fn limited(text: &str, most: usize) -> String {
    let whole: usize = text.chars().map(char::len_utf16).sum();
    if whole <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(CUT.len_utf16()) else {
        return String::new();
    };
    let mut used = 0;
    let kept = text.chars().take_while(|c| {
        used += c.len_utf16();
        used <= room
    });
    kept.chain([CUT]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_stays_as_it_is() {
        assert_eq!(limited("abc", 3), "abc");
        assert_eq!(limited("abcd", 3), "ab…");
        // A character of two units: half of it would be no text.
        assert_eq!(limited("a😀b", 4), "a😀b");
        assert_eq!(limited("a😀bc", 4), "a😀…");
        assert_eq!(limited("a😀bc", 3), "a…");
        assert_eq!(limited("abc", 0), "");
    }

    proptest! {
        #[test]
        fn no_text_is_longer_than_allowed(text in ".{0,40}", most in 0_usize..30) {
            let cut = limited(&text, most);
            prop_assert!(cut.encode_utf16().count() <= most);
            prop_assert!(cut == text || cut.is_empty() || cut.ends_with('…'));
        }
    }
}
