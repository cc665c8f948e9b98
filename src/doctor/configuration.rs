//! The configuration's own items.

use std::path::Path;

use super::subject::Configuration;
use super::{Diagnosis, Item, Subject};
use crate::config::{Enforcement, MACHINE_CONFIG};

/// The file can be read and means something.
pub(super) const FILE: Item = Item {
    id: "configuration.file",
    title: "the configuration can be read",
    needs: &[],
    look: |subject| match &subject.config {
        Configuration::Wrong(error) => Diagnosis::of_error(
            error,
            "correct that place; docs/configuration.md lists every key with its default",
        ),
        Configuration::Read(_) => match &subject.named_config {
            Some(path) => Diagnosis::ok(path.display().to_string()),
            None if Path::new(MACHINE_CONFIG).exists() => Diagnosis::ok(MACHINE_CONFIG),
            None => Diagnosis::ok("no file: the defaults"),
        },
    },
};

/// The checker can be made of it.
pub(super) const RULES: Item = Item {
    id: "configuration.rules",
    title: "rules, kinds and files of the configuration can be used",
    needs: &["configuration.file"],
    look: |subject| {
        let remedy = "correct it in the configuration";
        let checker = match subject.config().checker() {
            Ok(checker) => checker,
            Err(error) => return Diagnosis::of_error(&error, remedy),
        };
        // Else the first push with such a document would meet it.
        let unusable = checker.unusable_schemas();
        let found = unusable.map(|error| Diagnosis::of_error(error, remedy));
        Diagnosis::all(
            found.collect(),
            "rules, kinds, schemas and patterns of the configuration can be used",
        )
    },
};

/// The gate refuses.
pub(super) const ENFORCEMENT: Item = Item {
    id: "configuration.enforcement",
    title: "the gate refuses pushes that are wrong",
    needs: &["configuration.file"],
    look: |subject: &Subject| {
        let gate = &subject.config().gate;
        let remedy = "set `gate: { enforcement: enforce }` in the configuration";
        let deadline = gate.deadline.as_secs();
        match gate.enforcement {
            Enforcement::Off => Diagnosis::warning("the gate is off: nothing is checked", remedy),
            Enforcement::Warn => {
                Diagnosis::warning("the gate shows errors and refuses nothing", remedy)
            }
            // Facts (bitbucket.md §1.2): a hook has 30 s for sure.
            Enforcement::Enforce if deadline > 30 => Diagnosis::warning(
                format!("judging a push may take {deadline} s; Bitbucket may end a hook sooner"),
                "set `gate: { deadline: 10s }`, at most 30s, in the configuration",
            ),
            Enforcement::Enforce => Diagnosis::ok(format!(
                "pushes with errors are refused, within {deadline} s"
            )),
        }
    },
};
