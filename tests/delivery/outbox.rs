//! The outbox as people see it.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use pushgate::delivery::Deadline;
use pushgate::outbox::{DeliveryId, Ending, Outbox, OutboxError, State, Status, StoreAddress};
use standin::Fault;

use crate::bench::{Bench, catalog, entity, outbox_in};

fn pending(bench: &Bench) -> std::path::PathBuf {
    bench.folder.path().join("spool/pending")
}

#[test]
fn what_was_put_is_listed_in_order_and_private() {
    let bench = Bench::new();
    assert_eq!(bench.outbox.list().unwrap().deliveries, []);
    let ids: Vec<DeliveryId> = (0..5)
        .map(|number| bench.put(catalog(number, number + 1, vec![entity("a", "x")], vec![])))
        .collect();
    let listing = outbox_in(bench.folder.path()).list().unwrap();
    let mut sorted = ids.clone();
    sorted.sort();
    let listed: Vec<DeliveryId> = listing.deliveries.into_iter().map(|one| one.id).collect();
    assert_eq!(listed, sorted);
    for entry in std::fs::read_dir(pending(&bench)).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let mode = std::fs::metadata(pending(&bench))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_refused_delivery_waits_for_a_person() {
    let bench = Bench::new();
    bench.port.fail_next_on("bulk", 1, &Fault::status(422));
    let id = bench.put(catalog(0, 1, vec![entity("a", "x")], vec![]));
    assert_eq!(bench.deliver().refused, 1);
    // Not by itself.
    assert_eq!(bench.deliver().refused, 1);
    assert_eq!(bench.port.requests_on("bulk").len(), 1);
    let delivery = bench.outbox.retry(&id).unwrap();
    assert_eq!((delivery.state, delivery.attempts), (State::Waiting, 1));
    assert!(bench.deliver().is_clear());
    let Status::Finished(receipt) = bench.outbox.status(&id).unwrap() else {
        panic!("no receipt");
    };
    assert_eq!(receipt.attempts, 2);
}

#[test]
fn a_discarded_delivery_is_never_carried_out_and_leaves_a_receipt() {
    let bench = Bench::new();
    let id = bench.put(catalog(0, 1, vec![entity("a", "x")], vec![]));
    assert_eq!(bench.outbox.discard(&id).unwrap().ending, Ending::Discarded);
    assert!(matches!(bench.outbox.discard(&id), Err(OutboxError::Gone(gone)) if gone == id));
    assert!(matches!(bench.outbox.retry(&id), Err(OutboxError::Gone(_))));
    assert!(bench.deliver().is_clear());
    assert!(bench.port.entities().is_empty());
    assert!(matches!(
        bench.outbox.status(&id).unwrap(),
        Status::Finished(_)
    ));
    let unknown: DeliveryId = "never-there".parse().unwrap();
    assert_eq!(bench.outbox.status(&unknown).unwrap(), Status::Unknown);
}

#[test]
fn what_fails_waits_longer_each_time() {
    let bench = Bench::new();
    bench.port.fail_next_on("bulk", 3, &Fault::status(500));
    let id = bench.put(catalog(0, 1, vec![entity("a", "x")], vec![]));
    assert!(bench.deliver().is_clear());
    let Status::Finished(receipt) = bench.outbox.status(&id).unwrap() else {
        panic!("no receipt");
    };
    assert_eq!(receipt.attempts, 4);
}

#[test]
fn files_that_cannot_be_read_are_shown_and_stay() {
    let bench = Bench::new();
    let good = bench.put(catalog(0, 1, vec![entity("a", "x")], vec![]));
    let text = std::fs::read_to_string(pending(&bench).join(format!("{good}.json"))).unwrap();
    let files = [
        (
            "newer.json",
            text.replace("\"version\":1", "\"version\":2"),
            "newer pushgate",
        ),
        (
            "half.json",
            text[..text.len() / 2].to_owned(),
            "no file of an outbox",
        ),
        ("empty.json", String::new(), "no file of an outbox"),
        (
            "other.json",
            r#"{"version":1,"content":{}}"#.to_owned(),
            "damaged",
        ),
        ("note.txt", "hello".to_owned(), "no file of an outbox"),
    ];
    for (name, text, _) in &files {
        std::fs::write(pending(&bench).join(name), text).unwrap();
    }
    let summary = bench.deliver();
    assert_eq!((summary.finished, summary.unreadable.len()), (1, 5));
    assert!(!summary.is_clear());
    for (name, text, reason) in &files {
        let path = pending(&bench).join(name);
        assert_eq!(&std::fs::read_to_string(&path).unwrap(), text);
        let shown = summary
            .unreadable
            .iter()
            .find(|shown| shown.path == path)
            .unwrap();
        assert!(shown.reason.contains(reason), "{}", shown.reason);
    }
    let newer: DeliveryId = "newer".parse().unwrap();
    assert!(matches!(
        bench.outbox.status(&newer).unwrap(),
        Status::Unreadable(_)
    ));
    assert!(matches!(
        bench.outbox.discard(&newer),
        Err(OutboxError::Unreadable { .. })
    ));
}

#[test]
fn receipts_and_stale_temporaries_are_swept_and_nothing_else() {
    let bench = Bench::new();
    let done = bench.put(catalog(0, 1, vec![entity("a", "x")], vec![]));
    assert!(bench.deliver().is_clear());
    let waiting = bench.put(catalog(1, 2, vec![entity("a", "y")], vec![]));
    let tmp = bench.folder.path().join("spool/tmp");
    let (old, fresh) = (tmp.join("old"), tmp.join("fresh"));
    for path in [&old, &fresh] {
        std::fs::write(path, "x").unwrap();
    }
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    let file = std::fs::File::options().write(true).open(&old).unwrap();
    file.set_modified(long_ago).unwrap();
    bench
        .outbox
        .sweep(
            &mut bench.outbox.store().unwrap(),
            Duration::from_secs(24 * 60 * 60),
        )
        .unwrap();
    assert!(!old.exists() && fresh.exists());
    assert!(matches!(
        bench.outbox.status(&done).unwrap(),
        Status::Finished(_)
    ));
    bench
        .outbox
        .sweep(&mut bench.outbox.store().unwrap(), Duration::ZERO)
        .unwrap();
    assert_eq!(bench.outbox.status(&done).unwrap(), Status::Unknown);
    assert!(matches!(
        bench.outbox.status(&waiting).unwrap(),
        Status::Pending(_)
    ));
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_that_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    std::fs::write(&state, "a file in its place").unwrap();
    let error = Outbox::open(&state, StoreAddress::Folder(state.clone())).unwrap_err();
    assert!(error.to_string().contains("state/spool"), "{error}");
}

#[test]
fn a_deadline_with_nothing_to_do_ends_at_once() {
    let bench = Bench::new();
    for time in [crate::bench::PATIENCE, Duration::MAX] {
        let deadline = Deadline::after(time);
        assert!(matches!(deadline, Deadline::At(_)), "{time:?}");
        let summary = bench.deliver_until(deadline);
        assert!(summary.is_clear() && summary.finished == 0);
    }
}
