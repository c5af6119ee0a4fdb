//! Callers drawn from seeds, with everything a network may do to their calls: each comes to an outcome of a closed list,
//! whatever is said is true when it is said, and tickets are the confirmed requests, no more and no fewer.
//!
//! Lives here: who calls from where, a desk that fails now and then, and judging from outside: words against rows.
//! Never here: the callers and the network themselves (`host/src/phone/random`).
//!
//! Thirty calls on each database in the suite; `CENTRALITA_RANDOM_CALLS=2000` makes more and prints what
//! `docs/benchmarks.md` cites. A failure names its seed: `CENTRALITA_RANDOM_SEED=… CENTRALITA_RANDOM_CALLS=1` makes it again.

use crate::house::{BOTH, Changes, House, LINE};
use crate::truth::{open, requests, spelled};
use centralita::phone::{Outcome, RandomCall};
use centralita::standin::desk::{Fault, On as Asked};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Calls that are open at the same time.
const AT_ONCE: usize = 8;
/// The desk's state changes with every so many calls, so that a seed alone finds the same desk.
const SPELL: u64 = 4;

/// A number that a variable may give.
pub(crate) fn number<T: std::str::FromStr>(variable: &str, usual: T) -> T {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Where the caller of a seed calls from: mostly a client's own telephone, at times one with more cards, or nobody's.
fn from(seed: u64) -> String {
    match seed % 20 {
        3 => "+525500000001".to_owned(),
        7 => "+525500000002".to_owned(),
        11 | 16 => format!("+52559900{:04}", seed % 10_000),
        _ => format!("+52551000{:04}", seed % 1000),
    }
}

/// How the desk is while the calls of this seed begin.
fn weather(seed: u64) -> Option<(Fault, Asked)> {
    match seed / SPELL % 6 {
        1 => Some((Fault::Latency(Duration::from_millis(700)), Asked::Create)),
        2 => Some((Fault::Latency(Duration::from_millis(450)), Asked::All)),
        3 => Some((Fault::Status500, Asked::All)),
        4 => Some((Fault::DropAfter, Asked::Create)),
        _ => None,
    }
}

/// What one call came to, as its caller and the network know it.
struct Done {
    seed: u64,
    call: String,
    outcome: Option<Outcome>,
    confirmed: bool,
    turns: usize,
    told: Vec<String>,
}

/// Makes the call of a seed; whatever is said is looked up before the next word.
async fn call(house: Arc<House>, seed: u64) -> Result<Done, String> {
    let mut call = RandomCall::new(&house.line, seed, &from(seed), LINE).map_err(|trouble| trouble.to_string())?;
    let sid = call.call_sid().to_owned();
    let mut told = Vec::new();
    while let Some(said) = call.turn(&mut |line| told.push(line.to_owned())).await {
        if let Err(untrue) = is_true(&house, &sid, &from(seed), &said).await {
            return Err(format!("{untrue}\n{}", told.join("\n")));
        }
    }
    let came = call.came_to();
    match came.faults.as_slice() {
        [] => Ok(Done { seed, call: sid, outcome: came.outcome, confirmed: came.confirmed, turns: came.turns.len(), told }),
        faults => Err(format!("{}\n{}", faults.join("; "), told.join("\n"))),
    }
}

fn holds(holds: bool, what: &str, said: &str, seen: &impl Debug) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("«{said}» was said, but {what}: {seen:?}")) }
}

