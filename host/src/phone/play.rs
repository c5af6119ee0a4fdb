//! A script played into a call, and what was wrong with the call.
//!
//! Lives here: taking turns, and judging what is heard.
//! Never here: many calls at once (`command.rs`), figures (`report.rs`).

use std::{sync::Arc, time::Duration};

use super::{
    caller::Caller,
    heard::{Dialed, Heard, Next},
    line::{Line, Trouble},
    script::{Deed, Ending, Pause, Script, Step, filled},
};
use crate::twilio::{form::DialStatus, spoken::joined_digits, twiml::APOLOGY};

/// A turn that takes longer is a fault: the bank's own limit.
pub(super) const SLOW: Duration = Duration::from_secs(2);

/// One call, played to its end.
#[derive(Debug, Default)]
pub struct Played {
    /// How long each answer took, the greeting first.
    pub turns: Vec<Duration>,
    /// How the call ended, if it did not break.
    pub ending: Option<Ending>,
    /// What was wrong, in words that are the same for every call with the same fault.
    pub faults: Vec<String>,
}

/// Plays `script` in a call from `from` to `to`; the caller waits `pause` before each turn, the ring included. `tell` gets the conversation line by line.
pub async fn play(line: &Arc<Line>, script: &Script, from: &str, to: &str, pause: Option<Pause>, tell: &mut (dyn FnMut(&str) + Send)) -> Played {
    let mut played = Played::default();
    let caller = Act { script, from, pause };
    match played.call(line, to, caller, tell).await {
        Ok(ending) => {
            played.ending = Some(ending);
            if let Some(outcome) = script.outcome.filter(|outcome| *outcome != ending) {
                let name = &script.name;
                played.faults.push(format!("the call ended by {ending}, {name} says {outcome}"));
            }
        }
        Err(trouble) => played.faults.push(trouble.to_string()),
    }
    played
}

/// A caller's part: what they do, from which number, and how long they think.
#[derive(Clone, Copy)]
struct Act<'a> {
    script: &'a Script,
    from: &'a str,
    pause: Option<Pause>,
}

impl Act<'_> {
    /// Lets the time pass that the caller takes before a turn.
    async fn think(&self) -> Result<(), Trouble> {
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause.length().map_err(Trouble::Random)?).await;
        }
        Ok(())
    }
}

impl Played {
    async fn call(&mut self, line: &Arc<Line>, to: &str, part: Act<'_>, tell: &mut (dyn FnMut(&str) + Send)) -> Result<Ending, Trouble> {
        part.think().await?;
        let (mut caller, greeting) = Caller::ring(line, part.from, to).await?;
        let ending = self.follow(&mut caller, greeting, part, tell).await;
        if ending.is_err() {
            // A call that broke must not stay open at the server; the first trouble is what counts.
            caller.hang_up().await.ok();
        }
        ending
    }

    async fn follow(&mut self, caller: &mut Caller, mut heard: Heard, part: Act<'_>, tell: &mut (dyn FnMut(&str) + Send)) -> Result<Ending, Trouble> {
        self.hear(&heard, tell);
        let Act { script, from, .. } = part;
        for (number, step) in &script.steps {
            match step {
                Step::Heard(text) => {
                    let wanted = filled(text, from).to_lowercase();
                    let text_heard = heard.text().to_lowercase();
                    if !text_heard.contains(&wanted) && !joined_digits(&text_heard).contains(&wanted) {
                        self.faults.push(format!("{}:{number}: `{text}` was not heard", script.name));
                    }
                }
                Step::Do(deed) if ended(&heard.next).is_some() && !answers(&heard.next, deed) => {
                    self.faults.push(format!("{}:{number}: the call has ended before this line", script.name));
                    break;
                }
                Step::Do(deed) => {
                    part.think().await?;
                    let Some(reply) = act(caller, deed, from, tell).await? else {
                        return Ok(Ending::Caller);
                    };
                    self.hear(&reply, tell);
                    heard = reply;
                }
            }
        }
        if let Some(ending) = ended(&heard.next) {
            finish(caller).await?;
            return Ok(ending);
        }
        act(caller, &Deed::HangUp, from, tell).await?;
        Ok(Ending::Caller)
    }

    /// Takes note of a reply and tells it.
    pub(super) fn hear(&mut self, heard: &Heard, tell: &mut (dyn FnMut(&str) + Send)) {
        self.turns.push(heard.took);
        if heard.said.iter().any(|said| said.contains(APOLOGY)) {
            self.faults.push("an apology was heard".to_owned());
        }
        if heard.took >= SLOW {
            self.faults.push(format!("a turn took {} s or more", SLOW.as_secs()));
        }
        for said in &heard.said {
            tell(&format!("assistant: {said}"));
        }
        let then = match heard.next {
            Next::Gather { .. } => "",
            Next::Dial(_) => ", connects the caller with a person",
            Next::HungUp => ", hangs up",
        };
        tell(&format!("           ({:.1} ms{then})", heard.took.as_secs_f64() * 1e3));
    }
}

/// Whether the deed is how a person takes the call that is going to them.
const fn answers(next: &Next, deed: &Deed) -> bool {
    matches!((next, deed), (Next::Dial(Dialed { action: Some(_), .. }), Deed::Person(_)))
}

