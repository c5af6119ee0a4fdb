//! The browser telephone: calls made from the page, over the same wire as any other call.
//!
//! Lives here: the telephone's requests and the callers behind them.
//! Never here: what a call means; the page itself.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex as Lock, PoisonError},
};

use axum::{
    Json,
    extract::{Path, State},
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    Admin, ReleaseView,
    refusal::{Body, Refusal},
};
use crate::phone::{Caller, Dialed, Heard, Next};
use crate::twilio::form::DialStatus;

/// The number that is called.
const CALLED: &str = "+525500000100";
/// Callers kept. The oldest goes without a word when there is one more.
const KEPT: usize = 64;
/// Keys of one entry, at most.
const KEYS: usize = 32;
/// Letters of one sentence, at most.
const LETTERS: usize = 1000;

/// The callers on the line.
#[derive(Default)]
pub(super) struct Calls(Lock<VecDeque<(String, Arc<Mutex<Caller>>)>>);

impl Calls {
    fn add(&self, caller: Caller) -> String {
        let id = caller.call_sid().to_owned();
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push_back((id.clone(), Arc::new(Mutex::new(caller))));
        while calls.len() > KEPT {
            calls.pop_front();
        }
        id
    }

    fn find(&self, id: &str) -> Result<Arc<Mutex<Caller>>, Refusal> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = calls.iter().find(|(known, _)| known == id);
        found.map(|(_, caller)| Arc::clone(caller)).ok_or(Refusal::NoSuchCall)
    }
}

#[derive(Deserialize)]
pub(super) struct Ring {
    from: String,
}

#[derive(Deserialize)]
pub(super) struct Say {
    text: String,
}

#[derive(Deserialize)]
pub(super) struct Keys {
    keys: String,
}

/// A body with nothing in it.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// One turn, as the page needs it.
#[derive(Serialize)]
pub(super) struct Turn {
    id: String,
    said: Vec<String>,
    /// `listens`, `transfer` or `ended`.
    next: &'static str,
    /// Where a transfer goes.
    number: Option<String>,
    /// The whole turn in milliseconds.
    ms: f64,
}

impl Turn {
    fn new(id: String, heard: Heard) -> Self {
        let (next, number) = match heard.next {
            Next::Gather { .. } => ("listens", None),
            Next::Dial(dialed) => ("transfer", Some(dialed.party)),
            Next::HungUp => ("ended", None),
        };
        Self { id, said: heard.said, next, number, ms: (heard.took.as_secs_f64() * 10_000.0).round() / 10.0 }
    }
}

type Answer = Result<Json<Turn>, Refusal>;

pub(super) async fn ring(State(admin): State<Arc<Admin>>, Body(ring): Body<Ring>) -> Answer {
    let from = ring.from.trim();
    let digits = from.strip_prefix('+').ok_or(Refusal::BadNumber)?;
    if !(3..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::BadNumber);
    }
    let (caller, heard) = Caller::ring(&admin.parts.line, from, CALLED).await?;
    Ok(Json(Turn::new(admin.calls.add(caller), heard)))
}

pub(super) async fn say(State(admin): State<Arc<Admin>>, Path(id): Path<String>, Body(said): Body<Say>) -> Answer {
    let text = said.text.trim();
    if text.is_empty() || text.chars().count() > LETTERS {
        return Err(Refusal::BadText);
    }
    turn(&admin, id, async |caller| caller.say(text).await).await
}

pub(super) async fn keys(State(admin): State<Arc<Admin>>, Path(id): Path<String>, Body(pressed): Body<Keys>) -> Answer {
    let keys = pressed.keys;
    let known = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'#');
    if !(1..=KEYS).contains(&keys.len()) || !keys.bytes().all(known) {
        return Err(Refusal::BadKeys);
    }
    turn(&admin, id, async |caller| caller.keys(&keys).await).await
}

pub(super) async fn silence(State(admin): State<Arc<Admin>>, Path(id): Path<String>, Body(Nothing {}): Body<Nothing>) -> Answer {
    turn(&admin, id, async |caller| caller.silence().await).await
}

pub(super) async fn hang_up(
    State(admin): State<Arc<Admin>>,
    Path(id): Path<String>,
    Body(Nothing {}): Body<Nothing>,
) -> Result<Json<serde_json::Value>, Refusal> {
    admin.calls.find(&id)?.lock().await.hang_up().await?;
    Ok(Json(serde_json::json!({ "id": id, "next": "ended" })))
}

/// Two requests of one call follow each other, as on a real telephone.
async fn turn(admin: &Admin, id: String, deed: impl AsyncFnOnce(&mut MutexGuard<'_, Caller>) -> Result<Heard, crate::phone::Trouble>) -> Answer {
    let caller = admin.calls.find(&id)?;
    let mut caller = caller.lock().await;
    let heard = deed(&mut caller).await?;
    // The person on the page's telephone takes the call at once, and the two are done.
    if let Next::Dial(Dialed { action: Some(_), .. }) = &heard.next {
        caller.dialed(DialStatus::Completed).await?;
    }
    Ok(Json(Turn::new(id, heard)))
}

pub(super) async fn trace(State(admin): State<Arc<Admin>>, Path(id): Path<String>) -> Result<Json<serde_json::Value>, Refusal> {
    if id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Refusal::NoTrace);
    }
    match admin.parts.view.trace(&id).await {
        Ok(trace) if trace.is_null() => Err(Refusal::NoTrace),
        Ok(trace) => {
            // The page's own call is no secret to it; anybody else's is looked at.
            if admin.calls.find(&id).is_err() {
                admin.parts.view.audit(serde_json::json!({ "what": "view", "call": id })).await;
            }
            Ok(Json(trace))
        }
        Err(error) => {
            tracing::warn!(call.sid = id, error = format!("{error:#}"), "Trace of call `{id}` cannot be read");
            Err(Refusal::NoTrace)
        }
    }
}

pub(super) async fn release(State(admin): State<Arc<Admin>>) -> Json<ReleaseView> {
    Json(admin.parts.view.release())
}
