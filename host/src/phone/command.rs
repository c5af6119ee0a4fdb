//! `centralita call`: one call to talk or watch, or many to measure.
//!
//! Lives here: the arguments and the terminal.
//! Never here: what happens in a call (`caller.rs`, `play.rs`, `random/`), many of them (`many.rs`).

use std::{
    env, fs,
    io::{self, BufRead as _, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use tokio::sync::mpsc;
use url::Url;

use super::{
    caller::Caller,
    line::Line,
    many::{Callers, Crowd, drawn, numbers},
    play::{Played, act, ended, finish, play},
    script::{Pause, Script, Step, parse_step},
    token::signing_token,
};

/// The number called when `TWILIO_PHONE_NUMBER` names none.
pub(crate) const CALLED: &str = "+525500000100";

/// Arguments of `centralita call`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The server, for example <http://127.0.0.1:5005>
    #[arg(long, value_name = "URL")]
    to: Url,
    /// What the caller does, one line per turn; without it, lines are read from the terminal
    #[arg(long, value_name = "FILE", group = "part")]
    script: Option<PathBuf>,
    /// The caller is drawn from this seed, and so is what the network does; with --calls, the next ones from the seeds after it
    #[arg(long, value_name = "SEED", group = "part")]
    random: Option<u64>,
    /// The calling number; with --calls the first of them
    #[arg(long, value_name = "NUMBER", default_value = "+525510000000", allow_hyphen_values = true)]
    from: String,
    /// As many calls, each from its own number, and figures instead of words
    #[arg(long, value_name = "N", requires = "part", value_parser = clap::value_parser!(u32).range(1..))]
    calls: Option<u32>,
    /// Calls that are open at the same time
    #[arg(long, value_name = "C", requires = "calls", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    concurrency: u32,
    /// Seconds a caller waits before ringing and before each turn, at least and at most, such as 1..3
    #[arg(long, value_name = "LEAST..MOST", requires = "calls", value_parser = Pause::parse)]
    pause: Option<Pause>,
    /// Writes the figures as JSON, too
    #[arg(long, value_name = "FILE", requires = "calls")]
    json: Option<PathBuf>,
    /// The public address that the server believes it has, if it is not the one called
    #[arg(long, value_name = "URL")]
    sign_as: Option<Url>,
}

/// Runs the command, printing to standard output. Exit code 1: a call was not as it should be.
///
/// # Errors
/// What keeps a call from being made at all: arguments, script, token.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let dir = env::current_dir().context("the working directory cannot be read")?;
    let line = Arc::new(Line::new(args.to.clone(), signing_token(&dir)?, args.sign_as.clone())?);
    let good = call(&args, &line, &mut io::stdout()).await?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes the call or calls; whether they were as they should be.
async fn call(args: &Args, line: &Arc<Line>, out: &mut (dyn Write + Send)) -> anyhow::Result<bool> {
    let to = env::var("TWILIO_PHONE_NUMBER").unwrap_or_else(|_| CALLED.to_owned());
    let callers = match (&args.script, args.random) {
        (Some(path), _) => Callers::Script(script(path)?),
        (None, Some(seed)) => Callers::Random(seed),
        (None, None) => return talk(line, &args.from, &to, out).await,
    };
    if let Some(calls) = args.calls {
        let crowd = Crowd { line: Arc::clone(line), callers, to, pause: args.pause };
        return many(args, crowd, calls, out).await;
    }
    let faults = match callers {
        Callers::Script(script) => play(line, &script, &args.from, &to, None, &mut |line| print(out, line)).await.faults,
        Callers::Random(seed) => {
            let came = drawn(line, seed, &args.from, &to, None, &mut |line| print(out, line)).await?;
            came.outcome.iter().for_each(|outcome| print(out, &format!("outcome:   {outcome}")));
            came.faults
        }
    };
    faults.iter().for_each(|fault| print(out, &format!("fault:     {fault}")));
    Ok(faults.is_empty())
}

fn script(path: &Path) -> anyhow::Result<Script> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("script `{name}` cannot be read"))?;
    Ok(Script::parse(&name, &text)?)
}

