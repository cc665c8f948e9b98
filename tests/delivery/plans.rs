//! Plans carried out at Port: pass by pass, with news of every entity.

use std::collections::BTreeSet;

use pushgate::catalog::{Entity, Plan, PlanOptions, plan};
use pushgate::port::{Client, PlannedWork, Progress, Report};
use serde_json::{Value, json};
use standin::{Fault, PortStandIn};

use crate::bench::{entity, entity_of, key, port_client, port_settings, repository};
use crate::records::Records;

const OFF: PlanOptions = PlanOptions {
    create_missing_related_entities: false,
    delete: true,
    deletion_threshold: pushgate::catalog::DeletionThreshold {
        at_least: usize::MAX,
        more_than: 1.0,
    },
    approved: false,
};

fn client(port: &PortStandIn) -> Client {
    let mut settings = port_settings(port);
    settings.create_missing_related_entities = false;
    port_client(settings)
}

fn planned<'a>(desired: &'a [Entity], inventory: &Records) -> Plan<'a> {
    plan(
        desired,
        &inventory.inventory(),
        &BTreeSet::new(),
        &|_| None,
        &OFF,
    )
}

/// What came of a plan, with the news as they came: `+ a/x`, `- a/x`, `~ a/x` where a part arrived.
fn carry_out(client: &Client, plan: &Plan, inventory: &mut Records) -> (Report, Vec<String>) {
    let mut news = Vec::new();
    inventory.begin(plan);
    let repository = repository();
    let work = PlannedWork {
        repository: &repository,
        plan,
        until: None,
        stop: None,
    };
    let report = client.carry_out_plan(&work, &mut |progress| match progress {
        Progress::Upserted(upsert) => {
            let sign = if upsert.is_partial() { '~' } else { '+' };
            news.push(format!("{sign} {}", upsert.key));
            inventory.complete(upsert);
        }
        Progress::Deleted(key) => {
            news.push(format!("- {key}"));
            inventory.0.remove(key);
        }
    });
    (report, news)
}

fn blueprint(identifier: &str, relations: Value) -> Value {
    json!({
        "identifier": identifier,
        "schema": {"properties": {"size": {"type": "number"}}, "required": []},
        "relations": relations,
    })
}

fn pointing(blueprint: &str, identifier: &str, relations: Value) -> Entity {
    entity_of(json!({"blueprint": blueprint, "identifier": identifier, "relations": relations}))
}

/// `a` and `b` may point to one another, and `c` has to point to an `a`.
fn related() -> PortStandIn {
    let port = PortStandIn::start().unwrap();
    port.set_blueprints(vec![
        blueprint("a", json!({"b": {"target": "b"}, "a": {"target": "a"}})),
        blueprint("b", json!({"a": {"target": "a", "required": true}})),
        blueprint("c", json!({"a": {"target": "a", "required": true}})),
    ]);
    port
}

#[test]
fn cycles_chains_and_deletions_need_no_second_try() {
    let port = related();
    let client = client(&port);
    let mut inventory = Records::default();
    // By its identifier `c/start` may point to itself. Its first pass lacks what is required, and
    // nothing needs it to succeed.
    let desired = [
        pointing("a", "start", json!({"a": "one"})),
        pointing("a", "one", json!({"a": "three"})),
        pointing("a", "three", json!({"a": "one"})),
        pointing("b", "two", json!({"a": "three"})),
        pointing("c", "start", json!({"a": "start"})),
    ];
    let plan = planned(&desired, &inventory);
    let (report, news) = carry_out(&client, &plan, &mut inventory);
    assert_eq!((report.upserted, report.summary()), (5, None));
    assert_eq!(
        news,
        [
            "~ a/one",
            "~ a/three",
            "+ a/start",
            "+ a/one",
            "+ a/three",
            "+ b/two",
            "+ c/start"
        ]
    );
    // The parts of the cycle; `a` and `b` with what `c` lacks yet; `c`.
    assert_eq!(port.requests_on("bulk").len(), 5);
    assert_eq!(
        port.entity("a", "three").unwrap()["relations"],
        json!({"a": "one"})
    );
    assert!(planned(&desired, &inventory).is_empty());

    let plan = planned(&[], &inventory);
    let before = port.requests().len();
    let (report, news) = carry_out(&client, &plan, &mut inventory);
    assert_eq!((report.deleted, report.summary()), (5, None));
    assert_eq!(news.len(), 5);
    assert!(port.entities().is_empty() && inventory.0.is_empty());
    // No call was in vain: `c`, `a/start`, `b`, and both ends of the cycle at once.
    assert_eq!(port.requests().len() - before, 4);
    port.assert_conforms();
}

