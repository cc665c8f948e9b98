//! What the parts of a check cost: a document read, a kind told, a schema compiled, rules run, and the
//! documents of a push found. `cargo bench --bench parts`, or `… -- check` for those of a name.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong ends the run, and what is skipped is said"
)]

#[path = "../tests/git/made.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod made;

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use pushgate::check::{Checker, Settings};
use pushgate::document::{Kind, Kinds, Limits, OperatorKind, Source, load};
use pushgate::git::{RefUpdate, changed_documents};

use made::{As, Folder};

/// A document of two entities, as people write them.
const PORT: &str = include_str!("port.yaml");
const GIMLET: &str = include_str!("../fixtures/gimlet/template/good-rich.yaml");
const PIPELINES: &str = include_str!("../fixtures/pipelines/forbidden-key/good.yml");

fn documents(criterion: &mut Criterion) {
    let limits = Limits::default();
    let mut group = criterion.benchmark_group("document");
    group.bench_function("decode", |bencher| {
        bencher.iter(|| Source::decode("port.yaml", black_box(PORT.as_bytes()), &limits));
    });
    let source = Source::new("port.yaml", PORT);
    group.bench_function("load", |bencher| bencher.iter(|| load(&source, &limits)));
    let stream = load(&source, &limits);
    group.bench_function("to_json", |bencher| {
        bencher.iter(|| stream.documents[0].to_json());
    });
    group.finish();
}

fn kinds(criterion: &mut Criterion) {
    let built_in = Kinds::default();
    let globs = ["**/port.yml", "teams/*/port-*.yaml"].map(str::to_owned);
    let globs = Kinds::new(&globs, &[]).unwrap();
    let paths: Vec<String> = (0..1000).map(|n| format!("src/d{n}/port.rs")).collect();
    let mut group = criterion.benchmark_group("kinds of 1,000 paths");
    for (name, kinds) in [("built in", built_in), ("globs", globs)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| paths.iter().filter_map(|path| kinds.of_path(path)).count());
        });
    }
    group.finish();
}

/// The operator's kind of `benches/peers.sh`.
fn own_kind() -> (Kind, Settings) {
    let operator = vec![OperatorKind {
        name: "entities".to_owned(),
        files: vec!["entities/*.yaml".to_owned()],
        schema: Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/port-one-of.schema.json"),
    }];
    let kinds = Kinds::new(&[], &operator).unwrap();
    let kind = kinds.by_name("entities").unwrap().clone();
    let settings = Settings {
        kinds,
        operator,
        ..Settings::default()
    };
    (kind, settings)
}

fn checks(criterion: &mut Criterion) {
    let built_in = |name, kind, text: &'static str| (name, kind, Settings::default(), text);
    let mut cases = vec![
        built_in("port", Kind::Port, PORT),
        built_in("gimlet", Kind::Gimlet, GIMLET),
        built_in("pipelines", Kind::Pipelines, PIPELINES),
    ];
    let (kind, settings) = own_kind();
    cases.push(("own kind", kind, settings, PORT));

    // The first document of a kind compiles its schema; a hook checks no other.
    let mut group = criterion.benchmark_group("check, first document");
    for (name, kind, settings, text) in &cases {
        group.bench_function(*name, |bencher| {
            bencher.iter(|| {
                let checker = Checker::new(settings.clone()).unwrap();
                checker.check(kind, "document.yaml", text.as_bytes())
            });
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("check, further documents");
    for (name, kind, settings, text) in cases {
        let checker = Checker::new(settings).unwrap();
        group.bench_function(name, |bencher| {
            bencher.iter(|| checker.check(&kind, "document.yaml", text.as_bytes()));
        });
    }
    group.finish();
}

/// A repository of 100,000 files, in 20 folders of 50 folders of 100.
fn pushes(criterion: &mut Criterion) {
    let folder = Folder::new();
    let made = folder.repository("big.git");
    let paths: Vec<String> = (0..100_000)
        .map(|n| format!("d{:02}/e{:02}/f{:02}", n / 5000, n / 100 % 50, n % 100))
        .collect();
    let files: Vec<_> = paths
        .iter()
        .map(|path| (path.as_str(), As::File("hello")))
        .chain([("port.yaml", As::File(PORT))])
        .collect();
    let first = made.commit("main", &files);
    let code = made.commit("main", &[(&paths[50_000], As::File("changed"))]);
    let document = made.commit("main", &[("port.yaml", As::File("identifier: a\n"))]);
    let update =
        |old, new| RefUpdate::parse_all(format!("{old} {new} refs/heads/main\n").as_bytes());

    let kinds = Kinds::default();
    let everywhere = Kinds::new(&["**/port.yaml".to_owned()], &[]).unwrap();
    let mut group = criterion.benchmark_group("changed documents of 100,000 files");
    for (name, kinds, old, new) in [
        ("none", &kinds, &first, &code),
        ("one", &kinds, &code, &document),
        ("one, of any folder's", &everywhere, &code, &document),
    ] {
        let update = update(&old.0, &new.0).unwrap().remove(0);
        group.bench_function(name, |bencher| {
            // Opened anew, as each push does it.
            bencher.iter(|| changed_documents(&made.open(), &update, kinds, |_| true).unwrap());
        });
    }
    group.finish();
}

criterion_group!(parts, documents, kinds, checks, pushes);
criterion_main!(parts);
