//! The line that changes on a terminal.

use standin::{BuildEnd, Course, has_program};

use crate::builds::waiting;
use crate::site::{PUSHGATE, Site};

#[test]
fn a_terminal_has_one_line_that_goes_away() {
    if !has_program("script", "the line on a terminal") {
        return;
    }
    let site = Site::new();
    site.cluster.set_course(Course {
        hidden: 1,
        running: 1,
        end: BuildEnd::Succeeds,
    });
    let line = format!("{PUSHGATE} {}", waiting(&[]).join(" "));
    let output = site
        .command("script")
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .output()
        .unwrap();
    let ran = site.ran(&output);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // What stays is what was not taken back.
    let stays: String = ran
        .out
        .split("\r\n")
        .map(|line| line.rsplit("\r\u{1b}[K").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n");
    let line = "s: acme/hello at 6375552a3d: building (build build-0001)";
    assert!(ran.out.contains("\r\u{1b}[K"), "{ran:?}");
    assert!(ran.out.contains(line), "{ran:?}");
    assert!(!stays.contains("building (build"), "{stays}");
    assert!(stays.contains("built (build build-0001, "), "{stays}");
}
