//! What Bitbucket knows: every object of `bitbucket-pipelines.yml` with its keys.
//!
//! From Atlassian's JSON Schema (draft-07, MIT), object by object and limit by limit.

mod step;

use super::shape::{Key, List, Map, Object, Others, Role, Shape, key, needed};
use Shape::{Any, Either, Flag, Image, Import, Whole, Word};
use step::{FINAL, STAGE_STEP, STEP};
pub(super) use step::{PIPE, SCRIPT_PLACE, STEP_KEYS, refused};

const NO_END: usize = usize::MAX;

const TEXT: Shape = Shape::Text {
    least: 0,
    most: NO_END,
};
/// Characters of a label of a runner, and of a concurrency group.
const LABEL: Shape = Shape::Text { least: 0, most: 50 };
const MAX_TIME: Shape = Whole { least: 1 };
const SIZE: Shape = Word(&["1x", "2x", "4x", "8x", "16x", "32x"]);
const TRIGGER: Shape = Word(&["automatic", "manual"]);

const fn list(items: Shape) -> List {
    List {
        items,
        least: 1,
        most: NO_END,
        role: Role::None,
    }
}

const fn map(values: Shape) -> Map {
    Map {
        values,
        least: 0,
        most: NO_END,
        role: Role::None,
    }
}

const fn object(name: &'static str, keys: &'static [Key]) -> Object {
    Object {
        name,
        keys,
        others: Others::Ignored,
        role: Role::None,
    }
}

/// An object in which Bitbucket refuses every other key.
const fn closed(name: &'static str, keys: &'static [Key], role: Role) -> Object {
    Object {
        name,
        keys,
        others: Others::Refused,
        role,
    }
}

static TEXTS: List = list(TEXT);
static ANY_TEXTS: List = List {
    least: 0,
    ..list(TEXT)
};

/// The whole file.
pub(super) static FILE: Shape = Shape::Object(&ROOT);

static ROOT: Object = Object {
    others: Others::Homes,
    ..object(
        "the file",
        &[
            key("image", IMAGE),
            key("clone", Shape::Object(&CLONE)),
            key("options", Shape::Object(&OPTIONS)),
            key("definitions", Shape::Object(&DEFINITIONS)),
            key("pipelines", Shape::Object(&PIPELINES)),
            key("triggers", Shape::Object(&TRIGGERS)),
            key("export", Flag),
            key("labels", Shape::Map(&ANYTHING)),
        ],
    )
};

static ANYTHING: Map = map(Any);

/// The keys below `pipelines`: found anywhere else they are misplaced.
pub(super) static PIPELINES: Object = object(
    "`pipelines`",
    &[
        key("default", PIPELINE),
        key("branches", Shape::Map(&PIPELINE_MAP)),
        key("tags", Shape::Map(&PIPELINE_MAP)),
        key("pull-requests", Shape::Map(&PIPELINE_MAP)),
        key("custom", Shape::Map(&CUSTOM_MAP)),
    ],
);

static OPTIONS: Object = object(
    "`options`",
    &[
        key("docker", Flag),
        key("max-time", MAX_TIME),
        key("size", SIZE),
        key("runs-on", RUNS_ON),
        key("runtime", Shape::Object(&RUNTIME)),
    ],
);

static DEFINITIONS: Object = Object {
    others: Others::Free,
    ..object(
        "`definitions`",
        &[
            key("caches", Shape::Map(&CACHES)),
            key("services", Shape::Map(&SERVICES)),
            key("agents", Shape::Map(&AGENTS)),
            key("pipelines", Shape::Map(&CUSTOM_MAP)),
            key("imports", Any),
        ],
    )
};

static CACHES: Map = map(Either(&[TEXT, Shape::Object(&CACHE)]));
static CACHE: Object = object(
    "a cache",
    &[
        needed("path", TEXT, "path: node_modules"),
        key("key", Shape::Object(&CACHE_KEY)),
    ],
);
static CACHE_KEY: Object = object(
    "the key of a cache",
    &[needed(
        "files",
        Shape::List(&TEXTS),
        "files: [package-lock.json]",
    )],
);

static SERVICES: Map = map(Shape::Object(&SERVICE));
static SERVICE: Object = object(
    "a service",
    &[
        key("image", IMAGE),
        key("memory", Whole { least: 128 }),
        key("type", Word(&["docker"])),
        key("variables", Shape::Map(&SERVICE_VARIABLES)),
    ],
);
static SERVICE_VARIABLES: Map = Map {
    least: 1,
    ..map(TEXT)
};

