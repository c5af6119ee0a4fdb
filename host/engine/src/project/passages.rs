//! Documents that are answered with as they are written (`use_generative_llm: false`).
//!
//! Lives here: passages, and the one that is most like a question.
//! Never here: reading files (the host hands texts over), an answer of a model's own.

use crate::matcher::Matcher;

/// How like a question a passage must be, 0 to 1.
const LIKE: f32 = 0.2;
/// The longest passage, in characters: it may be spoken.
const LONGEST: usize = 600;

/// Passages of documents, one a paragraph.
#[derive(Clone, Default)]
pub struct Passages {
    texts: Vec<String>,
    matcher: Matcher,
}

impl Passages {
    /// The passages of these documents: their paragraphs, none longer than 600 characters.
    pub fn of<'a>(documents: impl IntoIterator<Item = &'a str>) -> Self {
        let paragraphs = documents.into_iter().flat_map(|document| document.split("\n\n"));
        let texts: Vec<String> = paragraphs
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|text| !text.is_empty() && text.chars().count() <= LONGEST)
            .collect();
        // Each passage is a label of its own, and what it says is its one example.
        let examples: Vec<(String, String)> = texts.iter().enumerate().map(|(number, text)| (format!("{number:06}"), text.clone())).collect();
        Self { matcher: Matcher::train(&examples), texts }
    }

    /// Whether there is nothing to look anything up in.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The passage most like a question, if one is like it.
    pub fn find(&self, question: &str) -> Option<&str> {
        let (place, likeness) = self.matcher.nearest(question)?;
        self.texts.get(place).filter(|_| likeness >= LIKE).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_with_the_passage_that_speaks_of_it() {
        let passages =
            Passages::of(["The branch in Puebla opens at nine and closes at five.\n\nA replacement card costs two hundred pesos and takes five days."]);
        assert_eq!(passages.find("how much does a replacement card cost"), Some("A replacement card costs two hundred pesos and takes five days."));
        assert_eq!(passages.find("zxcv qwer"), None);
        assert!(Passages::of([" \n\n "]).is_empty());
    }
}
