//! Tests of understanding: what the model was expected to write beside what it wrote
//! (`rasa-calm.md` §10.5).
//!
//! Lives here: the expected commands as a test file spells them.
//! Never here: asking a model, conversations, printing.

mod compare;
mod hold;
mod score;

pub use compare::{Comparison, compare};
pub use hold::{Compared, Understood};
pub use score::{Counts, Score};

use centralita_engine::Command;
use centralita_engine::command::{Syntax, read};

/// The commands a `commands:` list names, in the project's syntax or in another one. A line that is no command is
/// an error that shows it.
pub fn expected(syntax: Syntax, lines: &[String]) -> Result<Vec<Command>, String> {
    let mut commands = Vec::new();
    for line in lines {
        let found = [syntax, Syntax::Compact, Syntax::SearchReady, Syntax::Calls].into_iter().map(|syntax| read(syntax, line)).find(|found| !found.is_empty());
        let Some(found) = found else {
            return Err(format!("`{line}` is no command; write it as a model would, `start flow x` or `StartFlow(x)`"));
        };
        commands.extend(found);
    }
    Ok(commands)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_commands_are_read_in_the_projects_syntax_and_in_others() {
        let lines = ["start flow a".to_owned(), "SetSlot(b, 1)".to_owned(), "search and reply".to_owned()];
        let names: Vec<String> = expected(Syntax::Compact, &lines).unwrap().iter().map(Command::summary).collect();
        assert_eq!(names, ["start flow a", "set slot b", "knowledge"]);
    }

    #[test]
    fn a_line_that_is_no_command_is_an_error_that_shows_it() {
        let said = expected(Syntax::Compact, &["begin flow a".to_owned()]).err();
        assert!(said.is_some_and(|said| said.contains("`begin flow a`")));
    }
}
