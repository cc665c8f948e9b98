//! The templates in a manifest's texts: `{{ .SHA }}` and everything else that Go's `text/template`
//! makes of them.

use std::collections::HashSet;

use super::functions;
use super::go_template::{self, Broken, Fault, Name, Template, Use};
use super::place;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::suggest;
use crate::check::words::{character, code, whole};
use crate::document::{NodeId, NodeKind, Pointer, Span};
use crate::finding::{Fix, RuleId};

const TEMPLATE: RuleId = RuleId::of("gimlet/template");
const FUNCTION: RuleId = RuleId::of("gimlet/template-function");
const VARIABLE: RuleId = RuleId::of("gimlet/template-variable");
const ENVIRONMENT: RuleId = RuleId::of("gimlet/template-environment");
const CLEANUP: RuleId = RuleId::of("gimlet/cleanup");

/// The variables that Gimlet itself sets.
const VARIABLES: [&str; 9] = [
    "SHA", "BRANCH", "TAG", "REPO", "OWNER", "APP", "ACTOR", "EVENT", "JOB",
];

/// A text of the document.
struct Text<'a> {
    /// Where it stands: the value, or the key whose name it is.
    at: Pointer,
    key: Option<Span>,
    text: &'a str,
}

impl Text<'_> {
    fn span(&self, subject: &Subject<'_>, piece: std::ops::Range<usize>) -> Span {
        match self.key {
            Some(key) => place::of_key_piece(subject, key, self.text, piece),
            None => place::of_piece(subject, &self.at, self.text, piece),
        }
    }
}

/// Looks at every template of a manifest; a file without braces costs nothing. Of a text that can't
/// be read, nobody else speaks.
pub(super) fn check(subject: &mut Subject<'_>, findings: &mut Findings<'_>) {
    let unreadable = templates(subject, findings);
    for at in unreadable {
        subject.hide(at);
    }
}

fn templates(subject: &Subject<'_>, findings: &mut Findings<'_>) -> Vec<Pointer> {
    let mut broken_ones = Vec::new();
    let text = subject.source.text();
    if !text.contains("{{") && !text.contains("}}") {
        return broken_ones;
    }
    let mut walk = Walk {
        subject,
        seen: HashSet::new(),
        texts: Vec::new(),
    };
    walk.node(subject.document.root().node, &Pointer::root());
    let mut told = Told::default();
    // A block may open in one text and end in another: Gimlet fills in the manifest as a whole.
    let (mut opened, mut ended) = (Vec::new(), Vec::new());
    for text in &walk.texts {
        match go_template::read(text.text) {
            Ok(Template {
                uses,
                opened: open,
                ended: end,
            }) => {
                for used in &uses {
                    name(subject, text, used, &mut told, findings);
                }
                opened.extend(open.into_iter().map(|at| (text, at)));
                ended.extend(end.into_iter().map(|at| (text, at)));
            }
            Err(broken) => {
                findings.add_with(&TEMPLATE, || unreadable(subject, text, &broken));
                broken_ones.push(text.at.clone());
            }
        }
    }
    let matched = opened.len().min(ended.len());
    for (text, at) in opened.into_iter().skip(matched) {
        findings.add_with(&TEMPLATE, || {
            let word = code(&text.text[at.clone()]);
            draft(
                subject,
                &TEMPLATE,
                text,
                at,
                format!("{word} has no `{{{{ end }}}}`"),
            )
            .help("write `{{ end }}` where the block ends")
        });
    }
    for (text, at) in ended.into_iter().skip(matched) {
        findings.add_with(&TEMPLATE, || {
            let message = "`end` closes nothing: no `if`, `range` or `with` is open".to_owned();
            draft(subject, &TEMPLATE, text, at, message).help("remove this `{{ end }}`")
        });
    }
    broken_ones
}

/// Collects the texts with braces; what an alias repeats is looked at once.
struct Walk<'s, 'a> {
    subject: &'s Subject<'a>,
    seen: HashSet<NodeId>,
    texts: Vec<Text<'a>>,
}

impl Walk<'_, '_> {
    fn node(&mut self, node: NodeId, at: &Pointer) {
        if !self.seen.insert(node) {
            return;
        }
        let document = self.subject.document;
        match &document.node(node).kind {
            NodeKind::Scalar(scalar) => self.text(&scalar.text, at, None),
            NodeKind::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.node(item.node, &at.join(index.to_string()));
                }
            }
            NodeKind::Mapping(entries) => {
                for entry in entries.iter().filter(|entry| entry.merged.is_none()) {
                    let at = at.join(entry.key.as_str());
                    self.text(&entry.key, &at, Some(entry.key_span));
                    self.node(entry.value.node, &at);
                }
            }
        }
    }
}

