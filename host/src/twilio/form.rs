//! The form of a webhook: what Twilio says about a call and what was heard.
//!
//! Lives here: the parameters we use, typed once; the digest that recognises the same body.
//! Never here: signatures, turn tokens, what an answer means.

use centralita_engine::Masked;
use sha2::{Digest as _, Sha256};

use super::number::Caller;

/// Twilio's name for one call: 2 to 64 ASCII letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallSid(String);

impl CallSid {
    /// Reads a call's name.
    ///
    /// # Errors
    /// [`BadForm::CallSid`] if it is too short, too long, or has other characters.
    pub fn parse(raw: &str) -> Result<Self, BadForm> {
        let fits = (2..=64).contains(&raw.len()) && raw.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if fits { Ok(Self(raw.to_owned())) } else { Err(BadForm::CallSid) }
    }

    /// The name as Twilio writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CallSid {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// Where a call stands, by `CallStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStatus {
    Queued,
    Initiated,
    Ringing,
    InProgress,
    Completed,
    Busy,
    Failed,
    NoAnswer,
    Canceled,
}

impl CallStatus {
    /// Reads the parameter; a word that is not known here is `None`, never an error.
    pub fn parse(raw: &str) -> Option<Self> {
        Some(match raw {
            "queued" => Self::Queued,
            "initiated" => Self::Initiated,
            "ringing" => Self::Ringing,
            "in-progress" => Self::InProgress,
            "completed" => Self::Completed,
            "busy" => Self::Busy,
            "failed" => Self::Failed,
            "no-answer" => Self::NoAnswer,
            "canceled" => Self::Canceled,
            _ => return None,
        })
    }

    /// Whether the call is over; from such a status there is no way back.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled)
    }

    /// The word of the parameter.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }
}

/// How a `<Dial>` ended, by `DialCallStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialStatus {
    Completed,
    Answered,
    Busy,
    NoAnswer,
    Failed,
    Canceled,
}

impl DialStatus {
    /// Reads the parameter; a word that is not known here is `None`, never an error.
    pub fn parse(raw: &str) -> Option<Self> {
        Some(match raw {
            "completed" => Self::Completed,
            "answered" => Self::Answered,
            "busy" => Self::Busy,
            "no-answer" => Self::NoAnswer,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => return None,
        })
    }

    /// The word of the parameter.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Answered => "answered",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Whether a person was reached.
    pub const fn reached(self) -> bool {
        matches!(self, Self::Completed | Self::Answered)
    }
}

/// One webhook's parameters. Unknown ones are ignored, empty ones are absent.
pub struct TurnForm {
    pub call_sid: CallSid,
    /// `From` as it came; [`TurnForm::caller`] reads it.
    pub from: Option<Masked<String>>,
    /// The number that was called.
    pub to: Option<String>,
    /// What the recogniser heard.
    pub speech_result: Option<Masked<String>>,
    /// Keys pressed, without the finish key.
    pub digits: Option<Masked<String>>,
    /// The recogniser's confidence, 0 to 1. Some models send none or 0: never gate on it alone.
    pub confidence: Option<f64>,
    /// The key that ended the input.
    pub finished_on_key: Option<String>,
    pub call_status: Option<CallStatus>,
    pub dial_call_status: Option<DialStatus>,
    /// What we said when we ended a relay session.
    pub handoff_data: Option<String>,
    /// `SequenceNumber` of a status.
    pub sequence: Option<u64>,
    /// `CallDuration` of the last status, seconds.
    pub duration: Option<u64>,
    /// `ErrorCode`, digits.
    pub error_code: Option<String>,
    /// Whether it is a call that we made.
    pub outbound: bool,
    /// What answered a call that we made, where it was listened for: `human`, `machine_start`, `fax`, …
    pub answered_by: Option<String>,
    /// Whether the two could talk, where Twilio says so: a person may hang up while they are told who calls.
    pub dial_bridged: Option<bool>,
}

/// A form that names no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// There is no `CallSid`.
    #[error("the form has no `CallSid`; Twilio sends one with every voice webhook")]
    MissingCallSid,
    /// There is one, and it is no name of a call.
    #[error("`CallSid` must be 2 to 64 letters and digits")]
    CallSid,
}

