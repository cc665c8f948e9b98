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
    /// Keys and values of one document after its aliases are followed.
    pub expanded: usize,
    /// Problems of one file that are kept; the rest is counted.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1024 * 1024,
            depth: 64,
            nodes: 200_000,
            expanded: 250_000,
            problems: 200,
        }
    }
}
