//! The ticket desk's stand-in: Freshdesk's API v2 as far as tickets go, for machines without one.
//!
//! Lives here: the desk, its listener and the order in which a request is checked (rate, credential,
//! route, content type, JSON, unknown fields, fields, execution). Beside it: fields, tickets, faults,
//! the page people look at.
//! Never here: anything the host needs when a real desk is configured.

mod faults;
mod fields;
mod html;
mod list;
mod page;
mod quota;
mod reply;
mod routes;
mod tickets;

pub use super::faults::Fault;
pub use faults::On;

use super::faults::{Faults, answered};
use super::line::Wire;
use super::listening::ANYWHERE;
pub use super::listening::Listening;
use super::lock;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use quota::Quota;
use reply::Reply;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tickets::Tickets;

/// What the stand-in calls itself wherever people look.
pub const LABEL: &str = "Mesa de tickets simulada";
/// Where the API begins.
const ROOT: &str = "/api/v2";
/// Bytes of a request, at most.
const BODY: usize = 1 << 20;

/// A ticket desk in memory, or in a file. Clones are the same desk.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    key: String,
    tickets: Mutex<Tickets>,
    faults: Mutex<Faults<On>>,
    quota: Mutex<Quota>,
}

impl Desk {
    /// An empty desk that lets in the agent with this API key.
    pub fn new(key: impl Into<String>) -> Self {
        Self::with(key.into(), Tickets::default())
    }

    /// A desk that keeps its tickets in a file, so that they are there after a restart. The file is
    /// made if it is missing; its folder must exist.
    ///
    /// # Errors
    /// The file cannot be read or opened for appending, or holds something else.
    pub fn kept_in(path: &Path, key: impl Into<String>) -> io::Result<Self> {
        Ok(Self::with(key.into(), Tickets::kept_in(path)?))
    }

    fn with(key: String, tickets: Tickets) -> Self {
        Self(Arc::new(Inner { key, tickets: tickets.into(), faults: Mutex::default(), quota: Mutex::default() }))
    }

    /// Sets the rate: so many credits in each window. 5,000 an hour unless set.
    pub fn limit(&self, credits: u32, window: Duration) {
        *lock(&self.0.quota) = Quota::new(credits, window);
    }

    /// Makes the next requests go wrong: `times` of them, or every one until [`Desk::clear_faults`].
    /// Of several faults that fit a request, the one set first is used.
    pub fn fault(&self, fault: Fault, on: On, times: Option<u32>) {
        lock(&self.0.faults).add(fault, on, times);
    }

    /// All is well again.
    pub fn clear_faults(&self) {
        *lock(&self.0.faults) = Faults::default();
    }

    /// Every ticket that is not deleted, oldest first, as the API shows it.
    pub fn tickets(&self) -> Vec<serde_json::Value> {
        lock(&self.0.tickets).all()
    }

    /// The tickets as a page for people: no script, everything escaped, labelled as a stand-in.
    pub fn page(&self) -> String {
        page::page(&self.tickets())
    }

    /// The API below `/api/v2`. Faults that end a connection need [`Desk::serve`], which owns it; here
    /// they answer 503 instead.
    pub fn router(&self) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }

    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn serve(&self) -> io::Result<Listening> {
        self.serve_at(SocketAddr::from(ANYWHERE)).await
    }

    /// Listens at an address.
    ///
    /// # Errors
    /// The address is taken.
    pub async fn serve_at(&self, address: SocketAddr) -> io::Result<Listening> {
        Listening::at(address, self.router(), ROOT).await
    }
}

async fn handle(State(desk): State<Desk>, request: Request) -> Response {
    let wire = request.extensions().get::<ConnectInfo<Wire>>().map(|ConnectInfo(wire)| wire.clone());
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY).await else {
        return Reply::empty(413).into_response();
    };
    let asked = routes::Asked::new(&parts, body);
    let fault = lock(&desk.0.faults).next(|on| on.fits(&asked));
    answered(fault, wire, move |fault| desk.answer(&asked, fault).into_response()).await
}

impl Desk {
    /// One request, checked in the desk's order, executed and answered.
    fn answer(&self, asked: &routes::Asked, fault: Option<&Fault>) -> Reply {
        let spent = match lock(&self.0.quota).spend(asked.credits()) {
            Ok(spent) => spent,
            Err((spent, wait)) => return Reply::too_many(wait).with_quota(&spent),
        };
        let reply = match fault {
            Some(Fault::Status500) => Reply::broken(),
            Some(Fault::Html502) => Reply::bad_gateway(),
            Some(Fault::Storm429 { retry_after }) => Reply::too_many(*retry_after),
            _ if !asked.carries(&self.0.key) => Reply::not_logged_in(),
            _ => routes::route(asked, &mut lock(&self.0.tickets)).unwrap_or_else(|refused| refused),
        };
        reply.with_quota(&spent)
    }
}

#[cfg(test)]
mod tests;
