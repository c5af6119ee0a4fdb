//! What a plugin author depends on: a run and what it may ask of the host, as plain Rust.
//!
//! Lives here: the bindings of `wit/action.wit`, typed access to them, the macro that names a plugin's
//! actions, and a host made of values ([`Fake`]) that runs actions natively in unit tests.
//! Never here: rules of a business, credentials, addresses: those belong to plugins and to the operator.
//!
//! ```
//! use centralita_plugin::{Failure, Run};
//!
//! fn greet(run: &Run) -> Result<(), Failure> {
//!     run.say("utter_greeting");
//!     Ok(())
//! }
//!
//! centralita_plugin::actions! { "action_greet" => greet }
//! # fn main() {}
//! ```
//!
//! A component imports only what its actions really call: a plugin that never sends a request does not ask
//! for `http`, and a reviewer sees that in the binary.

mod action;
mod failure;
#[cfg(not(target_arch = "wasm32"))]
mod fake;
mod moment;
mod run;
mod slot;
mod value;

/// The contract as Rust. Plugins reach it through [`Run`]; [`actions!`] needs it to be public.
#[doc(hidden)]
#[allow(unsafe_code, unreachable_pub, clippy::doc_markdown, reason = "generated from wit/action.wit")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "action",
        pub_export_macro: true,
        export_macro_name: "export_actions",
        additional_derives: [PartialEq],
    });
}

pub use action::Action;
pub use bindings::centralita::action::call::Value;
pub use bindings::centralita::action::failures::Failure;
pub use failure::Kind;
#[cfg(not(target_arch = "wasm32"))]
pub use fake::Fake;
pub use moment::Moment;
pub use run::{Level, Request, Response, Run};
pub use slot::{Slot, SlotType};
pub use value::Row;

/// Names the plugin's actions, as its manifest and the domain spell them. Once per plugin.
///
/// Each is an [`Action`]: a `fn(&Run) -> Result<(), Failure>`, as a rule. A failure ends the run with its kind as the
/// outcome the flow sees.
#[macro_export]
macro_rules! actions {
    ($($name:literal => $action:path),+ $(,)?) => {
        #[doc(hidden)]
        pub fn run_action(action: &str, run: &$crate::Run) -> ::core::result::Result<(), $crate::Failure> {
            match action {
                $($name => $crate::Action::act(&$action, run),)+
                _ => ::core::result::Result::Err($crate::Failure::failed("the plugin has no such action")),
            }
        }

        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "generated glue of the component model")]
        const _: () = {
            struct Plugin;
            impl $crate::bindings::exports::centralita::action::actions::Guest for Plugin {
                fn run(action: String) -> ::core::result::Result<(), $crate::Failure> {
                    run_action(&action, &$crate::Run::of_host())
                }
            }
            $crate::bindings::export_actions!(Plugin with_types_in $crate::bindings);
        };
    };
}
