//! `pushgate pipelines init`: a bitbucket-pipelines.yml to begin with.

use std::path::Path;

use clap::{ArgGroup, Args};

use super::super::parsed::parsed;
use super::super::{CommandError, ExitStatus, Invocation, new_file, output};
use crate::image::ImageReference;
use crate::pipelines::{Deploy, ImageBuild, PipelineFile};
use crate::visible::visible;
use crate::work_tree::{WorkTree, shown};

/// The arguments of `pipelines init`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("steps").args(["build_name", "deploy_service"]).multiple(true)))]
pub(in crate::cli) struct Arguments {
    /// An image with pushgate, git and a shell in it, in which the lint step runs
    #[arg(long, value_name = "IMAGE", value_parser = parsed::<ImageReference>)]
    image: ImageReference,
    /// The branch whose pushes build and deploy
    #[arg(
        long,
        value_name = "BRANCH",
        default_value = "main",
        requires = "steps"
    )]
    branch: String,
    /// Build an image and push it to this repository of ECR, by the step's own token (OIDC)
    #[arg(long, value_name = "NAME", requires_all = ["build_role", "build_region"])]
    build_name: Option<String>,
    /// The AWS role that the step assumes
    #[arg(long, value_name = "ARN", requires = "build_name")]
    build_role: Option<String>,
    /// The AWS region of the repository
    #[arg(long, value_name = "REGION", requires = "build_name")]
    build_region: Option<String>,
    /// Deploy to this service of DuploCloud
    #[arg(long, value_name = "SERVICE", requires = "deploy_tenant")]
    deploy_service: Option<String>,
    /// The tenant of the service
    #[arg(long, value_name = "TENANT", requires = "deploy_service")]
    deploy_tenant: Option<String>,
    /// The image that is deployed, without its tag [default: the one that is built]
    #[arg(long, value_name = "IMAGE", requires = "deploy_service")]
    deploy_image: Option<String>,
    /// The deployment environment of Bitbucket
    #[arg(
        long,
        value_name = "NAME",
        default_value = "staging",
        requires = "deploy_service"
    )]
    deployment: String,
    /// DuploCloud's pipe
    #[arg(
        long,
        value_name = "IMAGE", value_parser = parsed::<ImageReference>,
        default_value = "duplocloud/bitbucket-deploy-pipe:0.1.0", requires = "deploy_service"
    )]
    deploy_pipe: ImageReference,
}

pub(super) fn run(
    _invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let build = match (
        &arguments.build_name,
        &arguments.build_role,
        &arguments.build_region,
    ) {
        (Some(name), Some(role), Some(region)) => Some(ImageBuild {
            role: role.clone(),
            region: region.clone(),
            name: name.clone(),
        }),
        _ => None,
    };
    let deploy = match (&arguments.deploy_service, &arguments.deploy_tenant) {
        (Some(service), Some(tenant)) => Some(Deploy {
            pipe: arguments.deploy_pipe.clone(),
            tenant: tenant.clone(),
            service: service.clone(),
            environment: arguments.deployment.clone(),
            image: arguments.deploy_image.clone(),
        }),
        _ => None,
    };
    let file = PipelineFile {
        image: arguments.image.clone(),
        branch: arguments.branch.clone(),
        build,
        deploy,
    };
    let text = file.text().map_err(CommandError::usage)?;
    let root = WorkTree::around(Path::new(".")).root_from_here();
    let path = root.join("bitbucket-pipelines.yml");
    new_file::write(&path, &text)?;
    let mut lines = format!("wrote {}\n", visible(&shown(&path)));
    if file.build.is_some() {
        lines.push_str(
            "the role lets the step in by its trust policy: `pushgate pipelines trust-policy`\n",
        );
    }
    if file.deploy.is_some() {
        lines.push_str(
            "the deployment needs DUPLO_HOST and the secured DUPLO_TOKEN: `pushgate pipelines variables ensure \
             DUPLO_TOKEN`\n",
        );
    }
    output::out(&lines);
    Ok(ExitStatus::Fine)
}
