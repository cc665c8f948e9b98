//! What is wrong with a Gimlet server's settings.

mod address;
mod key;
mod names;
mod together;

use super::address::Address;
use super::given::{Given, KeyFiles, Kind, Settings, Value};
use super::private_key::looks_like_key;
use super::variable::Variable;
use crate::check::{Draft, Inspection, code};
use crate::finding::RuleId;

const EMPTY: RuleId = RuleId::of("gimlet-server/empty");
const PLACEHOLDER: RuleId = RuleId::of("gimlet-server/placeholder");
const BLANK: RuleId = RuleId::of("gimlet-server/blank");
const ADDRESS: RuleId = RuleId::of("gimlet-server/address");
const CLEAR_TEXT: RuleId = RuleId::of("gimlet-server/clear-text");
const SKIP_VERIFY: RuleId = RuleId::of("gimlet-server/skip-verify");
const SECRET: RuleId = RuleId::of("gimlet-server/secret");
const KEY_NAME: RuleId = RuleId::of("gimlet-server/consumer-key");
const SWAPPED: RuleId = RuleId::of("gimlet-server/swapped");

/// Fewer characters can be guessed; `openssl rand -hex 16` makes 32.
const SHORTEST_SECRET: usize = 16;

/// The consumer key that Gimlet's page uses.
const CONSUMER_KEY: &str = "OauthKey";

/// Holds the settings against what Gimlet needs.
pub(super) fn judge(settings: &Settings, files: &dyn KeyFiles, inspection: &mut Inspection) {
    let judge = Judge { settings, files };
    judge.names(inspection);
    for variable in Variable::ALL {
        match settings.get(variable) {
            None => judge.missing(variable, inspection),
            Some(given) => judge.value(variable, given, inspection),
        }
    }
    judge.together(inspection);
}

struct Judge<'a> {
    settings: &'a Settings,
    files: &'a dyn KeyFiles,
}

