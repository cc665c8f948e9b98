//! What a role's trust policy leaves open, or never lets in.

mod condition;
mod principal;

use self::condition::{Condition, conditions};
use super::identity::{Provider, is_placeholder};
use super::token::Claims;
use crate::check::{Draft, Inspected, Inspection, code, nearest};
use crate::document::{Document, Limits, NodeId, NodeKind, Source, Span, load};
use crate::finding::RuleId;

const JSON: RuleId = RuleId::of("trust-policy/json");
const STATEMENT: RuleId = RuleId::of("trust-policy/statement");
const ACTION: RuleId = RuleId::of("trust-policy/action");
const AUDIENCE: RuleId = RuleId::of("trust-policy/audience");
const SUBJECT: RuleId = RuleId::of("trust-policy/subject");
const TOKEN: RuleId = RuleId::of("trust-policy/token");

const ASSUME: &str = "sts:AssumeRoleWithWebIdentity";

/// What a statement may hold.
const STATEMENT_KEYS: [&str; 5] = ["Sid", "Effect", "Principal", "Action", "Condition"];

/// What is known of the role's policy beside its text.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The workspace's slug.
    pub workspace: Option<String>,
    /// The audience of its tokens.
    pub audience: Option<String>,
    /// A token that it should let in.
    pub token: Option<Claims>,
}

/// Finds what the policy in a file leaves open.
#[must_use]
pub fn inspect_policy(source: Source, expected: &Expected) -> Inspected {
    let mut inspection = Inspection::default();
    policy(&source, expected, &mut inspection);
    inspection.finish(source)
}

fn policy(source: &Source, expected: &Expected, inspection: &mut Inspection) {
    if let Some(draft) = not_json(source) {
        inspection.error(draft);
        return;
    }
    let stream = load(source, &Limits::default());
    inspection.unreadable(source, &stream);
    let Some(document) = stream.documents.first().filter(|_| stream.is_complete()) else {
        return;
    };
    let root = document.root().node;
    let Some(statements) = document.get(root, "Statement") else {
        let span = document
            .entries(root)
            .first()
            .map_or(document.root().at, |entry| entry.key_span);
        inspection.error(
            Draft::new(STATEMENT, span, "this is no policy: it has no `Statement`")
                .help("`pushgate pipelines trust-policy` writes one"),
        );
        return;
    };
    let node = statements.value.node;
    let list: Vec<(NodeId, String)> = match &document.node(node).kind {
        NodeKind::Sequence(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(number, item)| (item.node, format!("/Statement/{number}")))
                .collect()
        }
        _ => vec![(node, "/Statement".to_owned())],
    };
    let mut lets_in = false;
    for (node, pointer) in list {
        let statement = Statement {
            document,
            node,
            pointer,
            expected,
        };
        lets_in |= statement.judge(inspection);
    }
    if let Some(token) = expected.token.as_ref().filter(|_| !lets_in) {
        let message = format!(
            "the token of this step, of subject {}, is not let in",
            code(&token.subject)
        );
        let help = format!(
            "it is of {} and for {}: make provider, `:aud` and `:sub` of a statement match them",
            code(&token.issuer),
            code(&token.audiences.join(", "))
        );
        inspection.error(Draft::new(TOKEN, statements.key_span, message).help(help));
    }
}

/// One statement of a policy.
struct Statement<'a> {
    document: &'a Document,
    node: NodeId,
    pointer: String,
    expected: &'a Expected,
}

/// A text of a policy and where it stands.
#[derive(Clone)]
struct Text<'a> {
    text: &'a str,
    at: Span,
    pointer: String,
}

impl<'a> Statement<'a> {
    fn draft(&self, rule: RuleId, place: &Text<'_>, message: impl Into<String>) -> Draft {
        Draft::new(rule, place.at, message).at(self.document.number(), place.pointer.clone())
    }

