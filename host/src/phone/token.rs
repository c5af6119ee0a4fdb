//! The token that calls are signed with.
//!
//! Lives here: where it is looked for.
//! Never here: making one (`dev` does).

use std::{env, fs, io::ErrorKind, path::Path};

use super::line::Trouble;
use crate::twilio::signature::Signer;

/// Where `dev` keeps the token it made, below its working directory.
const FILE: &str = ".centralita/twilio-token";

/// The signer for calls made from `dir`: the token that `dev` made there, else the variable
/// `TWILIO_AUTH_TOKEN`, else none and calls go out unsigned.
///
/// # Errors
/// [`Trouble::Token`] if the file is there and cannot be read or is empty.
pub fn signing_token(dir: &Path) -> Result<Option<Signer>, Trouble> {
    choose(dir, env::var("TWILIO_AUTH_TOKEN").ok())
}

fn choose(dir: &Path, variable: Option<String>) -> Result<Option<Signer>, Trouble> {
    match fs::read_to_string(dir.join(FILE)) {
        Ok(token) => Signer::parse(&token).map(Some).map_err(|error| Trouble::Token(error.to_string())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(variable.and_then(|tokens| Signer::parse(&tokens).ok())),
        Err(error) => Err(Trouble::Token(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_that_dev_made_here_wins_over_the_variable() {
        let dir = env::temp_dir().join(format!("centralita-token-{}", std::process::id()));
        fs::create_dir_all(dir.join(".centralita")).unwrap();
        let signed = |variable: Option<&str>| choose(&dir, variable.map(str::to_owned)).map(|signer| signer.map(|signer| signer.sign("http://a.mx/", &[])));
        let by = |token: &str| Signer::parse(token).unwrap().sign("http://a.mx/", &[]);
        assert_eq!(signed(None).ok(), Some(None));
        assert_eq!(signed(Some("variable")).ok(), Some(Some(by("variable"))));
        fs::write(dir.join(FILE), "made\n").unwrap();
        assert_eq!(signed(Some("variable")).ok(), Some(Some(by("made"))));
        fs::write(dir.join(FILE), "\n").unwrap();
        assert!(signed(None).is_err());
        fs::remove_dir_all(&dir).unwrap();
    }
}
