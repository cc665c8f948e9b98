//! Names that lead to stand-ins by TLS, with a certificate that no authority has signed.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener as StdTcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::programs::{has_program, self_signed};
use crate::server::Serving;

/// A door with TLS, on loopback: who asks for one of its names gets to the stand-in behind it. It is a
/// proxy too, by which names of the internet lead here.
pub struct TlsStandIn {
    address: SocketAddr,
    folder: TempDir,
    _serving: Serving,
}

impl TlsStandIn {
    /// Opens the door for these names, each with the address of its stand-in. None without openssl.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free, or openssl made no certificate of use.
    ///
    /// # Panics
    /// On CI, where openssl is missing.
    pub fn start(names: &[(&str, &str)]) -> io::Result<Option<Self>> {
        if !has_program("openssl", "a server with TLS") {
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        let all: Vec<String> = names
            .iter()
            .map(|(name, _)| format!("DNS:{name}"))
            .collect();
        let alternatives = format!("subjectAltName={}", all.join(","));
        let extensions = [&alternatives, "basicConstraints=critical,CA:FALSE"];
        self_signed(folder.path(), "server", "/CN=stand-in", &extensions);
        let acceptor = acceptor(folder.path())?;
        let listener = StdTcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let behind = names.iter().map(|(name, url)| {
            let place = url.trim_start_matches("http://");
            ((*name).to_owned(), place.to_owned())
        });
        Ok(Some(Self {
            address,
            folder,
            _serving: Serving::start(serve(listener, acceptor, behind.collect()))?,
        }))
    }

    /// Its address under a name that leads to this machine, as `localhost` does.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("https://{name}:{}", self.address.port())
    }

    /// Its address as a proxy.
    #[must_use]
    pub fn proxy(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The file of its certificate: who trusts that trusts this server.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }
}

fn acceptor(folder: &Path) -> io::Result<TlsAcceptor> {
    let certificate = CertificateDer::from_pem_file(folder.join("server.pem"));
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key"));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.map_err(io::Error::other)?],
            key.map_err(io::Error::other)?,
        )
        .map_err(io::Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(
    listener: StdTcpListener,
    acceptor: TlsAcceptor,
    behind: HashMap<String, String>,
) -> io::Result<Infallible> {
    let listener = TcpListener::from_std(listener)?;
    let behind = Arc::new(behind);
    loop {
        let (stream, _) = listener.accept().await?;
        let (acceptor, behind) = (acceptor.clone(), Arc::clone(&behind));
        // Who does not trust it hangs up: the client is the one to notice.
        tokio::spawn(async move { lead(stream, &acceptor, &behind).await });
    }
}

/// Leads one connection to where its name says.
async fn lead(
    mut stream: TcpStream,
    acceptor: &TlsAcceptor,
    behind: &HashMap<String, String>,
) -> io::Result<()> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    // A proxy is asked by `CONNECT name:443` first; TLS begins with another byte.
    if first == *b"C" {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            asked.push(stream.read_u8().await?);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    }
    let mut inside = acceptor.accept(stream).await?;
    let name = inside.get_ref().1.server_name().unwrap_or_default();
    if let Some(place) = behind.get(name) {
        let mut stand_in = TcpStream::connect(place).await?;
        copy_bidirectional(&mut inside, &mut stand_in).await?;
    }
    Ok(())
}
