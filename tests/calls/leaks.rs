//! Secrets that would be found if they were anywhere: whatever the servers of all these tests log, audit and give to
//! plugins is looked through, in every spelling in which a secret could get out.
//!
//! Lives here: what is secret in these tests, its spellings, the watch that every installation is under, and one report
//! on the bank's line with the desk and the database failing.
//! Never here: prompts of a model (`canaries.rs`).

use crate::house::{ADMIN, BOTH, Changes, DESK_KEY, House, KEY, TOKEN, rows};
use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use centralita::standin::desk::{Fault, On as Of};
use sha2::{Digest as _, Sha256};
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};
use tracing_subscriber::EnvFilter;

/// What opens a door.
const KEYS: [&str; 4] = [DESK_KEY, KEY, TOKEN, ADMIN];
/// Of people: of the demo's rows those whom tests call for, and of the client below.
const PEOPLE: [&str; 17] = [
    "+525500000001",
    "5500000001",
    "+525500000002",
    "5500000002",
    "5510000001",
    "5510000002",
    "Mariana Robledo",
    "Ernesto Galindo",
    "mariana.robledo@",
    "demo-100001-1",
    "demo-100001-2",
    "demo-100002-1",
    "demo-200001-1",
    PHONE,
    DIALLED,
    NAME,
    CARD,
];
/// Of few figures: other numbers may be these by chance, so they count where no number of the server's own can stand.
const FEW: [&str; 6] = ["4521", "7788", "100001", "100002", DIGITS, CLIENT];

/// A client whose every value is a canary.
const PHONE: &str = "+525587654321";
const DIALLED: &str = "5587654321";
const DIGITS: &str = "8675";
const CLIENT: &str = "730917";
const NAME: &str = "Xochiquetzal Canaria";
const CARD: &str = "issuer-ref-canary-19";

/// A secret in every spelling it could get out in.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    const WORDS: [&str; 10] = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"];
    let spaced = |between: &str| secret.chars().map(String::from).collect::<Vec<_>>().join(between);
    let mut all: Vec<Vec<u8>> = [" ", "-", ", "].map(|between| spaced(between).into_bytes()).into();
    if secret.chars().all(|c| c.is_ascii_digit() || c == '+') {
        let digits = || secret.chars().filter_map(|c| c.to_digit(10)).map(|digit| WORDS[digit as usize]).collect::<Vec<_>>();
        all.extend([" ", ", "].map(|between| digits().join(between).into_bytes()));
    }
    // Base64 of a text that holds it somewhere: whatever stood before, the middle is one of three.
    for before in 0..3 {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let whole = engine.encode(format!("{}{secret}", "x".repeat(before)));
            let (first, rest) = ((before * 8usize).div_ceil(6), (before + secret.len()) * 8 / 6);
            all.push(whole.as_bytes()[first..rest].into());
        }
    }
    all.push(secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into());
    all.push(secret.bytes().map(|byte| format!("{byte:02X}")).collect::<String>().into());
    all.push(secret.encode_utf16().flat_map(u16::to_le_bytes).collect());
    all.push(secret.encode_utf16().flat_map(u16::to_be_bytes).collect());
    let hash = Sha256::digest(secret);
    all.push(hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into());
    all.push(hash.to_vec());
    // A few letters of base64 or a few figures stand anywhere by chance.
    all.retain(|spelling| spelling.len() > 7);
    all.push(secret.into());
    all
}

/// Every spelling of these secrets, with the secret each is of.
struct Spellings {
    of: Vec<&'static str>,
    found_by: AhoCorasick,
}

impl Spellings {
    fn new(secrets: impl Iterator<Item = &'static str>) -> Self {
        let all: Vec<(&str, Vec<u8>)> = secrets.flat_map(|secret| spellings(secret).into_iter().map(move |spelling| (secret, spelling))).collect();
        let found_by = AhoCorasick::new(all.iter().map(|(_, spelling)| spelling)).unwrap();
        Self { of: all.into_iter().map(|(secret, _)| secret).collect(), found_by }
    }

