//! The texts of the hook scripts that lie in `hooks/bitbucket`, with the paths of an installation.

use crate::bitbucket::HookScriptType;
use crate::shell_text::{shell_text, text_of_shell};

/// The script of the gate, as it lies in the repository.
const PRE_RECEIVE: &str = include_str!("../hooks/bitbucket/pre-receive.sh");
/// The script of whoever delivers, as it lies in the repository.
const POST_RECEIVE: &str = include_str!("../hooks/bitbucket/post-receive.sh");

/// The command in both, for which that of an installation is put.
const COMMAND: &str = "/usr/local/bin/pushgate --config /etc/pushgate/config.yaml";

/// Where pushgate is on a server's nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnNodes {
    /// The binary.
    pub binary: String,
    /// The configuration.
    pub config: String,
}

impl Default for OnNodes {
    fn default() -> Self {
        Self {
            binary: "/usr/local/bin/pushgate".to_owned(),
            config: "/etc/pushgate/config.yaml".to_owned(),
        }
    }
}

impl OnNodes {
    /// The script that Bitbucket runs.
    #[must_use]
    pub fn script(&self, kind: HookScriptType) -> String {
        let command = format!(
            "{} --config {}",
            shell_text(&self.binary),
            shell_text(&self.config)
        );
        let text = match kind {
            HookScriptType::Pre => PRE_RECEIVE,
            HookScriptType::Post => POST_RECEIVE,
        };
        text.replace(COMMAND, &command)
    }

    /// The paths that a script of ours names; none where it is somebody else's.
    #[must_use]
    pub fn of_script(text: &str) -> Option<Self> {
        let line = text.lines().rev().find(|line| line.starts_with("exec "))?;
        let (command, hook) = line.strip_prefix("exec ")?.rsplit_once(" hook ")?;
        if !matches!(hook.trim(), "pre-receive" | "post-receive") {
            return None;
        }
        let (binary, config) = command.split_once(" --config ")?;
        Some(Self {
            binary: text_of_shell(binary),
            config: text_of_shell(config),
        })
    }
}

/// The name by which an uploaded script is known again.
#[must_use]
pub fn script_name(kind: HookScriptType) -> &'static str {
    match kind {
        HookScriptType::Pre => "pushgate pre-receive",
        HookScriptType::Post => "pushgate post-receive",
    }
}

/// On what a script runs. A pull request's page asks the pre-receive hook with nothing on standard
/// input whenever somebody looks at it (facts: bitbucket.md §1.1), so that the gate is spared that.
#[must_use]
pub fn triggers(kind: HookScriptType) -> &'static [&'static str] {
    match kind {
        HookScriptType::Pre => &ALL[..6],
        HookScriptType::Post => &ALL,
    }
}

const ALL: [&str; 7] = [
    "push",
    "file-edit",
    "branch-create",
    "branch-delete",
    "tag-create",
    "tag-delete",
    "pull-request-merge",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_an_installation_stand_in_the_scripts() {
        let usual = OnNodes::default();
        assert_eq!(usual.script(HookScriptType::Pre), PRE_RECEIVE);
        assert_eq!(usual.script(HookScriptType::Post), POST_RECEIVE);
        let own = OnNodes {
            binary: "/opt/my tools/it's".to_owned(),
            config: "/shared/pushgate.yaml".to_owned(),
        };
        for kind in [HookScriptType::Pre, HookScriptType::Post] {
            let text = own.script(kind);
            assert!(
                text.contains(
                    r"exec '/opt/my tools/it'\''s' --config /shared/pushgate.yaml hook p"
                ),
                "{text}"
            );
            assert_eq!(OnNodes::of_script(&text).as_ref(), Some(&own));
        }
        for other in ["", "exec rm -rf /", "exec x --config y hook update"] {
            assert_eq!(OnNodes::of_script(other), None, "{other}");
        }
    }
}
