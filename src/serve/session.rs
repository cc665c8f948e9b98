//! Who may act on the page: who has shown the token, for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::rate::Rate;
use crate::hexadecimal::hexadecimal;
use crate::http::Secret;

/// How long a session lasts.
pub const LIFETIME: Duration = Duration::from_secs(8 * 60 * 60);

/// Sessions at once; the oldest one ends for a new one.
const MOST: usize = 1000;

/// Logins that are looked at in a minute, right or wrong.
const LOGINS_A_MINUTE: u32 = 30;

/// The token and the sessions of those who have shown it.
#[derive(Debug)]
pub struct Sessions {
    token: Option<Secret>,
    logins: Rate,
    open: Mutex<HashMap<[u8; 32], Open>>,
}

#[derive(Debug)]
struct Open {
    form_key: String,
    until: Instant,
}

/// A session that was just begun: what the browser's cookie holds.
#[derive(Debug)]
pub struct Begun(pub String);

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLogin {
    /// The token is wrong.
    Wrong,
    /// There were too many tries; how long to wait.
    TooMany(Duration),
    /// Nobody can log in: no token is configured, or the machine has no randomness.
    Impossible,
}

impl Sessions {
    /// None yet; without a token there never will be.
    #[must_use]
    pub fn new(token: Option<Secret>) -> Self {
        Self {
            token,
            logins: Rate::per_minute(LOGINS_A_MINUTE),
            open: Mutex::default(),
        }
    }

    /// Whether anybody can log in.
    #[must_use]
    pub fn are_possible(&self) -> bool {
        self.token.is_some()
    }

    /// Begins a session for who shows the token.
    ///
    /// # Errors
    /// Why there is none.
    pub fn log_in(&self, token: &str) -> Result<Begun, NoLogin> {
        let Some(own) = &self.token else {
            return Err(NoLogin::Impossible);
        };
        self.logins.take().map_err(NoLogin::TooMany)?;
        if !is_same(own.expose().as_bytes(), token.trim().as_bytes()) {
            return Err(NoLogin::Wrong);
        }
        let (cookie, form_key) = random().zip(random()).ok_or(NoLogin::Impossible)?;
        let mut open = self.open();
        let now = Instant::now();
        open.retain(|_, session| session.until > now);
        if open.len() >= MOST
            && let Some(oldest) = open.iter().min_by_key(|(_, session)| session.until)
        {
            let oldest = *oldest.0;
            open.remove(&oldest);
        }
        open.insert(
            key(&cookie),
            Open {
                form_key,
                until: now + LIFETIME,
            },
        );
        Ok(Begun(cookie))
    }

    /// The key that every form of a session's pages carries; none where there is no such session.
    #[must_use]
    pub fn form_key(&self, cookie: &str) -> Option<String> {
        let open = self.open();
        let session = open.get(&key(cookie))?;
        (session.until > Instant::now()).then(|| session.form_key.clone())
    }

    /// Whether a form was sent from a page of this session.
    #[must_use]
    pub fn is_from_our_page(&self, cookie: &str, form_key: &str) -> bool {
        self.form_key(cookie)
            .is_some_and(|own| is_same(own.as_bytes(), form_key.as_bytes()))
    }

    /// Ends a session.
    pub fn log_out(&self, cookie: &str) {
        self.open().remove(&key(cookie));
    }

    fn open(&self) -> MutexGuard<'_, HashMap<[u8; 32], Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sessions are kept by their cookies' digests: finding one tells nothing of the others by its time.
fn key(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

/// Compares two texts in a time that says nothing of where they differ.
fn is_same(own: &[u8], given: &[u8]) -> bool {
    let mac = |text: &[u8]| {
        <Hmac<Sha256>>::new_from_slice(b"pushgate")
            .ok()
            .map(|mut mac| {
                mac.update(text);
                mac
            })
    };
    mac(own)
        .zip(mac(given))
        .is_some_and(|(own, given)| own.verify(&given.finalize().into_bytes()).is_ok())
}

/// 256 bits that nobody can guess, in hexadecimal digits; none where the machine has none.
fn random() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(hexadecimal(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_opens_a_session_and_only_its_own_forms_count() {
        let sessions = Sessions::new(Some(Secret::new("a long enough token")));
        assert_eq!(
            sessions.log_in("another token").unwrap_err(),
            NoLogin::Wrong
        );
        assert_eq!(sessions.log_in("").unwrap_err(), NoLogin::Wrong);
        let Begun(one) = sessions.log_in(" a long enough token\n").unwrap();
        let Begun(two) = sessions.log_in("a long enough token").unwrap();
        assert_ne!(one, two);
        let own = sessions.form_key(&one).unwrap();
        assert!(sessions.is_from_our_page(&one, &own));
        assert!(!sessions.is_from_our_page(&two, &own));
        assert!(!sessions.is_from_our_page(&one, ""));
        assert!(!sessions.is_from_our_page("guessed", &own));
        sessions.log_out(&one);
        assert!(!sessions.is_from_our_page(&one, &own));
        assert!(sessions.form_key(&two).is_some());
    }

    #[test]
    fn guessing_is_slowed_down_and_impossible_without_a_token() {
        let sessions = Sessions::new(Some(Secret::new("a long enough token")));
        let tries: Vec<_> = (0..LOGINS_A_MINUTE + 5)
            .map(|_| sessions.log_in("guess").unwrap_err())
            .collect();
        assert!(
            matches!(tries.last(), Some(NoLogin::TooMany(_))),
            "{tries:?}"
        );
        assert_eq!(
            Sessions::new(None).log_in("").unwrap_err(),
            NoLogin::Impossible
        );
    }
}
