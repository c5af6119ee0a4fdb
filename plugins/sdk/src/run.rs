//! One run of one action: what it may know, what it may ask, what it may say.
//!
//! Lives here: the calls to the host, and the one switch between the host and [`crate::Fake`].
//! Never here: caching or retrying; every request of a run is recorded by the host, in order.

#[cfg(target_arch = "wasm32")]
use crate::bindings::centralita::action::{call, http, log, records};
use crate::{Failure, Moment, Row, Value};

pub use crate::bindings::centralita::action::http::Request;

/// The run that is going on. There is nothing behind it but calls to the host.
pub struct Run {
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fake: crate::Fake,
}

/// How much a note matters to the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For the author while looking for a mistake.
    Debug,
    /// Worth knowing.
    Info,
    /// Somebody should look, today or tomorrow.
    Warn,
    /// Somebody should look now.
    Error,
}

impl Level {
    /// The level as the host spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl Run {
    /// The moment of the caller's turn, RFC 3339 with the project's offset; the same when the run is repeated.
    pub fn now(&self) -> String {
        self.ask_now()
    }

    /// [`Run::now`] in parts.
    ///
    /// # Errors
    /// Kind `failed` if the host's text is no RFC 3339 time.
    pub fn moment(&self) -> Result<Moment, Failure> {
        Moment::parse(&self.now())
    }

    /// A slot or a fact of the call (`call.number`, `call.to`, `call.tag`); `none` when unset or not granted.
    pub fn slot(&self, name: &str) -> Value {
        self.ask_slot(name)
    }

    /// The text of a slot, unless it is unset, empty or no text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.slot(name).as_text().map(str::to_owned)
    }

    /// Sets a slot that the manifest asks to write; `None` unsets it.
    pub fn set(&self, name: &str, value: impl Into<Value>) {
        self.tell_slot(name, &value.into());
    }

    /// Has the host say a response of the domain.
    pub fn say(&self, response: &str) {
        self.say_with(response, &[]);
    }

    /// Has the host say a response of the domain with arguments, which may hold tokens.
    pub fn say_with(&self, response: &str, arguments: &[(String, Value)]) {
        self.tell_response(response, arguments);
    }

    /// Leaves a note for the operator. The code is the plugin's own; fields never hold caller data.
    pub fn log(&self, level: Level, code: &str, fields: &[(&str, &str)]) {
        let fields: Vec<_> = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        self.tell_log(level.as_str(), code, &fields);
    }

    /// Runs a named statement that reads.
    ///
    /// # Errors
    /// What the host says: `refused` (not granted), `unavailable`, `timeout`, `busy`, `failed`.
    pub fn query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, Failure> {
        Ok(self.ask_query(statement, parameters)?.into_iter().map(Row::new).collect())
    }

    /// Runs a named statement that writes, and gives the rows it returns.
    ///
    /// # Errors
    /// What the host says: `refused` (not granted), `unavailable`, `timeout`, `busy`, `failed`.
    pub fn execute(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, Failure> {
        Ok(self.ask_execute(statement, parameters)?.into_iter().map(Row::new).collect())
    }

    /// Sends a request to a named binding. Any HTTP status is a response.
    ///
    /// # Errors
    /// When there is no response: `refused` (a rule of the binding), `unavailable`, `timeout`, `busy`.
    pub fn send(&self, binding: &str, request: &Request) -> Result<Response, Failure> {
        self.ask_send(binding, request)
    }
}

impl Request {
    /// A request with a JSON body, to a path below the binding's base URL.
    pub fn json(method: &str, path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), headers: vec![("content-type".to_owned(), "application/json".to_owned())], body: body.into() }
    }
}

#[cfg(target_arch = "wasm32")]
type Columns = Vec<(String, Value)>;

#[cfg(target_arch = "wasm32")]
#[allow(clippy::unused_self, reason = "the same shape as with a fake")]
impl Run {
    #[doc(hidden)]
    pub fn of_host() -> Self {
        Self {}
    }

    /// The language of the call, BCP 47 (`es-MX`).
    pub fn language(&self) -> String {
        call::language()
    }

    /// Which attempt at this run this is, from 1. For logs only.
    pub fn attempt(&self) -> u32 {
        call::attempt()
    }

    fn ask_now(&self) -> String {
        call::now()
    }

    fn ask_slot(&self, name: &str) -> Value {
        call::slot(name)
    }

    fn tell_slot(&self, name: &str, value: &Value) {
        call::set_slot(name, value);
    }

    fn tell_response(&self, response: &str, arguments: &[(String, Value)]) {
        call::respond(response, arguments);
    }

    fn tell_log(&self, level: &str, code: &str, fields: &[(String, String)]) {
        log::write(level, code, fields);
    }

    fn ask_query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Columns>, Failure> {
        records::query(statement, parameters)
    }

    fn ask_execute(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Columns>, Failure> {
        records::execute(statement, parameters)
    }

    fn ask_send(&self, binding: &str, request: &Request) -> Result<Response, Failure> {
        http::send(binding, request).map(Response)
    }
}

/// The answer of a binding.
#[cfg(target_arch = "wasm32")]
pub struct Response(http::Response);

#[cfg(target_arch = "wasm32")]
impl Response {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// A header that the binding lets through.
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.header(name)
    }

    /// At most `max` bytes of the body, from its beginning.
    pub fn body(&self, max: u32) -> Vec<u8> {
        self.0.body(max)
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub use crate::fake::Response;
