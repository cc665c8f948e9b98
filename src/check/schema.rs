//! JSON Schemas: loaded and compiled when a document first needs them.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use super::ahead::Fits;
use super::fault::{Violation, violations};
use super::instance::{Budget, ERRORS, Instance, Lean, Values};
use crate::io_reason::io_reason;

/// A schema that can't be used; what it should describe can't be checked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SchemaError {
    /// The file can't be read.
    #[error("the schema `{}` can't be read: {}", path.display(), io_reason(source))]
    #[diagnostic(help("see that the file is there and that pushgate's user may read it"))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is neither JSON nor YAML.
    #[error("the schema `{}` is not {format}: {reason}", path.display())]
    #[diagnostic(help("correct the file, or name another one under `kinds`"))]
    Parse {
        /// The file.
        path: PathBuf,
        /// `JSON` or `YAML`, by the file's extension.
        format: &'static str,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// A `$ref` that leads out of the schema.
    #[error("the schema `{}` refers to `{uri}`, and pushgate fetches nothing", path.display())]
    #[diagnostic(help("copy what is referred to into the schema's own `$defs`"))]
    Remote {
        /// The file.
        path: PathBuf,
        /// What it refers to.
        uri: String,
    },
    /// Its `$schema` names no draft that is known.
    #[error("the schema `{}` is written in `{draft}`, which pushgate does not know", path.display())]
    #[diagnostic(help(
        "rewrite it in draft 4, 6, 7, 2019-09 or 2020-12, and name that one: `\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"`"
    ))]
    Draft {
        /// The file.
        path: PathBuf,
        /// What `$schema` says.
        draft: String,
    },
    /// JSON that is no JSON Schema.
    #[error("the schema `{}` is not a JSON Schema: {reason}", path.display())]
    #[diagnostic(help("correct the file; `$schema` says which draft it is written in"))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        reason: String,
    },
}

/// How often a pattern of an operator's schema may go back before it gives up.
const BACKTRACK_LIMIT: usize = 100_000;

/// What a schema says against a document.
#[derive(Debug, Default)]
pub(super) struct Violations {
    pub(super) all: Vec<Violation>,
    /// Whether there are so many that nobody looked for more.
    pub(super) is_cut: bool,
}

/// A schema and what has been made of it so far.
#[derive(Debug)]
pub(super) struct Schema {
    origin: Origin,
    value: OnceLock<Result<Value, SchemaError>>,
    quick: OnceLock<Option<Validator<Lean>>>,
    full: OnceLock<Result<Validator<Lean>, SchemaError>>,
}

#[derive(Debug)]
enum Origin {
    BuiltIn {
        name: &'static str,
        text: &'static str,
        fits: Fits,
    },
    File(PathBuf),
    /// The schema of a chart, of which all is known already.
    Chart {
        path: PathBuf,
    },
}

impl Schema {
    /// A schema of pushgate's own, and what [`super::ahead`] has made of it.
    pub(super) const fn built_in(name: &'static str, text: &'static str, fits: Fits) -> Self {
        Self::new(Origin::BuiltIn { name, text, fits })
    }

    pub(super) const fn file(path: PathBuf) -> Self {
        Self::new(Origin::File(path))
    }

    /// The schema of a chart that lies in the file `path`.
    pub(super) fn of_chart(path: PathBuf, schema: Value) -> Self {
        let made = Self::new(Origin::Chart { path });
        let _ = made.value.set(Ok(schema));
        made
    }

    const fn new(origin: Origin) -> Self {
        Self {
            origin,
            value: OnceLock::new(),
            quick: OnceLock::new(),
            full: OnceLock::new(),
        }
    }

    /// What the schema says against a document; nothing where it fits.
    pub(super) fn violations(&self, values: &impl Values) -> Result<Violations, &SchemaError> {
        if let Origin::BuiltIn { fits, .. } = self.origin
            && fits(values)
        {
            return Ok(Violations::default());
        }
        if let Some(quick) = self.quick() {
            let found = against(quick, values);
            if !found.all.iter().any(Violation::is_about_a_pattern) {
                return Ok(found);
            }
        }
        Ok(against(self.full()?, values))
    }

    /// The schema itself, to look its annotations up.
    pub(super) fn value(&self) -> Result<&Value, &SchemaError> {
        self.value.get_or_init(|| self.parse(self.path())).as_ref()
    }

    /// Whether the schema can be used.
    pub(super) fn prove(&self) -> Result<(), &SchemaError> {
        self.full().map(|_| ())
    }

    /// The built-in schema with `\p{L}` narrowed to ASCII letters: what it says of anything but a
    /// pattern, the schema says too.
    ///
    /// Compiling two patterns over all letters of Unicode costs four times as many instructions as
    /// everything else in the schema, and hardly a document needs them.
    fn quick(&self) -> Option<&Validator<Lean>> {
        let compile = || match self.origin {
            Origin::BuiltIn { text, .. } if text.contains(r"\\p{L}") => {
                let value = serde_json::from_str(&text.replace(r"\\p{L}", "A-Za-z")).ok()?;
                validator(&value, true).ok()
            }
            _ => None,
        };
        self.quick.get_or_init(compile).as_ref()
    }

    fn full(&self) -> Result<&Validator<Lean>, &SchemaError> {
        let value = self.value()?;
        let compile = || {
            let built_in = matches!(self.origin, Origin::BuiltIn { .. });
            validator(value, built_in).map_err(|error| unusable(self.path(), &error))
        };
        self.full.get_or_init(compile).as_ref()
    }

    fn path(&self) -> &Path {
        match &self.origin {
            Origin::BuiltIn { name, .. } => Path::new(name),
            Origin::File(path) | Origin::Chart { path } => path,
        }
    }

    fn parse(&self, path: &Path) -> Result<Value, SchemaError> {
        let wrong = |format, reason| SchemaError::Parse {
            path: path.to_owned(),
            format,
            reason,
        };
        let text = match &self.origin {
            Origin::BuiltIn { text, .. } => {
                return serde_json::from_str(text)
                    .map_err(|error| wrong("JSON", error.to_string()));
            }
            Origin::File(path) | Origin::Chart { path } => {
                std::fs::read_to_string(path).map_err(|source| SchemaError::Read {
                    path: path.clone(),
                    source,
                })?
            }
        };
        let is_yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if is_yaml {
            serde_yaml::from_str(&text).map_err(|error| wrong("YAML", error.to_string()))
        } else {
            serde_json::from_str(&text).map_err(|error| wrong("JSON", error.to_string()))
        }
    }
}

fn against(validator: &Validator<Lean>, values: &impl Values) -> Violations {
    let mut found = Violations::default();
    // Asking for errors costs more than asking whether there are any.
    if validator.is_valid(Instance::judged(values)) {
        return found;
    }
    let budget = Budget::new();
    let mut room = ERRORS;
    for error in validator.iter_errors(Instance::explained(values.json(), &budget)) {
        violations(&error, &mut found.all, &mut room);
    }
    found.is_cut = budget.is_spent() || room == 0;
    found
}

fn validator(value: &Value, built_in: bool) -> Result<Validator<Lean>, ValidationError<'static>> {
    let options = jsonschema::options_for::<Lean>().offline();
    if built_in {
        // Linear in the text, whatever the text is.
        options
            .with_pattern_options(PatternOptions::regex())
            .build(value)
    } else {
        let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_LIMIT);
        options.with_pattern_options(patterns).build(value)
    }
}

fn unusable(path: &Path, error: &ValidationError<'_>) -> SchemaError {
    use jsonschema::error::ValidationErrorKind::{AnyOf, OneOfNotValid, Referencing};
    let path = path.to_owned();
    match error.kind() {
        Referencing(jsonschema::ReferencingError::Unretrievable { uri, .. }) => {
            SchemaError::Remote {
                path,
                uri: uri.clone(),
            }
        }
        Referencing(jsonschema::ReferencingError::UnknownSpecification { specification }) => {
            SchemaError::Draft {
                path,
                draft: specification.clone(),
            }
        }
        _ => SchemaError::Invalid {
            path,
            reason: match (error.instance_path().as_str(), error.kind()) {
                (at, AnyOf { .. } | OneOfNotValid { .. }) => {
                    format!(
                        "at `{at}`, {} is not what it allows there",
                        error.instance()
                    )
                }
                ("", _) => error.to_string(),
                (at, _) => format!("at `{at}`, {error}"),
            },
        },
    }
}

/// A pattern of a schema.
#[derive(Debug)]
pub(super) struct Matcher(Validator<Lean>);

impl Matcher {
    /// A pattern of somebody else's, with its backtracking bounded; none where it is no regular
    /// expression.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        Self::of(pattern, false)
    }

    /// A pattern of a built-in schema.
    pub(super) fn linear(pattern: &str) -> Option<Self> {
        Self::of(pattern, true)
    }

    fn of(pattern: &str, built_in: bool) -> Option<Self> {
        let schema = serde_json::json!({ "pattern": pattern });
        validator(&schema, built_in).ok().map(Self)
    }

    /// Whether a text matches; none where that takes too long to find out.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        use jsonschema::error::ValidationErrorKind::Pattern;
        let (text, budget) = (Value::from(text), Budget::new());
        let mut errors = self.0.iter_errors(Instance::explained(&text, &budget));
        match errors.next() {
            None => Some(true),
            Some(error) => matches!(error.kind(), Pattern { .. }).then_some(false),
        }
    }
}
