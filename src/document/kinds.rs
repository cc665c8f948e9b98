//! Which files are documents, and of what kind: decided by the path alone.

use super::file_pattern::FilePattern;
use super::kind::Kind;
use super::operator_kind::{KindsError, OperatorKind};

/// Names that begin the rules of other families.
const RESERVED: [&str; 7] = [
    "port",
    "gimlet",
    "algorithmia",
    "pipelines",
    "yaml",
    "file",
    "ignore",
];

/// The kinds and their files: the operator's kinds first, then the built-in ones.
#[derive(Clone, Debug)]
pub struct Kinds {
    kinds: Vec<Kind>,
    /// The file patterns in the order in which they are asked; the number is the kind's place.
    files: Vec<(FilePattern, usize)>,
}

impl Default for Kinds {
    fn default() -> Self {
        let port = ["port.yaml", "port.yml"].map(|name| FilePattern::Path(name.to_owned()));
        Self::assemble(port.into(), Vec::new())
    }
}

impl Kinds {
    /// The kinds of a configuration: the globs of Port's files and the operator's own kinds.
    ///
    /// # Errors
    /// A glob that is none; a name that is taken, reserved or no name.
    pub fn new(port_files: &[String], operator: &[OperatorKind]) -> Result<Self, KindsError> {
        let mut own: Vec<(Kind, Vec<FilePattern>)> = Vec::new();
        for kind in operator {
            let name = &kind.name;
            if RESERVED.contains(&name.as_str()) {
                return Err(KindsError::Reserved { name: name.clone() });
            }
            if !is_name(name) {
                return Err(KindsError::Name { name: name.clone() });
            }
            if own.iter().any(|(other, _)| other.name() == name) {
                return Err(KindsError::Twice { name: name.clone() });
            }
            let files = compile(name, &kind.files)?;
            own.push((Kind::Operator(name.as_str().into()), files));
        }
        Ok(Self::assemble(compile("port", port_files)?, own))
    }

    fn assemble(port: Vec<FilePattern>, operator: Vec<(Kind, Vec<FilePattern>)>) -> Self {
        let gimlet = vec![
            FilePattern::Path(".gimlet.yaml".to_owned()),
            FilePattern::Path(".gimlet.yml".to_owned()),
            FilePattern::Manifests,
        ];
        // Bitbucket reads this one name at the root, and no `.yaml`.
        let pipelines = vec![FilePattern::Path("bitbucket-pipelines.yml".to_owned())];
        let algorithmia = vec![FilePattern::Path("algorithmia.conf".to_owned())];
        let built_in = [
            (Kind::Port, port),
            (Kind::Gimlet, gimlet),
            (Kind::Pipelines, pipelines),
            (Kind::Algorithmia, algorithmia),
        ];
        let mut kinds = Vec::new();
        let mut files = Vec::new();
        for (kind, patterns) in operator.into_iter().chain(built_in) {
            files.extend(patterns.into_iter().map(|pattern| (pattern, kinds.len())));
            kinds.push(kind);
        }
        Self { kinds, files }
    }

    /// The kind of the document at `path`, a path from the repository's root with `/` between its
    /// parts; none where the path is no document's.
    #[must_use]
    pub fn of_path(&self, path: &str) -> Option<&Kind> {
        self.files
            .iter()
            .find(|(files, _)| files.holds(path))
            .map(|(_, kind)| &self.kinds[*kind])
    }

    /// The kind of the document in whose place a folder at `path` stands; none where it is a folder
    /// like any other, as those that a glob such as `slo/**` matches.
    #[must_use]
    pub fn of_folder(&self, path: &str) -> Option<&Kind> {
        self.files
            .iter()
            .find(|(files, _)| files.holds(path))
            .filter(|(files, _)| files.names_files())
            .map(|(_, kind)| &self.kinds[*kind])
    }

    /// The kind that has the folder at `path` to itself, as Gimlet has `.gimlet`: a link or a submodule
    /// there hides all documents in it. None of a path that is a document's.
    #[must_use]
    pub fn of_own_folder(&self, path: &str) -> Option<&Kind> {
        self.files
            .iter()
            .find(|(files, _)| files.is_own_folder(path))
            .filter(|_| self.of_path(path).is_none())
            .map(|(_, kind)| &self.kinds[*kind])
    }

    /// The kind of a file that was named by hand and may lie outside of any repository: as many of
    /// the last parts of `path` count as are needed.
    #[must_use]
    pub fn of_file_name(&self, path: &str) -> Option<&Kind> {
        let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
        starts
            .filter_map(|start| self.of_path(&path[start..]))
            .next()
    }

