//! Who a pipeline is, as AWS is told: account, workspace, repositories (facts about Bitbucket, §4.2).

use std::fmt;
use std::str::FromStr;

use miette::Diagnostic;
use thiserror::Error;

use crate::visible::one_line;

/// Text that names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum IdentityError {
    /// What documents write where a value is still to come.
    #[error("`{0}` still stands for the value itself")]
    #[diagnostic(help("put your own in its place, without the braces"))]
    Placeholder(String),
    /// No account of AWS.
    #[error("`{0}` is no AWS account")]
    #[diagnostic(help(
        "it has 12 digits: `aws sts get-caller-identity --query Account` prints it"
    ))]
    Account(String),
    /// No workspace, and no repository.
    #[error("`{0}` is the name of no workspace or repository")]
    #[diagnostic(help(
        "write the part of https://bitbucket.org/WORKSPACE/REPOSITORY that is meant"
    ))]
    Slug(String),
    /// A workspace's id in braces, which the audience of a token has not.
    #[error("the workspace's id stands in braces, and the audience has none")]
    #[diagnostic(help("write it without them: {0}"))]
    Braces(String),
    /// No id.
    #[error("`{0}` is no id")]
    #[diagnostic(help(
        "it is a UUID such as 3fa85f64-5717-4562-b3fc-2c963f66afa6; Bitbucket shows those of the workspace and \
         the repository in the repository's settings under OpenID Connect"
    ))]
    Id(String),
    /// A pattern that matches nothing, or everything.
    #[error("the subject `{0}` lets every repository of the workspace in")]
    #[diagnostic(help(
        "begin it with a repository: `{{REPOSITORY-UUID}}:*`; without `--subject` and `--repository` the policy \
         is as open, and says so"
    ))]
    AnySubject(String),
    /// A pattern over repositories' ids, which are given by chance.
    #[error("the subject `{0}` lets every repository in whose id happens to fit")]
    #[diagnostic(help(
        "write the whole id of the repository before the first `*` or `?`: `{{REPOSITORY-UUID}}:*`; repeat \
         `--subject` for more"
    ))]
    SeveralSubjects(String),
}

/// An account of AWS: 12 digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account(String);

impl FromStr for Account {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        no_placeholder(text)?;
        // People copy it with its hyphens, 1234-5678-9012, from the console.
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        match digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(Self(digits)),
            false => Err(IdentityError::Account(one_line(text, 60))),
        }
    }
}

/// A part of AWS with its own accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partition {
    /// Nearly all of it.
    #[default]
    Aws,
    /// The US government's.
    AwsUsGov,
    /// China's.
    AwsCn,
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "aws",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsCn => "aws-cn",
        })
    }
}

/// The short name of a workspace or repository, as it stands in addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        no_placeholder(text)?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_good = !text.is_empty() && text.len() <= 128 && text.chars().all(is_part);
        // Two dots alone would lead to another path.
        match is_good && !text.chars().all(|c| c == '.') {
            true => Ok(Self(text.to_owned())),
            false => Err(IdentityError::Slug(one_line(text, 60))),
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A workspace's UUID, without braces: the audience has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceId(String);

impl WorkspaceId {
    /// The audience of the workspace's tokens.
    #[must_use]
    pub fn audience(&self) -> String {
        format!("{}{}", Provider::AUDIENCE, self.0)
    }
}

impl FromStr for WorkspaceId {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(bare) = bare(text).filter(|bare| *bare != text) {
            return Err(IdentityError::Braces(bare.to_ascii_lowercase()));
        }
        no_placeholder(text)?;
        match is_uuid(text) {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err(IdentityError::Id(one_line(text, 60))),
        }
    }
}

/// A repository's UUID. Subjects have it in braces; it is taken with and without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryId(String);

impl FromStr for RepositoryId {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match bare(text) {
            Some(bare) => Ok(Self(bare.to_ascii_lowercase())),
            None => {
                no_placeholder(text)?;
                Err(IdentityError::Id(one_line(text, 60)))
            }
        }
    }
}

/// How many repositories a pattern over subjects lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of the workspace.
    Any,
    /// Each whose id happens to fit, and ids are given by chance: also one that somebody makes
    /// tomorrow.
    Several,
    /// The one that it names.
    One,
}

/// A pattern of `StringLike` over a token's subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectPattern(String);

