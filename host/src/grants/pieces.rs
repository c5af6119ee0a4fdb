//! Text with places in it that are filled in from JSON: `/tickets/{/id}`.
//!
//! Lives here: reading such a text, filling it in.
//! Never here: variables of the environment (`template.rs`).

use serde_json::Value;

/// A text whose `{NAME/field}` stand for fields of the document that `NAME` means; without a name, of the only or first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pieces(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field {
        /// The document.
        of: String,
        /// The field, as JSON pointer.
        pointer: String,
    },
}

impl Pieces {
    /// Reads a text; `None` if a brace is not closed or names no field of these documents.
    pub(super) fn parse(text: &str, documents: &[&str]) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (field, after) = after.split_once('}')?;
            let (of, pointer) = field.split_at(field.find('/')?);
            if !documents.contains(&of) {
                return None;
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Field { of: of.to_owned(), pointer: pointer.to_owned() });
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Some(Self(pieces))
    }

    /// The text, each field written as `write` does; `None` if a document lacks one.
    pub(super) fn fill(&self, documents: &[(&str, &Value)], write: impl Fn(&str) -> String) -> Option<String> {
        let filled = |piece: &Piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Field { of, pointer } => match documents.iter().find(|(name, _)| name == of)?.1.pointer(pointer)? {
                Value::String(text) if !text.is_empty() => Some(write(text)),
                Value::Number(number) => Some(write(&number.to_string())),
                _ => None,
            },
        };
        self.0.iter().map(filled).collect()
    }

    /// The text with something short in each place.
    pub(super) fn sample(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field { .. } => "1".to_owned(),
        };
        self.0.iter().map(piece).collect()
    }
}

/// A field as it stands in an address.
pub(super) fn in_address(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