impl Judge<'_> {
    fn draft(&self, rule: RuleId, given: &Given, message: impl Into<String>) -> Draft {
        Draft::new(rule, given.at, self.of_container(message.into()))
            .at(given.document, given.pointer.clone())
    }

    /// Where several containers have Gimlet's settings, which of them is meant.
    fn of_container(&self, message: String) -> String {
        match &self.settings.kind {
            Kind::Container { named: Some(name) } => {
                format!("{message} (container {})", code(name))
            }
            _ => message,
        }
    }

    fn value(&self, variable: Variable, given: &Given, inspection: &mut Inspection) {
        let Value::Text(text) = &given.value else {
            return;
        };
        let name = variable.name();
        if text.trim().is_empty() {
            if variable.is_optional() {
                return;
            }
            let why = match variable {
                Variable::WebhookSecret => {
                    ": webhooks are then not verified, and anybody can send some".to_owned()
                }
                variable => format!(": {}", variable.meaning()),
            };
            let draft = self.draft(EMPTY, given, format!("{name} is empty{why}"));
            inspection.error(draft.help(variable.advice()));
            return;
        }
        if is_placeholder(variable, text) {
            let draft = self.draft(
                PLACEHOLDER,
                given,
                format!("{name} still has the value of an example"),
            );
            inspection.error(draft.help(variable.advice()));
            return;
        }
        if variable != Variable::PrivateKey && looks_like_key(text) {
            let message = format!(
                "{name} holds a private key, which belongs into BITBUCKET_SERVER_PRIVATE_KEY"
            );
            let help = format!("move it there, and set {name} to {}", variable.meaning());
            let draft = self.draft(SWAPPED, given, message);
            // Said already where the page's slip was followed to the letter.
            let is_repeated = self
                .settings
                .given
                .iter()
                .filter(|other| other.name == given.name)
                .count()
                > 1;
            if !is_repeated {
                inspection.error(draft.help(help));
            }
            return;
        }
        let scheme = match variable {
            Variable::Token => self.token(given, text),
            _ => None,
        };
        if variable != Variable::PrivateKey
            && let Some(draft) = scheme.or_else(|| self.blank(variable, given, text))
        {
            inspection.error(draft);
            return;
        }
        match variable {
            Variable::Host | Variable::Address => self.address(variable, given, text, inspection),
            Variable::WebhookSecret | Variable::ConsumerSecret => {
                self.strength(variable, given, text, inspection);
            }
            Variable::PrivateKey => self.private_key(given, text, inspection),
            Variable::SkipVerify => self.skip_verify(given, text, inspection),
            Variable::ConsumerKey => self.consumer_key(given, text, inspection),
            Variable::User | Variable::Token => {}
        }
    }

    /// Blanks and quotes that came along with a value.
    fn blank(&self, variable: Variable, given: &Given, text: &str) -> Option<Draft> {
        let name = variable.name();
        let in_quotes =
            |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
        if in_quotes('"') || in_quotes('\'') {
            let message = format!("the quotes around the value of {name} are a part of it");
            return Some(self.draft(BLANK, given, message).help("remove them"));
        }
        let what = if text.ends_with(['\n', '\r']) {
            "ends with a line break, which becomes a part of it"
        } else if text.trim() != text {
            "begins or ends with a blank, which becomes a part of it"
        } else if text.contains(char::is_whitespace) && variable != Variable::User {
            "has a blank in it"
        } else {
            return None;
        };
        let help = if text.ends_with(['\n', '\r']) {
            "encode it without: `printf %s VALUE | base64 -w0`, or write it under `stringData` in quotes"
        } else {
            "remove it"
        };
        Some(
            self.draft(BLANK, given, format!("the value of {name} {what}"))
                .help(help),
        )
    }

    fn strength(&self, variable: Variable, given: &Given, text: &str, inspection: &mut Inspection) {
        let length = text.chars().count();
        if length < SHORTEST_SECRET {
            let message = format!(
                "{} has {length} characters, and fewer than {SHORTEST_SECRET} can be guessed",
                variable.name()
            );
            let help = match variable {
                Variable::WebhookSecret => variable.advice(),
                _ => {
                    "make one with `openssl rand -hex 16`, and set it here and in the application link"
                }
            };
            inspection.warning(self.draft(SECRET, given, message).help(help));
        }
    }

    /// The key is compared letter by letter with the application link's.
    fn consumer_key(&self, given: &Given, text: &str, inspection: &mut Inspection) {
        if text != CONSUMER_KEY && text.eq_ignore_ascii_case(CONSUMER_KEY) {
            let message = format!(
                "{} differs from `{CONSUMER_KEY}` in nothing but case",
                code(text)
            );
            let help = format!(
                "Gimlet's page has people enter `{CONSUMER_KEY}` in the application link: write it as it stands there"
            );
            inspection.warning(self.draft(KEY_NAME, given, message).help(help));
        }
    }

    fn token(&self, given: &Given, text: &str) -> Option<Draft> {
        let lower = text.trim_start().to_ascii_lowercase();
        let has_scheme = lower.starts_with("bearer ") || lower.starts_with("basic ");
        let message = "BITBUCKET_SERVER_TOKEN has the name of an authentication scheme in front";
        has_scheme.then(|| {
            self.draft(SECRET, given, message)
                .help("set the token alone")
        })
    }

    fn skip_verify(&self, given: &Given, text: &str, inspection: &mut Inspection) {
        let is_on = match text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => true,
            "0" | "f" | "F" | "false" | "FALSE" | "False" => false,
            _ => {
                let message = format!("{} is neither `true` nor `false`", code(text));
                inspection.error(
                    self.draft(SKIP_VERIFY, given, message)
                        .help("write `true` or `false`, or leave it out"),
                );
                return;
            }
        };
        if !is_on {
            return;
        }
        let address = self.settings.get(Variable::Address).and_then(Given::text);
        let scheme = address
            .and_then(|text| Address::parse(text).ok())
            .map(|address| address.scheme);
        let (message, help) = match scheme {
            Some("http") => (
                "BITBUCKET_SERVER_SKIP_VERIFY does nothing for an address with `http://`",
                "remove it, and give Bitbucket Server a certificate: token and code travel unencrypted",
            ),
            _ => (
                "Bitbucket's certificate is not checked: whoever stands between can take the token",
                "remove it; if the certificate is of your own authority, mount that authority's \
                 certificate and name it in `SSL_CERT_FILE`",
            ),
        };
        inspection.warning(self.draft(SKIP_VERIFY, given, message).help(help));
    }
}

fn is_cloud(host: &str) -> bool {
    host == "bitbucket.org" || host.ends_with(".bitbucket.org")
}

/// Values of Gimlet's page, and what people write where a value is still to come.
fn is_placeholder(variable: Variable, text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let is_marked = (text.starts_with('<') && text.ends_with('>'))
        || (text.starts_with('{') && text.ends_with('}'))
        || lower.contains("openssl rand");
    let repeats = text.len() >= 3
        && text
            .chars()
            .all(|c| matches!(c, 'x' | 'X' | 'y' | '*' | '.'));
    let is_word = matches!(
        lower.as_str(),
        "changeme"
            | "change-me"
            | "change_me"
            | "todo"
            | "tbd"
            | "secret"
            | "your-token"
            | "replaceme"
    );
    let is_of_page = match variable {
        Variable::Host => lower.contains("gimlet.mycompany.com"),
        Variable::Address => lower.contains("bitbucket.mycompany.com"),
        Variable::PrivateKey => lower.ends_with("..."),
        _ => false,
    };
    is_marked || repeats || is_word || is_of_page
}
