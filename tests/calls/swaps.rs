//! Releases swapped under load: every digest another one, every answer with the version that gave it.
//!
//! Twenty of them in the suite; `CENTRALITA_RELOADS=1000` swaps a thousand and prints what `docs/benchmarks.md` cites.

use crate::house::{Changes, House, On};
use crate::reload::{component, replace};
use centralita::phone::Next;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const CALLERS: usize = 6;
/// The bytes of the text that names each action tell which one is run.
const MANIFEST: &str = "name: contextual-greeting
version: 0.1.0
actions:
  action_greet: {writes: [release_version], responses: [utter_greeting_morning]}
  action_farewell: {writes: [release_version], responses: [utter_goodbye_morning]}
";

/// A greeting that says its version at the beginning of a call and at its end.
fn versioned(version: u32) -> Vec<u8> {
    let bits = f64::from(version).to_bits();
    let imports = r#"
        (import "centralita:action/call@0.1.0" "set-slot" (func $set (param i32 i32 i32 i64 i32)))
        (import "centralita:action/call@0.1.0" "respond" (func $say (param i32 i32 i32 i32)))"#;
    let data = r#"
        (data (i32.const 1024) "release_version")
        (data (i32.const 1100) "utter_greeting_morning")
        (data (i32.const 1200) "utter_goodbye_morning")"#;
    let body = format!(
        "(call $set (i32.const 1024) (i32.const 15) (i32.const 2) (i64.const {bits}) (i32.const 0))
         (if (i32.eq (local.get 1) (i32.const 12))
           (then (call $say (i32.const 1100) (i32.const 22) (i32.const 0) (i32.const 0)))
           (else (call $say (i32.const 1200) (i32.const 21) (i32.const 0) (i32.const 0))))
         (i32.const 8192)"
    );
    component(imports, data, &body, MANIFEST)
}

fn project(folder: &Path) {
    let change = |file: &str, from: &str, to: &str| {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    };
    change("domain/slots.yml", "slots:\n", "slots:\n  release_version:\n    type: float\n    mappings: [{type: controlled}]\n");
    change("domain/responses.yml", "Buenos días, soy", "Versión {release_version} fin. Buenos días, soy");
    change("domain/responses.yml", "Gracias por llamar. Que tengas buenos días.", "Versión {release_version} fin.");
    change(
        "plugins.yml",
        "        responses: [utter_greeting_morning, utter_greeting_afternoon, utter_greeting_night]",
        "        writes: [release_version]\n        responses: [utter_greeting_morning]",
    );
    change(
        "plugins.yml",
        "        responses: [utter_goodbye_morning, utter_goodbye_afternoon, utter_goodbye_night]",
        "        writes: [release_version]\n        responses: [utter_goodbye_morning]",
    );
    std::fs::write(folder.join("plugins/contextual-greeting.wasm"), versioned(0)).unwrap();
}

/// The version an answer carries.
fn version(said: &str) -> u32 {
    let said = said.split_once("Versión ").and_then(|(_, rest)| rest.split_once(" fin")).unwrap_or_else(|| panic!("no version in `{said}`"));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    let version = said.0.parse::<f64>().unwrap() as u32;
    version
}

/// What the callers and the one who swaps know of each other.
#[derive(Default)]
struct Known {
    /// The newest version that serves, as far as the server has said.
    serving: AtomicU32,
    done: AtomicBool,
    calls: AtomicUsize,
    /// Calls during which a release was swapped.
    across: AtomicUsize,
}

/// Calls, waits in the middle of the call for the next release, says goodbye, and calls again.
async fn keep_calling(house: Arc<House>, known: Arc<Known>, caller: usize) {
    for call in 0.. {
        if known.done.load(Ordering::SeqCst) {
            break;
        }
        let floor = known.serving.load(Ordering::SeqCst);
        let (mut line, greeted) = house.ring(&format!("+52551000{:04}", caller * 150 + call % 150)).await;
        let began = version(&greeted.text());
        assert!(began >= floor, "a call that began when {floor} served got {began}");
        while known.serving.load(Ordering::SeqCst) <= began && !known.done.load(Ordering::SeqCst) {
            assert!(line.say("repite por favor").await.unwrap().text().contains(&format!("Versión {began} fin")));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let bye = line.say("adiós").await.unwrap();
        assert_eq!(version(&bye.text()), began, "a call ends on the release it began with");
        assert!(matches!(bye.next, Next::HungUp));
        known.calls.fetch_add(1, Ordering::SeqCst);
        known.across.fetch_add(usize::from(known.serving.load(Ordering::SeqCst) > began), Ordering::SeqCst);
    }
}

/// Resident memory of this process in MiB: server, callers and desk together.
pub(crate) fn resident(process: &str) -> f64 {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).unwrap();
    statm.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0 / f64::from(1 << 20)
}

fn mean(samples: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    let count = samples.len() as f64;
    samples.iter().sum::<f64>() / count
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_ends_on_the_release_it_began_with_and_every_later_one_gets_the_new() {
    let times: u32 = std::env::var("CENTRALITA_RELOADS").ok().and_then(|times| times.parse().ok()).unwrap_or(20);
    let changes = Changes { watch: true, project: Some(project), ..Changes::default() };
    let house = Arc::new(House::with(On::Sqlite, "every_call_ends_on", changes).await.unwrap());
    let path = house.project.join("plugins/contextual-greeting.wasm");
    let known = Arc::new(Known::default());
    let mut callers = tokio::task::JoinSet::new();
    (0..CALLERS).for_each(|caller| drop(callers.spawn(keep_calling(house.clone(), known.clone(), caller))));
    let (mut took, mut memory) = (Vec::new(), Vec::new());
    let mut current = house.server.app.releases.current().digest.clone();
    for time in 1..=times {
        let bytes = versioned(time);
        let began = Instant::now();
        replace(&path, &bytes);
        while house.server.app.releases.current().digest == current {
            assert!(began.elapsed() < Duration::from_secs(60), "release {time} never came");
            if let Some(ended) = callers.try_join_next() {
                ended.unwrap();
                panic!("a caller has gone");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        took.push(began.elapsed());
        current.clone_from(&house.server.app.releases.current().digest);
        known.serving.store(time, Ordering::SeqCst);
        memory.push(resident("self"));
    }
    // Whoever is in a call hears their own version once more.
    tokio::time::sleep(Duration::from_millis(200)).await;
    known.done.store(true, Ordering::SeqCst);
    while let Some(ended) = callers.join_next().await {
        ended.unwrap();
    }
    let (calls, across) = (known.calls.load(Ordering::SeqCst), known.across.load(Ordering::SeqCst));
    assert!(across > 0, "{calls} calls, none of them over a swap");
    took.sort();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)].as_millis();
    let tenth = (memory.len() / 10).clamp(1, 100);
    let (first, last) = (mean(&memory[..tenth]), mean(&memory[memory.len() - tenth..]));
    eprintln!(
        "{times} releases, {calls} calls, {across} of them over a swap, 0 failed turns; rename to serving p50 {} ms, p99 {} ms, most {} ms; \
         resident {first:.1} MiB over the first {tenth}, {last:.1} MiB over the last {tenth} ({:+.1} %)",
        at(50),
        at(99),
        took.last().unwrap().as_millis(),
        (last / first - 1.0) * 100.0
    );
}
