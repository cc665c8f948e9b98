//! The trust policy of an AWS role that pipelines assume (facts about Bitbucket, §4.2).

use std::collections::BTreeMap;

use serde::Serialize;

use super::identity::{Account, Partition, Provider, SubjectPattern};

/// Who may assume a role.
#[derive(Clone, Debug)]
pub struct TrustPolicy {
    /// The part of AWS.
    pub partition: Partition,
    /// The account of role and provider.
    pub account: Account,
    /// The workspace.
    pub provider: Provider,
    /// The subjects that are let in; without any, every repository of the workspace is.
    pub subjects: Vec<SubjectPattern>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: &'static str,
    effect: &'static str,
    principal: Principal,
    action: &'static str,
    condition: Condition,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    federated: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    string_equals: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    string_like: BTreeMap<String, Vec<String>>,
}

impl TrustPolicy {
    /// The policy as AWS takes it: JSON of several lines, with a line break at its end.
    ///
    /// # Errors
    /// None but those of serialising.
    pub fn document(&self) -> serde_json::Result<String> {
        let provider = self.provider.name();
        let subjects: Vec<String> = self
            .subjects
            .iter()
            .map(|subject| subject.as_str().to_owned())
            .collect();
        let mut condition = Condition {
            string_equals: BTreeMap::from([(
                format!("{provider}:aud"),
                self.provider.id.audience(),
            )]),
            string_like: BTreeMap::new(),
        };
        if !subjects.is_empty() {
            condition
                .string_like
                .insert(format!("{provider}:sub"), subjects);
        }
        let document = Document {
            version: "2012-10-17",
            statement: [Statement {
                sid: "BitbucketWorkspace",
                effect: "Allow",
                principal: Principal {
                    federated: self.provider.arn(self.partition, &self.account),
                },
                action: "sts:AssumeRoleWithWebIdentity",
                condition,
            }],
        };
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }
}
