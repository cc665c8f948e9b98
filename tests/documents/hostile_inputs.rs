//! Files made to hurt a reader: each is small to write down and large or deep to read.
//!
//! They are built here and not kept as files; a bench can write [`all`] of them to a folder.

use std::fmt::Write;

/// A file and the name it goes by.
pub struct Hostile {
    /// What it is, fit for a file name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Every hostile file.
pub fn all() -> Vec<Hostile> {
    let files: Vec<(&'static str, String)> = vec![
        ("brackets", "[".repeat(200 * 1024)),
        ("braces", "{".repeat(200 * 1024)),
        ("brace-keys", "{a: ".repeat(50 * 1024)),
        ("nested-lists", "- ".repeat(50_000)),
        ("nested-explicit-keys", "? ".repeat(20_000)),
        ("nested-block-keys", nested_block_keys(1_400)),
        ("billion-laughs", billion_laughs()),
        ("quadratic-aliases", quadratic_aliases(20_000, 20_000)),
        ("deep-aliases", deep_aliases(100)),
        ("long-text-aliases", long_text_aliases(400_000, 20_000)),
        ("long-key-aliases", long_key_aliases(400_000, 20_000)),
        ("recursive-alias", "a: &a\n  - b: *a\n".into()),
        ("file-of-12-mb", "a: b\n".repeat(12 * 1024 * 1024 / 5)),
        ("line-of-5-mb", format!("a: {}", "x".repeat(5_000_000))),
        ("line-of-900-kb", format!("a: {}\n", "x".repeat(900_000))),
        ("nul-bytes", format!("a: {}\n", "\0".repeat(1_000))),
        ("duplicate-keys", "a: 1\n".repeat(50_000)),
        ("wide-list", format!("[{}", "[],".repeat(349_525))),
        ("flow-entries", "[],".repeat(349_525)),
        ("merge-bomb", merge_bomb()),
        ("nested-merges", nested_merges(40, 20_000)),
        ("repeated-merges", repeated_merges(40_000)),
        ("merge-documents", merge_documents(120)),
        ("many-anchors", many_anchors(100_000)),
        ("many-documents", "---\n".repeat(262_000)),
        ("unclosed-double-quote", format!("a: \"{}", filler())),
        ("unclosed-single-quote", format!("a: '{}", filler())),
        (
            "unclosed-quote-at-margin",
            format!("\"{}", "b: c\n".repeat(200_000)),
        ),
        (
            "unclosed-bracket",
            format!("a: [{}", " b,\n".repeat(260_000)),
        ),
        ("nested-complex-keys", nested_complex_keys(60, 900_000)),
        ("long-key", format!("{}: x\n", "k".repeat(900_000))),
        ("long-tag", format!("a: !{} x\n", "t".repeat(900_000))),
        ("long-anchor", format!("a: &{} x\n", "t".repeat(900_000))),
        ("unknown-alias", format!("{}z: *k2x\n", anchors(30_000))),
        ("comments", "# x\n".repeat(262_000)),
        ("blank-lines", "\n".repeat(1_048_000)),
        ("spaces", format!("a:{}", " ".repeat(1_000_000))),
        ("directives", "%A b\n".repeat(200_000)),
        ("block-scalar", format!("a: |\n{}", "  x\n".repeat(260_000))),
        (
            "folded-blanks",
            format!("a: >\n  x\n{}  y\n", "\n".repeat(1_000_000)),
        ),
        ("question-marks", "? a\n".repeat(90_000)),
        (
            "bad-after-much",
            format!("{}a: b: c\n", "a: [b]\n".repeat(28_000)),
        ),
        ("foreign-mappings", "- {}\n".repeat(100_000)),
        (
            "foreign-mappings-and-an-entity",
            format!(
                "- {{identifier: a, title: A, blueprint: b}}\n{}",
                "- {}\n".repeat(100_000)
            ),
        ),
        ("ambiguous-values", "- no\n".repeat(110_000)),
        ("unused-anchors", "- &a 1\n".repeat(110_000)),
        ("added-lines", "+a\n".repeat(300_000)),
        ("templates", "- {{ x }}\n".repeat(60_000)),
    ];
    files
        .into_iter()
        .map(|(name, text)| Hostile {
            name,
            bytes: text.into_bytes(),
        })
        .collect()
}

fn filler() -> String {
    "  word: 'of' \"text\"\n"
        .replace(['"', '\''], "")
        .repeat(61_000)
}

fn nested_block_keys(levels: usize) -> String {
    (0..levels).fold(String::new(), |mut text, level| {
        let _ = writeln!(text, "{}a:", " ".repeat(level));
        text
    })
}

/// Nine levels of nine aliases each: a billion values in a few hundred bytes.
fn billion_laughs() -> String {
    let mut text = String::from("a0: &a0 lol\n");
    for level in 1..=9 {
        let uses = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(text, "a{level}: &a{level} [{uses}]");
    }
    text
}

fn quadratic_aliases(items: usize, uses: usize) -> String {
    format!(
        "a: &a [{}]\nb: [{}]\n",
        vec!["x"; items].join(","),
        vec!["*a"; uses].join(",")
    )
}

/// Each list holds the one before: little text, great height.
fn deep_aliases(levels: usize) -> String {
    let mut text = String::from("- &a0 []\n");
    for level in 1..=levels {
        let _ = writeln!(text, "- &a{level} [*a{}]", level - 1);
    }
    text
}

fn long_text_aliases(length: usize, uses: usize) -> String {
    format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(length),
        vec!["*a"; uses].join(",")
    )
}

fn long_key_aliases(length: usize, uses: usize) -> String {
    format!("- &a {}\n{}", "x".repeat(length), "- *a : y\n".repeat(uses))
}

/// Mappings that merge many uses of the one before.
fn merge_bomb() -> String {
    let mut text = String::from("a0: &a0 {k: v}\n");
    for level in 1..=9 {
        let uses = vec![format!("*a{}", level - 1); 60].join(", ");
        let _ = writeln!(text, "a{level}: &a{level} {{<<: [{uses}], k{level}: v}}");
    }
    text
}

/// A merge key inside a merge key and so on: every level holds all keys again.
fn nested_merges(levels: usize, keys: usize) -> String {
    let keys: String = (0..keys).map(|key| format!("k{key}: v, ")).collect();
    format!("{}{{{keys}}}{}", "{<<: ".repeat(levels), "}".repeat(levels))
}

/// One mapping with thousands of merge keys.
fn repeated_merges(keys: usize) -> String {
    let own: String = (0..keys).map(|key| format!("k{key}: v\n")).collect();
    format!("{own}{}", "<<: {}\n".repeat(keys))
}

/// Many documents, each of which stays below what one document may hold.
fn merge_documents(documents: usize) -> String {
    let keys: String = (0..450).map(|key| format!("k{key}: v, ")).collect();
    let uses = "- {<<: *a}\n".repeat(260);
    format!("---\n- &a {{{keys}}}\n{uses}").repeat(documents)
}

fn anchors(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, anchor| {
        let _ = writeln!(text, "k{anchor}: &k{anchor} x");
        text
    })
}

fn many_anchors(count: usize) -> String {
    let items: String = (0..count).map(|anchor| format!("&{anchor} x,")).collect();
    format!("[{items}]")
}

/// Keys that are mappings whose keys are mappings, around a long text.
fn nested_complex_keys(levels: usize, length: usize) -> String {
    format!("{}{}", "? ".repeat(levels), "x".repeat(length))
}
