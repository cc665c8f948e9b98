//! Answers that no honest server gives: they end, and never look like an empty list.

use proptest::prelude::*;
use serde_json::json;
use standin::{BitbucketStandIn, Fault};

use crate::bench::{client, name};

fn body(text: impl Into<String>) -> Fault {
    Fault::with_body(200, &text.into())
}

#[test]
fn a_list_without_end_ends() {
    let standin = BitbucketStandIn::start().unwrap();
    let client = client(&standin);
    // Pages that go on and hold nothing.
    let mut next = 0;
    standin.fail_by(move |_| {
        next += 1;
        Some(body(
            json!({"values": [], "isLastPage": false, "nextPageStart": next}).to_string(),
        ))
    });
    let told: Vec<_> = client.projects().collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].as_ref().unwrap_err().to_string().contains("no end"));
    // Pages that go on and are full.
    let mut next = 0;
    let values: Vec<String> = (0..20_000).map(|number| number.to_string()).collect();
    standin.fail_by(move |_| {
        next += 1;
        Some(body(
            json!({"values": values, "isLastPage": false, "nextPageStart": next}).to_string(),
        ))
    });
    let mut files = 0;
    let mut problems = 0;
    for file in client.files(&name("PRJ/hello"), "main") {
        match file {
            Ok(_) => files += 1,
            Err(_) => problems += 1,
        }
    }
    assert_eq!((files, problems), (1_000_000, 1));
}

#[test]
fn an_answer_that_is_too_large_is_not_read() {
    let standin = BitbucketStandIn::start().unwrap();
    standin.fail_next("/projects", 9, &body("[".repeat(20 * 1024 * 1024)));
    let problem = client(&standin).projects().next().unwrap().unwrap_err();
    assert!(problem.to_string().contains("larger than"), "{problem}");
}

#[test]
fn nesting_is_no_way_to_the_end_of_the_stack() {
    let standin = BitbucketStandIn::start().unwrap();
    let deep = format!(r#"{{"x":{}"#, "[".repeat(1_000_000));
    standin.fail_next("/projects", 1, &body(deep));
    assert!(client(&standin).projects().next().unwrap().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever answers: one error, and its words are one line without control characters.
    #[test]
    fn what_is_no_answer_of_bitbucket_is_an_error(
        status in prop::sample::select(vec![200_u16, 204, 302, 400, 401, 403, 404, 409, 500, 501]),
        text in "(?s).{0,200}",
        as_error in any::<bool>(),
    ) {
        let standin = BitbucketStandIn::start().unwrap();
        let text = match as_error {
            true => json!({"errors": [{"message": text, "context": text, "exceptionName": text}]}).to_string(),
            false => text,
        };
        prop_assume!(!text.contains("isLastPage"));
        standin.fail_next("/projects", 9, &Fault::with_body(status, &text));
        let told: Vec<_> = client(&standin).projects().collect();
        prop_assert_eq!(told.len(), 1);
        let problem = told[0].as_ref().unwrap_err();
        let message = problem.to_string();
        prop_assert!(!message.chars().any(char::is_control), "{message:?}");
        prop_assert!(message.chars().count() < 700, "{message}");
    }

    /// Where the next page starts is the server's word, as long as it goes on.
    #[test]
    fn pages_only_go_forwards(starts in prop::collection::vec(0_u64..50, 1..20)) {
        let standin = BitbucketStandIn::start().unwrap();
        let mut told = starts.clone().into_iter();
        standin.fail_by(move |_| {
            let next = told.next();
            let page = json!({"values": ["f"], "isLastPage": next.is_none(), "nextPageStart": next});
            Some(body(page.to_string()))
        });
        let client = client(&standin);
        let listed: Vec<_> = client.files(&name("PRJ/hello"), "main").collect();
        let mut before = 0;
        let backwards = starts.iter().position(|&next| {
            let back = next <= before;
            before = next;
            back
        });
        match backwards {
            None => prop_assert!(listed.len() == starts.len() + 1 && listed.iter().all(Result::is_ok)),
            Some(at) => {
                prop_assert_eq!(listed.len(), at + 1);
                prop_assert!(listed[at].is_err());
            }
        }
    }
}
