//! What is written into calls: secrets that turn up nowhere else, names that stay one value.

use std::path::Path;

use proptest::prelude::*;
use pushgate::trigger::{Encoding, Known, Secrets, Template, Values};
use standin::Fault;

use crate::triggers::{Site, TOKEN};

/// Every file of a folder, one after the other.
fn everything_in(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&everything_in(&path));
        } else if !path.ends_with("token") && !path.ends_with("port-token.json") {
            let bytes = std::fs::read(&path).unwrap();
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    text
}

#[test]
fn secrets_turn_up_nowhere() {
    let forms: Vec<String> = [
        Encoding::Plain,
        Encoding::Percent,
        Encoding::Json,
        Encoding::Xml,
    ]
    .map(|form| form.encode(TOKEN))
    .to_vec();
    for status in [203, 302, 400, 401, 403, 404, 429, 500] {
        let site = Site::new(
            "  - { name: ci, repository: PRJ/hello, url: 'SERVER/x?t=${token}', secrets: { token: token }, headers: { X-Key: '${token}' }, body: '{\"k\":\"${token}\"}' }\n",
        );
        // Quoted in every form, whole and across the place where the text is cut.
        let quoted = format!("{} {} {TOKEN}", forms.join(" "), "x".repeat(80));
        let location = format!("https://login.example.com/{}", forms[1]);
        site.service.fail_next(
            1,
            &Fault::Status(status, vec![("location".to_owned(), location)], quoted),
        );
        site.put("ci", 1);
        let summary = site.bench.deliver_due();
        let told = format!(
            "{summary:?} {:?} {:?} {:?} {}",
            site.bench.events(),
            site.bench.remotes,
            site.bench.outbox.list(),
            everything_in(site.bench.folder.path())
        );
        assert!(site.service.requests()[0].raw_query.contains(&forms[1]));
        for form in &forms {
            assert!(!told.contains(form.as_str()), "{status}: {form} in {told}");
        }
        assert!(!told.contains("planted"), "{status}: {told}");
    }
}

/// A template of every encoding, and the two names that a pusher chooses.
fn filled(text: &str, encoding: Encoding, branch: &str, slug: &str) -> String {
    let template = Template::parse(text, &Known::default()).unwrap();
    let values = Values {
        sha: "1111111111111111111111111111111111111111",
        branch: Some(branch),
        project: "PRJ",
        slug,
    };
    values.fill(&template, None, Secrets::Hidden, encoding)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever a branch is called, it stays one value.
    #[test]
    fn hostile_names_stay_one_value(branch in "\\PC*|[\"'<>&${}\\\\/?#%\r\n\0 ;=@.]{0,12}", slug in "[^/\\s]{1,8}") {
        let url = filled("https://h/a/${branch}/b/${slug}?x=${ref}&y=1", Encoding::Percent, &branch, &slug);
        prop_assert!(url.is_ascii());
        let (path, query) = url.split_once('?').unwrap();
        prop_assert_eq!(path.split('/').count(), 7);
        prop_assert_eq!(query.split('&').count(), 2);
        prop_assert!(!url.contains('#'));
        let segment = path.split('/').nth(4).unwrap();
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
        prop_assert_eq!(decoded, branch.as_str());

        let json = filled("{\"a\":\"${branch}\",\"b\":\"${slug}\"}", Encoding::Json, &branch, &slug);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(json, serde_json::json!({"a": branch, "b": slug}));

        let xml = filled("<a b=\"${branch}\" c='${branch}'>${branch}</a>", Encoding::Xml, &branch, &slug);
        prop_assert_eq!(xml.matches(['<', '>']).count(), 4);
        prop_assert_eq!(xml.matches('"').count(), 2);
        prop_assert_eq!(xml.matches('\'').count(), 2);
        prop_assert!(!xml.contains(['\n', '\r', '\0']));

        let header = filled("${branch}", Encoding::Header, &branch, &slug);
        prop_assert!(header.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/%".contains(c)));
    }
}