static AGENTS: Map = map(Shape::Object(&AGENT));
static AGENT: Object = object(
    "an agent",
    &[
        needed("prompt", TEXT, "prompt: Review the changes"),
        key("config", Shape::Object(&AGENT_CONFIG)),
        key("permissions", Shape::Object(&AGENT_PERMISSIONS)),
        key("provider", PROVIDER),
    ],
);
const PROVIDER: Shape = Word(&["rovodev", "claude"]);
static AGENT_CONFIG: Object = object(
    "the `config` of an agent",
    &[key("path", TEXT), key("overrides", Shape::Map(&ANYTHING))],
);
static AGENT_PERMISSIONS: Object = object(
    "the `permissions` of an agent",
    &[key("on-ask", Word(&["allow", "deny"]))],
);
/// An item of a script that an agent carries out.
pub(super) static AGENT_TASK: Shape = Shape::Object(&AGENT_TASK_OBJECT);
static AGENT_TASK_OBJECT: Object = object(
    "an agent's task",
    &[
        key("agent", TEXT),
        key("prompt", TEXT),
        key("config", Shape::Object(&AGENT_CONFIG)),
        key("permissions", Shape::Object(&AGENT_PERMISSIONS)),
        key("provider", PROVIDER),
    ],
);

const IMAGE: Shape = Either(&[Image, Shape::Object(&IMAGE_OBJECT)]);
static IMAGE_OBJECT: Object = Object {
    role: Role::ImageObject,
    ..object(
        "an image",
        &[
            needed("name", Image, "name: node:22"),
            key("run-as-user", Whole { least: i128::MIN }),
            key("username", TEXT),
            key("password", TEXT),
            // Written in Atlassian's older pages; nobody reads it.
            key("email", Any),
            key("aws", Shape::Object(&AWS)),
        ],
    )
};
static AWS: Object = Object {
    role: Role::Aws,
    ..object(
        "`aws`",
        &[
            key("access-key", TEXT),
            key("secret-key", TEXT),
            key("oidc-role", TEXT),
        ],
    )
};

static CLONE: Object = object(
    "`clone`",
    &[
        key("depth", Either(&[Whole { least: 1 }, Word(&["full"])])),
        key("enabled", Flag),
        key("lfs", Flag),
        key("skip-ssl-verify", Flag),
        // In use, and newer than the schema.
        key("sparse-checkout", Any),
    ],
);

const RUNS_ON: Shape = Either(&[LABEL, Shape::List(&LABELS)]);
static LABELS: List = List {
    most: 10,
    ..list(LABEL)
};

static RUNTIME: Object = object(
    "`runtime`",
    &[
        key("cloud", Shape::Object(&CLOUD)),
        key("self-hosted", Shape::Object(&SELF_HOSTED)),
    ],
);
static CLOUD: Object = object(
    "`cloud`",
    &[
        key("arch", Word(&["x86", "arm"])),
        key("platform", Word(&["linux", "windows"])),
        key("version", TEXT),
        key("instance-type", TEXT),
        key("atlassian-ip-ranges", Flag),
    ],
);
static SELF_HOSTED: Object = object(
    "`self-hosted`",
    &[
        key("cpu", Whole { least: i128::MIN }),
        key("memory", Whole { least: i128::MIN }),
        key("storage", Shape::Object(&STORAGE)),
        key("volumes", Shape::List(&ANY_TEXTS)),
    ],
);
static STORAGE: Object = Object {
    role: Role::Storage,
    ..object(
        "`storage`",
        &[
            key("aws", Shape::Object(&STORAGE_AWS)),
            key("gcp", Shape::Object(&STORAGE_GCP)),
        ],
    )
};
static STORAGE_AWS: Object = Object {
    role: Role::Aws,
    ..object(
        "`aws`",
        &[
            needed("bucket", TEXT, "bucket: my-bucket"),
            needed("region", TEXT, "region: eu-west-1"),
            key("access-key", TEXT),
            key("secret-key", TEXT),
            key("oidc-role", TEXT),
        ],
    )
};
static STORAGE_GCP: Object = object(
    "`gcp`",
    &[
        needed("bucket", TEXT, "bucket: my-bucket"),
        needed("key-file", TEXT, "key-file: $GCP_KEY_FILE"),
    ],
);

static PIPELINE_MAP: Map = map(PIPELINE);
static CUSTOM_MAP: Map = map(CUSTOM_PIPELINE);