/// Makes many calls and prints their figures.
async fn many(args: &Args, crowd: Crowd, calls: u32, out: &mut (dyn Write + Send)) -> anyhow::Result<bool> {
    let report = crowd.call(numbers(&args.from, calls)?, args.concurrency as usize).await?;
    print(out, report.to_string().trim_end());
    if let Some(path) = &args.json {
        fs::write(path, format!("{:#}\n", report.json())).with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    Ok(report.faulty() == 0)
}

/// A call with a person at the terminal; the same lines as in a script, without `outcome:`.
async fn talk(line: &Arc<Line>, from: &str, to: &str, out: &mut (dyn Write + Send)) -> anyhow::Result<bool> {
    let mut typed = terminal();
    let mut played = Played::default();
    let (mut caller, mut heard) = Caller::ring(line, from, to).await?;
    loop {
        played.hear(&heard, &mut |line| print(out, line));
        if ended(&heard.next).is_some() {
            finish(&mut caller).await?;
            return Ok(played.faults.is_empty());
        }
        let deed = loop {
            let Some(line) = typed.recv().await else {
                break None;
            };
            match parse_step(line.trim()) {
                Ok(Step::Do(deed)) if !line.trim().is_empty() => break Some(deed),
                Ok(_) => print(out, "type what to say, or `keys: 123#`, `silence`, `hangup`"),
                Err(what) => print(out, &what),
            }
        };
        // What was typed stands on the screen already.
        let reply = match deed {
            Some(deed) => act(&mut caller, &deed, from, &mut |_| {}).await?,
            None => None,
        };
        let Some(reply) = reply else {
            caller.hang_up().await?;
            return Ok(played.faults.is_empty());
        };
        heard = reply;
    }
}

/// Lines from standard input, read on a thread of their own: a blocked read must not keep the
/// process from ending.
fn terminal() -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if send.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receive
}