impl<'a> Walk<'_, 'a> {
    fn text(&mut self, text: &'a str, at: &Pointer, key: Option<Span>) {
        if text.contains("{{") || text.contains("}}") {
            let at = at.clone();
            self.texts.push(Text { at, key, text });
        }
    }
}

/// What was said already: a name that nobody knows is one mistake, however often it is used.
#[derive(Default)]
struct Told<'a> {
    functions: HashSet<&'a str>,
    variables: HashSet<&'a str>,
}

fn name<'a>(
    subject: &Subject<'_>,
    text: &Text<'a>,
    used: &Use<'a>,
    told: &mut Told<'a>,
    findings: &mut Findings<'_>,
) {
    match used.name {
        Name::Function(name) if functions::OF_THE_SERVER.contains(&name) => {
            findings.add_with(&ENVIRONMENT, || of_the_server(subject, text, used, name));
        }
        Name::Function(name) => {
            if !functions::is_known(name) && told.functions.insert(name) {
                findings.add_with(&FUNCTION, || unknown_function(subject, text, used, name));
            }
        }
        Name::Undefined(name) => {
            if told.variables.insert(name) {
                findings.add_with(&TEMPLATE, || undefined(subject, text, used, name));
            }
        }
        Name::Variable(name) if text.at.parts().next() == Some("cleanup") => {
            if name != "BRANCH" {
                findings.add_with(&CLEANUP, || of_cleanup(subject, text, used, name));
            }
        }
        Name::Variable(name) => {
            let is_known = VARIABLES.contains(&name)
                || ["GITHUB_", "CIRCLE_"].iter().any(|ci| name.starts_with(ci));
            if !is_known && told.variables.insert(name) {
                findings.add_with(&VARIABLE, || unknown_variable(subject, text, used, name));
            }
        }
    }
}

fn draft(
    subject: &Subject<'_>,
    rule: &RuleId,
    text: &Text<'_>,
    piece: std::ops::Range<usize>,
    message: String,
) -> Draft {
    subject.draft(rule, &text.at, text.span(subject, piece), message)
}

fn of_the_server(subject: &Subject<'_>, text: &Text<'_>, used: &Use<'_>, name: &str) -> Draft {
    let (what, instead) = match name {
        "getHostByName" => ("asks for addresses", "write the address itself"),
        _ => (
            "reads the environment",
            "set the variable in `.gimlet/vars` and write `{{ .NAME }}`",
        ),
    };
    let message = format!(
        "{} {what} of the server that Gimlet runs on, secrets included, and is not allowed",
        code(name)
    );
    let message = match name {
        "getHostByName" => format!(
            "{} {what} from inside the server that Gimlet runs on, and is not allowed",
            code(name)
        ),
        _ => message,
    };
    draft(subject, &ENVIRONMENT, text, used.at.clone(), message).help(instead)
}

fn unknown_function(subject: &Subject<'_>, text: &Text<'_>, used: &Use<'_>, name: &str) -> Draft {
    let message = format!("Gimlet's templates know no function {}", code(name));
    let draft = draft(subject, &FUNCTION, text, used.at.clone(), message);
    if let Some(meant) = suggest::nearest(name, functions::known()) {
        return draft
            .label(format!("did you mean {}?", code(meant)))
            .help(format!("write {}", code(meant)));
    }
    match VARIABLES
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name))
    {
        Some(variable) => draft
            .label("a variable has a dot in front")
            .help(format!("write {}", code(&format!(".{variable}")))),
        None => draft.help(format!(
            "write {} if it is a variable, or use a function of the sprig library",
            code(&format!(".{name}"))
        )),
    }
}

fn undefined(subject: &Subject<'_>, text: &Text<'_>, used: &Use<'_>, name: &str) -> Draft {
    let message = format!("{} is used in a template that never sets it", code(name));
    draft(subject, &TEMPLATE, text, used.at.clone(), message)
        .label("Gimlet fills in every `{{ … }}`")
        .help("if the braces are for somebody else, write `{{ \"{{\" }}` for `{{`")
}

