//! A storm: many calls at a desk with every fault there is, while the program is killed again and again.
//!
//! Lives here: the callers, the desk's weather, the killer, and the judgement of `design.md`, invariant 3: a confirmed call has
//! one row for its card and one open ticket, any other call has none, and who stays on the line comes to the end.
//! Never here: single moments (`crash.rs`, `failpoints.rs`), callers who know more than one way (`random.rs`).
//!
//! Forty calls on each database in the suite. In full, as `docs/reliability.md` cites it: `CENTRALITA_STORM_CALLS=1000
//! CENTRALITA_TEST_SERVER=target/release/centralita cargo test -p centralita-tests --test calls storm -- --nocapture`;
//! `CENTRALITA_STORM_SEED` draws another one.

use crate::house::{BOTH, rows};
use crate::random::number;
use crate::serving::{Serving, outcome};
use crate::site::{RING, Site, text, true_to};
use crate::truth::all;
use centralita::phone::Line;
use centralita::standin::desk::{Fault, On as Asked};
use centralita::twilio::read::read;
use centralita::twilio::twiml::Verb;
use fastrand::Rng;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Calls that are open at the same time.
const AT_ONCE: usize = 16;
/// How long a caller's network asks again when nobody answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much there is of everything.
#[derive(Clone, Copy)]
struct Size {
    calls: u32,
    /// The program dies at least so often.
    kills: u32,
    /// The wait for a lost answer; what is late is late by five to twenty of them.
    settle: Duration,
}

impl Size {
    fn asked() -> Self {
        match number("CENTRALITA_STORM_CALLS", 40) {
            calls @ 0..200 => Self { calls, kills: calls / 10, settle: Duration::from_millis(100) },
            calls => Self { calls, kills: calls / 10, settle: Duration::from_secs(1) },
        }
    }
}

/// What a caller does at the question whether to block the card.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Confirms,
    SaysNo,
    LeavesBefore,
    /// Hangs up while the yes is under way: it may be heard or not.
    LeavesDuring,
}

impl Deed {
    fn of(draw: &mut Rng) -> Self {
        match draw.u32(0..10) {
            0 => Self::SaysNo,
            1 => Self::LeavesBefore,
            2 => Self::LeavesDuring,
            _ => Self::Confirms,
        }
    }
}

/// The next requests' faults, by chance; one in three has none.
fn weather(site: &Site, draw: &mut Rng, size: Size) {
    for _ in 0..size.calls * 4 {
        let (fault, asked) = match draw.u32(0..24) {
            0..8 => (Fault::Latency(Duration::ZERO), Asked::Create),
            8..10 => (Fault::Latency(size.settle * draw.u32(1..4)), Asked::Create),
            10..12 => (Fault::DropBefore, Asked::Create),
            12..14 => (Fault::DropAfter, Asked::Create),
            14..17 => (Fault::LateCommit(size.settle * draw.u32(5..20)), Asked::Create),
            17 => (Fault::Status500, Asked::Create),
            18 => (Fault::Html502, Asked::Create),
            19 => (Fault::Storm429 { retry_after: 1 }, Asked::Create),
            20 => (Fault::Truncated, Asked::Create),
            21 => (Fault::SlowBody(Duration::from_millis(20)), Asked::Create),
            22 => (Fault::Html502, Asked::All),
            _ => (Fault::DropBefore, Asked::All),
        };
        site.desk.fault(fault, asked, Some(1));
    }
}

/// A call of the storm, as its network knows it.
struct Call {
    site: Arc<Site>,
    line: Arc<Line>,
    sid: String,
    from: String,
    action: String,
    turn: u32,
}

