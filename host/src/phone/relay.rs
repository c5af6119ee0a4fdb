//! The network's end of a relay session: it hears and speaks, and a socket carries the words (`twilio-voice.md` §4).
//!
//! Lives here: opening the socket, frames both ways, and what the caller hears until it is their turn.
//! Never here: what a caller does (`caller.rs`).

use super::line::{Line, Trouble};
use crate::twilio::connect::Connect;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::Url;

/// How long a caller listens to nothing before this telephone gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open session.
pub(super) struct Session {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Where the network asks what comes after it.
    pub(super) action: Url,
    /// The language it listens in.
    pub(super) language: String,
    /// The languages it may change to, its own among them.
    languages: Vec<String>,
    /// Whether the caller does not listen, so that nothing is ever said to have been heard.
    pub(super) is_deaf: bool,
}

/// What the caller hears of a talk, and what it leads to.
pub(super) struct Talk {
    pub(super) said: Vec<String>,
    /// What the server ended the session with, if it did.
    pub(super) ended: Option<String>,
    /// When the first word of it came, which may ask for patience.
    pub(super) first: Instant,
    /// When the last word of it came.
    pub(super) at: Instant,
}

impl Session {
    /// Opens the socket a document names, signed as the network signs it, and says whose call it is.
    pub(super) async fn open(line: &Line, document: &Url, connect: &Connect, call: &str, from: &str, to: &str) -> Result<Self, Trouble> {
        let bad = || Trouble::BadAction { path: document.path().to_owned() };
        let failed = |error: &dyn std::fmt::Display| Trouble::Socket { cause: error.to_string() };
        let seen = line.resolve(document, &connect.url.replacen("ws", "http", 1))?;
        let mut request = seen.as_str().replacen("http", "ws", 1).into_client_request().map_err(|_| bad())?;
        if let Some(signature) = line.signed(&connect.url) {
            request.headers_mut().insert("x-twilio-signature", signature.parse().map_err(|_| bad())?);
        }
        let (socket, _) = connect_async(request).await.map_err(|error| match error {
            Error::Http(response) if response.status().as_u16() == 403 => Trouble::Forbidden { path: seen.path().to_owned() },
            other => failed(&other),
        })?;
        let parameters: serde_json::Map<String, Value> = connect.parameters.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        let setup = json!({
            "type": "setup", "sessionId": format!("VX{}", &call[2..]), "callSid": call, "parentCallSid": "", "from": from, "to": to, "forwardedFrom": "",
            "callType": "PSTN", "callerName": "", "direction": "inbound", "callStatus": "IN-PROGRESS", "customParameters": parameters,
        });
        let languages = std::iter::once(&connect.language).chain(connect.others.iter().map(|(language, _)| language)).cloned().collect();
        let mut session = Self { socket, action: line.resolve(document, &connect.action)?, language: connect.language.clone(), languages, is_deaf: false };
        session.send(&setup).await?;
        Ok(session)
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: &Value) -> Result<(), Trouble> {
        self.socket.send(Message::text(frame.to_string())).await.map_err(|error| Trouble::Socket { cause: error.to_string() })
    }

    /// Listens until it is the caller's turn, or the session ends. Talk that may be cut by later talk is no turn yet.
    pub(super) async fn listen(&mut self) -> Result<Talk, Trouble> {
        let mut talk = Talk { said: Vec::new(), ended: None, first: Instant::now(), at: Instant::now() };
        let mut spoken = false;
        loop {
            let frame = self.frame().await?;
            match frame["type"].as_str() {
                Some("language") => {
                    self.known(&frame["ttsLanguage"])?;
                    self.language = self.known(&frame["transcriptionLanguage"])?;
                }
                Some("text") => {
                    self.known(&frame["lang"])?;
                    let token = frame["token"].as_str().unwrap_or_default();
                    talk.said.extend((!token.trim().is_empty()).then(|| token.trim().to_owned()));
                    talk.at = Instant::now();
                    if !std::mem::replace(&mut spoken, true) {
                        talk.first = talk.at;
                    }
                    if frame["last"] == true && frame["preemptible"] == false {
                        // The voice is done at once: time is not played here.
                        if self.is_deaf {
                            return Ok(talk);
                        }
                        for value in ["on", "off"] {
                            self.send(&json!({"type": "info", "name": "agentSpeaking", "value": value})).await?;
                        }
                        if let Some(more) = self.soon().await? {
                            talk.ended = more;
                        }
                        return Ok(talk);
                    }
                }
                Some("end") => {
                    talk.ended = Some(frame["handoffData"].as_str().unwrap_or_default().to_owned());
                    return Ok(talk);
                }
                _ => return Err(Trouble::Socket { cause: format!("a frame of type {} is none of the protocol's", frame["type"]) }),
            }
        }
    }

    /// A language of this session; the network refuses any other (64106).
    fn known(&self, language: &Value) -> Result<String, Trouble> {
        let known = self.languages.iter().find(|known| *language == known.as_str()).cloned();
        known.ok_or_else(|| Trouble::Socket { cause: format!("the session does not know the language {language}") })
    }

    /// Whether the session ends right after what was said: a server that asks nothing more says so at once.
    async fn soon(&mut self) -> Result<Option<Option<String>>, Trouble> {
        match tokio::time::timeout(Duration::from_millis(150), self.frame()).await {
            Ok(Ok(frame)) if frame["type"] == "end" => Ok(Some(frame["handoffData"].as_str().map(str::to_owned))),
            Ok(Ok(frame)) => Err(Trouble::Socket { cause: format!("the assistant went on by itself ({})", frame["type"]) }),
            Ok(Err(trouble)) => Err(trouble),
            Err(_) => Ok(None),
        }
    }

    async fn frame(&mut self) -> Result<Value, Trouble> {
        let gone = || Trouble::Socket { cause: "the server closed it".to_owned() };
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message.map_err(|_| Trouble::Socket { cause: format!("nothing was said for {} s", PATIENCE.as_secs()) })? {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).map_err(|error| Trouble::Socket { cause: format!("a frame is no JSON: {error}") });
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_)) | None => return Err(gone()),
                Some(Err(error)) => return Err(Trouble::Socket { cause: error.to_string() }),
            }
        }
    }

    /// Closes the socket.
    pub(super) async fn close(mut self) {
        // It may be gone already.
        let _ = self.socket.close(None).await;
    }
}
