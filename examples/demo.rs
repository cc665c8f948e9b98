//! The whole way on this machine: a bare repository with the hooks, a bad push that is refused, the
//! mended one that is accepted, and what Port and Algorithmia hold afterwards. Both are stand-ins on
//! loopback; git, the hooks and the pushes are real.

#![allow(clippy::print_stdout)] // It is made to be watched.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use standin::{AlgorithmiaStandIn, PortStandIn};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const BAD: &str = include_str!("demo/bad.yaml");
const GOOD: &str = include_str!("demo/good.yaml");
const LATER: &str = include_str!("demo/later.yaml");

fn main() -> Outcome {
    let port = PortStandIn::start()?;
    let algorithmia = AlgorithmiaStandIn::start()?;
    algorithmia.add_algorithm("shop", "orders", "11112222-3333-4444-5555-666677778888");
    let folder = tempfile::tempdir()?;
    let site = Site::new(folder.path(), &port, &algorithmia)?;

    title("A bare repository, and the hooks");
    site.run(&site.server, &site.pushgate, &["init"])?;

    title("A push with a mistake in port.yaml");
    site.write("port.yaml", BAD)?;
    site.commit("Describe the orders service")?;
    site.push()?;

    title("The same, mended");
    site.write("port.yaml", GOOD)?;
    site.commit("Mend port.yaml")?;
    site.push()?;
    show(&port, &algorithmia);

    title("An entity leaves the file, and so it leaves Port");
    site.write("port.yaml", LATER)?;
    site.commit("Retire the legacy queue")?;
    site.push()?;
    show(&port, &algorithmia);
    Ok(())
}

fn title(text: &str) {
    println!("\n\x1b[1m== {text}\x1b[0m\n");
}

/// What the stand-ins hold.
fn show(port: &PortStandIn, algorithmia: &AlgorithmiaStandIn) {
    println!("\nPort now holds:");
    for ((blueprint, identifier), body) in port.entities() {
        println!("  {blueprint}/{identifier}: {}", body["properties"]);
    }
    println!("Algorithmia was asked to compile:");
    for build in algorithmia.builds() {
        println!("  {} at {}", build.algorithm, build.commit);
    }
}

/// A server and a developer's clone in one folder.
struct Site {
    pushgate: PathBuf,
    server: PathBuf,
    clone: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Site {
    fn new(folder: &Path, port: &PortStandIn, algorithmia: &AlgorithmiaStandIn) -> Outcome<Self> {
        let key = folder.join("orders.pem");
        fs::write(&key, standin::ssh_private_key())?;
        let config = folder.join("config.yaml");
        fs::write(
            &config,
            format!(
                "algorithmia:\n  builds:\n    - {{ repository: SHOP/orders, branch: main, algorithm: shop/orders, ssh_key_file: '{}' }}\ndelivery: {{ wait: 30s }}\n",
                key.display()
            ),
        )?;
        let text = |path: &Path| path.display().to_string();
        let site = Self {
            pushgate: binary()?,
            server: folder.join("SHOP/orders.git"),
            clone: folder.join("orders"),
            variables: vec![
                ("HOME", text(folder)),
                ("GIT_CONFIG_NOSYSTEM", "1".into()),
                ("GIT_AUTHOR_NAME", "Ada".into()),
                ("GIT_AUTHOR_EMAIL", "ada@example.com".into()),
                ("GIT_COMMITTER_NAME", "Ada".into()),
                ("GIT_COMMITTER_EMAIL", "ada@example.com".into()),
                ("PUSHGATE_CONFIG", text(&config)),
                ("PUSHGATE_STATE", text(&folder.join("state"))),
                ("PORT_API_URL", port.url()),
                ("PORT_CLIENT_ID", port.client_id().to_owned()),
                ("PORT_CLIENT_SECRET", port.client_secret().to_owned()),
                ("ALGORITHMIA_API", algorithmia.url()),
                ("ALGORITHMIA_API_KEY", algorithmia.api_key().to_owned()),
            ],
        };
        let (server, clone) = (text(&site.server), text(&site.clone));
        let git = Path::new("git");
        site.quietly(
            folder,
            git,
            &["init", "-q", "--bare", "--initial-branch=main", &server],
        )?;
        site.quietly(
            folder,
            git,
            &["init", "-q", "--initial-branch=main", &clone],
        )?;
        site.quietly(&site.clone, git, &["remote", "add", "origin", &server])?;
        Ok(site)
    }

    fn write(&self, path: &str, text: &str) -> Outcome {
        println!("$ cat {path}");
        println!("{}", text.trim_end());
        fs::write(self.clone.join(path), text)?;
        Ok(())
    }

    fn commit(&self, message: &str) -> Outcome {
        let git = Path::new("git");
        self.quietly(&self.clone, git, &["add", "--all"])?;
        self.quietly(&self.clone, git, &["commit", "-q", "-m", message])
    }

    /// A push may be refused: that is what is shown.
    fn push(&self) -> Outcome {
        println!("\n$ git push origin main");
        self.command(
            &self.clone,
            Path::new("git"),
            &["push", "-q", "origin", "HEAD:main"],
        )
        .status()?;
        Ok(())
    }

    fn run(&self, folder: &Path, program: &Path, arguments: &[&str]) -> Outcome {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        println!("$ {name} {}", arguments.join(" "));
        self.quietly(folder, program, arguments)
    }

    fn quietly(&self, folder: &Path, program: &Path, arguments: &[&str]) -> Outcome {
        let mut command = self.command(folder, program, arguments);
        if command.status()?.success() {
            Ok(())
        } else {
            Err(format!("{command:?} failed").into())
        }
    }

    fn command(&self, folder: &Path, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .args(arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_")
                && self.variables.iter().all(|(own, _)| *own != name)
            {
                command.env_remove(name);
            }
        }
        command
    }
}

/// The binary beside this example, built with the same profile.
fn binary() -> Outcome<PathBuf> {
    let example = std::env::current_exe()?;
    let folder = example
        .parent()
        .and_then(Path::parent)
        .ok_or("no build folder")?;
    let binary = folder.join("pushgate");
    if !binary.is_file() {
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build
            .args(["build", "--bin", "pushgate"])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        if !build.status()?.success() {
            return Err("pushgate could not be built".into());
        }
    }
    Ok(binary)
}
