//! Names of hosts, looked up once in a while: the library asks for every call, each time in a thread
//! of its own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long an answer is good: a service that moves is found again soon.
const GOOD_FOR: Duration = Duration::from_secs(30);

/// Looks names up as the library does, and remembers the answers for a while.
#[derive(Debug, Default)]
pub(super) struct Remembering {
    names: DefaultResolver,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Debug)]
struct Known {
    since: Instant,
    addresses: ResolvedSocketAddrs,
}

impl Resolver for Remembering {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let name = match (uri.scheme(), uri.authority()) {
            (Some(scheme), Some(authority)) => DefaultResolver::host_and_port(scheme, authority),
            _ => None,
        };
        let Some(name) = name else {
            return self.names.resolve(uri, config, timeout);
        };
        if let Some(known) = self.known().get(&name)
            && known.since.elapsed() < GOOD_FOR
        {
            return Ok(known.addresses.clone());
        }
        let found = self.names.resolve(uri, config, timeout);
        // Whatever a system says of it, in words of its own, no address is known for the name.
        let found = found.map_err(|error| match error {
            Error::Io(_) => Error::HostNotFound,
            error => error,
        })?;
        let known = Known {
            since: Instant::now(),
            addresses: found.clone(),
        };
        self.known().insert(name, known);
        Ok(found)
    }
}

impl Remembering {
    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
