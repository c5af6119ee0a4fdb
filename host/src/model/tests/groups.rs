//! Several models, and one that is asked twice.

use super::*;

#[tokio::test]
async fn the_next_model_of_the_group_is_asked_when_one_fails_quickly() {
    for way in [Way::Status("401 Unauthorized"), Way::Status("503 Service Unavailable"), Way::HangUp, Way::Body("nonsense")] {
        let (first, second) = (Standin::open(vec![way]).await, Standin::open(vec![Way::Stream("hand over")]).await);
        let proposed = asked(&of(vec![first.endpoint(), second.endpoint()], 20_000), "hola").await;
        assert_eq!((proposed.outcome, proposed.questions, first.questions(), second.questions()), (Asked::Answered, 2, 1, 1));
    }
}

#[tokio::test]
async fn when_nothing_comes_a_second_question_is_asked_and_the_first_answer_wins() {
    let (first, second) = (Standin::open(vec![Way::Hang]).await, Standin::open(vec![Way::Stream("hand over")]).await);
    let began = Instant::now();
    let proposed = asked(&of(vec![first.endpoint(), second.endpoint()], 2_000), "hola").await;
    assert_eq!((proposed.outcome, proposed.questions), (Asked::Answered, 2));
    assert!((800..1_900).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    let alone = Standin::open(vec![Way::Hang, Way::Stream("hand over")]).await;
    let proposed = asked(&alone.model(2_000), "hola").await;
    assert_eq!((proposed.outcome, alone.questions()), (Asked::Answered, 2));
}

#[tokio::test]
async fn an_answer_that_has_begun_is_waited_for() {
    let server = Standin::open(vec![Way::Slow("hand over")]).await;
    let proposed = asked(&server.model(2_000), "hola").await;
    assert_eq!((proposed.outcome, server.questions()), (Asked::Answered, 1));
}

#[tokio::test]
async fn each_model_has_a_breaker_of_its_own() {
    let (first, second) = (Standin::open(vec![Way::Status("401 Unauthorized")]).await, Standin::open(vec![Way::Stream("hand over")]).await);
    let model = of(vec![first.endpoint(), second.endpoint()], 20_000);
    for _ in 0..5 {
        assert_eq!(asked(&model, "hola").await.outcome, Asked::Answered);
    }
    assert_eq!((first.questions(), second.questions()), (3, 5));
}

#[tokio::test]
async fn a_breaker_counts_turns_and_not_the_questions_of_one() {
    let server = Standin::open(vec![Way::Hang]).await;
    let model = server.model(300);
    for outcome in [Asked::Late, Asked::Late, Asked::Late, Asked::Skipped] {
        assert_eq!(asked(&model, "hola").await.outcome, outcome);
    }
    assert_eq!(server.questions(), 6);
}

#[tokio::test]
async fn a_model_at_its_limit_is_left_alone_for_as_long_as_it_says() {
    let busy = Way::Status("429 Too Many Requests\r\nretry-after: 30");
    let (first, second) = (Standin::open(vec![busy]).await, Standin::open(vec![Way::Stream("hand over")]).await);
    let model = of(vec![first.endpoint(), second.endpoint()], 20_000);
    for _ in 0..2 {
        assert_eq!(asked(&model, "hola").await.outcome, Asked::Answered);
    }
    assert_eq!((first.questions(), second.questions()), (1, 2));
    let alone = Standin::open(vec![busy]).await;
    let model = alone.model(20_000);
    assert_eq!((asked(&model, "hola").await.outcome, asked(&model, "hola").await.outcome, alone.questions()), (Asked::Down, Asked::Skipped, 1));
}

#[tokio::test]
async fn a_turn_never_waits_longer_than_its_budget_and_asks_four_times_at_most() {
    let servers = [Standin::open(vec![Way::Hang]).await, Standin::open(vec![Way::Drip]).await];
    let began = Instant::now();
    let proposed = asked(&of(servers.iter().map(Standin::endpoint).collect(), 400), "hola").await;
    assert_eq!((proposed.outcome, proposed.questions), (Asked::Late, 2));
    assert!(began.elapsed() < Duration::from_millis(700), "{:?}", began.elapsed());
    let broken = Standin::open(vec![Way::Status("500 Internal Server Error")]).await;
    let proposed = asked(&of((0..9).map(|_| broken.endpoint()).collect(), 20_000), "hola").await;
    assert_eq!((proposed.outcome, broken.questions()), (Asked::Down, 4));
}

#[tokio::test]
async fn a_models_own_timeout_is_shorter_than_the_turns() {
    let (first, second) = (Standin::open(vec![Way::Hang]).await, Standin::open(vec![Way::Stream("hand over")]).await);
    let model = of(vec![ModelEndpoint { timeout: Some(0.2), ..first.endpoint() }, second.endpoint()], 20_000);
    let began = Instant::now();
    assert_eq!(asked(&model, "hola").await.outcome, Asked::Answered);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn tokens_are_counted_where_the_server_is_asked_for_them() {
    let server = Standin::open(vec![Way::Stream("hand over")]).await;
    let price = Price { input: 2.0, cached: None, output: 0.0 };
    let model = of(vec![ModelEndpoint { profile: Some("vllm".into()), price: Some(price), ..server.endpoint() }], 20_000);
    assert_eq!(asked(&model, "hola").await.usage.prompt, Some(321));
    let metrics = model.metrics();
    assert!(metrics.contains("centralita_model_tokens_total{model=\"m\",kind=\"prompt\"} 321\n"), "{metrics}");
    assert!(metrics.contains("centralita_model_cost_total{model=\"m\"} 0.000642\n") && !metrics.contains("canary"), "{metrics}");
    assert!(server.asked.lock().unwrap()[0].1["structured_outputs"]["grammar"].as_str().unwrap().starts_with("root ::= "));
}
