//! `pushgate explain`: the rules and their pages.

use clap::Args;
use miette::Diagnostic;
use thiserror::Error;

use super::colour::columns;
use super::{CommandError, ExitStatus, output};
use crate::check::{Rule, rules};
use crate::report::{hanging, reflowed};

/// The arguments of `explain`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Rules, or families of rules such as `port` [default: list all rules]
    #[arg(value_name = "RULE")]
    rules: Vec<String>,
}

/// A name that is no rule's.
#[derive(Debug, Error, Diagnostic)]
#[error("there is no rule `{name}`")]
#[diagnostic(help("{}", match suggestion {
    Some(meant) => format!("did you mean `pushgate explain {meant}`?"),
    None => "`pushgate explain` lists all rules".to_owned(),
}))]
struct UnknownRule {
    name: String,
    suggestion: Option<&'static str>,
}

/// Prints the pages of the named rules, or one line a rule.
pub(super) fn run(arguments: &Arguments) -> Result<ExitStatus, CommandError> {
    if arguments.rules.is_empty() {
        output::out(&list(rules::with_page()));
        return Ok(ExitStatus::Fine);
    }
    let columns = columns(&std::io::stdout());
    let mut text = String::new();
    for name in &arguments.rules {
        let family = name.trim_end_matches('/');
        let of_family: Vec<&Rule> = rules::with_page()
            .filter(|rule| rule.family() == family)
            .collect();
        let part = match rules::with_page_by_id(name) {
            Some(rule) => reflowed(rule.page, columns),
            None if !of_family.is_empty() => list(of_family.into_iter()),
            // Which own kinds there are only the server's configuration knows.
            None if name.ends_with("/schema") => reflowed(rules::OWN_KIND, columns),
            None => {
                return Err(CommandError::usage(UnknownRule {
                    name: crate::visible::visible(name).into_owned(),
                    suggestion: rules::nearest(name),
                }));
            }
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&part);
    }
    output::out(&text);
    Ok(ExitStatus::Fine)
}

fn list<'a>(rules: impl Iterator<Item = &'a Rule>) -> String {
    let rules: Vec<&Rule> = rules.collect();
    let columns = columns(&std::io::stdout());
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    rules
        .iter()
        .map(|rule| {
            let (id, severity) = (rule.id, rule.severity.to_string());
            let summary = hanging(rule.summary, columns, width + 11);
            format!("{id:width$}  {severity:7}  {summary}\n")
        })
        .collect()
}
