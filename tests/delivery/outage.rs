//! A system that can't be reached for a while: what waits for it goes on as soon as it can.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use pushgate::delivery::{self, BackOff, Deadline, Event, Settings};
use pushgate::outbox::Delivery;
use standin::PortStandIn;

use crate::bench::{Bench, PATIENCE, catalog, entity, no_branches, settings};

const REPOSITORIES: usize = 6;

/// An address behind which a stand-in can be reached, while it is open.
struct Door {
    address: SocketAddr,
    behind: String,
}

struct Opened {
    stop: Arc<AtomicBool>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    /// A closed one.
    fn before(port: &PortStandIn) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            behind: port.url().trim_start_matches("http://").to_owned(),
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn open(&self) -> Opened {
        let listener = TcpListener::bind(self.address).unwrap();
        let (stop, behind) = (Arc::new(AtomicBool::new(false)), self.behind.clone());
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            for guest in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (guest, host) = (guest.unwrap(), TcpStream::connect(&behind).unwrap());
                for (mut from, mut to) in [
                    (guest.try_clone().unwrap(), host.try_clone().unwrap()),
                    (host, guest),
                ] {
                    thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Opened {
            stop,
            address: self.address,
            thread: Some(thread),
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

/// Port behind a door, and a delivery of each repository.
fn behind_a_door() -> (Bench, Door) {
    let bench = Bench::new();
    let door = Door::before(&bench.port);
    let mut port = crate::bench::port_settings(&bench.port);
    port.api_url = door.url();
    let bench = Bench {
        remotes: delivery::Remotes {
            port: Some(crate::bench::port_client(port).into()),
            ..delivery::Remotes::default()
        },
        ..bench
    };
    for number in 0..REPOSITORIES {
        let job = catalog(0, 1, vec![entity("a", &format!("e{number}"))], vec![]);
        let name = format!("PRJ/r{number}").parse().unwrap();
        bench.outbox.put(&Delivery::new(name, job)).unwrap();
    }
    (bench, door)
}

/// A delivery's own back-off is longer than any test: nothing may depend on it.
fn impatient(workers: usize) -> Settings {
    Settings {
        back_off: BackOff {
            first: PATIENCE * 10,
            longest: PATIENCE * 10,
        },
        outage: BackOff {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(8),
        },
        workers,
        ..settings()
    }
}

#[test]
fn all_of_it_goes_on_when_the_outage_is_over_however_long_it_was() {
    let (bench, door) = behind_a_door();
    let stop = AtomicBool::new(false);
    let (tell, told) = mpsc::channel();
    let (failed, tell) = (AtomicUsize::new(0), std::sync::Mutex::new(tell));
    let observer = |event: Event| {
        match event {
            Event::Postponed { problem, .. } => {
                assert!(problem.unreachable, "{problem:?}");
                // The door opens long after every delivery has failed a few times.
                if failed.fetch_add(1, Ordering::SeqCst) == REPOSITORIES * 4 {
                    tell.lock().unwrap().send(None).unwrap();
                }
            }
            Event::Finished(receipt) => tell.lock().unwrap().send(Some(receipt)).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    thread::scope(|scope| {
        let (bench, stop, observer) = (&bench, &stop, &observer);
        let watching = scope.spawn(move || {
            delivery::watch(
                &bench.outbox,
                &bench.remotes,
                &impatient(3),
                &no_branches(),
                stop,
                observer,
            )
        });
        assert_eq!(told.recv_timeout(PATIENCE).unwrap(), None);
        let _opened = door.open();
        for _ in 0..REPOSITORIES {
            told.recv_timeout(PATIENCE).unwrap().unwrap();
        }
        stop.store(true, Ordering::SeqCst);
        assert!(watching.join().unwrap().unwrap().is_clear());
    });
    assert_eq!(bench.port.entities().len(), REPOSITORIES);
}

#[test]
fn one_call_is_enough_to_know_that_a_system_cannot_be_reached() {
    let (bench, door) = behind_a_door();
    let failed = AtomicUsize::new(0);
    let observer = |event: Event| {
        assert!(matches!(event, Event::Postponed { .. }), "{event:?}");
        failed.fetch_add(1, Ordering::SeqCst);
    };
    let mut settings = impatient(1);
    settings.outage = settings.back_off;
    let run = |settings: &Settings| {
        let (outbox, remotes) = (&bench.outbox, &bench.remotes);
        let until = Deadline::NothingDue;
        delivery::deliver(outbox, remotes, settings, &no_branches(), until, &observer).unwrap()
    };
    assert_eq!(run(&settings).waiting, REPOSITORIES);
    assert_eq!(run(&settings).waiting, REPOSITORIES);
    assert_eq!(failed.load(Ordering::SeqCst), 1, "the others need not ask");
    // A person who knows that it is mended need not wait.
    let _opened = door.open();
    let waiting = bench.outbox.list().unwrap().deliveries;
    let tried = waiting.iter().find(|delivery| delivery.attempts == 1);
    bench.outbox.retry(&tried.unwrap().id).unwrap();
    let (outbox, remotes) = (&bench.outbox, &bench.remotes);
    let until = Deadline::NothingDue;
    let told = &|_| ();
    let summary =
        delivery::deliver(outbox, remotes, &settings, &no_branches(), until, told).unwrap();
    assert!(summary.is_clear());
}
