//! The client itself.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ureq::http::{self, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, AsSendBody, Proxy, SendBody};

use super::address::without_credentials;
use super::answer::Answer;
use super::failure::{Failure, SetupError, Unreached};
use super::proxy::Proxies;
use super::reason::{self, Lost};
use super::redirect::Moved;
use super::request::{Method, Request};
use super::resolver::Remembering;
use crate::visible::one_line;

/// No answer of any system we speak to is larger.
const LARGEST_ANSWER: u64 = 8 * 1024 * 1024;

/// Connections that are kept open: a sweep has that many calls under way at once, and would connect
/// anew for each.
const IDLE: usize = 64;

/// Bytes of a connection's buffers, of which each connection has two.
const BUFFER: usize = 32 * 1024;

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Certificates to trust in place of the machine's own.
    pub ca_file: Option<PathBuf>,
    /// Whether the server has to prove who it is.
    pub verify: Verify,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a whole call may take, where the request names nothing else.
    pub timeout: Duration,
    /// The `User-Agent`, where the request names nothing else.
    pub user_agent: String,
    /// The proxies to go through.
    pub proxies: Proxies,
}

/// Whether a server has to prove who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// By a certificate of a trusted authority.
    #[default]
    Certificates,
    /// It has not to: whoever stands between can read and change everything. For a server of one's
    /// own network that an operator names.
    Nothing,
}

impl Default for Settings {
    /// 5 s to connect, 30 s a call, the machine's certificates, no proxy: who wants the
    /// environment's adds [`Proxies::from_environment`].
    fn default() -> Self {
        Self {
            ca_file: None,
            verify: Verify::Certificates,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            user_agent: concat!("pushgate/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxies: Proxies::default(),
        }
    }
}

/// An HTTP client that keeps its connections. Clones share them.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    /// Takes over where the machine has no certificates at all.
    with_built_in_roots: OnceLock<Agent>,
    settings: Settings,
}

impl Client {
    /// Makes a client.
    ///
    /// # Errors
    /// Where the CA file is of no use.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let roots = match &settings.ca_file {
            Some(path) => certificates(path)?.into(),
            None => RootCerts::PlatformVerifier,
        };
        Ok(Self {
            agent: agent(&settings, roots),
            with_built_in_roots: OnceLock::new(),
            settings,
        })
    }

    /// Sends a request and reads the answer, whatever its status but a redirect.
    ///
    /// # Errors
    /// Where no answer came, or a redirect.
    pub fn send(&self, request: Request) -> Result<Answer, Failure> {
        let uri: Uri = request.url.parse().map_err(|_| unwritable(&request.url))?;
        let host = match uri.authority() {
            // The part before the @ would be a password.
            Some(authority) if matches!(uri.scheme_str(), Some("http" | "https")) => authority
                .as_str()
                .rsplit('@')
                .next()
                .unwrap_or_default()
                .to_owned(),
            _ => return Err(unwritable(&request.url)),
        };
        let timeout = self.time_left(&request).ok_or_else(|| Failure::NotSent {
            host: host.clone(),
            reason: Unreached::Deadline,
        })?;
        let agent = self.with_built_in_roots.get().unwrap_or(&self.agent);
        let mut sent = Sent::Nothing;
        match self.attempt(agent, &uri, &request, timeout, &mut sent) {
            Err(ureq::Error::Rustls(error))
                if self.with_built_in_roots.get().is_none() && is_no_bundle(&error.to_string()) =>
            {
                let agent = self
                    .with_built_in_roots
                    .get_or_init(|| agent_with_built_in_roots(&self.settings));
                self.attempt(agent, &uri, &request, timeout, &mut sent)
            }
            answer => answer,
        }
        .map_err(|error| failure(&host, &request, &sent, &error))
        .and_then(|answer| match answer.status {
            300..=399 => {
                let to = answer.header("location").unwrap_or_default();
                Err(Failure::Redirected {
                    moved: Moved::of(&request.url, to).map(Box::new),
                    to: to.to_owned(),
                    host,
                })
            }
            _ => Ok(answer),
        })
    }

    fn time_left(&self, request: &Request) -> Option<Duration> {
        let timeout = request.timeout.unwrap_or(self.settings.timeout);
        let left = match request.until {
            Some(until) => timeout.min(until.saturating_duration_since(Instant::now())),
            None => timeout,
        };
        (!left.is_zero()).then_some(left)
    }

    fn attempt(
        &self,
        agent: &Agent,
        uri: &Uri,
        request: &Request,
        timeout: Duration,
        sent: &mut Sent,
    ) -> Result<Answer, ureq::Error> {
        let mut builder = http::Request::builder()
            .method(method(request.method))
            .uri(uri.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name.as_ref(), value);
        }
        let how = Exchange {
            timeout,
            proxy: self.settings.proxies.for_uri(uri),
            redirects: request.redirects,
            largest_answer: request.largest_answer.unwrap_or(LARGEST_ANSWER),
        };
        match &request.body {
            Some(bytes) => {
                let mut watched = Watched { bytes, sent };
                let builder = builder.header(http::header::CONTENT_LENGTH, bytes.len());
                let body = SendBody::from_reader(&mut watched);
                how.exchange(agent, builder.body(body)?)
            }
            None => how.exchange(agent, builder.body(())?),
        }
    }
}

