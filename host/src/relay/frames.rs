//! The frames of a session, one JSON object each (`twilio-voice.md` §4.2 and §4.3).
//!
//! Lives here: what comes in, as far as it is used, and what goes out.
//! Never here: when (`session.rs`).

use centralita_engine::Masked;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A frame of the network. What is not known here is no error: new ones appear without notice.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum Incoming {
    /// The session opens.
    #[serde(rename_all = "camelCase")]
    Setup {
        call_sid: String,
        #[serde(default)]
        custom_parameters: BTreeMap<String, String>,
    },
    /// The caller said something.
    #[serde(rename_all = "camelCase")]
    Prompt {
        voice_prompt: Masked<String>,
        #[serde(default = "yes")]
        last: bool,
    },
    /// The caller pressed a key.
    Dtmf { digit: Masked<String> },
    /// The caller spoke over us, who were heard so far.
    #[serde(rename_all = "camelCase")]
    Interrupt {
        #[serde(default)]
        utterance_until_interrupt: Masked<String>,
    },
    /// Who is speaking; undocumented, so never relied on alone.
    Info {
        #[serde(default)]
        name: String,
        #[serde(default)]
        value: String,
    },
    /// Something we sent was not taken.
    Error {
        #[serde(default)]
        description: String,
    },
    #[serde(other)]
    Unknown,
}

const fn yes() -> bool {
    true
}

/// A frame of ours.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum Outgoing<'a> {
    /// Words to be spoken; with the last ones the voice may begin.
    Text { token: &'a str, last: bool, lang: &'a str, interruptible: bool, preemptible: bool },
    /// What is spoken and heard from now on.
    #[serde(rename_all = "camelCase")]
    Language { tts_language: &'a str, transcription_language: &'a str },
    /// The session is over; the network asks what comes next.
    #[serde(rename_all = "camelCase")]
    End { handoff_data: &'a str },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_the_network_writes_them() {
        let read = |text: &str| serde_json::from_str::<Incoming>(text).unwrap();
        let setup = r#"{"type":"setup","sessionId":"VX0","callSid":"CA1","from":"+1","callStatus":"RINGING","customParameters":{"t":"ab"}}"#;
        assert!(matches!(read(setup), Incoming::Setup { call_sid, custom_parameters } if call_sid == "CA1" && custom_parameters["t"] == "ab"));
        let prompt = r#"{"type":"prompt","voicePrompt":"Hola","lang":"es-MX","last":true,"agentSpeaking":false}"#;
        assert!(matches!(read(prompt), Incoming::Prompt { voice_prompt, last: true } if voice_prompt.reveal() == "Hola"));
        let interrupt = r#"{"type":"interrupt","utteranceUntilInterrupt":"Life is","durationUntilInterruptMs":"460"}"#;
        assert!(matches!(read(interrupt), Incoming::Interrupt { utterance_until_interrupt } if utterance_until_interrupt.reveal() == "Life is"));
        assert!(matches!(read(r#"{"type":"something new","x":[1]}"#), Incoming::Unknown));
    }

    #[test]
    fn frames_are_written_with_nothing_left_to_a_default() {
        let text = Outgoing::Text { token: "Hola. ", last: false, lang: "es-MX", interruptible: true, preemptible: false };
        let expected = r#"{"type":"text","token":"Hola. ","last":false,"lang":"es-MX","interruptible":true,"preemptible":false}"#;
        assert_eq!(serde_json::to_string(&text).unwrap(), expected);
        let language = Outgoing::Language { tts_language: "en-US", transcription_language: "en-US" };
        assert_eq!(serde_json::to_string(&language).unwrap(), r#"{"type":"language","ttsLanguage":"en-US","transcriptionLanguage":"en-US"}"#);
        assert_eq!(serde_json::to_string(&Outgoing::End { handoff_data: "{}" }).unwrap(), r#"{"type":"end","handoffData":"{}"}"#);
    }
}
