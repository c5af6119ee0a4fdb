//! Expected commands against those a model wrote, in any order.
//!
//! Lives here: when two commands are the same, and what is left over on either side.
//! Never here: counts over many turns (`score.rs`).

use centralita_engine::{Command, Value};

/// What became of the commands of one turn.
#[derive(Default)]
pub struct Comparison {
    /// Expected and written.
    pub hits: Vec<Command>,
    /// Expected, not written.
    pub missing: Vec<Command>,
    /// Written, not expected.
    pub surplus: Vec<Command>,
}

impl Comparison {
    /// Whether exactly the expected commands were written.
    pub fn passes(&self) -> bool {
        self.missing.is_empty() && self.surplus.is_empty()
    }
}

/// Compares two sets of commands. A clarification without options stands for one with any; a command that is there
/// twice counts once.
pub fn compare(expected: &[Command], written: &[Command]) -> Comparison {
    let mut comparison = Comparison::default();
    let mut left = distinct(written);
    for command in distinct(expected) {
        // What is spelt out is matched before what stands for anything.
        let at = left.iter().position(|other| same(command, other)).or_else(|| left.iter().position(|other| stands_for(command, other)));
        match at {
            Some(at) => {
                left.remove(at);
                comparison.hits.push(command.clone());
            }
            None => comparison.missing.push(command.clone()),
        }
    }
    comparison.surplus.extend(left.into_iter().cloned());
    comparison
}

fn distinct(commands: &[Command]) -> Vec<&Command> {
    commands.iter().enumerate().filter(|(at, command)| !commands[..*at].iter().any(|before| same(before, command))).map(|(_, command)| command).collect()
}

fn same(one: &Command, other: &Command) -> bool {
    match (one, other) {
        (Command::SetSlot { name, value }, Command::SetSlot { name: other_name, value: other_value }) => name == other_name && same_value(value, other_value),
        (Command::Clarify { options }, Command::Clarify { options: others }) => {
            options.len() == others.len() && options.iter().all(|option| others.contains(option))
        }
        _ => one == other,
    }
}

/// As values are spoken: `2` is `2.0`, and a slot's own type has had no say yet.
fn same_value(one: &Value, other: &Value) -> bool {
    let (one, other) = (one.spoken(), other.spoken());
    one == other || matches!((one.parse::<f64>(), other.parse::<f64>()), (Ok(one), Ok(other)) if (one - other).abs() < f64::EPSILON)
}

fn stands_for(expected: &Command, written: &Command) -> bool {
    matches!((expected, written), (Command::Clarify { options }, Command::Clarify { .. }) if options.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_engine::command::{Syntax, read};

    /// `hits | missing | surplus`.
    #[track_caller]
    fn check(expected: &str, written: &str, becomes: &str) {
        let of = |commands: &[Command]| commands.iter().map(Command::summary).collect::<Vec<_>>().join(", ");
        let comparison = compare(&read(Syntax::Calls, expected), &read(Syntax::Calls, written));
        let got = [&comparison.hits, &comparison.missing, &comparison.surplus].map(|side| of(side)).join(" | ");
        assert_eq!(got.trim(), becomes, "{expected} / {written}");
        assert_eq!(comparison.passes(), becomes.ends_with("|  |") || becomes == "|  |", "{expected} / {written}");
    }

    #[test]
    fn the_order_of_commands_does_not_matter() {
        check("StartFlow(a) SetSlot(b, 1)", "SetSlot(b, 1) StartFlow(a)", "start flow a, set slot b |  |");
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_is_told_apart() {
        check("StartFlow(a) SetSlot(b, 1)", "StartFlow(a) CancelFlow()", "start flow a | set slot b | cancel flow");
    }

    #[test]
    fn another_value_is_another_command_but_numbers_are_equal_as_numbers() {
        check("SetSlot(b, 1)", "SetSlot(b, 2)", "| set slot b | set slot b");
        check("SetSlot(b, 2)", "SetSlot(b, 2.0)", "set slot b |  |");
        check("SetSlot(b, Ann)", "SetSlot(c, Ann)", "| set slot b | set slot c");
    }

    #[test]
    fn a_clarification_without_options_stands_for_one_with_any() {
        check("Clarify()", "Clarify(a, b)", "disambiguate flows |  |");
        check("Clarify(b, a)", "Clarify(a, b)", "disambiguate flows b a |  |");
        check("Clarify(a)", "Clarify()", "| disambiguate flows a | disambiguate flows");
        check("Clarify(a, b)", "Clarify(a, c)", "| disambiguate flows a b | disambiguate flows a c");
    }

    #[test]
    fn a_command_that_is_there_twice_counts_once() {
        check("CancelFlow()", "CancelFlow() CancelFlow()", "cancel flow |  |");
        check("CancelFlow() CancelFlow()", "CancelFlow()", "cancel flow |  |");
    }

    #[test]
    fn nothing_expected_and_nothing_written_passes() {
        check("", "", "|  |");
    }
}
