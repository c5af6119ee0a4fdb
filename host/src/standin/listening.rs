//! A stand-in that listens.
//!
//! Lives here: serving a router over connections that can be told to misbehave, until it is dropped.
//! Never here: what is answered.

use super::line::{Lines, Wire};
use axum::Router;
use std::io;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// Any free port of 127.0.0.1.
pub(super) const ANYWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

/// A stand-in that listens; it stops when this is dropped.
pub struct Listening {
    /// The base URL, as the variable of its real counterpart wants it: a desk's with `/api/v2`, the network's without a path.
    pub base: String,
    /// Where it listens.
    pub address: SocketAddr,
    accepting: AbortHandle,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listening {
    /// Serves at an address; `path` ends the base URL.
    pub(super) async fn at(address: SocketAddr, router: Router, path: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let service = router.into_make_service_with_connect_info::<Wire>();
        let task = tokio::spawn(async move { axum::serve(Lines(listener), service).await });
        Ok(Self { base: format!("http://{address}{path}"), address, accepting: task.abort_handle() })
    }
}
