//! The domain in Rasa's JSON (`rasa-calm.md` §7.2): what action servers and `GET /domain` get.
//!
//! Lives here: putting the domain's files together as they are written.
//! Never here: what a key means (the engine's `project`).

use crate::seal::hex;
use centralita_engine::project::Source;
use centralita_engine::yaml::{self, Findings, Kind, Node};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

/// A domain and its digest.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// As Rasa sends it.
    pub json: Json,
    /// SHA-256 over it, hexadecimal: `domain_digest`.
    pub digest: String,
    /// Actions that are sent the domain under `enable_selective_domain` (`name: {send_domain: true}`).
    pub wanted_by: Vec<String>,
}

/// The domain of these files of a project: lists and mappings of all files together, later files win.
pub fn domain(sources: &[Source]) -> Domain {
    let mut config = Map::new();
    config.insert("store_entities_as_slots".into(), true.into());
    let mut session = Map::from_iter([("session_expiration_time".to_owned(), json!(60)), ("carry_over_slots_to_new_session".to_owned(), json!(true))]);
    let mut lists: [(&str, Vec<Json>); 4] = [("intents", Vec::new()), ("entities", Vec::new()), ("actions", Vec::new()), ("e2e_actions", Vec::new())];
    let mut maps: [(&str, Map<String, Json>); 3] = [("slots", Map::new()), ("responses", Map::new()), ("forms", Map::new())];
    let mut wanted_by = Vec::new();
    for source in sources.iter().filter(|source| is_part(&source.path)) {
        // What is wrong in a file has been said when the project was loaded.
        let mut mistakes = Vec::new();
        let Some(root) = yaml::read(&source.text, &mut Findings::new(&source.path, &mut mistakes)) else { continue };
        for (key, list) in &mut lists {
            for item in root.get(key).map(Node::items).unwrap_or_default() {
                if *key == "actions"
                    && let Some((name, _)) = item.pairs().first()
                {
                    if item.pairs()[0].1.get("send_domain").is_some_and(|node| node.kind == Kind::Bool(true)) {
                        wanted_by.push(name.text.clone());
                    }
                    list.push(name.text.clone().into());
                } else {
                    list.push(json_of(item));
                }
            }
        }
        for (key, map) in &mut maps {
            map.extend(root.get(key).map(Node::pairs).unwrap_or_default().iter().map(|(name, body)| (name.text.clone(), json_of(body))));
        }
        session.extend(root.get("session_config").map(Node::pairs).unwrap_or_default().iter().map(|(name, body)| (name.text.clone(), json_of(body))));
    }
    for slot in maps[0].1.values_mut().filter_map(Json::as_object_mut) {
        slot.entry("initial_value").or_insert(Json::Null);
        slot.entry("influence_conversation").or_insert(true.into());
        slot.entry("mappings").or_insert_with(|| json!([{ "type": "from_llm" }]));
    }
    let mut all = Map::new();
    all.insert("config".into(), config.into());
    all.insert("session_config".into(), session.into());
    all.extend(lists.into_iter().map(|(key, list)| (key.to_owned(), list.into())));
    all.extend(maps.into_iter().map(|(key, map)| (key.to_owned(), map.into())));
    let json = Json::Object(all);
    let digest = hex(&Sha256::digest(json.to_string().as_bytes()));
    Domain { json, digest, wanted_by }
}

/// Whether a file can hold a part of the domain.
fn is_part(path: &str) -> bool {
    path == "domain.yml" || path == "domain.yaml" || path.starts_with("domain/") || path.starts_with("data/")
}

/// As [`Node::to_json`], but a number that is written whole stays whole: Python tells `60` from `60.0`.
fn json_of(node: &Node) -> Json {
    match &node.kind {
        Kind::Number(_, text) => text.parse::<i64>().map_or_else(|_| node.to_json(), Json::from),
        Kind::List(items) => items.iter().map(json_of).collect(),
        Kind::Map(pairs) => pairs.iter().map(|(key, node)| (key.text.clone(), json_of(node))).collect(),
        Kind::Null | Kind::Bool(_) | Kind::Text(_) => node.to_json(),
    }
}
