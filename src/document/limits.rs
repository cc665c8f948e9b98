//! What a document may cost. Each limit that is hit is its own finding.

/// The budget of one file.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file. 1 MiB is also what one request to Port may hold.
    pub bytes: usize,
    /// Mappings and lists inside one another, aliases followed.
    pub depth: usize,
    /// Keys and values of the file, as written.
    pub nodes: usize,
    /// Keys and values of the file after its aliases and merge keys are followed.
    pub expanded: usize,
    /// Bytes of text that aliases and merge keys may bring in addition to what is written.
    pub expanded_bytes: usize,
    /// Documents of the file.
    pub documents: usize,
    /// Bytes of the files that its `file://` values name, each counted as often as it is named.
    pub named_files: usize,
    /// Problems of one file that are kept; the rest is counted.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1024 * 1024,
            depth: 64,
            nodes: 120_000,
            expanded: 250_000,
            expanded_bytes: 4 * 1024 * 1024,
            documents: 10_000,
            named_files: 32 * 1024 * 1024,
            problems: 200,
        }
    }
}
