//! Why a file could not be read or written, in plain words.

use std::io::{Error, ErrorKind};

/// What the system says, without its error numbers: a sentence's second half.
#[must_use]
pub fn io_reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "this user has no permission for it".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the disk can only be read".to_owned(),
        ErrorKind::InvalidData => "its content is not UTF-8 text".to_owned(),
        _ => {
            let text = error.to_string();
            let words = text.split(" (os error ").next().unwrap_or_default();
            words.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_numbers_are_nobodys_concern() {
        let missing = Error::from_raw_os_error(2);
        assert_eq!(io_reason(&missing), "there is no such file");
        assert!(!io_reason(&Error::from_raw_os_error(5)).contains("os error"));
    }
}
