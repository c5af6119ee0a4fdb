//! The guards that stand between a plugin and what it must not do, by name.
//!
//! Lives here: the list, and how a test takes one down to see that its crime then succeeds. In every build but the
//! tests' own a guard stands, and the compiler knows it.
//! Never here: what a guard does (its own module), limits that are numbers (a test raises those).

/// A guard that is code. `docs/SECURITY.md` says which crime proves each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// `sandbox/load.rs`: an import that is not granted is refused by its name.
    Imports,
    /// `sandbox/run.rs`: an interface that is not granted is not linked.
    Linking,
    /// `sandbox/load.rs`: a component has at most so many bytes.
    Size,
    /// `sandbox/load.rs`: components inside components go only so deep.
    Nesting,
    /// `sandbox/limits.rs`: a table grows only so far.
    Table,
    /// `sandbox/run.rs`: bytes a guest copies into the host in one call.
    Copies,
    /// `sandbox/state.rs`: things of the host that a guest holds on to.
    Handles,
    /// `runs/host`: slots that may be read.
    SlotRead,
    /// `runs/host`: slots that may be set.
    SlotWrite,
    /// `runs/host`: responses that may be said.
    Response,
    /// `runs/host`: bindings that may be used.
    Binding,
    /// `runs/host`: statements that may be run.
    Statement,
    /// `runs/host`: bytes a statement answers with.
    Rows,
    /// `runs/host`: a token goes into a slot of its own class only.
    SlotClass,
    /// `runs/host`: live values in plain columns of a statement.
    Echoes,
    /// `runs/host`: live values in answers of a binding.
    Answers,
    /// `runs/host`: no token in a path or a header.
    TokenInPath,
    /// `runs/host`: no token in a note.
    TokenInLog,
    /// `runs/host`: values reach the database beside the SQL, never in it.
    #[cfg(test)]
    Bound,
    /// `grants/statements.rs`: a parameter with a class takes tokens only.
    TokensOnly,
    /// `grants/statements.rs`: a parameter takes tokens of its own class only, a plain one none.
    ParameterClass,
    /// `grants/values.rs`: a value goes into the fields its class is allowed in.
    Places,
    /// `egress/path.rs`: the alphabet of a path.
    Alphabet,
    /// `egress/binding.rs`: methods and paths that a rule names.
    Rules,
    /// `egress/binding.rs`: an address stays below its base URL.
    Base,
    /// `egress/headers.rs`: headers that may be sent.
    Headers,
    /// `egress/mod.rs`: a redirect is an answer.
    Redirects,
    /// `egress/address.rs`: addresses a name may lead to.
    Addresses,
}

/// Whether a guard stands.
#[cfg(not(test))]
#[inline]
pub(crate) const fn stands(_guard: Guard) -> bool {
    true
}

#[cfg(test)]
pub(crate) use down::{stands, take_down};

#[cfg(test)]
mod down {
    use super::Guard;
    use std::cell::RefCell;

    thread_local! {
        static DOWN: RefCell<Vec<Guard>> = const { RefCell::new(Vec::new()) };
    }

    /// Guards that are down on this thread until this is dropped. Tests run on runtimes of one thread.
    #[must_use]
    pub(crate) struct Down(Vec<Guard>);

    pub(crate) fn stands(guard: Guard) -> bool {
        DOWN.with_borrow(|down| !down.contains(&guard))
    }

    pub(crate) fn take_down(guards: &[Guard]) -> Down {
        DOWN.with_borrow_mut(|down| Down(std::mem::replace(down, guards.to_vec())))
    }

    impl Drop for Down {
        fn drop(&mut self) {
            DOWN.with_borrow_mut(|down| *down = std::mem::take(&mut self.0));
        }
    }

    #[test]
    fn a_guard_is_down_for_one_test_and_as_long_as_it_says() {
        assert!(stands(Guard::Rules));
        {
            let _down = take_down(&[Guard::Rules]);
            assert!(!stands(Guard::Rules) && stands(Guard::Base));
            assert!(std::thread::spawn(|| stands(Guard::Rules)).join().expect("no panic"), "another test is not touched");
        }
        assert!(stands(Guard::Rules));
    }
}
