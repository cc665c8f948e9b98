//! What YAML itself says of a file, in words for people who never read its specification.

use super::{Rule, rule};
use crate::check::findings::{Draft, Findings};
use crate::check::words::{character, code, is_copyable, whole};
use crate::document::{
    Cause, Document, Encoding, Kind, Pointer, Problem, ProblemKind, ScalarValue, Source, Span,
    Stream, resolve,
};
use crate::finding::{Fix, RuleId};

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(unreadable, "yaml/syntax", "the text is not YAML"),
    rule!(unreadable, "yaml/tab", "a tab where YAML takes spaces only"),
    rule!(unreadable, "yaml/conflict-marker", "the marks of a merge that nobody finished"),
    rule!(unreadable, "yaml/diff", "a diff stands where the file itself should be"),
    rule!(unreadable, "yaml/encoding", "the file is not UTF-8"),
    rule!(unreadable, "yaml/control-character", "the file holds a character that YAML forbids"),
    rule!(unreadable, "yaml/too-large", "the file has too many bytes"),
    rule!(unreadable, "yaml/too-deep", "mappings and lists lie too deep inside one another"),
    rule!(unreadable, "yaml/too-many-nodes", "the file has too many keys and values"),
    rule!(unreadable, "yaml/alias-expansion", "aliases make the file grow too large"),
    rule!(unreadable, "yaml/recursive-alias", "an alias lies inside the value that it stands for"),
    rule!(error, "yaml/duplicate-key", "a mapping has the same key twice"),
    rule!(error, "yaml/complex-key", "a mapping or a list is used as a key"),
    rule!(error, "yaml/merge-value", "`<<` merges something other than a mapping"),
    rule!(unreadable, "yaml/unquoted-template", "a template `{{ … }}` is read as a mapping for want of quotes"),
    rule!(error, "yaml/unknown-tag", "a word with `!` is read as a YAML tag, mostly for want of quotes"),
    rule!(warning, "yaml/byte-order-mark", "the file begins with an invisible mark that some readers stumble over"),
    rule!(error, "yaml/several-documents", "a file has several documents, and its reader takes one"),
    rule!(warning, "yaml/ambiguous-scalar", "a value without quotes that old and new YAML readers take differently"),
    rule!(warning, "yaml/number-text", "a number without quotes that does not keep its text"),
    rule!(warning, "yaml/smart-quotes", "a value in the quotes of a word processor, which belong to its text"),
    rule!(warning, "yaml/unused-anchor", "an anchor that no alias names"),
];

/// A problem of the text as a finding. The tree helps where it could be built.
pub(in crate::check) fn draft(problem: &Problem, source: &Source, stream: &Stream) -> Draft {
    let document = stream
        .documents
        .iter()
        .find(|document| document.number() == problem.document);
    let draft = match &problem.kind {
        ProblemKind::UnknownTag { tag } => unknown_tag(problem, tag, source, document),
        ProblemKind::UnquotedTemplate { text } => unquoted_template(problem, text),
        ProblemKind::DuplicateKey { key } => duplicate_key(problem, key),
        kind => plain(kind, problem.span),
    };
    draft.at(problem.document, problem.pointer.clone())
}

/// A problem of a file of which nobody has any text.
pub(in crate::check) fn unplaced(kind: &ProblemKind) -> Draft {
    plain(kind, Span::default())
}

