//! Connections that can be told to misbehave.
//!
//! Lives here: a TCP connection whose writing can be cut, halved or slowed, as networks do it.
//! Never here: when that happens (`faults.rs`).

use super::lock;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// Bytes between two pauses of a slow answer.
const DROP: usize = 24;

/// How the next answer is written.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    /// As it should be.
    Plain,
    /// Not at all: the connection ends.
    Cut,
    /// The head and half of the body, then the connection ends.
    Half,
    /// A few bytes, a pause, a few bytes.
    Drip(Duration),
}

/// The handle a request has on its own connection.
#[derive(Clone)]
pub(super) struct Wire(Arc<Mutex<Manner>>);

impl Wire {
    pub(super) fn behave(&self, manner: Manner) {
        *lock(&self.0) = manner;
    }
}

impl Connected<IncomingStream<'_, Lines>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().wire.clone()
    }
}

/// A listener whose connections are [`Line`]s.
pub(super) struct Lines(pub(super) TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Line { stream, wire: Wire(Arc::new(Mutex::new(Manner::Plain))), pause: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    wire: Wire,
    pause: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let manner = *lock(&self.wire.0);
        match manner {
            Manner::Plain => Pin::new(&mut self.stream).poll_write(cx, bytes),
            Manner::Cut => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            Manner::Half => {
                let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4);
                let kept = head + (bytes.len() - head) / 2;
                let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..kept]))?;
                if written == kept {
                    self.wire.behave(Manner::Cut);
                }
                Poll::Ready(Ok(written))
            }
            Manner::Drip(every) => {
                if let Some(pause) = &mut self.pause {
                    ready!(pause.as_mut().poll(cx));
                }
                let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..bytes.len().min(DROP)]))?;
                self.pause = Some(Box::pin(sleep(every)));
                Poll::Ready(Ok(written))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
