//! Texts with names in them: `?sha1=${sha}`.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::http::Secret;
use crate::nearest::nearest;

use super::encoding::Encoding;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// The commit.
    Sha,
    /// The full name of the branch, `refs/heads/main`.
    Ref,
    /// Its short name.
    Branch,
    /// The repository, `PRJ/hello`.
    Repository,
    /// Its project.
    Project,
    /// Its project in small letters, as Bitbucket writes it in addresses to clone from.
    ProjectLower,
    /// Its slug.
    Slug,
    /// The address that the repository is cloned from.
    CloneUrl,
    /// A secret of the trigger.
    Secret(String),
}

/// The names that are always known.
const FIXED: [(&str, Name); 8] = [
    ("sha", Name::Sha),
    ("ref", Name::Ref),
    ("branch", Name::Branch),
    ("repository", Name::Repository),
    ("project", Name::Project),
    ("project_lower", Name::ProjectLower),
    ("slug", Name::Slug),
    ("clone_url", Name::CloneUrl),
];

/// The names that a trigger's templates may use.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The names of its secrets.
    pub secrets: BTreeSet<String>,
    /// Whether it says where repositories are cloned from.
    pub clone_url: bool,
}

/// A text with names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(Name),
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `${` without its end.
    #[error("`${{` is not closed")]
    Unclosed,
    /// A name that nobody knows.
    #[error("`${{{name}}}` is not known here")]
    Unknown {
        /// The name.
        name: String,
        /// Those that are.
        known: Vec<String>,
    },
    /// `clone_url` is used, but not said.
    #[error("`${{clone_url}}` is not known here")]
    NoCloneUrl,
}

impl TemplateError {
    /// What to write instead.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Unclosed => "close it with `}`; `$${` stands for the characters `${`".to_owned(),
            Self::NoCloneUrl => {
                "add `clone_url: ssh://git@HOST:7999/${project_lower}/${slug}.git` to the trigger"
                    .to_owned()
            }
            Self::Unknown { name, known } => {
                match nearest(name, known.iter().map(String::as_str)) {
                    Some(nearest) => format!("did you mean `${{{nearest}}}`?"),
                    None => format!(
                        "known are {}; other names are secrets: `secrets: {{ {name}: FILE }}`",
                        known
                            .iter()
                            .map(|name| format!("`${{{name}}}`"))
                            .collect::<Vec<_>>()
                            .join(", ")
                    ),
                }
            }
        }
    }
}

impl Known {
    /// Whether a secret may not have this name.
    #[must_use]
    pub fn is_taken(name: &str) -> bool {
        FIXED.iter().any(|(fixed, _)| *fixed == name)
    }

    fn find(&self, name: &str) -> Result<Name, TemplateError> {
        let fixed = FIXED.iter().find(|(fixed, _)| *fixed == name);
        match fixed {
            Some((_, Name::CloneUrl)) if !self.clone_url => Err(TemplateError::NoCloneUrl),
            Some((_, name)) => Ok(name.clone()),
            None if self.secrets.contains(name) => Ok(Name::Secret(name.to_owned())),
            None => {
                let fixed = FIXED.iter().filter(|(_, name)| match name {
                    Name::CloneUrl => self.clone_url,
                    _ => true,
                });
                Err(TemplateError::Unknown {
                    name: name.escape_debug().to_string(),
                    known: fixed
                        .map(|(name, _)| (*name).to_owned())
                        .chain(self.secrets.iter().cloned())
                        .collect(),
                })
            }
        }
    }
}

impl Template {
    /// Reads a template. `$${` stands for the characters `${`; any other `$` for itself.
    ///
    /// # Errors
    /// A name that is not known, or is not closed.
    pub fn parse(text: &str, known: &Known) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('$') {
                plain.push_str(before);
                plain.push_str("${");
                rest = &from[2..];
                continue;
            }
            plain.push_str(before);
            let (name, after) = from[2..].split_once('}').ok_or(TemplateError::Unclosed)?;
            let name = known.find(name)?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Name(name));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// The names in it, in their order.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name),
            Part::Text(_) => None,
        })
    }

    /// The text before the first name.
    #[must_use]
    pub fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The text with what `value` says for every name.
    pub fn fill(&self, mut value: impl FnMut(&Name) -> String) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Name(name) => value(name),
            })
            .collect()
    }
}