/// The rules that need neither tree nor source.
fn plain(kind: &ProblemKind, span: Span) -> Draft {
    let draft = |rule, message: String| Draft::new(RuleId::of(rule), span, message);
    match kind {
        ProblemKind::TooLarge { bytes, limit } => draft(
            "yaml/too-large",
            format!("the file has {bytes} bytes; at most {limit} are read"),
        )
        .help("split the file, or move long texts into files of their own"),
        ProblemKind::Encoding { encoding } => encoding_draft(*encoding, span),
        ProblemKind::ControlCharacter { character: c } => draft(
            "yaml/control-character",
            format!(
                "the file holds {}, which YAML does not allow",
                character(*c)
            ),
        )
        .help("delete the character; many editors show it only when asked to"),
        ProblemKind::Syntax {
            cause,
            message,
            help,
        } => {
            let rule = match cause {
                Cause::Tab => "yaml/tab",
                Cause::Conflict => "yaml/conflict-marker",
                Cause::Diff => "yaml/diff",
                Cause::Other => "yaml/syntax",
            };
            let draft = draft(rule, message.clone());
            match help {
                Some(help) => draft.help(help.as_str()),
                None => draft,
            }
        }
        ProblemKind::TooDeep { limit } => draft(
            "yaml/too-deep",
            format!("mappings and lists are nested more than {limit} deep"),
        )
        .label("one too deep")
        .help("use fewer levels of indentation or brackets"),
        ProblemKind::TooManyNodes { limit } => draft(
            "yaml/too-many-nodes",
            format!("the file has more than {limit} keys and values"),
        )
        .label("the first one too many")
        .help("split the file"),
        ProblemKind::AliasExpansion { limit } => draft(
            "yaml/alias-expansion",
            format!(
                "the file grows to more than {limit} keys and values once its aliases are followed"
            ),
        )
        .label("the first one too many")
        .help("write the values out, or use fewer aliases of aliases"),
        ProblemKind::RecursiveAlias { alias } => draft(
            "yaml/recursive-alias",
            format!("{} lies inside the value that it stands for", code(alias)),
        )
        .help("name another anchor, or write the value out"),
        ProblemKind::AliasText { limit } => draft(
            "yaml/alias-expansion",
            format!(
                "the file grows to more than {limit} bytes of text once its aliases are followed"
            ),
        )
        .label("the first one too many")
        .help("write long texts once, or move them into files of their own"),
        ProblemKind::TooManyDocuments { limit } => draft(
            "yaml/too-many-nodes",
            format!("the file holds more than {limit} YAML documents"),
        )
        .label("the first one too many")
        .help("split the file"),
        ProblemKind::ComplexKey => draft(
            "yaml/complex-key",
            "a key must be text, but is a mapping or a list".to_owned(),
        )
        .help("write one word as the key; if the brackets belong to it, put it in quotes"),
        _ => draft(
            "yaml/merge-value",
            "`<<` can merge a mapping only, or a list of mappings".to_owned(),
        )
        .help("merge an alias of a mapping, such as `<<: *defaults`"),
    }
}

fn encoding_draft(encoding: Encoding, span: Span) -> Draft {
    let message = match encoding {
        Encoding::Utf16 => "the file is encoded as UTF-16, not as UTF-8".to_owned(),
        Encoding::Utf32 => "the file is encoded as UTF-32, not as UTF-8".to_owned(),
        Encoding::NotUtf8 { byte } => format!(
            "the file is not encoded as UTF-8: the byte 0x{byte:02X} suggests Latin-1 or Windows-1252"
        ),
    };
    Draft::new(RuleId::of("yaml/encoding"), span, message).help("save the file as UTF-8")
}

fn duplicate_key(problem: &Problem, key: &str) -> Draft {
    let message = format!("{} is set twice in one mapping", code(key));
    let draft = Draft::new(RuleId::of("yaml/duplicate-key"), problem.span, message)
        .label("set again here")
        .help("keep one of the two; which one counts differs from reader to reader");
    match problem.related {
        Some(first) => draft.related(first, "first set here"),
        None => draft,
    }
}

/// `key: {{ .X }}` is the mapping `{ {.X: null}: null }`.
fn unquoted_template(problem: &Problem, text: &str) -> Draft {
    let rule = RuleId::of("yaml/unquoted-template");
    let message = format!(
        "the template {} is read as a mapping because it is not quoted",
        code(text)
    );
    let draft = Draft::new(rule, problem.span, message);
    if !is_copyable(text) {
        draft.help("put the whole value in quotes")
    } else {
        draft
            .help(format!(
                "write {}",
                whole(&written(&problem.pointer, &quoted(text)))
            ))
            .fix(Fix::replace(problem.span, quoted(text)))
    }
}

