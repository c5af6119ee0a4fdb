//! What the engine costs: a step, a typed answer, a guess of the matcher.
//!
//! Lives here: the moments of a call that are measured.
//! Never here: storage, plugins.

use crate::house::House;
use centralita_engine::{Command, Happened, Input, Masked, SURE, Source, Utterance, Value, Via, matched, step, typed};
use criterion::{BatchSize, Criterion};
use std::hint::black_box;
use tokio::runtime::Runtime;

pub(crate) fn bench(criterion: &mut Criterion, runtime: &Runtime, house: &House) {
    let release = house.server.app.releases.current();
    let project = &release.project;
    let (asked_what, asked_last4, asked_consent) = runtime.block_on(async {
        let mut call = house.ring().await;
        let asked_what = call.state().await;
        call.says("me robaron la tarjeta").await;
        let asked_last4 = call.state().await;
        let last4 = call.last4();
        call.says(&last4).await;
        (asked_what, asked_last4, call.state().await)
    });
    let heard = |text: &str, proposals: Vec<Command>, by| {
        let proposals = proposals.into_iter().map(|command| (command, by)).collect();
        let utterance = Utterance { text: Masked::from(text), via: Via::Speech, destroyed: false, confidence: None, proposals, metadata: Value::None };
        Input { at: 1_000, what: Happened::Heard(utterance) }
    };
    let mut group = criterion.benchmark_group("engine");
    group.bench_function("step: four digits said", |bencher| {
        bencher.iter_batched(
            || heard("cuatro cinco dos uno", Vec::new(), Source::Typed),
            |input| black_box(step(project, &asked_last4, input)),
            BatchSize::SmallInput,
        );
    });
    let wish = matched(project, &asked_what, "me robaron la tarjeta").at(SURE);
    assert!(!wish.is_empty(), "the matcher is sure of this sentence");
    group.bench_function("step: a flow started", |bencher| {
        bencher.iter_batched(
            || heard("me robaron la tarjeta", wish.clone(), Source::Matcher),
            |input| black_box(step(project, &asked_what, input)),
            BatchSize::SmallInput,
        );
    });
    assert!(typed(project, &asked_consent, "sí, por favor", Via::Speech), "yes answers the consent question");
    group.bench_function("typed: a yes", |bencher| bencher.iter(|| typed(project, &asked_consent, black_box("sí, por favor"), Via::Speech)));
    group.bench_function("typed: four digits", |bencher| bencher.iter(|| typed(project, &asked_last4, black_box("cuatro cinco dos uno"), Via::Speech)));
    group.bench_function("propose: a wish", |bencher| bencher.iter(|| matched(project, &asked_what, black_box("me robaron la tarjeta")).at(SURE)));
    group.finish();
}
