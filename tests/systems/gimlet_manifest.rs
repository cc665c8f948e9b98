//! `gimlet manifest`: what it writes is what Kubernetes takes, and what `gimlet env` finds nothing wrong with.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Registry;
use serde_json::Value;

use crate::run::{code, folder, missing, pushgate, said, told, with_change};

const NEEDED: [&str; 6] = [
    "--image",
    "registry.example.com/gimlet:1.2.3",
    "--host",
    "https://gimlet.example.com/",
    "--bitbucket",
    "https://bitbucket.example.com",
];

const MORE: [&str; 12] = [
    "--namespace",
    "tools",
    "--storage",
    "5Gi",
    "--storage-class",
    "fast",
    "--ingress-class",
    "nginx",
    "--tls-secret",
    "gimlet-tls",
    "--consumer-key",
    "yes: \"no\" # {{x}}",
];

fn manifest(more: &[&str]) -> std::process::Output {
    let all = [&["gimlet", "manifest"][..], &NEEDED, more].concat();
    pushgate(folder(&[]).path(), &[], &all)
}

fn objects(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents
        .map(|one| serde::Deserialize::deserialize(one).unwrap())
        .collect()
}

#[test]
fn the_manifest_reads_like_one_that_a_person_wrote() {
    let output = manifest(&[]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    insta::assert_snapshot!(said(&output));
    let text = said(&manifest(&MORE));
    let all = objects(&text);
    let kinds: Vec<&str> = all
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["PersistentVolumeClaim", "Deployment", "Service", "Ingress"]
    );
    assert!(
        all.iter()
            .all(|one| one["metadata"]["namespace"] == "tools")
    );
    let env = all[1]["spec"]["template"]["spec"]["containers"][0]["env"]
        .as_array()
        .unwrap();
    let key = env
        .iter()
        .find(|one| one["name"] == "BITBUCKET_SERVER_CONSUMER_KEY")
        .unwrap();
    assert_eq!(key["value"], "yes: \"no\" # {{x}}");
    assert_eq!(all[3]["spec"]["rules"][0]["host"], "gimlet.example.com");
}

#[test]
fn its_own_check_finds_nothing_wrong_with_it() {
    let folder = folder(&[]);
    let write = [
        &["gimlet", "manifest"][..],
        &NEEDED,
        &["--output", "gimlet.yaml"],
    ]
    .concat();
    let output = pushgate(folder.path(), &[], &write);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let check = pushgate(
        folder.path(),
        &[],
        &["gimlet", "env", "--file", "gimlet.yaml"],
    );
    assert_eq!(told(&check), "1 document checked, nothing wrong\n= 0\n");
    // What is there is never written over.
    fs::write(folder.path().join("gimlet.yaml"), "mine").unwrap();
    let again = pushgate(folder.path(), &[], &write);
    assert_eq!(code(&again), 2);
    assert_eq!(
        fs::read_to_string(folder.path().join("gimlet.yaml")).unwrap(),
        "mine"
    );
}

#[test]
fn the_secrets_that_its_first_lines_make_are_the_ones_it_names() {
    let text = said(&manifest(&[]));
    let all = objects(&text);
    let spec = &all[1]["spec"]["template"]["spec"];
    let head: String = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    for one in spec["containers"][0]["env"].as_array().unwrap() {
        let Some(reference) = one.pointer("/valueFrom/secretKeyRef") else {
            continue;
        };
        assert!(
            head.contains(reference["key"].as_str().unwrap()),
            "{reference}"
        );
        assert!(head.contains(&format!(
            "generic {} --from-env-file",
            reference["name"].as_str().unwrap()
        )));
    }
    let secret = spec["volumes"][1]["secret"]["secretName"].as_str().unwrap();
    assert!(head.contains(&format!("generic {secret} --from-file=bitbucket.pem")));
}

/// The schemas of Kubernetes that `.ci/run` fetches, as the package `kubernetes-validate` has them.
fn schemas() -> Option<PathBuf> {
    let tools = std::env::var_os("PUSHGATE_REPORT_TOOLS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/report-tools"),
        PathBuf::from,
    );
    let schemas = tools.join("kubernetes");
    if !schemas.join("_definitions.json").exists() {
        missing("the schemas of Kubernetes are not here: `.ci/run` fetches them");
        return None;
    }
    Some(schemas)
}

#[test]
fn kubernetes_takes_it() {
    let Some(schemas) = schemas() else { return };
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(schemas.join(name)).unwrap()).unwrap()
    };
    let definitions = read("_definitions.json");
    let registry = Registry::new()
        .add(
            "https://kubernetes.invalid/api/_definitions.json",
            &definitions,
        )
        .unwrap()
        .prepare()
        .unwrap();
    let mut broken = 0;
    for more in [&[][..], &MORE] {
        for object in objects(&said(&manifest(more))) {
            let kind = object["kind"].as_str().unwrap().to_lowercase();
            let version = object["apiVersion"]
                .as_str()
                .unwrap()
                .replace(".k8s.io", "")
                .replace('/', "-");
            let mut schema = read(&format!("{kind}-{version}.json"));
            schema["$id"] = Value::from(format!("https://kubernetes.invalid/{kind}.json"));
            let validator = jsonschema::options()
                .with_registry(&registry)
                .build(&schema)
                .unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&object)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{kind}: {errors:#?}");
            // The schema would have noticed a key that is none.
            let mut wrong = object.clone();
            wrong["spec"]["replica"] = Value::from(1);
            broken += usize::from(!validator.is_valid(&wrong));
        }
    }
    assert_eq!(broken, 7);
}

#[test]
fn values_that_can_stand_in_no_manifest_are_refused() {
    let run = |change: &[&str]| {
        let all = with_change(&["gimlet", "manifest"], &NEEDED, change);
        let output = pushgate(folder(&[]).path(), &[], &all);
        assert_eq!(code(&output), 2, "{change:?}");
        format!("# {}\n{}", change.join(" "), told(&output))
    };
    insta::assert_snapshot!(
        [
            run(&["--image", "gimlet"]),
            run(&["--image", "registry.example.com:5000/gimlet:latest"]),
            run(&["--image", "gimlet:1\nkind: Pod"]),
            run(&["--host", "gimlet.example.com"]),
            run(&["--bitbucket", "https://ada:pw@bitbucket.example.com"]),
            run(&["--namespace", "Tools"]),
            run(&["--secret", "a b"]),
            run(&["--storage", "1 GB"]),
            run(&["--port", "0"]),
            run(&["--tls-secret", "x"]),
        ]
        .concat()
    );
}
