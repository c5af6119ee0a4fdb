//! A project's own prompt (`prompt_template`).
//!
//! Lives here: the variables that Rasa's templates use (`rasa-calm.md` §3.7), with tokens in place of values.
//! Never here: Jinja (the engine has it), our own prompt (`prompt.rs`).

use super::prompt::{Message, by_model};
use super::tokens::{Tokenised, Tokens};
use centralita_engine::project::{Collect, Flow, SlotKind};
use centralita_engine::template::{BadPrompt, PromptTemplate};
use centralita_engine::{CallState, Grammar, LegalSlot, Project, SlotName, along};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// See the module.
pub(super) struct Template(PromptTemplate);

impl Template {
    /// Reads a template and tries it on a made-up turn, so that what only breaks when it is filled in breaks at load.
    pub(super) fn read(text: &str) -> Result<Self, BadPrompt> {
        let template = PromptTemplate::read(text.to_owned())?;
        let slot = json!({"name": "slot", "description": "a slot", "value": "undefined", "type": "text", "allowed_values": ["a"]});
        let flow = json!({"name": "flow", "description": "a flow", "slots": [slot]});
        template.write(&json!({
            "available_flows": [flow], "current_conversation": "AI: hello\nUSER: hello", "user_message": "hello", "last_user_message": "hello",
            "flow_slots": [slot], "current_flow": "flow", "current_slot": "slot", "current_slot_description": "a slot", "current_slot_type": "text",
            "current_slot_allowed_values": ["a"], "flow_active": true, "top_flow_is_pattern": false, "top_user_flow": "flow", "top_user_flow_slots": [slot],
        }))?;
        Ok(Self(template))
    }

    /// The prompt of a turn; one message, as Rasa sends it.
    pub(super) fn messages(
        &self,
        project: &Project,
        state: &CallState,
        grammar: &Grammar,
        tokens: &mut Tokens,
        tokenised: &Tokenised,
    ) -> Result<Vec<Message>, BadPrompt> {
        let variables = variables(project, state, grammar, tokens, tokenised);
        Ok(vec![Message { role: "user", content: self.0.write(&variables)? }])
    }
}

fn variables(project: &Project, state: &CallState, grammar: &Grammar, tokens: &mut Tokens, tokenised: &Tokenised) -> Json {
    let active = state.active_flow().and_then(|frame| project.flows.get(&frame.flow));
    let under_way = active.filter(|flow| !grammar.flows.contains(&flow.id));
    let offered: Vec<LegalSlot> = grammar.slots.iter().cloned().chain(along(project, state, grammar)).collect();
    let mut flows: Vec<&Flow> = grammar.flows.iter().filter_map(|id| project.flows.get(id)).chain(under_way).collect();
    flows.sort_by(|one, other| one.id.cmp(&other.id));
    let flows: Vec<Json> = flows.into_iter().map(|flow| listed(project, state, &offered, flow)).collect();
    let mut slots: Vec<Json> = Vec::new();
    let mut seen = BTreeSet::new();
    for collect in active.into_iter().flat_map(Flow::collects).filter(|collect| by_model(project, &collect.slot)) {
        if seen.insert(&collect.slot) {
            let value = value(project, state, tokens, &collect.slot);
            slots.push(described(project, collect, Some(value)));
        }
    }
    let asked = grammar.asked.as_ref().filter(|asked| by_model(project, asked));
    let asked = asked.and_then(|asked| active?.collect(asked)).map(|collect| described(project, collect, None));
    let of_asked = |key: &str| asked.as_ref().map_or(Json::Null, |asked| asked[key].clone());
    let conversation: Vec<String> = tokenised.said.iter().map(|said| format!("AI: {said}")).chain([format!("USER: {}", tokenised.heard)]).collect();
    json!({
        "available_flows": flows,
        "current_conversation": conversation.join("\n"),
        "user_message": tokenised.heard,
        "last_user_message": tokenised.heard,
        "flow_slots": slots,
        "current_flow": active.map(|flow| flow.id.as_str()),
        "current_slot": of_asked("name"),
        "current_slot_description": of_asked("description"),
        "current_slot_type": of_asked("type"),
        "current_slot_allowed_values": of_asked("allowed_values"),
        "flow_active": active.is_some(),
        "top_flow_is_pattern": state.stack.iter().rev().find(|frame| frame.is_live()).is_some_and(|frame| frame.flow.is_pattern()),
        "top_user_flow": active.map(|flow| flow.id.as_str()),
        "top_user_flow_slots": slots,
    })
}