#[test]
fn news_come_with_each_answer_and_name_only_what_arrived() {
    let port = PortStandIn::start().unwrap();
    port.set_blueprints(vec![blueprint("a", json!({}))]);
    port.insert("a", "gone", json!({}));
    let client = client(&port);
    let mut inventory = Records::default();
    inventory
        .0
        .insert(key("a", "gone"), pushgate::catalog::Delivered::default());
    let sized = |identifier: &str, size: Value| {
        entity_of(json!({"blueprint": "a", "identifier": identifier, "properties": {"size": size}}))
    };
    let desired = [
        sized("one", json!(1)),
        sized("two", json!("large")),
        sized("three", json!(3)),
    ];
    let plan = planned(&desired, &inventory);
    let (report, news) = carry_out(&client, &plan, &mut inventory);
    assert_eq!(news, ["+ a/one", "+ a/three"]);
    assert_eq!((report.upserted, report.problems.len()), (2, 1));
    assert!(
        port.entity("a", "gone").is_some(),
        "nothing goes while something is missing"
    );

    // Mended, only what did not arrive is sent.
    let desired = [
        sized("one", json!(1)),
        sized("two", json!(2)),
        sized("three", json!(3)),
    ];
    let plan = planned(&desired, &inventory);
    let (_, news) = carry_out(&client, &plan, &mut inventory);
    assert_eq!(news, ["+ a/two", "- a/gone"]);
    let before = port.requests().len();
    let plan = planned(&desired, &inventory);
    let (report, news) = carry_out(&client, &plan, &mut inventory);
    assert_eq!((report, news), (Report::default(), vec![]));
    assert_eq!(port.requests().len(), before);
    port.assert_conforms();
}

#[test]
fn what_arrived_before_the_line_broke_is_told() {
    let port = PortStandIn::start().unwrap();
    let client = client(&port);
    let mut inventory = Records::default();
    let desired: Vec<Entity> = (0..45)
        .map(|number| entity("a", &format!("e{number}")))
        .collect();
    let plan = planned(&desired, &inventory);
    port.fail_next_on("bulk", 1, &Fault::Slow(std::time::Duration::from_millis(1)));
    port.fail_next_on("bulk", 1, &Fault::CloseAfterApply);
    let (report, news) = carry_out(&client, &plan, &mut inventory);
    assert!(report.stopped.is_some());
    assert_eq!((report.upserted, news.len()), (20, 20));
    let plan = planned(&desired, &inventory);
    assert_eq!((plan.unchanged, plan.upserts.len()), (20, 25));
    port.set_largest_body(400);
    let (report, news) = carry_out(&client, &plan, &mut inventory);
    assert_eq!((report.summary(), news.len()), (None, 25));
    assert!(planned(&desired, &inventory).is_empty());
}

#[test]
fn ten_thousand_entities_take_full_calls_and_then_none() {
    let port = PortStandIn::start().unwrap();
    let client = client(&port);
    let mut inventory = Records::default();
    let desired: Vec<Entity> = (0..10_000)
        .map(|number| {
            let blueprint = ["a", "b"][number % 2];
            let up = json!({"up": format!("e{}", number / 100)});
            pointing(blueprint, &format!("e{number}"), up)
        })
        .collect();
    let plan = planned(&desired, &inventory);
    let (report, _) = carry_out(&client, &plan, &mut inventory);
    assert_eq!((report.upserted, report.summary()), (10_000, None));
    let calls = port.requests_on("bulk").len();
    // 500 full ones; each pass may leave one of either blueprint that is not.
    let passes = plan.upserts.last().unwrap().pass + 1;
    let partial = plan.upserts.len() - 10_000;
    assert!(
        calls <= 500 + partial.div_ceil(20) + 2 * passes,
        "{calls} calls, {passes} passes"
    );
    let before = port.requests().len();
    let plan = planned(&desired, &inventory);
    assert_eq!(plan.unchanged, 10_000);
    let (report, _) = carry_out(&client, &plan, &mut inventory);
    assert_eq!((report, port.requests().len()), (Report::default(), before));
}
