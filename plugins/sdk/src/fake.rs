//! A host made of values: actions run natively in unit tests, without Wasm.
//!
//! Lives here: scripted slots, statements and answers, and what the action did with them.
//! Never here: grants and limits; those are the real host's, and its tests'.

use crate::{Failure, Request, Row, Run, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

type Rows = Result<Vec<Row>, Failure>;
type Columns = Vec<(String, Value)>;
type Statement = Box<dyn FnMut(&[Value]) -> Rows>;
type Binding = Box<dyn FnMut(&Request) -> Result<Response, Failure>>;

/// A host for tests. Clones share what they hold.
#[derive(Clone, Default)]
pub struct Fake(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    now: String,
    slots: BTreeMap<String, Value>,
    statements: BTreeMap<String, Statement>,
    bindings: BTreeMap<String, Binding>,
    said: Vec<(String, Columns)>,
    asked: Vec<(String, Vec<Value>)>,
    sent: Vec<(String, Request)>,
    logged: Vec<String>,
}

impl Fake {
    /// A host at a moment (RFC 3339) that knows nothing else.
    pub fn at(now: &str) -> Self {
        let fake = Self::default();
        now.clone_into(&mut fake.0.borrow_mut().now);
        fake
    }

    /// With a slot or a fact of the call.
    #[must_use]
    pub fn slot(self, name: &str, value: impl Into<Value>) -> Self {
        self.0.borrow_mut().slots.insert(name.to_owned(), value.into());
        self
    }

    /// With a granted statement. Others are refused, as by the host.
    #[must_use]
    pub fn statement(self, name: &str, rows: impl FnMut(&[Value]) -> Rows + 'static) -> Self {
        self.0.borrow_mut().statements.insert(name.to_owned(), Box::new(rows));
        self
    }

    /// With a granted binding. Others are refused, as by the host.
    #[must_use]
    pub fn binding(self, name: &str, answer: impl FnMut(&Request) -> Result<Response, Failure> + 'static) -> Self {
        self.0.borrow_mut().bindings.insert(name.to_owned(), Box::new(answer));
        self
    }

    /// The run an action takes.
    pub fn run(&self) -> Run {
        Run { fake: self.clone() }
    }

    /// What a slot holds now.
    pub fn value(&self, name: &str) -> Value {
        self.0.borrow().slots.get(name).cloned().unwrap_or(Value::None)
    }

    /// The responses the action had the host say.
    pub fn said(&self) -> Vec<String> {
        self.0.borrow().said.iter().map(|(response, _)| response.clone()).collect()
    }

    /// The statements the action ran, with their parameters.
    pub fn asked(&self) -> Vec<(String, Vec<Value>)> {
        self.0.borrow().asked.clone()
    }

    /// The requests the action sent, with their bindings.
    pub fn sent(&self) -> Vec<(String, Request)> {
        self.0.borrow().sent.clone()
    }

    /// The codes the action noted for the operator.
    pub fn logged(&self) -> Vec<String> {
        self.0.borrow().logged.clone()
    }

    fn run_statement(&self, name: &str, parameters: &[Value]) -> Result<Vec<Columns>, Failure> {
        let mut state = self.0.borrow_mut();
        state.asked.push((name.to_owned(), parameters.to_vec()));
        let Some(statement) = state.statements.get_mut(name) else {
            return Err(Failure::refused("statement not granted"));
        };
        Ok(statement(parameters)?.into_iter().map(Row::into_columns).collect())
    }
}

impl Run {
    /// The language of the call, BCP 47 (`es-MX`).
    pub fn language(&self) -> String {
        "es-MX".to_owned()
    }

    /// Which attempt at this run this is, from 1. For logs only.
    pub fn attempt(&self) -> u32 {
        1
    }

    pub(crate) fn ask_now(&self) -> String {
        self.fake.0.borrow().now.clone()
    }

    pub(crate) fn ask_slot(&self, name: &str) -> Value {
        self.fake.value(name)
    }

    pub(crate) fn tell_slot(&self, name: &str, value: &Value) {
        self.fake.0.borrow_mut().slots.insert(name.to_owned(), value.clone());
    }

    pub(crate) fn tell_response(&self, response: &str, arguments: &[(String, Value)]) {
        self.fake.0.borrow_mut().said.push((response.to_owned(), arguments.to_vec()));
    }

    pub(crate) fn tell_log(&self, _level: &str, code: &str, _fields: &[(String, String)]) {
        self.fake.0.borrow_mut().logged.push(code.to_owned());
    }

    pub(crate) fn ask_query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Columns>, Failure> {
        self.fake.run_statement(statement, parameters)
    }

    pub(crate) fn ask_execute(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Columns>, Failure> {
        self.fake.run_statement(statement, parameters)
    }

    pub(crate) fn ask_send(&self, binding: &str, request: &Request) -> Result<Response, Failure> {
        let mut state = self.fake.0.borrow_mut();
        state.sent.push((binding.to_owned(), request.clone()));
        match state.bindings.get_mut(binding) {
            Some(answer) => answer(request),
            None => Err(Failure::refused("binding not granted")),
        }
    }
}

/// The answer of a binding.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Response {
    /// An answer for a test: a status and a body.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header that the binding lets through.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, text)| text.clone())
    }

    /// At most `max` bytes of the body, from its beginning.
    pub fn body(&self, max: u32) -> Vec<u8> {
        self.body.iter().copied().take(max as usize).collect()
    }
}
