//! Conditions as people read them beside an arrow.
//!
//! Lives here: what a branch is about, and the shortest way to say each of its conditions.
//! Never here: what a condition means (the engine).

/// What all these conditions compare, if it is one thing: `verification` for `slots.verification is "active"` and so on.
pub(super) fn subject(conditions: &[&str]) -> Option<String> {
    let mut subjects = conditions.iter().map(|condition| parts(condition).map(|(subject, _)| subject));
    let first = subjects.next()??;
    subjects.all(|other| other.as_deref() == Some(first.as_str())).then_some(first)
}

/// A condition beside its arrow. Where the branch names the subject, only what it is compared with is said.
pub(super) fn short(condition: &str, subject: Option<&str>) -> String {
    match (parts(condition), subject) {
        (Some((own, value)), Some(subject)) if own == subject => value,
        _ => plain(condition),
    }
}

/// Subject and value of a comparison with a literal, or of a slot that stands alone.
fn parts(condition: &str) -> Option<(String, String)> {
    let text = plain(condition);
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        [subject] if is_name(subject) => Some(((*subject).to_owned(), "yes".into())),
        ["not", subject] if is_name(subject) => Some(((*subject).to_owned(), "no".into())),
        [subject, sign, value] if is_name(subject) && is_word(value) => match *sign {
            "=" => Some(((*subject).to_owned(), (*value).to_owned())),
            "≠" => Some(((*subject).to_owned(), format!("not {value}"))),
            _ => None,
        },
        _ => None,
    }
}

fn is_name(word: &str) -> bool {
    is_word(word) && !matches!(word, "true" | "false" | "null" | "True" | "False") && !word.starts_with(|c: char| c.is_ascii_digit())
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && !matches!(word, "and" | "or" | "not") && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// A condition without namespaces, quotes and the longer spellings of signs.
fn plain(condition: &str) -> String {
    let mut text = String::new();
    for word in condition.split_whitespace() {
        let bare = word.replace("slots.", "").replace("context.", "").replace(['"', '\''], "");
        let said = match bare.as_str() {
            "is" | "==" => "=",
            "!=" => "≠",
            ">=" => "≥",
            "<=" => "≤",
            other => other,
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(said);
    }
    text.replace("= not ", "≠ ").replace("= true", "= yes").replace("= false", "= no")
}

#[cfg(test)]
mod tests {
    use super::{short, subject};

    #[test]
    fn conditions_about_one_slot_say_only_their_values() {
        let conditions = [r#"slots.verification is "active""#, r#"slots.verification = "blocked""#, r#"slots.verification != 'gone'"#];
        let about = subject(&conditions);
        assert_eq!(about.as_deref(), Some("verification"));
        assert_eq!(conditions.map(|condition| short(condition, about.as_deref())), ["active", "blocked", "not gone"]);
    }

    #[test]
    fn a_slot_alone_is_answered_with_yes_and_no() {
        assert_eq!(subject(&["slots.has_enough_funds"]).as_deref(), Some("has_enough_funds"));
        assert_eq!(short("slots.has_enough_funds", Some("has_enough_funds")), "yes");
        assert_eq!(short("not slots.confirm", Some("confirm")), "no");
        assert_eq!(short("slots.confirm is true", Some("confirm")), "yes");
    }

    #[test]
    fn conditions_about_several_things_are_said_in_full() {
        let conditions = [r#"context.outcome is "done" and slots.count > 0"#, r#"context.outcome is not "done""#];
        assert_eq!(subject(&conditions), None);
        assert_eq!(short(conditions[0], None), "outcome = done and count > 0");
        assert_eq!(short(conditions[1], None), "outcome ≠ done");
    }
}