impl TurnForm {
    /// Reads an urlencoded body. Of a parameter that comes twice the first that is not empty counts.
    ///
    /// # Errors
    /// [`BadForm`] if the call is not named.
    pub fn parse(body: &[u8]) -> Result<Self, BadForm> {
        let pairs: Vec<_> = form_urlencoded::parse(body).collect();
        let find = |name: &str| pairs.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_ref());
        let heard = |name: &str| find(name).filter(|value| !value.trim().is_empty()).map(Masked::from);
        Ok(Self {
            call_sid: CallSid::parse(find("CallSid").ok_or(BadForm::MissingCallSid)?)?,
            from: find("From").map(Masked::from),
            to: find("To").map(str::to_owned),
            speech_result: heard("SpeechResult"),
            digits: heard("Digits"),
            confidence: find("Confidence").and_then(|raw| raw.parse().ok()).filter(|value| (0.0..=1.0).contains(value)),
            finished_on_key: find("FinishedOnKey").map(str::to_owned),
            call_status: find("CallStatus").and_then(CallStatus::parse),
            dial_call_status: find("DialCallStatus").and_then(DialStatus::parse),
            handoff_data: find("HandoffData").map(str::to_owned),
            sequence: find("SequenceNumber").and_then(|raw| raw.parse().ok()).filter(|n| i64::try_from(*n).is_ok()),
            duration: find("CallDuration").and_then(|raw| raw.parse().ok()).filter(|n| i64::try_from(*n).is_ok()),
            error_code: find("ErrorCode").filter(|code| code.len() <= 8 && code.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned),
            outbound: find("Direction") == Some("outbound-api"),
            answered_by: find("AnsweredBy").map(str::to_owned),
            dial_bridged: find("DialBridged").and_then(|raw| raw.parse().ok()),
        })
    }

    /// For a call that is back from a person: whether the two talked.
    pub fn reached(&self) -> Option<bool> {
        self.dial_call_status.map(|status| status.reached() && self.dial_bridged.unwrap_or(true))
    }

    /// Whom we talk with: who calls, or whom we have called.
    pub fn caller(&self) -> Caller {
        let other = if self.outbound { self.to.as_deref() } else { self.from.as_ref().map(|from| from.reveal().as_str()) };
        Caller::parse(other)
    }

    /// The number of the line.
    pub fn line(&self) -> Option<String> {
        if self.outbound { self.from.as_ref().map(|from| from.reveal().clone()) } else { self.to.clone() }
    }

    /// Whether a machine has taken a call that we made: nothing is told to it.
    pub fn is_machine(&self) -> bool {
        self.answered_by.as_deref().is_some_and(|by| by.starts_with("machine") || by == "fax")
    }
}

/// SHA-256 of the raw body: two requests of one turn with the same digest are the same request.
pub fn body_digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> TurnForm {
        TurnForm::parse(body.as_bytes()).ok().unwrap()
    }

    #[test]
    fn a_spoken_turn_is_read() {
        let form =
            form("CallSid=CA01&From=%2B5215512345678&To=%2B525500000000&SpeechResult=S%C3%AD%2C+la+4521&Confidence=0.9128386&CallStatus=in-progress&New=1");
        assert_eq!(form.call_sid.as_str(), "CA01");
        assert!(form.speech_result.is_some_and(|text| text.reveal() == "Sí, la 4521"));
        assert_eq!(form.confidence, Some(0.912_838_6));
        assert_eq!(form.call_status, Some(CallStatus::InProgress));
    }

    #[test]
    fn a_keyed_turn_is_read() {
        let form = form("CallSid=CA01&Digits=4521&FinishedOnKey=%23&msg=Gather+End");
        assert!(form.digits.is_some_and(|keys| keys.reveal() == "4521"));
        assert_eq!(form.finished_on_key.as_deref(), Some("#"));
    }

    #[test]
    fn missing_and_empty_input_are_alike() {
        for body in ["CallSid=CA01", "CallSid=CA01&Digits=&SpeechResult=", "CallSid=CA01&SpeechResult=+&Confidence="] {
            let form = form(body);
            assert!(form.digits.is_none() && form.speech_result.is_none() && form.confidence.is_none(), "{body}");
        }
    }

    #[test]
    fn a_form_without_a_call_is_refused_by_its_own_error() {
        assert_eq!(TurnForm::parse(b"From=%2B5255").err(), Some(BadForm::MissingCallSid));
        assert_eq!(TurnForm::parse(b"CallSid=").err(), Some(BadForm::MissingCallSid));
        assert_eq!(TurnForm::parse(&[0xff, 0xfe, 0x00]).err(), Some(BadForm::MissingCallSid));
    }

    #[test]
    fn a_call_is_named_by_letters_and_digits_only() {
        for bad in ["C", "CA-01", "CA%2F..", "CA01%00", &"C".repeat(65), "ñandú"] {
            assert_eq!(TurnForm::parse(format!("CallSid={bad}").as_bytes()).err(), Some(BadForm::CallSid), "{bad}");
        }
    }

    #[test]
    fn statuses_are_known_and_new_words_are_no_error() {
        let form = form("CallSid=CA01&CallStatus=levitating&DialCallStatus=no-answer&Confidence=NaN");
        assert_eq!((form.call_status, form.confidence), (None, None));
        assert_eq!(form.dial_call_status.map(DialStatus::reached), Some(false));
        assert!(CallStatus::Completed.is_over() && !CallStatus::InProgress.is_over());
    }

    #[test]
    fn the_same_body_has_the_same_digest() {
        assert_eq!(body_digest(b"a=1"), body_digest(b"a=1"));
        assert_ne!(body_digest(b"a=1"), body_digest(b"a=2"));
    }
}
