//! What to do on the server's disk, where its API can't: Bitbucket below 8.0 without External Hooks
//! (facts: bitbucket.md §1.2).

use super::super::CommandError;
use super::each;
use crate::bitbucket::{Client, HookScriptType, Problem, Version};
use crate::hook_text::OnNodes;
use crate::repository::RepositoryName;

/// The commands, for a shell on the node that has the repositories.
pub(super) fn text(
    client: &Client,
    version: &Version,
    repositories: &[RepositoryName],
    on_nodes: &OnNodes,
) -> Result<String, CommandError> {
    let numbers = each(repositories, client.concurrency(), |name| {
        client.repository_number(name)
    });
    let numbers: Result<Vec<u64>, Problem> = numbers.into_iter().collect();
    let numbers = numbers.map_err(CommandError::failure)?;
    let mut out = format!(
        "# Bitbucket {version} has no API for hook scripts: nothing was changed. As the user that runs\n\
         # Bitbucket, on the node that has the repositories on its disk (on every node, where it is not\n\
         # shared), run this in `sh`; it may be run again. BITBUCKET_SHARED is the shared home.\n\
         : \"${{BITBUCKET_SHARED:?set it to the shared home, such as /var/atlassian/application-data/bitbucket/shared}}\"\n\
         install_hook() {{ # the number of the repository, the hook\n  \
         folder=$BITBUCKET_SHARED/data/repositories/$1/hooks/$2.d\n  \
         mkdir -p \"$folder\" && cat > \"$folder/.50_pushgate\" && chmod 755 \"$folder/.50_pushgate\" &&\n  \
         mv \"$folder/.50_pushgate\" \"$folder/50_pushgate\"\n\
         }}\n"
    );
    for (name, number) in repositories.iter().zip(numbers) {
        out.push_str(&format!("\n# {}\n", crate::visible::visible(name.as_str())));
        for (hook, kind) in [
            ("pre-receive", HookScriptType::Pre),
            ("post-receive", HookScriptType::Post),
        ] {
            out.push_str(&format!(
                "install_hook {number} {hook} <<'PUSHGATE'\n{}PUSHGATE\n",
                on_nodes.script(kind)
            ));
        }
    }
    Ok(out)
}
