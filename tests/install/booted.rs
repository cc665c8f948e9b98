//! A Debian with systemd as its first process, in a container that `systemd-nspawn` boots. It shares the
//! network with this machine, so that stand-ins are in reach; what is written there is gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use standin::{Child, Command};

use crate::machine::{said, succeed};

/// How long something may take that comes soon.
const PATIENCE: Duration = Duration::from_secs(60);

/// Booted, with pushgate's package at hand but not installed.
pub struct Booted {
    container: Child,
    /// systemd, as this machine sees it.
    first: String,
}

/// Where the package lies in there.
const PACKAGE: &str = "/srv/pushgate.deb";

impl Booted {
    /// Of the root folder that `packaging/try-debian` has made and names.
    pub fn boot(deb: &Path) -> Self {
        let root = std::env::var_os("PUSHGATE_DEBIAN").unwrap();
        let mut nspawn = Command::new("systemd-nspawn");
        nspawn.args(["--quiet", "--register=no", "--volatile=overlay"]);
        if !Path::new("/run/systemd/system").exists() {
            // Nobody is here who would make a scope for it.
            nspawn.arg("--keep-unit");
        }
        let container = nspawn
            .args(["--console=pipe", "--boot", "--directory"])
            .arg(root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut booted = Self {
            container,
            first: String::new(),
        };
        let process = booted.container.id();
        wait_for("the end of the boot", || {
            let children = format!("/proc/{process}/task/{process}/children");
            booted.first = fs::read_to_string(children).unwrap().trim().to_owned();
            let state = said(&booted.run(&["systemctl", "is-system-running"]));
            ["running", "degraded"]
                .contains(&state.trim())
                .then_some(())
        });
        fs::copy(deb, booted.path(PACKAGE)).unwrap();
        booted
    }

    /// A file of it, as this machine sees it.
    pub fn path(&self, inside: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{inside}", self.first))
    }

    /// Writes a file, with its folder.
    pub fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs a program there to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Runs what has to succeed; all that it printed.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        succeed(self.command().args(arguments))
    }

    /// Runs a script of the shell as the git server's user, which has to succeed.
    pub fn as_git(&self, script: &str) -> String {
        self.succeed(&["runuser", "-u", "git", "--", "sh", "-ec", script])
    }

    fn command(&self) -> Command {
        let mut nsenter = Command::new("nsenter");
        nsenter
            .args(["--target", &self.first])
            .args(["--mount", "--uts", "--ipc", "--pid", "--"])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null());
        nsenter
    }

    /// Installs the package, or installs it once more, as an upgrade does.
    pub fn install(&self) {
        self.succeed(&["dpkg", "--install", PACKAGE]);
    }

    /// The user that the units run as.
    pub fn add_user(&self) {
        let mut arguments = vec!["useradd", "--system", "--create-home"];
        arguments.extend(["--home-dir", "/srv/git", "git"]);
        self.succeed(&arguments);
    }

    /// A property of a unit, as `systemctl show` has it.
    pub fn property(&self, unit: &str, name: &str) -> String {
        let told = self.succeed(&["systemctl", "show", "--value", "--property", name, unit]);
        told.trim().to_owned()
    }

    /// Waits until a property of a unit has that value.
    pub fn wait_until(&self, unit: &str, name: &str, value: &str) {
        let what = format!("{name}={value} of {unit}");
        wait_for(&what, || (self.property(unit, name) == value).then_some(()));
    }

    /// What a unit has said since the boot, a line each.
    pub fn journal(&self, unit: &str) -> String {
        let mut arguments = vec!["journalctl", "--no-pager", "--output=cat"];
        arguments.extend(["--identifier=pushgate", "--unit", unit]);
        self.succeed(&arguments)
    }
}

impl Drop for Booted {
    fn drop(&mut self) {
        // Asked like that, it halts what runs in there.
        let process = self.container.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &process]).output();
        let _ = self.container.wait();
    }
}

/// Looks again and again until there is something.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    standin::wait_for(PATIENCE, what, look)
}
