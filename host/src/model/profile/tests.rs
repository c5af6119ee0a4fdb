use super::super::fixture::{call, project};
use super::*;
use centralita_engine::legal;

fn of(provider: Option<&str>, base: Option<&str>, model: &str) -> &'static str {
    let base = base.map(|base| Url::parse(base).unwrap());
    Profile::of(None, provider, base.as_ref(), model).unwrap().name
}

fn named(name: &str) -> &'static Profile {
    Profile::of(Some(name), None, None, "m").unwrap()
}

fn body(name: &str, temperature: Option<f64>, most: Option<u32>) -> Json {
    let (project, state) = (project(), call());
    let commands = Commands::of(&project, &state, &legal(&project, &state));
    named(name).body(&Wish { model: "m", messages: &[], commands: &commands, temperature, most })
}

fn fields(name: &str) -> Vec<String> {
    body(name, None, None).as_object().unwrap().keys().cloned().collect()
}

#[test]
fn a_server_is_known_by_its_name_its_address_or_its_provider() {
    assert_eq!(of(None, Some("https://api.openai.com/v1"), "gpt-4.1-mini"), "openai");
    assert_eq!(of(None, Some("https://api.openai.com/v1"), "gpt-5-nano"), "openai-gpt-5");
    assert_eq!(of(None, Some("https://bank.openai.azure.com/openai/v1"), "m"), "azure");
    assert_eq!(of(None, Some("http://127.0.0.1:8080/v1"), "m"), "compatible");
    assert_eq!(of(Some("openai"), Some("http://127.0.0.1:8080/v1"), "gpt-5"), "compatible");
    assert_eq!(of(Some("hosted_vllm"), Some("http://v:8000/v1"), "m"), "vllm");
    assert_eq!(of(Some("groq"), None, "m"), "groq");
    assert_eq!(of(Some("self-hosted"), Some("http://v:8000/v1"), "m"), "compatible");
    let base = Url::parse("https://api.openai.com/v1").unwrap();
    assert_eq!(Profile::of(Some("llama.cpp"), Some("openai"), Some(&base), "m").unwrap().name, "llama.cpp");
}

#[test]
fn a_profile_or_provider_nobody_knows_is_refused_with_the_ones_there_are() {
    let error = Profile::of(Some("gpt"), None, None, "m").unwrap_err().to_string();
    assert!(error.contains("`profile: gpt`") && error.contains("vllm-guided"), "{error}");
    let error = Profile::of(None, Some("bedrock"), None, "m").unwrap_err().to_string();
    assert!(error.contains("`bedrock` is not spoken to") && error.contains("hosted_vllm"), "{error}");
}

#[test]
fn each_server_gets_only_what_it_knows() {
    assert_eq!(fields("compatible"), ["max_tokens", "messages", "model", "stream", "temperature"]);
    assert_eq!(fields("openai"), ["max_completion_tokens", "messages", "model", "response_format", "seed", "stream", "stream_options", "temperature"]);
    assert_eq!(
        fields("openai-gpt-5"),
        ["max_completion_tokens", "messages", "model", "parallel_tool_calls", "reasoning_effort", "stream", "stream_options", "tool_choice", "tools"]
    );
    assert_eq!(fields("llama.cpp"), ["cache_prompt", "grammar", "max_tokens", "messages", "model", "seed", "stream", "stream_options", "temperature"]);
}

#[test]
fn every_row_has_a_name_of_its_own_and_its_fields_are_json() {
    for (at, row) in table::PROFILES.iter().enumerate() {
        assert!(!table::PROFILES[..at].iter().any(|other| other.name == row.name), "{} twice", row.name);
        for (name, value) in row.extra {
            assert!(serde_json::from_str::<Json>(value).is_ok(), "{}: {name}", row.name);
        }
    }
}

#[test]
fn a_key_goes_where_the_server_looks_for_it() {
    assert_eq!(named("azure").key("k").unwrap().0.as_str(), "api-key");
    assert_eq!(named("openai").key("k").unwrap().1.to_str().unwrap(), "Bearer k");
    assert!(named("openai").key("k\n").is_none());
}

#[test]
fn azure_is_asked_by_deployment_unless_the_address_has_a_path() {
    let url = |base: &str, version| named("azure").url(&Url::parse(base).unwrap(), "fast", version).unwrap().to_string();
    assert_eq!(url("https://bank.openai.azure.com", None), "https://bank.openai.azure.com/openai/deployments/fast/chat/completions?api-version=2024-10-21");
    assert!(url("https://bank.openai.azure.com/", Some("2025-01-01")).ends_with("?api-version=2025-01-01"));
    assert_eq!(url("https://bank.openai.azure.com/openai/v1", None), "https://bank.openai.azure.com/openai/v1/chat/completions");
    assert_eq!(named("compatible").url(&Url::parse("http://a:1/d/?x=1").unwrap(), "m", None).unwrap().as_str(), "http://a:1/d/chat/completions?x=1");
}

#[test]
fn settings_of_a_model_are_sent_where_they_are_understood() {
    let sent = body("compatible", Some(0.5), Some(40));
    assert_eq!((&sent["temperature"], &sent["max_tokens"]), (&json!(0.5), &json!(40)));
    assert!(body("openai-gpt-5", Some(0.5), None).get("temperature").is_none());
}
