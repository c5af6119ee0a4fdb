//! A reply that hands the call to a session.
//!
//! Lives here: which calls are carried by a socket, and the document that says so.
//! Never here: the session (`session.rs`).

use crate::app::App;
use crate::calls::Reply;
use crate::release::{RelayVoice, Release};
use crate::twilio::connect::Connect;
use crate::twilio::read::read;
use crate::twilio::twiml::{Document, Verb};

/// What a session is asked for by.
pub(super) const RELAY: &str = "relay";

/// A call's reply as it goes out: where a question would be asked by `Gather`, and the called number has a relay, a session
/// is opened, which asks it. `again` counts sessions that broke.
pub(crate) fn handed(app: &App, call: &str, called: Option<&str>, again: u32, reply: Reply) -> Reply {
    let release = app.releases.current();
    let Some(relay) = relay_of(&release, called) else { return reply };
    match document(&reply).and_then(|mut document| document.0.pop()) {
        Some(Verb::Gather(gather)) => connect(app, &release, relay, call, again, gather.language).render().into_bytes(),
        _ => reply,
    }
}

/// A reply as the document it is.
pub(super) fn document(reply: &Reply) -> Option<Document> {
    read(std::str::from_utf8(reply).ok()?).ok()
}

fn relay_of<'a>(release: &'a Release, called: Option<&str>) -> Option<&'a RelayVoice> {
    let relay = release.voice.relay.as_ref()?;
    let is_its = relay.numbers.is_empty() || called.is_some_and(|called| relay.numbers.iter().any(|number| number == called));
    is_its.then_some(relay)
}

fn connect(app: &App, release: &Release, relay: &RelayVoice, call: &str, again: u32, language: String) -> Document {
    let token = app.keys.call_token(RELAY, call);
    let base = app.public_base.as_str().trim_end_matches('/').replacen("http", "ws", 1);
    Document(vec![Verb::Connect(Connect {
        action: format!("/webhooks/twilio/relay/ended?t={token}&again={again}"),
        url: format!("{base}/webhooks/twilio/relay"),
        voice: relay.voices.get(&language).unwrap_or(&relay.voice).clone(),
        others: relay.others(&release.voice.language, &language),
        language,
        tts_provider: relay.tts_provider.clone(),
        transcription_provider: relay.transcription_provider.clone(),
        speech_model: relay.speech_model.clone(),
        hints: release.project.config.hints.clone(),
        parameters: vec![("t".to_owned(), token)],
    })])
}
