//! `pushgate gimlet`: the settings and the manifest of a Gimlet server with Bitbucket Server.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::colour::columns;
use super::inspection::{read, report};
use super::parsed::parsed;
use super::reports::ReportArguments;
use super::{CommandError, ExitStatus, Invocation, new_file, output};
use crate::document::Source;
use crate::gimlet::{self, Deployment, Variable};
use crate::image::ImageReference;
use crate::report::hanging;
use crate::visible::visible;
use crate::work_tree::shown;

/// The actions of `gimlet`.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Check the settings of a server: in the environment, a dotenv file or a Kubernetes manifest
    Env(Env),
    /// Write the manifest that deploys a server to Kubernetes
    Manifest(Box<Manifest>),
}

/// The arguments of `gimlet env`.
#[derive(Debug, Args)]
pub(super) struct Env {
    /// A dotenv file or a Kubernetes manifest [default: the environment of this process]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// What the file is [default: told by its name]
    #[arg(long, value_enum, value_name = "FORM", requires = "file")]
    form: Option<Form>,
    /// Only list the variables and what each of them is for
    #[arg(long, conflicts_with_all = ["file", "format", "output_file"])]
    list: bool,
    #[command(flatten)]
    reports: ReportArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// Lines `NAME=value`
    Dotenv,
    /// YAML or JSON that Kubernetes takes
    Kubernetes,
}

/// The arguments of `gimlet manifest`.
#[derive(Debug, Args)]
pub(super) struct Manifest {
    /// The image of the server, with its tag or digest
    #[arg(long, value_name = "IMAGE", value_parser = parsed::<ImageReference>)]
    image: ImageReference,
    /// Gimlet's own address
    #[arg(long, value_name = "URL")]
    host: String,
    /// The address of Bitbucket Server
    #[arg(long, value_name = "URL")]
    bitbucket: String,
    /// The name of the objects
    #[arg(long, value_name = "NAME", default_value = "gimlet")]
    name: String,
    /// The namespace
    #[arg(long, value_name = "NAME", default_value = "gimlet")]
    namespace: String,
    /// The port that the server listens on
    #[arg(long, value_name = "PORT", default_value_t = 28000, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// The Secret with user, token, consumer secret and webhook secret
    #[arg(long, value_name = "NAME", default_value = "gimlet-bitbucket")]
    secret: String,
    /// The Secret with the private key, `bitbucket.pem`
    #[arg(
        long,
        value_name = "NAME",
        default_value = "gimlet-bitbucket-privatekey"
    )]
    key_secret: String,
    /// The consumer key of the application link
    #[arg(long, value_name = "KEY", default_value = "OauthKey")]
    consumer_key: String,
    /// How much room the data has
    #[arg(long, value_name = "SIZE", default_value = "1Gi")]
    storage: String,
    /// The storage class [default: the cluster's]
    #[arg(long, value_name = "NAME")]
    storage_class: Option<String>,
    /// Write an Ingress of this class too
    #[arg(long, value_name = "NAME")]
    ingress_class: Option<String>,
    /// The Secret with the certificate of the Ingress
    #[arg(long, value_name = "NAME", requires = "ingress_class")]
    tls_secret: Option<String>,
    /// A new file to write to [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    match action {
        Action::Env(arguments) if arguments.list => {
            output::out(&list());
            Ok(ExitStatus::Fine)
        }
        Action::Env(arguments) => env(invocation, arguments),
        Action::Manifest(arguments) => manifest(arguments),
    }
}

fn env(invocation: &Invocation, arguments: &Env) -> Result<ExitStatus, CommandError> {
    let here = Path::new("");
    let inspected = match &arguments.file {
        None => gimlet::inspect_environment(invocation.environment.all(), &here),
        Some(path) => {
            let source = read(path)?;
            match arguments.form.unwrap_or_else(|| form_of(path, &source)) {
                Form::Dotenv => gimlet::inspect_dotenv(source, &path.parent().unwrap_or(here)),
                Form::Kubernetes => gimlet::inspect_kubernetes(source),
            }
        }
    };
    report(invocation, &arguments.reports, &inspected)
}

fn form_of(path: &Path, source: &Source) -> Form {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    match &*extension {
        "yaml" | "yml" | "json" => Form::Kubernetes,
        _ if extension == "env" || name.starts_with(".env") => Form::Dotenv,
        _ => {
            let is_manifest = source
                .text()
                .lines()
                .any(|line| line.starts_with("apiVersion:") || line.starts_with("kind:"));
            if is_manifest {
                Form::Kubernetes
            } else {
                Form::Dotenv
            }
        }
    }
}

fn list() -> String {
    let width = Variable::ALL
        .map(|variable| variable.name().len())
        .into_iter()
        .max();
    let width = width.unwrap_or_default() + 2;
    let columns = columns(&std::io::stdout()).unwrap_or(100);
    let lines = Variable::ALL.map(|variable| {
        let meaning = hanging(variable.meaning(), Some(columns), width);
        format!("{:width$}{meaning}\n", variable.name())
    });
    lines.concat()
}

fn manifest(arguments: &Manifest) -> Result<ExitStatus, CommandError> {
    let deployment = Deployment {
        image: arguments.image.clone(),
        host: arguments.host.clone(),
        bitbucket: arguments.bitbucket.clone(),
        name: arguments.name.clone(),
        namespace: arguments.namespace.clone(),
        port: arguments.port,
        secret: arguments.secret.clone(),
        key_secret: arguments.key_secret.clone(),
        consumer_key: arguments.consumer_key.clone(),
        storage: arguments.storage.clone(),
        storage_class: arguments.storage_class.clone(),
        ingress_class: arguments.ingress_class.clone(),
        tls_secret: arguments.tls_secret.clone(),
    };
    let text = deployment.manifest().map_err(CommandError::usage)?;
    let Some(path) = &arguments.output else {
        output::out(&text);
        return Ok(ExitStatus::Fine);
    };
    new_file::write(path, &text)?;
    output::out(&format!(
        "wrote {path}\nits first lines say how the Secrets are made; `pushgate gimlet env --file {path}` checks it\n",
        path = visible(&shown(path))
    ));
    Ok(ExitStatus::Fine)
}