impl SubjectPattern {
    /// The pattern.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// All pipelines of one repository, whatever their environment.
    #[must_use]
    pub fn of_repository(repository: &RepositoryId) -> Self {
        Self(format!("{{{}}}:*", repository.0))
    }

    /// Which repositories' tokens it matches.
    #[must_use]
    pub fn reach(pattern: &str) -> Reach {
        let first = pattern.split(':').next().unwrap_or_default();
        let is_wild = |c| matches!(c, '*' | '?');
        // A wildcard behind the closing brace belongs to what follows the repository.
        let repository = first.find('}').map_or(first, |end| &first[..=end]);
        if first.chars().all(|c| is_wild(c) || "{-}".contains(c)) {
            Reach::Any
        } else if repository.contains(is_wild) || (!first.contains('}') && first.contains(is_wild))
        {
            Reach::Several
        } else {
            Reach::One
        }
    }
}

impl FromStr for SubjectPattern {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_placeholder = text.to_ascii_lowercase().contains("uuid}");
        if is_placeholder {
            return Err(IdentityError::Placeholder(one_line(text, 100)));
        }
        match Self::reach(text) {
            Reach::Any => Err(IdentityError::AnySubject(one_line(text, 100))),
            Reach::Several => Err(IdentityError::SeveralSubjects(one_line(text, 100))),
            Reach::One => Ok(Self(text.to_owned())),
        }
    }
}

/// The identity provider of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The workspace's slug.
    pub workspace: Slug,
    /// Its UUID.
    pub id: WorkspaceId,
}

impl Provider {
    /// What stands before the workspace in the provider's name.
    pub(super) const BEFORE: &'static str = "api.bitbucket.org/2.0/workspaces/";
    /// What stands behind it.
    pub(super) const BEHIND: &'static str = "/pipelines-config/identity/oidc";
    /// What stands before the workspace's id in the audience.
    pub(super) const AUDIENCE: &'static str = "ari:cloud:bitbucket::workspace/";

    /// The provider's name: its address without `https://`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{}{}", Self::BEFORE, self.workspace, Self::BEHIND)
    }

    /// Its ARN in an account.
    #[must_use]
    pub fn arn(&self, partition: Partition, account: &Account) -> String {
        format!(
            "arn:{partition}:iam::{}:oidc-provider/{}",
            account.0,
            self.name()
        )
    }
}

/// Whether a text stands for a value that is still to come, as in documents.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let is_marked = |open, close| text.contains(open) && text.contains(close);
    (is_marked('{', '}') && bare(text).is_none()) || is_marked('<', '>') || text.starts_with('$')
}

fn no_placeholder(text: &str) -> Result<(), IdentityError> {
    match is_placeholder(text) {
        true => Err(IdentityError::Placeholder(one_line(text, 60))),
        false => Ok(()),
    }
}

/// A UUID without the braces that may stand around it.
fn bare(text: &str) -> Option<&str> {
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    is_uuid(inner).then_some(inner)
}

pub(super) fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_one_repository_or_is_open() {
        for open in [
            "",
            "*",
            "{*}:*",
            "*:*",
            "?*",
            "{*",
            "{*-*}:*",
            "{????????-????-????-????-????????????}:*",
            "*:{3fa85f64-5717-4562-b3fc-2c963f66afa6}",
        ] {
            assert_eq!(SubjectPattern::reach(open), Reach::Any, "{open}");
        }
        for several in [
            "{3fa8*}:*",
            "*a*",
            "{*4*}:*",
            "*afa6}:*",
            "{?fa85f64-5717-4562-b3fc-2c963f66afa6}:*",
            "*{3fa85f64-5717-4562-b3fc-2c963f66afa6}:*",
            "*${api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc:sub}",
            "{3fa85f64-5717-4562-b3fc-2c963f66afa*",
        ] {
            assert_eq!(SubjectPattern::reach(several), Reach::Several, "{several}");
        }
        for one in [
            "{3fa85f64-5717-4562-b3fc-2c963f66afa6}:*",
            "{3fa85f64-5717-4562-b3fc-2c963f66afa6}*",
            "{3fa85f64-5717-4562-b3fc-2c963f66afa6}:{*}:?",
        ] {
            assert_eq!(SubjectPattern::reach(one), Reach::One, "{one}");
        }
    }
}
