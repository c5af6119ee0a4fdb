//! Scripts for calls: one line per turn of the caller.
//!
//! Lives here: the lines, what is wrong with them, the digits of the calling number in them, and how long
//! a caller thinks between them.
//! Never here: playing them.

use std::{fmt, time::Duration};

use crate::twilio::form::DialStatus;

/// Longer than anybody thinks at the telephone.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// What a caller does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Say(String),
    /// Any of `0-9*#`.
    Keys(String),
    Silence,
    /// The person the caller is connected with takes the call, or does not.
    Person(DialStatus),
    HangUp,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The assistant hangs up.
    HungUp,
    /// The caller is connected with a person.
    Dialed,
    /// The caller hangs up.
    Caller,
}

impl Ending {
    fn parse(raw: &str) -> Option<Self> {
        Some(match raw {
            "hangup" => Self::HungUp,
            "dial" => Self::Dialed,
            "caller" => Self::Caller,
            _ => return None,
        })
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::HungUp => "hangup",
            Self::Dialed => "dial",
            Self::Caller => "caller",
        })
    }
}

/// One line that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Do(Deed),
    /// The last reply contains this text.
    Heard(String),
}

/// How long a caller thinks before a turn: between two lengths, each as likely as the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    least: Duration,
    most: Duration,
}

impl Pause {
    /// Reads `LEAST..MOST`, seconds.
    ///
    /// # Errors
    /// What would be right, for text that is no such range or goes beyond ten minutes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let seconds = |part: &str| {
            let seconds = part.trim().parse().ok()?;
            Duration::try_from_secs_f64(seconds).ok()
        };
        text.split_once("..")
            .and_then(|(least, most)| Some((seconds(least)?, seconds(most)?)))
            .filter(|(least, most)| least <= most && *most <= LONGEST_PAUSE)
            .map(|(least, most)| Self { least, most })
            .ok_or_else(|| "write seconds as LEAST..MOST, at most 600, such as 1..3".to_owned())
    }

    /// One pause, drawn at random.
    pub(super) fn length(self) -> Result<Duration, getrandom::Error> {
        let drawn = f64::from(getrandom::u32()?) / f64::from(u32::MAX);
        Ok(self.least + (self.most - self.least).mul_f64(drawn))
    }
}

/// A script that has been read. `{last4}` still stands in its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    pub(super) name: String,
    /// Line numbers from 1, for messages.
    pub(super) steps: Vec<(usize, Step)>,
    pub(super) outcome: Option<Ending>,
}

/// A line that cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: error: {what}")]
pub struct BadScript {
    file: String,
    line: usize,
    what: String,
}

impl Script {
    /// Reads the text of a script; `file` is its name in messages.
    ///
    /// ```text
    /// # a comment
    /// Necesito bloquear mi tarjeta     the caller says it
    /// keys: {last4}#                   presses keys; {last4} = last four of the calling number
    /// silence                          lets the time to answer pass
    /// person: no-answer                the person called does not take the call; also busy, failed, completed
    /// hangup                           hangs up
    /// heard: terminada en {last4}      the last reply contains it
    /// outcome: hangup|dial|caller      how the call must end
    /// ```
    ///
    /// # Errors
    /// [`BadScript`] at the first line that is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, BadScript> {
        let mut script = Self { name: file.to_owned(), steps: Vec::new(), outcome: None };
        for (number, raw) in (1..).zip(text.lines()) {
            let bad = |what: String| BadScript { file: file.to_owned(), line: number, what };
            let line = raw.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            placeholders(line).map_err(bad)?;
            if let Some(ending) = line.strip_prefix("outcome:") {
                let ending = Ending::parse(ending.trim());
                let ending = ending.ok_or_else(|| bad("`outcome:` must be hangup, dial or caller".to_owned()))?;
                if script.outcome.replace(ending).is_some() {
                    return Err(bad("a second `outcome:`; a call ends once".to_owned()));
                }
                continue;
            }
            let step = parse_step(line).map_err(bad)?;
            let gone = script.steps.iter().any(|(_, step)| *step == Step::Do(Deed::HangUp));
            if gone {
                return Err(bad("the caller has hung up before this line".to_owned()));
            }
            script.steps.push((number, step));
        }
        Ok(script)
    }
}

