//! `centralita twilio setup`: points a number at this installation.
//!
//! Lives here: its arguments, and what it says.
//! Never here: what a number is set to (`twilio::setup`).

use super::{all, print};
use crate::settings;
use crate::twilio::PhoneNumber;
use crate::twilio::api::Api;
use crate::twilio::setup;
use anyhow::Context as _;
use std::process::ExitCode;
use url::Url;

#[derive(clap::Subcommand)]
pub(super) enum Args {
    /// Points a number of the account at `TWILIO_WEBHOOK_URL`; what is so already stays untouched.
    Setup(Setup),
}

#[derive(clap::Args)]
pub(super) struct Setup {
    /// The number, with country code; without it, `TWILIO_PHONE_NUMBER`.
    #[arg(long)]
    number: Option<String>,
    /// Whom Twilio asks when we do not answer; without it, our own `/webhooks/twilio/fallback`.
    #[arg(long, value_name = "URL")]
    fallback: Option<String>,
    /// Says what would change, and changes nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args::Setup(args) = args;
    let number = args.number.as_deref().map(PhoneNumber::parse).transpose().context("--number")?;
    let fallback = args.fallback.as_deref().map(fallback).transpose()?;
    let account = settings::account(&|name| std::env::var(name).ok(), number).map_err(|wrong| all(&wrong))?;
    let api = Api::new(&account)?;
    let last_four = account.number.last_four();
    let number = api.number(&account.number).await?.with_context(|| {
        format!("the number ending in {last_four} is none of this account's; buy it there, or write the account that owns it into TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    })?;
    let fields = setup::fields(&number, &account, fallback.as_ref());
    print(&format!("number ending in {last_four}"));
    let after = if args.dry_run { None } else { Some(setup::set(&api, &number, &fields).await?) };
    let mut taken = true;
    for (at, field) in fields.iter().enumerate() {
        let (was, wanted) = (shown(&field.was), shown(&field.wanted));
        let said = match after.as_ref().and_then(|after| after.get(at)) {
            _ if field.is_so() => format!("already so: {wanted}"),
            None => format!("is {was}, would become {wanted}"),
            Some(now) if *now == field.wanted => format!("was {was}, is now {wanted}"),
            Some(now) => {
                taken = false;
                format!("was {was}, is now {} and not {wanted}", shown(now))
            }
        };
        print(&format!("  {}: {said}", field.name));
    }
    anyhow::ensure!(taken, "Twilio did not take everything; compare the number's settings in its console");
    match setup::goes_before(&number) {
        Some(what) => anyhow::bail!("{what} is set at this number and goes before these addresses; take it out in Twilio's console"),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn fallback(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none());
    url.context("--fallback is no https address without a user; write one such as https://respaldo.example.mx/fallback.xml")
}

/// An address without the password it may have had.
fn shown(value: &str) -> String {
    if value.is_empty() {
        return "nothing".to_owned();
    }
    match Url::parse(value) {
        Ok(mut url) if url.password().is_some() => {
            // An address that can have a password can have this one.
            let _ = url.set_password(Some("***"));
            url.into()
        }
        Ok(_) | Err(_) => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_somebody_left_in_an_address_is_not_shown() {
        assert_eq!(shown("https://ana:secreto@viejo.example.mx/voz"), "https://ana:***@viejo.example.mx/voz");
        assert_eq!((shown("").as_str(), shown("POST").as_str()), ("nothing", "POST"));
    }

    #[test]
    fn a_fallback_is_https_and_holds_no_credential() {
        assert!(fallback("https://respaldo.example.mx/fallback.xml").is_ok());
        for text in ["http://respaldo.example.mx/", "respaldo.example.mx", "https://ana:secreto@respaldo.example.mx/", "https://"] {
            assert!(fallback(text).is_err(), "{text}");
        }
    }
}