impl Call {
    fn form(&self, extra: &[(&str, &str)]) -> Vec<(String, String)> {
        let status = if extra.iter().any(|(name, _)| *name == "CallStatus") { &[][..] } else { &[("CallStatus", "in-progress")][..] };
        let about = [("CallSid", self.sid.as_str()), ("From", &self.from), ("To", crate::house::LINE)];
        about.iter().chain(status).chain(extra).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn url(&self, path: &str) -> reqwest::Url {
        self.line.webhook().unwrap().join(path).unwrap()
    }

    /// Posts until somebody answers, the same each time.
    async fn post(&self, path: &str, form: &[(String, String)], event: &str) -> String {
        let (began, url) = (Instant::now(), self.url(path));
        loop {
            if let Ok(answer) = self.line.post(&url, form, event).await {
                assert_eq!(answer.status, 200, "{} {path}: {}", self.sid, answer.body);
                return answer.body;
            }
            assert!(began.elapsed() < PATIENCE, "{} {path}: nobody answers", self.sid);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Takes a turn, and waits where the caller is asked to.
    async fn turn(&mut self, extra: &[(&str, &str)]) -> String {
        self.turn += 1;
        let (event, form) = (format!("{}-{}", self.sid, self.turn), self.form(extra));
        let mut path = self.action.clone();
        loop {
            let reply = self.post(&path, &form, &event).await;
            let verbs = read(&reply).unwrap().0;
            let redirect = verbs.iter().find_map(|verb| if let Verb::Redirect(to) = verb { Some(to.clone()) } else { None });
            let Some(to) = redirect else {
                self.action = verbs.into_iter().find_map(|verb| if let Verb::Gather(gather) = verb { Some(gather.action) } else { None }).unwrap_or_default();
                return reply;
            };
            path = to;
        }
    }

    async fn hang_up(&self) {
        self.post("/webhooks/twilio/status", &self.form(&[("CallStatus", "completed")]), &format!("{}-end", self.sid)).await;
    }

    /// The whole call. What is said of the report is held against the rows at once.
    async fn run(&mut self, deed: Deed, draw: &mut Rng) {
        let ring = self.turn(&[]).await;
        assert!(!self.action.is_empty(), "{}: {ring}", self.sid);
        think(draw).await;
        self.turn(&[("SpeechResult", "me robaron la tarjeta")]).await;
        think(draw).await;
        let last4 = self.from[self.from.len() - 4..].to_owned();
        let question = self.turn(&[("Digits", &last4)]).await;
        assert!(question.contains("¿Confirmas?"), "{}: {question}", self.sid);
        think(draw).await;
        match deed {
            Deed::LeavesBefore => {}
            Deed::SaysNo => {
                let reply = text(&self.turn(&[("Digits", "2")]).await);
                assert!(!reply.contains("registrado"), "{}: {reply}", self.sid);
            }
            Deed::LeavesDuring => {
                let (line, url, form) = (self.line.clone(), self.url(&self.action), self.form(&[("Digits", "1")]));
                let yes = tokio::spawn(async move { line.post(&url, &form, "cut").await.is_ok() });
                tokio::time::sleep(Duration::from_millis(draw.u64(0..200))).await;
                yes.abort();
            }
            Deed::Confirms => {
                let reply = self.turn(&[("Digits", "1")]).await;
                true_to(&reply, &self.site.requests(&self.sid).await, &self.site.desk.tickets());
                think(draw).await;
                let farewell = self.turn(&[("SpeechResult", "no gracias")]).await;
                assert!(farewell.contains("Gracias por llamar"), "{}: {farewell}", self.sid);
            }
        }
        self.hang_up().await;
    }
}

async fn think(draw: &mut Rng) {
    tokio::time::sleep(Duration::from_millis(draw.u64(200..1_000))).await;
}

/// Kills the program and starts it again until there are no calls any more. How often.
fn kill_again_and_again(site: &Site, serving: Serving, seed: u64, over: &AtomicBool) -> (Serving, u32) {
    let (mut serving, mut kills, mut draw) = (serving, 0, Rng::with_seed(seed));
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(draw.u64(50..1_500)));
        serving.kill();
        serving = site.serve();
        kills += 1;
    }
    (serving, kills)
}

/// Every call as it must be; how many confirmed, and how many tickets were one too many.
async fn judge(site: &Site, deeds: &[(String, Deed)]) -> (usize, usize) {
    let tickets = site.desk.tickets();
    let (mut confirmed, mut open) = (0, 0);
    for (sid, deed) in deeds {
        let requests = site.requests(sid).await;
        match deed {
            Deed::Confirms => assert_eq!(requests.len(), 1, "{sid}"),
            Deed::LeavesDuring => assert!(requests.len() <= 1, "{sid}: {requests:?}"),
            Deed::SaysNo | Deed::LeavesBefore => assert!(requests.is_empty(), "{sid}: {requests:?}"),
        }
        for request in requests {
            let of_code = site.open_tickets(&request[1]);
            assert_eq!(of_code.len(), 1, "{sid}: {of_code:?}");
            assert_eq!((request[0].as_str(), &request[2]), ("ticketed", &of_code[0]["id"].to_string()), "{sid}");
            confirmed += 1;
            open += 1;
        }
    }
    assert_eq!(site.open_tickets("").len(), open, "a ticket is nobody's");
    (confirmed, tickets.len() - open)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_kills_and_faults_leaves_one_row_and_one_open_ticket_for_each_confirmed_call() {
    let (size, seed) = (Size::asked(), number("CENTRALITA_STORM_SEED", 1));
    for on in BOTH {
        let Some((mut site, serving)) = Site::open(on, "a_storm").await else { continue };
        serving.kill();
        crate::load::generous(&site.project);
        site.desk.limit(1_000_000, Duration::from_secs(3_600));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        site.more = vec![
            ("CENTRALITA_BIND", port.to_string()),
            ("CENTRALITA_SETTLE_MS", size.settle.as_millis().to_string()),
            ("CENTRALITA_LEASE_MS", (size.settle * 20).as_millis().to_string()),
        ];
        let mut draw = Rng::with_seed(seed);
        weather(&site, &mut draw, size);
        let (began, site) = (Instant::now(), Arc::new(site));
        let serving = site.serve();
        let line = serving.line.clone();
        let over = Arc::new(AtomicBool::new(false));
        let killer = {
            let (site, over) = (site.clone(), over.clone());
            tokio::task::spawn_blocking(move || kill_again_and_again(&site, serving, seed, &over))
        };
        let (free, mut callers, mut deeds) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new(), Vec::new());
        for n in 0..size.calls {
            let permit = free.clone().acquire_owned().await.unwrap();
            let (sid, deed, mut draw) = (format!("CA{n:032x}"), Deed::of(&mut draw), draw.fork());
            deeds.push((sid.clone(), deed));
            let mut call = Call { site: site.clone(), line: line.clone(), sid, from: format!("+52551000{n:04}"), action: RING.into(), turn: 0 };
            callers.spawn(async move {
                call.run(deed, &mut draw).await;
                drop(permit);
            });
        }
        all(callers).await;
        over.store(true, Ordering::Relaxed);
        let (serving, kills) = killer.await.unwrap();
        let told = began.elapsed();
        site.nothing_left(Duration::from_secs(600)).await;
        assert!(kills >= size.kills, "{kills} kills are no storm");
        let dead = rows(&site.database, "select call, cast(run as text), last_error, cast(attempts as text) from owed where state = 'dead'").await;
        assert!(dead.is_empty(), "given up: {dead:?}");
        let (confirmed, surplus) = judge(&site, &deeds).await;
        serving.kill();
        let audit = outcome(&["audit", "verify"], &site.variables());
        assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
        eprintln!(
            "{on:?}: {} calls from seed {seed}, {kills} kills, {:.0} s, nothing left after {:.0} s: {confirmed} confirmed calls, each with one row and one open ticket; {surplus} tickets were one too many and are closed; {}",
            size.calls,
            told.as_secs_f64(),
            began.elapsed().as_secs_f64(),
            String::from_utf8_lossy(&audit.stdout).trim()
        );
    }
}