    /// Says what is wrong; true where the expected token is let in.
    fn judge(&self, inspection: &mut Inspection) -> bool {
        let entries = self.document.entries(self.node);
        for entry in entries {
            if STATEMENT_KEYS.contains(&entry.key.as_str()) || entry.key.starts_with("Not") {
                continue;
            }
            let message = format!("a statement of a trust policy has no {}", code(&entry.key));
            let help = match nearest(&entry.key, STATEMENT_KEYS) {
                Some(meant) => format!("did you mean `{meant}`? AWS refuses the policy as it is"),
                None => "remove it: AWS refuses the policy as it is".to_owned(),
            };
            inspection.error(
                Draft::new(STATEMENT, entry.key_span, message)
                    .at(
                        self.document.number(),
                        format!("{}/{}", self.pointer, entry.key),
                    )
                    .help(help),
            );
        }
        match self.one("Effect") {
            // Who is denied something is not let in by it.
            Some(effect) if effect.text == "Deny" => return false,
            Some(effect) if effect.text == "Allow" => {}
            Some(effect) => {
                let message = format!("`Effect` is {}", code(effect.text));
                inspection.error(
                    self.draft(STATEMENT, &effect, message)
                        .help("write `Allow`"),
                );
                return false;
            }
            None => {
                let message = "a statement without `Effect` is refused by AWS";
                inspection.error(
                    self.draft(STATEMENT, &self.home(), message)
                        .help("add `\"Effect\": \"Allow\"`"),
                );
                return false;
            }
        }
        let Some(provider) = self.principal(inspection) else {
            return false;
        };
        let acts = self.action(inspection);
        let conditions = conditions(self);
        self.audience(&provider, &conditions, inspection);
        self.subject(&provider, &conditions, inspection);
        self.expected.token.as_ref().is_some_and(|token| {
            acts && token.issuer == format!("https://{provider}")
                && conditions
                    .iter()
                    .all(|condition| condition.holds(&provider, token))
        })
    }

