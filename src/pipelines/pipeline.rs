//! A `bitbucket-pipelines.yml` to begin with: the lint step, and what is asked for beside it.

use miette::Diagnostic;
use thiserror::Error;

use crate::image::{ImageError, ImageReference};
use crate::visible::one_line;
use crate::yaml_text::yaml_text as quoted;

/// The pipe that pushes an image to ECR, as DuploCloud's documentation has it.
const PUSH_PIPE: &str = "atlassian/aws-ecr-push-image:1.6.2";

/// What the file is to do.
#[derive(Clone, Debug)]
pub struct PipelineFile {
    /// An image with pushgate in it, in which the lint step runs.
    pub image: ImageReference,
    /// The branch whose pushes build and deploy.
    pub branch: String,
    /// Whether an image is built, and how.
    pub build: Option<ImageBuild>,
    /// Whether a service is updated, and which.
    pub deploy: Option<Deploy>,
}

/// Building an image and pushing it to ECR, with the step's own token.
#[derive(Clone, Debug)]
pub struct ImageBuild {
    /// The role that the step assumes.
    pub role: String,
    /// The region of the registry.
    pub region: String,
    /// The repository in ECR.
    pub name: String,
}

/// Updating a service of DuploCloud.
#[derive(Clone, Debug)]
pub struct Deploy {
    /// DuploCloud's pipe with its version.
    pub pipe: ImageReference,
    /// The tenant.
    pub tenant: String,
    /// The service.
    pub service: String,
    /// The deployment environment of Bitbucket.
    pub environment: String,
    /// The image without its tag, where it can't be told from what is built.
    pub image: Option<String>,
}

/// Values of which no pipeline can be made.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum PipelineError {
    /// Something else than an image of a fixed version.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Image(#[from] ImageError),
    /// Text that is no role.
    #[error("`{0}` is no ARN of a role")]
    #[diagnostic(help(
        "write it as arn:aws:iam::ACCOUNT:role/NAME, with the 12 digits of the account"
    ))]
    Role(String),
    /// Text that can't stand there.
    #[error("`{value}` can't be the value of `--{option}`")]
    #[diagnostic(help("write letters, digits, and of other characters only those in `{allowed}`"))]
    Value {
        /// The option.
        option: &'static str,
        /// What was given.
        value: String,
        /// What is allowed beside letters and digits.
        allowed: &'static str,
    },
    /// A deployment without an image.
    #[error("it is not known which image is deployed")]
    #[diagnostic(help("name it without its tag: `--deploy-image REGISTRY/NAME`"))]
    NoImage,
}

impl PipelineFile {
    /// The file's text.
    ///
    /// # Errors
    /// Where a value can't stand in it.
    pub fn text(&self) -> Result<String, PipelineError> {
        let image = self.image.clone().fixed()?;
        allowed("branch", &self.branch, "-_./*{},")?;
        let steps = [
            self.build.as_ref().map(ImageBuild::step).transpose()?,
            self.deploy
                .as_ref()
                .map(|deploy| deploy.step(self.build.as_ref()))
                .transpose()?,
        ];
        let steps: String = steps.into_iter().flatten().collect();
        let anchor = match steps.is_empty() {
            true => "",
            false => " &pushgate",
        };
        let mut text = format!(
            "# Every push is checked as the git server's hook does it.
pipelines:
  default:
    - step:{anchor}
        name: pushgate
        image: {image}
        script:
          - mkdir -p test-reports
          - pushgate check --format junit=test-reports/pushgate.xml
",
            image = quoted(image.as_str()),
        );
        if !steps.is_empty() {
            text.push_str(&format!(
                "  branches:
    {}:
      - step: *pushgate
{steps}",
                quoted(&self.branch)
            ));
        }
        Ok(text)
    }
}

impl ImageBuild {
    fn step(&self) -> Result<String, PipelineError> {
        allowed("build-region", &self.region, "-")?;
        allowed("build-name", &self.name, "-_./")?;
        self.account()?;
        Ok(format!(
            "      - step:
          name: image
          # The step's token is what the role's trust policy lets in: `pushgate pipelines trust-policy`.
          oidc: true
          services: [docker]
          script:
            - docker build --tag {name}:$BITBUCKET_COMMIT .
            - pipe: {PUSH_PIPE}
              variables:
                AWS_DEFAULT_REGION: {region}
                AWS_OIDC_ROLE_ARN: {role}
                IMAGE_NAME: {quoted_name}
                TAGS: $BITBUCKET_COMMIT
",
            name = self.name,
            region = quoted(&self.region),
            role = quoted(&self.role),
            quoted_name = quoted(&self.name),
        ))
    }

    /// The account that the role is of.
    fn account(&self) -> Result<&str, PipelineError> {
        let wrong = || PipelineError::Role(one_line(&self.role, 100));
        let (before, name) = self.role.split_once(":role/").ok_or_else(wrong)?;
        let account = before.rsplit(':').next().unwrap_or_default();
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_./+=,@".contains(c));
        let is_arn = before.starts_with("arn:aws") && before.contains(":iam::");
        match is_account && is_name && is_arn {
            true => Ok(account),
            false => Err(wrong()),
        }
    }

    /// Where the image is pushed to.
    fn repository(&self) -> Result<String, PipelineError> {
        let suffix = match self.region.starts_with("cn-") {
            true => ".cn",
            false => "",
        };
        Ok(format!(
            "{}.dkr.ecr.{}.amazonaws.com{suffix}/{}",
            self.account()?,
            self.region,
            self.name
        ))
    }
}

impl Deploy {
    fn step(&self, build: Option<&ImageBuild>) -> Result<String, PipelineError> {
        allowed("deploy-tenant", &self.tenant, "-_.")?;
        allowed("deploy-service", &self.service, "-_.")?;
        allowed("deployment", &self.environment, "-_. ")?;
        let image = match (&self.image, build) {
            (Some(image), _) => {
                allowed("deploy-image", image, "-_./:")?;
                image.clone()
            }
            (None, Some(build)) => build.repository()?,
            (None, None) => return Err(PipelineError::NoImage),
        };
        let pipe = self.pipe.clone().fixed()?;
        Ok(format!(
            "      - step:
          name: deploy
          deployment: {environment}
          script:
            - pipe: docker://{pipe}
              variables:
                # A secured variable: `pushgate pipelines variables ensure DUPLO_TOKEN`.
                DUPLO_TOKEN: $DUPLO_TOKEN
                DUPLO_HOST: $DUPLO_HOST
                TENANT: {tenant}
                SERVICE: {service}
                IMAGE: {image}
",
            environment = quoted(&self.environment),
            tenant = quoted(&self.tenant),
            service = quoted(&self.service),
            image = quoted(&format!("{image}:$BITBUCKET_COMMIT")),
        ))
    }
}

fn allowed(option: &'static str, value: &str, others: &'static str) -> Result<(), PipelineError> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    match !value.trim().is_empty() && value.chars().all(is_part) {
        true => Ok(()),
        false => Err(PipelineError::Value {
            option,
            value: one_line(value, 60),
            allowed: others,
        }),
    }
}
