//! `preview: true`, which writes `deploy` and `cleanup` itself.

use super::place;
use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::words::code;
use crate::document::Pointer;
use crate::finding::RuleId;

const RULE: RuleId = RuleId::of("gimlet/preview-overwrites");

/// What Gimlet overwrites is told once, and what stands in it does not count.
pub(super) fn check(subject: &mut Subject<'_>, findings: &mut Findings<'_>) {
    if !place::is_true(subject, &place::below(&["preview"])) {
        return;
    }
    let document = subject.document;
    let root = document.root().node;
    let written: Vec<&str> = ["deploy", "cleanup"]
        .into_iter()
        .filter(|key| document.get(root, key).is_some())
        .collect();
    let Some(first) = written.first() else {
        return;
    };
    findings.add_with(&RULE, || {
        let at = Pointer::root().join(*first);
        let (node, place) = subject.find(&at);
        let span = place.key.unwrap_or_else(|| subject.mark(node, place));
        let both = written.len() > 1;
        let message = match both {
            true => {
                "`preview: true` overwrites this `deploy` and the `cleanup` beside it".to_owned()
            }
            false => format!("`preview: true` overwrites this {}", code(first)),
        };
        let help = match both {
            true => {
                "remove `deploy` and `cleanup`, or write `preview: false` and keep them".to_owned()
            }
            false => format!(
                "remove {}, or write `preview: false` and keep it",
                code(first)
            ),
        };
        subject
            .draft(&RULE, &at, span, message)
            .label("Gimlet deploys every branch but `main` and `master` as a preview")
            .help(help)
    });
    for key in written {
        subject.hide(Pointer::root().join(key));
    }
}
