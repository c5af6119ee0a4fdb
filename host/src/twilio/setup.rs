//! Pointing a number of the account at this installation.
//!
//! Lives here: which fields of a number are set to what, and what that changes.
//! Never here: the request (`api`), the terminal (`cli/twilio.rs`).

use super::api::{Api, Error, Number, beside};
use crate::settings::Account;
use url::Url;

/// Our own address for when the first one fails.
const FALLBACK: &str = "/webhooks/twilio/fallback";

/// A field of a number, as it is and as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Twilio's name of the parameter.
    pub name: &'static str,
    /// What is there; empty if nothing is.
    pub was: String,
    /// What should be.
    pub wanted: String,
    shown: &'static str,
}

impl Field {
    /// Whether there is nothing to change.
    pub fn is_so(&self) -> bool {
        self.was == self.wanted
    }
}

/// What a number's fields should be: ours, and `fallback` in place of our own `/fallback`. A fallback of somebody else's is
/// asked with GET, since storage that only serves files answers nothing else.
pub fn fields(number: &Number, account: &Account, fallback: Option<&Url>) -> Vec<Field> {
    let backup = fallback.map_or_else(|| beside(&account.webhook, FALLBACK), Url::to_string);
    let backup_method = if fallback.is_none_or(|url| url.path() == FALLBACK) { "POST" } else { "GET" };
    let field = |name, shown, wanted: String| Field { name, shown, was: number.field(shown).to_owned(), wanted };
    vec![
        field("VoiceUrl", "voice_url", account.webhook.to_string()),
        field("VoiceMethod", "voice_method", "POST".into()),
        field("VoiceFallbackUrl", "voice_fallback_url", backup),
        field("VoiceFallbackMethod", "voice_fallback_method", backup_method.into()),
        field("StatusCallback", "status_callback", beside(&account.webhook, "/webhooks/twilio/status")),
        field("StatusCallbackMethod", "status_callback_method", "POST".into()),
    ]
}

/// What is set at a number and goes before its addresses, if anything is.
pub fn goes_before(number: &Number) -> Option<&'static str> {
    [("voice_application_sid", "an application"), ("trunk_sid", "a SIP trunk")]
        .into_iter()
        .find(|(field, _)| !number.field(field).is_empty())
        .map(|(_, what)| what)
}

/// Sets the fields that are not as they should be; each field's value after it, as Twilio shows it. Nothing is sent where
/// nothing changes.
///
/// # Errors
/// [`Error`].
pub async fn set(api: &Api, number: &Number, fields: &[Field]) -> Result<Vec<String>, Error> {
    let form: Vec<(&str, &str)> = fields.iter().filter(|field| !field.is_so()).map(|field| (field.name, field.wanted.as_str())).collect();
    if form.is_empty() {
        return Ok(fields.iter().map(|field| field.was.clone()).collect());
    }
    let now = api.set(number, &form).await?;
    Ok(fields.iter().map(|field| now.field(field.shown).to_owned()).collect())
}
