//! Images, their credentials, and pipes, which are images too.

use super::rules::{DUPLO_HOST, FORBIDDEN, LATEST, PIPE};
use super::shape::Shape;
use super::step::find;
use super::walk::{Here, Walk};
use crate::check::words::{code, whole};
use crate::document::{Entry, Span};
use crate::finding::Fix;

static NAME: Shape = Shape::Text {
    least: 0,
    most: usize::MAX,
};

/// What a name says of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    None,
    Latest,
    Fixed,
}

impl<'a> Walk<'_, 'a, '_> {
    pub(super) fn image_name(&mut self, here: Here) {
        let Some(name) = self.document.string(here.used.node) else {
            return self.value(&NAME, here);
        };
        if version(name) == Version::Fixed {
            return;
        }
        let span = self.mark(here);
        self.tell(&LATEST, span, |subject, at| {
            let message = match version(name) {
                Version::Latest => {
                    format!("the image {} changes without notice", code(name))
                }
                _ => format!("the image {} has no tag, which means `latest`", code(name)),
            };
            subject.draft(&LATEST, at, span, message).help(format!(
                "name the version that the pipeline was made for, such as {}",
                whole(&subject.line(at, &with_version(name, "1.2.3")))
            ))
        });
    }

    /// A name alone, with `username` and `password`, or with `aws`.
    pub(super) fn image_object(&mut self, entries: &'a [Entry], here: Here) {
        let (user, password) = (find(entries, "username"), find(entries, "password"));
        match (user, password, find(entries, "aws")) {
            (Some(_), None, None) => {
                let lines = ["password: $DOCKER_PASSWORD".to_owned()];
                self.lacks("an image", "`password`", &lines, here);
            }
            (None, Some(_), None) => {
                let lines = ["username: $DOCKER_USERNAME".to_owned()];
                self.lacks("an image", "`username`", &lines, here);
            }
            (Some(_), Some(_), Some(aws)) => self.one_too_many(
                aws,
                "the image has `username` and `password`, and `aws` besides",
                "keep those of the registry that the image is in",
            ),
            _ => {}
        }
        self.credentials(entries, &["password"]);
    }

    /// Credentials beside those of another sort.
    fn one_too_many(&mut self, entry: &'a Entry, message: &str, help: &str) {
        let span = entry.key_span;
        self.tell_at(&entry.key, &FORBIDDEN, span, |subject, at| {
            subject
                .draft(&FORBIDDEN, at, span, message)
                .label("one sort of credentials only")
                .help(help)
        });
    }

    /// Two keys or a role, not both.
    pub(super) fn aws(&mut self, entries: &'a [Entry], here: Here) {
        let access = find(entries, "access-key");
        let secret = find(entries, "secret-key");
        let role = find(entries, "oidc-role");
        match (access, secret, role) {
            (Some(_), Some(_), Some(role)) => self.one_too_many(
                role,
                "`aws` has keys and a role",
                "keep `oidc-role`, or `access-key` and `secret-key`",
            ),
            (None, None, None) => {
                let lines = ["oidc-role: arn:aws:iam::123456789012:role/pipelines".to_owned()];
                self.lacks(
                    "`aws`",
                    "`oidc-role`, or `access-key` and `secret-key`",
                    &lines,
                    here,
                );
            }
            (Some(_), None, None) => {
                let lines = ["secret-key: $AWS_SECRET_ACCESS_KEY".to_owned()];
                self.lacks("`aws`", "`secret-key`", &lines, here);
            }
            (None, Some(_), None) => {
                let lines = ["access-key: $AWS_ACCESS_KEY_ID".to_owned()];
                self.lacks("`aws`", "`access-key`", &lines, here);
            }
            _ => {}
        }
        self.credentials(entries, &["secret-key"]);
    }

    pub(super) fn storage(&mut self, entries: &'a [Entry], here: Here) {
        match (find(entries, "aws"), find(entries, "gcp")) {
            (None, None) => {
                let lines = ["aws:\n  bucket: my-bucket\n  region: eu-west-1".to_owned()];
                self.lacks("`storage`", "`aws` or `gcp`", &lines, here);
            }
            (Some(aws), Some(gcp)) => {
                let span = aws.key_span.max(gcp.key_span);
                self.tell(&FORBIDDEN, span, |subject, at| {
                    let message = "`storage` has `aws` and `gcp`";
                    subject
                        .draft(&FORBIDDEN, at, span, message)
                        .label("one of them only")
                        .help("keep one of the two")
                });
            }
            (None, Some(gcp)) => {
                let entries = self.document.entries(gcp.value.node);
                self.credentials(entries, &["key-file"]);
            }
            _ => {}
        }
    }

