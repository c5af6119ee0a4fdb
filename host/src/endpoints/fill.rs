//! `${VARIABLE}` in a text.
//!
//! Lives here: finding and replacing it.
//! Never here: which text it stands in.

use super::Variable;
use centralita_engine::yaml::{Findings, Node};

/// Fills variables in; without any at hand, what holds one is left out.
pub(super) struct Fill<'a> {
    pub(super) variable: Option<&'a Variable<'a>>,
}

/// A text with variables.
pub(super) enum Filled {
    /// With all of them filled in.
    Text(String),
    /// Nothing can be said of it: there are no variables here.
    Unknown,
    /// This one is not set.
    Missing(String),
}

impl Fill<'_> {
    fn fill(&self, text: &str) -> Filled {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            let Some(variable) = self.variable else { return Filled::Unknown };
            let Some(value) = variable(name.trim()).filter(|value| !value.is_empty()) else { return Filled::Missing(name.trim().to_owned()) };
            filled.push_str(before);
            filled.push_str(&value);
            rest = after;
        }
        filled.push_str(rest);
        Filled::Text(filled)
    }

    /// The text of a scalar; a variable that is not set is an error at its place.
    pub(super) fn text(&self, node: &Node, what: &str, findings: &mut Findings<'_>) -> Option<String> {
        match self.fill(&node.text(what, findings)?) {
            Filled::Text(text) => Some(text),
            Filled::Unknown => None,
            Filled::Missing(name) => {
                findings.error(node.at, format!("{what} needs the variable {name}, which is not set; set it, or write the value here"));
                None
            }
        }
    }

    /// The text, or nothing when a variable in it is not set.
    pub(super) fn quietly(&self, text: &str) -> Option<String> {
        match self.fill(text) {
            Filled::Text(text) => Some(text),
            Filled::Unknown | Filled::Missing(_) => None,
        }
    }
}
