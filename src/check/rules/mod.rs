//! The rules: what each of them is called, how bad it is, and one file a family that finds it.

pub(super) mod algorithmia;
pub(super) mod file;
pub(super) mod gimlet;
pub(super) mod port;
pub(super) mod schema;
pub(super) mod yaml;

use crate::finding::Severity;

/// One check.
#[derive(Debug)]
pub struct Rule {
    /// Its name, `family/rule`.
    pub id: &'static str,
    /// How bad its findings are where the configuration says nothing else.
    pub severity: Severity,
    /// What is wrong where it speaks, in one line.
    pub summary: &'static str,
    /// Whether it must stay an error, because a document it speaks of can't be read.
    pub fixed: bool,
}

/// Every built-in rule. The operator's own kinds add `<kind>/schema` each.
#[must_use]
pub fn all() -> &'static [Rule] {
    &ALL
}

/// The rule of a name.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id == id)
}

const fn unreadable(id: &'static str, summary: &'static str) -> Rule {
    Rule {
        id,
        severity: Severity::Error,
        summary,
        fixed: true,
    }
}

const fn error(id: &'static str, summary: &'static str) -> Rule {
    Rule {
        id,
        severity: Severity::Error,
        summary,
        fixed: false,
    }
}

const fn warning(id: &'static str, summary: &'static str) -> Rule {
    Rule {
        id,
        severity: Severity::Warning,
        summary,
        fixed: false,
    }
}

#[rustfmt::skip]
static ALL: [Rule; 51] = [
    unreadable("file/symlink", "a symbolic link stands where a document should be"),
    unreadable("file/submodule", "a submodule stands where a document should be"),
    unreadable("file/folder", "a folder stands where a document should be"),

    unreadable("yaml/syntax", "the text is not YAML"),
    unreadable("yaml/encoding", "the file is not UTF-8"),
    unreadable("yaml/control-character", "the file holds a character that YAML forbids"),
    unreadable("yaml/too-large", "the file has too many bytes"),
    unreadable("yaml/too-deep", "mappings and lists lie too deep inside one another"),
    unreadable("yaml/too-many-nodes", "the file has too many keys and values"),
    unreadable("yaml/alias-expansion", "aliases make the file grow too large"),
    unreadable("yaml/recursive-alias", "an alias lies inside the value that it stands for"),
    error("yaml/duplicate-key", "a mapping has the same key twice"),
    error("yaml/complex-key", "a mapping or a list is used as a key"),
    error("yaml/merge-value", "`<<` merges something other than a mapping"),
    unreadable("yaml/unquoted-template", "a template `{{ … }}` is read as a mapping for want of quotes"),
    error("yaml/unknown-tag", "a word with `!` is read as a YAML tag, mostly for want of quotes"),
    error("yaml/several-documents", "a file has several documents, and its reader takes one"),

    error("port/entity", "the file holds something that is not an entity"),
    error("port/missing-identifier", "an entity has no `identifier`"),
    error("port/missing-title", "an entity has no `title`"),
    error("port/missing-blueprint", "an entity has no `blueprint`"),
    error("port/identifier", "an identifier that Port refuses"),
    error("port/blueprint", "a blueprint's identifier that Port refuses"),
    error("port/key", "a property or relation whose name Port refuses"),
    error("port/type", "a value of the wrong type, such as a number where text belongs"),
    error("port/search-query", "a search query that Port refuses"),
    error("port/duplicate-entity", "two entities of one file have the same blueprint and identifier"),
    warning("port/unknown-key", "a key that entities don't have"),
    warning("port/misplaced-key", "`relations` or `properties` stands inside of `properties`"),
    warning("port/empty", "the file declares no entity"),

    error("gimlet/format", "the file is neither a manifest nor a list of environments"),
    error("gimlet/missing-app", "a manifest has no `app`"),
    error("gimlet/missing-env", "a manifest has no `env`"),
    error("gimlet/missing-namespace", "a manifest has no `namespace`"),
    error("gimlet/missing-chart", "a manifest deploys nothing: neither `chart` nor `manifests`"),
    error("gimlet/missing-key", "something else that is needed is missing"),
    error("gimlet/app-name", "an `app` that can't name a release"),
    error("gimlet/env-name", "an `env` that can't name an environment"),
    error("gimlet/type", "a value of the wrong type"),
    error("gimlet/value", "a value that Gimlet does not know"),
    error("gimlet/unknown-key", "a key that Gimlet ignores"),
    error("gimlet/deploy-never-fires", "a `deploy` that no push can meet"),
    error("gimlet/cleanup", "a `cleanup` that never fires, or fires on every branch"),
    warning("gimlet/every-branch", "a `deploy` that every branch meets"),
    warning("gimlet/misspelt-key", "a key of a release that looks like a slip of a well-known one"),
    warning("gimlet/removed-key", "a key that Gimlet no longer reads"),

    error("algorithmia/json", "the file is not JSON"),
    error("algorithmia/missing-key", "the algorithm's owner or name is missing"),
    error("algorithmia/name", "a name that no owner or algorithm can have"),
    error("algorithmia/type", "a value of the wrong type"),
    warning("algorithmia/unknown-key", "a key that Algorithmia does not read"),
];
