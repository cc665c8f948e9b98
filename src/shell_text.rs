//! Text in a command that a shell reads: a hook's script, or a line that somebody copies into one.

use std::path::Path;

/// A text as one word of a POSIX shell: as it is where nothing in it has a meaning there, else in
/// single quotes.
#[must_use]
pub fn shell_text(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:,~".contains(c);
    // Only at the beginning of a word is a tilde somebody's home.
    if !text.is_empty() && !text.starts_with('~') && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A path as [`shell_text`] has it; what is no UTF-8 in it is lost.
#[must_use]
pub fn shell_path(path: &Path) -> String {
    shell_text(&path.to_string_lossy())
}

/// The text of a word that [`shell_text`] has written.
#[must_use]
pub fn text_of_shell(word: &str) -> String {
    match word
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
    {
        Some(inner) => inner.replace(r"'\''", "'"),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_and_means_nothing_else() {
        for (text, word) in [
            ("/usr/local/bin/pushgate", "/usr/local/bin/pushgate"),
            ("~ada/hello", "'~ada/hello'"),
            ("/home/~ada/key.pem", "/home/~ada/key.pem"),
            ("/a folder/it's", r"'/a folder/it'\''s'"),
            ("$(id);`id`", "'$(id);`id`'"),
            ("*", "'*'"),
            ("", "''"),
        ] {
            assert_eq!(shell_text(text), word);
            assert_eq!(text_of_shell(word), text);
        }
    }
}
