//! Many callers at once who think between their turns, with a model and a desk that are slow now and then.
//!
//! Lives here: the callers, and what is held of them. The suite runs a short piece; in full, against a server in a process of
//! its own: `CENTRALITA_LOAD_MINUTES=10 CENTRALITA_LOAD_SERVER=target/release/centralita cargo test -p centralita-tests
//! --test calls load::callers -- --nocapture --test-threads 1`.
//! Never here: figures of single parts (`benches`), callers by chance (`random.rs`).

use crate::house::{Changes, DESK_KEY, Folder, House, LINE, On, TOKEN, bank};
use crate::swaps::resident;
use crate::truth::open;
use axum::routing::post;
use axum::{Json, Router};
use centralita::phone::{Caller, Heard, Line, Next};
use centralita::standin::desk::{Desk, Fault, Listening, On as Asked};
use centralita::twilio::signature::Signer;
use centralita::twilio::twiml::APOLOGY;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// What every turn has to hold.
const LIMIT: Duration = Duration::from_secs(2);
/// How long the model takes.
const MODEL: Duration = Duration::from_millis(400);
/// One ticket in so many takes the desk this long.
const SLOW: (usize, Duration) = (20, Duration::from_secs(4));

/// Clients of a server in a process of its own; a house of the tests has those of the demo.
const CLIENTS: usize = 30_000;
/// How much a server's memory may grow between a quarter of the time and the end.
const GROWTH: f64 = 0.05;

/// Where the callers call.
struct Ground {
    line: Arc<Line>,
    desk: Desk,
    clients: usize,
    /// Whose memory is looked at: `self`, or a process by its number.
    process: String,
    _held: Held,
}

