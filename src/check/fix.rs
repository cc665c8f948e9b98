//! Mending a document: the changes that its findings name, where nothing else comes of them.

use std::collections::{HashMap, HashSet};

use crate::document::{Kind, Limits};
use crate::finding::{Edit, Finding, Fix};

use super::checked::Checked;
use super::checker::Checker;

mod unread;

/// Findings that are looked at, where a report shows a few: whatever is not looked at is not mended.
const FINDINGS: usize = 20_000;

/// So often one document is checked while its fixes are tried out.
const CHECKS: usize = 2_000;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A document after [`Checker::fix`].
#[derive(Debug)]
pub struct Fixed {
    /// The bytes to write; none where nothing was changed.
    pub bytes: Option<Vec<u8>>,
    /// What is found in the bytes as they are now; [`Checked::fixed`] counts what no longer is.
    pub checked: Checked,
}

impl Checker {
    /// Applies the fixes of a document's findings, as many as can be, and checks the outcome.
    ///
    /// A fix is applied only where the findings afterwards are those from before without the fixed
    /// ones: no other finding comes or goes with it, but for what a template without quotes kept from
    /// being read. Outside of the fixes' edits every byte stays.
    /// Fixing what came out changes nothing more.
    #[must_use]
    pub fn fix(&self, kind: &Kind, path: &str, bytes: &[u8]) -> Fixed {
        let mut mending = Mending {
            checker: self,
            kind,
            path,
            limits: Limits {
                problems: FINDINGS,
                ..*self.limits()
            },
            checks: 0,
        };
        let Some((mended, fixed)) = mending.mend(bytes) else {
            return Fixed {
                bytes: None,
                checked: self.check(kind, path, bytes),
            };
        };
        let mut checked = self.check(kind, path, &mended);
        checked.fixed = fixed;
        Fixed {
            bytes: Some(mended),
            checked,
        }
    }
}

/// A document on its way to its fixpoint.
struct Mending<'c> {
    checker: &'c Checker,
    kind: &'c Kind,
    path: &'c str,
    limits: Limits,
    checks: usize,
}

/// A text and what is found in it.
struct State {
    bytes: Vec<u8>,
    checked: Checked,
}

/// A fix and the findings that it mends: several may name the same change.
struct Change<'f> {
    fix: &'f Fix,
    findings: Vec<&'f Finding>,
}

impl Mending<'_> {
    /// The mended bytes and how many findings went; none where no fix applies, or where finding out
    /// would take too long: half of the work would leave the other half to the next run.
    fn mend(&mut self, bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
        let mut state = self.check(bytes.to_vec());
        let mut fixed = 0;
        if let Some(uncovered) = self.uncovered(&state) {
            state = uncovered.state;
            fixed = uncovered.fixed;
        }
        let mut is_changed = fixed > 0;
        let first = state.checked.findings.len();
        // Each round leaves fewer findings.
        while let Some(next) = self.round(&state) {
            state = next;
            is_changed = true;
        }
        fixed += first.saturating_sub(state.checked.findings.len());
        (is_changed && self.has_checks_left()).then_some((state.bytes, fixed))
    }

    fn has_checks_left(&self) -> bool {
        self.checks < CHECKS
    }

    fn check(&mut self, bytes: Vec<u8>) -> State {
        self.checks += 1;
        let checked = self
            .checker
            .check_within(self.kind, self.path, &bytes, &self.limits);
        State { bytes, checked }
    }

    /// The text with some of its fixes applied; none where none can be.
    fn round(&mut self, state: &State) -> Option<State> {
        // What is not known can't be compared.
        if state.checked.left_out.errors + state.checked.left_out.warnings > 0 {
            return None;
        }
        let mut waiting = changes(&state.checked.findings);
        while !waiting.is_empty() {
            let (chosen, overlapping) = apart(waiting);
            let mut applied = Applied {
                changes: Vec::new(),
                state: None,
            };
            self.narrow(state, &chosen, &mut applied);
            if applied.state.is_some() {
                return applied.state;
            }
            waiting = overlapping;
        }
        None
    }

    /// Applies all of `changes`, or as many of them as halving finds.
    fn narrow<'f>(&mut self, state: &State, changes: &'f [Change<'f>], applied: &mut Applied<'f>) {
        if changes.is_empty() || !self.has_checks_left() {
            return;
        }
        let together: Vec<&Change<'_>> = applied.changes.iter().copied().chain(changes).collect();
        let next = self.check(edited(&state.bytes, &together));
        if is_better(&state.checked, &next.checked, &together) {
            applied.changes.extend(changes);
            applied.state = Some(next);
        } else if changes.len() > 1 {
            let (first, second) = changes.split_at(changes.len() / 2);
            self.narrow(state, first, applied);
            self.narrow(state, second, applied);
        }
    }
}

