//! Where the binary is that is handed out.

use std::path::{Path, PathBuf};

/// What `.ci/dist` built: `PUSHGATE_STATIC`, else `target/static/pushgate`. Its absence is a failure on CI.
pub fn binary() -> Option<PathBuf> {
    let binary = std::env::var_os("PUSHGATE_STATIC").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/static/pushgate"),
        PathBuf::from,
    );
    if binary.is_file() {
        return Some(binary);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{} is missing: build it by `bash .ci/dist`",
        binary.display()
    );
    println!("skipped: the static binary is not built; `bash .ci/dist` builds it");
    None
}

/// Whether it is the form for releases, which has its SBOM beside it, and not the one that `--quick` builds.
pub fn is_full(binary: &Path) -> bool {
    binary.with_file_name("pushgate.cdx.json").is_file()
}
