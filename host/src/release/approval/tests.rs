//! What makes an approval hold, and what does not.

use super::*;
use jiff::{SignedDuration, Timestamp};
use std::sync::LazyLock;

const RELEASE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const BEFORE: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static KEYS: LazyLock<[SigningKey; 3]> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    ["ana", "beto", "stranger"].map(|name| SigningKey::make(&folder.path().join(name)).unwrap())
});
const ANA: usize = 0;
const BETO: usize = 1;
const STRANGER: usize = 2;

fn statement() -> Approved {
    let now = Timestamp::now();
    Approved {
        release: RELEASE.into(),
        previous: Some(BEFORE.into()),
        author: None,
        widens: false,
        changes: Vec::new(),
        approved_at: now,
        expires_at: now + SignedDuration::from_hours(1),
    }
}

fn approved(by: usize, statement: &Approved) -> Approvals {
    let mut approvals = Approvals::default();
    approvals.approve(&KEYS[by], statement).unwrap();
    approvals
}

fn people(of: &[(&str, usize)]) -> BTreeMap<String, PublicKey> {
    of.iter().map(|(name, key)| ((*name).to_owned(), KEYS[*key].public())).collect()
}

/// Ana and Beto review; nobody is named as an author unless `authors` says so.
fn judged(approvals: &Approvals, authors: &[(&str, usize)], served: &[&str]) -> Result<Approval, Unapproved> {
    let served: Vec<String> = served.iter().map(|release| (*release).to_owned()).collect();
    let (reviewers, authors) = (people(&[("ana", ANA), ("beto", BETO)]), people(authors));
    approvals.check(&Terms { reviewers: &reviewers, authors: &authors, release: RELEASE, served: &served, now: Timestamp::now() })
}

#[test]
fn a_reviewers_approval_holds_and_names_them() {
    let approval = judged(&approved(ANA, &statement()), &[], &[BEFORE]).unwrap();
    assert_eq!((approval.reviewer.as_str(), approval.author), ("ana", None));
    assert_eq!(judged(&Approvals::default(), &[], &[]), Err(Unapproved::Nobody));
}

#[test]
fn a_strangers_signature_does_not_count_and_no_name_of_another_helps() {
    let mut approvals = approved(STRANGER, &statement());
    assert_eq!(judged(&approvals, &[], &[BEFORE]), Err(Unapproved::Stranger(KEYS[STRANGER].public())));
    approvals.approved[0].key = KEYS[ANA].public().to_string();
    assert_eq!(judged(&approvals, &[], &[BEFORE]), Err(Unapproved::Tampered("ana".into())));
}

#[test]
fn any_change_of_what_was_signed_breaks_it() {
    let mut longer = approved(ANA, &statement());
    longer.approved[0].statement = serde_json::to_string(&Approved { expires_at: Timestamp::now() + SignedDuration::from_hours(99), ..statement() }).unwrap();
    assert_eq!(judged(&longer, &[], &[BEFORE]), Err(Unapproved::Tampered("ana".into())));
    let mut spaced = approved(ANA, &statement());
    spaced.approved[0].statement.push(' ');
    assert_eq!(judged(&spaced, &[], &[BEFORE]), Err(Unapproved::Tampered("ana".into())));
}

#[test]
fn an_approval_of_another_release_or_one_that_has_ended_does_not_count() {
    let other = approved(ANA, &Approved { release: BEFORE.into(), ..statement() });
    assert_eq!(judged(&other, &[], &[BEFORE]), Err(Unapproved::OtherRelease("ana".into(), BEFORE.into())));
    let ended = approved(ANA, &Approved { expires_at: Timestamp::now() - SignedDuration::from_secs(1), ..statement() });
    assert!(matches!(judged(&ended, &[], &[BEFORE]), Err(Unapproved::Expired(..))));
    // What serves already may be started again after that.
    assert!(judged(&ended, &[], &[RELEASE, BEFORE]).is_ok());
}

#[test]
fn it_was_compared_with_something_that_served_here() {
    let stranger = approved(ANA, &Approved { previous: Some("cccc".into()), ..statement() });
    assert!(matches!(judged(&stranger, &[], &[BEFORE]), Err(Unapproved::Compared(..))));
    let nothing = approved(ANA, &Approved { previous: None, ..statement() });
    assert!(matches!(judged(&nothing, &[], &[BEFORE]), Err(Unapproved::Compared(..))));
    // The first release of an installation is compared with nothing, or with another installation's.
    assert!(judged(&nothing, &[], &[]).is_ok());
    assert!(judged(&stranger, &[], &[]).is_ok());
}

#[test]
fn nobody_approves_what_they_made() {
    let mut own = approved(ANA, &statement());
    own.author(&KEYS[ANA], &Authored { release: RELEASE.into() }).unwrap();
    assert_eq!(judged(&own, &[("ana", ANA)], &[BEFORE]), Err(Unapproved::Own("ana".into())));
    assert_eq!(judged(&own, &[], &[BEFORE]), Err(Unapproved::Own("ana".into())), "named as an author or not");
    own.approve(&KEYS[BETO], &statement()).unwrap();
    let approval = judged(&own, &[("ana", ANA)], &[BEFORE]).unwrap();
    assert_eq!((approval.reviewer.as_str(), approval.author.as_deref()), ("beto", Some("ana")));
    let said = approved(ANA, &Approved { author: Some(KEYS[ANA].public().to_string()), ..statement() });
    assert_eq!(judged(&said, &[], &[BEFORE]), Err(Unapproved::Own("ana".into())));
}

#[test]
fn where_authors_are_named_one_of_them_has_signed() {
    let unsigned = approved(ANA, &Approved { author: Some(KEYS[BETO].public().to_string()), ..statement() });
    assert_eq!(judged(&unsigned, &[("beto", BETO)], &[BEFORE]), Err(Unapproved::NoAuthor), "that somebody says so is not enough");
    let mut signed = unsigned;
    signed.author(&KEYS[BETO], &Authored { release: BEFORE.into() }).unwrap();
    assert_eq!(judged(&signed, &[("beto", BETO)], &[BEFORE]), Err(Unapproved::NoAuthor), "another release's signature");
    signed.author(&KEYS[STRANGER], &Authored { release: RELEASE.into() }).unwrap();
    assert_eq!(judged(&signed, &[("beto", BETO)], &[BEFORE]), Err(Unapproved::NoAuthor), "a stranger's signature");
    signed.author(&KEYS[BETO], &Authored { release: RELEASE.into() }).unwrap();
    assert_eq!(judged(&signed, &[("beto", BETO)], &[BEFORE]).unwrap().author.as_deref(), Some("beto"));
}

#[test]
fn an_authors_signature_is_no_approval() {
    let mut authored = Approvals::default();
    authored.author(&KEYS[ANA], &Authored { release: RELEASE.into() }).unwrap();
    assert_eq!(judged(&authored, &[("ana", ANA)], &[BEFORE]), Err(Unapproved::Nobody));
    authored.approved = vec![authored.authored.clone().unwrap()];
    assert_eq!(judged(&authored, &[("ana", ANA)], &[BEFORE]), Err(Unapproved::Tampered("ana".into())));
}

#[test]
fn a_key_is_read_back_as_it_was_made_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let made = SigningKey::make(&path).unwrap().public();
    assert_eq!(SigningKey::read(&path).unwrap().public(), made);
    assert!(SigningKey::make(&path).is_err());
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
    std::fs::write(&path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
    assert!(SigningKey::read(&path).is_err());
}
