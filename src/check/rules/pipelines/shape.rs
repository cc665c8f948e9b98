//! What the values of a file may be: the words in which [`super::table`] is written.

/// What one value may be.
#[derive(Debug)]
pub(super) enum Shape {
    /// Anything.
    Any,
    /// Text of so many characters.
    Text { least: usize, most: usize },
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number, so large at least.
    Whole { least: i128 },
    /// A list.
    List(&'static List),
    /// A mapping whose keys are names that the author chose.
    Map(&'static Map),
    /// A mapping whose keys have a meaning.
    Object(&'static Object),
    /// The first of them whose type the value has.
    Either(&'static [Shape]),
    /// The commands of a step.
    Script,
    /// The name of a Docker image.
    Image,
    /// Where an imported pipeline is.
    Import,
}

/// A list, and how long it may be.
#[derive(Debug)]
pub(super) struct List {
    pub(super) items: Shape,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) role: Role,
}

/// A mapping of names.
#[derive(Debug)]
pub(super) struct Map {
    pub(super) values: Shape,
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) role: Role,
}

/// A mapping of known keys.
#[derive(Debug)]
pub(super) struct Object {
    /// With its article, as messages call it: `a step`.
    pub(super) name: &'static str,
    pub(super) keys: &'static [Key],
    pub(super) others: Others,
    pub(super) role: Role,
}

/// A key of an object.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// The line to write where the key is needed and missing.
    pub(super) needed: Option<&'static str>,
}

/// What Bitbucket does with keys that an object does not have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Others {
    /// It leaves them alone: nothing happens.
    Ignored,
    /// It leaves them alone, and authors keep anchors below them.
    Homes,
    /// The same, and nobody wonders about any other name there either.
    Free,
    /// It leaves them alone, and their values must be like those of the others all the same.
    Like(&'static Shape),
    /// It refuses the file.
    Refused,
}

/// What is said of a value beyond the types of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    None,
    /// One item of a pipeline: exactly one key.
    Item,
    /// The same where an item without a key passes.
    StageItem,
    /// The items of a pipeline.
    Pipeline,
    /// The same where `variables` may come first, and `final` never comes.
    CustomPipeline,
    Step,
    /// An image with credentials.
    ImageObject,
    /// Credentials of AWS.
    Aws,
    Storage,
    Changesets,
    /// Paths of artifacts or what describes them, not both.
    Uploads,
    Pipe,
    /// One variable of a custom pipeline.
    Variable,
    InputVariables,
    /// Scopes, each once.
    Scopes,
    Caches,
    Services,
}

pub(super) const fn key(name: &'static str, shape: Shape) -> Key {
    Key {
        name,
        shape,
        needed: None,
    }
}

/// A key that must be there; `line` is what to write where it is not.
pub(super) const fn needed(name: &'static str, shape: Shape, line: &'static str) -> Key {
    Key {
        name,
        shape,
        needed: Some(line),
    }
}
