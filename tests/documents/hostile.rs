//! Hostile files are answered with the problem one expects: no panic, no deep recursion, no flood.

use pushgate::document::{Limits, ProblemKind, Source, Stream, load};

use crate::hostile_inputs::{Hostile, all};

/// A small stack: whatever recurses with the depth of its input ends here.
const STACK: usize = 512 * 1024;

/// What a file is answered with: its documents, the last problem and its place, the others.
fn answer(bytes: &[u8]) -> String {
    let limits = Limits::default();
    let source = match Source::decode("x.yaml", bytes, &limits) {
        Ok(source) => source,
        Err(refused) => {
            let place = refused.source.position(refused.problem.span.start);
            let kind = &refused.problem.kind;
            return format!("{kind:?} at {}:{}", place.line, place.column);
        }
    };
    let Stream {
        documents,
        problems,
    } = load(&source, &limits);
    // Whoever walks over the tree walks over all of it.
    for document in &documents {
        drop(document.to_json());
    }
    let read = format!("{} read", documents.len());
    let Some(last) = problems.kept().last() else {
        return read;
    };
    let place = source.location(last.span);
    format!(
        "{} at {}:{}-{}:{}, {read}, {} problems and {} more",
        shown(&last.kind),
        place.start.line,
        place.start.column,
        place.end.line,
        place.end.column,
        problems.kept().len(),
        problems.left_out(),
    )
}

/// A kind, without pages of the text it holds.
fn shown(kind: &ProblemKind) -> String {
    let text = format!("{kind:?}");
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

#[test]
fn every_hostile_file_gets_its_answer() {
    let answers = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(|| {
            let answer = |file: Hostile| {
                assert!(file.bytes.len() > 10, "{}", file.name);
                format!("{}: {}", file.name, answer(&file.bytes))
            };
            all().into_iter().map(answer).collect::<Vec<_>>()
        })
        .unwrap()
        .join()
        .unwrap();
    insta::assert_snapshot!("hostile_files", answers.join("\n"));
}

#[test]
fn documents_before_the_end_of_reading_are_kept_and_the_rest_is_not_taken_for_nothing() {
    let source = Source::new("x.yaml", "a: 1\n---\nb: [\n---\nc: 1\n");
    let stream = load(&source, &Limits::default());
    assert_eq!(stream.documents.len(), 1);
    assert!(!stream.is_complete());
    assert_eq!(stream.problems.kept()[0].document, 2);
    assert_eq!(stream.problems.kept()[0].pointer, "/b/0");
}

#[test]
fn what_ends_the_reading_is_told_also_where_the_list_is_full() {
    let source = Source::new("x.yaml", "a: 1\n".repeat(300) + "b: [\n");
    let limits = Limits {
        problems: 3,
        ..Limits::default()
    };
    let stream = load(&source, &limits);
    assert!(!stream.is_complete());
    let source = Source::new("x.yaml", "a: 1\n".repeat(300) + "---\nb: [\n");
    let stream = load(&source, &limits);
    assert_eq!(stream.problems.kept().len(), 4);
    assert_eq!(stream.problems.left_out(), 296);
    assert!(!stream.is_complete());
}

#[test]
fn limits_let_through_what_they_name_and_no_more() {
    let limits = Limits {
        depth: 3,
        nodes: 5,
        ..Limits::default()
    };
    let ends = |text: &str| {
        let source = Source::new("x.yaml", text);
        let stream = load(&source, &limits);
        stream.problems.kept().first().map(|p| p.kind.clone())
    };
    assert_eq!(ends("[[[]]]"), None);
    assert_eq!(ends("[[[[]]]]"), Some(ProblemKind::TooDeep { limit: 3 }));
    assert_eq!(
        ends("a: {b: {c: }}"),
        Some(ProblemKind::TooManyNodes { limit: 5 })
    );
    assert_eq!(ends("- a\n- b\n- c\n- d\n"), None);
    assert_eq!(
        ends("- a\n- b\n- c\n- d\n- e\n"),
        Some(ProblemKind::TooManyNodes { limit: 5 })
    );
}