fn listed(project: &Project, state: &CallState, offered: &[LegalSlot], flow: &Flow) -> Json {
    let offered = |name: &SlotName| offered.iter().any(|slot| slot.name == *name);
    let mut seen = BTreeSet::new();
    let slots: Vec<Json> = flow
        .collects()
        .filter(|collect| by_model(project, &collect.slot) && offered(&collect.slot) && seen.insert(&collect.slot))
        .map(|collect| described(project, collect, None))
        .collect();
    let active = state.active_flow().is_some_and(|frame| frame.flow == flow.id);
    json!({"name": flow.id.as_str(), "description": flow.description, "slots": slots, "active": active})
}

fn described(project: &Project, collect: &Collect, value: Option<String>) -> Json {
    let slot = project.slots.get(&collect.slot);
    let (kind, allowed) = match slot.map(|slot| &slot.kind) {
        Some(SlotKind::Categorical(values)) => ("categorical", json!(values)),
        Some(SlotKind::Bool) => ("bool", json!([true, false])),
        Some(SlotKind::Float) => ("float", Json::Null),
        Some(SlotKind::List) => ("list", Json::Null),
        Some(SlotKind::Any) => ("any", Json::Null),
        Some(SlotKind::Text) | None => ("text", Json::Null),
    };
    let mut described = json!({"name": collect.slot.as_str(), "description": collect.description, "type": kind, "allowed_values": allowed});
    if let Some(value) = value {
        described["value"] = value.into();
    }
    described
}

/// What a model may see of a slot's value: of a sensitive one only that there is one.
fn value(project: &Project, state: &CallState, tokens: &mut Tokens, name: &SlotName) -> String {
    let Some(value) = state.slots.get(name).filter(|value| !value.is_none()) else { return "undefined".to_owned() };
    if project.slots.get(name).is_none_or(|slot| slot.class.is_some()) {
        return "⟨known⟩".to_owned();
    }
    match value.to_json() {
        Json::String(text) => tokens.hidden(&text),
        Json::Bool(yes) => if yes { "True" } else { "False" }.to_owned(),
        other => tokens.hidden(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{call, name, project};
    use super::*;
    use centralita_engine::{Masked, Value, legal};

    fn written(template: &str) -> String {
        let (project, mut state) = (project(), call());
        state.slots.insert(name("last4"), Value::text("4521"));
        let mut tokens = Tokens::of(&project, &state);
        let tokenised = tokens.tokenise(&state, &Masked::from("la de débito, \"45 21\", soy José"));
        let template = Template::read(template).ok().unwrap();
        template.messages(&project, &state, &legal(&project, &state), &mut tokens, &tokenised).ok().unwrap()[0].content.clone()
    }

    #[test]
    fn rasas_variables_are_filled_in_without_a_value_of_the_caller() {
        assert_eq!(
            written("{% for flow in available_flows %}{{ flow.name }}{% for slot in flow.slots %} {{ slot.name }}{% endfor %}; {% endfor %}"),
            "block_card last4 card_choice; unknown_charge place amount; "
        );
        assert_eq!(
            written("{% for slot in flow_slots %}{{ slot.name }}={{ slot.value }} ({{ slot.type }}) {% endfor %}"),
            "last4=⟨known⟩ (text) card_choice=undefined (categorical) "
        );
        assert_eq!(written("{{ current_flow }}/{{ current_slot }}/{{ current_slot_description }}"), "block_card/last4/últimos cuatro dígitos de la tarjeta");
        assert_eq!(written("\"{{ user_message | to_json_escaped_string }}\""), "\"la de débito, '⟨d1⟩', soy ⟨n1⟩\"");
        assert!(written("{{ current_conversation }}").ends_with("AI: ¿Cuáles son los últimos cuatro dígitos?\nUSER: la de débito, '⟨d1⟩', soy ⟨n1⟩"));
        let everything = written("{{ available_flows }}{{ flow_slots }}{{ current_conversation }}{{ user_message }}");
        assert!(!everything.contains("confirm_block") && !everything.contains("4521") && !everything.contains("José"), "{everything}");
    }

    #[test]
    fn a_filter_nobody_knows_breaks_at_load() {
        let error = Template::read("a\n{{ user_message | nonsense }}").err().unwrap();
        assert_eq!(error.line, 2);
    }
}
