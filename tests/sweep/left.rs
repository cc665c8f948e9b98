//! Deliveries for Port that a sweep leaves in the outbox.

use pushgate::branch_tip::BranchTips;
use pushgate::delivery::{Remotes, Settings};
use pushgate::document::Kinds;
use pushgate::outbox::{CatalogJob, Delivery, Job, Outbox, State, StoreAddress, Sweep, Waiting};
use pushgate::sweep::{Delivering, Projects, Summary};

/// More than a sweep looks at one by one.
const OTHERS: usize = 1001;

fn refused(repository: &str) -> Delivery {
    let job = CatalogJob {
        ref_name: "refs/heads/main".to_owned(),
        old: None,
        new: pushgate::git::CommitId("1".repeat(40).parse().unwrap()),
        desired: Ok(Vec::new()),
        extent: Default::default(),
        previous: Vec::new(),
        delete: true,
        git_dir: None,
        approved: false,
    };
    let mut delivery = Delivery::new(repository.parse().unwrap(), Job::Catalog(job));
    delivery.state = State::Refused;
    delivery
}

#[test]
fn what_is_left_of_its_projects_is_counted_whatever_lies_before_it() {
    let state = tempfile::tempdir().unwrap();
    let address = StoreAddress::Folder(state.path().to_owned());
    let outbox = Outbox::open(state.path(), address).unwrap();
    let mut store = outbox.store().unwrap();
    let mut deliveries: Vec<Delivery> = (0..OTHERS)
        .map(|number| refused(&format!("OTHER/r{number}")))
        .collect();
    deliveries.extend(["PRJ/one", "PRJ/two", "PRJ/two"].map(refused));
    let sweep = Sweep {
        server: "https://bitbucket.example.com".to_owned(),
        began: jiff::Timestamp::now(),
    };
    store.note_swept(&sweep, &[], &deliveries, None).unwrap();
    assert_eq!(
        store.waiting_for_port().unwrap(),
        Waiting { due: 0, all: 0 }
    );

    let (remotes, settings) = (Remotes::default(), Settings::default());
    let tips = BranchTips {
        kinds: &Kinds::default(),
        bitbucket: None,
    };
    let delivering = Delivering::new(&outbox, &remotes, &settings, &tips, None);
    let mut left = |keys: &[&str]| {
        let mut summary = Summary::default();
        let projects = Projects::of(keys.iter().copied());
        delivering
            .conclude(&mut store, &projects, &mut summary)
            .unwrap();
        assert_eq!(summary.has_failed(), summary.all_undelivered() > 0);
        summary.all_undelivered()
    };
    assert_eq!(left(&["PRJ"]), 3);
    assert_eq!(left(&["OTHER"]), OTHERS);
    assert_eq!(left(&["NONE"]), 0);
    assert_eq!(left(&[]), OTHERS + 3);
}
