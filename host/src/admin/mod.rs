//! The admin listener: what people look at. The browser telephone, the call beside it, the desk's tickets.
//!
//! Lives here: the router and what the host must bring. Beside it: who gets in (`guard.rs`), the
//! telephone's requests (`calls.rs`), pages (`pages.rs`) and the files they load (`assets.rs`).
//! Never here: how a call is answered, where its events are kept (the host implements [`View`]).

mod assets;
mod calls;
mod guard;
mod pages;
mod refusal;

use std::{net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use serde::Serialize;

use crate::{phone::Line, standin::desk::Desk, standin::network::Network};

/// Bytes of a request, at most.
const BODY: usize = 16 * 1024;

/// What the admin listener is made of.
pub struct Parts {
    /// What the address that `dev` prints carries as `?token=`: letters and digits, random, at least 128 bits.
    pub token: String,
    /// Where the listener is bound; its address is one of the names it answers to.
    pub bind: SocketAddr,
    /// The public listener, as Twilio would reach it.
    pub line: Arc<Line>,
    /// What there is to see.
    pub view: Arc<dyn View>,
    /// The stand-in ticket desk, if this process has one.
    pub desk: Option<Desk>,
    /// The stand-in of the telephone network's API, if this process has one.
    pub network: Option<Network>,
    /// What the page calls the project.
    pub project_name: String,
}

/// What the host shows of itself.
#[async_trait]
pub trait View: Send + Sync {
    /// The release that the next call gets.
    fn release(&self) -> ReleaseView;

    /// One call, turn by turn, with nothing in it that may not be shown: slots are masked already.
    ///
    /// ```json
    /// {"call": "CA…", "release": "a1…", "status": "…", "turns": [{
    ///     "turn": 1, "heard": {"text": "…", "via": "speech", "destroyed": false}, "by": "matcher", "commands": ["…"], "dropped": 0,
    ///     "said": [{"response": "utter_…", "text": "…"}], "runs": [{"action": "…", "ending": "done", "detail": ""}], "notes": ["…"],
    ///     "flow": "block_card", "stack": [{"flow": "block_card", "step": "…"}], "slots": {"card_last4": "••••"}}]}
    /// ```
    ///
    /// `heard`, `by` and `flow` may be null; so is the whole answer when the call is not known.
    ///
    /// # Errors
    /// The store cannot be read. The page says that there is nothing; the log says why.
    async fn trace(&self, call: &str) -> anyhow::Result<serde_json::Value>;

    /// Adds a record to the host's audit: who came in, what was looked at. A record that cannot be written stops nobody.
    async fn audit(&self, record: serde_json::Value);

    /// The metrics in Prometheus' text format, with nothing personal: nobody is asked for a token.
    fn metrics(&self) -> String;
}

/// A release as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseView {
    /// The digest of the release in force.
    pub current: String,
    /// By whom the release was reviewed, and until when it could go live; null: `unreviewed`.
    pub reviewed: Option<String>,
    /// What is stopped or set aside, a line each.
    pub orders: Vec<String>,
    pub plugins: Vec<PluginView>,
    /// The last time something on disk changed, whether it came to a new release or not.
    pub last_reload: Option<ReloadView>,
    /// How callers are understood, in a few words: `matcher`, `matcher + gpt-…`.
    pub understanding: String,
}

/// A plugin of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PluginView {
    pub name: String,
    pub digest: String,
    /// What the component imports, which is what it can do.
    pub imports: Vec<String>,
}

/// One try to build the next release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReloadView {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Whether the new release is in force.
    pub ok: bool,
    /// From the change on disk to the answer, in milliseconds.
    pub took_ms: u64,
    /// What changed, or why nothing did.
    pub message: String,
}

/// What a handler works with.
struct Admin {
    parts: Arc<Parts>,
    calls: calls::Calls,
}

/// The admin listener's routes. All but `/metrics` want the token; every one refuses a foreign `Host` or `Origin`.
pub fn router(parts: Arc<Parts>) -> Router {
    let admin = Arc::new(Admin { parts: Arc::clone(&parts), calls: calls::Calls::default() });
    Router::new()
        .route("/", get(pages::phone))
        .route("/desk", get(pages::desk))
        .route("/metrics", get(pages::metrics))
        .route("/assets/{name}", get(assets::asset))
        .route("/api/release", get(calls::release))
        .route("/api/calls", post(calls::ring))
        .route("/api/calls/{id}/say", post(calls::say))
        .route("/api/calls/{id}/keys", post(calls::keys))
        .route("/api/calls/{id}/silence", post(calls::silence))
        .route("/api/calls/{id}/hangup", post(calls::hang_up))
        .route("/api/calls/{id}/trace", get(calls::trace))
        .with_state(admin)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn_with_state(parts, guard::guard))
}

#[cfg(test)]
mod pretend;
#[cfg(test)]
mod tests;