/// The limits of one exchange.
struct Exchange<'a> {
    timeout: Duration,
    proxy: Option<&'a Proxy>,
    redirects: u32,
    largest_answer: u64,
}

impl Exchange<'_> {
    fn exchange(
        &self,
        agent: &Agent,
        request: http::Request<impl AsSendBody>,
    ) -> Result<Answer, ureq::Error> {
        let request = agent
            .configure_request(request)
            .timeout_global(Some(self.timeout))
            .max_redirects(self.redirects)
            .proxy(self.proxy.cloned())
            .build();
        let mut response = agent.run(request)?;
        let body = response
            .body_mut()
            .with_config()
            .limit(self.largest_answer)
            .read_to_vec()?;
        let (parts, _) = response.into_parts();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }
}

/// How much of a request's body has left.
#[derive(Debug, PartialEq, Eq)]
enum Sent {
    Nothing,
    Something,
}

/// A body that notes when the first byte is asked for: the connection stands then.
struct Watched<'a> {
    bytes: &'a [u8],
    sent: &'a mut Sent,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        *self.sent = Sent::Something;
        self.bytes.read(buffer)
    }
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

fn agent(settings: &Settings, roots: RootCerts) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(IDLE)
        .max_idle_connections_per_host(IDLE)
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        .timeout_resolve(Some(settings.connect_timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .user_agent(settings.user_agent.as_str())
        .tls_config(
            TlsConfig::builder()
                .root_certs(roots)
                .disable_verification(settings.verify == Verify::Nothing)
                .build(),
        )
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Remembering::default())
}

fn agent_with_built_in_roots(settings: &Settings) -> Agent {
    agent(settings, RootCerts::WebPki)
}

/// The platform verifier's words where the machine has no bundle of certificates.
fn is_no_bundle(error: &str) -> bool {
    error.contains("No CA certificates were loaded")
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, SetupError> {
    let text = std::fs::read(path).map_err(|source| SetupError::UnreadableCa {
        path: path.to_owned(),
        source,
    })?;
    let certificates: Vec<_> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(SetupError::NoCertificate {
            path: path.to_owned(),
        });
    }
    Ok(certificates)
}

fn unwritable(url: &str) -> Failure {
    Failure::Unwritable {
        url: without_credentials(url),
        reason: "it is no HTTP address".to_owned(),
    }
}

fn failure(host: &str, request: &Request, sent: &Sent, error: &ureq::Error) -> Failure {
    let host = host.to_owned();
    match error {
        ureq::Error::BodyExceedsLimit(limit) => {
            let limit = *limit;
            return Failure::AnswerTooLarge { host, limit };
        }
        ureq::Error::LargeResponseHeader(_, limit) => {
            let limit = *limit as u64;
            return Failure::AnswerTooLarge { host, limit };
        }
        ureq::Error::Http(error) => {
            return Failure::Unwritable {
                url: host,
                reason: one_line(&error.to_string(), 200),
            };
        }
        _ => {}
    }
    // The body is asked for once the connection stands: until then, nothing was sent.
    let unsent = request.has_content() && *sent == Sent::Nothing;
    match reason::unreached(error).or_else(|| unsent.then(|| reason::unsent(error))) {
        Some(reason) => Failure::NotSent { host, reason },
        None => Failure::OutcomeUnknown {
            host,
            method: request.method,
            reason: Lost::of(error),
        },
    }
}
