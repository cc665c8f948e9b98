//! What is done with one push: jobs for the outbox, findings, and word to Bitbucket.

use crate::bitbucket;
use crate::check::Checker;
use crate::config::{Config, PublicUrl};
use crate::http::Problem;
use crate::outbox::Outbox;

use super::push::{Judged, Push};

/// Who does it, with what.
pub struct Desk<'a> {
    /// The server whose pushes they are.
    pub bitbucket: bitbucket::Client,
    /// The rules.
    pub checker: &'a Checker,
    /// The operator's settings.
    pub config: &'a Config,
    /// Where jobs are made durable.
    pub outbox: Outbox,
    /// How people reach the page.
    pub public_url: Option<PublicUrl>,
    /// Whether entities go to Port.
    pub to_port: bool,
}

/// What was found in a push.
pub(super) struct Examined {
    branches: Vec<Judged>,
}

impl Examined {
    pub(super) fn judged(&self) -> Vec<Judged> {
        self.branches.clone()
    }
}

impl Desk<'_> {
    pub(super) fn queue(&self, push: &Push) -> Result<Vec<String>, Problem> {
        self.bitbucket
            .default_branch(&push.repository)
            .map_err(|problem| problem.of_any_system())?;
        Ok(Vec::new())
    }

    pub(super) fn examine(&self, _push: &Push) -> Result<Examined, Problem> {
        Ok(Examined {
            branches: Vec::new(),
        })
    }

    pub(super) fn tell(&self, _push: &Push, _examined: &Examined) -> Result<(), Problem> {
        Ok(())
    }
}