    pub(super) fn pipe(&mut self, entries: &'a [Entry]) {
        let Some(pipe) = find(entries, "pipe") else {
            return;
        };
        let Some(name) = self.document.string(pipe.value.node) else {
            return;
        };
        if version(name) != Version::Fixed {
            self.unpinned(name, Here::of(pipe));
        }
        let Some(variables) = find(entries, "variables") else {
            return;
        };
        let variables = self.document.entries(variables.value.node);
        let is_duplo = name.contains("duplocloud/");
        self.in_key("variables", |walk| {
            walk.named_secrets(variables);
            for variable in variables {
                if variable.key == "DUPLO_HOST" || (is_duplo && variable.key == "HOST") {
                    walk.duplo_host(variable);
                }
            }
        });
    }

    fn unpinned(&mut self, name: &'a str, here: Here) {
        let span = self.mark(here);
        self.in_key("pipe", |walk| {
            walk.tell(&PIPE, span, |subject, at| {
                let message = format!("the pipe {} has no fixed version", code(name));
                subject
                    .draft(&PIPE, at, span, message)
                    .label("runs whatever its owner published last")
                    .help(format!(
                        "name the version that you tried, such as {}",
                        whole(&subject.line(at, &with_version(name, "1.2.3")))
                    ))
            });
        });
    }

    /// The pipes put a `/` and the route behind it.
    fn duplo_host(&mut self, variable: &'a Entry) {
        let Some(host) = self.document.string(variable.value.node) else {
            return;
        };
        let Some(plain) = host.strip_suffix('/') else {
            return;
        };
        let whole_span = self.mark(Here::of(variable));
        let text = self.subject.source.slice(whole_span);
        // The slash as it is written, in quotes or not.
        let span = match text.rfind('/') {
            Some(at) => Span::new(whole_span.start + at, whole_span.start + at + 1),
            None => whole_span,
        };
        let plain = plain.trim_end_matches('/');
        self.tell_at(&variable.key, &DUPLO_HOST, span, |subject, at| {
            let message = format!(
                "{} ends with `/`, so that its requests go to `//adminproxy`",
                code(&variable.key)
            );
            let draft = subject
                .draft(&DUPLO_HOST, at, span, message)
                .help(format!("write {}", whole(&subject.line(at, plain))));
            match host.ends_with("//") {
                true => draft,
                false => draft.fix(Fix::replace(span, "")),
            }
        });
    }
}

/// The version in `registry:5000/owner/name:tag@digest`; variables may be anything.
fn version(name: &str) -> Version {
    if name.is_empty() || name.contains(['$', '@']) {
        return Version::Fixed;
    }
    match tag(name) {
        None => Version::None,
        Some("latest" | "") => Version::Latest,
        Some(_) => Version::Fixed,
    }
}

fn tag(name: &str) -> Option<&str> {
    let last = name.rsplit('/').next()?;
    last.split_once(':').map(|(_, tag)| tag)
}

fn with_version(name: &str, version: &str) -> String {
    let bare = match tag(name) {
        Some(tag) => &name[..name.len() - tag.len() - 1],
        None => name,
    };
    format!("{bare}:{version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_stands_behind_the_last_slash() {
        for (name, expected) in [
            ("node", Version::None),
            ("node:22", Version::Fixed),
            ("node:latest", Version::Latest),
            ("registry.example.com:5000/team/web", Version::None),
            ("registry.example.com:5000/team/web:1", Version::Fixed),
            ("node@sha256:0000", Version::Fixed),
            ("$IMAGE", Version::Fixed),
            ("docker://team/pipe", Version::None),
            ("docker://team/pipe:latest", Version::Latest),
            ("atlassian/git-secrets-scan:0.5.1", Version::Fixed),
        ] {
            assert_eq!(version(name), expected, "{name}");
        }
        assert_eq!(with_version("a:1/b:latest", "2"), "a:1/b:2");
    }
}
