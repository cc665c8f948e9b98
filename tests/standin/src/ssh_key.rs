//! A key of the form that Algorithmia takes. It opens nothing.

use pkcs1::RsaPrivateKeyRef;
use pkcs1::der::Encode;
use pkcs1::der::asn1::UintRef;

/// An unencrypted PKCS#1 PEM block of 2048 bits whose numbers are no RSA key.
///
/// # Panics
/// Never: the numbers are fixed.
#[must_use]
pub fn ssh_private_key() -> String {
    let (long, short) = ([0xAB; 256], [0xCD; 128]);
    let number = |bytes| UintRef::new(bytes).expect("a number");
    let key = RsaPrivateKeyRef {
        modulus: number(&long),
        public_exponent: number(&[1, 0, 1]),
        private_exponent: number(&long),
        prime1: number(&short),
        prime2: number(&short),
        exponent1: number(&short),
        exponent2: number(&short),
        coefficient: number(&short),
        other_prime_infos: None,
    };
    let der = key.to_der().expect("a fixed key");
    let block = pem::Pem::new("RSA PRIVATE KEY", der);
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    let text = pem::encode_config(&block, config);
    // A line from its middle, as it would be shown where one is.
    crate::watch::plant(text.lines().nth(3).expect("a long key"));
    text
}
