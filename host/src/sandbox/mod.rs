//! The sandbox: plugins as WebAssembly components, each run in an instance of its own.
//!
//! Lives here: loading and refusing components, linking what a grant allows and nothing else, the limits of a
//! run, and how a run ended.
//! Never here: what stands behind a host call. Values, statements, requests and their journal are the caller's
//! [`Capabilities`]; this module knows no secret, no address and no SQL.

mod call;
mod capabilities;
mod compile;
mod compiled;
mod engine;
mod explain;
mod http;
mod limits;
mod load;
mod log;
mod lowered;
mod manifest;
mod records;
mod run;
mod spent;
mod state;
mod stderr;
mod wasi;

#[cfg(test)]
mod tests;

pub use capabilities::{Capabilities, HttpAnswer, HttpRequest, Refusal, Row};
pub use compile::{COMPILE, compile_apart};
pub use compiled::Cache;
#[cfg(test)]
pub(crate) use engine::Settings;
pub use limits::Limits;
pub use load::{Component, LoadError, Offer, vet};
#[cfg(debug_assertions)]
pub use lowered::watch_guests;
pub use manifest::{manifest_of, with_manifest};
pub use run::{Finished, Sandbox};
pub use spent::Spent;

/// The contract (`wit/action.wit`) as host traits.
#[allow(clippy::doc_markdown, unreachable_pub, reason = "generated from wit/action.wit")]
mod wit {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "action",
        imports: {
            "centralita:action/http.send": async | trappable,
            "centralita:action/records": async | trappable,
            default: trappable,
        },
        exports: { default: async },
        with: { "centralita:action/http.response": super::http::Response },
        trappable_error_type: { "centralita:action/failures.failure" => super::state::Fault },
        include_component_type: true,
        require_store_data_send: true,
    });
}
