//! Which Rasa Pro a project was written for (`centralita.compat`).
//!
//! Lives here: versions, the patterns each adds to those of 3.13, and what of it is not honoured.
//! Never here: what the engine does differently (`Config` has a switch for each).

/// A minor version of Rasa Pro 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compat(u32);

/// Rasa Pro 3.13.
pub(super) const BASELINE: Compat = Compat(13);

const OLDEST: u32 = 10;
const NEWEST: u32 = 16;

const UP_TO_12: &str = include_str!("../../patterns/up-to-3.12.yml");
const FROM_15: &str = include_str!("../../patterns/from-3.15.yml");
const FROM_16: &str = include_str!("../../patterns/from-3.16.yml");
const FROM_14_SLOTS: &str = include_str!("../../patterns/slots-from-3.14.yml");

impl Compat {
    /// A version as written: `3.10` to `3.16`.
    pub fn parse(text: &str) -> Option<Self> {
        let minor: u32 = text.strip_prefix("3.")?.parse().ok()?;
        (OLDEST..=NEWEST).contains(&minor).then_some(Self(minor))
    }

    /// Whether this is 3.`minor` or later.
    pub const fn from(self, minor: u32) -> bool {
        self.0 >= minor
    }

    /// What is laid over the patterns of 3.13: a name for messages, and the file.
    pub(super) fn overlays(self) -> Vec<(&'static str, &'static str)> {
        let all = [
            (!self.from(13), "up-to-3.12.yml", UP_TO_12),
            (self.from(14), "slots-from-3.14.yml", FROM_14_SLOTS),
            (self.from(15), "from-3.15.yml", FROM_15),
            (self.from(16), "from-3.16.yml", FROM_16),
        ];
        all.into_iter().filter(|(applies, ..)| *applies).map(|(_, name, text)| (name, text)).collect()
    }

    /// What this version does that is not done here, each a clause.
    pub(super) fn left_out(self) -> Vec<&'static str> {
        let all = [
            (!self.from(11), "silence is answered as from 3.11 on"),
            (!self.from(12), "the `validation` of slots is checked as from 3.12 on"),
            (self.from(14), "an interrupted flow is announced and goes on, nobody is asked which"),
            (self.from(14), "sub-agents and tools of MCP servers are not called"),
            (self.from(16), "the command for a person stays, and its pattern leaves no marker for analytics"),
        ];
        all.into_iter().filter(|(applies, _)| *applies).map(|(_, clause)| clause).collect()
    }
}

impl std::fmt::Display for Compat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "3.{}", self.0)
    }
}
