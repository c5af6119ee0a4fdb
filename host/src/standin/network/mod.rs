//! The telephone network's REST API, pretended: Twilio's as far as messages, outgoing calls and numbers go.
//!
//! Lives here: one account, its listener, and what tests ask about it. Beside it: routes, what is kept, answers.
//! Never here: anything that rings or is sent (`phone` plays calls), anything the host needs when the real network is configured.
//!
//! Paths, credentials, error bodies and the fields of a call are as Twilio documents them. The fields of messages and
//! numbers, the parameters that update a number, paging, and the codes 20004, 21201, 21210, 21213 and 21602 to 21606 are
//! from general knowledge.

mod book;
mod reply;
mod routes;

pub use super::faults::Fault;
pub use book::Posted;

use super::faults::{Faults, answered};
use super::line::Wire;
use super::listening::ANYWHERE;
pub use super::listening::Listening;
use super::lock;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use book::Book;
use reply::Reply;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// What the stand-in calls itself wherever people look.
pub const LABEL: &str = "Red telefonica simulada";
/// Bytes of a request, at most.
const BODY: usize = 1 << 16;

/// One account at the network, in memory. Clones are the same account.
#[derive(Clone)]
pub struct Network(Arc<Inner>);

struct Inner {
    account: String,
    token: String,
    book: Mutex<Book>,
    faults: Mutex<Faults<On>>,
}

/// Which requests a fault is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// `POST …/Messages.json`.
    Messages,
    /// `POST …/Calls.json`.
    Calls,
    /// Every request.
    All,
}

impl Network {
    /// An account (`AC…`) with its auth token and the numbers it owns. They answer nothing yet; what is not among them can
    /// be no `From`.
    pub fn new(account: impl Into<String>, token: impl Into<String>, numbers: &[&str]) -> Self {
        let account = account.into();
        let book = Book::new(&account, numbers).into();
        Self(Arc::new(Inner { account, token: token.into(), book, faults: Mutex::default() }))
    }

    /// Makes the next requests go wrong: `times` of them, or every one until [`Network::clear_faults`].
    /// Of several faults that fit a request, the one set first is used.
    pub fn fault(&self, fault: Fault, on: On, times: Option<u32>) {
        lock(&self.0.faults).add(fault, on, times);
    }

    /// All is well again.
    pub fn clear_faults(&self) {
        *lock(&self.0.faults) = Faults::default();
    }

    /// Every message that was taken, oldest first, with what was posted.
    pub fn messages(&self) -> Vec<Posted> {
        lock(&self.0.book).messages.clone()
    }

    /// Every call that was taken, oldest first, with what was posted.
    pub fn calls(&self) -> Vec<Posted> {
        lock(&self.0.book).calls.clone()
    }

    /// A number of the account as the API shows it.
    pub fn number(&self, number: &str) -> Option<serde_json::Value> {
        lock(&self.0.book).number(number).cloned()
    }

    /// The API from its root. Faults that end a connection need [`Network::serve`], which owns it; here they answer 503.
    pub fn router(&self) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }

    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn serve(&self) -> io::Result<Listening> {
        Listening::at(SocketAddr::from(ANYWHERE), self.router(), "").await
    }

    fn answer(&self, asked: &routes::Asked, fault: Option<&Fault>) -> Reply {
        match fault {
            Some(Fault::Status500) => Reply::broken(),
            Some(Fault::Html502) => Reply::bad_gateway(),
            Some(Fault::Storm429 { retry_after }) => Reply::too_many(*retry_after),
            _ if !asked.carries(&self.0.account, &self.0.token) => Reply::no_credential(),
            _ => routes::route(asked, &self.0.account, &mut lock(&self.0.book)).unwrap_or_else(|refused| refused),
        }
    }
}

async fn handle(State(network): State<Network>, request: Request) -> Response {
    let wire = request.extensions().get::<ConnectInfo<Wire>>().map(|ConnectInfo(wire)| wire.clone());
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY).await else {
        return Reply::too_large().into_response();
    };
    let asked = routes::Asked::new(&parts, &body);
    let fault = lock(&network.0.faults).next(|on| asked.is(on));
    answered(fault, wire, move |fault| network.answer(&asked, fault).into_response()).await
}

#[cfg(test)]
mod tests;
