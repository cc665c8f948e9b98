//! Statuses and codes (vendor's API documents) in words, by what was asked for.

use super::call::Purpose;
use super::client::Settings;
use super::credentials::Role;

/// What is wrong, and what to do about it.
pub(super) fn of(
    purpose: Purpose,
    status: u16,
    code: Option<u64>,
    settings: &Settings,
) -> (String, Option<String>) {
    match (status, code) {
        (_, Some(2002)) | (401, _) => unknown_credentials(settings),
        (_, Some(2001)) | (403, _) => forbidden(purpose, settings),
        _ => {
            let (words, help) =
                special(purpose, status, code).unwrap_or_else(|| general(purpose, status, code));
            (words.to_owned(), help.map(str::to_owned))
        }
    }
}

type Words = (&'static str, Option<&'static str>);

fn unknown_credentials(settings: &Settings) -> (String, Option<String>) {
    let mut help = format!("check {}, and that it is of this cluster", settings.origin);
    if let Some(suspicion) = settings.credentials.suspicion() {
        help.push_str(&format!("; {suspicion}"));
    }
    let words = "Algorithmia does not accept the credentials";
    (words.to_owned(), Some(help))
}

fn forbidden(purpose: Purpose, settings: &Settings) -> (String, Option<String>) {
    let what = match purpose {
        Purpose::Compile => "compile this algorithm",
        Purpose::Builds => "see the builds of this algorithm",
        Purpose::ShowAlgorithm => "see this algorithm",
        Purpose::CreateAlgorithm => "create algorithms of this owner",
        Purpose::Scms => "administer this cluster",
    };
    let help = match purpose.role() {
        Role::Administrator => {
            "use an admin key with Management Access, or the token of a cluster administrator: set \
             ALGORITHMIA_ADMIN_API_KEY or ALGORITHMIA_ADMIN_BEARER_TOKEN; an organisation's key \
             can't"
        }
        Role::Organisation => {
            "use a standard key with Management Access of an administrator of the owner's \
             organisation, in ALGORITHMIA_API_KEY; a cluster administrator's key can't"
        }
    };
    let origin = settings.origin;
    (
        format!("the credentials may not {what}"),
        Some(format!("{help} (these are from {origin})")),
    )
}

/// What a status or code means for one purpose only.
fn special(purpose: Purpose, status: u16, code: Option<u64>) -> Option<Words> {
    match purpose {
        Purpose::Scms => of_scms(status, code),
        Purpose::CreateAlgorithm => of_creation(status, code),
        Purpose::Compile if status == 400 || status == 422 => match code {
            Some(4008..=4084) => None,
            _ => Some((
                "Algorithmia does not take the request",
                Some("check that the SSH key is an unencrypted RSA key in PEM form"),
            )),
        },
        Purpose::Compile | Purpose::Builds | Purpose::ShowAlgorithm => None,
    }
}

fn of_scms(status: u16, code: Option<u64>) -> Option<Words> {
    let list = "`pushgate algorithmia scm list` shows them";
    let words = match (status, code) {
        (_, Some(4020 | 4021)) => (
            "Algorithmia does not take the configuration",
            Some("check the project key and the three addresses"),
        ),
        (_, Some(4040)) => (
            "the SCM configuration is still enabled, and only a disabled one can be deleted",
            Some(
                "disable it first with `pushgate algorithmia scm update ID --disable`; \
                 `scm delete ID --force` does both",
            ),
        ),
        (_, Some(4041)) => (
            "the SCM configuration is the default one, which can't be disabled or deleted",
            Some("make another one the default first, as a cluster administrator in Algorithmia"),
        ),
        (_, Some(4042)) => (
            "the SCM configuration is disabled",
            Some("enable it with `pushgate algorithmia scm update ID --enable`"),
        ),
        (_, Some(4043)) => (
            "algorithms still use the SCM configuration",
            Some("delete them first, or leave it disabled: no new algorithm can choose it then"),
        ),
        (409, _) | (_, Some(4044)) => ("there is such an SCM configuration already", Some(list)),
        (_, Some(4045)) => (
            "Algorithmia does not allow this for this SCM configuration",
            Some("the built-in one can't be changed, and at least one must stay enabled"),
        ),
        (_, Some(4009)) => ("Algorithmia has no such SCM configuration", Some(list)),
        (404, None) => (
            "Algorithmia has no such SCM configuration",
            Some(
                "`pushgate algorithmia scm list` shows them; if that fails too, check the address \
                 in ALGORITHMIA_API",
            ),
        ),
        (400 | 422, _) => ("Algorithmia does not take the configuration", None),
        _ => return None,
    };
    Some(words)
}