/// `key: !main` is an empty value with the tag `!main`.
fn unknown_tag(
    problem: &Problem,
    tag: &str,
    source: &Source,
    document: Option<&Document>,
) -> Draft {
    let found = document.and_then(|document| {
        let (node, _) = document.resolve(&Pointer::parse(&problem.pointer))?;
        Some(document.node(node))
    });
    let value = found.map(|node| source.slice(node.span));
    let is_empty = value.is_none_or(|value| value.is_empty() || value == tag);
    let draft = |message: String| Draft::new(RuleId::of("yaml/unknown-tag"), problem.span, message);
    if is_empty {
        let line = written(&problem.pointer, &quoted(tag));
        return draft(format!(
            "{} is read as a YAML tag, so that the value is empty",
            code(tag)
        ))
        .label("text that begins with `!` needs quotes")
        .help(format!("write {}", whole(&line)))
        .fix(Fix::replace(problem.span, quoted(tag)));
    }
    let draft = draft(format!(
        "{} is read as a YAML tag, which means nothing here",
        code(tag)
    ));
    let text = value
        .filter(|value| is_copyable(value))
        .map(|value| written(&problem.pointer, &quoted(&format!("{tag} {value}"))));
    match text {
        Some(line) => draft.help(format!(
            "remove it, or write {} if it is text",
            whole(&line)
        )),
        None => draft.help("remove it"),
    }
}

/// Three bytes in front of the text that no editor shows.
pub(in crate::check) fn byte_order_mark(source: &Source, findings: &mut Findings<'_>) {
    if !source.has_byte_order_mark() {
        return;
    }
    let rule = RuleId::of("yaml/byte-order-mark");
    findings.add_with(&rule, || {
        let message = "the file begins with a byte order mark, which some readers take for text";
        Draft::new(rule.clone(), Span::default(), message)
            .label("three invisible bytes stand in front of it")
            .help("save the file as UTF-8 without byte order mark (BOM)")
            .fix(Fix::without_byte_order_mark())
    });
}

/// Documents after the first, where the file's reader takes one only.
pub(in crate::check) fn several_documents(
    kind: &Kind,
    source: &Source,
    stream: &Stream,
    findings: &mut Findings<'_>,
) {
    let reader = match kind {
        Kind::Port => "Port's reader refuses a file of several documents",
        Kind::Gimlet => "Gimlet reads the first document only",
        Kind::Pipelines => "Bitbucket reads one document only",
        Kind::Algorithmia => "Algorithmia reads one JSON object",
        Kind::Operator(_) => return,
    };
    let help = match kind {
        Kind::Port => "write the entities as one list: a `-` in front of each",
        Kind::Gimlet => "move the document into a file of its own",
        Kind::Pipelines => "move what is in it up into the first one, and remove the `---`",
        _ => "keep one of them",
    };
    let Some(second) = stream.documents.get(1) else {
        return;
    };
    let root = second.root().at;
    let before = &source.text()[..root.start];
    let marker = before
        .rfind("\n---")
        .map_or(root, |at| Span::new(at + 1, at + 4));
    findings.add(
        Draft::new(
            RuleId::of("yaml/several-documents"),
            marker,
            "the file has a second document",
        )
        // It is about the whole file.
        .at(1, "")
        .label(reader)
        .help(help),
    );
}

fn written(pointer: &str, value: &str) -> String {
    match Pointer::parse(pointer).last() {
        Some(key) if !key.bytes().all(|byte| byte.is_ascii_digit()) => format!("{key}: {value}"),
        _ => value.to_owned(),
    }
}

/// As YAML takes it for this very text: in quotes only where it would be something else without.
pub(in crate::check) fn as_written(text: &str) -> String {
    let begins_well =
        text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.'));
    let is_quiet = !text.contains(|c: char| "#:{}[],\"'`".contains(c) || c.is_control());
    let is_text = resolve(text) == ScalarValue::Str;
    if begins_well && is_quiet && is_text && text.trim() == text {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// In the quotes that need no escape.
pub(in crate::check) fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}
