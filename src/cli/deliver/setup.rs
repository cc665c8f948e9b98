//! What `pushgate deliver` works with, by the configuration as it is now.

use crate::cli::equipment::Equipment;
use crate::cli::{CommandError, Invocation};
use crate::config::Place;
use crate::delivery::Observer;
use crate::outbox::Outbox;

/// The outbox, and what carries out what waits there.
pub(super) struct Setup {
    pub(super) outbox: Outbox,
    pub(super) equipment: Equipment,
}

impl Setup {
    /// Reads the configuration.
    pub(super) fn read(
        invocation: &Invocation,
        observer: &dyn Observer,
    ) -> Result<Self, CommandError> {
        let config = invocation.load_config(Place::Server)?;
        let outbox = config
            .outbox(&invocation.environment)
            .map_err(CommandError::failure)?;
        Ok(Self {
            outbox,
            equipment: Equipment::new(invocation, &config, observer)?,
        })
    }
}