fn of_creation(status: u16, code: Option<u64>) -> Option<Words> {
    let words = match (status, code) {
        (_, Some(1002)) => (
            "there is an algorithm of this name already",
            Some("see it with `pushgate algorithmia algorithm show OWNER/NAME`"),
        ),
        (_, Some(1008)) => (
            "Bitbucket did not create the repository",
            Some(
                "see whether the project has one of this name already, and that \
                 BB_PROJECT_OWNER_USERNAME may create repositories in it",
            ),
        ),
        (_, Some(4080 | 4081)) => (
            "Bitbucket does not let Algorithmia in",
            Some(
                "check BB_PROJECT_OWNER_USERNAME and BB_PROJECT_OWNER_PASSWORD: the account must \
                 be allowed to create repositories in the project",
            ),
        ),
        (_, Some(4009)) => (
            "Algorithmia has no such SCM configuration",
            Some("`pushgate algorithmia scm list` shows them, with an administrator's key"),
        ),
        (_, Some(4042)) => (
            "the SCM configuration is disabled",
            Some("an administrator enables it: `pushgate algorithmia scm update ID --enable`"),
        ),
        (_, Some(4001 | 4002)) => (
            "Algorithmia does not know the language",
            Some("leave `settings.language` out: the environment names it"),
        ),
        (404, _) | (_, Some(3000 | 3100)) => (
            "Algorithmia has no such owner",
            Some("correct the part before the `/`: a user or an organisation of this cluster"),
        ),
        (400 | 422, None | Some(2000..=2999 | 6001)) => (
            "Algorithmia does not take the request",
            Some(
                "check `--environment` (the environment's `id`, not its \
                 `environment_specification_id`) and what `--file` holds",
            ),
        ),
        _ => return None,
    };
    Some(words)
}

/// What a status or code means for all.
fn general(purpose: Purpose, status: u16, code: Option<u64>) -> Words {
    let algorithm = match purpose {
        Purpose::Compile => {
            "correct `algorithm` in the configuration, or create it with `pushgate algorithmia \
             algorithm create`"
        }
        _ => "correct its name, or create it with `pushgate algorithmia algorithm create`",
    };
    match (status, code) {
        (_, Some(1010 | 1011)) => ("Algorithmia has no such build", None),
        (_, Some(1000 | 1001 | 1009)) | (404, None) => {
            ("Algorithmia has no such algorithm", Some(algorithm))
        }
        (_, Some(4080 | 4081)) => (
            "Bitbucket does not let Algorithmia in",
            Some("give the SSH key's owner read access to the repository"),
        ),
        (_, Some(4082..=4084)) => (
            "Algorithmia could not talk to Bitbucket",
            Some("check the SCM configuration: `pushgate algorithmia scm list`"),
        ),
        (_, Some(4008 | 4009)) => (
            "Algorithmia has no connection to this Bitbucket",
            Some("set one up: `pushgate algorithmia scm create`"),
        ),
        (429, _) => ("Algorithmia asks for a pause", None),
        (500..=599, _) => ("Algorithmia itself failed", None),
        (400 | 422, _) => ("Algorithmia does not take the request", None),
        _ => match purpose {
            Purpose::Compile => ("Algorithmia refuses the build", None),
            _ => ("Algorithmia refuses the request", None),
        },
    }
}
