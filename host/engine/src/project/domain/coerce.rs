//! What a slot makes of a value somebody gives it (`rasa-calm.md` §2.2.1).
//!
//! Lives here: one rule a type.
//! Never here: what the caller hears when a value does not fit (`step/execute.rs`).

use super::{Slot, SlotKind};
use crate::Value;

impl Slot {
    /// The value a slot takes when it is given `raw`; `None` when it cannot hold that.
    pub fn coerce(&self, raw: &Value) -> Option<Value> {
        if raw.is_none() {
            return Some(Value::None);
        }
        match &self.kind {
            SlotKind::Text => Some(as_text(raw)),
            SlotKind::Any => Some(raw.clone()),
            SlotKind::List => is_list(raw).then(|| raw.clone()),
            SlotKind::Categorical(values) => {
                let said = raw.spoken().trim().to_lowercase();
                values.iter().find(|value| value.to_lowercase() == said).map(Value::text)
            }
            SlotKind::Float => self.as_number(raw).map(Value::Number),
            SlotKind::Bool => as_truth(raw).map(Value::Bool),
        }
    }

    fn as_number(&self, raw: &Value) -> Option<f64> {
        let number = match raw {
            Value::Number(number) => *number,
            Value::Text(text) => text.reveal().trim().parse().ok()?,
            Value::None | Value::Bool(_) | Value::Items(_) | Value::Json(_) => return None,
        };
        let (least, most) = self.range;
        let fits = number.is_finite() && least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most);
        fits.then_some(number)
    }
}

/// Numbers and truth values become words. What an action gives that is neither stays what it is: a text slot
/// of Rasa's holds whatever an action puts there.
fn as_text(raw: &Value) -> Value {
    match raw {
        Value::Text(_) | Value::Items(_) | Value::Json(_) | Value::None => raw.clone(),
        Value::Number(_) | Value::Bool(_) => Value::text(raw.spoken()),
    }
}

fn is_list(raw: &Value) -> bool {
    match raw {
        Value::Items(_) => true,
        Value::Json(json) => json.reveal().is_array(),
        Value::None | Value::Text(_) | Value::Number(_) | Value::Bool(_) => false,
    }
}

fn as_truth(raw: &Value) -> Option<bool> {
    match raw.spoken().trim().to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}