/// What has to stay until the callers are done.
enum Held {
    House { _house: Arc<House> },
    Apart { server: Child, _folder: Folder, _listening: Listening },
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Self::Apart { server, .. } = self {
            // It may have ended by itself.
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Ground {
    async fn house(name: &str, variables: Vec<(&'static str, String)>, project: fn(&Path)) -> Self {
        let house = open(On::Sqlite, name, Changes { variables, project: Some(project), ..Changes::default() }).await.unwrap();
        let (line, desk) = (house.line.clone(), house.desk.clone());
        Self { line, desk, clients: 1_000, process: "self".to_owned(), _held: Held::House { _house: house } }
    }

    /// The server as people run it, with the desk and the callers outside.
    async fn apart(binary: PathBuf, variables: Vec<(&'static str, String)>, change: fn(&Path)) -> Self {
        let folder = Folder::new();
        let project = bank(&folder.0).await;
        change(&project);
        let desk = Desk::new(DESK_KEY);
        // Nor is the account's.
        desk.limit(1_000_000, Duration::from_secs(3_600));
        let listening = desk.serve().await.unwrap();
        // A port that was free a moment ago.
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (bind, admin) = (free(), free());
        let server = Command::new(std::fs::canonicalize(binary).unwrap())
            .args(["dev", "--fresh", "--clients", &CLIENTS.to_string(), "--project"])
            .arg(&project)
            .current_dir(&folder.0)
            .env("CENTRALITA_BIND", bind.to_string())
            .env("CENTRALITA_ADMIN_BIND", admin.to_string())
            .env("TWILIO_AUTH_TOKEN", TOKEN)
            .env("FRESHDESK_API_URL", &listening.base)
            .env("FRESHDESK_API_KEY", DESK_KEY)
            .env("OPENAI_MODEL", "standin")
            .env("RATE_LIMIT_PER_MINUTE", "0")
            .env("LOG_LEVEL", "error")
            .envs(variables)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let process = server.id().to_string();
        let base = format!("http://{bind}");
        let held = Held::Apart { server, _folder: folder, _listening: listening };
        let began = Instant::now();
        while tokio::net::TcpStream::connect(bind).await.is_err() {
            assert!(began.elapsed() < Duration::from_secs(120), "the server does not listen at {bind}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let line = Arc::new(Line::new(base.parse().unwrap(), Some(Signer::parse(TOKEN).unwrap()), None).unwrap());
        Self { line, desk, clients: CLIENTS, process, _held: held }
    }
}

/// What came of a caller's calls.
#[derive(Default)]
struct Tally {
    calls: usize,
    answers: Vec<Duration>,
    faults: Vec<String>,
}

/// Somebody who calls again and again.
struct Load {
    ground: Ground,
    until: Instant,
    next_number: AtomicUsize,
    tickets: AtomicUsize,
}

/// A server that says `start flow block_card` to whatever it is asked, after a while.
async fn model() -> String {
    let answer = json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "start flow block_card"}, "finish_reason": "stop"}]});
    let answers = || async move {
        tokio::time::sleep(MODEL).await;
        Json(answer)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/chat/completions", post(answers))).await });
    base
}

/// More tickets an hour than the desk's own quota: its quota is not what is measured.
pub(crate) fn generous(project: &Path) {
    let file = project.join("plugins.yml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, text.replace("rate_per_hour: 1000", "rate_per_hour: 100000")).unwrap();
}

fn by_relay(project: &Path) {
    generous(project);
    std::fs::write(project.join("credentials.yml"), "twilio_voice: {language: es-MX, relay: {}}\n").unwrap();
}

/// Between one and three seconds.
async fn think() {
    let drawn = u64::from(getrandom::u32().unwrap()) % 2_000;
    tokio::time::sleep(Duration::from_millis(1_000 + drawn)).await;
}

impl Load {
    async fn calls(&self) -> Tally {
        let mut tally = Tally::default();
        while Instant::now() < self.until {
            think().await;
            let number = self.next_number.fetch_add(1, Ordering::Relaxed);
            tally.calls += 1;
            if let Err(fault) = self.call(number, &mut tally).await {
                tally.faults.push(format!("call {number}: {fault}"));
            }
        }
        tally
    }

    /// One call: a report by words, by keys, or by words only a model makes anything of.
    async fn call(&self, number: usize, tally: &mut Tally) -> Result<(), String> {
        let from = format!("+5255100{:05}", number % self.ground.clients);
        let digits = from[from.len() - 4..].to_owned();
        let (mut caller, heard) = Caller::ring(&self.ground.line, &from, LINE).await.map_err(|error| error.to_string())?;
        tally.hear(&heard);
        let wish = match number % 3 {
            0 => "me robaron la tarjeta",
            1 => "ayer subí a un taxi y bajé sin mis cosas, qué hago",
            _ => "keys:1#",
        };
        self.turn(&mut caller, tally, wish, "cuatro dígitos").await?;
        let keys = format!("keys:{digits}#");
        let heard = self.turn(&mut caller, tally, if number.is_multiple_of(2) { &digits } else { &keys }, "").await?;
        if heard.text().contains("¿Confirmas?") {
            if self.tickets.fetch_add(1, Ordering::Relaxed) % SLOW.0 == SLOW.0 - 1 {
                self.ground.desk.fault(Fault::Latency(SLOW.1), Asked::Create, Some(1));
            }
            self.turn(&mut caller, tally, if number.is_multiple_of(2) { "sí" } else { "keys:1#" }, "quedó registrado").await?;
        } else if !heard.text().contains("ya tiene un reporte abierto") {
            return Err(format!("after the digits: {}", heard.text()));
        }
        let heard = self.turn(&mut caller, tally, "no gracias", "").await?;
        if matches!(heard.next, Next::HungUp) { Ok(()) } else { Err(format!("at the end: {}", heard.text())) }
    }

    async fn turn(&self, caller: &mut Caller, tally: &mut Tally, says: &str, expected: &str) -> Result<Heard, String> {
        think().await;
        let heard = match says.strip_prefix("keys:") {
            Some(keys) => caller.keys(keys).await,
            None => caller.say(says).await,
        };
        let heard = heard.map_err(|error| format!("«{says}»: {error}"))?;
        tally.hear(&heard);
        if heard.text().contains(expected) { Ok(heard) } else { Err(format!("after «{says}»: {}", heard.text())) }
    }
}

impl Tally {
    fn hear(&mut self, heard: &Heard) {
        self.answers.push(heard.first);
        if heard.text().contains(APOLOGY) {
            self.faults.push("an apology".to_owned());
        }
    }
}

#[expect(clippy::print_stdout, reason = "the figures of the full run")]
async fn load(name: &str, callers: usize, seconds: u64, project: fn(&Path)) {
    let variables = vec![("OPENAI_BASE_URL", model().await), ("CENTRALITA_ANSWER_MS", "1800".to_owned())];
    let ground = match std::env::var_os("CENTRALITA_LOAD_SERVER") {
        Some(binary) => Ground::apart(binary.into(), variables, project).await,
        None => Ground::house(name, variables, project).await,
    };
    let process = ground.process.clone();
    let until = Instant::now() + Duration::from_secs(seconds);
    let load = Arc::new(Load { ground, until, next_number: AtomicUsize::new(0), tickets: AtomicUsize::new(0) });
    let mut all = JoinSet::new();
    for _ in 0..callers {
        let load = load.clone();
        all.spawn(async move { load.calls().await });
    }
    tokio::time::sleep(Duration::from_secs(seconds / 4)).await;
    let early = resident(&process);
    let mut sum = Tally::default();
    while let Some(tally) = all.join_next().await {
        let tally = tally.unwrap();
        sum.calls += tally.calls;
        sum.answers.extend(tally.answers);
        sum.faults.extend(tally.faults);
    }
    let late = resident(&process);
    sum.answers.sort_unstable();
    let at = |percent: usize| sum.answers[(sum.answers.len() * percent).div_ceil(100).saturating_sub(1)].as_secs_f64() * 1e3;
    println!(
        "{name}: {callers} callers, {seconds} s, {} calls, {} turns; first answer p50 {:.1}, p99 {:.1}, most {:.1} ms; {} tickets, {} faults; resident {early:.0} MiB after a quarter, {late:.0} MiB at the end",
        sum.calls,
        sum.answers.len(),
        at(50),
        at(99),
        at(100),
        load.ground.desk.tickets().len(),
        sum.faults.len(),
    );
    assert!(sum.faults.is_empty(), "{:?}", &sum.faults[..sum.faults.len().min(10)]);
    // The suite runs beside other tests: how long an answer takes is held by the full run alone.
    if seconds >= 60 {
        // The tests' own logs and plugins' bytes, kept to be searched, are in this process's memory.
        let grown = late / early - 1.0;
        assert!(process == "self" || grown < GROWTH, "the server's memory grew by {:.1} %", grown * 100.0);
        assert!(sum.answers.last().is_some_and(|most| *most < LIMIT), "a turn took {:.1} ms", at(100));
    }
}

fn minutes() -> Option<u64> {
    std::env::var("CENTRALITA_LOAD_MINUTES").ok().and_then(|minutes| minutes.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_think_are_answered_in_time_by_webhook() {
    let (callers, seconds) = minutes().map_or((12, 8), |minutes| (100, minutes * 60));
    load("by_webhook", callers, seconds, generous).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_think_are_answered_in_time_by_relay() {
    // After the callers by webhook, where both run in full.
    let (callers, seconds) = minutes().map_or((6, 8), |minutes| (25, minutes * 60));
    load("by_relay", callers, seconds, by_relay).await;
}
