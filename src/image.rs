//! Names of container images.

use std::fmt;
use std::str::FromStr;

use miette::Diagnostic;
use thiserror::Error;

use crate::visible::one_line;

/// An image: `[REGISTRY/]NAME[:TAG][@DIGEST]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference(String);

/// Text that names no image, or not the one that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum ImageError {
    /// No image at all.
    #[error("`{0}` is no name of an image")]
    #[diagnostic(help("write it as REGISTRY/NAME:TAG"))]
    NoImage(String),
    /// An image that is another one tomorrow.
    #[error("the image `{image}` has no fixed version")]
    #[diagnostic(help("write it with its tag or digest, for example `{image}:1.2.3`", image = without_latest(image)))]
    NoVersion {
        /// The image.
        image: String,
    },
}

impl ImageReference {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag or digest, where there is one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        let last = self.0.rsplit('/').next().unwrap_or_default();
        last.split_once(['@', ':']).map(|(_, version)| version)
    }

    /// The image, where it is the same one tomorrow.
    ///
    /// # Errors
    /// Where it has no tag and no digest, or `latest`.
    pub fn fixed(self) -> Result<Self, ImageError> {
        match self.version() {
            None | Some("latest") => Err(ImageError::NoVersion { image: self.0 }),
            Some(_) => Ok(self),
        }
    }
}

impl FromStr for ImageReference {
    type Err = ImageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-._/:@".contains(c);
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let is_good = text.chars().all(is_part)
            && ends(text.chars().next())
            && ends(text.chars().last())
            && !text.contains("//")
            && text.len() <= 512;
        match is_good {
            true => Ok(Self(text.to_owned())),
            false => Err(ImageError::NoImage(one_line(text, 100))),
        }
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn without_latest(image: &str) -> &str {
    image.strip_suffix(":latest").unwrap_or(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_behind_the_name_and_not_the_registrys_port() {
        let version = |text: &str| {
            let image: ImageReference = text.parse().unwrap();
            image.version().map(str::to_owned)
        };
        assert_eq!(version("registry.example.com:5000/a/b"), None);
        assert_eq!(
            version("registry.example.com:5000/a/b:1.0").as_deref(),
            Some("1.0")
        );
        assert_eq!(version("b@sha256:00ff").as_deref(), Some("sha256:00ff"));
        for bad in ["", " ", "a b", ":1", "a:", "a//b", "-a", "a\n"] {
            assert!(bad.parse::<ImageReference>().is_err(), "{bad:?}");
        }
        assert!(
            "a:latest"
                .parse::<ImageReference>()
                .unwrap()
                .fixed()
                .is_err()
        );
    }
}
