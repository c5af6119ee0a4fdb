//! The import `http`: requests to named bindings. Linked only where a binding is granted.
//!
//! Lives here: the answer as a resource of the guest.
//! Never here: URL, credential, rules, sizes: the binding's, in `egress`.

use super::lowered::lowered;
use super::state::{Ask, Fault, State};
use super::wit::centralita::action::http;
use super::{HttpAnswer, HttpRequest};
use wasmtime::component::Resource;

/// An answer the guest holds a handle to.
#[allow(unreachable_pub, reason = "the generated bindings name it")]
pub struct Response(HttpAnswer);

impl http::Host for State {
    async fn send(&mut self, binding: String, request: http::Request) -> Result<Resource<Response>, Fault> {
        self.count_call(Ask::Request)?;
        let http::Request { method, path, headers, body } = request;
        let answer = self.host.send(&binding, HttpRequest { method, path, headers, body }).await?;
        Ok(self.table.push(Response(answer))?)
    }
}

impl http::HostResponse for State {
    fn status(&mut self, response: Resource<Response>) -> wasmtime::Result<u16> {
        Ok(self.table.get(&response)?.0.status)
    }

    fn header(&mut self, response: Resource<Response>, name: String) -> wasmtime::Result<Option<String>> {
        let headers = &self.table.get(&response)?.0.headers;
        let found = headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(&name)).map(|(_, text)| text.clone());
        lowered(found.as_deref().unwrap_or_default().as_bytes());
        Ok(found)
    }

    fn body(&mut self, response: Resource<Response>, max: u32) -> wasmtime::Result<Vec<u8>> {
        let body = &self.table.get(&response)?.0.body;
        let body = &body[..body.len().min(max as usize)];
        lowered(body);
        Ok(body.to_vec())
    }

    fn drop(&mut self, response: Resource<Response>) -> wasmtime::Result<()> {
        self.table.delete(response)?;
        Ok(())
    }
}
