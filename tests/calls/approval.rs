//! In `serve`, where `plugins.yml` names reviewers: what is not approved stays out, what is goes live, and what was
//! stopped or set aside is, on the very server that runs.

use crate::house::{Folder, bank, rows};
use crate::serving::{Serving, outcome, ran, variables};
use centralita::grants::PublicKey;
use centralita::phone::Caller;
use centralita::release::{Approvals, Approved, Authored, Package, SigningKey};
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LINE: &str = crate::house::LINE;
const SAID: &str = "Dime los últimos cuatro dígitos de tu tarjeta";

/// A project with the reviewers Ana and Beto, of whom Ana is an author too, and its installation.
struct Office {
    folder: Folder,
    project: PathBuf,
    database: String,
    ana: SigningKey,
    beto: SigningKey,
}

impl Office {
    async fn open() -> Self {
        let folder = Folder::new();
        let project = bank(&folder.0).await;
        let database = format!("sqlite:{}", folder.0.join("house.db").display());
        let [ana, beto] = ["ana", "beto"].map(|name| SigningKey::make(&folder.0.join(format!("{name}.pem"))).unwrap());
        let keys = std::sync::Arc::new(centralita::seal::Keys::from_variable(crate::house::KEY).unwrap());
        let store = centralita::store::Store::open(&database, keys).await.unwrap();
        // The bank's own rows, which `serve` never makes.
        assert!(store.load_demo(&std::fs::read_to_string(project.join("demo.sql")).unwrap(), None).await.unwrap());
        let office = Self { folder, project, database, ana, beto };
        let (ana, beto): (PublicKey, PublicKey) = (office.ana.public(), office.beto.public());
        office.change("plugins.yml", "plugins:\n", &format!("reviewers: {{ana: \"{ana}\", beto: \"{beto}\"}}\nauthors: {{ana: \"{ana}\"}}\nplugins:\n"));
        office
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let mut all = variables(&self.database, "http://127.0.0.1:9/api/v2");
        all.push(("CENTRALITA_MAX_CALLS", "100000".to_owned()));
        all
    }

    fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.project.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        let beside = path.with_extension("next");
        std::fs::write(&beside, text.replacen(from, to, 1)).unwrap();
        std::fs::rename(&beside, &path).unwrap();
    }

    /// The digest of what lies in the folder now.
    fn digest(&self) -> String {
        Package::read(&self.project).map_err(|wrong| format!("{wrong:?}")).unwrap().digest()
    }

    /// The commands an author and a reviewer run.
    fn signed_and_approved(&self) {
        let key = |name: &str| self.folder.0.join(format!("{name}.pem")).display().to_string();
        let sign = ran(&["plugin", "sign", "--key", &key("ana")], &self.project, &[]);
        assert!(sign.status.success(), "{}", String::from_utf8_lossy(&sign.stderr));
        let approve = ran(&["plugin", "approve", "--yes", "--key", &key("beto")], &self.project, &self.variables());
        assert!(approve.status.success(), "{}", String::from_utf8_lossy(&approve.stderr));
    }

    /// A command about this installation that must succeed; what it printed.
    fn does(&self, arguments: &[&str]) -> String {
        let output = outcome(arguments, &self.variables());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Waits until the host's audit has a record with both words.
    async fn audited(&self, what: &str, detail: &str) {
        for _ in 0..1500 {
            let records = rows(&self.database, "select record from audit where call = '' order by n").await;
            if records.iter().any(|row| row[0].contains(what) && row[0].contains(detail)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the audit has no `{what}` with `{detail}`: {:#?}", rows(&self.database, "select record from audit where call = ''").await);
    }
}

/// What a new caller is asked.
async fn asked(serving: &Serving, from: &str) -> String {
    let (mut caller, _) = Caller::ring(&serving.line, from, LINE).await.unwrap();
    caller.say("perdí mi tarjeta").await.unwrap().text()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unapproved_release_stays_out_the_old_one_serves_and_an_approval_lets_it_live() {
    let office = Office::open().await;
    let refused = ran(&["serve"], &office.project, &office.variables());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("no reviewer has approved it"), "{said}");

    office.signed_and_approved();
    let serving = Serving::start(&office.project, &office.variables());
    assert!(asked(&serving, "+525500000001").await.contains(SAID));

    office.change("domain/responses.yml", SAID, "Dicta el final de tu tarjeta");
    let changed = office.digest();
    office.audited("release refused", "no reviewer has approved it").await;
    assert!(asked(&serving, "+525500000001").await.contains(SAID), "the old one serves");

    office.signed_and_approved();
    office.audited("release live", &changed[..8]).await;
    assert!(asked(&serving, "+525500000001").await.contains("Dicta el final de tu tarjeta"));
    drop(serving);

    // A start with something unapproved in the folder serves what served last, and says why.
    office.change("domain/responses.yml", "Dicta el final de tu tarjeta", "Otra cosa");
    let serving = Serving::start(&office.project, &office.variables());
    assert!(asked(&serving, "+525500000001").await.contains("Dicta el final de tu tarjeta"));
    let log = serving.kill();
    assert!(log.contains("stays out") && log.contains("no reviewer has approved it"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_a_late_a_changed_and_another_releases_approval_are_refused() {
    let office = Office::open().await;
    office.signed_and_approved();
    let first = office.digest();
    let serving = Serving::start(&office.project, &office.variables());
    office.change("domain/responses.yml", SAID, "Dicta el final de tu tarjeta");
    let release = office.digest();
    let now = Timestamp::now();
    let statement = |release: &str, hours: i64| Approved {
        release: release.to_owned(),
        previous: Some(first.clone()),
        author: None,
        widens: false,
        changes: Vec::new(),
        approved_at: now,
        expires_at: now + SignedDuration::from_hours(hours),
    };
    let mut base = Approvals::default();
    base.author(&office.ana, &Authored { release: release.clone() }).unwrap();
    let with = |key: &SigningKey, statement: &Approved| {
        let mut approvals = base.clone();
        approvals.approve(key, statement).unwrap();
        approvals
    };
    let mut tampered = with(&office.beto, &statement(&release, 1));
    tampered.approved[0].statement = tampered.approved[0].statement.replace("\"widens\":false", "\"widens\":true");
    let refusals = [
        (base.clone(), "no reviewer has approved it"),
        (with(&office.ana, &statement(&release, 1)), "`ana` made it and cannot approve it"),
        (with(&office.beto, &statement(&release, -1)), "ended at"),
        (tampered, "was changed after it was signed"),
        (with(&office.beto, &statement(&first, 1)), "is for another release"),
        (with(&office.beto, &Approved { previous: Some("0".repeat(64)), ..statement(&release, 1) }), "has never served here"),
    ];
    for (approvals, reason) in refusals {
        approvals.write(&office.project, &release).unwrap();
        office.audited("release refused", reason).await;
        assert!(asked(&serving, "+525500000001").await.contains(SAID), "{reason}");
    }
    let key = office.folder.0.join("ana.pem").display().to_string();
    let own = ran(&["plugin", "approve", "--yes", "--key", &key], &office.project, &office.variables());
    assert!(!own.status.success() && String::from_utf8_lossy(&own.stderr).contains("the author's own key"));
    with(&office.beto, &statement(&release, 1)).write(&office.project, &release).unwrap();
    office.audited("release live", &release[..8]).await;
    assert!(asked(&serving, "+525500000001").await.contains("Dicta el final de tu tarjeta"));
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_reviewers_out_of_a_release_needs_an_approval_of_those_who_serve() {
    let office = Office::open().await;
    office.signed_and_approved();
    drop(Serving::start(&office.project, &office.variables()));
    let plugins = std::fs::read_to_string(office.project.join("plugins.yml")).unwrap();
    let without: Vec<&str> = plugins.lines().filter(|line| !line.starts_with("reviewers:") && !line.starts_with("authors:")).collect();
    std::fs::write(office.project.join("plugins.yml"), without.join("\n") + "\n").unwrap();
    let serving = Serving::start(&office.project, &office.variables());
    let log = serving.kill();
    assert!(log.contains("stays out"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_and_a_kill_are_obeyed_within_a_second_and_lifted_again() {
    let office = Office::open().await;
    office.signed_and_approved();
    let first = office.digest();
    let serving = Serving::start(&office.project, &office.variables());
    let other = Serving::start(&office.project, &office.variables());
    office.change("domain/responses.yml", SAID, "Dicta el final de tu tarjeta");
    let second = office.digest();
    office.signed_and_approved();
    for serving in [&serving, &other] {
        until(serving, "Dicta el final de tu tarjeta").await;
    }
    assert!(office.does(&["plugin", "rollback"]).contains(&format!("begin with {}", &first[..8])));
    for serving in [&serving, &other] {
        until(serving, SAID).await;
    }
    office.does(&["plugin", "rollback", "--lift", &second[..12]]);
    until(&serving, "Dicta el final de tu tarjeta").await;

    for serving in [&serving, &other] {
        verified(serving, true).await;
    }
    office.does(&["plugin", "kill", "action_verify_card", "--reason", "una prueba"]);
    for serving in [&serving, &other] {
        verified(serving, false).await;
    }
    assert!(office.does(&["plugin", "kill"]).contains("action action_verify_card: una prueba"));
    office.does(&["plugin", "kill", "action_verify_card", "--lift"]);
    verified(&serving, true).await;
    let component = sha256(&office.project.join("plugins/card-verification.wasm"));
    office.does(&["plugin", "kill", &component[..16]]);
    verified(&serving, false).await;
    office.does(&["plugin", "kill", &component[..16], "--lift"]);
    verified(&serving, true).await;
    // A release that is stopped is no release to begin with.
    office.does(&["plugin", "kill", &second]);
    until(&serving, SAID).await;
}

fn sha256(path: &Path) -> String {
    use sha2::Digest as _;
    centralita::seal::hex(&sha2::Sha256::digest(std::fs::read(path).unwrap()))
}

/// Rings until a new caller is asked this.
async fn until(serving: &Serving, expected: &str) {
    let began = Instant::now();
    while !asked(serving, "+525500000001").await.contains(expected) {
        assert!(began.elapsed() < Duration::from_secs(30), "nobody is asked `{expected}`");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Calls until a card is verified, or is not.
async fn verified(serving: &Serving, expected: bool) {
    let began = Instant::now();
    loop {
        let (mut caller, _) = Caller::ring(&serving.line, "+525510000007", LINE).await.unwrap();
        caller.say("perdí mi tarjeta").await.unwrap();
        if caller.keys("0007").await.unwrap().text().contains("¿Confirmas?") == expected {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "a card is verified: not {expected}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
