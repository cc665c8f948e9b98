//! Where a trigger's call goes.

use super::{Mistake, NOWHERE, Written, template};
use crate::http::api_root;
use crate::trigger::{Known, Preset, Template};

impl Written {
    /// The address: the operator's, or the preset's on the operator's server.
    pub(super) fn address(&self, known: &Known) -> Result<Template, Mistake> {
        if let Some(url) = &self.url {
            let template = template(url, known, &["url"])?;
            check_address(&template, "url")?;
            return Ok(template);
        }
        let Some(own) = self.preset.and_then(Preset::defaults) else {
            let help = "add `url: https://HOST/PATH?sha=${sha}`";
            return Err(Mistake::at(NOWHERE, "`url` is missing", help));
        };
        let Some(server) = &self.server else {
            let help =
                "add `server: https://HOST`, the service's address without a path of its API";
            return Err(Mistake::at(NOWHERE, "`server` is missing", help));
        };
        // `/v1` is nobody's business here, all else of the check is.
        let root = api_root(server).filter(|root| !root.contains('$'));
        let Some(root) = root else {
            let help = "write it as https://HOST[:PORT][/PATH], without credentials and `?`";
            return Err(Mistake::at(
                ["server"],
                "this is no address of a server",
                help,
            ));
        };
        if self.preset == Some(Preset::Jenkins) && self.clone_url.is_none() {
            let help = "add `clone_url: ssh://git@HOST:7999/${project_lower}/${slug}.git`, written \
                        as the jobs there have it";
            return Err(Mistake::at(NOWHERE, "`clone_url` is missing", help));
        }
        let mut text = format!("{root}{}", self.named(own.path)?);
        if let Some((secret, more)) = own.path_with_secret
            && self.secrets.contains_key(secret)
        {
            text.push_str(more);
        }
        template(&text, known, &[])
    }
}

/// A pusher must not choose the host, and credentials in an address end up in logs.
fn check_address(template: &Template, key: &str) -> Result<(), Mistake> {
    let beginning = template.beginning();
    let host = beginning
        .strip_prefix("https://")
        .or_else(|| beginning.strip_prefix("http://"));
    let Some(rest) = host else {
        let help = "write it as https://HOST[:PORT]/PATH";
        return Err(Mistake::at([key], "this is no HTTP address", help));
    };
    let whole = template.names().next().is_none();
    let end = rest.find(['/', '?']);
    if end.is_none() && !whole {
        let help = "write the host out, and names behind it";
        return Err(Mistake::at(
            [key],
            "a name stands in the address's host",
            help,
        ));
    }
    let host = &rest[..end.unwrap_or(rest.len())];
    let stray = |c: char| c.is_whitespace() || c.is_control() || "#\\".contains(c);
    if host.contains('@') {
        let help = "send them in a header: `headers: { Authorization: \"Basic ${login}\" }`";
        return Err(Mistake::at([key], "credentials stand in the address", help));
    }
    let plain = template.fill(|_| "x".to_owned());
    if host.is_empty() || plain.contains(stray) {
        let help = "write it as https://HOST[:PORT]/PATH, blanks as %20";
        return Err(Mistake::at([key], "this is no HTTP address", help));
    }
    Ok(())
}
