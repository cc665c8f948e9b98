//! The deployment manifest that Gimlet's page leaves empty.
//!
//! Port, probe, volume and the Secrets' names are those of Gimlet's own Helm chart (facts about Gimlet, §5).

use miette::Diagnostic;
use thiserror::Error;

use super::address::Address;
use super::variable::Variable;
use crate::image::{ImageError, ImageReference};
use crate::visible::one_line;
use crate::yaml_text::yaml_text as quoted;

/// Where the key's Secret is mounted.
const KEY_FOLDER: &str = "/var/lib/gimlet/bitbucket";
const KEY_FILE: &str = "bitbucket.pem";
const DATA_FOLDER: &str = "/var/lib/gimlet/data";

/// What of the manifest is not the same everywhere.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The server's image with its tag or digest.
    pub image: ImageReference,
    /// Gimlet's own address.
    pub host: String,
    /// The address of Bitbucket Server.
    pub bitbucket: String,
    /// The name of the Deployment, the Service and the volume claim.
    pub name: String,
    /// The namespace of everything.
    pub namespace: String,
    /// The port that Gimlet listens on.
    pub port: u16,
    /// The Secret with user, token, consumer secret and webhook secret.
    pub secret: String,
    /// The Secret with the private key.
    pub key_secret: String,
    /// The consumer key of the application link.
    pub consumer_key: String,
    /// How much room the data has, as Kubernetes writes it.
    pub storage: String,
    /// The storage class; the cluster's default where none is named.
    pub storage_class: Option<String>,
    /// The class of an Ingress for the host; none is written where none is named.
    pub ingress_class: Option<String>,
    /// The Secret with the TLS certificate of the Ingress.
    pub tls_secret: Option<String>,
}

/// Values of which no manifest can be made.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum ManifestError {
    /// Something else than an image of a fixed version.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Image(#[from] ImageError),
    /// Text that Kubernetes takes for no name.
    #[error("`{value}` can't be the value of `--{option}`")]
    #[diagnostic(help(
        "Kubernetes takes small letters, digits and `-`, at most 63 of them, with a letter or digit at both ends"
    ))]
    NoName {
        /// The option.
        option: &'static str,
        /// What was given.
        value: String,
    },
    /// Text that is no size of a volume.
    #[error("`{0}` is no size of a volume")]
    #[diagnostic(help("write it as a whole number with `Mi`, `Gi` or `Ti`, for example `1Gi`"))]
    NoSize(String),
    /// Text that is no address.
    #[error("`{value}` can't be the value of `--{option}`: it is no address of a server")]
    #[diagnostic(help("write it as https://HOST[:PORT][/PATH]"))]
    NoAddress {
        /// The option.
        option: &'static str,
        /// What was given.
        value: String,
    },
}

impl Deployment {
    /// The manifest as YAML: a volume claim, a Deployment, a Service and, where it is asked for, an Ingress.
    ///
    /// # Errors
    /// Where a value can't stand in a manifest.
    pub fn manifest(&self) -> Result<String, ManifestError> {
        self.prove()?;
        let mut text = self.head();
        text.push_str(&self.claim());
        text.push_str(&self.deployment());
        text.push_str(&self.service());
        text.push_str(&self.ingress()?);
        Ok(text)
    }

    fn prove(&self) -> Result<(), ManifestError> {
        self.image.clone().fixed()?;
        let names = [
            ("name", Some(&self.name)),
            ("namespace", Some(&self.namespace)),
            ("secret", Some(&self.secret)),
            ("key-secret", Some(&self.key_secret)),
            ("storage-class", self.storage_class.as_ref()),
            ("ingress-class", self.ingress_class.as_ref()),
            ("tls-secret", self.tls_secret.as_ref()),
        ];
        for (option, name) in names {
            if let Some(name) = name.filter(|name| !is_label(name)) {
                let value = one_line(name, 100);
                return Err(ManifestError::NoName { option, value });
            }
        }
        let number = self
            .storage
            .trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = &self.storage[number.len()..];
        if !number.parse::<u32>().is_ok_and(|number| number > 0)
            || !matches!(unit, "Mi" | "Gi" | "Ti")
        {
            return Err(ManifestError::NoSize(one_line(&self.storage, 100)));
        }
        for (option, value) in [("host", &self.host), ("bitbucket", &self.bitbucket)] {
            address(option, value)?;
        }
        Ok(())
    }

