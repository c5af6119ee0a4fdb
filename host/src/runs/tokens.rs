//! Tokens: how a sensitive value looks to a plugin.
//!
//! Lives here: making a token of a value, and finding the value again during one run.
//! Never here: where a value may be put back (`grants` says that).

use crate::grants::{Class, TOKEN_BYTES, token, values, values::Live};
use crate::seal::{Keys, Purpose};
use centralita_engine::{Masked, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// The tokens of one run. A token is a keyed hash over call, class and value: the same value is the
/// same token throughout its call, another call's is another, and nobody without the key can tell
/// which value it stands for.
pub(crate) struct Tokens {
    keys: Arc<Keys>,
    call: String,
    known: HashMap<String, (Class, String)>,
}

impl Tokens {
    pub(crate) fn new(keys: Arc<Keys>, call: &str) -> Self {
        Self { keys, call: call.to_owned(), known: HashMap::new() }
    }

    /// The token of a text; a text of no sensitive class stays as it is.
    pub(crate) fn hide(&mut self, class: Class, text: &str) -> String {
        if !class.is_sensitive() {
            return text.to_owned();
        }
        let mac = self.keys.mac(Purpose::Value, &[self.call.as_bytes(), class.as_str().as_bytes(), text.as_bytes()]);
        let mut bytes = [0; TOKEN_BYTES];
        bytes.copy_from_slice(&mac[..TOKEN_BYTES]);
        let token = token(class, bytes);
        self.known.insert(token.clone(), (class, text.to_owned()));
        token
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
        self.known.iter().map(|(token, (class, value))| Live { token, class: *class, value }).collect()
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
