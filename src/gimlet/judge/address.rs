//! The two addresses: Gimlet's own and Bitbucket's.

use super::super::address::{Address, AddressFault};
use super::super::given::Given;
use super::super::variable::Variable;
use super::{ADDRESS, CLEAR_TEXT, Judge, is_cloud};
use crate::check::{Draft, Inspection, code};

impl Judge<'_> {
    pub(super) fn address(
        &self,
        variable: Variable,
        given: &Given,
        text: &str,
        inspection: &mut Inspection,
    ) {
        let name = variable.name();
        let address = match Address::parse(text) {
            Ok(address) => address,
            Err(fault) => {
                inspection.error(self.no_address(variable, given, text, &fault));
                return;
            }
        };
        let bare = format!("{}://{}", address.scheme, address.authority);
        if variable == Variable::Address && is_cloud(address.host) {
            inspection.error(
                self.draft(
                    ADDRESS,
                    given,
                    "this is Bitbucket Cloud, and these settings are for a Bitbucket Server",
                )
                .help("set the address of your own server"),
            );
            return;
        }
        let is_bitbucket = variable == Variable::Address;
        if let Some(at) = rest_in(address.path).filter(|_| is_bitbucket) {
            inspection.error(
                self.draft(
                    ADDRESS,
                    given,
                    format!("{name} goes down to the REST API, which Gimlet adds itself"),
                )
                .help(format!("write `{bare}{}`", &address.path[..at])),
            );
        } else if address.path.ends_with('/') {
            inspection.warning(
                self.draft(
                    ADDRESS,
                    given,
                    format!("{name} ends with a slash, and Gimlet puts paths behind it"),
                )
                .help(format!(
                    "write `{bare}{}`",
                    address.path.trim_end_matches('/')
                )),
            );
        }
        if variable == Variable::Host && address.is_loopback() {
            inspection.error(
                self.draft(
                    ADDRESS,
                    given,
                    "HOST is an address that only the machine itself reaches",
                )
                .help("set the address under which Bitbucket can send webhooks to Gimlet"),
            );
        } else if variable == Variable::Host && address.scheme == "http" {
            inspection.warning(
                self.draft(
                    CLEAR_TEXT,
                    given,
                    "people's log-in and Bitbucket's webhooks reach Gimlet unencrypted",
                )
                .help(format!(
                    "serve Gimlet with TLS and write `https://{}{}`",
                    address.authority, address.path
                )),
            );
        }
    }

    /// What is wrong with the form of an address.
    fn no_address(
        &self,
        variable: Variable,
        given: &Given,
        text: &str,
        fault: &AddressFault,
    ) -> Draft {
        let (what, help) = match fault {
            AddressFault::NoScheme => (
                format!("{} does not begin with `https://` or `http://`", code(text)),
                format!(
                    "write `https://{}`",
                    text.split("://").last().unwrap_or_default()
                ),
            ),
            AddressFault::NoHost => (
                format!("{} names no host", code(text)),
                variable.advice().to_owned(),
            ),
            AddressFault::Stray(c) => (
                format!("no address has {} in it", code(&c.to_string())),
                variable.advice().to_owned(),
            ),
            AddressFault::Credentials => (
                "it has a user's name or password in it".to_owned(),
                "remove what stands before the `@`, and the `@`".to_owned(),
            ),
            AddressFault::Query => (
                format!("{} has a query or a fragment", code(text)),
                "remove the `?` or `#` and what follows".to_owned(),
            ),
        };
        let message = format!("{} is no address of a server: {what}", variable.name());
        self.draft(ADDRESS, given, message).help(help)
    }
}

/// Where the REST API begins in a path; a server may lie below `/restricted`.
fn rest_in(path: &str) -> Option<usize> {
    const REST: &str = "/rest";
    let mut places = path.match_indices(REST).map(|(at, _)| at);
    places.find(|at| matches!(path[at + REST.len()..].chars().next(), None | Some('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_api_is_a_part_of_its_own() {
        for (path, at) in [
            ("", None),
            ("/rest", Some(0)),
            ("/git/rest/api/1.0", Some(4)),
            ("/restricted", None),
            ("/restricted/rest/", Some(11)),
        ] {
            assert_eq!(rest_in(path), at, "{path}");
        }
    }
}
