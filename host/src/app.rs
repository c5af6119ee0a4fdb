//! Everything the server holds, built once at start-up.
//!
//! Lives here: the one state behind every handler.
//! Never here: what handlers do.

use crate::calls::Locks;
use crate::e2e::Stubs;
use crate::egress::Egress;
use crate::relay::Sessions;
use crate::release::Shelf;
use crate::sandbox::Sandbox;
use crate::seal::Keys;
use crate::store::Store;
use crate::twilio::blocked::Blocked;
use crate::twilio::signature::Signer;
use crate::twilio::twiml::Party;
use governor::DefaultKeyedRateLimiter;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The server's state.
pub struct App {
    /// The database.
    pub store: Arc<Store>,
    /// Keys derived from `ENCRYPTION_KEY`.
    pub keys: Arc<Keys>,
    /// Every request of a plugin leaves through here.
    pub egress: Arc<Egress>,
    /// Where plugins run.
    pub sandbox: Arc<Sandbox>,
    /// Releases in use.
    pub releases: Shelf,
    /// Checks and makes signatures of webhooks.
    pub signer: Signer,
    /// The public base of our addresses.
    pub public_base: Url,
    /// Where callers go who need a person.
    pub fallback: Option<Party>,
    /// Calls at once.
    pub max_calls: u64,
    /// New calls a minute and number; none when off.
    pub new_calls: Option<DefaultKeyedRateLimiter<String>>,
    /// Numbers whose calls are not taken.
    pub blocked: Blocked,
    /// How long what a host has begun is its own: nobody else takes it up before, and it sends nothing after.
    pub lease: Duration,
    /// How long a caller waits for a turn in silence.
    pub answer_within: Duration,
    /// How long after a lost answer the desk is asked, and the first pause between attempts.
    pub settle: Duration,
    /// Answers that stand in for custom actions while tests run; none in a server.
    pub stubs: Stubs,
    /// Where symbols of plugins are kept, to say in the log where one crashed; none in production, where nobody reads a
    /// guest's debugging sections.
    pub(crate) symbols: Option<PathBuf>,
    pub(crate) locks: Locks,
    /// Which relay session of a call counts.
    pub(crate) sessions: Sessions,
}

impl App {
    /// Milliseconds since 1970.
    pub fn now_ms() -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }

    /// Adds to the host's own audit chain what happened to its releases.
    pub(crate) async fn audit_host(&self, what: &str, detail: &str) {
        self.audit(serde_json::json!({ "what": what, "detail": detail })).await;
    }

    /// Adds a record to the host's audit. One that cannot be written is an alarm in the log, and stops nobody.
    pub(crate) async fn audit(&self, record: serde_json::Value) {
        if let Err(error) = self.store.audit(Self::now_ms(), &record).await {
            tracing::error!(error = %error, record = %record["what"], "ALARM: the audit cannot be written");
        }
    }

    /// The lease, milliseconds.
    pub(crate) fn lease_ms(&self) -> i64 {
        i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX)
    }

    /// The pause before attempt `attempt + 1` of an owed run, milliseconds: it doubles, up to five
    /// minutes, with a jitter of a quarter so that a desk that comes back is not stormed.
    pub(crate) fn wait_before(&self, attempt: u32) -> i64 {
        let settle = i64::try_from(self.settle.as_millis()).unwrap_or(i64::MAX);
        let base = settle.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(300_000).max(settle);
        let mut random = [0; 2];
        // Without randomness there is no jitter; the pause stands.
        let _ = getrandom::fill(&mut random);
        base + base * i64::from(u16::from_be_bytes(random)) / (4 * i64::from(u16::MAX))
    }
}
