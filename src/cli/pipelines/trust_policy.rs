//! `pushgate pipelines trust-policy`: the trust policy of an AWS role.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use miette::Diagnostic;
use thiserror::Error;

use super::super::inspection::{read, report};
use super::super::parsed::parsed;
use super::super::reports::ReportArguments;
use super::super::{CommandError, ExitStatus, Invocation, RepositoryArgument, output};
use crate::environment::BITBUCKET_STEP_OIDC_TOKEN;
use crate::pipelines::{
    Account, Claims, Expected, Partition, Provider, Slug, SubjectPattern, TrustPolicy, WorkspaceId,
    inspect_policy,
};
use crate::repository::RepositoryName;

/// The arguments of `pipelines trust-policy`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The AWS account of role and identity provider
    #[arg(long, value_name = "ACCOUNT", value_parser = parsed::<Account>, required_unless_present = "check")]
    account: Option<Account>,
    /// The workspace, as it stands in its address
    #[arg(long, value_name = "WORKSPACE", value_parser = parsed::<Slug>, required_unless_present = "check")]
    workspace: Option<Slug>,
    /// The workspace's UUID, without braces
    #[arg(long, value_name = "UUID", value_parser = parsed::<WorkspaceId>, required_unless_present = "check")]
    workspace_id: Option<WorkspaceId>,
    /// Only pipelines of this repository; may be repeated
    #[arg(long, value_name = "UUID", value_parser = RepositoryArgument::id, conflicts_with = "check")]
    repository: Vec<RepositoryArgument>,
    /// Only tokens whose subject this pattern with `*` and `?` matches; may be repeated
    #[arg(long, value_name = "PATTERN", value_parser = parsed::<SubjectPattern>, conflicts_with = "check")]
    subject: Vec<SubjectPattern>,
    /// The part of AWS
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "PARTITION",
        conflicts_with = "check"
    )]
    partition: PartitionChoice,
    /// Find what the policy in this file leaves open, or never lets in
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// Also hold it against the token in BITBUCKET_STEP_OIDC_TOKEN
    #[arg(long, requires = "check")]
    token: bool,
    #[command(flatten)]
    reports: ReportArguments,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum PartitionChoice {
    /// Nearly all of AWS
    #[default]
    Aws,
    /// GovCloud (US)
    AwsUsGov,
    /// China
    AwsCn,
}

impl From<PartitionChoice> for Partition {
    fn from(choice: PartitionChoice) -> Self {
        match choice {
            PartitionChoice::Aws => Self::Aws,
            PartitionChoice::AwsUsGov => Self::AwsUsGov,
            PartitionChoice::AwsCn => Self::AwsCn,
        }
    }
}

#[derive(Debug, Error, Diagnostic)]
enum TrustPolicyError {
    #[error("BITBUCKET_STEP_OIDC_TOKEN is not set")]
    #[diagnostic(help("run this in a step that has `oidc: true`"))]
    NoToken,
    #[error("`{0}` is a repository's name, and the policy needs its id")]
    #[diagnostic(help(
        "write `--repository UUID` behind `trust-policy`; Bitbucket shows the UUID in the repository's settings \
         under OpenID Connect"
    ))]
    NotAnId(RepositoryName),
    #[error("account, workspace and the workspace's id are needed")]
    #[diagnostic(help("pass `--account`, `--workspace` and `--workspace-id`"))]
    Incomplete,
}

const RESTRICT: &str = "  help: name the repositories that may, `--repository UUID` for each; Bitbucket shows the UUID in the
        repository's settings under OpenID Connect
";

/// How a token is compared with the policy, without showing the token.
const COMPARE: &str = "to see whether it lets a pipeline in, run this in a step with `oidc: true`:
  pushgate pipelines trust-policy --check FILE --token
or print what the step's token says of it, which is no secret:
  echo \"$BITBUCKET_STEP_OIDC_TOKEN\" | cut -d. -f2 | tr '_-' '/+' | base64 -d 2>/dev/null
";

pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    match &arguments.check {
        Some(path) => {
            let expected = expected(invocation, arguments)?;
            let inspected = inspect_policy(read(path)?, &expected);
            report(invocation, &arguments.reports, &inspected)
        }
        None => write(arguments),
    }
}

fn expected(invocation: &Invocation, arguments: &Arguments) -> Result<Expected, CommandError> {
    let token = match arguments.token {
        false => None,
        true => {
            let token = invocation.environment.get(BITBUCKET_STEP_OIDC_TOKEN);
            let token = token.ok_or_else(|| CommandError::usage(TrustPolicyError::NoToken))?;
            Some(Claims::of_token(token).map_err(CommandError::usage)?)
        }
    };
    Ok(Expected {
        workspace: arguments
            .workspace
            .as_ref()
            .map(|slug| slug.as_str().to_owned()),
        audience: arguments.workspace_id.as_ref().map(WorkspaceId::audience),
        token,
    })
}

fn write(arguments: &Arguments) -> Result<ExitStatus, CommandError> {
    let (Some(account), Some(workspace), Some(id)) = (
        &arguments.account,
        &arguments.workspace,
        &arguments.workspace_id,
    ) else {
        return Err(CommandError::usage(TrustPolicyError::Incomplete));
    };
    let subjects: Vec<SubjectPattern> = arguments
        .repository
        .iter()
        .map(|repository| match repository {
            RepositoryArgument::Id(id) => Ok(SubjectPattern::of_repository(id)),
            RepositoryArgument::Name(name) => {
                Err(CommandError::usage(TrustPolicyError::NotAnId(name.clone())))
            }
        })
        .chain(arguments.subject.iter().cloned().map(Ok))
        .collect::<Result<_, _>>()?;
    let mut distinct: Vec<SubjectPattern> = Vec::new();
    for subject in subjects {
        if !distinct.contains(&subject) {
            distinct.push(subject);
        }
    }
    let is_open = distinct.is_empty();
    let policy = TrustPolicy {
        partition: arguments.partition.into(),
        account: account.clone(),
        provider: Provider {
            workspace: workspace.clone(),
            id: id.clone(),
        },
        subjects: distinct,
    };
    let text = policy
        .document()
        .map_err(|_| CommandError::internal("writing JSON"))?;
    output::out(&text);
    // Not wrapped: commands are copied.
    if is_open {
        output::err(&format!(
            "warning: any repository of the workspace {workspace} may assume this role, also one that is made tomorrow\n{RESTRICT}"
        ));
    }
    output::err(COMPARE);
    Ok(ExitStatus::Fine)
}
