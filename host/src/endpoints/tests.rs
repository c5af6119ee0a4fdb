use super::*;

fn of(text: &str) -> (Endpoints, Vec<String>) {
    let mut mistakes = Vec::new();
    let variable = |name: &str| match name {
        "ACTIONS" => Some("http://actions:5055".to_owned()),
        "KEY" => Some("k-1".to_owned()),
        _ => None,
    };
    let endpoints = read(text, Some(&variable), &mut mistakes);
    (endpoints, mistakes.iter().map(ToString::to_string).collect())
}

fn first(text: &str) -> String {
    of(text).1.into_iter().next().unwrap_or_default()
}

#[test]
fn an_action_server_is_read_with_its_variables_and_credentials() {
    let (endpoints, mistakes) = of(
        "action_endpoint:\n  url: ${ACTIONS}/webhook\n  token: ${KEY}\n  headers: {X-Team: blue}\n  basic_auth: {username: u, password: \"${KEY}\"}\n  params: {a: b}\n  enable_selective_domain: true\n  centralita: {timeout: 2.5, max_response: 2000}\n",
    );
    assert_eq!(mistakes, Vec::<String>::new());
    let action = endpoints.action.unwrap();
    assert_eq!(action.place, Place::Url("http://actions:5055/webhook".parse().unwrap()));
    assert_eq!(action.token.unwrap().reveal(), "k-1");
    assert_eq!(action.basic_auth.unwrap().password.reveal(), "k-1");
    assert!(action.selective_domain);
    assert_eq!((action.timeout.as_millis(), action.max_response), (2500, 2000));
}

#[test]
fn a_variable_that_is_not_set_is_named_with_its_line() {
    assert_eq!(
        first("action_endpoint:\n  url: ${NOWHERE}/webhook\n"),
        "endpoints.yml:2:8: error: `url` needs the variable NOWHERE, which is not set; set it, or write the value here"
    );
}

#[test]
fn a_project_is_checked_without_its_variables() {
    let mut mistakes = Vec::new();
    let endpoints = read("action_endpoint:\n  url: ${NOWHERE}/webhook\n", None, &mut mistakes);
    assert_eq!((mistakes, endpoints.action.unwrap().place), (Vec::new(), Place::Unknown));
}

#[test]
fn a_model_whose_variable_is_not_set_is_no_mistake() {
    let (endpoints, mistakes) = of("model_groups:\n- id: llm\n  models:\n  - {provider: openai, model: '${NOWHERE}', api_key: '${KEY}', timeout: 7}\n");
    assert_eq!(mistakes, Vec::<String>::new());
    let model = &endpoints.model_groups[0].models[0];
    assert_eq!((model.model.as_deref(), model.timeout), (None, Some(7.0)));
    assert_eq!(model.api_key.as_ref().unwrap().reveal(), "k-1");
}

#[test]
fn an_action_server_over_grpc_is_refused_with_what_to_do() {
    let message = first("action_endpoint:\n  url: grpc://localhost:5055\n");
    assert!(message.starts_with("endpoints.yml:2:8: error: action servers over gRPC are not spoken to; start yours without `--grpc`"), "{message}");
}

#[test]
fn a_module_runs_where_it_was_started() {
    let mut mistakes = Vec::new();
    let text = "action_endpoint:\n  actions_module: actions\n";
    let started = |name: &str| (name == ACTION_SERVER).then(|| "http://127.0.0.1:4000/webhook".to_owned());
    let place = read(text, Some(&started), &mut mistakes).action.unwrap().place;
    assert_eq!(place, Place::Module { name: "actions".into(), started: Some("http://127.0.0.1:4000/webhook".parse().unwrap()) });
    assert_eq!(of(text).0.action.unwrap().place, Place::Module { name: "actions".into(), started: None });
    assert!(first("action_endpoint:\n  actions_module: ../actions\n").contains("is the name of a Python package"));
}

#[test]
fn addresses_that_cannot_be_asked_are_refused() {
    for (url, why) in [("localhost", "no URL"), ("ftp://a/b", "http:// or https://"), ("http://u:p@a/webhook", "basic_auth")] {
        let message = first(&format!("action_endpoint:\n  url: {url}\n"));
        assert!(message.contains(why), "{message}");
    }
    assert!(first("action_endpoint:\n  token: a\n").contains("neither `url` nor `actions_module`"));
    assert!(first("action_endpoint: {url: 'http://a/webhook', centralita: {timeout: 0}}\n").contains("between 0.1 and 120"));
}

#[test]
fn a_key_that_is_written_out_is_refused_by_name() {
    let message = first("model_groups:\n- id: llm\n  models:\n  - {provider: openai, model: m, api_key: sk-canary}\n");
    assert!(message.starts_with("endpoints.yml:4:") && message.contains("`api_key` of a model is written out") && !message.contains("canary"), "{message}");
    assert!(first("model_groups:\n- id: llm\n  models:\n  - {provider: openai, api_key: 'sk-${KEY}'}\n").contains("is written out"));
}

#[test]
fn what_a_group_asks_for_and_does_not_get_is_said() {
    let (endpoints, mistakes) = of(
        "model_groups:\n- id: llm\n  router: {routing_strategy: least-busy}\n  models:\n  - {provider: azure, deployment: fast, api_version: '2024-10-21', ssl_verify: false}\n  - {provider: hosted_vllm, model: m, api_base: 'http://v:8000/v1', temperature: 0.2, max_tokens: 40, centralita: {profile: vllm-guided, price: {input: 0.4, output: 1.6}}}\n",
    );
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    assert!(mistakes[0].contains("`router` is not honoured") && mistakes[1].contains("`ssl_verify`"), "{mistakes:?}");
    let models = &endpoints.model_groups[0].models;
    assert_eq!((models[0].model.as_deref(), models[0].api_version.as_deref()), (Some("fast"), Some("2024-10-21")));
    assert_eq!((models[1].temperature, models[1].most, models[1].profile.as_deref()), (Some(0.2), Some(40), Some("vllm-guided")));
    assert_eq!(models[1].price, Some(Price { input: 0.4, cached: None, output: 1.6 }));
}
