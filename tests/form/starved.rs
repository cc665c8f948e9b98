//! A gate that can't go on, in the form that ends at once where a thread panics, refuses the push.

use std::fs;

use crate::handed_out::binary;
use crate::server::{BAD, GOOD, Server};

/// From no room for the program itself to enough for all: threads can't start, memory ends.
#[test]
fn a_gate_that_lacks_memory_refuses_in_words() {
    let Some(binary) = binary() else { return };
    let server = Server::new();
    let binary = fs::canonicalize(binary).unwrap();
    server.git(&["config", "receive.autogc", "false"]);
    let clone = server.clone();
    let mut ends = Vec::new();
    let size = fs::metadata(&binary).unwrap().len() / 1024;
    for kilobytes in (size..size + 120_000).step_by(10_000) {
        server.hook(
            "pre-receive",
            &format!(
                "ulimit -v {kilobytes}\nexec '{}' hook pre-receive",
                binary.display()
            ),
        );
        let push = clone.change("port.yaml", BAD).push(&["HEAD:main"]);
        assert!(!push.accepted, "{kilobytes} kB: {}", push.raw);
        for word in ["panicked", "backtrace", "BACKTRACE", "unwrap", "called `"] {
            assert!(!push.said.contains(word), "{kilobytes} kB: {}", push.raw);
        }
        ends.push(if push.said.contains("internal error") {
            "internal error"
        } else if push.said.contains("refused; ") {
            "judged"
        } else {
            "ended"
        });
    }
    assert_eq!(ends.last(), Some(&"judged"), "{ends:?}");
    assert!(ends.iter().any(|end| *end != "judged"), "{ends:?}");
    let push = clone.change("port.yaml", GOOD).push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
}
