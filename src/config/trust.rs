//! What a repository's own configuration may not say: it is pushed by people who are not to have the
//! credentials of whoever runs pushgate there, in CI above all.

use std::path::Path;

use super::{Config, ConfigError};

/// Port's own addresses (facts: the EU's and the US's, under both names).
const PORTS_OWN: [&str; 4] = [
    "https://api.port.io",
    "https://api.getport.io",
    "https://api.us.port.io",
    "https://api.us.getport.io",
];

impl Config {
    /// Refuses what would send credentials of the environment to whom the file names.
    pub(super) fn trusted_in_repository(self, path: &Path) -> Result<Self, ConfigError> {
        let elsewhere = |address: &String| !is_ports_own(address);
        let said = [
            (
                "port.api_url",
                "PORT_API_URL",
                self.port.api_url.as_ref().is_some_and(elsewhere),
            ),
            (
                "bitbucket.address",
                "BITBUCKET_HOST",
                self.bitbucket.address.is_some(),
            ),
            (
                "bitbucket.skip_verify",
                "BITBUCKET_SERVER_SKIP_VERIFY",
                self.bitbucket.skip_verify,
            ),
            (
                "bitbucket.ca_file",
                "SSL_CERT_FILE",
                self.bitbucket.ca_file.is_some(),
            ),
            (
                "algorithmia.api",
                "ALGORITHMIA_API",
                self.algorithmia.api.is_some(),
            ),
            ("http.ca_file", "SSL_CERT_FILE", self.http.ca_file.is_some()),
        ];
        match said.into_iter().find(|(_, _, is_said)| *is_said) {
            None => Ok(self),
            Some((key, variable, _)) => Err(ConfigError::NotInRepository {
                path: path.to_owned(),
                key,
                variable,
            }),
        }
    }
}

fn is_ports_own(address: &str) -> bool {
    PORTS_OWN.iter().any(|own| {
        address
            .strip_prefix(own)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<&'static str> {
        let config = Config::parse(text, ".pushgate.yaml").unwrap();
        match config.trusted_in_repository(Path::new(".pushgate.yaml")) {
            Ok(_) => None,
            Err(ConfigError::NotInRepository { key, .. }) => Some(key),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn a_repository_does_not_say_where_credentials_go() {
        for (text, key) in [
            ("port: { api_url: https://api.us.port.io/v1 }", None),
            ("port: { api_url: https://api.port.io }", None),
            (
                "port: { api_url: https://api.port.io.evil.example }",
                Some("port.api_url"),
            ),
            (
                "port: { api_url: 'https://api.port.io@evil.example' }",
                Some("port.api_url"),
            ),
            (
                "port: { api_url: http://api.port.io }",
                Some("port.api_url"),
            ),
            (
                "bitbucket: { address: https://evil.example }",
                Some("bitbucket.address"),
            ),
            (
                "bitbucket: { skip_verify: true }",
                Some("bitbucket.skip_verify"),
            ),
            (
                "bitbucket: { ca_file: /tmp/ca.pem }",
                Some("bitbucket.ca_file"),
            ),
            (
                "algorithmia: { api: https://evil.example }",
                Some("algorithmia.api"),
            ),
            ("http: { ca_file: ca.pem }", Some("http.ca_file")),
            ("rules: { port/missing-title: off }", None),
        ] {
            assert_eq!(refused(text), key, "{text}");
        }
    }
}