/// Where a call goes to a person, they hear who it is, take it, and hang up in the end.
pub(super) async fn finish(caller: &mut Caller) -> Result<(), Trouble> {
    if let Next::Dial(Dialed { action: Some(_), .. }) = caller.next() {
        caller.whispered().await?;
        caller.dialed(DialStatus::Completed).await?;
    }
    Ok(())
}

/// How a call has ended, if it has.
pub(super) const fn ended(next: &Next) -> Option<Ending> {
    match next {
        Next::Gather { .. } => None,
        Next::Dial(_) => Some(Ending::Dialed),
        Next::HungUp => Some(Ending::HungUp),
    }
}

/// Does one thing and tells it; `None` when the caller hung up.
pub(super) async fn act(caller: &mut Caller, deed: &Deed, from: &str, tell: &mut (dyn FnMut(&str) + Send)) -> Result<Option<Heard>, Trouble> {
    Ok(Some(match deed {
        Deed::Say(text) => {
            let text = filled(text, from);
            tell(&format!("caller:    {text}"));
            caller.say(&text).await?
        }
        Deed::Keys(keys) => {
            let keys = filled(keys, from);
            tell(&format!("caller:    [keys {keys}]"));
            caller.keys(&keys).await?
        }
        Deed::Silence => {
            tell("caller:    [silence]");
            caller.silence().await?
        }
        Deed::Person(how) => {
            if how.reached()
                && let Some(words) = caller.whispered().await?
            {
                tell(&format!("person:    hears «{words}»"));
            }
            tell(&format!("person:    [{}]", how.word()));
            caller.dialed(*how).await?
        }
        Deed::HangUp => {
            tell("caller:    [hangs up]");
            caller.hang_up().await?;
            return Ok(None);
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::pretend::Pretend;

    #[track_caller]
    fn check(played: &Played, turns: usize, ending: Option<Ending>, faults: &[&str]) {
        assert_eq!((played.turns.len(), played.ending), (turns, ending), "{:?}", played.faults);
        assert_eq!(played.faults, faults);
    }

    #[tokio::test]
    async fn a_call_that_breaks_is_hung_up() {
        let server = Pretend::start(None).await;
        let script = Script::parse("s.txt", "loop").unwrap();
        play(&server.line(None), &script, "+525510004521", "+525500000000", None, &mut |_| {}).await;
        let last = server.posts().pop().map(|(path, _)| path);
        assert_eq!(last.as_deref(), Some("/webhooks/twilio/status"));
    }

    async fn played(text: &str) -> (Played, String) {
        let server = Pretend::start(None).await;
        let script = Script::parse("s.txt", text).unwrap();
        let mut told = String::new();
        let mut tell = |line: &str| told.push_str(&format!("{line}\n"));
        let played = play(&server.line(None), &script, "+525510004521", "+525500000000", None, &mut tell).await;
        (played, told)
    }

    #[tokio::test]
    async fn a_script_that_comes_true_has_no_faults() {
        let (call, told) = played("heard: EN QUÉ PUEDO\nbloquear mi tarjeta\nheard: termina en {last4}\nkeys: {last4}#\nadiós\noutcome: hangup").await;
        check(&call, 4, Some(Ending::HungUp), &[]);
        let lines: Vec<_> = told.lines().filter(|line| !line.contains(" ms")).collect();
        let expected = [
            "assistant: Hola.",
            "assistant: ¿En qué puedo ayudarte?",
            "caller:    bloquear mi tarjeta",
            "assistant: Un momento.",
            "assistant: ¿Termina en 4-5-2-1?",
            "caller:    [keys 4521#]",
            "assistant: ¿Sí o no?",
            "caller:    adiós",
            "assistant: Hasta luego.",
        ];
        assert_eq!(lines, expected);
        assert_eq!(told.lines().count() - lines.len(), 4, "each turn says its milliseconds");
    }

    #[tokio::test]
    async fn each_way_to_end_is_told_apart() {
        check(&played("persona\noutcome: dial").await.0, 2, Some(Ending::Dialed), &[]);
        let (call, told) = played("persona\nperson: no-answer\nheard: nadie contesta\npersona\nperson: completed\noutcome: hangup").await;
        check(&call, 5, Some(Ending::HungUp), &[]);
        assert!(told.contains("hears «Reporte abierto.»"), "{told}");
        check(&played("silence\noutcome: caller").await.0, 2, Some(Ending::Caller), &[]);
        let other = "the call ended by caller, s.txt says dial";
        check(&played("hangup\noutcome: dial").await.0, 1, Some(Ending::Caller), &[other]);
    }

    #[tokio::test]
    async fn what_goes_wrong_is_named() {
        check(&played("heard: buenos días").await.0, 1, Some(Ending::Caller), &["s.txt:1: `buenos días` was not heard"]);
        check(&played("falla").await.0, 2, Some(Ending::HungUp), &["an apology was heard"]);
        let early = "s.txt:2: the call has ended before this line";
        check(&played("adiós\nsí").await.0, 2, Some(Ending::HungUp), &[early]);
        let (call, _) = played("loop").await;
        check(&call, 1, None, &["the call was redirected 30 times without a question"]);
    }
}
