//! The import `log`: notes for the operator. Every component gets it.
//!
//! Lives here: the budget, and the removal of what could play tricks on a terminal.
//! Never here: where notes end up.

use super::state::{State, plain};
use super::wit::centralita::action::log;

/// Bytes of a level, of a code or a field's name, and of a field.
const LEVEL: usize = 16;
const NAME: usize = 64;
const FIELD: usize = 512;

impl log::Host for State {
    fn write(&mut self, level: String, code: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        // A note costs something even if it is empty, so that a flood of empty ones ends too.
        let bytes = 32 + level.len() + code.len() + fields.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>();
        match self.log_left.checked_sub(bytes) {
            Some(left) => {
                self.log_left = left;
                let fields = fields.iter().map(|(name, text)| (plain(name, NAME), plain(text, FIELD))).collect();
                self.host.log(&plain(&level, LEVEL), &plain(&code, NAME), fields);
            }
            None => self.log_dropped += 1,
        }
        Ok(())
    }
}
