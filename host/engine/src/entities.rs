//! What an utterance mentions: entities by pattern, by list and by example, and the synonyms of their values, as
//! `data/nlu.yml` writes them (`rasa-calm.md` §3.9; the files are Rasa's own NLU training data).
//!
//! Lives here: reading those parts of a file, and finding them in a text.
//! Never here: which slot takes an entity (`project/domain/mapping.rs`), what the utterance wants (`matcher`).

use crate::answers::words::folded;
use crate::yaml::{Findings, Node};
use fancy_regex::{Regex, RegexBuilder, escape};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// How often a pattern may go back before it is given up for a text.
const MOST_STEPS: usize = 100_000;

/// The entities of a project.
#[derive(Clone, Default)]
pub struct Entities {
    patterns: Vec<(String, Regex)>,
    /// Values that stand in lists and in marked examples, until [`Entities::ready`] makes patterns of them.
    listed: BTreeMap<String, BTreeSet<String>>,
    /// By its folded spelling, what a value is called.
    synonyms: BTreeMap<String, String>,
}

impl Entities {
    /// Takes an item of `nlu`: a `regex`, a `lookup`, a `synonym`, or the marks in the examples of an intent.
    pub(crate) fn take(&mut self, item: &Node, findings: &mut Findings<'_>) {
        let Some(examples) = item.get("examples") else { return };
        let text = examples.scalar().unwrap_or_default();
        let lines = || text.lines().filter_map(|line| line.trim().strip_prefix('-')).map(str::trim).filter(|line| !line.is_empty());
        let name = |kind: &str| item.get(kind).and_then(Node::scalar);
        if let Some(name) = name("regex") {
            for line in lines() {
                match pattern(line) {
                    Ok(pattern) => self.patterns.push((name.clone(), pattern)),
                    Err(error) => findings.error(examples.at, format!("the pattern `{line}` of `{name}` is broken: {error}; mend it, or take the line out")),
                }
            }
        } else if let Some(name) = name("lookup") {
            self.listed.entry(name).or_default().extend(lines().map(str::to_owned));
        } else if let Some(name) = name("synonym") {
            self.synonyms.extend(lines().map(|line| (folded(line), name.clone())));
        } else if name("intent").is_some() {
            lines().for_each(|line| self.mark(line));
        }
    }

    /// Takes what an example marks: `[ayer](day)`, `[el DF]{"entity": "city", "value": "México"}`.
    fn mark(&mut self, example: &str) {
        for piece in example.split('[').skip(1) {
            let Some((words, after)) = piece.split_once(']') else { continue };
            if let Some((entity, _)) = after.strip_prefix('(').and_then(|after| after.split_once(')')) {
                // The oldest spelling has the value behind a colon.
                let (entity, value) = entity.split_once(':').map_or((entity, None), |(entity, value)| (entity, Some(value)));
                self.listed.entry(entity.to_owned()).or_default().insert(words.to_owned());
                self.synonyms.extend(value.map(|value| (folded(words), value.to_owned())));
            } else if let Some((mark, _)) = after.strip_prefix('{').and_then(|after| after.split_once('}'))
                && let Ok(Json::Object(mark)) = serde_json::from_str(&format!("{{{mark}}}"))
            {
                let text = |key: &str| mark.get(key).and_then(Json::as_str).map(str::to_owned);
                if let Some(entity) = text("entity") {
                    self.listed.entry(entity).or_default().insert(words.to_owned());
                }
                self.synonyms.extend(text("value").map(|value| (folded(words), value)));
            }
        }
    }

    /// Makes one pattern of each list; a value counts only as whole words.
    pub(crate) fn ready(&mut self) {
        for (name, values) in std::mem::take(&mut self.listed) {
            let mut values: Vec<String> = values.into_iter().map(|value| escape(&value).into_owned()).collect();
            // The longest first: "banco de chile" is not "banco".
            values.sort_by_key(|value| std::cmp::Reverse(value.len()));
            self.patterns.extend(pattern(&format!(r"\b(?:{})\b", values.join("|"))).ok().map(|pattern| (name, pattern)));
        }
    }