    /// Where a statement says nothing: its first key.
    fn home(&self) -> Text<'a> {
        let entries = self.document.entries(self.node);
        let own = self.document.node(self.node).span;
        Text {
            text: "",
            at: entries.first().map_or(own, |entry| entry.key_span),
            pointer: self.pointer.clone(),
        }
    }

    fn one(&self, key: &str) -> Option<Text<'a>> {
        self.texts(self.node, key, &self.pointer).into_iter().next()
    }

    /// The texts below a key, which may be one or a list of them.
    fn texts(&self, node: NodeId, key: &str, route: &str) -> Vec<Text<'a>> {
        let Some(entry) = self.document.get(node, key) else {
            return Vec::new();
        };
        let route = format!("{route}/{}", key.replace('~', "~0").replace('/', "~1"));
        let text = |node: NodeId, at: Span, pointer: String| {
            self.document
                .string(node)
                .map(|text| Text { text, at, pointer })
        };
        match &self.document.node(entry.value.node).kind {
            NodeKind::Sequence(items) => items
                .iter()
                .enumerate()
                .filter_map(|(number, item)| text(item.node, item.at, format!("{route}/{number}")))
                .collect(),
            _ => text(entry.value.node, entry.value.at, route)
                .into_iter()
                .collect(),
        }
    }

    /// What may be done; true where a token may be used.
    fn action(&self, inspection: &mut Inspection) -> bool {
        if let Some(entry) = self.document.get(self.node, "NotAction") {
            let place = Text {
                text: "",
                at: entry.key_span,
                pointer: format!("{}/NotAction", self.pointer),
            };
            let message = "`NotAction` allows everything but what it names";
            inspection.error(
                self.draft(ACTION, &place, message)
                    .help(format!("write `\"Action\": \"{ASSUME}\"` in its place")),
            );
            return true;
        }
        let actions = self.texts(self.node, "Action", &self.pointer);
        if actions.is_empty() {
            let message = "a statement without `Action` is refused by AWS";
            let help = format!("add `\"Action\": \"{ASSUME}\"`");
            inspection.error(self.draft(ACTION, &self.home(), message).help(help));
        }
        for action in &actions {
            let is = |name: &str| action.text.eq_ignore_ascii_case(name);
            let message = if is(ASSUME) || is("sts:TagSession") || is("sts:SetSourceIdentity") {
                continue;
            } else if action.text.contains(['*', '?']) {
                format!(
                    "{} allows more than to assume the role by a token",
                    code(action.text)
                )
            } else {
                format!(
                    "{} is not what a pipeline does: it has a token, not AWS credentials",
                    code(action.text)
                )
            };
            inspection.error(
                self.draft(ACTION, action, message)
                    .help(format!("write `{ASSUME}`")),
            );
        }
        actions.iter().any(|action| {
            action.text.eq_ignore_ascii_case(ASSUME) || matches!(action.text, "*" | "sts:*")
        })
    }

    fn audience(&self, provider: &str, conditions: &[Condition<'a>], inspection: &mut Inspection) {
        let ours: Vec<_> = conditions
            .iter()
            .filter(|condition| condition.is_about("aud"))
            .collect();
        let known = self.expected.audience.clone();
        let meant = known
            .clone()
            .unwrap_or_else(|| format!("{}WORKSPACE-UUID", Provider::AUDIENCE));
        if ours.is_empty() {
            let message = "tokens that are meant for something else are let in: there is no condition on `:aud`";
            let help = format!(
                "add to `Condition`: `\"StringEquals\": {{ \"{provider}:aud\": \"{meant}\" }}`"
            );
            inspection.error(
                self.draft(AUDIENCE, &self.condition_home(), message)
                    .help(help),
            );
        }
        for condition in ours {
            if !self.is_sound(condition, provider, AUDIENCE, inspection) {
                continue;
            }
            for value in &condition.values {
                let id = value.text.strip_prefix(Provider::AUDIENCE);
                let is_wild = value.text.contains(['*', '?']);
                let (message, help) = match id {
                    _ if is_wild && condition.takes_wildcards() => {
                        (format!("the audience {} is that of any workspace", code(value.text)), meant.clone())
                    }
                    Some(id) if id.contains(['{', '}']) && !is_placeholder(id) => (
                        "the workspace's id stands in braces, which no token has in its audience: nobody is let in"
                            .to_owned(),
                        value.text.replace(['{', '}'], ""),
                    ),
                    _ if is_placeholder(value.text) => {
                        (format!("{} still stands for the value itself", code(value.text)), meant.clone())
                    }
                    None => (
                        format!("{} is no audience of a pipeline's token: nobody is let in", code(value.text)),
                        meant.clone(),
                    ),
                    Some(id) if !super::identity::is_uuid(id) => (
                        format!("{} is no workspace's id: nobody is let in", code(id)),
                        meant.clone(),
                    ),
                    Some(_) if known.as_ref().is_some_and(|known| known != value.text) => {
                        ("the audience is that of another workspace".to_owned(), meant.clone())
                    }
                    Some(_) => continue,
                };
                inspection.error(
                    self.draft(AUDIENCE, value, message)
                        .help(format!("write `{help}`")),
                );
            }
        }
    }

    fn subject(&self, provider: &str, conditions: &[Condition<'a>], inspection: &mut Inspection) {
        let ours: Vec<_> = conditions
            .iter()
            .filter(|condition| condition.is_about("sub"))
            .collect();
        if ours.is_empty() {
            let message = "any repository of the workspace may assume the role: there is no condition on `:sub`";
            let help = format!(
                "add to `Condition`: `\"StringLike\": {{ \"{provider}:sub\": \"{{REPOSITORY-UUID}}:*\" }}`, with \
                 braces; `pushgate pipelines trust-policy --repository UUID` writes it"
            );
            inspection.error(
                self.draft(SUBJECT, &self.condition_home(), message)
                    .help(help),
            );
        }
        for condition in ours {
            if !self.is_sound(condition, provider, SUBJECT, inspection) {
                continue;
            }
            for value in &condition.values {
                self.one_subject(condition, value, inspection);
            }
        }
    }

    fn one_subject(
        &self,
        condition: &Condition<'a>,
        value: &Text<'a>,
        inspection: &mut Inspection,
    ) {
        let first = value.text.split(':').next().unwrap_or_default();
        if super::identity::is_placeholder(first) && !first.contains('*') {
            let message = format!("{} still stands for the value itself", code(value.text));
            let help = "put the repository's UUID there, in braces";
            inspection.error(self.draft(SUBJECT, value, message).help(help));
        } else if !condition.takes_wildcards() && value.text.contains(['*', '?']) {
            let message = format!(
                "{} takes `*` for the character itself, so that nobody is let in",
                code(condition.operator.text)
            );
            inspection.error(
                self.draft(SUBJECT, value, message)
                    .help("use `StringLike` in place of it"),
            );
        } else if condition.takes_wildcards() && super::SubjectPattern::is_open(value.text) {
            let message = format!(
                "{} lets any repository of the workspace in",
                code(value.text)
            );
            let help = "begin it with a repository: `{REPOSITORY-UUID}:*`";
            inspection.error(self.draft(SUBJECT, value, message).help(help));
        } else if !value.text.starts_with(['{', '*', '?']) {
            let message = format!(
                "{} has no braces around the repository's UUID, and tokens have",
                code(value.text)
            );
            let help = match super::identity::is_uuid(first) {
                true => format!("write `{{{first}}}{}`", &value.text[first.len()..]),
                false => "compare it with a token: `pushgate pipelines trust-policy --check FILE --token` in a step \
                          with `oidc: true`"
                    .to_owned(),
            };
            inspection.warning(self.draft(SUBJECT, value, message).help(help));
        }
    }

    /// Whether a condition restricts the tokens of this provider at all.
    fn is_sound(
        &self,
        condition: &Condition<'a>,
        provider: &str,
        rule: RuleId,
        inspection: &mut Inspection,
    ) -> bool {
        let operator = &condition.operator;
        let name = code(operator.text);
        let (message, help) = if !condition.is_of(provider) {
            (
                format!(
                    "{} is of another provider than the principal, so that nobody is let in",
                    code(condition.key.text)
                ),
                format!("write `{provider}:{}`", condition.claim()),
            )
        } else if condition.holds_without() {
            (
                format!("{name} holds for tokens that have no such claim, too"),
                format!("write `{}`", condition.base()),
            )
        } else if condition.is_negative() {
            (
                format!("{name} keeps a few out and lets all others in"),
                "name those that are let in, with `StringLike`".to_owned(),
            )
        } else if !condition.is_known() {
            (
                format!("{name} is no condition on texts"),
                "write `StringEquals`, or `StringLike` for patterns".to_owned(),
            )
        } else {
            return true;
        };
        let place = match condition.is_of(provider) {
            true => operator,
            false => &condition.key,
        };
        inspection.error(self.draft(rule, place, message).help(help));
        false
    }

    fn condition_home(&self) -> Text<'a> {
        match self.document.get(self.node, "Condition") {
            Some(entry) => Text {
                text: "",
                at: entry.key_span,
                pointer: format!("{}/Condition", self.pointer),
            },
            None => self.home(),
        }
    }
}

/// YAML reads more than AWS does.
fn not_json(source: &Source) -> Option<Draft> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(source.text()).err()?;
    let line = source.line_starts().get(error.line().saturating_sub(1));
    let text = source.text();
    let at = line.copied().unwrap_or_default() + error.column().saturating_sub(1);
    let at = text.floor_char_boundary(at.min(text.len()));
    let length = text[at..].chars().next().map_or(0, char::len_utf8);
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    Some(
        Draft::new(JSON, Span::new(at, at + length), format!("the policy is not JSON: {reason}"))
            .help("AWS takes JSON only; `aws iam get-role --role-name ROLE --query Role.AssumeRolePolicyDocument` prints what it has"),
    )
}
