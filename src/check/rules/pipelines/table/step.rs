//! Steps, and what only they have: artifacts, pipes, the names of caches and services.

use super::{
    ANY_TEXTS, CLONE, CONDITION, IMAGE, LABEL, MAX_TIME, RUNS_ON, RUNTIME, SIZE, TEXT, TEXTS,
    TRIGGER, list, map, object,
};
use crate::check::rules::pipelines::shape::{Key, List, Map, Object, Role, Shape, key, needed};
use Shape::{Any, Either, Flag, Script, Whole, Word};

pub(super) const STEP: Shape = Shape::Object(&STEP_OBJECT);

static STEP_OBJECT: Object = Object {
    role: Role::Step,
    ..object("a step", &STEP_KEYS)
};
pub(super) static STAGE_STEP: Object = Object {
    role: Role::Step,
    ..object("a step of a stage", &STAGE_STEP_KEYS)
};
pub(super) static FINAL: Object = Object {
    role: Role::Step,
    ..object("a final step", &FINAL_KEYS)
};

/// The place of `script` among the keys of a step.
pub(in super::super) const SCRIPT_PLACE: usize = 1;

/// The keys that steps of every sort have, and further ones.
macro_rules! step_keys {
    ($trigger:expr, $($further:expr),*) => {
        [
            key("name", TEXT),
            key("script", Script),
            key("after-script", Script),
            key("image", IMAGE),
            key("size", SIZE),
            key("caches", Shape::List(&STEP_CACHES)),
            key("services", Shape::List(&STEP_SERVICES)),
            key("artifacts", Either(&[Shape::List(&TEXTS), Shape::Object(&ARTIFACTS)])),
            key("clone", Shape::Object(&CLONE)),
            key("environment", TEXT),
            key("trigger", $trigger),
            key("oidc", Flag),
            key("max-time", MAX_TIME),
            key("runs-on", RUNS_ON),
            key("runtime", Shape::Object(&RUNTIME)),
            key("concurrency-group", LABEL),
            key("auth", Shape::Object(&AUTH)),
            key("type", Word(&["inline", "pipeline"])),
            key("custom", TEXT),
            key("input-variables", Shape::Map(&INPUT_VARIABLES)),
            // In use, and newer than the schema.
            key("output-variables", Any),
            key("on-fail", Any),
            $($further),*
        ]
    };
}
pub(in super::super) static STEP_KEYS: [Key; 25] = step_keys!(
    TRIGGER,
    key("deployment", TEXT),
    key("fail-fast", Flag),
    key("condition", Shape::Object(&CONDITION))
);
static STAGE_STEP_KEYS: [Key; 24] =
    step_keys!(TRIGGER, key("deployment", TEXT), key("fail-fast", Flag));
static FINAL_KEYS: [Key; 22] = step_keys!(Word(&["automatic"]),);

/// Keys of steps that a step of this sort can't have: Bitbucket refuses the file.
pub(in super::super) fn refused(name: &str) -> &'static [&'static str] {
    match name {
        "a step of a stage" => &["condition"],
        "a final step" => &["deployment", "fail-fast"],
        "an item of a pipeline" => &["variables"],
        "an item of a custom pipeline" => &["final"],
        _ => &[],
    }
}

static STEP_CACHES: List = List {
    role: Role::Caches,
    ..list(TEXT)
};
static STEP_SERVICES: List = List {
    role: Role::Services,
    most: 5,
    ..list(TEXT)
};
static INPUT_VARIABLES: Map = Map {
    least: 1,
    most: 20,
    role: Role::InputVariables,
    ..map(TEXT)
};
static AUTH: Object = object("`auth`", &[key("system", Shape::Object(&SYSTEM))]);
static SYSTEM: Object = object("`system`", &[key("scopes", Shape::List(&SCOPES))]);
static SCOPES: List = List {
    least: 0,
    role: Role::Scopes,
    ..list(TEXT)
};

static ARTIFACTS: Object = object(
    "`artifacts`",
    &[
        key("paths", Shape::List(&TEXTS)),
        key("download", Either(&[Flag, Shape::List(&TEXTS)])),
        key("upload", Shape::List(&UPLOADS)),
    ],
);
static UPLOADS: List = List {
    role: Role::Uploads,
    ..list(Either(&[TEXT, Shape::Object(&UPLOAD)]))
};
static UPLOAD: Object = object(
    "an artifact",
    &[
        needed("name", TEXT, "name: my-artifact"),
        needed("paths", Shape::List(&TEXTS), "paths: [dist/**]"),
        key("type", Word(&["shared", "scoped", "test-reports"])),
        key("ignore-paths", Shape::List(&ANY_TEXTS)),
        key("depth", Whole { least: 1 }),
        key("capture-on", Word(&["success", "failed", "always"])),
    ],
);

/// An item of a script that runs a pipe.
pub(in super::super) static PIPE: Shape = Shape::Object(&PIPE_OBJECT);
static PIPE_OBJECT: Object = Object {
    role: Role::Pipe,
    ..object(
        "a pipe",
        &[
            key("pipe", TEXT),
            key("variables", Shape::Map(&PIPE_VARIABLES)),
            // Pages and real files name their pipes; Bitbucket leaves it alone.
            key("name", Any),
        ],
    )
};
static PIPE_VARIABLES: Map = map(Either(&[TEXT, Shape::List(&ANY_TEXTS)]));