    /// The entities of a text by name: a value, or a list where several are mentioned. A synonym is given by what it
    /// stands for.
    pub fn find(&self, text: &str) -> Map<String, Json> {
        let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, pattern) in &self.patterns {
            // A pattern that gets lost in a text finds nothing more in it.
            for part in pattern.find_iter(text).map_while(Result::ok).filter(|part| !part.as_str().is_empty()) {
                let value = self.synonyms.get(&folded(part.as_str())).cloned().unwrap_or_else(|| part.as_str().to_owned());
                let values = found.entry(name).or_default();
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        let one = |mut values: Vec<String>| if values.len() == 1 { values.remove(0).into() } else { Json::from(values) };
        found.into_iter().map(|(name, values)| (name.to_owned(), one(values))).collect()
    }
}

fn pattern(text: &str) -> Result<Regex, Box<fancy_regex::Error>> {
    RegexBuilder::new(text).case_insensitive(true).backtrack_limit(MOST_STEPS).build().map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;
    use proptest::prelude::*;

    fn read(nlu: &str) -> (Entities, Vec<String>) {
        let mut mistakes = Vec::new();
        let mut findings = Findings::new("data/nlu.yml", &mut mistakes);
        let root = yaml::read(nlu, &mut findings).unwrap();
        let mut entities = Entities::default();
        root.items().iter().for_each(|item| entities.take(item, &mut findings));
        entities.ready();
        (entities, mistakes.iter().map(ToString::to_string).collect())
    }

    const NLU: &str = r#"
- regex: ticket
  examples: |
    - [A-Z]{2}-\d{3}
- lookup: bank
  examples: |
    - Banco
    - Banco de Chile
- synonym: Ciudad de México
  examples: |
    - el DF
- intent: travel
  examples: |
    - voy a [Lima](city)
    - voy a [el defe]{"entity": "city", "value": "Ciudad de México"} el [lunes](day:monday)
    - vivo en [el DF](city)
"#;

    #[track_caller]
    fn check(text: &str, expected: Json) {
        assert_eq!(Json::Object(read(NLU).0.find(text)), expected, "{text}");
    }

    #[test]
    fn a_pattern_a_list_and_a_marked_example_name_entities() {
        check("mi folio es ab-123, gracias", serde_json::json!({"ticket": "ab-123"}));
        check("soy del banco de chile", serde_json::json!({"bank": "banco de chile"}));
        check("viajo a lima", serde_json::json!({"city": "lima"}));
    }

    #[test]
    fn a_synonym_is_given_by_what_it_stands_for() {
        check("estoy en el df", serde_json::json!({"city": "Ciudad de México"}));
        check("estoy en El Defe desde el lunes", serde_json::json!({"city": "Ciudad de México", "day": "monday"}));
    }

    #[test]
    fn several_of_one_kind_are_a_list_and_each_stands_once() {
        check("de Lima al DF y de vuelta a Lima", serde_json::json!({"city": "Lima"}));
        check("de Lima a el DF y de vuelta a Lima", serde_json::json!({"city": ["Lima", "Ciudad de México"]}));
    }

    #[test]
    fn part_of_a_word_is_no_entity() {
        check("limar las uñas en bancos", serde_json::json!({}));
    }

    #[test]
    fn a_broken_pattern_is_named_with_its_place() {
        let (_, mistakes) = read("- regex: a\n  examples: |\n    - (\n");
        assert!(mistakes.len() == 1 && mistakes[0].contains("nlu.yml:3") && mistakes[0].contains("`(` of `a`"), "{mistakes:?}");
    }

    #[test]
    fn a_pattern_that_gets_lost_finds_nothing() {
        let (entities, _) = read("- regex: a\n  examples: |\n    - (?:a+)+(?=b)(?<!c)$\n");
        assert!(entities.find(&"a".repeat(5_000)).is_empty());
    }

    proptest! {
        #[test]
        fn no_text_panics_the_search(text in "\\PC{0,80}", nlu in "\\PC{0,30}") {
            read(NLU).0.find(&text);
            read(&format!("- intent: a\n  examples: |\n    - {}\n", nlu.replace('\n', " "))).0.find(&text);
        }
    }
}
