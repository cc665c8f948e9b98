//! The two addresses: Gimlet's own and Bitbucket's.

use super::super::address::{Address, AddressFault};
use super::super::given::Given;
use super::super::variable::Variable;
use super::{ADDRESS, CLEAR_TEXT, Judge, is_cloud};
use crate::check::{Inspection, code};

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
                inspection.error(
                    self.draft(
                        ADDRESS,
                        given,
                        format!("{name} is no address of a server: {what}"),
                    )
                    .help(help),
                );
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
        if let Some(at) = address
            .path
            .find("/rest")
            .filter(|_| variable == Variable::Address)
        {
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
}