    fn head(&self) -> String {
        let Self {
            namespace,
            secret,
            key_secret,
            ..
        } = self;
        let secrets: Vec<&str> = Variable::ALL
            .into_iter()
            .filter(|&variable| is_of_secret(variable))
            .map(Variable::name)
            .collect();
        format!(
            "# Gimlet with Bitbucket Server. The Secrets are not in this file; make them once, in the folder of the two
# files, and keep neither file in a repository:
#
#   kubectl create namespace {namespace}
#   kubectl --namespace {namespace} create secret generic {secret} --from-env-file=gimlet.env
#   kubectl --namespace {namespace} create secret generic {key_secret} --from-file={KEY_FILE}
#
# gimlet.env has a line NAME=value for each of
#   {}
",
            secrets.join(", ")
        )
    }

    fn metadata(&self) -> String {
        format!(
            "metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
",
            name = quoted(&self.name),
            namespace = quoted(&self.namespace),
        )
    }

    fn claim(&self) -> String {
        let class = self
            .storage_class
            .as_ref()
            .map_or_else(String::new, |class| {
                format!("  storageClassName: {}\n", quoted(class))
            });
        format!(
            "apiVersion: v1
kind: PersistentVolumeClaim
{metadata}spec:
  accessModes: [ReadWriteOnce]
{class}  resources:
    requests:
      storage: {storage}
---
",
            metadata = self.metadata(),
            storage = quoted(&self.storage),
        )
    }

    fn deployment(&self) -> String {
        let mut env = String::new();
        for variable in Variable::ALL {
            let value = match variable {
                Variable::Host => quoted(self.host.trim_end_matches('/')),
                Variable::Address => quoted(self.bitbucket.trim_end_matches('/')),
                Variable::ConsumerKey => quoted(&self.consumer_key),
                Variable::PrivateKey => quoted(&format!("{KEY_FOLDER}/{KEY_FILE}")),
                Variable::SkipVerify => continue,
                variable => {
                    let name = variable.name();
                    env.push_str(&format!(
                        "            - name: {name}
              valueFrom:
                secretKeyRef:
                  name: {}
                  key: {name}
",
                        quoted(&self.secret)
                    ));
                    continue;
                }
            };
            env.push_str(&format!(
                "            - name: {}\n              value: {value}\n",
                variable.name()
            ));
        }
        format!(
            "apiVersion: apps/v1
kind: Deployment
{metadata}spec:
  replicas: 1
  # The volume can be mounted once: the old pod has to be gone before the new one starts.
  strategy:
    type: Recreate
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      containers:
        - name: gimlet
          image: {image}
          env:
{env}            - name: GIN_MODE
              value: \"release\"
          ports:
            - name: http
              containerPort: {port}
          readinessProbe:
            httpGet:
              path: /ping
              port: http
            periodSeconds: 10
          livenessProbe:
            httpGet:
              path: /ping
              port: http
            initialDelaySeconds: 30
            periodSeconds: 20
            failureThreshold: 3
          volumeMounts:
            - name: data
              mountPath: {DATA_FOLDER}
            - name: private-key
              mountPath: {KEY_FOLDER}
              readOnly: true
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: {name}
        - name: private-key
          secret:
            secretName: {key_secret}
---
",
            metadata = self.metadata(),
            name = quoted(&self.name),
            image = quoted(self.image.as_str()),
            port = self.port,
            key_secret = quoted(&self.key_secret),
        )
    }

    fn service(&self) -> String {
        format!(
            "apiVersion: v1
kind: Service
{metadata}spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
",
            metadata = self.metadata(),
            name = quoted(&self.name),
        )
    }

    fn ingress(&self) -> Result<String, ManifestError> {
        let Some(class) = &self.ingress_class else {
            return Ok(String::new());
        };
        let host = address("host", &self.host)?.host;
        let tls = self.tls_secret.as_ref().map_or_else(String::new, |secret| {
            format!(
                "  tls:
    - hosts: [{}]
      secretName: {}
",
                quoted(host),
                quoted(secret)
            )
        });
        Ok(format!(
            "---
apiVersion: networking.k8s.io/v1
kind: Ingress
{metadata}spec:
  ingressClassName: {class}
{tls}  rules:
    - host: {host}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {name}
                port:
                  name: http
",
            metadata = self.metadata(),
            class = quoted(class),
            host = quoted(host),
            name = quoted(&self.name),
        ))
    }
}

/// What the first Secret holds.
fn is_of_secret(variable: Variable) -> bool {
    variable == Variable::User || (variable.is_secret() && variable != Variable::PrivateKey)
}

fn address<'a>(option: &'static str, value: &'a str) -> Result<Address<'a>, ManifestError> {
    Address::parse(value).map_err(|_| ManifestError::NoAddress {
        option,
        value: crate::http::without_credentials(value),
    })
}

/// A DNS label (RFC 1123), as Kubernetes wants names to be.
fn is_label(name: &str) -> bool {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.len() <= 63
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && is_end(name.chars().next())
        && is_end(name.chars().last())
}
