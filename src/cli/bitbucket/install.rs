//! Installing the hooks by REST: Bitbucket's own hook scripts, or External Hooks.

use std::collections::BTreeSet;

use super::{Run, each};
use crate::bitbucket::{
    Client, EnabledScript, ExternalHook, ExternalHookState, HookScript, HookScriptType, Problem,
    Reason, Scope, Version,
};
use crate::hook_text::{OnNodes, script_name, triggers};
use crate::report::{Deed, SetupReport, SetupRow};

const BOTH: [HookScriptType; 2] = [HookScriptType::Pre, HookScriptType::Post];

/// What an uploaded script says of itself in Bitbucket's pages.
const DESCRIPTION: &str = "Written by `pushgate bitbucket hooks install`; run it again to renew.";

/// A script that is to be enabled, and what became of its upload.
struct Uploaded {
    kind: HookScriptType,
    /// None in a dry run, for one that is not there yet.
    script: Option<HookScript>,
    deed: Deed,
}

/// Uploads both scripts, where they are not there or not the same, and enables them.
pub(super) fn hook_scripts(
    client: &Client,
    version: &Version,
    scopes: &[Scope],
    on_nodes: &OnNodes,
    run: Run,
) -> SetupReport {
    let enabled = each(scopes, client.concurrency(), |scope| {
        client.hook_scripts(scope)
    });
    // Where nothing could be looked at nothing is uploaded either: it may be there already.
    let may_upload = scopes.is_empty() || enabled.iter().any(Result::is_ok);
    let (uploaded, stopped) = match may_upload {
        true => upload_both(client, scopes, &enabled, on_nodes, run),
        false => (Vec::new(), None),
    };
    let pairs: Vec<(&Scope, &Result<Vec<EnabledScript>, Problem>)> =
        scopes.iter().zip(&enabled).collect();
    let rows = each(&pairs, client.concurrency(), |(scope, enabled)| {
        match (enabled, &stopped) {
            (Err(problem), _) => SetupRow::failed(scope, problem),
            (Ok(_), Some(problem)) => not_uploaded(scope, problem),
            (Ok(enabled), None) => enable(client, scope, enabled, &uploaded, run)
                .unwrap_or_else(|problem| SetupRow::failed(scope, &problem)),
        }
    });
    let mut report = SetupReport::new(run == Run::Dry, rows);
    for one in &uploaded {
        let name = script_name(one.kind);
        match (one.deed, run) {
            (Deed::Created, Run::Real) => report
                .notes
                .push(format!("the script `{name}` is uploaded")),
            (Deed::Created, Run::Dry) => report
                .notes
                .push(format!("the script `{name}` would be uploaded")),
            (Deed::Updated, Run::Real) => report.notes.push(format!(
                "the script `{name}` is replaced, for all that run it"
            )),
            (Deed::Updated, Run::Dry) => report.notes.push(format!(
                "the script `{name}` would be replaced, for all that run it"
            )),
            _ => {}
        }
    }
    if report.results.iter().all(SetupRow::has_failed) {
        // What else it takes is for who has it installed.
        return report;
    }
    report.notes.push(format!(
        "{} and {} must be there on every node, Mesh nodes too: `pushgate doctor` on each proves it",
        on_nodes.binary, on_nodes.config
    ));
    if version.has_hook_scripts_off() {
        report.notes.push(format!(
            "Bitbucket {version} runs no hook script unless `feature.hook.scripts=true` stands in bitbucket.properties: set it, restart, push once, and look with `pushgate bitbucket hooks status`"
        ));
    }
    report
}

fn not_uploaded(scope: &Scope, problem: &Problem) -> SetupRow {
    let row = SetupRow::failed(scope, problem);
    match problem.reason {
        Reason::Unauthorised | Reason::Forbidden => SetupRow {
            help: Some(
                "uploading a hook script needs SYS_ADMIN: run it once with a system administrator's credentials; enabling it needs PROJECT_ADMIN or REPO_ADMIN"
                    .to_owned(),
            ),
            ..row
        },
        _ => row,
    }
}

/// Uploads what is missing, up to the first that fails.
fn upload_both(
    client: &Client,
    scopes: &[Scope],
    enabled: &[Result<Vec<EnabledScript>, Problem>],
    on_nodes: &OnNodes,
    run: Run,
) -> (Vec<Uploaded>, Option<Problem>) {
    let mut uploaded = Vec::new();
    let mut known: Vec<EnabledScript> = enabled.iter().flatten().flatten().cloned().collect();
    if !has_both(&known) {
        match elsewhere(client, scopes) {
            Ok(scripts) => known.extend(scripts),
            Err(problem) => return (uploaded, Some(problem)),
        }
    }
    for kind in BOTH {
        match upload(client, &known, kind, on_nodes, run) {
            Ok(one) => uploaded.push(one),
            Err(problem) => return (uploaded, Some(problem)),
        }
    }
    (uploaded, None)
}

fn upload(
    client: &Client,
    known: &[EnabledScript],
    kind: HookScriptType,
    on_nodes: &OnNodes,
    run: Run,
) -> Result<Uploaded, Problem> {
    let text = on_nodes.script(kind);
    let Some(old) = ours(known, kind).cloned() else {
        let script = match run {
            Run::Dry => None,
            Run::Real => {
                Some(client.create_hook_script(script_name(kind), kind, DESCRIPTION, &text)?)
            }
        };
        return Ok(Uploaded {
            kind,
            script,
            deed: Deed::Created,
        });
    };
    let deed = match client.hook_script_text(old.id)? == text {
        true => Deed::Unchanged,
        false => Deed::Updated,
    };
    if deed == Deed::Updated && run == Run::Real {
        client.update_hook_script(&old, DESCRIPTION, &text)?;
    }
    Ok(Uploaded {
        kind,
        script: Some(old),
        deed,
    })
}

