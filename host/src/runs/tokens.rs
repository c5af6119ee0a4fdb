//! Tokens: how a sensitive value looks to a plugin.
//!
//! Lives here: making a token of a value, and finding the value again during one run.
//! Never here: where a value may be put back (`grants` says that).

use crate::grants::{Class, TOKEN_BYTES, token, values, values::Live};
use crate::seal::{Keys, Purpose};
use centralita_engine::{Masked, Value};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// The length of the shortest sensitive values, which other numbers may be by chance.
const LAST4: usize = 4;

/// The tokens of one run. A token is a keyed hash over call, class and value: the same value is the
/// same token throughout its call, another call's is another, and nobody without the key can tell
/// which value it stands for.
pub(crate) struct Tokens {
    keys: Arc<Keys>,
    call: String,
    known: HashMap<String, (Class, String)>,
    /// What this run was not given and must not come across either.
    watched: HashMap<String, (Class, String)>,
}

impl Tokens {
    pub(crate) fn new(keys: Arc<Keys>, call: &str) -> Self {
        Self { keys, call: call.to_owned(), known: HashMap::new(), watched: HashMap::new() }
    }

    /// The token of a text; a text of no sensitive class stays as it is.
    pub(crate) fn hide(&mut self, class: Class, text: &str) -> String {
        if !class.is_sensitive() {
            return text.to_owned();
        }
        let token = self.token(class, text);
        self.known.insert(token.clone(), (class, text.to_owned()));
        token
    }

    fn token(&self, class: Class, text: &str) -> String {
        let mac = self.keys.mac(Purpose::Value, &[self.call.as_bytes(), class.as_str().as_bytes(), text.as_bytes()]);
        let mut bytes = [0; TOKEN_BYTES];
        bytes.copy_from_slice(&mac[..TOKEN_BYTES]);
        token(class, bytes)
    }

    /// A sensitive value of the call that comes back as a token wherever it turns up. The token is of no use to a run
    /// that never met it, should it know how it is spelled.
    pub(crate) fn watch(&mut self, class: Class, value: &Value) {
        if !class.is_sensitive() {
            return;
        }
        let texts: Vec<&str> = match value {
            Value::Text(text) => vec![text.reveal()],
            Value::Items(items) => items.iter().map(|item| item.reveal().as_str()).collect(),
            Value::None | Value::Number(_) | Value::Bool(_) | Value::Json(_) => Vec::new(),
        };
        for text in texts {
            let token = self.token(class, text);
            if !self.known.contains_key(&token) {
                self.watched.insert(token, (class, text.to_owned()));
            }
        }
    }

    /// A text that the run is given: the tokens in it are its own from here on.
    pub(crate) fn met(&mut self, text: &str) {
        if values::holds_token(text) {
            self.known.extend(self.watched.extract_if(|token, _| text.contains(token.as_str())));
        }
    }

    /// Plain columns without live values. Numbers and short texts are what a statement was `given` or they are anything: a
    /// running number may well be somebody's last four digits.
    pub(crate) fn scrub_columns<'c>(&mut self, columns: impl Iterator<Item = &'c mut Json>, given: &[&str]) {
        let live: Vec<Live<'_>> = self.live().into_iter().filter(|live| live.value.len() > LAST4 || given.contains(&live.value)).collect();
        let mut texts: Vec<String> = Vec::new();
        for value in columns {
            match &mut *value {
                Json::Null | Json::Bool(_) => {}
                Json::Number(number) => {
                    let same = |live: &&Live<'_>| given.contains(&live.value) && live.value.parse::<f64>().ok() == number.as_f64();
                    if let Some(echo) = live.iter().find(same) {
                        *value = echo.token.into();
                    }
                }
                Json::String(text) => {
                    if let Some(scrubbed) = values::scrubbed(text, &live) {
                        *text = scrubbed;
                    }
                }
                Json::Array(_) | Json::Object(_) => values::scrub_json(value, &live),
            }
            match value {
                Json::String(text) if values::holds_token(text) => texts.push(text.clone()),
                Json::Array(_) | Json::Object(_) => texts.push(value.to_string()),
                Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
            }
        }
        texts.iter().for_each(|text| self.met(text));
    }

    /// A value as a plugin sees it.
    pub(crate) fn hide_value(&mut self, class: Class, value: Value) -> Value {
        match value {
            Value::Text(text) => Value::text(self.hide(class, text.reveal())),
            Value::Items(items) => Value::Items(items.iter().map(|item| Masked::new(self.hide(class, item.reveal()))).collect()),
            Value::Number(number) if class.is_sensitive() => Value::text(self.hide(class, &number.to_string())),
            Value::Json(json) if class.is_sensitive() => Value::text(self.hide(class, &json.reveal().to_string())),
            plain @ (Value::None | Value::Bool(_) | Value::Number(_) | Value::Json(_)) => plain,
        }
    }

    /// The class and value behind a token of this run.
    pub(crate) fn find(&self, token: &str) -> Option<(Class, String)> {
        self.known.get(token).cloned()
    }

    /// A value with its tokens put back, whatever their class: for what goes to the dialogue itself.
    pub(crate) fn show(&self, value: Value) -> Value {
        let text = |text: &Masked<String>| Masked::new(self.known.get(text.reveal()).map_or_else(|| text.reveal().clone(), |(_, value)| value.clone()));
        match value {
            Value::Text(token) => Value::Text(text(&token)),
            Value::Items(tokens) => Value::Items(tokens.iter().map(text).collect()),
            other @ (Value::None | Value::Number(_) | Value::Bool(_) | Value::Json(_)) => other,
        }
    }

    /// A text with every token of this run in it put back.
    pub(crate) fn fill(&self, text: &str) -> String {
        if !values::holds_token(text) {
            return text.to_owned();
        }
        self.known.iter().fold(text.to_owned(), |text, (token, (_, value))| text.replace(token, value))
    }

    /// The class and value behind each token that stands in a text.
    pub(crate) fn in_text(&self, text: &str) -> Vec<(&'static str, String)> {
        let held = self.known.iter().filter(|(token, _)| text.contains(token.as_str()));
        let mut held: Vec<_> = held.map(|(_, (class, value))| (class.as_str(), value.clone())).collect();
        held.sort_unstable();
        held
    }

    /// Every live value, for scrubbing what comes back.
    pub(crate) fn live(&self) -> Vec<Live<'_>> {
        self.known.iter().chain(&self.watched).map(|(token, (class, value))| Live { token, class: *class, value }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(call: &str) -> Tokens {
        Tokens::new(Arc::new(Keys::from_bytes(&[7; 32])), call)
    }

    #[test]
    fn a_token_says_nothing_of_its_value_and_differs_from_call_to_call() {
        let (mut one, mut other) = (tokens("CA1"), tokens("CA2"));
        let token = one.hide(Class::Last4, "4521");
        assert!(!token.contains("4521"));
        assert_eq!(token, one.hide(Class::Last4, "4521"));
        assert_ne!(token, other.hide(Class::Last4, "4521"));
        assert_ne!(token, one.hide(Class::Client, "4521"));
        assert!(one.find(&token) == Some((Class::Last4, "4521".into())));
        assert!(other.find(&token).is_none());
    }

    #[test]
    fn the_dialogue_gets_values_back_and_leaves_other_text_alone() {
        let mut tokens = tokens("CA1");
        let token = tokens.hide(Class::Name, "Ana");
        assert!(tokens.show(Value::text(token)) == Value::text("Ana"));
        assert!(tokens.show(Value::text("tok_name_0000")) == Value::text("tok_name_0000"));
    }
}
