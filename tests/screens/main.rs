//! What people see, in terminals of 80 and of 60 columns: nothing is wider. The pictures lie in `target/screens`;
//! those in `docs/screens` are copies of them.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a helper fails the test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use standin::{BitbucketStandIn, Command, PortStandIn};
use tempfile::TempDir;

const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");
const COLUMNS: usize = 80;

const BAD: &str = "identifier: orders\ntitel: Orders\nblueprint: service\n";
const GOOD: &str = "\
identifier: orders
title: Orders
blueprint: service
properties: { language: Rust, tier: 2 }
";
const LATER: &str = "\
- identifier: orders
  title: Orders
  blueprint: service
  properties: { language: Rust, tier: 1 }
- identifier: orders-api
  title: API of the orders
  blueprint: api
  relations: { service: orders }
";

/// A machine with a git server, a clone of it, and servers to talk to.
struct Site {
    port: PortStandIn,
    bitbucket: BitbucketStandIn,
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self {
            port: PortStandIn::start().unwrap(),
            bitbucket: BitbucketStandIn::start().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        let server = site.server().display().to_string();
        site.quiet("git", &["init", "-q", "--bare", "-b", "main", &server]);
        site.quiet("git", &["init", "-q", "-b", "main", "orders"]);
        site.quiet("git", &["-C", "orders", "remote", "add", "origin", &server]);
        site.quiet(PUSHGATE, &["init", &server]);
        site
    }

    fn server(&self) -> PathBuf {
        self.folder.path().join("SHOP/orders.git")
    }

    fn clone(&self) -> PathBuf {
        self.folder.path().join("orders")
    }

    fn write(&self, path: &str, text: &str) {
        standin::write(&self.clone(), path, text);
    }

    fn commit(&self) {
        self.quiet("git", &["-C", "orders", "add", "--all"]);
        self.quiet(
            "git",
            &["-C", "orders", "commit", "-q", "-m", "Describe it"],
        );
    }

    fn command(&self, folder: &Path, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.com")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@example.com")
            .stdin(Stdio::null());
        command
    }

    fn quiet(&self, program: &str, arguments: &[&str]) {
        let output = self
            .command(self.folder.path(), program, arguments)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    /// With Bitbucket and Port set up.
    fn connected(&self, folder: &Path, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(folder, program, arguments);
        command
            .env("PORT_CLIENT_ID", self.port.client_id())
            .env("PORT_CLIENT_SECRET", self.port.client_secret())
            .env("PORT_API_URL", self.port.url())
            .env("BITBUCKET_HOST", self.bitbucket.url())
            .env("BITBUCKET_USERNAME", self.bitbucket.user())
            .env("BITBUCKET_PASSWORD", self.bitbucket.password());
        command
    }

    /// What a terminal of 80 columns gets, without what differs from run to run.
    fn shown(&self, output: Output) -> String {
        let text =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        // The same width, so that lines are broken as in earnest.
        let like = |url: String, name: &str| (format!("{name:x<width$}", width = url.len()), url);
        let mut text = text.replace('\r', "");
        for (name, url) in [
            like(self.port.url(), "http://port.example.co"),
            like(self.bitbucket.url(), "http://git.example.co"),
        ] {
            text = text.replace(&url, &name);
        }
        text.replace(self.folder.path().to_str().unwrap(), "/srv/git")
    }
}

/// Whether there is a program that makes terminals.
fn has_terminal() -> bool {
    standin::has_program("script", "what a terminal shows")
}

/// What pushgate shows in a terminal of its own, which `script` makes.
fn in_terminal(line: &str, command: impl FnOnce(&str, &[&str]) -> Command) -> Output {
    in_terminal_of(COLUMNS, line, command)
}

fn in_terminal_of(
    columns: usize,
    line: &str,
    command: impl FnOnce(&str, &[&str]) -> Command,
) -> Output {
    let line = format!("stty cols {columns} rows 50; {PUSHGATE} {line}");
    command("script", &["-qec", &line, "/dev/null"])
        .output()
        .unwrap()
}

