//! The name of a conversation, as its sender or an operator writes it.
//!
//! Lives here: what such a name may be.
//! Never here: which row it is (`calls`).

use super::refusal::Refusal;

/// A conversation's name: 1 to 128 letters, digits and `-_.:@+=~|`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sender(String);

impl Sender {
    pub(super) fn parse(raw: &str) -> Result<Self, Refusal> {
        let plain = raw.chars().all(|c| c.is_alphanumeric() || "-_.:@+=~|".contains(c));
        if plain && (1..=128).contains(&raw.chars().count()) {
            return Ok(Self(raw.to_owned()));
        }
        Err(Refusal::BadRequest("a sender is 1 to 128 letters, digits and `-_.:@+=~|`; choose another name".into()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_a_short_plain_name() {
        for name in ["default", "ana@example.mx", "+525510000000", "whatsapp:+52155", "4f6c-11", "Ñandú"] {
            assert!(Sender::parse(name).is_ok(), "{name}");
        }
        for name in ["", "a/b", "a b", "a\nb", "<script>", "a?b", &"x".repeat(129)] {
            assert!(Sender::parse(name).is_err(), "{name}");
        }
    }
}
