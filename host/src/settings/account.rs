//! The variables of a command that asks Twilio for something: whose account, which number, where we are reached.
//!
//! Lives here: those variables and their checks.
//! Never here: what is asked (`twilio::api`), the variables of the server.

use super::{BadVariable, Reader};
use crate::egress::{Secret, check_base};
use crate::seal::Keys;
use crate::twilio::PhoneNumber;
use url::Url;

/// The paths at which the server takes a call that comes in.
const WEBHOOKS: [&str; 2] = ["/webhooks/twilio/webhook", "/webhooks/twilio_voice/webhook"];

/// An account at Twilio, its number, and where Twilio reaches us.
pub struct Account {
    /// `TWILIO_ACCOUNT_SID`.
    pub sid: String,
    /// The first token of `TWILIO_AUTH_TOKEN`: the current one.
    pub token: Secret,
    /// `TWILIO_PHONE_NUMBER`, or the number that was named in its place.
    pub number: PhoneNumber,
    /// `TWILIO_WEBHOOK_URL` as it is written; https, and a path the server answers.
    pub webhook: Url,
    /// Where the API is (`TWILIO_API_URL`), without a version.
    pub api: Url,
}

/// Reads the variables through `get`. A `number` that is given stands in for `TWILIO_PHONE_NUMBER`.
///
/// # Errors
/// Every [`BadVariable`] there is. Neither numbers nor tokens are in them.
pub fn account(get: &dyn Fn(&str) -> Option<String>, number: Option<PhoneNumber>) -> Result<Account, Vec<BadVariable>> {
    let mut reader = Reader { get, wrong: Vec::new() };
    let sid = sid(&mut reader);
    let token = token(&mut reader);
    let number = number.or_else(|| own_number(&mut reader));
    let webhook = webhook(&mut reader);
    let api = api(&mut reader);
    match (sid, token, number, webhook, api) {
        (Some(sid), Some(token), Some(number), Some(webhook), Some(api)) => Ok(Account { sid, token, number, webhook, api }),
        _ => Err(reader.wrong),
    }
}

/// The variables of an installation's database, for a command beside the server.
pub struct Keeping {
    /// `ENCRYPTION_KEY`.
    pub encryption_key: Secret,
    /// `DATABASE_URL`.
    pub database_url: Secret,
    /// `CENTRALITA_TIMEZONE`: overrides the project's time zone.
    pub timezone: Option<String>,
}

/// Reads the variables of a command that calls people: the account's, and the installation's as `serve` has them.
///
/// # Errors
/// Every [`BadVariable`] there is.
pub fn dialling(get: &dyn Fn(&str) -> Option<String>) -> Result<(Account, Keeping), Vec<BadVariable>> {
    const KEY: &str = "write the one the server has: 32 bytes as text, hex or base64";
    let account = account(get, None);
    let mut reader = Reader { get, wrong: Vec::new() };
    let key = needed(&mut reader, "ENCRYPTION_KEY", KEY).unwrap_or_default();
    if let Some(error) = Some(&key).filter(|key| !key.is_empty()).and_then(|key| Keys::from_variable(key).err()) {
        reader.wrong("ENCRYPTION_KEY", format!("cannot be used: {error}"), KEY);
    }
    let timezone = reader.timezone();
    let database_url = Secret::new(reader.text("DATABASE_URL").unwrap_or_else(|| super::DATABASE_URL.into()));
    match account {
        Ok(account) if reader.wrong.is_empty() => Ok((account, Keeping { encryption_key: Secret::new(key), database_url, timezone })),
        Ok(_) => Err(reader.wrong),
        Err(mut wrong) => {
            wrong.append(&mut reader.wrong);
            Err(wrong)
        }
    }
}

/// A variable that must be there.
fn needed(reader: &mut Reader<'_>, name: &'static str, right: &str) -> Option<String> {
    let text = reader.text(name);
    if text.is_none() {
        reader.wrong(name, "is not set".into(), right);
    }
    text
}