/// Reads what a caller does from one line, as typed in a terminal.
pub(super) fn parse_step(line: &str) -> Result<Step, String> {
    if let Some(keys) = line.strip_prefix("keys:") {
        let keys = keys.trim();
        let left = keys.replace("{last4}", "0");
        if left.is_empty() || !left.bytes().all(|key| key.is_ascii_digit() || key == b'*' || key == b'#') {
            return Err("`keys:` takes digits, `*` and `#`".to_owned());
        }
        return Ok(Step::Do(Deed::Keys(keys.to_owned())));
    }
    if let Some(how) = line.strip_prefix("person:") {
        let how = DialStatus::parse(how.trim()).ok_or("`person:` must be completed, busy, no-answer or failed")?;
        return Ok(Step::Do(Deed::Person(how)));
    }
    if let Some(text) = line.strip_prefix("heard:") {
        let text = text.trim();
        return if text.is_empty() { Err("`heard:` needs a text".to_owned()) } else { Ok(Step::Heard(text.to_owned())) };
    }
    Ok(Step::Do(match line {
        "silence" => Deed::Silence,
        "hangup" => Deed::HangUp,
        text => Deed::Say(text.to_owned()),
    }))
}

/// Puts the last four digits of the calling number into a line.
pub(super) fn filled(line: &str, from: &str) -> String {
    let digits: Vec<char> = from.chars().filter(char::is_ascii_digit).collect();
    let last4: String = digits[digits.len().saturating_sub(4)..].iter().collect();
    line.replace("{last4}", &last4)
}

fn placeholders(line: &str) -> Result<(), String> {
    match line.replace("{last4}", "").contains(['{', '}']) {
        true => Err("the only placeholder is `{last4}`".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_read() {
        let text = "# block\n\nNecesito bloquear mi tarjeta\n  keys: {last4}#\nheard: 4-5-2-1\nsilence\nperson: busy\nhangup\noutcome: caller\n";
        let script = Script::parse("block.txt", text).unwrap();
        let steps = [
            (3, Step::Do(Deed::Say("Necesito bloquear mi tarjeta".to_owned()))),
            (4, Step::Do(Deed::Keys("{last4}#".to_owned()))),
            (5, Step::Heard("4-5-2-1".to_owned())),
            (6, Step::Do(Deed::Silence)),
            (7, Step::Do(Deed::Person(DialStatus::Busy))),
            (8, Step::Do(Deed::HangUp)),
        ];
        assert_eq!((script.steps, script.outcome), (steps.to_vec(), Some(Ending::Caller)));
    }

    #[test]
    fn mistakes_name_file_and_line() {
        for (text, message) in [
            ("hola\nkeys: 45a", "s.txt:2: error: `keys:` takes digits, `*` and `#`"),
            ("keys:", "s.txt:1: error: `keys:` takes digits, `*` and `#`"),
            ("person: asleep", "s.txt:1: error: `person:` must be completed, busy, no-answer or failed"),
            ("heard: ", "s.txt:1: error: `heard:` needs a text"),
            ("outcome: goodbye", "s.txt:1: error: `outcome:` must be hangup, dial or caller"),
            ("outcome: dial\noutcome: dial", "s.txt:2: error: a second `outcome:`; a call ends once"),
            ("termina en {last5}", "s.txt:1: error: the only placeholder is `{last4}`"),
            ("hangup\nheard: hola", "s.txt:2: error: the caller has hung up before this line"),
            ("hangup\nhola", "s.txt:2: error: the caller has hung up before this line"),
        ] {
            assert_eq!(Script::parse("s.txt", text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn the_last_four_digits_of_the_calling_number_are_filled_in() {
        assert_eq!(filled("termina en {last4}", "+525510000042"), "termina en 0042");
        assert_eq!(filled("{last4}", "Anonymous"), "");
    }
}
