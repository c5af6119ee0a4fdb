//! Numbers whose calls are not taken.
//!
//! Lives here: the list an operator keeps, and whether a number is on it.
//! Never here: limits for everybody (`calls`), what a rejected caller gets (`routes.rs`).

use super::number::PhoneNumber;
use std::collections::BTreeSet;

/// A block list: a number or the beginning of numbers a line.
#[derive(Default)]
pub struct Blocked {
    numbers: BTreeSet<PhoneNumber>,
    prefixes: Vec<String>,
}

/// A line that is no number. It does not repeat the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line} is no number; write +525512345678, or +5255123* for all that begin so (five digits at least, a Mexican mobile without the 1), and comments after #"
)]
pub struct BadLine {
    line: usize,
}

/// Digits of a beginning, at least.
const LEAST: usize = 5;

impl Blocked {
    /// Reads a list: `+525512345678`, or `+88121*` for all numbers that begin so; the rest of a line after `#` is a comment.
    ///
    /// # Errors
    /// [`BadLine`], the first one.
    pub fn parse(text: &str) -> Result<Self, BadLine> {
        let mut blocked = Self::default();
        for (at, line) in text.lines().enumerate() {
            let entry = line.split_once('#').map_or(line, |(entry, _)| entry).trim();
            let bad = BadLine { line: at + 1 };
            match entry.strip_suffix('*') {
                _ if entry.is_empty() => {}
                Some(prefix) => {
                    let digits = prefix.strip_prefix('+').ok_or(bad)?;
                    // Numbers are compared without Mexico's former `1`, and fewer digits would shut out a whole country.
                    if !(LEAST..=14).contains(&digits.len()) || digits.starts_with("521") || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                        return Err(bad);
                    }
                    blocked.prefixes.push(prefix.to_owned());
                }
                None => {
                    blocked.numbers.insert(PhoneNumber::parse(entry).map_err(|_| bad)?);
                }
            }
        }
        Ok(blocked)
    }

    /// Whether calls of this number are not taken.
    pub fn has(&self, number: &PhoneNumber) -> bool {
        self.numbers.contains(number) || self.prefixes.iter().any(|prefix| number.as_str().starts_with(prefix))
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.numbers.len() + self.prefixes.len()
    }

    /// Whether nothing is on it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_beginnings_of_numbers_are_blocked_and_no_others() {
        let blocked = Blocked::parse("# nuisance\n+5215512345678  # by day and night\n\n+88121*\n").unwrap();
        let has = |number: &str| blocked.has(&PhoneNumber::parse(number).unwrap());
        assert!(has("+525512345678") && has("+88121234567") && blocked.len() == 2);
        assert!(!has("+525512345679") && !has("+88131234567"));
    }

    #[test]
    fn a_line_that_is_no_number_is_named_by_its_place_only() {
        for (text, line) in
            [("+525512345678\n5512345678", 2), ("*", 1), ("+*", 1), ("+5255*", 1), ("+521551*", 1), ("+52 55123*", 1), ("+52551234567890123*", 1)]
        {
            assert_eq!(Blocked::parse(text).err(), Some(BadLine { line }), "{text}");
        }
    }
}
