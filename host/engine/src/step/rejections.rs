//! `action_run_slot_rejections`: whether a question's answer is accepted (`rasa-calm.md` §1.5, §2.2).
//!
//! Lives here: the rejections of a question and of a slot, the first that holds.
//! Never here: values a slot's type cannot hold; they never get into the slot (`execute.rs`).

use super::Mover;
use super::default_action::Then;
use crate::condition::Condition;
use crate::event::Event;
use crate::scope::{self, StateScope, slot_value};
use crate::state::Frame;
use crate::{ResponseName, Value};

impl Mover<'_> {
    /// Checks the value the pattern's slot got. A refused value is emptied, counts as a miss, and may end
    /// the asking.
    pub(super) fn reject(&mut self, frame: &Frame) -> Then {
        let Some((slot, rejections)) = scope::rejections(self.project, &self.state, frame) else { return Then::GoOn };
        if slot_value(self.project, &self.state, &slot).is_none() {
            return Then::GoOn;
        }
        let Some(utter) = self.refusal(frame, rejections) else { return Then::GoOn };
        self.emit(Event::Slot { name: slot, value: Value::None });
        self.say_response(&utter);
        if self.miss() { Then::Again } else { Then::GoOn }
    }

    /// The response of the first rejection that holds. One that cannot be evaluated is an internal error,
    /// and the value stands.
    fn refusal(&mut self, frame: &Frame, rejections: &[(Condition, ResponseName)]) -> Option<ResponseName> {
        let context = scope::context(self.project, &self.state, frame);
        for (condition, utter) in rejections {
            let scope = StateScope { project: self.project, state: &self.state, context: &context };
            match condition.evaluate(&scope) {
                Ok(true) => return Some(utter.clone()),
                Ok(false) => {}
                Err(error) => {
                    self.emit(Event::Faulted { fault: format!("the rejection `{}`: {error}", condition.text()) });
                    self.say_if_there("utter_internal_error_rasa");
                }
            }
        }
        None
    }
}