    /// The kind of a name; none where no kind is named so.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name() == name)
    }

    /// The names of all kinds.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds.iter().map(Kind::name)
    }

    /// Whether a document could lie in `folder` or below it; the root is the empty text.
    ///
    /// It may say yes where none can lie, never no where one can.
    #[must_use]
    pub fn may_contain(&self, folder: &str) -> bool {
        let folder = folder.trim_end_matches('/');
        folder.is_empty()
            || self
                .files
                .iter()
                .any(|(files, _)| files.reaches_into(folder))
    }

    /// The same for the documents of one kind.
    #[must_use]
    pub fn may_contain_of(&self, kind: &Kind, folder: &str) -> bool {
        let folder = folder.trim_end_matches('/');
        folder.is_empty() || self.files_of(kind).any(|files| files.reaches_into(folder))
    }

    /// The names in the root folder that documents have or lie below; none where a pattern leaves
    /// them open.
    #[must_use]
    pub fn names_at_the_top(&self) -> Option<Vec<&str>> {
        let all = self.files.iter();
        all.map(|(files, _)| files.name_at_the_top()).collect()
    }

    /// The same for the documents of one kind.
    #[must_use]
    pub fn names_at_the_top_of(&self, kind: &Kind) -> Option<Vec<&str>> {
        self.files_of(kind)
            .map(FilePattern::name_at_the_top)
            .collect()
    }

    fn files_of(&self, kind: &Kind) -> impl Iterator<Item = &FilePattern> {
        let of_kind = move |number: &usize| self.kinds[*number] == *kind;
        self.files
            .iter()
            .filter(move |(_, number)| of_kind(number))
            .map(|(files, _)| files)
    }
}

