//! Approvals: who made a release, who else has looked at it, and whether that is so.
//!
//! Lives here: the two signed statements, the file that carries them, every check, offline.
//! Never here: when an approval is asked for (`admission.rs`), private keys (`signing.rs`).

use super::signing::SigningKey;
use crate::grants::PublicKey;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folder of a project where approvals lie, one file a release.
pub(super) const FOLDER: &str = "approvals";
/// What is signed begins with the kind of statement, so that neither can be passed off as the other.
const AUTHORED: &str = "centralita release 1: authored\n";
const APPROVED: &str = "centralita release 1: approved\n";

/// What an author signs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authored {
    /// The release's digest.
    pub release: String,
}

/// What a reviewer signs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// The release's digest.
    pub release: String,
    /// The release it was compared with; none for the first one of an installation.
    pub previous: Option<String>,
    /// The author, who is not the reviewer.
    pub author: Option<String>,
    /// Whether anything may do more than before.
    pub widens: bool,
    /// What has changed, as the reviewer saw it.
    pub changes: Vec<String>,
    /// When it was signed, RFC 3339.
    pub approved_at: jiff::Timestamp,
    /// Until when the release may go live.
    pub expires_at: jiff::Timestamp,
}

/// A statement with its signature. The statement is kept as the text that was signed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// JSON of [`Authored`] or [`Approved`].
    pub statement: String,
    /// The public key.
    pub key: String,
    /// The signature in base64.
    pub signature: String,
}

/// The file of a release: `approvals/DIGEST.json` of the project.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// The author's signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authored: Option<Signed>,
    /// Those of reviewers; one that holds is enough.
    #[serde(default)]
    pub approved: Vec<Signed>,
}

/// An approval that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// The reviewer's name in `plugins.yml`.
    pub reviewer: String,
    /// The author's name there, or their key.
    pub author: Option<String>,
    /// Until when the release may go live.
    pub expires_at: String,
}

/// Who may sign, and what is known of the release.
pub struct Terms<'a> {
    /// Reviewers by name.
    pub reviewers: &'a BTreeMap<String, PublicKey>,
    /// Authors by name.
    pub authors: &'a BTreeMap<String, PublicKey>,
    /// The release's digest.
    pub release: &'a str,
    /// Releases that have served here, the newest first. Something new must have been compared with one of them.
    pub served: &'a [String],
    /// Now.
    pub now: jiff::Timestamp,
}

/// Why a release is not approved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unapproved {
    /// Nobody has.
    #[error("no reviewer has approved it; a reviewer runs `centralita plugin approve --project DIR --key FILE`")]
    Nobody,
    /// The file is not what the commands write.
    #[error("its approval is damaged ({0}); have it signed again")]
    Damaged(String),
    /// A key nobody here knows.
    #[error("it is signed by {0}, which is no key of `reviewers`")]
    Stranger(PublicKey),
    /// The signature is not the key's over this text.
    #[error("the signature of `{0}` does not fit its statement, which was changed after it was signed")]
    Tampered(String),
    /// A statement about something else.
    #[error("the approval of `{0}` is for another release ({1:.8})")]
    OtherRelease(String, String),
    /// The author's own.
    #[error("`{0}` made it and cannot approve it; another reviewer must")]
    Own(String),
    /// `authors` are named and none has signed.
    #[error("none of `authors` has signed it; its author runs `centralita plugin sign --project DIR --key FILE` before it is approved")]
    NoAuthor,
    /// Too late.
    #[error("the approval of `{0}` ended at {1}; have it approved again")]
    Expired(String, String),
    /// Compared with something that never served here.
    #[error("`{0}` compared it with {1}, which has never served here; approve it again, `--against` what serves ({2:.8})")]
    Compared(String, String, String),
}

impl Approvals {
    /// Where a project keeps the approvals of a release.
    pub fn path(project: &Path, release: &str) -> PathBuf {
        project.join(FOLDER).join(format!("{release}.json"))
    }

