//! What a slot, an argument or a context key holds.

use crate::Masked;
use serde::{Deserialize, Serialize};

/// A value of the dialogue. Text is masked, since most of it comes from a caller.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Not set.
    #[default]
    None,
    /// A string.
    Text(Masked<String>),
    /// A number; Rasa's `float`.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A list of strings.
    Items(Vec<Masked<String>>),
    /// Anything else, as JSON.
    Json(Masked<serde_json::Value>),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Masked::new(text.into()))
    }

    /// Whether nothing is set.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The text, if this is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.reveal()),
            Self::None | Self::Number(_) | Self::Bool(_) | Self::Items(_) | Self::Json(_) => None,
        }
    }

    /// The value as it would be spoken: `None` is the empty string.
    pub fn spoken(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) => text.reveal().clone(),
            Self::Number(number) => number.to_string(),
            Self::Bool(yes) => yes.to_string(),
            Self::Items(items) => items.iter().map(|item| item.reveal().as_str()).collect::<Vec<_>>().join(", "),
            Self::Json(json) => json.reveal().to_string(),
        }
    }

    /// The value as plain JSON, for templates, trackers and plugins.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::None => serde_json::Value::Null,
            Self::Text(text) => text.reveal().clone().into(),
            Self::Number(number) => (*number).into(),
            Self::Bool(yes) => (*yes).into(),
            Self::Items(items) => items.iter().map(|item| item.reveal().clone()).collect(),
            Self::Json(json) => json.reveal().clone(),
        }
    }

    /// The value a JSON literal stands for.
    pub fn from_json(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::None,
            serde_json::Value::Bool(yes) => Self::Bool(yes),
            serde_json::Value::Number(number) => number.as_f64().map_or(Self::None, Self::Number),
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) if items.iter().all(serde_json::Value::is_string) => {
                Self::Items(items.into_iter().filter_map(|item| item.as_str().map(Masked::from)).collect())
            }
            other @ (serde_json::Value::Array(_) | serde_json::Value::Object(_)) => Self::Json(Masked::new(other)),
        }
    }
}