fn of_cleanup(subject: &Subject<'_>, text: &Text<'_>, used: &Use<'_>, name: &str) -> Draft {
    let message = format!(
        "{} is not known in `cleanup`, where there is `.BRANCH` only",
        code(&format!(".{name}"))
    );
    let span = text.span(subject, used.at.clone());
    let draft = subject.draft(&CLEANUP, &text.at, span, message);
    let is_branch = matches!(name, "GITHUB_BRANCH" | "CIRCLE_BRANCH" | "GITHUB_HEAD_REF");
    let is_written = subject.source.slice(span) == &text.text[used.at.clone()];
    match is_branch && is_written {
        true => draft
            .help("write `.BRANCH`")
            .fix(Fix::replace(span, ".BRANCH")),
        false => draft.help("write `.BRANCH`, or plain text"),
    }
}

fn unknown_variable(subject: &Subject<'_>, text: &Text<'_>, used: &Use<'_>, name: &str) -> Draft {
    let message = format!("Gimlet sets no variable {}", code(&format!(".{name}")));
    let draft = draft(subject, &VARIABLE, text, used.at.clone(), message);
    let or_vars = format!("set {} in `.gimlet/vars`", code(name));
    match suggest::nearest(name, VARIABLES) {
        Some(meant) => {
            let meant = code(&format!(".{meant}"));
            draft
                .label(format!("did you mean {meant}?"))
                .help(format!("write {meant}, or {or_vars}"))
        }
        None if name == "Values" => draft.label("`.Values` belongs to Helm's templates").help(
            "write the value itself; if Helm is to fill it in, write `{{ \"{{\" }}` for `{{`",
        ),
        None => draft.help(format!("{or_vars}; without it no deploy gets that far")),
    }
}

/// A text that Go can't parse, so that Gimlet deploys nothing of the manifest.
fn unreadable(subject: &Subject<'_>, text: &Text<'_>, broken: &Broken) -> Draft {
    let piece = &text.text[broken.at.clone()];
    let (message, help) = match broken.fault {
        Fault::Unclosed => (
            "`{{` opens a template that never ends".to_owned(),
            "close it with `}}`, or write `{{ \"{{\" }}` if the braces are text".to_owned(),
        ),
        Fault::HalfClosed => (
            format!("the template {} is closed by one brace only", code(piece)),
            match piece.len() {
                0..400 => format!("write {}", whole(&format!("{piece}}}"))),
                _ => "close it with `}}`".to_owned(),
            },
        ),
        Fault::HalfOpened => (
            format!(
                "the template {} is opened by one brace only, and stays as it is",
                code(piece)
            ),
            match piece.len() {
                0..400 => format!("write {}", whole(&format!("{{{piece}"))),
                _ => "open it with `{{`".to_owned(),
            },
        ),
        Fault::Empty => (
            "the template is empty".to_owned(),
            "write what is to stand there, such as `{{ .SHA }}`, or remove the braces".to_owned(),
        ),
        Fault::Quote => (
            "a quote in the template is never closed".to_owned(),
            "close it before the `}}`".to_owned(),
        ),
        Fault::SingleQuotes => (
            format!(
                "{} is text in single quotes, which templates can't read",
                code(piece)
            ),
            format!(
                "write {}",
                code(&format!("\"{}\"", piece.trim_matches('\'')))
            ),
        ),
        Fault::OpenParenthesis => (
            "`(` in the template is never closed".to_owned(),
            "close it with `)` before the `}}`".to_owned(),
        ),
        Fault::Parenthesis => (
            "`)` closes nothing in the template".to_owned(),
            "remove it, or write what belongs between the parentheses".to_owned(),
        ),
        Fault::Pipe => (
            "`|` in the template stands alone: it passes a value on to a function".to_owned(),
            "remove it, or write both sides, such as `.BRANCH | sanitizeDNSName`".to_owned(),
        ),
        Fault::Comment => (
            "a comment in a template must end with `*/}}`".to_owned(),
            "write `{{/* … */}}`".to_owned(),
        ),
        Fault::Character('-') => (
            "`-` can't stand in the name of a template's variable".to_owned(),
            "close the template before it, such as `{{ .APP }}-web`".to_owned(),
        ),
        Fault::Character(c) if suggest::is_quote(c) => (
            format!("{} is no quote that templates can read", character(c)),
            "write the plain quote `\"`".to_owned(),
        ),
        Fault::Character(c) => (
            format!("{} can't stand there in a template", character(c)),
            "remove it, or write it in quotes if it is text".to_owned(),
        ),
    };
    draft(subject, &TEMPLATE, text, broken.at.clone(), message).help(help)
}