fn sid(reader: &mut Reader<'_>) -> Option<String> {
    const RIGHT: &str = "write the account's SID, `AC` and 32 hexadecimal digits, from the first page of Twilio's console";
    let text = needed(reader, "TWILIO_ACCOUNT_SID", RIGHT)?;
    let digits = text.strip_prefix("AC").filter(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if digits.is_none() {
        let what = if text.starts_with("SK") { "is an API key's SID".to_owned() } else { format!("is no account SID ({} characters)", text.chars().count()) };
        reader.wrong("TWILIO_ACCOUNT_SID", what, RIGHT);
        return None;
    }
    Some(text)
}

fn token(reader: &mut Reader<'_>) -> Option<Secret> {
    const RIGHT: &str = "write the account's auth token; of several with commas the first one is used";
    let text = needed(reader, "TWILIO_AUTH_TOKEN", RIGHT)?;
    let first = text.split(',').map(str::trim).find(|token| !token.is_empty());
    if first.is_none() {
        reader.wrong("TWILIO_AUTH_TOKEN", "holds no token".into(), RIGHT);
    }
    first.map(Secret::new)
}

fn own_number(reader: &mut Reader<'_>) -> Option<PhoneNumber> {
    const RIGHT: &str = "write the line's own number with country code, such as +525500000100";
    let text = needed(reader, "TWILIO_PHONE_NUMBER", RIGHT)?;
    let number = PhoneNumber::parse(&text).ok();
    if number.is_none() {
        reader.wrong("TWILIO_PHONE_NUMBER", format!("is no telephone number ({} characters)", text.chars().count()), RIGHT);
    }
    number
}

fn webhook(reader: &mut Reader<'_>) -> Option<Url> {
    const RIGHT: &str = "write the https address the telephone network calls, such as https://voz.example.mx/webhooks/twilio/webhook";
    let text = needed(reader, "TWILIO_WEBHOOK_URL", RIGHT)?;
    let mut wrong = |what: String| {
        reader.wrong("TWILIO_WEBHOOK_URL", what, RIGHT);
        None
    };
    match Url::parse(&text) {
        Ok(url) if url.scheme() == "http" => wrong("is an http address, over which anybody on the way hears what callers say".into()),
        Ok(url) if url.scheme() != "https" || !url.has_host() => wrong("is no https address".into()),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => wrong("holds a user or password".into()),
        Ok(url) if !WEBHOOKS.contains(&url.path()) => wrong(format!("has the path `{}`, where no call is answered", url.path())),
        Ok(url) => Some(url),
        Err(_) => wrong("is no https address".into()),
    }
}

fn api(reader: &mut Reader<'_>) -> Option<Url> {
    const RIGHT: &str = "leave it out, or write https:// and a host; http goes to loopback only";
    let text = reader.text("TWILIO_API_URL").unwrap_or_else(|| "https://api.twilio.com".to_owned());
    match Url::parse(&text).map(|url| (check_base(&url), url)) {
        Ok((Ok(()), url)) if url.path() == "/" => return Some(url),
        Ok((Ok(()), _)) => reader.wrong("TWILIO_API_URL", "has a path".into(), RIGHT),
        Ok((Err(why), _)) => reader.wrong("TWILIO_API_URL", format!("cannot be used: {why}"), RIGHT),
        Err(_) => reader.wrong("TWILIO_API_URL", "is no address".into(), RIGHT),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 4] = [
        ("TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"),
        ("TWILIO_AUTH_TOKEN", " , the-new-one, the-old-one"),
        ("TWILIO_PHONE_NUMBER", "+525500000100"),
        ("TWILIO_WEBHOOK_URL", "https://voz.example.mx/webhooks/twilio/webhook"),
    ];

    fn with(name: &str, value: &str) -> Result<Account, Vec<String>> {
        let get = |asked: &str| {
            let known = GOOD.iter().find(|(known, _)| *known == asked).map(|(_, value)| (*value).to_owned());
            if asked == name { Some(value.to_owned()) } else { known }
        };
        account(&get, None).map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_first_token_of_a_list_and_the_networks_own_address_are_used() {
        let account = with("", "").ok().unwrap();
        assert_eq!(account.token.reveal(), "the-new-one");
        assert_eq!(account.api.as_str(), "https://api.twilio.com/");
    }

    #[test]
    fn what_is_missing_is_named_at_once() {
        let wrong = account(&|_| None, None).err().unwrap();
        let names: Vec<&str> = wrong.iter().map(|wrong| wrong.name).collect();
        assert_eq!(names, ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER", "TWILIO_WEBHOOK_URL"]);
    }

    #[test]
    fn a_wrong_one_is_named_with_what_would_be_right_and_never_with_its_value() {
        for (name, value, said) in [
            ("TWILIO_ACCOUNT_SID", "SK0123456789abcdef0123456789abcdef", "is an API key's SID"),
            ("TWILIO_ACCOUNT_SID", "AC0123", "is no account SID (6 characters)"),
            ("TWILIO_PHONE_NUMBER", "5598761234", "is no telephone number (10 characters)"),
            ("TWILIO_WEBHOOK_URL", "http://voz.example.mx/webhooks/twilio/webhook", "is an http address"),
            ("TWILIO_WEBHOOK_URL", "https://voz.banco.mx/", "has the path `/`"),
            ("TWILIO_WEBHOOK_URL", "https://ana:secreto@voz.example.mx/webhooks/twilio/webhook", "holds a user or password"),
            ("TWILIO_API_URL", "http://api.example.mx", "http goes to loopback only"),
            ("TWILIO_API_URL", "https://api.twilio.com/2010-04-01", "has a path"),
        ] {
            let wrong = with(name, value).err().unwrap();
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            assert!(wrong[0].starts_with(name) && wrong[0].contains(said), "{wrong:?}");
            assert!(!wrong[0].contains(value), "{wrong:?}");
        }
    }
}
