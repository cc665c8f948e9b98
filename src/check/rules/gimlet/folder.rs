//! What stands where Gimlet's folder of manifests should be.

use crate::check::Elsewhere;
use crate::check::findings::Draft;
use crate::check::rules::file::leads_elsewhere;
use crate::document::Span;
use crate::finding::RuleId;

const RULE: RuleId = RuleId::of("gimlet/not-a-folder");

/// Neither Gimlet nor pushgate follows it: what lies behind it may look checked, and is not.
pub(in crate::check) fn not_a_folder(path: &str, what: &Elsewhere) -> Draft {
    let message = format!(
        "{}: no manifest behind it is checked",
        leads_elsewhere(path, what)
    );
    let help = match what {
        Elsewhere::Symlink { .. } => {
            "commit a folder `.gimlet` with the manifests in it in place of the link"
        }
        Elsewhere::Submodule => {
            "commit a folder `.gimlet` with the manifests in it in place of the submodule"
        }
    };
    Draft::new(RULE, Span::default(), message).help(help)
}
