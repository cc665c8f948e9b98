//! What stands below the options in `--help`: the most used examples, the variables that are read,
//! and exit codes where they mean more than the top's. An example has at most 60 columns, so that it
//! stays in one line, and can be copied, in a narrow terminal too.

pub(super) const TOP: &str = "\
Examples:
  pushgate check                     check this work tree
  pushgate plan                      see what a push changes
  pushgate init /srv/git/hello.git   put the gate there
  pushgate doctor                    prove the set-up

Exit codes: 0 fine; 1 findings of severity error, a refused push; 2 wrong use or \
configuration; 3 something outside failed, or an internal error.

Environment: PUSHGATE_CONFIG is the configuration's file, PUSHGATE_STATE the \
folder of what waits, PUSHGATE_REPOSITORY the repository's name. `--help` of a \
command names those that it reads besides.";

pub(super) const CHECK: &str = "\
Examples:
  pushgate check                     all of this work tree
  pushgate check port.yaml --fix     mend what is certain
  pushgate check --format github --format junit=report.xml

`pushgate explain RULE` says more of a finding. `--report bitbucket` calls the \
server that BITBUCKET_HOST names, as BITBUCKET_USERNAME with BITBUCKET_PASSWORD.

Exit codes: 0 no errors; 1 findings of severity error; 2 wrong use, or a file \
that can't be read; 3 a report could not be written or sent, or a file not mended.";

pub(super) const HOOK: &str = "\
`pushgate init` writes the scripts that call these. Both read the ref updates on \
standard input, as git hands them to its hooks.

Exit codes: pre-receive 0 accepts the push, everything else refuses it; \
post-receive 0 once what the push declares is written down.";

pub(super) const DELIVER: &str = "\
Examples:
  pushgate deliver           try once what is due
  pushgate deliver --watch   stay, as a service

Environment: PORT_CLIENT_ID, PORT_CLIENT_SECRET and PORT_API_URL for Port; \
ALGORITHMIA_API with ALGORITHMIA_API_KEY or ALGORITHMIA_BEARER_TOKEN for builds; \
PUSHGATE_STORE for a store in PostgreSQL.

Exit codes: 0 nothing failed; 3 something could not be delivered, and waits.";

pub(super) const COMPILE: &str = "\
Example:
  pushgate compile --repository PRJ/hello --wait \\
    --sha \"$(git rev-parse HEAD)\"

Environment: ALGORITHMIA_API with ALGORITHMIA_API_KEY or \
ALGORITHMIA_BEARER_TOKEN.";

pub(super) const ALGORITHMIA: &str = "\
Environment: ALGORITHMIA_API is the address. `algorithm` goes by \
ALGORITHMIA_API_KEY or ALGORITHMIA_BEARER_TOKEN, `scm` by \
ALGORITHMIA_ADMIN_API_KEY or ALGORITHMIA_ADMIN_BEARER_TOKEN.";

pub(super) const OUTBOX: &str = "\
Examples:
  pushgate outbox list          what waits, and why
  pushgate outbox retry --all   again with the next delivery
  pushgate outbox approve ID    let a large deletion go";

pub(super) const BLUEPRINTS: &str = "\
Example:
  pushgate blueprints pull   `check` knows them afterwards

Environment: PORT_CLIENT_ID, PORT_CLIENT_SECRET and PORT_API_URL, for `pull`.";

pub(super) const CHARTS: &str = "\
Example:
  pushgate charts pull   all that this work tree names";

pub(super) const GIMLET: &str = "\
Examples:
  pushgate gimlet env --file gimlet.env
  pushgate gimlet manifest --image IMAGE \\
    --host https://gimlet.example.com \\
    --bitbucket https://bitbucket.example.com";

pub(super) const PIPELINES: &str = "\
Examples:
  pushgate pipelines trust-policy --check policy.json
  pushgate pipelines init \\
    --image registry.example.com/tools/pushgate:0.1.0

Environment: BITBUCKET_CLOUD_TOKEN, or BITBUCKET_CLOUD_USERNAME with \
BITBUCKET_CLOUD_PASSWORD, for `variables`; DUPLO_HOST and DUPLO_TOKEN for \
`service-update`.";

pub(super) const SERVE: &str = "\
The configuration's section `serve` says where it listens. Environment: \
WEBHOOK_SECRET is what Bitbucket signs webhooks with, BITBUCKET_HOST, \
BITBUCKET_USERNAME and BITBUCKET_PASSWORD say where documents are read.";

pub(super) const EXPLAIN: &str = "\
Examples:
  pushgate explain                   list the rules
  pushgate explain port/missing-title";

pub(super) const BITBUCKET: &str = "\
Examples:
  pushgate bitbucket hooks install --project PRJ --dry-run
  pushgate bitbucket hooks status --all
  pushgate bitbucket webhooks ensure --project PRJ \\
    --url https://pushgate.example.com/webhook

Environment: BITBUCKET_HOST with BITBUCKET_USERNAME and BITBUCKET_PASSWORD, or \
BITBUCKET_SERVER_ADDRESS with BITBUCKET_SERVER_TOKEN; BITBUCKET_PROJECTS_FILTER \
where no project is named; WEBHOOK_SECRET for `webhooks ensure`.";

pub(super) const DOCTOR: &str = "\
Examples:
  pushgate doctor                    all that is set up
  pushgate doctor /srv/git/hello.git --only hook

It reads the variables of every system that it looks at, and changes nothing.

Exit codes: 0 nothing failed; 1 something did; 2 wrong use.";

pub(super) const INIT: &str = "\
Examples:
  pushgate init                      the pre-commit hook
  pushgate init /srv/git/hello.git   both server hooks

With `--config FILE` the server's hooks read that configuration.";
