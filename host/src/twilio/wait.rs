//! A turn that takes longer than a caller waits in silence (`twilio-voice.md`, "Slow back-end pattern").
//!
//! Lives here: how long a turn is waited for, what the caller hears meanwhile, and what when it takes too long. The turn
//! itself goes on, once, whoever waits for it.
//! Never here: turns (`calls`), checks of a webhook (`routes.rs`).

use super::twiml::{Dial, Document, Say, Verb, apology};
use crate::app::App;
use crate::calls::{Reply, TurnError};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// The shortest and the longest time a caller may wait in silence. Twilio gives up after 15 s.
pub(crate) const ANSWER_WITHIN: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(10);
/// How long a caller is asked to wait, at least, before the line says that it takes too long: more than an action may run.
const MOST: Duration = Duration::from_secs(23);
/// The pause of a poll without a sentence, seconds.
pub(crate) const PAUSE: u32 = 1;
/// A sentence with every third poll.
const EVERY: u32 = 3;

/// After how many polls it takes too long.
fn most_polls(answer_within: Duration) -> u32 {
    let each = answer_within + Duration::from_secs(PAUSE.into());
    u32::try_from(MOST.as_millis().div_ceil(each.as_millis())).unwrap_or(u32::MAX)
}

/// What a request came to within the time a caller waits.
pub(super) enum Waited {
    /// It is done.
    Done(Result<Reply, TurnError>),
    /// It goes on; this is said meanwhile.
    Meanwhile(Document),
}

/// Which turn is waited for.
#[derive(Clone, Copy)]
pub(crate) struct Awaited<'a> {
    pub(crate) call: &'a str,
    pub(crate) turn: u64,
    /// How often the caller was told to wait for it.
    pub(crate) poll: u32,
}

/// Lets `work` go on to its end, and waits for it as long as a caller does.
pub(super) async fn within<F>(app: &Arc<App>, awaited: Awaited<'_>, work: impl FnOnce(Arc<App>) -> F + Send + 'static) -> Waited
where
    F: Future<Output = Result<Reply, TurnError>> + Send + 'static,
{
    let mut task = tokio::spawn(work(app.clone()));
    let broken = |error: tokio::task::JoinError| Err(TurnError::Broken(error.to_string()));
    if let Ok(done) = tokio::time::timeout(app.answer_within, &mut task).await {
        return Waited::Done(done.unwrap_or_else(broken));
    }
    let (call, detached) = (awaited.call.to_owned(), app.clone());
    tokio::spawn(async move {
        // Nobody else would say so: the caller has been told to wait.
        match task.await.unwrap_or_else(broken) {
            Ok(_) => {}
            Err(TurnError::Forbidden) => detached.audit(json!({"what": "webhook refused", "call": call, "why": "turn not open"})).await,
            Err(error) => tracing::error!(call.sid = %call, error = %error, "A turn that the caller waits for failed"),
        }
    });
    Waited::Meanwhile(meanwhile(app, awaited).await)
}

pub(crate) async fn meanwhile(app: &App, awaited: Awaited<'_>) -> Document {
    let Awaited { call, turn, poll } = awaited;
    let release = app.releases.current();
    let say = |response: &str| {
        let text = release.plain(response).filter(|text| !text.trim().is_empty());
        text.map_or(Verb::Pause(PAUSE), |text| Verb::Say(Say::by(&release.voice.own(), &text)))
    };
    if poll >= most_polls(app.answer_within) {
        app.audit(json!({"what": "caller sent to a person", "call": call, "turn": turn, "why": "the turn takes too long"})).await;
        tracing::warn!(call.sid = %call, turn, "A turn takes too long; the caller goes to a person, and the turn goes on");
        return match &app.fallback {
            Some(person) => Document(vec![say("utter_wait_too_long"), Verb::Dial(Dial::person(person))]),
            None => apology(None),
        };
    }
    let said = match poll {
        0 => say("utter_wait"),
        n if n % EVERY == 0 => say("utter_wait_more"),
        _ => Verb::Pause(PAUSE),
    };
    let next = format!("{}&poll={}", app.action(call, turn), poll.saturating_add(1));
    Document(vec![said, Verb::Redirect(next)])
}
