//! Values of the dialogue and rows of statements, read and made without ceremony.
//!
//! Lives here: conversions and typed access.
//! Never here: the meaning of a token. Sensitive text is opaque; pass it on as it came.

use crate::Value;

impl Value {
    /// The text, if this is text and not empty.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            Self::Text(_) | Self::None | Self::Number(_) | Self::Boolean(_) | Self::Items(_) | Self::Json(_) => None,
        }
    }

    /// The number, or the number that a text spells.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::None | Self::Boolean(_) | Self::Items(_) | Self::Json(_) => None,
        }
    }

    /// The items; a text counts as one item, anything else as none.
    pub fn into_items(self) -> Vec<String> {
        match self {
            Self::Items(items) => items,
            Self::Text(text) => vec![text],
            Self::None | Self::Number(_) | Self::Boolean(_) | Self::Json(_) => Vec::new(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Boolean(yes)
    }
}

impl From<Vec<String>> for Value {
    fn from(items: Vec<String>) -> Self {
        Self::Items(items)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

/// One row that a statement returned: its columns, in the statement's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(Vec<(String, Value)>);

impl Row {
    /// A row of columns with their values.
    pub fn new(columns: Vec<(String, Value)>) -> Self {
        Self(columns)
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn into_columns(self) -> Vec<(String, Value)> {
        self.0
    }

    /// The value in a column; `none` if the statement returns no such column.
    pub fn get(&self, column: &str) -> &Value {
        self.0.iter().find(|(name, _)| name == column).map_or(&Value::None, |(_, value)| value)
    }

    /// The text in a column, unless it is empty or no text.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.get(column).as_text()
    }
}
