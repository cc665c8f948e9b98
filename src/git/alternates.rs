//! The list in `GIT_ALTERNATE_OBJECT_DIRECTORIES`, which git quotes and libgit2 does not unquote.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// The folders of the list, in its order.
///
/// They stand between `:`; one that holds a `:` or starts with `"` is in double quotes, with C's
/// escapes. As in git, quotes that don't end are taken as they are, and `#` starts a comment.
pub(super) fn split(list: &OsStr) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let mut rest = list.as_bytes();
    while !rest.is_empty() {
        let (folder, after) = match unquote(rest) {
            Some((folder, after)) => (folder, after),
            None => plain(rest),
        };
        if !folder.is_empty() && !folder.starts_with(b"#") {
            folders.push(PathBuf::from(OsString::from_vec(folder)));
        }
        rest = after;
    }
    folders
}

fn plain(bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    match memchr::memchr(b':', bytes) {
        Some(end) => (bytes[..end].to_vec(), &bytes[end + 1..]),
        None => (bytes.to_vec(), &[]),
    }
}

/// What stands in quotes at the start, and what follows after the next `:`.
fn unquote(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = bytes.strip_prefix(b"\"")?;
    let mut folder = Vec::new();
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => break,
            b'\\' => {
                let (byte, after) = escape(rest)?;
                folder.push(byte);
                rest = after;
            }
            _ => folder.push(byte),
        }
    }
    match rest.split_first() {
        None => Some((folder, rest)),
        Some((b':', after)) => Some((folder, after)),
        Some(_) => None,
    }
}

/// One escape of C's, without its backslash.
fn escape(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (&letter, rest) = bytes.split_first()?;
    let byte = match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' | b'"' => letter,
        b'0'..=b'3' => {
            let digits = bytes.get(..3)?;
            let mut value = 0;
            for digit in digits {
                if !matches!(digit, b'0'..=b'7') {
                    return None;
                }
                value = value * 8 + (digit - b'0');
            }
            return Some((value, &bytes[3..]));
        }
        _ => return None,
    };
    Some((byte, rest))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::split;

    fn folders(list: &str) -> Vec<PathBuf> {
        split(list.as_ref())
    }

    #[test]
    fn plain_folders_stand_between_colons() {
        assert_eq!(folders("/a:/b c"), ["/a", "/b c"].map(PathBuf::from));
        assert!(folders("").is_empty());
        assert_eq!(folders(":/a::"), [PathBuf::from("/a")]);
    }

    #[test]
    fn quotes_keep_a_colon_and_undo_escapes() {
        assert_eq!(
            folders(r#""/a:b/\"c\\\303\244\n":/d"#),
            ["/a:b/\"c\\ä\n", "/d"].map(PathBuf::from)
        );
    }

    #[test]
    fn quotes_that_do_not_end_are_taken_as_they_are() {
        assert_eq!(folders("\"/a:/b"), ["\"/a", "/b"].map(PathBuf::from));
        assert_eq!(folders(r#""\q":/b"#), [r#""\q""#, "/b"].map(PathBuf::from));
        assert_eq!(
            folders(r#""/a"x:/b"#),
            [r#""/a"x"#, "/b"].map(PathBuf::from)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_split_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = split(&OsString::from_vec(bytes));
        }

        #[test]
        fn what_is_quoted_comes_back(path in "[ -~]{1,20}") {
            let quoted = format!("\"{}\":/next", path.replace('\\', "\\\\").replace('"', "\\\""));
            if !path.starts_with('#') {
                prop_assert_eq!(folders(&quoted), vec![PathBuf::from(path), PathBuf::from("/next")]);
            }
        }
    }
}