/// Looks at the width and paints the picture.
fn picture(name: &str, command: &str, shown: &str) {
    for line in shown.lines() {
        let plain = plain(line);
        let width = textwrap::core::display_width(&plain);
        assert!(width <= COLUMNS, "{name}: {width} columns: {plain}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "\u{1b}[2m$\u{1b}[0m \u{1b}[1m{command}\u{1b}[0m\n{}",
        shown.trim_end()
    );
    let svg = anstyle_svg::Term::new()
        .palette(anstyle_svg::WIN10_CONSOLE)
        .min_width_px(720)
        .render_svg(&text);
    fs::write(folder.join(format!("{name}.svg")), svg).unwrap();
}

fn plain(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => while rest.next().is_some_and(|c| !c.is_ascii_alphabetic()) {},
            c => plain.push(c),
        }
    }
    plain
}

#[test]
fn a_push_that_is_refused() {
    let site = Site::new();
    site.write("port.yaml", BAD);
    site.commit();
    let mut push = site.command(&site.clone(), "git", &["push", "-q", "origin", "main"]);
    let shown = site.shown(push.output().unwrap());
    let shown: Vec<&str> = shown.lines().map(str::trim_end).collect();
    assert!(
        shown[0].contains("refused; 1 error in 1 document"),
        "{shown:?}"
    );
    let marked = shown.iter().map(|line| match line {
        line if line.starts_with(" ! ") || line.starts_with("error: ") => {
            format!("\u{1b}[31m{line}\u{1b}[0m\n")
        }
        line => format!("{line}\n"),
    });
    picture("push", "git push origin main", &marked.collect::<String>());
}

#[test]
fn several_findings_in_several_files() {
    if !has_terminal() {
        return;
    }
    let site = Site::new();
    site.write(
        "port.yaml",
        "identifier: orders\ntitle: Orders\nblueprint: service\npropertys: { tier: 2 }\n",
    );
    site.write(
        ".gimlet.yaml",
        "app: orders\nenv: staging\nnamespace: shop\nchart: { name: onechart, verison: 0.63.0 }\n",
    );
    site.write(
        "bitbucket-pipelines.yml",
        "pipelines:\n  default:\n    - step:\n        scrip: [ cargo test ]\n",
    );
    let output = in_terminal("check", |script, line| {
        site.command(&site.clone(), script, line)
    });
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    picture("check", "pushgate check", &site.shown(output));
}

#[test]
fn the_plan_of_a_push() {
    if !has_terminal() {
        return;
    }
    let site = Site::new();
    site.write("port.yaml", GOOD);
    site.commit();
    site.quiet("git", &["-C", "orders", "push", "-q", "origin", "main"]);
    site.write("port.yaml", LATER);
    site.commit();
    let output = in_terminal("plan", |script, line| {
        site.command(&site.clone(), script, line)
    });
    assert!(output.status.success(), "{output:?}");
    picture("plan", "pushgate plan", &site.shown(output));
}

#[test]
fn a_sweep() {
    if !has_terminal() {
        return;
    }
    let site = Site::new();
    for (name, text) in [
        ("SHOP/orders", LATER),
        (
            "SHOP/billing",
            "identifier: billing\ntitel: Billing\nblueprint: service\n",
        ),
        ("LAB/empty", ""),
    ] {
        site.bitbucket.add_repository(name);
        let path = if text.is_empty() {
            "README.md"
        } else {
            "port.yaml"
        };
        site.bitbucket
            .commit(name, "main", &[(path, Some(text.as_bytes()))]);
    }
    let output = in_terminal("sync", |script, line| {
        site.connected(&site.clone(), script, line)
    });
    picture("sync", "pushgate sync", &last_screen(&site.shown(output)));
}

/// Without the lines of progress that a terminal has shown and wiped.
fn last_screen(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.rsplit("\u{1b}[2K").next().unwrap_or(line));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_set_up_item_by_item() {
    if !has_terminal() {
        return;
    }
    let site = Site::new();
    site.bitbucket.add_repository("SHOP/orders");
    let output = in_terminal("doctor", |script, line| {
        site.connected(&site.server(), script, line)
    });
    picture("doctor", "pushgate doctor", &site.shown(output));
}

#[test]
fn a_server_with_nothing_set_up() {
    if !has_terminal() {
        return;
    }
    let site = Site::new();
    let output = in_terminal("doctor", |script, line| {
        site.command(&site.server(), script, line)
    });
    picture("doctor-bare", "pushgate doctor", &site.shown(output));
    let output = in_terminal("explain", |script, line| {
        site.command(&site.server(), script, line)
    });
    picture("explain", "pushgate explain", &site.shown(output));
}

const NARROW: usize = 60;

/// Each command in a narrow terminal on a light ground: lines are broken by words, commands stay whole, and
/// nothing is yellow or faint, which only a dark ground shows.
#[test]
fn a_narrow_terminal_and_a_light_one() {
    if !has_terminal() {
        return;
    }
    let site = Site::new();
    site.bitbucket.add_repository("SHOP/orders");
    site.bitbucket.commit(
        "SHOP/orders",
        "main",
        &[("port.yaml", Some(BAD.as_bytes()))],
    );
    site.write("port.yaml", GOOD);
    site.commit();
    site.quiet("git", &["-C", "orders", "push", "-q", "origin", "main"]);
    site.write("port.yaml", LATER);
    site.commit();
    // Whoever may write there names the file.
    let pending = site.folder.path().join("state/spool/pending");
    fs::create_dir_all(&pending).unwrap();
    fs::write(
        pending.join("20260101t000000000000-\u{1b}[31mred.json"),
        "{",
    )
    .unwrap();
    let state = site.folder.path().join("state");
    for line in [
        "--help",
        "sync --help",
        "plan",
        "doctor",
        "explain",
        "explain port/missing-title",
        "outbox list",
        "outbox show nothing",
        "sync --dry-run",
        "bitbucket hooks status --repository SHOP/orders",
        "bitbucket webhooks list --all",
        "gimlet env --list",
        "gimlet env",
        "check",
        "sync",
        "outbox retry --all",
        "bitbucket hooks install --all --dry-run",
        "init",
        "deliver",
    ] {
        let output = in_terminal_of(NARROW, line, |script, arguments| {
            let mut command = site.connected(&site.clone(), script, arguments);
            command.env("PUSHGATE_STATE", &state);
            command
        });
        let shown = last_screen(&site.shown(output));
        assert!(!shown.trim().is_empty(), "{line}");
        for dark in ["\u{1b}[2m", "33m", "93m", "37m", "97m", "\u{1b}[31mred"] {
            assert!(!shown.contains(dark), "{line}: {shown}");
        }
        let mut in_code = false;
        for written in shown.lines() {
            let plain = plain(written);
            in_code ^= plain.starts_with("```");
            // What is copied stays whole: code, commands, paths.
            let is_one_word = !plain.trim().contains(' ');
            if in_code || is_one_word || plain.trim_start().starts_with("pushgate ") {
                continue;
            }
            let width = textwrap::core::display_width(&plain);
            assert!(width <= NARROW, "{line}: {width} columns: {plain}\n{shown}");
        }
    }
}