/// Whether every claim in `said` is so now, by the rows and the desk.
async fn is_true(house: &House, sid: &str, from: &str, said: &str) -> Result<(), String> {
    const CLAIMS: [&str; 10] =
        ["registrado", "ticket", "bloqueada", "Dejé anotado", "reporte abierto", "sigue abierto", "Continuamos", "no reporté", "guardado", "No encuentro"];
    if !CLAIMS.iter().any(|claim| said.contains(claim)) {
        return Ok(());
    }
    let rows = requests(house, sid).await;
    let blocks: Vec<_> = rows.iter().filter(|row| row.kind == "block").collect();
    if said.contains("quedó registrado") {
        holds(!blocks.is_empty() && blocks.iter().all(|row| said.contains(&spelled(&row.code))), "no row of this call has its code", said, &rows)?;
    }
    if said.contains("número de ticket es") {
        let there = |id: &str| house.desk.tickets().iter().any(|ticket| ticket["id"].as_u64() == id.parse().ok());
        let known = blocks.iter().all(|row| said.contains(&spelled(&row.ticket)) && there(&row.ticket));
        holds(!blocks.is_empty() && known, "the rows or the desk have no such ticket", said, &rows)?;
    }
    if said.contains("queda pendiente") || said.contains("reporte está guardado") {
        let owed = house.rows(&format!("select state from owed where call = '{sid}'")).await;
        holds(!blocks.is_empty() && !owed.is_empty(), "nothing is owed", said, &(&rows, owed))?;
    }
    if said.contains("todavía no está") {
        let sql = format!("select cards.status from cards join blocking_requests on reference = card_reference where call = '{sid}'");
        let cards = house.rows(&sql).await;
        holds(!blocks.is_empty() && cards.iter().all(|card| card[0] == "active"), "that is not so", said, &(&rows, cards))?;
    }
    if said.contains("ya está bloqueada") {
        let blocked = house.rows("select last_four_digits from cards where status = 'blocked'").await;
        holds(blocked.iter().any(|card| said.contains(&spelled(&card[0]))), "no such card is blocked", said, &blocked)?;
    }
    if said.contains("Dejé anotado") {
        holds(rows.iter().any(|row| row.kind != "block" && row.code.is_empty()), "nothing is noted", said, &rows)?;
    }
    if said.contains("no lo confirmaste") || said.contains("Continuamos con tu reporte") {
        let sql = format!("select call from blocking_requests where status = 'abandoned' and processed_at is null and callback_number = '{from}'");
        let left = house.rows(&sql).await;
        holds(!left.is_empty(), "this number has left no report open", said, &left)?;
    } else if said.contains("reporte abierto") || said.contains("sigue abierto") {
        let open = house.rows("select code from blocking_requests where status in ('pending', 'ticketed')").await;
        holds(open.iter().any(|row| said.contains(&spelled(&row[0]))), "no open request has this code", said, &open)?;
    }
    if said.contains("no reporté ninguna") {
        holds(blocks.is_empty(), "a card is reported", said, &rows)?;
    }
    Ok(())
}

