//! The socket of a session.
//!
//! Lives here: frames in and out of it.
//! Never here: what they mean.

use super::frames::{Incoming, Outgoing};
use axum::extract::ws::{CloseFrame, Message, WebSocket};

/// The close code for somebody who may not speak here (RFC 6455 §7.4.1).
const POLICY: u16 = 1008;

/// A socket that speaks frames.
pub(super) struct Wire(pub(super) WebSocket);

impl Wire {
    /// The next frame; `None` when the socket is gone. What is no frame is passed over, as the network does with ours.
    pub(super) async fn next(&mut self) -> Option<Incoming> {
        loop {
            match self.0.recv().await? {
                Ok(Message::Text(text)) => match serde_json::from_str(&text) {
                    Ok(frame) => return Some(frame),
                    Err(error) => tracing::warn!(at = error.column(), "A frame of a relay session does not read; it is passed over"),
                },
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_)) => {}
                Ok(Message::Close(_)) | Err(_) => return None,
            }
        }
    }

    /// Sends a frame; false when the socket is gone.
    pub(super) async fn send(&mut self, frame: &Outgoing<'_>) -> bool {
        match serde_json::to_string(frame) {
            Ok(text) => self.0.send(Message::Text(text.into())).await.is_ok(),
            Err(_) => false,
        }
    }

    /// Turns somebody away.
    pub(super) async fn refuse(mut self) {
        let why = CloseFrame { code: POLICY, reason: "this session is not open".into() };
        // Who is turned away may be gone already.
        let _ = self.0.send(Message::Close(Some(why))).await;
    }
}
