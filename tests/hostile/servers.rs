//! Each command that talks to a remote system, against each answer that no honest server gives: it
//! ends, in bounded memory, with words and the exit code of a failure, and credentials stay here.

use std::fmt::Write as _;

use serde_json::Value;

use crate::answer::Answer;
use crate::site::{Ran, Site, Token};

/// KiB that a process may use: an answer of the 8 MiB that are read at most, a few times over, on top
/// of what an unoptimised build takes up by itself.
const MEMORY: u64 = 96 * 1024;

/// Runs a command against every answer. `failed` is the exit code of its failure.
fn against_all(token: Token, arguments: &[&str], failed: i32, prepare: impl Fn(&Site)) -> String {
    let mut table = String::new();
    let mut worst = 0;
    for answer in Answer::ALL {
        let site = Site::new(answer, token);
        prepare(&site);
        let ran = site.run(arguments);
        assert_eq!(ran.code, Some(failed), "{answer:?}: {ran:?}");
        assert!(!ran.err.is_empty() || !ran.out.is_empty(), "{answer:?}");
        assert!(ran.peak < MEMORY, "{answer:?}: {} KiB", ran.peak);
        worst = worst.max(ran.peak);
        assert!(!site.server.heard().is_empty(), "{answer:?}: nobody asked");
        assert_eq!(
            site.elsewhere.heard(),
            [""; 0],
            "{answer:?}: credentials went elsewhere"
        );
        let _ = writeln!(table, "{answer:?}\n{}", indented(&site, &ran));
    }
    println!("{arguments:?}: at most {worst} KiB");
    table
}

fn indented(site: &Site, ran: &Ran) -> String {
    let said = site.shown(&format!("{}{}", ran.out, ran.err));
    said.lines().map(|line| format!("    {line}\n")).collect()
}

#[test]
fn what_is_to_be_delivered_stays_in_the_outbox_when_port_is_hostile() {
    let told = against_all(Token::Granted, &["deliver"], 3, |site| site.queue());
    println!("{told}");
    for answer in [Answer::EndlessBody, Answer::Deep, Answer::RedirectElsewhere] {
        let site = Site::new(answer, Token::Granted);
        site.queue();
        site.run(&["deliver"]);
        let listed = site.run(&["outbox", "list", "--format", "json"]);
        let listed: Value = serde_json::from_str(&listed.out).unwrap();
        assert_eq!(listed.as_array().unwrap().len(), 1, "{answer:?}: {listed}");
    }
}

#[test]
fn a_hostile_place_to_get_a_token_from_is_no_better() {
    let told = against_all(Token::Never, &["blueprints", "pull"], 3, |_| ());
    println!("{told}");
}

#[test]
fn a_hostile_list_of_blueprints_is_no_list() {
    let told = against_all(Token::Granted, &["blueprints", "pull"], 3, |_| ());
    println!("{told}");
}

#[test]
fn a_sweep_of_a_hostile_bitbucket_deletes_nothing() {
    let told = against_all(Token::Granted, &["sync"], 3, |_| ());
    println!("{told}");
}

#[test]
fn a_hostile_algorithmia_has_built_nothing() {
    let sha = "6375552a3dcc208f7483f4f58f123dab0dd9c546";
    let arguments = [
        "compile",
        "--repository",
        "PRJ/hello",
        "--sha",
        sha,
        "--wait",
        "--timeout",
        "2",
    ];
    let told = against_all(Token::Granted, &arguments, 3, |_| ());
    println!("{told}");
}

#[test]
fn doctor_says_what_it_can_of_a_hostile_server() {
    let told = against_all(Token::Granted, &["doctor", "--timeout", "2"], 1, |_| ());
    println!("{told}");
}
