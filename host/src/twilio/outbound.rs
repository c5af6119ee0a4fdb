//! Calling somebody from the line: who may be called, and what is asked of Twilio.
//!
//! Lives here: the guards before a call, in their order, and the reservation that counts it.
//! Never here: what the called person hears (the webhooks), the request (`api`), the terminal (`cli/dial.rs`).

use super::PhoneNumber;
use super::api::{Api, Error, beside};
use crate::app::App;
use crate::release::Outbound;
use crate::seal::Keys;
use crate::settings::Account;
use crate::store::{Bound, Dial, DialLimits, DialOutcome, Store, StoreError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// How long a number is left alone after a call, milliseconds.
const PAUSE_MS: i64 = 60 * 60 * 1000;

/// Calls people, one after the other. No `Debug`: it holds numbers and keys.
pub struct Dialler<'a> {
    /// Where calls out are counted, and who has called is known.
    pub store: &'a Store,
    /// Keys of the installation.
    pub keys: &'a Keys,
    /// Twilio.
    pub api: &'a Api,
    /// The number that calls, and where Twilio asks what to say.
    pub account: &'a Account,
    /// What the project allows.
    pub rules: &'a Outbound,
    /// Whose calendar a day is of.
    pub zone: TimeZone,
}

/// Why a number is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    /// It is the line's own.
    #[error("it is the line's own number")]
    Own,
    /// No prefix fits.
    #[error("it begins with none of the allowed `prefixes`")]
    Prefix,
    /// Nobody knows it.
    #[error("it is on file nowhere and never called this line")]
    Stranger,
    /// It was called not long ago.
    #[error("it was called less than an hour ago")]
    TooSoon,
    /// As many as may be were called today.
    #[error("today's calls are used up (`per_day`)")]
    DayFull,
}

/// What became of a number.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing was asked of Twilio.
    Barred(Barred),
    /// It would have been called.
    Would,
    /// Twilio calls it.
    Queued,
    /// Nobody was called.
    Refused(Error),
    /// Whether it rings is not known; it counts.
    Unknown(Error),
}

impl Outcome {
    /// Whether the numbers after it need not be tried.
    pub const fn ends_all(&self) -> bool {
        match self {
            Self::Barred(Barred::DayFull) => true,
            Self::Refused(error) | Self::Unknown(error) => error.concerns_everyone(),
            Self::Barred(_) | Self::Would | Self::Queued => false,
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Barred(why) => write!(f, "not called: {why}"),
            Self::Would => f.write_str("would be called"),
            Self::Queued => f.write_str("queued at Twilio"),
            Self::Refused(error) => write!(f, "not called: {error}"),
            Self::Unknown(error) => write!(f, "not known, and counted: {error}"),
        }
    }
}

