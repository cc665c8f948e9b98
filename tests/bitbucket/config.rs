//! The configuration and the environment together: both families of names, and what is missing.

use std::fs;

use pushgate::config::{Config, ConfigError};
use pushgate::environment::Environment;
use standin::BitbucketStandIn;

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables = variables.iter();
    variables
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn config(text: &str) -> Config {
    Config::parse(text, "config.yaml").unwrap()
}

#[test]
fn both_families_of_names_lead_to_the_server() {
    let standin = BitbucketStandIn::start().unwrap();
    let url = format!("{}/rest/api/1.0/", standin.url());
    let (user, password, token) = (standin.user(), standin.password(), standin.token());
    let cases: [&[(&str, &str)]; 5] = [
        &[
            ("BITBUCKET_HOST", &url),
            ("BITBUCKET_USERNAME", user),
            ("BITBUCKET_PASSWORD", password),
        ],
        &[
            ("BITBUCKET_HOST", &url),
            ("BITBUCKET_USERNAME", user),
            ("BITBUCKET_PASSWORD", token),
        ],
        &[
            ("BITBUCKET_SERVER_ADDRESS", &url),
            ("BITBUCKET_SERVER_USER", user),
            ("BITBUCKET_SERVER_TOKEN", token),
        ],
        &[
            ("BITBUCKET_SERVER_ADDRESS", &url),
            ("BITBUCKET_SERVER_TOKEN", token),
        ],
        &[
            ("BITBUCKET_HOST", &url),
            ("BITBUCKET_SERVER_ADDRESS", &standin.url()),
            ("BITBUCKET_SERVER_TOKEN", token),
        ],
    ];
    for variables in cases {
        let client = Config::default()
            .bitbucket(&environment(variables))
            .unwrap()
            .unwrap();
        assert_eq!(client.address().as_str(), standin.url());
        client.version().unwrap();
    }
}

#[test]
fn the_section_leads_there_too() {
    let standin = BitbucketStandIn::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, format!("{}\n", standin.token())).unwrap();
    let text = format!(
        "bitbucket:\n  address: {}\n  token_file: {}\n  concurrency: 3\n",
        standin.url(),
        file.display()
    );
    let client = config(&text)
        .bitbucket(&Environment::default())
        .unwrap()
        .unwrap();
    assert_eq!(client.concurrency().get(), 3);
    client.version().unwrap();
    assert!(
        config("bitbucket:\n")
            .bitbucket(&Environment::default())
            .unwrap()
            .is_none()
    );
    for wrong in ["bitbucket: { concurrency: 0 }", "bitbucket: { adress: x }"] {
        assert!(Config::parse(wrong, "config.yaml").is_err());
    }
}

#[test]
fn what_is_missing_is_named() {
    let cases: [&[(&str, &str)]; 8] = [
        &[("BITBUCKET_HOST", "https://git.acme.org")],
        &[
            ("BITBUCKET_HOST", "https://git.acme.org"),
            ("BITBUCKET_USERNAME", "ada"),
        ],
        &[
            ("BITBUCKET_HOST", "https://git.acme.org"),
            ("BITBUCKET_PASSWORD", "x"),
        ],
        &[("BITBUCKET_SERVER_ADDRESS", "https://git.acme.org")],
        &[("BITBUCKET_SERVER_TOKEN", "x")],
        &[("BITBUCKET_USERNAME", "ada"), ("BITBUCKET_PASSWORD", "x")],
        &[
            ("BITBUCKET_HOST", "https://one.org"),
            ("BITBUCKET_SERVER_ADDRESS", "https://two.org"),
            ("BITBUCKET_SERVER_TOKEN", "x"),
        ],
        &[
            ("BITBUCKET_HOST", "git.acme.org"),
            ("BITBUCKET_SERVER_TOKEN", "x"),
        ],
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|variables| {
            let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
            let error: ConfigError = Config::default()
                .bitbucket(&environment(variables))
                .unwrap_err();
            let help = miette::Diagnostic::help(&error).unwrap().to_string();
            format!("{}\n  {error}\n  help: {help}\n", names.join(" "))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
