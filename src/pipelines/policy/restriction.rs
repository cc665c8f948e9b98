//! How far the conditions of a statement restrict the tokens that are let in.

use super::super::identity::{Provider, Reach, SubjectPattern, is_placeholder, is_uuid};
use super::condition::Condition;
use super::{Statement, Text};
use crate::check::{Inspection, code};
use crate::finding::RuleId;

const AUDIENCE: RuleId = RuleId::of("trust-policy/audience");
const SUBJECT: RuleId = RuleId::of("trust-policy/subject");

/// A claim of a token by which conditions restrict who is let in.
#[derive(Clone, Copy)]
pub(super) enum Claim {
    /// Whom the token is meant for.
    Audience,
    /// Whose it is.
    Subject,
}

impl Claim {
    /// Its name in a token, and in the key of a condition.
    fn name(self) -> &'static str {
        match self {
            Self::Audience => "aud",
            Self::Subject => "sub",
        }
    }

    fn rule(self) -> RuleId {
        match self {
            Self::Audience => AUDIENCE,
            Self::Subject => SUBJECT,
        }
    }
}

impl<'a> Statement<'a> {
    /// What the conditions say of a claim.
    pub(super) fn restriction(
        &self,
        claim: Claim,
        provider: &str,
        conditions: &[Condition<'a>],
        inspection: &mut Inspection,
    ) {
        let mut ours = conditions
            .iter()
            .filter(|condition| condition.is_about(claim.name()))
            .peekable();
        if ours.peek().is_none() {
            let (message, help) = match claim {
                Claim::Audience => (
                    "tokens that are meant for something else are let in: there is no condition on `:aud`",
                    format!(
                        "add to `Condition`: `\"StringEquals\": {{ \"{provider}:aud\": \"{}\" }}`",
                        self.meant_audience()
                    ),
                ),
                Claim::Subject => (
                    "any repository of the workspace may assume the role: there is no condition on `:sub`",
                    format!(
                        "add to `Condition`: `\"StringLike\": {{ \"{provider}:sub\": \"{{REPOSITORY-UUID}}:*\" }}`, with \
                         braces; `pushgate pipelines trust-policy --repository UUID` writes it"
                    ),
                ),
            };
            inspection.error(
                self.draft(claim.rule(), &self.condition_home(), message)
                    .help(help),
            );
        }
        for condition in ours {
            if !self.is_sound(condition, provider, claim.rule(), inspection) {
                continue;
            }
            if condition.values.is_empty() {
                let message = format!(
                    "{} has no text to compare with, so that nobody is let in",
                    code(condition.key.text)
                );
                inspection.error(
                    self.draft(claim.rule(), &condition.key, message)
                        .help("write the text that the token has there"),
                );
            }
            for value in &condition.values {
                match claim {
                    Claim::Audience => self.one_audience(condition, value, inspection),
                    Claim::Subject => self.one_subject(condition, value, inspection),
                }
            }
        }
    }

    /// The audience that is to stand there, as far as it is known.
    fn meant_audience(&self) -> String {
        let known = self.expected.audience.clone();
        known.unwrap_or_else(|| format!("{}WORKSPACE-UUID", Provider::AUDIENCE))
    }

    fn one_audience(
        &self,
        condition: &Condition<'a>,
        value: &Text<'a>,
        inspection: &mut Inspection,
    ) {
        let known = self.expected.audience.as_ref();
        let meant = self.meant_audience();
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
            Some(id) if !is_uuid(id) => (
                format!("{} is no workspace's id: nobody is let in", code(id)),
                meant.clone(),
            ),
            Some(_) if known.is_some_and(|known| known != value.text) => {
                ("the audience is that of another workspace".to_owned(), meant.clone())
            }
            Some(_) => return,
        };
        inspection.error(
            self.draft(AUDIENCE, value, message)
                .help(format!("write `{help}`")),
        );
    }

    fn one_subject(
        &self,
        condition: &Condition<'a>,
        value: &Text<'a>,
        inspection: &mut Inspection,
    ) {
        let first = value.text.split(':').next().unwrap_or_default();
        let reach = SubjectPattern::reach(value.text);
        if is_placeholder(first) && !first.contains(['*', '?']) {
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
        } else if condition.takes_wildcards() && reach != Reach::One {
            let whom = match reach {
                Reach::Any => "any repository of the workspace in",
                Reach::Several | Reach::One => "every repository in whose id happens to fit",
            };
            let message = format!("{} lets {whom}", code(value.text));
            let help = "begin it with a repository, its whole id: `{REPOSITORY-UUID}:*`";
            inspection.error(self.draft(SUBJECT, value, message).help(help));
        } else if !value.text.starts_with(['{', '*', '?']) {
            let message = format!(
                "{} has no braces around the repository's UUID, and tokens have",
                code(value.text)
            );
            let help = match is_uuid(first) {
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