    /// Reads the file of a release; none if there is none.
    ///
    /// # Errors
    /// [`Unapproved::Damaged`].
    pub fn read(project: &Path, release: &str) -> Result<Option<Self>, Unapproved> {
        match std::fs::read(Self::path(project, release)) {
            Ok(bytes) => Self::parse(&bytes).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Unapproved::Damaged(error.to_string())),
        }
    }

    /// Reads the bytes of such a file.
    ///
    /// # Errors
    /// [`Unapproved::Damaged`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Unapproved> {
        serde_json::from_slice(bytes).map_err(|error| Unapproved::Damaged(error.to_string()))
    }

    /// Writes the file of a release beside the project, by rename.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, project: &Path, release: &str) -> std::io::Result<PathBuf> {
        let path = Self::path(project, release);
        std::fs::create_dir_all(project.join(FOLDER))?;
        // The server that reads it may run as somebody else.
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        let mut file = tempfile::Builder::new().permissions(readable).tempfile_in(project.join(FOLDER))?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(path)
    }

    /// Signs as the author.
    ///
    /// # Errors
    /// None that has been seen: the statement is plain text.
    pub fn author(&mut self, key: &SigningKey, statement: &Authored) -> serde_json::Result<()> {
        self.authored = Some(sign(key, AUTHORED, serde_json::to_string(statement)?));
        Ok(())
    }

    /// Signs as a reviewer, in place of what the same key has signed before.
    ///
    /// # Errors
    /// As for [`Approvals::author`].
    pub fn approve(&mut self, key: &SigningKey, statement: &Approved) -> serde_json::Result<()> {
        let signed = sign(key, APPROVED, serde_json::to_string(statement)?);
        self.approved.retain(|other| other.key != signed.key);
        self.approved.push(signed);
        Ok(())
    }

    /// Who signed as the author, if that signature holds for this release.
    pub fn author_of(&self, release: &str) -> Option<PublicKey> {
        let signed = self.authored.as_ref()?;
        let key = PublicKey::parse(&signed.key).ok()?;
        let statement: Authored = serde_json::from_str(&signed.statement).ok()?;
        (holds(signed, key, AUTHORED) && statement.release == release).then_some(key)
    }

    /// The approval that holds, or why none does: of several, the last one's reason.
    ///
    /// # Errors
    /// [`Unapproved`].
    pub fn check(&self, terms: &Terms<'_>) -> Result<Approval, Unapproved> {
        let mut why = Unapproved::Nobody;
        for signed in &self.approved {
            match self.check_one(signed, terms) {
                Ok(approval) => return Ok(approval),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    fn check_one(&self, signed: &Signed, terms: &Terms<'_>) -> Result<Approval, Unapproved> {
        let key = PublicKey::parse(&signed.key).map_err(|error| Unapproved::Damaged(error.to_string()))?;
        let name_of = |people: &BTreeMap<String, PublicKey>, key| people.iter().find(|(_, known)| **known == key).map(|(name, _)| name.clone());
        let reviewer = name_of(terms.reviewers, key).ok_or(Unapproved::Stranger(key))?;
        if !holds(signed, key, APPROVED) {
            return Err(Unapproved::Tampered(reviewer));
        }
        let statement: Approved = serde_json::from_str(&signed.statement).map_err(|error| Unapproved::Damaged(error.to_string()))?;
        if statement.release != terms.release {
            return Err(Unapproved::OtherRelease(reviewer, statement.release));
        }
        let proved = self.author_of(terms.release).filter(|author| name_of(terms.authors, *author).is_some());
        if !terms.authors.is_empty() && proved.is_none() {
            return Err(Unapproved::NoAuthor);
        }
        let said = statement.author.as_deref().and_then(|author| PublicKey::parse(author).ok());
        // Whoever signed as the author counts, named here or not, and so does whom the reviewer names.
        if [self.author_of(terms.release), said].contains(&Some(key)) {
            return Err(Unapproved::Own(reviewer));
        }
        let has_served = terms.served.iter().any(|served| served == terms.release);
        if !has_served && statement.expires_at <= terms.now {
            return Err(Unapproved::Expired(reviewer, statement.expires_at.to_string()));
        }
        let compared = statement.previous.as_ref().is_some_and(|previous| terms.served.contains(previous));
        if let Some(newest) = terms.served.first().filter(|_| !has_served && !compared) {
            let with = statement.previous.as_deref().map_or("nothing", |previous| previous.get(..8).unwrap_or(previous)).to_owned();
            return Err(Unapproved::Compared(reviewer, with, newest.clone()));
        }
        let author = proved.or(said).map(|key| name_of(terms.authors, key).unwrap_or_else(|| key.to_string()));
        Ok(Approval { reviewer, author, expires_at: statement.expires_at.to_string() })
    }
}

fn sign(key: &SigningKey, kind: &str, statement: String) -> Signed {
    let signature = BASE64_STANDARD.encode(key.sign(format!("{kind}{statement}").as_bytes()));
    Signed { statement, key: key.public().to_string(), signature }
}

fn holds(signed: &Signed, key: PublicKey, kind: &str) -> bool {
    BASE64_STANDARD.decode(&signed.signature).is_ok_and(|signature| key.signed(format!("{kind}{}", signed.statement).as_bytes(), &signature))
}

#[cfg(test)]
mod tests;