impl Dialler<'_> {
    /// The numbers to call back, in the project's order and each once, and how many rows held no number.
    ///
    /// # Errors
    /// [`StoreError`] of the statement. None of it holds without `call_backs`, where nobody is to be called back.
    pub async fn call_backs(&self) -> Result<(Vec<PhoneNumber>, usize), StoreError> {
        let Some((statement, column)) = &self.rules.call_backs else { return Ok((Vec::new(), 0)) };
        let rows = self.store.query(&Bound { sql: statement.sql.clone(), values: Vec::new(), cap: statement.rows }).await?;
        let (mut numbers, mut odd) = (Vec::new(), 0);
        for row in &rows {
            let text = row.iter().find(|(name, _)| name == column).and_then(|(_, value)| value.as_str());
            match text.map(PhoneNumber::parse) {
                Some(Ok(number)) if numbers.contains(&number) => {}
                Some(Ok(number)) => numbers.push(number),
                Some(Err(_)) | None => odd += 1,
            }
        }
        Ok((numbers, odd))
    }

    /// Calls a number if every guard lets it pass.
    ///
    /// # Errors
    /// [`StoreError`] before anything left; after that only if what became of it could not be written, and then the
    /// reservation counts on.
    pub async fn dial(&self, number: &PhoneNumber) -> Result<Outcome, StoreError> {
        let reserved = match self.admit(number, 0, true).await? {
            Ok(reserved) => reserved,
            Err(barred) => return Ok(Outcome::Barred(barred)),
        };
        let (outcome, word, call) = match self.api.call(&self.form(number).iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).await {
            Ok(call) => (Outcome::Queued, DialOutcome::Queued, call),
            Err(error) if error.leaves_doubt() => (Outcome::Unknown(error), DialOutcome::Unknown, None),
            Err(error) => (Outcome::Refused(error), DialOutcome::Refused, None),
        };
        self.store.dialled(reserved, word, call.as_deref()).await?;
        self.store.audit(App::now_ms(), &json!({ "what": "dialled", "dial": reserved, "outcome": word.as_str(), "call": call })).await?;
        Ok(outcome)
    }

    /// What [`Dialler::dial`] would do after `others` calls; nothing is written and nothing leaves.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rehearse(&self, number: &PhoneNumber, others: u32) -> Result<Outcome, StoreError> {
        Ok(self.admit(number, others, false).await?.map_or_else(Outcome::Barred, |_| Outcome::Would))
    }

    /// The guards, the cheapest first; the number of the reservation if all let it pass.
    async fn admit(&self, number: &PhoneNumber, others: u32, reserve: bool) -> Result<Result<i64, Barred>, StoreError> {
        if *number == self.account.number {
            return Ok(Err(Barred::Own));
        }
        if !self.rules.prefixes.iter().any(|prefix| number.as_str().starts_with(prefix)) {
            return Ok(Err(Barred::Prefix));
        }
        let digest = self.keys.caller_digest(number.as_str());
        if !self.is_on_file(number).await? && !self.store.has_called(&digest).await? {
            return Ok(Err(Barred::Stranger));
        }
        let now = Timestamp::now();
        let limits = DialLimits {
            at_ms: now.as_millisecond(),
            day_ms: day_began(now, &self.zone),
            per_day: self.rules.per_day.saturating_sub(others),
            again_ms: now.as_millisecond() - PAUSE_MS,
        };
        Ok(match self.store.dial(&digest, &limits, reserve).await? {
            Dial::Free(reserved) => Ok(reserved),
            Dial::TooSoon => Err(Barred::TooSoon),
            Dial::DayFull => Err(Barred::DayFull),
        })
    }

    async fn is_on_file(&self, number: &PhoneNumber) -> Result<bool, StoreError> {
        let Some(statement) = &self.rules.on_file else { return Ok(false) };
        let values = statement.parameters.iter().map(|parameter| (parameter.name.clone(), Value::from(number.as_str()))).collect();
        Ok(!self.store.query(&Bound { sql: statement.sql.clone(), values, cap: statement.rows }).await?.is_empty())
    }

    /// What Twilio is asked. A call that nobody takes rings 25 seconds; nothing is recorded.
    fn form(&self, number: &PhoneNumber) -> Vec<(&'static str, String)> {
        let webhook = &self.account.webhook;
        let mut form = vec![
            ("To", number.as_str().to_owned()),
            ("From", self.account.number.as_str().to_owned()),
            ("Url", webhook.to_string()),
            ("FallbackUrl", beside(webhook, "/webhooks/twilio/fallback")),
            ("StatusCallback", beside(webhook, "/webhooks/twilio/status")),
        ];
        form.extend(["initiated", "ringing", "answered", "completed"].map(|event| ("StatusCallbackEvent", event.to_owned())));
        form.extend([("MachineDetection", "Enable"), ("Timeout", "25"), ("Record", "false")].map(|(name, value)| (name, value.to_owned())));
        form
    }
}

/// When the day of a moment began where the project is, epoch milliseconds.
fn day_began(now: Timestamp, zone: &TimeZone) -> i64 {
    let day = now.to_zoned_datetime(zone.clone()).start_of_day();
    // A day without a beginning lies at the end of the calendar; then everything ever called counts.
    day.map_or(0, |day| day.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_of_the_projects_calendar() {
        let mexico = TimeZone::get("America/Mexico_City").unwrap();
        let began = |at: &str| Timestamp::from_millisecond(day_began(at.parse().unwrap(), &mexico)).unwrap().to_string();
        assert_eq!(began("2026-11-30T05:59:59Z"), "2026-11-29T06:00:00Z");
        assert_eq!(began("2026-11-30T06:00:00Z"), "2026-11-30T06:00:00Z");
    }

    #[test]
    fn an_error_of_one_number_stops_none_of_the_others() {
        let refused = |code| Outcome::Refused(Error::Refused { status: 400, code, advice: String::new() });
        assert!(!refused(21211).ends_all() && refused(21210).ends_all() && Outcome::Refused(Error::Credential).ends_all());
        assert!(!Outcome::Barred(Barred::TooSoon).ends_all() && Outcome::Barred(Barred::DayFull).ends_all());
    }
}
