//! `centralita shell`: a call in the terminal.
//!
//! Lives here: a server on free ports, and the terminal as a telephone.
//! Never here: the telephone (`phone`).

use super::{Shell, dev, print};
use crate::phone::{Caller, Line, Next};
use crate::twilio::signature::Signer;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, BufReader};

pub(super) async fn run(shell: Shell) -> anyhow::Result<ExitCode> {
    let quiet = |name: &str| match name {
        "CENTRALITA_BIND" | "CENTRALITA_ADMIN_BIND" => Some("127.0.0.1:0".to_owned()),
        "TWILIO_WEBHOOK_URL" => None,
        "LOG_LEVEL" => std::env::var(name).ok().or_else(|| Some("error".to_owned())),
        _ => std::env::var(name).ok(),
    };
    let settings = dev::settings(quiet)?;
    super::start_log(&settings)?;
    let signer = Signer::parse(settings.twilio_tokens.reveal())?;
    let (server, _beside) = dev::start(&shell.project, settings, false, None, true).await?;
    let line = Arc::new(Line::new(format!("http://{}", server.public).parse()?, Some(signer), None)?);
    print("Simulated telephone; the ticket desk is a stand-in unless configured. `#` before digits presses keys, an empty line is silence, ctrl-d hangs up.");
    let (mut caller, mut heard) = Caller::ring(&line, &shell.from, "+525500000000").await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        for said in &heard.said {
            print(&format!("assistant: {said}"));
        }
        match &heard.next {
            Next::Gather { .. } => {}
            Next::Dial(_) => {
                print("(the call goes to a person)");
                break;
            }
            Next::HungUp => {
                print("(the call ends)");
                break;
            }
        }
        let Some(text) = lines.next_line().await? else { break };
        let text = text.trim();
        heard = match text.strip_prefix('#') {
            Some(keys) => caller.keys(keys).await?,
            None if text.is_empty() => caller.silence().await?,
            None => caller.say(text).await?,
        };
    }
    caller.hang_up().await?;
    server.stop();
    Ok(ExitCode::SUCCESS)
}
