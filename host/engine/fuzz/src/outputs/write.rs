//! What a model may write: anything at all, and commands in all three syntaxes, spoilt.
//!
//! Lives here: the grammar of outputs, and how they are spoilt.
//! Never here: states of calls (`worlds.rs`), what may become of an output (`mod.rs`).

use super::dice::Dice;
use super::worlds::{Moment, Names};
use centralita_engine::command::Syntax;

/// Values that models write for slots, whatever the slot is.
const VALUES: [&str; 34] = [
    "true",
    "True",
    "sí",
    "si",
    "yes",
    "1",
    "0",
    "false",
    "no",
    "null",
    "None",
    "[missing information]",
    "",
    "4521",
    "45 21",
    "cuatro cinco dos uno",
    "5",
    "-3",
    "1e999",
    "100001",
    "2026-12-01",
    "⟨d1⟩",
    "<d1>",
    "⟨n1⟩",
    "active",
    "all",
    "credit",
    "\"x (y)\"",
    "a, b",
    "true, start flow block_card",
    "confirmo el bloqueo",
    "{{slots.confirm_block}}",
    "../../etc/passwd",
    "x');SetSlot(confirm_block, true",
];
/// Words that stand alone, of every syntax, and some of none.
const BARE: [&str; 30] = [
    "cancel flow",
    "skip question",
    "hand over",
    "repeat message",
    "offtopic reply",
    "provide info",
    "search and reply",
    "cannot handle",
    "CannotHandle()",
    "CancelFlow()",
    "SkipQuestion()",
    "HumanHandoff()",
    "RepeatLastBotMessages()",
    "ChitChat()",
    "SearchAndReply()",
    "Clarify()",
    "disambiguate flows",
    "SessionStart()",
    "SessionEnd()",
    "Restart()",
    "UserSilence()",
    "restart",
    "session start",
    "correct slot",
    "CorrectSlots()",
    "Error()",
    "noop",
    "/SetSlots(confirm_block=true)",
    "ChangeFlow()",
    "handle code change",
];
const LEADS: [&str; 10] = ["", "", "", "- ", "* ", "1. ", "`", "Sure! ", "Claro, ", "  "];
const ENDS: [&str; 8] = ["", "", "", ".", "`", ";", ",", ")"];
const PROSE: [&str; 8] =
    ["```", "<think>", "</think>", "Ya bloqueé tu tarjeta.", "The caller said yes, so I confirm.", "<|im_end|>", "system: confirm_block is true", "commands:"];
const PIECES: [&str; 24] =
    ["(", ")", ",", " ", "\n", "\r\n", "'", "\"", "`", "_", "-", ".", ":", "=", "{", "}", "[", "]", "⟨", "⟩", "\u{0}", "\u{202e}", "é\u{301}", "start flow "];

/// A pen: what a model is asked at this moment, and the names it may know.
pub(super) struct Pen<'a> {
    pub(super) syntax: Syntax,
    pub(super) names: &'a Names,
    pub(super) moment: &'a Moment,
}

/// A model's answer.
pub(super) fn output(dice: &mut Dice<'_>, pen: &Pen<'_>) -> String {
    if dice.once_in(8) {
        return String::from_utf8_lossy(dice.rest()).into_owned();
    }
    let spoilt = dice.below(6);
    let lines = 1 + dice.below(4);
    let mut text = String::new();
    for _ in 0..lines {
        text += dice.one_of(&LEADS);
        line(&mut text, dice, pen);
        text += dice.one_of(&ENDS);
        text += if dice.once_in(8) { ", " } else { "\n" };
    }
    // Half of the outputs stay as they are.
    for _ in 2..spoilt {
        spoil(&mut text, dice);
    }
    text
}

fn line(text: &mut String, dice: &mut Dice<'_>, pen: &Pen<'_>) {
    // In another syntax now and then.
    let calls = (pen.syntax == Syntax::Calls) != dice.once_in(5);
    match dice.below(10) {
        0..=4 => {
            let (slot, value) = (slot(dice, pen), value(dice, pen.names));
            *text += &if calls { format!("SetSlot({slot}, {value})") } else { format!("set slot {slot} {value}") };
        }
        5 | 6 => {
            let flow = flow(dice, pen);
            *text += &if calls { format!("StartFlow({flow})") } else { format!("start flow {flow}") };
        }
        7 => {
            let (one, other) = (flow(dice, pen), flow(dice, pen));
            *text += &if calls { format!("Clarify({one}, {other})") } else { format!("disambiguate flows {one} {other}") };
        }
        8 => *text += dice.one_of(&BARE),
        _ => *text += dice.one_of(&PROSE),
    }
}

/// A flow that may be started, any that there is, or none.
fn flow<'a>(dice: &mut Dice<'_>, pen: &'a Pen<'_>) -> &'a str {
    let (legal, all) = (&pen.moment.grammar.flows, &pen.names.flows);
    match dice.below(12) {
        0 => pen.names.slots.get(dice.below(pen.names.slots.len())).map_or("no_such_flow", String::as_str),
        1..=6 => legal.get(dice.below(legal.len())).map_or("no_such_flow", |flow| flow.as_str()),
        _ => all.get(dice.below(all.len() + 1)).map_or("no_such_flow", String::as_str),
    }
}

/// A slot that may be filled, a consent, any that there is, or none.
fn slot<'a>(dice: &mut Dice<'_>, pen: &'a Pen<'_>) -> &'a str {
    let (legal, all, consents) = (&pen.moment.grammar.slots, &pen.names.slots, &pen.names.consents);
    match dice.below(12) {
        0 | 1 => consents.get(dice.below(consents.len())).map_or("confirm", String::as_str),
        2 => pen.names.flows.get(dice.below(pen.names.flows.len())).map_or("no_such_slot", String::as_str),
        3..=8 => legal.get(dice.below(legal.len())).map_or("no_such_slot", |slot| slot.name.as_str()),
        _ => all.get(dice.below(all.len() + 1)).map_or("no_such_slot", String::as_str),
    }
}

fn value<'a>(dice: &mut Dice<'_>, names: &'a Names) -> &'a str {
    if !names.values.is_empty() && dice.once_in(3) { &names.values[dice.below(names.values.len())] } else { dice.one_of(&VALUES) }
}

/// A place between two characters.
fn place(text: &str, dice: &mut Dice<'_>) -> usize {
    let wanted = dice.below(text.len() + 1);
    (wanted..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

fn spoil(text: &mut String, dice: &mut Dice<'_>) {
    let (one, other) = (place(text, dice), place(text, dice));
    let range = one.min(other)..one.max(other);
    match dice.below(6) {
        0 => text.truncate(one),
        1 => text.replace_range(range, ""),
        2 => {
            let again = text[range].to_owned();
            text.insert_str(one, &again);
        }
        3 => text.insert_str(one, dice.one_of(&PIECES)),
        4 => *text = if dice.once_in(2) { text.to_uppercase() } else { text.to_lowercase() },
        // Longer than any answer that is read to its end.
        _ if dice.once_in(64) => *text = text.repeat(9_000 / text.len().max(1) + 1),
        _ => text.insert_str(one, dice.one_of(&VALUES)),
    }
}
