//! RSA keys in the files that OpenSSL and OpenSSH write: which form it is, and how long the key.

use std::fmt;

use pkcs1::der::asn1::AnyRef;
use pkcs1::der::{Decode, Reader, SliceReader};
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};

/// `rsaEncryption` as it stands in a DER file (RFC 8017).
pub(crate) const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// One half of an RSA key pair.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaKey {
    form: RsaKeyForm,
    modulus: Vec<u8>,
}

/// How a key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaKeyForm {
    /// `BEGIN RSA PRIVATE KEY`.
    Pkcs1,
    /// `BEGIN PRIVATE KEY`, as OpenSSL 3 writes it.
    Pkcs8,
    /// `BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`.
    Public,
}

/// Why a text is no RSA key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRsaKey {
    /// It has a passphrase, which nobody can enter.
    #[error("it has a passphrase")]
    Encrypted,
    /// OpenSSH's own form.
    #[error("it is in OpenSSH's form")]
    OpenSsh,
    /// Another algorithm.
    #[error("it is no RSA key")]
    NotRsa,
    /// Something else, or damaged.
    #[error("it holds no key in PEM form, or a damaged one")]
    Damaged,
}

/// Says nothing of the numbers.
impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaKey({:?}, {} bits)", self.form, self.bits())
    }
}

impl RsaKey {
    /// Reads the first PEM block of a text.
    ///
    /// # Errors
    /// Why it is no RSA key that can be used.
    pub fn parse(text: &str) -> Result<Self, NoRsaKey> {
        if text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(NoRsaKey::Encrypted);
        }
        let block = pem::parse(text).map_err(|_| NoRsaKey::Damaged)?;
        let der = block.contents();
        match block.tag() {
            "RSA PRIVATE KEY" => Self::private(der, RsaKeyForm::Pkcs1),
            "PRIVATE KEY" => Self::private(rsa_content(der, 2)?, RsaKeyForm::Pkcs8),
            "RSA PUBLIC KEY" => Self::public(der),
            // A BIT STRING begins with the number of bits that are not used.
            "PUBLIC KEY" => match rsa_content(der, 1)? {
                [0, key @ ..] => Self::public(key),
                _ => Err(NoRsaKey::Damaged),
            },
            "ENCRYPTED PRIVATE KEY" => Err(NoRsaKey::Encrypted),
            "OPENSSH PRIVATE KEY" => Err(NoRsaKey::OpenSsh),
            tag if tag.ends_with("PRIVATE KEY") => Err(NoRsaKey::NotRsa),
            _ => Err(NoRsaKey::Damaged),
        }
    }

    fn private(der: &[u8], form: RsaKeyForm) -> Result<Self, NoRsaKey> {
        let key = RsaPrivateKeyRef::try_from(der).map_err(|_| NoRsaKey::Damaged)?;
        let modulus = key.modulus.as_bytes().to_vec();
        Ok(Self { form, modulus })
    }

    fn public(der: &[u8]) -> Result<Self, NoRsaKey> {
        let key = RsaPublicKeyRef::try_from(der).map_err(|_| NoRsaKey::Damaged)?;
        Ok(Self {
            form: RsaKeyForm::Public,
            modulus: key.modulus.as_bytes().to_vec(),
        })
    }

    /// How it is written.
    #[must_use]
    pub fn form(&self) -> RsaKeyForm {
        self.form
    }

    /// Its length in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        bits(&self.modulus)
    }

    /// Whether both are halves of one pair.
    #[must_use]
    pub fn is_pair_of(&self, other: &Self) -> bool {
        self.modulus == other.modulus
    }
}

/// The length of a modulus in bits.
pub(crate) fn bits(modulus: &[u8]) -> usize {
    match modulus.first() {
        Some(first) => modulus.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    }
}

/// The field at this place of a SEQUENCE that names the algorithm just before it (PKCS#8, RFC 5208;
/// public keys, RFC 5280).
fn rsa_content(der: &[u8], place: usize) -> Result<&[u8], NoRsaKey> {
    let damaged = |_| NoRsaKey::Damaged;
    let sequence = AnyRef::from_der(der).map_err(damaged)?;
    let mut fields = SliceReader::new(sequence.value()).map_err(damaged)?;
    let mut algorithm: &[u8] = &[];
    for _ in 0..place {
        algorithm = fields.decode::<AnyRef<'_>>().map_err(damaged)?.value();
    }
    if memchr::memmem::find(algorithm, RSA_ENCRYPTION).is_none() {
        return Err(NoRsaKey::NotRsa);
    }
    Ok(fields.decode::<AnyRef<'_>>().map_err(damaged)?.value())
}
