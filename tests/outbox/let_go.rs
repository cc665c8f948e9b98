//! A delivery that was refused since another repository owns the entity goes on by itself once that
//! one lets go.

use pushgate::catalog::EntityKey;
use pushgate::git::CommitId;
use pushgate::outbox::{CatalogJob, Delivery, Job, Outbox, State};
use standin::PortStandIn;

use crate::bench::{Bench, catalog, commit, key, over_both};
use crate::carrying_out::{Said, carry_out};

const OWNER: &str = "PRJ/owner";
const HEIR: &str = "PRJ/heir";

/// Both declare `shared`, and the owner came first.
fn contested(bench: &Bench) -> (Outbox, PortStandIn) {
    let outbox = bench.outbox();
    let port = PortStandIn::start().unwrap();
    outbox.put(&catalog(OWNER, &["shared", "own"])).unwrap();
    assert!(carry_out(&outbox, &port, Said::new()).is_clear());
    outbox.put(&catalog(HEIR, &["shared", "other"])).unwrap();
    assert_eq!(carry_out(&outbox, &port, Said::new()).refused, 1);
    (outbox, port)
}

fn owner_of_shared(outbox: &Outbox) -> Option<String> {
    let mut store = outbox.store().unwrap();
    let nobody = "PRJ/nobody".parse().unwrap();
    let owners = store.other_owners(&nobody, [key("shared")].iter()).unwrap();
    owners.into_values().next().map(|owner| owner.to_string())
}

fn said(owner: &str) -> Said {
    [(key("shared"), owner.parse().unwrap())]
        .into_iter()
        .collect()
}

/// A later push of a repository, after which it declares these.
fn push(
    outbox: &Outbox,
    repository: &str,
    desired: &[&str],
    old: CommitId,
    previous: &[EntityKey],
) {
    let Job::Catalog(job) = catalog(repository, desired).job else {
        panic!("a catalog");
    };
    let job = CatalogJob {
        old: Some(old),
        new: commit(2),
        previous: previous.to_vec(),
        ..job
    };
    let delivery = Delivery::new(repository.parse().unwrap(), Job::Catalog(job));
    outbox.put(&delivery).unwrap();
}

#[test]
fn as_long_as_it_is_owned_it_stays_refused_and_costs_nothing() {
    over_both(|bench| {
        let (outbox, port) = contested(bench);
        let calls = port.requests().len();
        for _ in 0..3 {
            assert_eq!(carry_out(&outbox, &port, Said::new()).refused, 1);
        }
        let left = outbox.list().unwrap().deliveries;
        assert_eq!((left[0].attempts, left[0].state), (1, State::Refused));
        let problem = left[0].last_problem.clone().unwrap();
        assert_eq!(
            problem.message,
            "`service/shared` belongs to the repository PRJ/owner"
        );
        assert_eq!(port.requests().len(), calls);
        // What is not contested has arrived.
        assert!(port.entity("service", "other").is_some());
        // Nor is it anybody's whom the operator does not name.
        outbox
            .store()
            .unwrap()
            .release(&OWNER.parse().unwrap(), &key("shared"))
            .unwrap();
        let third = said("PRJ/third");
        assert_eq!(carry_out(&outbox, &port, third).refused, 1);
        assert_eq!(outbox.list().unwrap().deliveries[0].attempts, 1);
    });
}

#[test]
fn what_is_released_is_delivered_by_the_next_run() {
    over_both(|bench| {
        let (outbox, port) = contested(bench);
        let released = outbox
            .store()
            .unwrap()
            .release(&OWNER.parse().unwrap(), &key("shared"))
            .unwrap();
        assert_eq!(released, 1);
        assert!(carry_out(&outbox, &port, Said::new()).is_clear());
        assert_eq!(owner_of_shared(&outbox).as_deref(), Some(HEIR));
    });
}

#[test]
fn what_left_the_owners_files_is_delivered_in_the_same_run() {
    over_both(|bench| {
        let (outbox, port) = contested(bench);
        push(
            &outbox,
            OWNER,
            &["own"],
            commit(1),
            &[key("shared"), key("own")],
        );
        assert!(carry_out(&outbox, &port, Said::new()).is_clear());
        assert_eq!(owner_of_shared(&outbox).as_deref(), Some(HEIR));
        // Deleted for the one, made anew for the other.
        assert!(port.entity("service", "shared").is_some());
    });
}

#[test]
fn what_the_operator_hands_over_is_delivered() {
    over_both(|bench| {
        let (outbox, port) = contested(bench);
        assert!(carry_out(&outbox, &port, said(HEIR)).is_clear());
        assert_eq!(owner_of_shared(&outbox).as_deref(), Some(HEIR));
        assert!(outbox.list().unwrap().deliveries.is_empty());
    });
}

#[test]
fn of_several_pushes_all_go_and_the_last_one_counts() {
    over_both(|bench| {
        let (outbox, port) = contested(bench);
        push(
            &outbox,
            HEIR,
            &["shared"],
            commit(1),
            &[key("shared"), key("other")],
        );
        assert_eq!(carry_out(&outbox, &port, Said::new()).refused, 2);
        outbox
            .store()
            .unwrap()
            .release(&OWNER.parse().unwrap(), &key("shared"))
            .unwrap();
        assert!(carry_out(&outbox, &port, Said::new()).is_clear());
        assert!(port.entity("service", "other").is_none());
        assert_eq!(owner_of_shared(&outbox).as_deref(), Some(HEIR));
        // Nothing of it is remembered for ever.
        let mut store = outbox.store().unwrap();
        store.forget_receipts(jiff::Timestamp::MAX).unwrap();
        assert_eq!(bench.sql("SELECT COUNT(*) FROM wanted"), "0");
    });
}
