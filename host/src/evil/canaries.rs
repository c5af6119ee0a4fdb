//! Secrets that would be found if they were anywhere: a whole report on the bank's line, three times, with the desk and
//! the database failing, and every byte of it looked through.
//!
//! Lives here: planting them, and every spelling in which they could get out.
//! Never here: prompts of a model (`tests/calls/canaries.rs`).

use super::logged::Logged;
use crate::phone::{Caller, Line};
use crate::plugins_build;
use crate::release::Variables;
use crate::sandbox::record;
use crate::server::{Server, Start};
use crate::settings::{self, Mode};
use crate::standin::desk::{Desk, Fault, On};
use crate::twilio::signature::Signer;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Row as _};
use std::path::Path;
use std::sync::Arc;

/// The number that rings, in full and as people dial it.
const PHONE: &str = "+525587654321";
const DIALLED: &str = "5587654321";
const DIGITS: &str = "8675";
const CLIENT: &str = "730917";
const NAME: &str = "Xochiquetzal Canaria";
const CARD: &str = "issuer-ref-canary-19";
const DESK_KEY: &str = "fd-key-canary-3Kq9Zr7W";
const SEALED_BY: &str = "canary-key-of-thirty-two-bytes-00";
const DATABASE: &str = "canary-house.db";
const TWILIO: &str = "canary-token-of-the-network";
const PAGES: &str = "canary-token-of-the-pages";

const ALL: [&str; 11] = [PHONE, DIALLED, DIGITS, CLIENT, NAME, CARD, DESK_KEY, SEALED_BY, DATABASE, TWILIO, PAGES];

/// A canary in every spelling it could get out in.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    const WORDS: [&str; 10] = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"];
    let spaced = |between: &str| secret.chars().map(String::from).collect::<Vec<_>>().join(between);
    let mut all: Vec<Vec<u8>> = [" ", "-", ", "].map(|between| spaced(between).into_bytes()).into();
    all.push(secret.into());
    if secret.chars().all(|c| c.is_ascii_digit() || c == '+') {
        let digits = || secret.chars().filter_map(|c| c.to_digit(10));
        all.push(digits().map(|digit| WORDS[digit as usize]).collect::<Vec<_>>().join(" ").into());
        all.push(digits().map(|digit| WORDS[digit as usize]).collect::<Vec<_>>().join(", ").into());
    }
    // Base64 of a text that holds it somewhere: whatever stood before, the middle is one of three.
    for before in 0..3 {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let whole = engine.encode(format!("{}{secret}", "x".repeat(before)));
            let (first, rest) = ((before * 8).div_ceil(6), (before + secret.len()) * 8 / 6);
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
    all
}

/// What of the canaries is in these bytes. A few figures may be in a number or a token by chance: they count where they
/// stand alone.
fn found(place: &str, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for secret in ALL {
        for spelling in spellings(secret).into_iter().filter(|spelling| spelling.len() > 3) {
            let alone = |at: usize| {
                let end = at + spelling.len();
                let edge = |byte: Option<&u8>| !byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'/'));
                spelling.len() > 7 || !spelling.iter().all(u8::is_ascii_digit) || (edge(at.checked_sub(1).and_then(|at| bytes.get(at))) && edge(bytes.get(end)))
            };
            if bytes.windows(spelling.len()).enumerate().any(|(at, window)| window == spelling && alone(at)) {
                found.push(format!("{place}: {secret} as {}", String::from_utf8_lossy(&spelling)));
            }
        }
    }
    found
}

#[test]
fn every_spelling_of_every_canary_would_be_found() {
    for secret in ALL {
        for spelling in spellings(secret).into_iter().filter(|spelling| spelling.len() > 3) {
            let text = [b"before: ", spelling.as_slice(), b" after"].concat();
            assert!(!found("here", &text).is_empty(), "{secret} as {}", String::from_utf8_lossy(&spelling));
        }
        let hidden = STANDARD_NO_PAD.encode(format!("{{\"phone\": \"{secret}\"}}"));
        assert!(!found("here", hidden.as_bytes()).is_empty(), "{secret} inside something encoded");
    }
    assert!(found("here", b"tok_last4_0123456789867512 at 2026-11-23T08:10:00, 18675 rows").is_empty());
}

/// The bank's project with its components, and a client whose every value is a canary.
async fn project(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("a folder").flatten() {
            let target = to.join(entry.file_name());
            if entry.path().is_dir() { copy(&entry.path(), &target) } else { drop(std::fs::copy(entry.path(), target)) }
        }
    }
    copy(&root.join("flows/sctbnk"), folder);
    let names = ["contextual-greeting", "card-verification", "freshdesk-tickets"];
    plugins_build::build(&root, &names, &folder.join("plugins")).await.unwrap_or_else(|error| panic!("{error}"));
    let rows = format!(
        "insert into clients (client_id, name, phone) values ('{CLIENT}', '{NAME}', '{PHONE}');
         insert into cards (reference, client_id, last_four_digits, card_type, status) values ('{CARD}', '{CLIENT}', '{DIGITS}', 'debit', 'active');"
    );
    std::fs::write(folder.join("demo.sql"), rows).expect("written");
}

