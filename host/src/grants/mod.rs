//! What plugins ask for and what the operator grants.
//!
//! Lives here: `plugin.yml` (the author's [`Manifest`]), `plugins.yml` (the operator's [`Grants`]:
//! plugins, bindings, statements, value classes), what is in force ([`Effective`]), and tokens.
//! Never here: running a component (`sandbox`), sending a request (`egress`), running SQL (`store`).

mod authority;
mod base;
mod bindings;
mod class;
mod effective;
mod limits;
mod manifest;
mod once;
mod operator;
mod pieces;
mod signer;
mod statements;
pub(crate) mod strict;
mod surplus;
mod template;
pub mod values;

pub use authority::{Authority, Writes};
pub use bindings::{BindingSpec, Place, VariableError};
pub use class::{BadToken, Class, TOKEN_BYTES, token};
pub use effective::{Effective, Note, effective};
pub use limits::{Asked, Limits};
pub use manifest::Manifest;
pub use once::Once;
pub use operator::{Grants, PluginGrant};
pub use signer::{BadKey, PublicKey};
pub use statements::{Column, Fact, Parameter, Statement, StatementKind, WrongParameters};
pub use surplus::Surplus;

#[cfg(test)]
mod tests;