/// A text without any name.
impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text, &Known::default())
    }
}

/// What the names stand for in one call.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    /// The commit.
    pub sha: &'a str,
    /// The branch's short name; none where a person asked for the commit and named no branch.
    pub branch: Option<&'a str>,
    /// The repository's project.
    pub project: &'a str,
    /// The repository's slug.
    pub slug: &'a str,
}

/// What the names of secrets stand for.
#[derive(Clone, Copy, Debug)]
pub enum Secrets<'a> {
    /// For themselves: the call is sent.
    Told(&'a BTreeMap<String, Secret>),
    /// For a placeholder: the call is shown.
    Hidden,
}

impl Secrets<'_> {
    fn written(self, name: &str, encoding: Encoding) -> String {
        match self {
            Self::Hidden => Secret::placeholder().to_owned(),
            Self::Told(secrets) => {
                let secret = secrets.get(name).map(Secret::expose).unwrap_or_default();
                match encoding {
                    // What an operator has put into a header is sent as it is.
                    Encoding::Header => secret.to_owned(),
                    encoding => encoding.encode(secret),
                }
            }
        }
    }
}

impl Values<'_> {
    /// The template with its values, each written as it has to be there.
    #[must_use]
    pub fn fill(
        &self,
        template: &Template,
        clone_url: Option<&Template>,
        secrets: Secrets<'_>,
        encoding: Encoding,
    ) -> String {
        template.fill(|name| match name {
            Name::Secret(name) => secrets.written(name, encoding),
            name => encoding.encode(&self.of(name, clone_url, secrets)),
        })
    }

    fn of(&self, name: &Name, clone_url: Option<&Template>, secrets: Secrets<'_>) -> String {
        match name {
            Name::Sha => self.sha.to_owned(),
            Name::Ref => self
                .branch
                .map(|branch| format!("refs/heads/{branch}"))
                .unwrap_or_default(),
            Name::Branch => self.branch.unwrap_or_default().to_owned(),
            Name::Repository => format!("{}/{}", self.project, self.slug),
            Name::Project => self.project.to_owned(),
            Name::ProjectLower => self.project.to_lowercase(),
            Name::Slug => self.slug.to_owned(),
            Name::CloneUrl => clone_url
                .map(|template| self.fill(template, None, secrets, Encoding::Percent))
                .unwrap_or_default(),
            Name::Secret(name) => secrets.written(name, Encoding::Plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_dollars_stay() {
        let known = Known {
            secrets: BTreeSet::from(["token".to_owned()]),
            clone_url: false,
        };
        let template = Template::parse("a$b ${sha} $${x} ${token}$", &known).unwrap();
        let names: Vec<_> = template.names().collect();
        assert_eq!(names, [&Name::Sha, &Name::Secret("token".to_owned())]);
        assert_eq!(template.fill(|_| "*".to_owned()), "a$b * ${x} *$");
        assert_eq!(template.beginning(), "a$b ");
        for (text, message, help) in [
            ("${sha", "`${` is not closed", "close it with `}`"),
            (
                "${shaa}",
                "`${shaa}` is not known here",
                "did you mean `${sha}`?",
            ),
            (
                "${tocken}",
                "`${tocken}` is not known here",
                "did you mean `${token}`?",
            ),
            (
                "${api_key}",
                "`${api_key}` is not known here",
                "`secrets: { api_key: FILE }`",
            ),
            (
                "${clone_url}",
                "`${clone_url}` is not known here",
                "add `clone_url: ",
            ),
        ] {
            let error = Template::parse(text, &known).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert!(error.advice().contains(help), "{}", error.advice());
        }
    }
}
