//! Names that flow files spell, each a type of its own, checked once where text comes in.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A name that no flow file may spell: empty, too long, or with a character outside the set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a name: use letters, digits, `_`, `-`, at most 128 of them")]
pub struct BadName(pub String);

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and wraps a name.
            ///
            /// # Errors
            /// [`BadName`] if the text is empty, longer than 128 bytes or holds another character.
            pub fn parse(raw: &str) -> Result<Self, BadName> {
                let plain = raw.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
                if !raw.is_empty() && raw.len() <= 128 && plain && !raw.starts_with('-') {
                    Ok(Self(raw.to_owned()))
                } else {
                    Err(BadName(raw.to_owned()))
                }
            }

            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(raw: String) -> Result<Self, BadName> {
                Self::parse(&raw)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name! {
    /// A flow, as the key under `flows:`. Patterns are flows whose id begins with `pattern_`.
    FlowId
}
name! {
    /// A step of a flow, written or derived (`<flow>_<position>_<type>_<argument>`).
    StepId
}
name! {
    /// A slot of the domain.
    SlotName
}
name! {
    /// An action: a plugin's, an action server's or a built-in one.
    ActionName
}
name! {
    /// A response of the domain (`utter_…`).
    ResponseName
}

impl FlowId {
    /// Whether this flow is a pattern: it reacts to the conversation and no caller can start it.
    pub fn is_pattern(&self) -> bool {
        self.0.starts_with("pattern_")
    }
}
