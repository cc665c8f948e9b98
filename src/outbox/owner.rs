//! Whose the files are that this user has no permission for.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::geteuid;

/// What to do about a file that can't be used as it has to be: a sentence without its full stop.
pub(super) fn advice(path: &Path, error: &std::io::Error) -> String {
    let me = geteuid().as_raw();
    // What lies in a folder that can't be entered has no owner to be seen: it is the folder's.
    let owner = path.ancestors().find_map(|path| fs::metadata(path).ok());
    match owner.map(|metadata| metadata.uid()) {
        Some(owner) if error.kind() == std::io::ErrorKind::PermissionDenied && owner != me => {
            let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
            of_another(owner, me, &known)
        }
        _ => "check that the state folder belongs to the user that pushgate runs as, and that its \
              disk is not full"
            .to_owned(),
    }
}

/// What to do where it is another user's. Nobody is sent to run hooks as root, who has made the folder or
/// has yet to make it.
fn of_another(owner: u32, me: u32, known: &str) -> String {
    let [name, me] = [owner, me].map(|user| name_of(user, known));
    match owner {
        0 => format!(
            "it belongs to root, and pushgate runs as {me} here: have root make the state folder, if it is \
             not there yet, and give it to the user of the hooks (`chown -R USER FOLDER`), whom everybody \
             acts as who delivers or looks at the outbox"
        ),
        _ => format!(
            "it belongs to the user {name}, and pushgate runs as {me} here: the hooks, whoever \
             delivers and whoever looks at the outbox have to be the same user (`sudo -u {name} \
             pushgate …`)"
        ),
    }
}

/// A user's name, by what `/etc/passwd` holds; of one that only a directory server knows its number, in the
/// way that `sudo -u` takes it.
fn name_of(user: u32, known: &str) -> String {
    let user = user.to_string();
    known
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find_map(|fields| match fields[..] {
            [name, _, number, ..] if number == user => Some(name.to_owned()),
            _ => None,
        })
        .unwrap_or_else(|| format!("'#{user}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_act_as_root() {
        let known = "root:x:0:0::/:/bin/sh\ngit:x:998:998::/srv/git:/bin/sh\n";
        let [of_root, of_git] = [of_another(0, 998, known), of_another(998, 7, known)];
        assert!(of_root.contains("chown -R USER FOLDER"), "{of_root}");
        assert!(!of_root.contains("sudo"), "{of_root}");
        assert!(
            of_git.contains("user git, and pushgate runs as '#7'"),
            "{of_git}"
        );
        assert!(of_git.contains("`sudo -u git pushgate …`"), "{of_git}");
    }

    #[test]
    fn users_are_named_as_sudo_takes_them() {
        let known =
            "root:x:0:0:root:/root:/bin/bash\nbroken\n+::::::\ngit:x:998:998::/srv/git:/bin/sh\n";
        let named = [0, 998, 99].map(|user| name_of(user, known));
        assert_eq!(named, ["root", "git", "'#99'"]);
    }
}
