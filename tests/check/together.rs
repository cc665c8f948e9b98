//! Documents of one folder, checked together as `check` does it.

use std::path::Path;

use pushgate::check::{Checked, Checker, Elsewhere, NotAFile, Placed};
use pushgate::work_tree::{Candidate, WorkTree, WorkTreeFiles};

/// The documents below a folder that lies in no repository.
pub fn check_folder(checker: &Checker, folder: &Path) -> Vec<Checked> {
    let tree = WorkTree::around(folder);
    let mut candidates = tree.documents_below(folder, checker.kinds(), None);
    candidates.sort_by(|one, other| one.path.cmp(&other.path));
    let mut checked: Vec<Checked> = candidates
        .iter()
        .map(|candidate| alone(checker, candidate))
        .collect();
    let placed: Vec<_> = checked
        .iter()
        .map(|checked| Placed {
            path: &checked.path,
            checked,
        })
        .collect();
    let files = WorkTreeFiles::new(&tree, checker.kinds());
    let added = checker.together(&placed, &files).unwrap();
    for (checked, added) in checked.iter_mut().zip(added) {
        checked.add(added);
    }
    checked
}

/// A document, known by its path from the root.
fn alone(checker: &Checker, candidate: &Candidate) -> Checked {
    let Candidate { path, kind, place } = candidate;
    let shown = &place.as_ref().unwrap().path;
    if path.is_symlink() {
        let target = std::fs::read_link(path).ok();
        let what = Elsewhere::Symlink {
            target: target.map(|to| to.display().to_string()),
        };
        return match candidate.is_own_folder(checker.kinds()) {
            true => checker.not_a_folder(kind, shown, &what),
            false => checker.not_a_file(kind, shown, NotAFile::Elsewhere(what)),
        };
    }
    checker.check(kind, shown, &std::fs::read(path).unwrap())
}