fn compile(kind: &str, globs: &[String]) -> Result<Vec<FilePattern>, KindsError> {
    globs
        .iter()
        .map(|glob| {
            FilePattern::of_glob(glob).map_err(|source| KindsError::Glob {
                kind: kind.to_owned(),
                glob: glob.clone(),
                source,
            })
        })
        .collect()
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn operator(name: &str, files: &[&str]) -> OperatorKind {
        OperatorKind {
            name: name.to_owned(),
            files: files.iter().map(|&file| file.to_owned()).collect(),
            schema: PathBuf::from("/etc/pushgate/schema.json"),
        }
    }

    fn kind<'a>(kinds: &'a Kinds, path: &str) -> Option<&'a str> {
        kinds.of_path(path).map(Kind::name)
    }

    #[test]
    fn the_built_in_kinds_lie_at_the_root() {
        let kinds = Kinds::default();
        for (path, name) in [
            ("port.yaml", Some("port")),
            ("port.yml", Some("port")),
            ("docs/port.yaml", None),
            ("airport.yaml", None),
            (".gimlet.yaml", Some("gimlet")),
            (".gimlet/staging-web.yaml", Some("gimlet")),
            (".gimlet/no-extension", Some("gimlet")),
            (".gimlet/vars", None),
            (".gimlet/app.cue", None),
            (".gimlet/deeper/app.yaml", None),
            (".gimlet", None),
            ("bitbucket-pipelines.yml", Some("pipelines")),
            ("bitbucket-pipelines.yaml", None),
            ("deeper/bitbucket-pipelines.yml", None),
            ("algorithmia.conf", Some("algorithmia")),
            ("src/algorithmia.conf", None),
        ] {
            assert_eq!(kind(&kinds, path), name, "{path}");
        }
    }

    #[test]
    fn globs_stop_at_folders_and_two_stars_do_not() {
        let files = ["**/port.yml".to_owned(), "teams/*/port-*.yaml".to_owned()];
        let kinds = Kinds::new(&files, &[]).unwrap();
        for (path, is_port) in [
            ("port.yml", true),
            ("a/b/port.yml", true),
            ("a/airport.yml", false),
            ("port.yaml", false),
            ("teams/x/port-1.yaml", true),
            ("teams/x/y/port-1.yaml", false),
        ] {
            assert_eq!(kind(&kinds, path) == Some("port"), is_port, "{path}");
        }
    }

    #[test]
    fn the_operators_kinds_come_first() {
        let own = [operator("service-level", &["slo/*.yaml", "port.yaml"])];
        let kinds = Kinds::new(&["port.yaml".to_owned()], &own).unwrap();
        assert_eq!(kind(&kinds, "port.yaml"), Some("service-level"));
        assert_eq!(kind(&kinds, "slo/web.yaml"), Some("service-level"));
        assert_eq!(kinds.by_name("service-level"), kinds.of_path("port.yaml"));
        let names: Vec<_> = kinds.names().collect();
        assert_eq!(
            names,
            [
                "service-level",
                "port",
                "gimlet",
                "pipelines",
                "algorithmia"
            ]
        );
    }

    #[test]
    fn folders_that_can_hold_no_document_are_told() {
        let kinds = Kinds::default();
        assert!(kinds.may_contain(""));
        assert!(kinds.may_contain(".gimlet"));
        assert!(kinds.may_contain(".gimlet/"));
        assert!(!kinds.may_contain(".gimlet/deeper"));
        assert!(!kinds.may_contain("src"));

        let own = [operator("slo", &["slo/*/a.yaml", "x/y/z.yaml", "docs/**"])];
        let kinds = Kinds::new(&[], &own).unwrap();
        for (folder, may) in [
            ("slo", true),
            ("slo/web", true),
            ("slo/web/deeper", false),
            ("x", true),
            ("x/y", true),
            ("x/other", false),
            ("x/y/z.yaml", false),
            ("docs/a/b/c", true),
        ] {
            assert_eq!(kinds.may_contain(folder), may, "{folder}");
        }
        let anywhere = Kinds::new(&["**/port.yml".to_owned()], &[]).unwrap();
        assert!(anywhere.may_contain("a/b/c"));
        assert!(!anywhere.may_contain_of(&Kind::Gimlet, "a/b/c"));
        assert_eq!(anywhere.names_at_the_top(), None);
        assert_eq!(anywhere.names_at_the_top_of(&Kind::Port), None);
        assert_eq!(
            anywhere.names_at_the_top_of(&Kind::Gimlet),
            Some(vec![".gimlet.yaml", ".gimlet.yml", ".gimlet"])
        );
        assert_eq!(
            Kinds::new(&["a/b/port.yml".to_owned()], &[])
                .unwrap()
                .names_at_the_top(),
            Some(vec![
                "a",
                ".gimlet.yaml",
                ".gimlet.yml",
                ".gimlet",
                "bitbucket-pipelines.yml",
                "algorithmia.conf"
            ])
        );
    }

    #[test]
    fn a_folder_stands_in_the_place_of_what_is_named() {
        let files = ["port.yaml", "**/port.yml", "teams/*/p.yaml", "catalog/**"];
        let own = [operator("slo", &["slo/*", "sla/*.{yaml,json}"])];
        let kinds = Kinds::new(&files.map(str::to_owned), &own).unwrap();
        for (path, kind) in [
            ("port.yaml", Some("port")),
            ("a/port.yml", Some("port")),
            ("teams/a/p.yaml", Some("port")),
            (".gimlet/deep", Some("gimlet")),
            ("catalog/a", None),
            ("slo/a", None),
            ("sla/a.yaml", None),
            ("src", None),
        ] {
            assert_eq!(kinds.of_folder(path).map(Kind::name), kind, "{path}");
        }
    }

    #[test]
    fn gimlet_has_a_folder_to_itself() {
        let kinds = Kinds::default();
        assert_eq!(kinds.of_own_folder(".gimlet"), Some(&Kind::Gimlet));
        for path in ["", ".gimlet.yaml", ".gimlet/a", "a/.gimlet", "docs"] {
            assert_eq!(kinds.of_own_folder(path), None, "{path}");
        }
        let kinds = Kinds::new(&[], &[operator("own", &[".gimlet"])]).unwrap();
        assert_eq!(kinds.of_own_folder(".gimlet"), None);
    }

    #[test]
    fn a_file_named_by_hand_is_known_by_its_last_parts() {
        let kinds = Kinds::default();
        for (path, name) in [
            ("/srv/checkout/port.yaml", Some("port")),
            ("../repo/.gimlet/staging.yaml", Some("gimlet")),
            ("/tmp/other.yaml", None),
        ] {
            assert_eq!(kinds.of_file_name(path).map(Kind::name), name, "{path}");
        }
    }

    #[test]
    fn kinds_that_cannot_be_told_apart_are_refused() {
        let refused = |own: &[OperatorKind]| Kinds::new(&[], own).unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                refused(&[operator("port", &["a"])]),
                refused(&[operator("ignore", &["a"])]),
                refused(&[operator("Service Level", &["a"])]),
                refused(&[operator("a", &["a"]), operator("a", &["b"])]),
                refused(&[operator("a", &["x/[a-"])]),
            ]
            .join("\n"),
            @r"
        a kind of your own can't be named `port`: pushgate uses the name itself
        a kind of your own can't be named `ignore`: pushgate uses the name itself
        `Service Level` is no name for a kind
        two kinds are named `a`
        `x/[a-` among the files of kind `a` is no glob
        "
        );
    }
}