    /// What is in these bytes, with what stands around it. `chance`: numbers of the server's own stand there too.
    fn found(&self, bytes: &[u8], chance: bool) -> Vec<String> {
        let found = self.found_by.find_overlapping_iter(bytes).filter(|found| {
            let secret = self.of[found.pattern().as_usize()];
            let by_chance = found.len() == secret.len() && FEW.contains(&secret);
            let edge = |byte: Option<&u8>, quotes: bool| match byte {
                Some(byte) if quotes => matches!(byte, b'"' | b'\'' | b'`'),
                Some(byte) => !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'+' | b'/' | b'.'),
                None => !quotes,
            };
            !by_chance || (edge(found.start().checked_sub(1).map(|at| &bytes[at]), chance) && edge(bytes.get(found.end()), chance))
        });
        let around = |from: usize, to: usize| String::from_utf8_lossy(&bytes[from.saturating_sub(60)..bytes.len().min(to + 30)]).into_owned();
        found.map(|found| format!("{} in …{}…", self.of[found.pattern().as_usize()], around(found.start(), found.end()))).collect()
    }
}

static SECRETS: LazyLock<Spellings> = LazyLock::new(|| Spellings::new(KEYS.into_iter().chain(PEOPLE).chain(FEW)));

/// What was seen since the tests began.
#[derive(Default)]
struct Seen {
    log: Mutex<Vec<u8>>,
    guests: Mutex<Vec<u8>>,
}

static SEEN: LazyLock<Seen> = LazyLock::new(Seen::default);

/// Writes the log of all servers of this process.
struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        SEEN.log.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Where log and guests stand now.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    log: usize,
    guests: usize,
}

/// Watches everything from here on.
pub(crate) fn watch() -> Mark {
    static WATCHING: OnceLock<()> = OnceLock::new();
    WATCHING.get_or_init(|| {
        let filter = EnvFilter::new("info,centralita=debug,centralita_engine=debug");
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Log).init();
        centralita::sandbox::watch_guests(|bytes| {
            let mut guests = SEEN.guests.lock().unwrap_or_else(PoisonError::into_inner);
            guests.extend_from_slice(bytes);
            guests.push(b'\n');
        });
    });
    let length = |of: &Mutex<Vec<u8>>| of.lock().unwrap_or_else(PoisonError::into_inner).len();
    Mark { log: length(&SEEN.log), guests: length(&SEEN.guests) }
}

fn since(of: &Mutex<Vec<u8>>, mark: usize) -> Vec<u8> {
    of.lock().unwrap_or_else(PoisonError::into_inner)[mark..].to_vec()
}

/// Fails if a log holds a secret, or one of these of its own.
pub(crate) fn in_log(log: &[u8], own: &[&str]) {
    let mut leaks = SECRETS.found(log, true);
    leaks.extend(own.iter().filter(|secret| log.windows(secret.len()).any(|window| window == secret.as_bytes())).map(|secret| (*secret).to_owned()));
    assert!(leaks.is_empty(), "{} secrets in a log: {:#?}", leaks.len(), &leaks[..leaks.len().min(5)]);
}

/// An installation under watch: when it goes, whatever was logged, audited and given to plugins meanwhile is looked
/// through. Other tests run meanwhile, so what is found may be theirs.
pub(crate) struct Watch {
    began: Mark,
    database: String,
}

impl Watch {
    pub(crate) fn over(began: Mark, database: &str) -> Self {
        Self { began, database: database.to_owned() }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        in_log(&since(&SEEN.log, self.began.log), &[&self.database]);
        let guests = SECRETS.found(&since(&SEEN.guests, self.began.guests), false);
        assert!(guests.is_empty(), "{} secrets were given to plugins: {:#?}", guests.len(), &guests[..guests.len().min(5)]);
        let database = self.database.clone();
        // A test's own runtime cannot wait here.
        let records = std::thread::spawn(move || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(audited(&database)));
        let records = records.join().unwrap();
        let audit: Vec<String> = records.iter().flat_map(|record| SECRETS.found(record.as_bytes(), true)).collect();
        assert!(audit.is_empty(), "{} secrets in the audit: {:#?}", audit.len(), &audit[..audit.len().min(5)]);
    }
}

/// Every record of the audit.
async fn audited(database: &str) -> Vec<String> {
    rows(database, "select record from audit").await.concat()
}

