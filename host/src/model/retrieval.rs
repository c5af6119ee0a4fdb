//! Which flows a model is told of, when there are many (`flow_retrieval`, `rasa-calm.md` §3.8).
//!
//! Lives here: how many, and which are nearest to what a caller says, by our own matcher: nothing leaves for it.
//! Never here: which flows may be started (the engine).

use centralita_engine::matcher::Matcher;
use centralita_engine::project::{Flow, SlotKind};
use centralita_engine::yaml::{Kind, Node};
use centralita_engine::{FlowId, Grammar, Project};
use std::collections::BTreeMap;

/// How many flows a prompt holds unless a project says otherwise.
const FLOWS: usize = 20;

/// Ranks the flows of a project.
#[derive(Default)]
pub(super) struct Retrieval {
    most: Option<usize>,
    /// Trained on what the flows say of themselves.
    index: Matcher,
}

impl Retrieval {
    /// What a generator says about retrieval, under its names of today and of the first releases.
    pub(super) fn read(generator: &Node, project: &Project) -> Self {
        let retrieval = generator.get("flow_retrieval");
        let off = |node: Option<&Node>| node.is_some_and(|node| node.kind == Kind::Bool(false));
        if off(retrieval.and_then(|retrieval| retrieval.get("active"))) || off(generator.get("use_semantic_flow_search")) {
            return Self::default();
        }
        let count = retrieval.and_then(|retrieval| retrieval.get("num_flows")).or_else(|| generator.get("max_flows_from_semantic_search"));
        let most = count.and_then(Node::scalar).and_then(|count| count.parse().ok()).filter(|count| *count > 0).unwrap_or(FLOWS);
        let slots = !off(retrieval.and_then(|retrieval| retrieval.get("should_embed_slots")).or_else(|| generator.get("embed_flow_slots")));
        let flows: Vec<&Flow> = project.flows.values().filter(|flow| !flow.id.is_pattern()).collect();
        if flows.len() <= most {
            return Self::default();
        }
        let documents: Vec<(String, String)> = flows.into_iter().flat_map(|flow| document(project, flow, slots)).collect();
        Self { most: Some(most), index: Matcher::train(&documents) }
    }

    /// The grammar with the flows nearest to these words, and those that always are in a prompt.
    pub(super) fn narrowed(&self, project: &Project, grammar: &Grammar, text: &str) -> Grammar {
        let Some(most) = self.most.filter(|most| grammar.flows.len() > *most) else { return grammar.clone() };
        let mut nearness: BTreeMap<&str, f32> = BTreeMap::new();
        let (told, examples) = (self.index.rank(text), project.matcher.rank(text));
        for guess in &told {
            nearness.insert(&guess.intent, guess.score);
        }
        for guess in &examples {
            for flow in
                grammar.flows.iter().filter(|id| project.flows.get(*id).is_some_and(|flow| flow.triggers.iter().any(|(intent, _)| *intent == guess.intent)))
            {
                let near = nearness.entry(flow.as_str()).or_default();
                *near = near.max(guess.score);
            }
        }
        let of = |flow: &FlowId| nearness.get(flow.as_str()).copied().unwrap_or_default();
        let mut ranked: Vec<&FlowId> = grammar.flows.iter().collect();
        ranked.sort_by(|one, other| of(other).total_cmp(&of(one)));
        let near = &ranked[..most];
        let stays = |id: &&FlowId| near.contains(id) || project.flows.get(*id).is_some_and(|flow| flow.always_in_prompt);
        Grammar { flows: grammar.flows.iter().filter(stays).cloned().collect(), ..grammar.clone() }
    }
}

/// What a flow says of itself, in pieces.
fn document(project: &Project, flow: &Flow, slots: bool) -> Vec<(String, String)> {
    let mut texts = vec![flow.id.as_str().replace(['_', '-'], " "), flow.name.clone(), flow.description.clone()];
    for collect in flow.collects().filter(|_| slots) {
        texts.push(format!("{} {}", collect.slot.as_str().replace('_', " "), collect.description.as_deref().unwrap_or_default()));
        if let Some(SlotKind::Categorical(values)) = project.slots.get(&collect.slot).map(|slot| &slot.kind) {
            texts.push(values.join(" "));
        }
    }
    texts.into_iter().filter(|text| !text.trim().is_empty()).map(|text| (flow.id.to_string(), text)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::many;
    use super::*;
    use centralita_engine::{CallState, legal};

    fn near(keys: &str, text: &str) -> Vec<String> {
        let project = many();
        let mut mistakes = Vec::new();
        let generator = centralita_engine::yaml::read(keys, &mut centralita_engine::yaml::Findings::new("config.yml", &mut mistakes)).unwrap();
        let grammar = legal(&project, &CallState::default());
        Retrieval::read(&generator, &project).narrowed(&project, &grammar, text).flows.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_the_nearest_flows_and_those_that_always_are_there_are_told() {
        let flows = near("name: x", "quiero pagar el agua");
        assert!((20..=21).contains(&flows.len()), "{flows:?}");
        assert!(flows.contains(&"pay_water".to_owned()) && flows.contains(&"always".to_owned()), "{flows:?}");
        assert_eq!(near("flow_retrieval: {num_flows: 1}", "se descompuso el elevador"), ["broken_lift", "always"]);
        assert_eq!(near("max_flows_from_semantic_search: 1", "pagar el agua"), ["pay_water", "always"]);
    }

    #[test]
    fn what_flows_ask_for_counts_unless_a_project_says_no() {
        assert!(near("flow_retrieval: {num_flows: 1}", "tengo la matrícula").contains(&"note_25".to_owned()));
        assert!(!near("flow_retrieval: {num_flows: 1, should_embed_slots: false}", "tengo la matrícula").contains(&"note_25".to_owned()));
    }

    #[test]
    fn every_flow_is_told_where_there_are_few_or_retrieval_is_off() {
        for keys in ["flow_retrieval: {active: false}", "use_semantic_flow_search: false", "flow_retrieval: {num_flows: 50}"] {
            assert_eq!(near(keys, "hola").len(), 33, "{keys}");
        }
    }
}
