//! The variables of an installation, read once at start-up.
//!
//! Lives here: every variable's name, default and check; a wrong one stops the start with its name,
//! what was read (secrets only by length) and what would be right.
//! Never here: variables of bindings (`plugins.yml` names those; `grants` reads them).

mod account;

pub use account::{Account, Keeping, account, dialling};

use crate::egress::Secret;
use crate::twilio::PhoneNumber;
use crate::twilio::blocked::Blocked;
use crate::twilio::twiml::Party;
use crate::twilio::wait::ANSWER_WITHIN;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// How the host runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `dev`, `shell`: what is missing is pretended, and labelled.
    Dev,
    /// `serve`: nothing is pretended.
    Serve,
}

/// Everything the variables say.
pub struct Settings {
    /// How the host runs.
    pub mode: Mode,
    /// Where the telephone network reaches us (`CENTRALITA_BIND`).
    pub bind: SocketAddr,
    /// Where operators do (`CENTRALITA_ADMIN_BIND`).
    pub admin_bind: SocketAddr,
    /// The public base of our URLs, without a path.
    pub public_base: Url,
    /// Tokens that may have signed a webhook, the current one first (`TWILIO_AUTH_TOKEN`).
    pub twilio_tokens: Secret,
    /// `ENCRYPTION_KEY`.
    pub encryption_key: Secret,
    /// `DATABASE_URL`.
    pub database_url: Secret,
    /// Where callers go who need a person (`FALLBACK_PHONE_NUMBER`): a number, a SIP address or a queue.
    pub fallback: Option<Party>,
    /// New calls a minute and calling number; 0 is off.
    pub rate_per_minute: u32,
    /// Calls at once; over it callers go to a person.
    pub max_calls: u64,
    /// Numbers whose calls are not taken (the file `CENTRALITA_BLOCK_LIST`).
    pub blocked: Blocked,
    /// How long a caller waits for a turn in silence (`CENTRALITA_ANSWER_MS`).
    pub answer_within: Duration,
    /// How long what a host has begun is its own (`CENTRALITA_LEASE_MS`).
    pub lease: Duration,
    /// How long after a lost answer the desk is asked whether it carried the request out (`CENTRALITA_SETTLE_MS`).
    pub settle: Duration,
    /// Opens the HTTP API (`CENTRALITA_AUTH_TOKEN`); without it and without `jwt_secret` the API is closed.
    pub auth_token: Option<Secret>,
    /// What JWTs that open the HTTP API are signed under (`JWT_SECRET`).
    pub jwt_secret: Option<Secret>,
    /// Origins of pages that may call the HTTP API (`CENTRALITA_CORS`); none by default, `*` is any.
    pub cors: Vec<axum::http::HeaderValue>,
    /// Where `serve` keeps compiled components between starts (`CENTRALITA_CACHE`); nowhere by default.
    pub cache: Option<PathBuf>,
    /// Overrides the project's time zone.
    pub timezone: Option<String>,
    /// `tracing` filter (`LOG_LEVEL`).
    pub log_level: String,
    /// Where logs go besides the terminal.
    pub log_file: Option<PathBuf>,
    /// Where audit checkpoints go (`CENTRALITA_AUDIT_FILE`): outside the database.
    pub audit_file: PathBuf,
}

/// A variable that is missing or wrong.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{name} {what}; {right}")]
pub struct BadVariable {
    name: &'static str,
    what: String,
    right: String,
}

/// The database when nobody says otherwise.
pub const DATABASE_URL: &str = "sqlite:.centralita/centralita.db";

/// Where audit checkpoints go when nobody says otherwise.
pub const AUDIT_FILE: &str = ".centralita/audit.jsonl";

/// The number `dev` pretends a person answers.
pub const STAND_IN_PERSON: &str = "+525500000000";

