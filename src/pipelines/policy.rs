//! What a role's trust policy leaves open, or never lets in.

mod condition;
mod denial;
mod principal;
mod restriction;

use self::condition::conditions;
use self::restriction::Claim;
use super::token::Claims;
use crate::check::{Draft, Inspected, Inspection, code, nearest};
use crate::document::{Document, Limits, NodeId, NodeKind, Source, Span, load};
use crate::finding::RuleId;

const JSON: RuleId = RuleId::of("trust-policy/json");
const STATEMENT: RuleId = RuleId::of("trust-policy/statement");
const ACTION: RuleId = RuleId::of("trust-policy/action");
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
    let mut is_denied = false;
    for (node, pointer) in list {
        let statement = Statement {
            document,
            node,
            pointer,
            expected,
        };
        lets_in |= statement.judge(inspection);
        if let Some(token) = expected
            .token
            .as_ref()
            .filter(|token| statement.denies(token))
        {
            is_denied = true;
            let place = statement.one("Effect").unwrap_or_else(|| statement.home());
            let message = format!(
                "the token of this step, of subject {}, is denied here",
                code(&token.subject)
            );
            let help = "remove the statement, or have its conditions leave the token out: `Deny` wins over every `Allow`";
            inspection.error(statement.draft(TOKEN, &place, message).help(help));
        }
    }
    if let Some(token) = expected.token.as_ref().filter(|_| !lets_in && !is_denied) {
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
        for claim in [Claim::Audience, Claim::Subject] {
            self.restriction(claim, &provider, &conditions, inspection);
        }
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
