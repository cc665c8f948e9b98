//! The pages, and what stands in them.

use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A file of Markdown.
pub struct Page {
    /// From the project's root, with `/`.
    pub path: String,
    pub text: String,
}

/// A block of code.
pub struct Block {
    /// `README.md:12`.
    pub place: String,
    /// `sh`, `console`, `yaml` …
    pub language: String,
    /// The HTML comment before it, without its marks.
    pub comment: Option<String>,
    pub text: String,
}

/// A file of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files with that ending in a folder of the project, sorted.
pub fn markdown_in(folder: &str) -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .map(|name| PathBuf::from(folder).join(name))
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

/// All that people read, without the rules' pages, which tests/check/pages.rs runs.
pub fn all() -> Vec<Page> {
    let folders = ["", "docs", "hooks"];
    let paths = folders.into_iter().flat_map(markdown_in);
    paths.map(|path| Page::read(&path)).collect()
}

impl Page {
    pub fn read(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: fs::read_to_string(root().join(path)).unwrap(),
        }
    }

    fn events(&self) -> impl Iterator<Item = (Event<'_>, std::ops::Range<usize>)> {
        Parser::new_ext(&self.text, Options::ENABLE_TABLES).into_offset_iter()
    }

    fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// Its blocks of code, in order.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut comment = None;
        let mut open = None;
        for (event, range) in self.events() {
            match event {
                Event::Html(text) | Event::InlineHtml(text) => {
                    let inner = text.trim().strip_prefix("<!--");
                    let inner = inner.and_then(|text| text.strip_suffix("-->"));
                    comment = inner.map(|text| text.trim().to_owned()).or(comment);
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    open = Some(Block {
                        place: format!("{}:{}", self.path, self.line(range.start)),
                        language: language.split_whitespace().next().unwrap_or("").to_owned(),
                        comment: comment.take(),
                        text: String::new(),
                    });
                }
                Event::Text(text) => match &mut open {
                    Some(block) => block.text.push_str(&text),
                    None => comment = None,
                },
                Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
                _ => {}
            }
        }
        blocks
    }

    /// The pieces of code in its text, tables and headings.
    pub fn pieces(&self) -> Vec<(String, String)> {
        self.events()
            .filter_map(|(event, range)| match event {
                // A table's cell has `\|` where the text has `|`.
                Event::Code(text) => Some((
                    format!("{}:{}", self.path, self.line(range.start)),
                    text.replace("\\|", "|"),
                )),
                _ => None,
            })
            .collect()
    }

    /// Where its links and pictures lead.
    pub fn links(&self) -> Vec<(String, String)> {
        self.events()
            .filter_map(|(event, range)| match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some((
                    format!("{}:{}", self.path, self.line(range.start)),
                    dest_url.into_string(),
                )),
                _ => None,
            })
            .collect()
    }

    /// The anchors of its headings, as mdBook and the git servers' web pages make them.
    pub fn anchors(&self) -> Vec<String> {
        let mut anchors = Vec::new();
        let mut open: Option<String> = None;
        for (event, _) in self.events() {
            match event {
                Event::Start(Tag::Heading { .. }) => open = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => anchors.extend(open.take()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut open {
                        heading.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        anchors.iter().map(|heading| anchor(heading)).collect()
    }
}

fn anchor(heading: &str) -> String {
    heading
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}
