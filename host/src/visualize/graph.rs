//! A flow as boxes and arrows, before anybody knows where they stand.
//!
//! Lives here: the types.
//! Never here: flows (`outline.rs`), places (`layout`), colours (`svg.rs`).

/// What a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Where the flow begins.
    Start,
    /// Responses.
    Says,
    /// A question.
    Asks,
    /// An action.
    Runs,
    /// `set_slots`.
    Sets,
    /// `call`.
    Calls,
    /// `link`.
    Links,
    /// Where the way parts.
    Branch,
    /// Where the flow ends.
    End,
}

/// What deserves to be seen at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Only the caller's own yes answers this question.
    Consent,
    /// This action changes something in the world.
    Writes,
    /// This action asks a person to call back.
    CallBack,
}

/// One box.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// What it is about: a slot, an action, a flow.
    pub(super) title: String,
    /// What is said there, or set, a line each.
    pub(super) lines: Vec<String>,
    pub(super) mark: Option<Mark>,
}

/// One arrow.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// When this way is gone.
    pub(super) label: Option<String>,
    /// The way that is gone when a question is given up.
    pub(super) gives_up: bool,
}

/// A flow; the first box is where it begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

impl Kind {
    /// What a picture calls it, beside its title.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Start | Self::Branch | Self::End => "",
            Self::Says => "says",
            Self::Asks => "asks",
            Self::Runs => "runs",
            Self::Sets => "sets",
            Self::Calls => "calls",
            Self::Links => "goes on in",
        }
    }

    /// The name of its style.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Says => "says",
            Self::Asks => "asks",
            Self::Runs => "runs",
            Self::Sets => "sets",
            Self::Calls => "calls",
            Self::Links => "links",
            Self::Branch => "branch",
            Self::End => "end",
        }
    }
}

impl Mark {
    /// What its badge says.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Writes => "writes",
            Self::CallBack => "call back",
        }
    }
}
