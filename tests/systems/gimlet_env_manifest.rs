//! `gimlet env` of a Kubernetes manifest: its environment, Secrets and volumes.

use std::fs;

use crate::gimlet_env::{check, with_key};
use crate::run::{folder, pushgate, told};

/// A Deployment whose container has these settings below `env:`, and a Secret.
fn deployment(env: &str, more: &str) -> String {
    let env: String = env
        .lines()
        .map(|line| format!("            {line}\n"))
        .collect();
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{ name: gimlet }}
spec:
  template:
    spec:
      containers:
        - name: gimlet
          image: gimlet:1
          env:
            - {{ name: HOST, value: 'https://gimlet.example.com' }}
            - {{ name: BITBUCKET_SERVER_ADDRESS, value: 'https://bitbucket.example.com' }}
            - {{ name: BITBUCKET_SERVER_CONSUMER_KEY, value: OauthKey }}
{env}          envFrom:
            - secretRef: {{ name: gimlet-bitbucket }}
{more}"
    )
}

const SECRET: &str = "---
apiVersion: v1
kind: Secret
metadata: { name: gimlet-bitbucket }
stringData:
  WEBHOOK_SECRET: 0hunter2hunter2hunter2
  BITBUCKET_SERVER_USER: gimlet
data:
  BITBUCKET_SERVER_TOKEN: aHVudGVyMmh1bnRlcjJodW50ZXIy
  BITBUCKET_SERVER_CONSUMER_SECRET: aHVudGVyM2h1bnRlcjNodW50ZXIz
";

const MOUNT: &str = "          volumeMounts:
            - { name: key, mountPath: /keys, readOnly: true }
      volumes:
        - name: key
          secret: { secretName: gimlet-key }
";

const KEY: &str = "- { name: BITBUCKET_SERVER_PRIVATE_KEY, value: /keys/bitbucket.pem }";

#[test]
fn a_manifest_is_followed_to_its_secrets_and_volumes() {
    let Some(folder) = with_key("2048") else {
        return;
    };
    let here = folder.path();
    let fine = |text: &str| {
        let output = check(here, "gimlet.yaml", text);
        assert_eq!(told(&output), "1 document checked, nothing wrong\n= 0\n");
    };
    fine(&deployment(KEY, &format!("{MOUNT}{SECRET}")));
    let key = fs::read_to_string(here.join("bitbucket.pem")).unwrap();
    let indented: String = key.lines().map(|line| format!("    {line}\n")).collect();
    let secret = format!(
        "---\nkind: Secret\nmetadata: {{ name: gimlet-key }}\nstringData:\n  bitbucket.pem: |\n{indented}"
    );
    fine(&deployment(KEY, &format!("{MOUNT}{SECRET}{secret}")));
    // A list of objects is as good, and JSON too.
    let json = serde_json::json!({"kind": "List", "items": [
        {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [
            {"name": "gimlet", "envFrom": [{"configMapRef": {"name": "settings"}}]}]}}}},
        {"kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {
            "HOST": "https://gimlet.example.com", "WEBHOOK_SECRET": "0123456789abcdef",
            "BITBUCKET_SERVER_ADDRESS": "https://bitbucket.example.com", "BITBUCKET_SERVER_USER": "gimlet",
            "BITBUCKET_SERVER_TOKEN": "MDM0MjM5NDc2MDxxOr1f", "BITBUCKET_SERVER_CONSUMER_KEY": "OauthKey",
            "BITBUCKET_SERVER_CONSUMER_SECRET": "fedcba9876543210", "BITBUCKET_SERVER_PRIVATE_KEY": key}}]});
    fs::write(here.join("all.json"), json.to_string()).unwrap();
    let output = pushgate(here, &[], &["gimlet", "env", "--file", "all.json"]);
    assert_eq!(told(&output), "1 document checked, nothing wrong\n= 0\n");
}

#[test]
fn each_mistake_in_a_manifest_is_told_with_its_place_and_remedy() {
    let folder = folder(&[]);
    let reference = |name: &str, key: &str| {
        format!(
            "- name: WEBHOOK_SECRET\n  valueFrom:\n    secretKeyRef: {{ name: {name}, key: {key} }}\n{KEY}"
        )
    };
    let break_at_end = SECRET.replace("aHVudGVyMmh1bnRlcjJodW50ZXIy", "aHVudGVyMmh1bnRlcjIK");
    let no_base64 = SECRET.replace("aHVudGVyMmh1bnRlcjJodW50ZXIy", "hunter2!");
    let two = "---\nkind: Pod\nspec:\n  containers:\n    - name: sidecar\n      env:\n        - { name: BITBUCKET_SERVER_USER, value: '' }\n";
    let cases = [
        ("a truth value without quotes", deployment(&format!("- {{ name: BITBUCKET_SERVER_SKIP_VERIFY, value: true }}\n{KEY}"), &format!("{MOUNT}{SECRET}"))),
        ("a key that the Secret has not", deployment(&reference("gimlet-bitbucket", "WEBHOOK_SECRETS"), &format!("{MOUNT}{SECRET}"))),
        ("a Secret of the cluster", deployment(&reference("elsewhere", "secret"), MOUNT)),
        ("a line break in base64", deployment(KEY, &format!("{MOUNT}{break_at_end}"))),
        ("no base64", deployment(KEY, &format!("{MOUNT}{no_base64}"))),
        ("no volume for the key", deployment(KEY, SECRET)),
        ("no key in the volume", deployment(KEY, &format!("{MOUNT}{SECRET}---\nkind: Secret\nmetadata: {{ name: gimlet-key }}\ndata: {{}}\n"))),
        ("an empty secret", deployment(&format!("- {{ name: WEBHOOK_SECRET, value: '' }}\n{KEY}"), &format!("{MOUNT}{SECRET}"))),
        ("two containers", deployment(KEY, &format!("{MOUNT}{SECRET}{two}"))),
        ("another file", "kind: Service\nmetadata: { name: x }\n".to_owned()),
        ("no YAML", "kind: Secret\nstringData:\n  WEBHOOK_SECRET: 'hunter2\n  BITBUCKET_SERVER_TOKEN: hunter2 'x\n".to_owned()),
        ("a secret in a comment", deployment(&format!("# token: hunter2\n- {{ name: BITBUCKET_SERVER_SKIP_VERIFY, value: 'no' }}\n{KEY}"), &format!("{MOUNT}{SECRET}"))),
    ];
    let mut text = String::new();
    for (title, manifest) in cases {
        let output = check(folder.path(), "gimlet.yaml", &manifest);
        text += &format!("### {title}\n{}\n", told(&output));
    }
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text);
}
