//! Who a statement is about.

use super::super::identity::{Provider, is_placeholder};
use super::{Statement, Text};
use crate::check::{Inspection, code};
use crate::document::NodeKind;
use crate::finding::RuleId;

const PRINCIPAL: RuleId = RuleId::of("trust-policy/principal");
const PROVIDER: RuleId = RuleId::of("trust-policy/provider");

/// What stands before the provider's name in its ARN.
const RESOURCE: &str = ":oidc-provider/";

impl Statement<'_> {
    /// The provider of Bitbucket whose tokens are let in; none where the statement is about others.
    pub(super) fn principal(&self, inspection: &mut Inspection) -> Option<String> {
        let document = self.document;
        if let Some(entry) = document.get(self.node, "NotPrincipal") {
            let place = Text {
                text: "",
                at: entry.key_span,
                pointer: format!("{}/NotPrincipal", self.pointer),
            };
            let message = "`NotPrincipal` lets everybody in but whom it names";
            inspection.error(
                self.draft(PRINCIPAL, &place, message)
                    .help("write `Principal` with the provider's ARN"),
            );
            return None;
        }
        let Some(principal) = document.get(self.node, "Principal") else {
            let message = "a statement without `Principal` is refused by AWS";
            let help =
                "add `\"Principal\": { \"Federated\": \"arn:aws:iam::ACCOUNT:oidc-provider/…\" }`";
            inspection.error(self.draft(PRINCIPAL, &self.home(), message).help(help));
            return None;
        };
        let node = principal.value.node;
        let pointer = format!("{}/Principal", self.pointer);
        let NodeKind::Mapping(entries) = &document.node(node).kind else {
            let place = Text {
                text: document.string(node).unwrap_or_default(),
                at: principal.value.at,
                pointer,
            };
            let message = match place.text {
                "*" => "everybody in the world is let in, in so far as no condition keeps them out"
                    .to_owned(),
                text => format!("{} is no principal", code(text)),
            };
            inspection.error(
                self.draft(PRINCIPAL, &place, message)
                    .help("write `{ \"Federated\": \"the provider's ARN\" }`"),
            );
            return None;
        };
        let mut provider = None;
        for entry in entries {
            for value in self.texts(node, &entry.key, &pointer) {
                if entry.key == "Federated" {
                    provider = self.provider(&value, inspection).or(provider);
                } else {
                    self.other(&entry.key, &value, inspection);
                }
            }
        }
        provider
    }

    /// Principals beside Bitbucket's provider.
    fn other(&self, kind: &str, value: &Text<'_>, inspection: &mut Inspection) {
        if value.text.contains('*') {
            let message = format!(
                "{} lets everybody in, in so far as no condition keeps them out",
                code(value.text)
            );
            inspection.error(self.draft(PRINCIPAL, value, message).help("remove it"));
            return;
        }
        let message = format!(
            "{} may assume the role too, without a pipeline ({})",
            code(value.text),
            code(kind)
        );
        let help = "remove it where only pipelines are meant to; what others need is better a role of its own";
        inspection.warning(self.draft(PRINCIPAL, value, message).help(help));
    }

    /// The provider's name, where the ARN is one of Bitbucket's.
    fn provider(&self, value: &Text<'_>, inspection: &mut Inspection) -> Option<String> {
        let mut refuse = |message: String, help: &str| {
            inspection.error(self.draft(PROVIDER, value, message).help(help));
            None
        };
        let example = "write `arn:aws:iam::ACCOUNT:oidc-provider/api.bitbucket.org/2.0/workspaces/WORKSPACE/pipelines-config/identity/oidc`";
        if is_placeholder(value.text) {
            return refuse(
                format!("{} still stands for the value itself", code(value.text)),
                "put account and workspace into it",
            );
        }
        let Some((account, provider)) = value.text.split_once(RESOURCE) else {
            return refuse(
                format!("{} is no ARN of an identity provider", code(value.text)),
                example,
            );
        };
        if provider.starts_with("https://") {
            return refuse(
                "the name of a provider has no `https://`".to_owned(),
                "remove the `https://`",
            );
        }
        let digits = account.rsplit(':').next().unwrap_or_default();
        if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return refuse(
                format!("{} is no AWS account", code(digits)),
                "write the 12 digits of the account",
            );
        }
        let workspace = provider
            .strip_prefix(Provider::BEFORE)
            .and_then(|rest| rest.strip_suffix(Provider::BEHIND));
        match (workspace, &self.expected.workspace) {
            (None, _) => refuse(
                format!(
                    "{} is not the identity provider of a Bitbucket workspace",
                    code(provider)
                ),
                example,
            ),
            (Some(workspace), _) if workspace.contains(['*', '?', '/']) || workspace.is_empty() => {
                refuse(format!("{} names no workspace", code(provider)), example)
            }
            (Some(workspace), Some(expected)) if workspace != expected => refuse(
                format!("the provider is that of the workspace {}", code(workspace)),
                "name the provider of your own workspace",
            ),
            (Some(_), _) => Some(provider.to_owned()),
        }
    }
}
