//! The rules: one file a family, which names them, says how bad they are, and finds them.

pub(super) mod algorithmia;
pub(super) mod blueprint;
pub(super) mod chart;
pub(super) mod duplicates;
pub(super) mod file;
pub(super) mod file_values;
pub(super) mod gimlet;
mod gimlet_server;
pub(super) mod ignore;
pub(super) mod pipelines;
pub(super) mod port;
pub(super) mod scalars;
pub(super) mod schema;
mod trust_policy;
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
    /// Its page, in Markdown: what, why, bad, good, how to silence it.
    pub page: &'static str,
}

impl Rule {
    /// The first part of its name: the family it belongs to.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.id
            .split_once('/')
            .map_or(self.id, |(family, _)| family)
    }
}

/// The families, in the order in which they are listed.
static FAMILIES: [&[Rule]; 9] = [
    file::RULES,
    yaml::RULES,
    port::RULES,
    blueprint::RULES,
    gimlet::RULES,
    chart::RULES,
    pipelines::RULES,
    algorithmia::RULES,
    ignore::RULES,
];

/// The families of what only a command inspects: no push brings such a file, and no level counts.
static INSPECTED: [&[Rule]; 2] = [gimlet_server::RULES, trust_policy::RULES];

/// A line of a family's registry. A rule without its page `docs/rules/FAMILY/RULE.md` does not
/// compile.
macro_rules! rule {
    ($how:ident, $id:literal, $summary:literal) => {
        $crate::check::rules::$how(
            $id,
            $summary,
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/docs/rules/",
                $id,
                ".md"
            )),
        )
    };
}
use rule;

/// Every built-in rule of documents, family by family. The operator's own kinds add `<kind>/schema`
/// each.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().copied().flatten()
}

/// Every rule of what only a command inspects: settings of a server, policies.
pub fn inspected() -> impl Iterator<Item = &'static Rule> {
    INSPECTED.iter().copied().flatten()
}

/// Every rule that a report may name and that has a page.
pub fn with_page() -> impl Iterator<Item = &'static Rule> {
    all().chain(inspected())
}

/// The page of `<kind>/schema`, the one rule of each of the operator's own kinds.
pub const OWN_KIND: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/docs/rules/kind/schema.md"
));

/// The rule of documents of a name: one whose level can be set.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// The rule of a name, of documents or of what a command inspects.
#[must_use]
pub fn with_page_by_id(id: &str) -> Option<&'static Rule> {
    with_page().find(|rule| rule.id == id)
}

/// The rule whose name is nearest to what somebody wrote, where one is near enough.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    super::suggest::nearest(name, with_page().map(|rule| rule.id))
}

const fn unreadable(id: &'static str, summary: &'static str, page: &'static str) -> Rule {
    Rule {
        id,
        severity: Severity::Error,
        summary,
        fixed: true,
        page,
    }
}

const fn error(id: &'static str, summary: &'static str, page: &'static str) -> Rule {
    Rule {
        id,
        severity: Severity::Error,
        summary,
        fixed: false,
        page,
    }
}

const fn warning(id: &'static str, summary: &'static str, page: &'static str) -> Rule {
    Rule {
        id,
        severity: Severity::Warning,
        summary,
        fixed: false,
        page,
    }
}
