//! What of the configuration decides what a sweep finds and delivers.

use crate::blueprint::BlueprintFile;
use crate::config::{Config, DeliverToPort};
use crate::sweep::Fingerprint;

/// The fingerprint: another one has every repository read anew.
pub(super) fn of(config: &Config, blueprints: Option<&BlueprintFile>) -> Fingerprint {
    let port = &config.port;
    let schemas = config.kinds.iter().map(|kind| {
        // One that can't be read is a finding, and another one once it can.
        let text = std::fs::read_to_string(&kind.schema).unwrap_or_default();
        ("schema", text)
    });
    let held_against = blueprints
        .and_then(|file| file.read().ok())
        .map_or_else(String::new, |copied| format!("{:?}", copied.blueprints));
    let parts = [
        ("files", format!("{:?}", port.files)),
        ("branch", format!("{:?}", port.branch)),
        (
            "delivers",
            (port.deliver != DeliverToPort::Never).to_string(),
        ),
        (
            "create missing",
            port.create_missing_related_entities.to_string(),
        ),
        ("delete", port.delete.to_string()),
        ("owners", format!("{:?}", port.owners)),
        ("kinds", format!("{:?}", config.kinds)),
        ("rules", format!("{:?}", config.rules)),
        ("ignore", format!("{:?}", config.ignore)),
        ("charts", format!("{:?}", config.gimlet.charts)),
        ("blueprints", held_against),
    ];
    Fingerprint::of(parts.into_iter().chain(schemas))
}