/// Reads the variables through `get`; `made` supplies what `dev` makes once and keeps.
///
/// # Errors
/// Every [`BadVariable`] there is, so that one start names them all.
pub fn read(mode: Mode, get: &dyn Fn(&str) -> Option<String>, made: &dyn Fn(&str) -> String, transfers: bool) -> Result<Settings, Vec<BadVariable>> {
    let mut reader = Reader { get, wrong: Vec::new() };
    let default_bind = if mode == Mode::Dev { "127.0.0.1:5005" } else { "0.0.0.0:5005" };
    let bind = reader.parsed("CENTRALITA_BIND", default_bind, "write an address and a port, such as 127.0.0.1:5005");
    let admin_bind = reader.parsed("CENTRALITA_ADMIN_BIND", "127.0.0.1:5006", "write an address and a port, such as 127.0.0.1:5006");
    let rate_per_minute = reader.parsed("RATE_LIMIT_PER_MINUTE", "10", "write how many new calls a number may make in a minute, 0 for no limit");
    let max_calls = reader.parsed("CENTRALITA_MAX_CALLS", "100", "write how many calls may be open at once");
    // A real desk may still be carrying a lost request out; the stand-in never takes long.
    let default_settle = if mode == Mode::Dev { "1000" } else { "30000" };
    let settle =
        reader.parsed("CENTRALITA_SETTLE_MS", default_settle, "write after how many milliseconds a lost answer is looked for").map(Duration::from_millis);
    let lease = "write for how many milliseconds a host keeps what it has begun; longer than the longest action, which has at most 15000";
    let lease = reader.parsed("CENTRALITA_LEASE_MS", "20000", lease).map(Duration::from_millis);
    let right = "write after how many milliseconds a caller is told to wait, 100 to 10000: the network gives up after 15 s";
    let answer_within = reader.parsed("CENTRALITA_ANSWER_MS", "1800", right).map(Duration::from_millis);
    if let Some(within) = answer_within.filter(|within| !ANSWER_WITHIN.contains(within)) {
        reader.wrong("CENTRALITA_ANSWER_MS", format!("is `{}`", within.as_millis()), right);
    }
    let public_base = reader.public_base(mode, bind);
    let needed = |reader: &mut Reader<'_>, name: &'static str, right: &str| match (reader.text(name), mode) {
        (Some(value), _) => value,
        (None, Mode::Dev) => made(name),
        (None, Mode::Serve) => {
            reader.wrong(name, "is not set".into(), right);
            String::new()
        }
    };
    let tokens = needed(&mut reader, "TWILIO_AUTH_TOKEN", "write the account's auth token, or several with commas while rotating");
    let key = needed(&mut reader, "ENCRYPTION_KEY", "write 32 bytes as text, hex or base64, from a password generator");
    if !key.is_empty()
        && let Err(error) = crate::seal::Keys::from_variable(&key)
    {
        reader.wrong("ENCRYPTION_KEY", format!("cannot be used: {error}"), "write 32 bytes as text, hex or base64, from a password generator");
    }
    let jwt_secret = reader.secret("JWT_SECRET");
    let mut auth_token = reader.secret("CENTRALITA_AUTH_TOKEN");
    if mode == Mode::Dev && jwt_secret.is_none() && auth_token.is_none() {
        auth_token = Some(made("CENTRALITA_AUTH_TOKEN")).filter(|token| !token.is_empty()).map(Secret::new);
    }
    let cors = reader.origins();
    let fallback = reader.text("FALLBACK_PHONE_NUMBER").or_else(|| (mode == Mode::Dev).then(|| STAND_IN_PERSON.to_owned()));
    let fallback = fallback.and_then(|text| {
        let party = match Party::parse(&text) {
            Some(Party::Number(number)) => PhoneNumber::parse(&number).ok().map(|number| Party::Number(number.as_str().to_owned())),
            other => other,
        };
        if party.is_none() {
            reader.wrong(
                "FALLBACK_PHONE_NUMBER",
                format!("is no telephone number ({} characters)", text.chars().count()),
                "write it with country code, such as +525500000000, or `sip:user@host`, or `queue:NAME`",
            );
        }
        party
    });
    if transfers && fallback.is_none() && !reader.names("FALLBACK_PHONE_NUMBER") {
        reader.wrong("FALLBACK_PHONE_NUMBER", "is not set, and a flow transfers callers".into(), "write the number of the people who take calls");
    }
    let blocked = reader.blocked();
    let timezone = reader.timezone();
    let log_level = reader.text("LOG_LEVEL").unwrap_or_else(|| "info".into()).to_lowercase();
    if tracing_subscriber::EnvFilter::try_new(&log_level).is_err() {
        reader.wrong("LOG_LEVEL", format!("is `{log_level}`"), "write error, warn, info, debug or trace");
    }
    // The rest about models is read with the project, which says whether one is asked (`model::choice`).
    let model_base = reader.text("OPENAI_BASE_URL");
    if let Some(base) = model_base.as_deref().filter(|base| !Url::parse(base).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))) {
        reader.wrong("OPENAI_BASE_URL", format!("is `{base}`, which is no http address"), "write it with /v1, such as http://127.0.0.1:8080/v1");
    }
    let database_url = reader.text("DATABASE_URL").unwrap_or_else(|| DATABASE_URL.into());
    let log_file = reader.text("LOG_FILE_PATH").map(PathBuf::from);
    let audit_file = reader.text("CENTRALITA_AUDIT_FILE").unwrap_or_else(|| AUDIT_FILE.into()).into();
    let cache = reader.text("CENTRALITA_CACHE").map(PathBuf::from);
    let wrong = reader.wrong;
    match (bind, admin_bind, rate_per_minute, max_calls, answer_within, settle, lease, public_base) {
        (Some(bind), Some(admin_bind), Some(rate_per_minute), Some(max_calls), Some(answer_within), Some(settle), Some(lease), Some(public_base))
            if wrong.is_empty() =>
        {
            Ok(Settings {
                mode,
                bind,
                admin_bind,
                public_base,
                twilio_tokens: Secret::new(tokens),
                encryption_key: Secret::new(key),
                database_url: Secret::new(database_url),
                fallback,
                rate_per_minute,
                max_calls,
                blocked,
                answer_within,
                settle,
                lease,
                auth_token,
                jwt_secret,
                cors,
                cache,
                timezone,
                log_level,
                log_file,
                audit_file,
            })
        }
        _ => Err(wrong),
    }
}

struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    wrong: Vec<BadVariable>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.get)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &'static str, default: &str, right: &str) -> Option<T> {
        let text = self.text(name).unwrap_or_else(|| default.to_owned());
        let value = text.parse().ok();
        if value.is_none() {
            self.wrong(name, format!("is `{text}`"), right);
        }
        value
    }

    /// A secret that opens something; a short one would be found by trying.
    fn secret(&mut self, name: &'static str) -> Option<Secret> {
        let text = self.text(name)?;
        if text.chars().count() < 16 {
            self.wrong(name, format!("has {} characters", text.chars().count()), "write at least 16, from a password generator");
        }
        Some(Secret::new(text))
    }

    fn timezone(&mut self) -> Option<String> {
        let timezone = self.text("CENTRALITA_TIMEZONE");
        if let Some(name) = timezone.as_deref().filter(|name| jiff::tz::TimeZone::get(name).is_err()) {
            self.wrong("CENTRALITA_TIMEZONE", format!("is `{name}`, which is no time zone"), "write an IANA name such as America/Mexico_City");
        }
        timezone
    }

    fn blocked(&mut self) -> Blocked {
        let Some(path) = self.text("CENTRALITA_BLOCK_LIST") else { return Blocked::default() };
        let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        read.and_then(|text| Blocked::parse(&text).map_err(|error| error.to_string())).unwrap_or_else(|error| {
            self.wrong("CENTRALITA_BLOCK_LIST", format!("is `{path}`, which cannot be used: {error}"), "write the name of a file with a number a line");
            Blocked::default()
        })
    }

    fn origins(&mut self) -> Vec<axum::http::HeaderValue> {
        let text = self.text("CENTRALITA_CORS").unwrap_or_default();
        let mut origins = Vec::new();
        for origin in text.split(',').map(str::trim).filter(|origin| !origin.is_empty()) {
            let is_origin = origin == "*" || Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == origin);
            match axum::http::HeaderValue::from_str(origin) {
                Ok(value) if is_origin => origins.push(value),
                _ => self.wrong("CENTRALITA_CORS", format!("names `{origin}`, which is no origin"), "write origins such as https://chat.example.mx, or `*`"),
            }
        }
        origins
    }

    fn public_base(&mut self, mode: Mode, bind: Option<SocketAddr>) -> Option<Url> {
        let Some(text) = self.text("TWILIO_WEBHOOK_URL") else {
            if mode == Mode::Serve {
                self.wrong(
                    "TWILIO_WEBHOOK_URL",
                    "is not set".into(),
                    "write the address the telephone network calls, such as https://voz.example.mx/webhooks/twilio/webhook",
                );
                return None;
            }
            return bind.and_then(|bind| Url::parse(&format!("http://{bind}")).ok());
        };
        let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        match url {
            Some(mut url) => {
                url.set_path("");
                url.set_query(None);
                url.set_fragment(None);
                Some(url)
            }
            None => {
                self.wrong("TWILIO_WEBHOOK_URL", format!("is `{text}`, which is no http address"), "write the address the telephone network calls");
                None
            }
        }
    }

    fn names(&self, name: &str) -> bool {
        self.wrong.iter().any(|wrong| wrong.name == name)
    }

    fn wrong(&mut self, name: &'static str, what: String, right: &str) {
        self.wrong.push(BadVariable { name, what, right: right.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(mode: Mode, pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        let get = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        read(mode, &get, &|_| "0123456789abcdef0123456789abcdef".into(), true).map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn dev_needs_nothing() {
        let settings = with(Mode::Dev, &[]).ok().unwrap();
        assert_eq!(settings.bind.to_string(), "127.0.0.1:5005");
        assert_eq!(settings.public_base.as_str(), "http://127.0.0.1:5005/");
        assert!(settings.fallback.is_some());
    }

    #[test]
    fn serve_names_everything_that_is_missing_at_once() {
        let wrong = with(Mode::Serve, &[]).err().unwrap();
        for name in ["TWILIO_AUTH_TOKEN", "TWILIO_WEBHOOK_URL", "ENCRYPTION_KEY", "FALLBACK_PHONE_NUMBER"] {
            assert!(wrong.iter().any(|line| line.starts_with(name)), "{name} in {wrong:?}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_with_what_was_read_and_what_would_be_right() {
        let wrong =
            with(Mode::Dev, &[("CENTRALITA_BIND", "5005"), ("RATE_LIMIT_PER_MINUTE", "many"), ("CENTRALITA_TIMEZONE", "Mexico"), ("ENCRYPTION_KEY", "short")])
                .err()
                .unwrap();
        assert_eq!(wrong[0], "CENTRALITA_BIND is `5005`; write an address and a port, such as 127.0.0.1:5005");
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        assert!(!wrong.iter().any(|line| line.contains("short")), "a secret was printed");
    }

    #[test]
    fn a_caller_waits_neither_a_moment_nor_as_long_as_the_network() {
        for (read, right) in [("99", false), ("100", true), ("10000", true), ("10001", false), ("-1", false)] {
            let wrong = with(Mode::Dev, &[("CENTRALITA_ANSWER_MS", read)]).err().unwrap_or_default();
            assert_eq!(wrong.is_empty(), right, "{read}: {wrong:?}");
            assert!(right || wrong[0].starts_with(&format!("CENTRALITA_ANSWER_MS is `{read}`; write")), "{wrong:?}");
        }
    }
}