async fn report(line: &Arc<Line>, heard: &mut Vec<String>) -> String {
    let (mut caller, greeting) = Caller::ring(line, PHONE, "+525500000000").await.expect("it rings");
    heard.push(greeting.text());
    for words in ["me robaron la tarjeta", "ocho seis siete cinco", "sí", "no"] {
        match caller.say(words).await {
            Ok(said) => heard.push(said.text()),
            // Handed over or over already.
            Err(_) => break,
        }
    }
    caller.call_sid().to_owned()
}

#[tokio::test]
async fn no_secret_is_in_a_guest_a_log_the_audit_or_a_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let (bank, file) = (folder.path().join("sctbnk"), folder.path().join(DATABASE));
    project(&bank).await;
    let desk = Desk::new(DESK_KEY);
    let listening = desk.serve().await.expect("it listens");
    let (base, database) = (listening.base.clone(), format!("sqlite:{}", file.display()));
    let url = database.clone();
    let variables: Variables = Arc::new(move |name: &str| match name {
        "CENTRALITA_BIND" | "CENTRALITA_ADMIN_BIND" => Some("127.0.0.1:0".into()),
        "TWILIO_AUTH_TOKEN" => Some(TWILIO.into()),
        "ENCRYPTION_KEY" => Some(SEALED_BY[..32].into()),
        "DATABASE_URL" => Some(url.clone()),
        "RATE_LIMIT_PER_MINUTE" => Some("0".into()),
        "FRESHDESK_API_URL" => Some(base.clone()),
        "FRESHDESK_API_KEY" => Some(DESK_KEY.into()),
        _ => None,
    });
    let (logged, _listening) = Logged::listen(tracing::Level::DEBUG);
    record();
    let Ok(settings) = settings::read(Mode::Dev, &*variables, &|_| String::new(), true) else { panic!("the settings of the test") };
    let start = Start {
        project: bank,
        cache: None,
        compiler: None,
        fresh: false,
        clients: None,
        watch: false,
        desk: Some(desk.clone()),
        stubbed: false,
        admin_token: PAGES.into(),
    };
    let server = Server::start(settings, start, variables).await.expect("it serves");
    let signer = Signer::parse(TWILIO).expect("a token");
    let line = Arc::new(Line::new(format!("http://{}", server.public).parse().expect("a URL"), Some(signer), None).expect("a line"));
    let mut side = sqlx::SqliteConnection::connect(&database).await.expect("a connection");
    let (mut heard, mut calls) = (Vec::new(), Vec::new());

    // As it should be; then with a desk that executes and never answers; then without the cards' table.
    calls.push(report(&line, &mut heard).await);
    assert!(desk.tickets().len() == 1, "a ticket was opened: {heard:?}");
    sqlx::query("delete from blocking_requests").execute(&mut side).await.expect("empty");
    desk.fault(Fault::Truncated, On::All, None);
    calls.push(report(&line, &mut heard).await);
    desk.clear_faults();
    sqlx::query("alter table cards rename to gone").execute(&mut side).await.expect("renamed");
    calls.push(report(&line, &mut heard).await);
    sqlx::query("alter table gone rename to cards").execute(&mut side).await.expect("renamed");

    let guests = record();
    assert!(guests.windows(10).any(|window| window == b"tok_phone_"), "guests were given tokens");
    let mut leaks = found("a guest", &guests);
    let log = logged.bytes();
    assert!(log.len() > 1000, "something was logged");
    leaks.extend(found("the log", &log));
    for row in sqlx::query("select record from audit").fetch_all(&mut side).await.expect("rows") {
        leaks.extend(found("the audit", row.get::<Vec<u8>, _>(0).as_slice()));
    }
    let pages = crate::egress::client().build().expect("a client");
    let get = |path: String, cookie: String| pages.get(format!("http://{}{path}", server.admin)).header("cookie", cookie).send();
    let entered = get(format!("/?token={PAGES}"), String::new()).await.expect("a page");
    let cookie = entered.headers()["set-cookie"].to_str().expect("text").split(';').next().unwrap_or_default().to_owned();
    let traces = calls.iter().map(|call| format!("/api/calls/{call}/trace"));
    for path in ["/", "/metrics", "/api/release"].map(str::to_owned).into_iter().chain(traces) {
        let page = get(path.clone(), cookie.clone()).await.expect("a page");
        assert_eq!(page.status(), 200, "{path}");
        let mut there = found(&path, &page.bytes().await.expect("bytes"));
        // What the caller said is there as the caller said it.
        there.retain(|leak| !path.ends_with("/trace") || !leak.contains(DIGITS));
        leaks.extend(there);
    }
    // The bank's own tables hold them, and so prove that they are found where they are.
    let mut own = std::fs::read(&file).expect("the database");
    own.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    assert!([PHONE, NAME, CARD].iter().all(|secret| found("the bank", &own).iter().any(|found| found.contains(secret))));
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    server.stop();
}
