//! Turns through the server's own code, without the wire: late against early ones, and who understood them.
//!
//! Lives here: the conversations.
//! Never here: HTTP (`centralita call` measures that).

use crate::figure;
use crate::house::House;
use centralita_engine::{Event, LIKELY, SURE, Source, Via, matched, typed};
use std::collections::BTreeMap;
use std::time::Instant;

/// Calls of a thousand turns.
const LONG_CALLS: usize = 10;
/// How often each example is understood again.
const AGAIN: usize = 20;

/// Turns 6 to 15 against turns 996 to 1,005 of the same calls.
pub(crate) async fn early_and_late(house: &House) {
    let (mut early, mut late) = (Vec::new(), Vec::new());
    let mut bytes = (0, 0);
    for _ in 0..LONG_CALLS {
        let mut call = house.ring().await;
        call.says("me robaron la tarjeta").await;
        for turn in 2..=1005 {
            let began = Instant::now();
            call.says("¿puedes repetir?").await;
            match turn {
                6..=15 => early.push(began.elapsed()),
                996..=1005 => late.push(began.elapsed()),
                _ => {}
            }
            if turn == 15 {
                bytes.0 = call.snapshot_bytes().await;
            }
        }
        bytes.1 = call.snapshot_bytes().await;
        let asked = call.events().await.iter().filter(|event| matches!(event, Event::Understood { .. })).count();
        assert_eq!(asked, 1005, "the call went on to its last turn");
    }
    figure::print("turns: turn 10 (6 to 15)", early.clone());
    figure::print("turns: turn 1,000 (996 to 1,005)", late.clone());
    println!("turns: the stored state has {} bytes after turn 15, {} after turn 1,005", bytes.0, bytes.1);
    println!("turns: turn 1,000 against turn 10 (medians)    {:.2} x", figure::median(late) / figure::median(early));
}

/// Who understood the turns of usual calls, and what understanding costs for every example of the project.
pub(crate) async fn understanding(house: &House) {
    let calls: [&[&str]; 7] = [
        &["Me robaron la tarjeta, necesito bloquearla", "{last4}", "sí", "no"],
        &["perdí mi tarjeta", "termina en {last4}, por favor", "claro que sí", "no, gracias"],
        &["no encuentro mi débito", "no me los sé", "todas", "sí", "no"],
        &["quiero bloquear mi tarjeta", "{last4}", "no", "no"],
        &["necesito bloquear mi tarjeta", "¿puedes repetir?", "{last4}", "sí por favor", "sí"],
        &["quiero hablar con alguien"],
        &["quisiera saber del clima", "me robaron el plástico", "{last4}", "sí", "no"],
    ];
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    for words in calls {
        let mut call = house.ring().await;
        for text in words {
            let text = text.replace("{last4}", &call.last4());
            call.says(&text).await;
        }
        for event in call.events().await {
            if let Event::Understood { by: source, .. } = event {
                *by.entry(named(source)).or_default() += 1;
            }
        }
    }
    let all: usize = by.values().sum();
    let alone = by.get("typed").copied().unwrap_or(0) + by.get("matcher").copied().unwrap_or(0);
    println!("understand: {alone} of {all} turns without a model ({:.0} %): {by:?}", 100.0 * alone as f64 / all as f64);

    let release = house.server.app.releases.current();
    let project = &release.project;
    let mut call = house.ring().await;
    let asked_what = call.state().await;
    call.says("me robaron la tarjeta").await;
    let asked_last4 = call.state().await;
    let text = std::fs::read_to_string(house.project.join("data/nlu.yml")).unwrap();
    let examples: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("- ")).filter(|line| !line.starts_with("intent:")).collect();
    let mut samples = Vec::new();
    for _ in 0..AGAIN {
        for example in &examples {
            for state in [&asked_what, &asked_last4] {
                let began = Instant::now();
                let answered = typed(project, state, example, Via::Speech);
                if !answered && matched(project, state, example).at(SURE).is_empty() {
                    std::hint::black_box(matched(project, state, example).at(LIKELY));
                }
                samples.push(began.elapsed());
            }
        }
    }
    figure::print("understand: typed, then matcher", samples);
}

const fn named(source: Source) -> &'static str {
    match source {
        Source::Typed => "typed",
        Source::Matcher => "matcher",
        Source::Model => "model",
        Source::Payload => "payload",
        Source::Nobody => "nobody",
    }
}