/// The script of ours among those that are enabled; of several the oldest.
fn ours<'a>(
    scripts: impl IntoIterator<Item = &'a EnabledScript>,
    kind: HookScriptType,
) -> Option<&'a HookScript> {
    scripts
        .into_iter()
        .map(|enabled| &enabled.script)
        .filter(|script| script.kind == kind && script.name == script_name(kind))
        .min_by_key(|script| script.id)
}

fn has_both(scripts: &[EnabledScript]) -> bool {
    BOTH.iter().all(|kind| ours(scripts, *kind).is_some())
}

/// The scripts that are enabled at other places: no route lists those that there are. A second one of
/// the same name would run besides where a project and one of its repositories have one each, so that
/// these are looked at first.
fn elsewhere(client: &Client, scopes: &[Scope]) -> Result<Vec<EnabledScript>, Problem> {
    let projects: BTreeSet<&str> = scopes.iter().map(Scope::project).collect();
    // What is not ours to look at, here and below, is no reason not to go on.
    let repositories: Vec<Scope> = projects
        .into_iter()
        .flat_map(|project| client.repositories(project))
        .filter_map(|repository| Some(Scope::Repository(repository.ok()?.full_name().ok()?)))
        .collect();
    let looked = each(&repositories, client.concurrency(), |scope| {
        client.hook_scripts(scope)
    });
    let mut found: Vec<EnabledScript> = looked.into_iter().flatten().flatten().collect();
    for project in client.projects() {
        if has_both(&found) {
            break;
        }
        let scope = Scope::Project(project?.key);
        found.extend(client.hook_scripts(&scope).unwrap_or_default());
    }
    Ok(found)
}

fn enable(
    client: &Client,
    scope: &Scope,
    enabled: &[EnabledScript],
    uploaded: &[Uploaded],
    run: Run,
) -> Result<SetupRow, Problem> {
    let mut row = SetupRow::new(scope, Deed::Unchanged);
    for one in uploaded {
        let triggers = triggers(one.kind);
        let id = one.script.as_ref().map(|script| script.id);
        let old = enabled.iter().find(|it| Some(it.script.id) == id);
        if old.is_some_and(|old| old.runs_on(triggers)) {
            continue;
        }
        if let (Run::Real, Some(id)) = (run, id) {
            client.enable_hook_script(scope, id, triggers)?;
        }
        row.outcome = match (old, row.outcome) {
            (Some(_), Deed::Unchanged | Deed::Updated) => Deed::Updated,
            _ => Deed::Created,
        };
        row = row.with(script_name(one.kind));
    }
    Ok(row)
}

/// Sets External Hooks' settings, where they are not the same.
pub(super) fn external_hooks(
    client: &Client,
    scopes: &[Scope],
    program: &str,
    config: Option<&str>,
    run: Run,
) -> SetupReport {
    let rows = each(scopes, client.concurrency(), |scope| {
        external_hook(client, scope, program, config, run)
            .unwrap_or_else(|problem| SetupRow::failed(scope, &problem))
    });
    let mut report = SetupReport::new(run == Run::Dry, rows);
    let place = match program.starts_with('/') {
        true => format!("{program} must be there on every node"),
        false => format!("{program} must be there below <shared home>/external-hooks"),
    };
    report
        .notes
        .push(format!("{place}, executable: `pushgate doctor` proves it"));
    report
}

fn external_hook(
    client: &Client,
    scope: &Scope,
    program: &str,
    config: Option<&str>,
    run: Run,
) -> Result<SetupRow, Problem> {
    let mut row = SetupRow::new(scope, Deed::Unchanged);
    for kind in BOTH {
        let hook = match kind {
            HookScriptType::Pre => "pre-receive",
            HookScriptType::Post => "post-receive",
        };
        let config = config.map(|config| ["--config", config]);
        let parameters: Vec<&str> = config.into_iter().flatten().chain(["hook", hook]).collect();
        let wanted = ExternalHook::new(program, &parameters);
        let deed = match client.external_hook(scope, kind)? {
            ExternalHookState::NoAddOn => {
                return Ok(SetupRow {
                    help: Some(
                        "install External Hooks in Bitbucket's administration, or leave out `--by`"
                            .to_owned(),
                    ),
                    ..SetupRow::new(scope, Deed::Failed)
                        .with("this Bitbucket does not have External Hooks")
                });
            }
            ExternalHookState::On(Some(settings)) if settings == wanted => continue,
            ExternalHookState::On(Some(settings)) if !settings.is_pushgate() => {
                return Ok(SetupRow {
                    help: Some(format!(
                        "call `{program} {}` from that program, with its standard input and its exit code, or disable the hook there first",
                        parameters.join(" ")
                    )),
                    ..SetupRow::new(scope, Deed::Failed).with(format!(
                        "External Hooks runs `{}` there already, which is not pushgate",
                        crate::visible::one_line(&settings.exe, 100)
                    ))
                });
            }
            ExternalHookState::On(_) => Deed::Updated,
            ExternalHookState::Off => Deed::Created,
        };
        if run == Run::Real {
            client.enable_external_hook(scope, kind, &wanted)?;
        }
        row.outcome = match row.outcome {
            Deed::Created => Deed::Created,
            _ => deed,
        };
        row = row.with(hook);
    }
    Ok(row)
}
