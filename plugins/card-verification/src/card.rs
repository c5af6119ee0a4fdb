//! A card as the bank's statements return it.
//!
//! Lives here: its columns, kinds and states.
//! Never here: which card the caller means (`verify.rs`).

use centralita_plugin::Row;

/// Debit, credit or prepaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Debit,
    Credit,
    Prepaid,
}

impl Kind {
    /// The kind as the bank's table spells it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "debit" => Some(Self::Debit),
            "credit" => Some(Self::Credit),
            "prepaid" => Some(Self::Prepaid),
            _ => None,
        }
    }

    /// What follows "tu tarjeta" in a sentence.
    pub(crate) const fn spoken(self) -> &'static str {
        match self {
            Self::Debit => "de débito",
            Self::Credit => "de crédito",
            Self::Prepaid => "prepagada",
        }
    }
}

/// What the bank says about a card. Only `Active` and `Blocked` matter here: anything else is as good as unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Active,
    Blocked,
    Gone,
}

/// One card of the client.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    /// The card itself, a token.
    pub(crate) token: String,
    pub(crate) kind: Option<Kind>,
    /// Its last four digits, a token.
    pub(crate) last4: Option<String>,
    pub(crate) state: State,
    /// Since when it is blocked, `YYYY-MM-DD`.
    pub(crate) blocked_on: Option<String>,
    /// The code of its open request.
    pub(crate) code: Option<String>,
}

impl Card {
    /// Reads a row of `cards-by-digits` or `cards-of-client`; a row without a card is none.
    pub(crate) fn read(row: &Row) -> Option<Self> {
        let text = |column: &str| row.text(column).map(str::to_owned);
        Some(Self {
            token: text("card")?,
            kind: row.text("kind").and_then(Kind::parse),
            last4: text("last4"),
            state: match row.text("status") {
                Some("active") => State::Active,
                Some("blocked") => State::Blocked,
                _ => State::Gone,
            },
            blocked_on: text("blocked_on"),
            code: text("code"),
        })
    }
}
