//! Text with `${VARIABLE}` in it, as endpoint files have it.
//!
//! Lives here: reading such text, which variables it needs, and filling them in.
//! Never here: where variables come from.

/// Text with places for variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
}

impl Template {
    /// Reads a text; the reason if a `${` is left open or names no variable.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("`${` without its `}`")?;
            let plain = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            if name.is_empty() || !plain {
                return Err(format!("`${{{name}}}` names no variable; use capitals, digits and `_`"));
            }
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Variable(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The variables it needs.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with every variable filled in; `None` if one is unset or empty.
    pub(super) fn fill(&self, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(text.clone()),
                Piece::Variable(name) => variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()),
            })
            .collect()
    }
}
