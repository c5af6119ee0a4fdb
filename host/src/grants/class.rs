//! What kind of sensitive value something is, and the tokens that stand for such values.
//!
//! Lives here: the classes, and how a token is written and recognised.
//! Never here: which value a token stands for; the host keeps that, per call.

use std::fmt;

/// Random bytes in a token.
pub const TOKEN_BYTES: usize = 8;
const PREFIX: &str = "tok_";

/// The kind of a value. A token may only be put back where its class is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A phone number.
    Phone,
    /// A client of the bank, by the bank's id.
    Client,
    /// A card, by its issuer's reference.
    Card,
    /// The last four digits of a card.
    Last4,
    /// A person's name.
    Name,
    /// Nothing about a person; travels as it is.
    Plain,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 6] = [Self::Phone, Self::Client, Self::Card, Self::Last4, Self::Name, Self::Plain];

    /// The word for it in files and tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Client => "client",
            Self::Card => "card",
            Self::Last4 => "last4",
            Self::Name => "name",
            Self::Plain => "plain",
        }
    }

    /// The class of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }

    /// Whether values of this class travel as tokens.
    pub const fn is_sensitive(self) -> bool {
        !matches!(self, Self::Plain)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The token of a class with these random bytes: `tok_client_0123456789abcdef`.
pub fn token(class: Class, random: [u8; TOKEN_BYTES]) -> String {
    format!("{PREFIX}{class}_{:016x}", u64::from_be_bytes(random))
}

/// Why a token cannot be put back where it stands. It names classes, never values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Nobody gave out this token in this call.
    #[error("a token that this call never gave out")]
    Unknown,
    /// The class is not allowed here.
    #[error("a `{0}` is not allowed here")]
    Forbidden(Class),
    /// A token was expected and something else came.
    #[error("only a token of a `{0}` is allowed here")]
    Expected(Class),
}

/// The first token in a text: where it begins and ends, and its class.
pub(super) fn find_token(text: &str) -> Option<(usize, usize, Class)> {
    if text.len() < PREFIX.len() + 2 * TOKEN_BYTES {
        return None;
    }
    text.match_indices(PREFIX).find_map(|(start, _)| {
        let rest = &text[start + PREFIX.len()..];
        let class = Class::ALL.into_iter().find(|class| class.is_sensitive() && rest.strip_prefix(class.as_str()).is_some_and(|rest| rest.starts_with('_')))?;
        let digits = &rest.as_bytes()[class.as_str().len() + 1..];
        let hex = digits.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
        (hex >= 2 * TOKEN_BYTES).then(|| (start, start + PREFIX.len() + class.as_str().len() + 1 + 2 * TOKEN_BYTES, class))
    })
}

/// The class of a text that is one token and nothing else.
pub(super) fn is_token(text: &str) -> Option<Class> {
    find_token(text).filter(|(start, end, _)| *start == 0 && *end == text.len()).map(|(.., class)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_wherever_it_stands_and_nothing_else_is_one() {
        let client = token(Class::Client, [1, 2, 3, 4, 5, 6, 7, 0xab]);
        assert_eq!(client, "tok_client_01020304050607ab");
        assert_eq!(is_token(&client), Some(Class::Client));
        assert_eq!(find_token(&format!("tok_x tok_{client}!")), Some((10, 10 + client.len(), Class::Client)));
        for text in ["tok_client_01020304050607a", "tok_plain_01020304050607ab", "tok_clients_01020304050607ab", "tok_client_01020304050607AB", "tok_"] {
            assert_eq!(find_token(text), None, "{text}");
        }
        assert_eq!(is_token(&format!("{client} ")), None);
    }
}