/// What was applied in a round so far, and what came of it.
struct Applied<'f> {
    changes: Vec<&'f Change<'f>>,
    state: Option<State>,
}

/// The fixes of all findings, equal ones together.
fn changes(findings: &[Finding]) -> Vec<Change<'_>> {
    let mut changes: Vec<Change<'_>> = Vec::new();
    let mut known: HashMap<&Fix, usize> = HashMap::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        match known.get(fix).and_then(|&at| changes.get_mut(at)) {
            Some(change) => change.findings.push(finding),
            None => {
                known.insert(fix, changes.len());
                changes.push(Change {
                    fix,
                    findings: vec![finding],
                });
            }
        }
    }
    changes
}

/// Changes that don't overlap, the first ones first, and those that overlap one of them.
fn apart(mut changes: Vec<Change<'_>>) -> (Vec<Change<'_>>, Vec<Change<'_>>) {
    let begin = |change: &Change<'_>| change.fix.edits.first().map_or(0, |edit| edit.span.start);
    changes.sort_by_key(begin);
    let mut end = None;
    changes.into_iter().partition(|change| {
        let edits = &change.fix.edits;
        let (Some(first), Some(last)) = (edits.first(), edits.last()) else {
            return true;
        };
        // Two edits that touch could be put together in two ways.
        let is_free = end.is_none_or(|end| end < first.span.start);
        if is_free {
            end = Some(last.span.end);
        }
        is_free
    })
}

/// The bytes with the edits of all changes made.
fn edited(bytes: &[u8], changes: &[&Change<'_>]) -> Vec<u8> {
    let (mark, text) = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(text) => (BYTE_ORDER_MARK, text),
        None => (&[][..], bytes),
    };
    let drops_mark = changes
        .iter()
        .any(|change| change.fix.drops_byte_order_mark);
    let mut edits: Vec<&Edit> = changes
        .iter()
        .flat_map(|change| &change.fix.edits)
        .collect();
    edits.sort_by_key(|edit| edit.span);
    let mut out = Vec::with_capacity(bytes.len());
    if !drops_mark {
        out.extend_from_slice(mark);
    }
    let mut copied = 0;
    for edit in edits {
        out.extend_from_slice(text.get(copied..edit.span.start).unwrap_or_default());
        out.extend_from_slice(edit.text.as_bytes());
        copied = edit.span.end;
    }
    out.extend_from_slice(text.get(copied..).unwrap_or_default());
    out
}

/// Whether exactly the mended findings are gone and nothing else came or went.
fn is_better(before: &Checked, after: &Checked, changes: &[&Change<'_>]) -> bool {
    let left_out = after.left_out;
    if left_out.errors + left_out.warnings > 0 || before.ignored != after.ignored {
        return false;
    }
    let mended: HashSet<*const Finding> = changes
        .iter()
        .flat_map(|change| &change.findings)
        .map(|finding| std::ptr::from_ref(*finding))
        .collect();
    let kept = before
        .findings
        .iter()
        .filter(|finding| !mended.contains(&std::ptr::from_ref(*finding)));
    let mut balance: HashMap<_, isize> = HashMap::new();
    for finding in kept {
        *balance.entry(words(finding)).or_default() += 1;
    }
    for finding in &after.findings {
        *balance.entry(words(finding)).or_default() -= 1;
    }
    balance.values().all(|&count| count == 0)
}

/// By what a finding is known again once the text around it has moved.
fn words(finding: &Finding) -> (&str, usize, &str) {
    (finding.rule.as_str(), finding.document, &finding.message)
}
