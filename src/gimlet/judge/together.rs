//! Settings that are good each by itself, and not together.

use super::super::address::Address;
use super::super::given::Given;
use super::super::variable::Variable;
use super::{ADDRESS, CLEAR_TEXT, Judge, SECRET, is_cloud};
use crate::check::Inspection;

impl Judge<'_> {
    /// What shows only when two of them are looked at.
    pub(super) fn together(&self, inspection: &mut Inspection) {
        let text = |variable| {
            self.settings
                .get(variable)
                .and_then(|given| Some((given, given.text()?)))
        };
        if let (Some((host, one)), Some((_, other))) =
            (text(Variable::Host), text(Variable::Address))
            && one.trim_end_matches('/') == other.trim_end_matches('/')
            && !one.is_empty()
        {
            inspection.error(
                self.draft(
                    ADDRESS,
                    host,
                    "HOST is Bitbucket's address: Bitbucket would send its webhooks to itself",
                )
                .help("set HOST to the address of Gimlet"),
            );
        }
        if let Some((address, url)) = text(Variable::Address)
            && Address::parse(url)
                .is_ok_and(|address| address.scheme == "http" && !is_cloud(address.host))
            && self
                .settings
                .get(Variable::SkipVerify)
                .and_then(Given::text)
                .is_none_or(|text| text != "true")
        {
            inspection.warning(
                self.draft(
                    CLEAR_TEXT,
                    address,
                    "token and code travel between Gimlet and Bitbucket unencrypted",
                )
                .help("give Bitbucket Server a certificate and write `https://`"),
            );
        }
        if let (Some((webhook, one)), Some((_, other))) = (
            text(Variable::WebhookSecret),
            text(Variable::ConsumerSecret),
        ) && one == other
            && !one.is_empty()
        {
            inspection.warning(
                self.draft(
                    SECRET,
                    webhook,
                    "WEBHOOK_SECRET is the application link's shared secret too",
                )
                .help("make one of its own with `openssl rand -hex 16`"),
            );
        }
    }
}