/// A terminal that has gone away is no reason to leave a call.
fn print(out: &mut (dyn Write + Send), line: &str) {
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use clap::Parser as _;

    use super::*;
    use crate::phone::pretend::{Pretend, value};

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    /// Runs the command with a script against a server of its own.
    async fn called(script: &str, more: &[&str]) -> (bool, String, Pretend) {
        let server = Pretend::start(None).await;
        let name = format!("centralita-call-{}.txt", server.base.port().unwrap());
        let path = env::temp_dir().join(name);
        fs::write(&path, script).unwrap();
        let words = ["call", "--to", server.base.as_str(), "--script", path.to_str().unwrap()];
        let args = Cli::try_parse_from(words.iter().chain(more)).unwrap().args;
        let mut out = Vec::new();
        let good = call(&args, &server.line(None), &mut out).await.unwrap();
        fs::remove_file(path).unwrap();
        (good, String::from_utf8(out).unwrap(), server)
    }

    #[tokio::test]
    async fn a_single_call_prints_the_conversation() {
        let (good, out, _) = called("persona\noutcome: dial", &[]).await;
        assert!(good);
        assert!(out.starts_with("assistant: Hola.\n") && out.contains("caller:    persona\n"), "{out}");
        assert_eq!(out.matches(" ms").count(), 2, "{out}");
        let (good, out, _) = called("persona\noutcome: hangup", &[]).await;
        assert!(!good && out.contains("fault:     the call ended by dial"), "{out}");
    }

    #[tokio::test]
    async fn many_calls_come_from_numbers_of_their_own_and_are_measured() {
        let (good, out, server) = called("keys: {last4}#\nadiós\noutcome: hangup", &["--calls", "50", "--concurrency", "10"]).await;
        assert!(good, "{out}");
        assert!(out.starts_with("calls: 50 in ") && out.contains("turns: 150, ") && out.contains("turn ms: p50 "), "{out}");
        assert!(out.ends_with("or had a turn >= 2 s: 0\n"), "{out}");
        let mut keyed: Vec<_> = server.posts().iter().map(|(_, form)| value(form, "Digits")).filter(|keys| !keys.is_empty()).collect();
        keyed.sort();
        assert_eq!(keyed, (0..50).map(|number| format!("{number:04}")).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn drawn_calls_are_counted_by_outcome_on_paper_and_in_json() {
        let server = Pretend::start(None).await;
        let path = env::temp_dir().join(format!("centralita-call-{}.json", server.base.port().unwrap()));
        let words = ["call", "--to", server.base.as_str(), "--random", "1", "--calls", "20", "--concurrency", "5", "--json", path.to_str().unwrap()];
        let mut out = Vec::new();
        call(&Cli::try_parse_from(words).unwrap().args, &server.line(None), &mut out).await.unwrap();
        let (out, json) = (String::from_utf8(out).unwrap(), fs::read_to_string(&path).unwrap());
        fs::remove_file(path).unwrap();
        assert!(out.starts_with("calls: 20 in ") && out.contains("\noutcomes:\n") && out.contains("calls with a fault: "), "{out}");
        let report: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(report["calls"], 20, "{json}");
        assert!(report["outcomes"].is_object() && report["turn_ms"]["p99"].is_number(), "{json}");
    }

    #[tokio::test]
    async fn callers_that_think_take_their_time_and_are_not_charged_for_it() {
        let began = Instant::now();
        let more = ["--calls", "4", "--concurrency", "4", "--pause", "0.2..0.3"];
        let (good, out, _) = called("hola\nadiós\noutcome: hangup", &more).await;
        assert!(good, "{out}");
        assert!(began.elapsed().as_millis() >= 600, "a ring and two turns, each after a pause");
        let slowest = out.split("max ").nth(1).and_then(|rest| rest.lines().next());
        let slowest: f64 = slowest.unwrap().parse().unwrap();
        assert!(slowest < 200.0, "a pause is no part of a turn: {out}");
    }

    #[tokio::test]
    async fn calls_that_hear_an_apology_are_counted() {
        let (good, out, _) = called("falla\noutcome: hangup", &["--calls", "7", "--concurrency", "3"]).await;
        assert!(!good && out.ends_with("2 s: 7\n  7 x an apology was heard\n"), "{out}");
    }

    #[test]
    fn arguments_that_make_no_sense_are_refused() {
        let refused = |words: &[&str]| Cli::try_parse_from([&["call", "--to", "http://127.0.0.1:5005"], words].concat()).is_err();
        assert!(!refused(&[]) && !refused(&["--from", "+525500000001"]));
        assert!(refused(&["--calls", "5"]), "without a script");
        assert!(refused(&["--script", "s.txt", "--concurrency", "5"]), "without --calls");
        assert!(refused(&["--script", "s.txt", "--calls", "0"]));
        assert!(refused(&["--script", "s.txt", "--pause", "1..3"]), "without --calls");
        let paused = |pause| refused(&["--script", "s.txt", "--calls", "2", "--pause", pause]);
        assert!(!paused("1..3") && !paused("0.5..0.5"));
        assert!(["3..1", "1", "-1..2", "a..b", "0..601", "0..inf", "NaN..1"].map(paused) == [true; 7]);
        assert!(!refused(&["--random", "7"]) && !refused(&["--random", "7", "--calls", "2", "--json", "report.json"]));
        assert!(refused(&["--random", "7", "--script", "s.txt"]), "a caller has one part");
        assert!(refused(&["--random", "seven"]) && refused(&["--random", "-1"]));
        assert!(refused(&["--random", "7", "--json", "report.json"]), "without --calls");
    }
}
