//! One worker a state folder, and none of the wake-ups lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};

use pushgate::delivery::{self, Deadline, Event};
use pushgate::outbox::{Delivery, Status};
use standin::Fault;

use crate::bench::{Bench, PATIENCE, catalog, entity, no_branches, settings};

#[test]
fn a_second_worker_leaves_it_to_the_first() {
    let bench = Bench::new();
    let courier = bench.outbox.courier().unwrap().unwrap();
    let id = bench.put(catalog(0, 1, vec![entity("a", "x")], vec![]));
    let summary = bench.deliver();
    assert!(summary.busy);
    assert_eq!(summary.waiting, 1);
    assert!(matches!(
        bench.outbox.status(&id).unwrap(),
        Status::Pending(_)
    ));
    drop(courier);
    assert!(bench.deliver().is_clear());
}

#[test]
fn many_pushes_at_once_are_all_delivered() {
    let bench = Bench::new();
    std::thread::scope(|scope| {
        for number in 0..16 {
            let bench = &bench;
            scope.spawn(move || {
                let name = format!("PRJ/r{number}");
                let job = catalog(0, 1, vec![entity("a", &format!("e{number}"))], vec![]);
                let delivery = Delivery::new(name.parse().unwrap(), job);
                bench.outbox.put(&delivery).unwrap();
                bench.deliver_until(Deadline::NothingDue);
            });
        }
    });
    // Nobody comes after the last one: it must have been seen by whoever was at work.
    assert_eq!(bench.outbox.list().unwrap().deliveries, []);
    assert_eq!(bench.port.entities().len(), 16);
}

#[test]
fn what_comes_in_while_the_last_one_is_carried_out_is_seen() {
    let bench = Bench::new();
    bench.put(catalog(0, 1, vec![entity("a", "first")], vec![]));
    let once = AtomicBool::new(false);
    let observer = |event: Event| {
        // The moment at which the worker believes that it is done.
        if matches!(event, Event::Finished(_)) && !once.swap(true, Ordering::SeqCst) {
            bench.put(catalog(1, 2, vec![entity("a", "second")], vec![]));
        }
    };
    let deadline = Deadline::NothingDue;
    delivery::deliver(
        &bench.outbox,
        &bench.remotes,
        &settings(),
        &no_branches(),
        deadline,
        &observer,
    )
    .unwrap();
    assert!(bench.port.entity("a", "second").is_some());
    assert_eq!(bench.outbox.list().unwrap().deliveries, []);
}

#[test]
fn watching_goes_on_until_it_is_stopped() {
    let bench = Bench::new();
    let stop = AtomicBool::new(false);
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let observer = move |event: Event| {
        if let Event::Finished(receipt) = event {
            let _ = tell.lock().unwrap().send(receipt.id);
        }
    };
    bench.port.fail_next_on("bulk", 2, &Fault::status(502));
    bench
        .port
        .fail_next_on("access_token", 1, &Fault::status(401));
    std::thread::scope(|scope| {
        let (bench, stop, observer) = (&bench, &stop, &observer);
        let watching = scope.spawn(move || {
            delivery::watch(
                &bench.outbox,
                &bench.remotes,
                &settings(),
                &no_branches(),
                stop,
                observer,
            )
            .unwrap()
        });
        for number in 0..3 {
            let job = catalog(number, number + 1, vec![entity("a", "x")], vec![]);
            let id = bench.put(job);
            assert_eq!(told.recv_timeout(PATIENCE).unwrap(), id);
        }
        stop.store(true, Ordering::SeqCst);
        let summary = watching.join().unwrap();
        assert_eq!(summary.finished, 3);
        assert!(summary.is_clear());
    });
}