const PIPELINE: Shape = Either(&[Shape::List(&ITEMS), Shape::Object(&IMPORT)]);
const CUSTOM_PIPELINE: Shape = Either(&[Shape::List(&CUSTOM_ITEMS), Shape::Object(&IMPORT)]);

static IMPORT: Object = closed(
    "an imported pipeline",
    &[
        needed("import", Import, "import: my-repository:main:my-pipeline"),
        key("variables", Shape::List(&VARIABLES)),
    ],
    Role::None,
);

static ITEMS: List = List {
    role: Role::Pipeline,
    ..list(Shape::Object(&ITEM))
};
static ITEM: Object = closed(
    "an item of a pipeline",
    &[
        key("step", STEP),
        key("parallel", PARALLEL),
        key("stage", Shape::Object(&STAGE)),
        key("final", Shape::Object(&FINAL)),
    ],
    Role::Item,
);
static CUSTOM_ITEMS: List = List {
    role: Role::CustomPipeline,
    ..list(Shape::Object(&CUSTOM_ITEM))
};
static CUSTOM_ITEM: Object = closed(
    "an item of a custom pipeline",
    &[
        key("variables", Shape::List(&VARIABLES)),
        key("step", STEP),
        key("parallel", PARALLEL),
        key("stage", Shape::Object(&STAGE)),
    ],
    Role::Item,
);

static VARIABLES: List = list(Shape::Object(&VARIABLE));
static VARIABLE: Object = Object {
    role: Role::Variable,
    ..object(
        "a variable",
        &[
            needed("name", TEXT, "name: VERSION"),
            key("default", TEXT),
            key("description", TEXT),
            key("allowed-values", Shape::List(&TEXTS)),
        ],
    )
};

const PARALLEL: Shape = Either(&[Shape::List(&STEPS), Shape::Object(&PARALLEL_OBJECT)]);
static PARALLEL_OBJECT: Object = object(
    "`parallel`",
    &[
        needed("steps", Shape::List(&STEPS), "steps:"),
        key("fail-fast", Flag),
    ],
);
static STEPS: List = list(Shape::Object(&STEP_ITEM));
static STEP_ITEM: Object = closed("an item of `parallel`", &[key("step", STEP)], Role::Item);

static STAGE: Object = object(
    "a stage",
    &[
        key("name", TEXT),
        needed("steps", Shape::List(&STAGE_STEPS), "steps:"),
        key("condition", Shape::Object(&CONDITION)),
        key("deployment", TEXT),
        key("environment", TEXT),
        key("trigger", TRIGGER),
    ],
);
static STAGE_STEPS: List = list(Shape::Object(&STAGE_ITEM));
static STAGE_ITEM: Object = Object {
    role: Role::StageItem,
    ..object(
        "an item of a stage",
        &[key("step", Shape::Object(&STAGE_STEP))],
    )
};

static CONDITION: Object = object(
    "a condition",
    &[
        key("changesets", Shape::Object(&CHANGESETS)),
        key(
            "state",
            Shape::Text {
                least: 1,
                most: 1000,
            },
        ),
    ],
);
static CHANGESETS: Object = closed(
    "`changesets`",
    &[
        key("includePaths", Shape::List(&TEXTS)),
        key("excludePaths", Shape::List(&TEXTS)),
    ],
    Role::Changesets,
);

static TRIGGERS: Object = Object {
    others: Others::Like(&TRIGGERED),
    ..object(
        "`triggers`",
        &[
            key("repository-push", TRIGGERED),
            key("pullrequest-created", TRIGGERED),
            key("pullrequest-updated", TRIGGERED),
            key("pullrequest-push", TRIGGERED),
            key("pullrequest-fulfilled", TRIGGERED),
            key("pullrequest-rejected", TRIGGERED),
            key("pullrequest-reviewer-status-updated", TRIGGERED),
            key("pipeline-completed", TRIGGERED),
            key("deployment-completed", TRIGGERED),
        ],
    )
};
const TRIGGERED: Shape = Shape::List(&TRIGGER_LIST);
static TRIGGER_LIST: List = list(Shape::Object(&TRIGGER_OBJECT));
static TRIGGER_OBJECT: Object = object(
    "a trigger",
    &[
        needed("condition", TEXT, "condition: BITBUCKET_BRANCH == \"main\""),
        needed("pipelines", Shape::List(&TEXTS), "pipelines: [my-pipeline]"),
    ],
);
