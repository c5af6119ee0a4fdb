//! JSON web tokens under a shared secret.
//!
//! Lives here: Rasa's claims (`rasa-calm.md` §8.5), and HS256 as the one algorithm a token may name.
//! Never here: what a bearer may do (`auth.rs`).

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde::Deserialize;
use sha2::Sha256;
use signature::Verifier;

/// What a token says.
#[derive(Deserialize)]
struct Claims {
    user: User,
}

/// Whom a token is about.
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) username: String,
    pub(super) role: String,
}

/// A key that tokens are checked with.
pub(super) struct Key {
    key: DecodingKey,
    validation: Validation,
}

impl Key {
    pub(super) fn new(secret: &[u8]) -> Self {
        // Another start in this process has installed the same one.
        let _ = HS256.install_default();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp"]);
        validation.validate_aud = false;
        validation.validate_nbf = true;
        Self { key: DecodingKey::from_secret(secret), validation }
    }

    /// Whom a token is about, if it is signed with this key and has not expired.
    pub(super) fn user(&self, token: &str) -> Option<User> {
        jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation).ok().map(|token| token.claims.user)
    }
}

/// The crate comes without arithmetic of its own; HS256 is all of it that a shared secret needs, and no other algorithm
/// can be talked into.
static HS256: CryptoProvider = CryptoProvider { signer_factory: no_signer, verifier_factory: verifier, key_utils: KeyUtils::new_unimplemented() };

fn no_signer(_: &Algorithm, _: &EncodingKey) -> jsonwebtoken::errors::Result<Box<dyn JwtSigner>> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> jsonwebtoken::errors::Result<Box<dyn JwtVerifier>> {
    if *algorithm != Algorithm::HS256 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let mac = Hmac::<Sha256>::new_from_slice(key.try_get_as_bytes()?).map_err(|_| ErrorKind::InvalidKeyFormat)?;
    Ok(Box::new(Checks(mac)))
}

struct Checks(Hmac<Sha256>);

impl Verifier<Vec<u8>> for Checks {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Checks {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
