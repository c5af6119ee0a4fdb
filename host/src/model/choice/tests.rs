use super::*;

const GROUPS: &str = "
model_groups:
- id: commands
  models:
  - {provider: azure, deployment: fast, api_base: 'https://bank.openai.azure.com', api_key: '${AZURE_KEY}', timeout: 2}
  - {provider: openai, model: gpt-4.1-nano}
";

fn files(generator: &str) -> BTreeMap<String, String> {
    let config = format!("pipeline:\n  - name: CompactLLMCommandGenerator\n{generator}");
    BTreeMap::from([(CONFIG.to_owned(), config)])
}

fn with(generator: &str, variables: &[(&str, &str)]) -> (Option<Choice>, Vec<String>) {
    let get = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let mut mistakes = Vec::new();
    let groups = endpoints::read(GROUPS, Some(&get), &mut mistakes).model_groups;
    let choice = choose(&files(generator), groups, Some(&get), &mut mistakes);
    (choice, mistakes.iter().map(ToString::to_string).collect())
}

/// Name, address and key of each.
fn models(generator: &str, variables: &[(&str, &str)]) -> Vec<(String, String, String)> {
    let (choice, _) = with(generator, variables);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let models = choice.map(|choice| choice.models).unwrap_or_default();
    models
        .iter()
        .map(|model| (text(&model.model), text(&model.api_base), model.api_key.as_ref().map(|key| key.reveal().to_owned()).unwrap_or_default()))
        .collect()
}

fn named(model: &str, base: &str, key: &str) -> (String, String, String) {
    (model.into(), base.into(), key.into())
}

const GROUP: &str = "    llm: {model_group: commands}\n";

#[test]
fn a_group_is_asked_in_its_order_with_its_own_keys() {
    let variables = [("AZURE_KEY", "a-1"), ("OPENAI_API_KEY", "o-1")];
    assert_eq!(models(GROUP, &variables), [named("fast", "https://bank.openai.azure.com", "a-1"), named("gpt-4.1-nano", "", "o-1")]);
    assert_eq!(with(GROUP, &variables).0.unwrap().budget, Duration::from_secs(2));
}

#[test]
fn the_variables_are_the_simple_way_and_win() {
    let spare = with("", &[("OPENAI_API_KEY", "o-1")]).0.unwrap().spare.unwrap();
    assert_eq!((spare.provider.as_deref(), spare.api_key.unwrap().reveal()), (Some("openai"), "o-1"));
    assert_eq!(models(GROUP, &[("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), ("AZURE_KEY", "a-1")]), [named("fast", "http://127.0.0.1:8080/v1", "")]);
    assert_eq!(models(GROUP, &[("OPENAI_API_KEY", "o-1"), ("OPENAI_MODEL", "big")])[1], named("big", "", "o-1"));
}

#[test]
fn a_generator_may_name_its_model_itself() {
    let own = "    llm: {provider: self-hosted, model: m, api_base: 'http://v:8000/v1', api_key: '${KEY}'}\n";
    assert_eq!(models(own, &[("KEY", "k")]), [named("m", "http://v:8000/v1", "k")]);
    let (_, mistakes) = with("    llm: {provider: openai, model: m, api_key: sk-canary}\n", &[]);
    assert!(mistakes[0].starts_with("config.yml:3:") && mistakes[0].contains("is written out") && !mistakes[0].contains("canary"), "{mistakes:?}");
}

#[test]
fn nobody_is_asked_without_a_word_or_when_it_is_off() {
    assert!(with("", &[]).0.is_none());
    assert!(with(GROUP, &[("OPENAI_API_KEY", "o-1"), ("CENTRALITA_MODEL", "off")]).0.is_none());
    let mut mistakes = Vec::new();
    assert!(choose(&BTreeMap::from([(CONFIG.to_owned(), "pipeline: []\n".to_owned())]), Vec::new(), Some(&|_| Some("x".into())), &mut mistakes).is_none());
}

#[test]
fn what_cannot_be_had_is_said_once() {
    let (_, mistakes) = with("    llm: {model_group: other}\n", &[]);
    assert_eq!(mistakes.len(), 1);
    assert!(mistakes[0].contains("`model_group: other` is no group of endpoints.yml"), "{mistakes:?}");
    let (choice, mistakes) = with("    llm: {provider: openai, model: m, timeout: 7}\n", &[("OPENAI_API_KEY", "k")]);
    assert!(mistakes[0].contains("longer than a caller waits"), "{mistakes:?}");
    assert_eq!(choice.unwrap().budget, LONGEST);
}

#[test]
fn a_profile_or_provider_that_does_not_exist_is_said_where_it_is_written() {
    let (_, mistakes) = with("    llm: {provider: openai, model: m, centralita: {profile: gpt}}\n", &[]);
    assert!(mistakes[0].starts_with("config.yml:3:10: error: `profile: gpt` does not exist"), "{mistakes:?}");
    let (_, mistakes) = with("    llm: {provider: bedrock, model: m}\n", &[]);
    let (_, said) = with("    llm: {provider: self-hosted, model: m}\n", &[]);
    assert!(said[0].contains("warning: this model wants an `api_base`"), "{said:?}");
    let (_, said) = with("", &[("OPENAI_PROFILE", "foo"), ("OPENAI_API_KEY", "k")]);
    assert!(said[0].contains("error: OPENAI_PROFILE: `profile: foo` does not exist"), "{said:?}");
    assert!(mistakes[0].starts_with("config.yml:3:10: warning: the provider `bedrock` is not spoken to"), "{mistakes:?}");
}