/// Waits until nothing is owed any more.
async fn settled(house: &House) {
    let began = Instant::now();
    loop {
        let due = house.rows("select cast(count(*) as text) from owed where state = 'due'").await;
        if due[0][0] == "0" {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{} tickets are still owed after two minutes", due[0][0]);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// One row per card and one ticket for every call that confirmed, and nothing at all for the others.
async fn judge(house: &House, done: &[Done]) {
    let tickets = house.desk.tickets();
    let carrying = |code: &str| tickets.iter().filter(|ticket| ticket["description"].as_str().is_some_and(|text| text.contains(code))).collect::<Vec<_>>();
    let mut codes = BTreeSet::new();
    for Done { seed, call, confirmed, .. } in done {
        let rows = requests(house, call).await;
        let blocks: Vec<_> = rows.iter().filter(|row| row.kind == "block").collect();
        assert_eq!(!blocks.is_empty(), *confirmed, "seed {seed} from {}: {rows:?}", from(*seed));
        let cards: BTreeSet<_> = blocks.iter().map(|row| &row.card).collect();
        assert_eq!(cards.len(), blocks.len(), "seed {seed}: one row per card: {rows:?}");
        for row in &blocks {
            let its_own = carrying(&row.code);
            assert_eq!(its_own.len(), 1, "seed {seed}: tickets of code {}: {rows:?}", row.code);
            assert_eq!((row.status.as_str(), row.ticket.clone()), ("ticketed", its_own[0]["id"].to_string()), "seed {seed}: {rows:?}");
            codes.insert(row.code.clone());
        }
        let of_this_call: BTreeSet<_> = blocks.iter().map(|row| &row.code).collect();
        assert!(of_this_call.len() <= 1, "seed {seed}: one code for a call: {rows:?}");
    }
    // Where the end of a call is told before the call, nobody tells it again; the line forgets such a call in ten minutes.
    let unheard: BTreeSet<_> = done.iter().filter(|call| !call.told.iter().any(|told| told.starts_with("assistant:"))).map(|call| &call.call).collect();
    let open: Vec<_> = house.rows("select id from calls where status <> 'ended'").await.concat();
    assert!(open.iter().all(|call| unheard.contains(call)), "calls stay open: {open:?}");
    assert_eq!(tickets.len(), codes.len(), "as many tickets as confirmed codes");
    let rows = house.rows("select cast(count(distinct code) as text) from blocking_requests where request_type = 'block'").await;
    assert_eq!(rows[0][0], codes.len().to_string(), "as many codes as calls that confirmed");
}

/// Each of these and how often it came.
fn counts<T: Ord + std::fmt::Display>(all: impl Iterator<Item = T>) -> String {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    counts.iter().map(|(one, times)| format!("{times} {one}")).collect::<Vec<_>>().join(", ")
}

/// What was done in a call besides talking, by kind.
fn mischief(told: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 7] = [
        ("network:   posts it twice", "requests twice at once"),
        ("network:   posts it again", "requests again after the answer"),
        ("network:   an older request comes again at", "older requests during a turn"),
        ("network:   an older request comes again", "older requests between turns"),
        ("network:   the caller hangs up at a redirect", "hang-ups at a redirect"),
        ("network:   the caller hangs up", "hang-ups at a turn"),
        ("caller:    [silence]", "silences"),
    ];
    KINDS.iter().find(|(words, _)| told.starts_with(words)).map(|(_, kind)| *kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn random_callers_come_to_a_known_end_and_tickets_are_the_confirmed_requests() {
    let (first, calls) = (number("CENTRALITA_RANDOM_SEED", 1), number("CENTRALITA_RANDOM_CALLS", 30));
    for on in BOTH {
        // A desk that takes longer than this makes the network ask again, which is a redirect.
        let variables = vec![("CENTRALITA_ANSWER_MS", "300".to_owned()), ("CENTRALITA_MAX_CALLS", "1000".to_owned())];
        let Some(house) = open(on, "random_callers", Changes { variables, project: Some(crate::load::generous), ..Changes::default() }).await else { continue };
        let (began, free) = (Instant::now(), Arc::new(Semaphore::new(AT_ONCE)));
        let (mut open, mut done, mut failed) = (JoinSet::new(), Vec::new(), Vec::new());
        for seed in first..first + calls {
            let permit = free.clone().acquire_owned().await.unwrap();
            if seed == first || seed % SPELL == 0 {
                house.desk.clear_faults();
                weather(seed).into_iter().for_each(|(fault, asked)| house.desk.fault(fault, asked, None));
            }
            let house = house.clone();
            open.spawn(async move {
                let done = call(house, seed).await.map_err(|why| format!("seed {seed} from {}: {why}", from(seed)));
                drop(permit);
                done
            });
        }
        while let Some(ended) = open.join_next().await {
            match ended.unwrap() {
                Ok(call) => done.push(call),
                Err(why) => failed.push(why),
            }
        }
        assert!(failed.is_empty(), "{} of {calls} calls failed:\n{}", failed.len(), failed.join("\n\n"));
        house.desk.clear_faults();
        settled(&house).await;
        judge(&house, &done).await;
        eprintln!(
            "{on:?}: {calls} calls from seed {first}, {} turns heard, {:.0} s: {}. {} tickets, {} calls that confirmed, 0 faults. Meanwhile: {}.",
            done.iter().map(|call| call.turns).sum::<usize>(),
            began.elapsed().as_secs_f64(),
            counts(done.iter().filter_map(|call| call.outcome).map(|outcome| outcome.to_string())),
            house.desk.tickets().len(),
            done.iter().filter(|call| call.confirmed).count(),
            counts(done.iter().flat_map(|call| &call.told).filter_map(|told| mischief(told)))
        );
    }
}
