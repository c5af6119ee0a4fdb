//! Slots with a type: named once, read and written without looking at kinds of values.
//!
//! Lives here: [`Slot`], and which Rust types a slot can hold.
//! Never here: whether a slot is granted; the host answers nothing for one that is not.

use crate::{Failure, Run, Value};
use std::marker::PhantomData;

/// A slot, or a fact of the call, that holds a `T`.
///
/// ```
/// use centralita_plugin::{Failure, Fake, Run, Slot};
///
/// const AMOUNT: Slot<f64> = Slot::new("amount");
/// const DOUBLE: Slot<f64> = Slot::new("double");
///
/// fn double(run: &Run) -> Result<(), Failure> {
///     run.put(&DOUBLE, run.need(&AMOUNT)? * 2.0);
///     Ok(())
/// }
///
/// let fake = Fake::at("2026-11-23T07:30:00-06:00").slot("amount", 21.0);
/// double(&fake.run())?;
/// assert_eq!(fake.run().get(&DOUBLE)?, Some(42.0));
/// # Ok::<(), Failure>(())
/// ```
pub struct Slot<T> {
    name: &'static str,
    holds: PhantomData<fn() -> T>,
}

impl<T> Slot<T> {
    /// A slot by the name the domain and the manifest give it.
    pub const fn new(name: &'static str) -> Self {
        Self { name, holds: PhantomData }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// A type that a slot can hold.
pub trait SlotType: Sized + Into<Value> {
    /// What the type is called in a failure.
    const NAME: &'static str;

    /// The value as this type; `None` if it is another.
    fn read(value: &Value) -> Option<Self>;
}

impl SlotType for String {
    const NAME: &'static str = "text";

    fn read(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text.clone()) } else { None }
    }
}

impl SlotType for f64 {
    const NAME: &'static str = "a number";

    fn read(value: &Value) -> Option<Self> {
        value.as_number()
    }
}

impl SlotType for bool {
    const NAME: &'static str = "a truth value";

    fn read(value: &Value) -> Option<Self> {
        if let Value::Boolean(yes) = value { Some(*yes) } else { None }
    }
}

impl SlotType for Vec<String> {
    const NAME: &'static str = "a list of texts";

    fn read(value: &Value) -> Option<Self> {
        if let Value::Items(items) = value { Some(items.clone()) } else { None }
    }
}

impl Run {
    /// What a slot holds; `None` when it is unset, empty text, or not granted.
    ///
    /// # Errors
    /// Kind `failed` if it holds something of another type; the value itself is not named.
    pub fn get<T: SlotType>(&self, slot: &Slot<T>) -> Result<Option<T>, Failure> {
        match self.slot(slot.name) {
            Value::None => Ok(None),
            Value::Text(text) if text.is_empty() => Ok(None),
            value => match T::read(&value) {
                Some(held) => Ok(Some(held)),
                None => Err(Failure::failed(format!("slot `{}` does not hold {}", slot.name, T::NAME))),
            },
        }
    }

    /// What a slot holds that the action cannot do without.
    ///
    /// # Errors
    /// Kind `failed` if it is unset, not granted or of another type.
    pub fn need<T: SlotType>(&self, slot: &Slot<T>) -> Result<T, Failure> {
        self.get(slot)?.ok_or_else(|| Failure::failed(format!("slot `{}` is not set, or reading it is not granted", slot.name)))
    }

    /// Sets a slot that the manifest asks to write.
    pub fn put<T: SlotType>(&self, slot: &Slot<T>, value: impl Into<T>) {
        self.set(slot.name, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fake;

    const NAME: Slot<String> = Slot::new("name");
    const COUNT: Slot<f64> = Slot::new("count");

    #[test]
    fn a_slot_of_another_type_is_a_failure_that_does_not_show_the_value() {
        let run = Fake::at("2026-11-23T07:30:00-06:00").slot("name", 4.0).run();
        let failure = run.get(&NAME).expect_err("a number");
        assert_eq!((failure.kind.as_str(), failure.detail.as_str()), ("failed", "slot `name` does not hold text"));
    }

    #[test]
    fn an_unset_slot_is_nothing_unless_it_is_needed() {
        let run = Fake::at("2026-11-23T07:30:00-06:00").slot("name", "").run();
        assert_eq!(run.get(&NAME), Ok(None));
        assert_eq!(run.get(&COUNT), Ok(None));
        assert!(run.need(&COUNT).expect_err("unset").detail.contains("`count` is not set"));
        run.put(&NAME, "Ana");
        assert_eq!(run.need(&NAME).as_deref(), Ok("Ana"));
    }
}