#[test]
fn every_spelling_of_every_secret_would_be_found() {
    for secret in KEYS.into_iter().chain(PEOPLE).chain(FEW) {
        for spelling in spellings(secret) {
            let text = [b"before: \"", spelling.as_slice(), b"\" after"].concat();
            assert!(!SECRETS.found(&text, true).is_empty(), "{secret} as {}", String::from_utf8_lossy(&spelling));
        }
    }
    for secret in KEYS.into_iter().chain(PEOPLE) {
        let hidden = STANDARD_NO_PAD.encode(format!("{{\"phone\": \"{secret}\"}}"));
        assert!(!SECRETS.found(hidden.as_bytes(), true).is_empty(), "{secret} inside something encoded");
    }
    assert!(SECRETS.found(b"tok_last4_0123456789867512 at 2026-11-23T08:10:00, 18675 rows, took_us=8675", true).is_empty());
    assert!(!SECRETS.found(b"last4: 8675", false).is_empty());
}

/// The bank's project with one client, whose every value is a canary.
fn canaries(project: &Path) {
    let rows = format!(
        "insert into clients (client_id, name, phone) values ('{CLIENT}', '{NAME}', '{PHONE}');
         insert into cards (reference, client_id, last_four_digits, card_type, status) values ('{CARD}', '{CLIENT}', '{DIGITS}', 'debit', 'active');"
    );
    std::fs::write(project.join("demo.sql"), rows).unwrap();
}

async fn run(database: &str, sql: &'static str) {
    if database.starts_with("sqlite") {
        sqlx::query(sql).execute(&sqlx::SqlitePool::connect(database).await.unwrap()).await.map(drop).unwrap();
    } else {
        sqlx::query(sql).execute(&sqlx::PgPool::connect(database).await.unwrap()).await.map(drop).unwrap();
    }
}

async fn report(house: &House) -> String {
    let (mut caller, _) = house.ring(PHONE).await;
    for words in ["me robaron la tarjeta", "ocho seis siete cinco", "sí", "no"] {
        // Handed over or over already.
        if caller.say(words).await.is_err() {
            break;
        }
    }
    caller.call_sid().to_owned()
}

#[tokio::test]
async fn no_secret_is_on_a_page_whatever_fails() {
    for on in BOTH {
        let changes = Changes { project: Some(canaries), ..Changes::default() };
        let Some(house) = House::with(on, "leaks", changes).await else { continue };
        // As it should be; then with a desk that executes and never answers; then without the cards' table.
        let mut calls = vec![report(&house).await];
        assert_eq!(house.tickets(1).await.len(), 1);
        run(&house.database, "delete from blocking_requests").await;
        house.desk.fault(Fault::Truncated, Of::All, None);
        calls.push(report(&house).await);
        house.desk.clear_faults();
        run(&house.database, "alter table cards rename to gone").await;
        calls.push(report(&house).await);
        run(&house.database, "alter table gone rename to cards").await;

        let pages = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let get = |path: String, cookie: String| pages.get(format!("http://{}{path}", house.server.admin)).header("cookie", cookie).send();
        let entered = get(format!("/?token={ADMIN}"), String::new()).await.unwrap();
        let cookie = entered.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let traces = calls.iter().map(|call| format!("/api/calls/{call}/trace"));
        let mut leaks = Vec::new();
        for path in ["/", "/metrics", "/api/release"].map(str::to_owned).into_iter().chain(traces) {
            let page = get(path.clone(), cookie.clone()).await.unwrap();
            assert_eq!(page.status(), 200, "{path}");
            let mut there = SECRETS.found(&page.bytes().await.unwrap(), true);
            // What the caller said is there as the caller said it; the call phone offers the demo's numbers to call from.
            there.retain(|leak| !path.ends_with("/trace") || !leak.starts_with(DIGITS));
            there.retain(|leak| path != "/" || !["+525500000", "5500000"].iter().any(|demo| leak.starts_with(demo)));
            leaks.extend(there.into_iter().map(|leak| format!("{path}: {leak}")));
        }
        assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
        // Plugins were asked, and given tokens: what is looked through when the house goes is not nothing.
        let guests = since(&SEEN.guests, house.watch.began.guests);
        assert!(guests.windows(10).any(|window| window == b"tok_phone_"), "guests were given tokens");
        let log = since(&SEEN.log, house.watch.began.log);
        assert!(calls[1..].iter().all(|call| log.windows(call.len()).any(|window| window == call.as_bytes())), "what failed was logged");
        assert!(audited(&house.database).await.len() > 10, "something was audited");
        // The bank's own tables hold them, and so prove that they are found where they are.
        let own = house.rows("select phone || ' ' || name || ' ' || client_id from clients").await.concat().concat();
        assert!(own.contains(PHONE) && SECRETS.found(own.as_bytes(), false).len() >= 3, "{own}");
    }
}
