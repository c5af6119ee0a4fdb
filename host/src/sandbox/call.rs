//! The import `call`: what a run may know and say. Every component gets it.
//!
//! Lives here: sizes of what leaves the guest.
//! Never here: which slots are granted; the run's [`super::Capabilities`] answers `none` for others.

use super::lowered::lowered;
use super::state::{State, given, size, taken};
use super::wit::centralita::action::call;

impl call::Host for State {
    fn now(&mut self) -> wasmtime::Result<String> {
        let now = self.host.now();
        lowered(now.as_bytes());
        Ok(now)
    }

    fn language(&mut self) -> wasmtime::Result<String> {
        let language = self.host.language();
        lowered(language.as_bytes());
        Ok(language)
    }

    fn attempt(&mut self) -> wasmtime::Result<u32> {
        Ok(self.host.attempt())
    }

    fn slot(&mut self, name: String) -> wasmtime::Result<call::Value> {
        Ok(given(self.host.slot(&name)))
    }

    fn set_slot(&mut self, name: String, value: call::Value) -> wasmtime::Result<()> {
        self.count_output(name.len() + size(&value))?;
        self.host.set_slot(&name, taken(value)?);
        Ok(())
    }

    fn respond(&mut self, response: String, arguments: Vec<(String, call::Value)>) -> wasmtime::Result<()> {
        let bytes: usize = arguments.iter().map(|(name, value)| name.len() + size(value)).sum();
        self.count_output(response.len() + bytes)?;
        let arguments = arguments.into_iter().map(|(name, value)| Ok((name, taken(value)?)));
        let arguments = arguments.collect::<wasmtime::Result<_>>()?;
        self.host.respond(&response, arguments);
        Ok(())
    }
}
