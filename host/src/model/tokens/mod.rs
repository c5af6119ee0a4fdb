//! Tokens of one turn: what a model sees instead of numbers, names and addresses.
//!
//! Lives here: hiding values in texts for a model, and putting them back into its commands.
//! Never here: what must be hidden in a text (`find.rs`), tokens of plugins (they live as long as a call).

mod find;
mod fold;
mod numbers;

use self::find::{Kind, find, folded};
use centralita_engine::answers::{self, Heard, Language, Reading};
use centralita_engine::project::SlotKind;
use centralita_engine::{CallState, Command, Masked, Project, Value};

/// How much of a text is looked at, and how much of the caller's words a model sees, in characters.
const LOOKED_AT: usize = 4096;
/// See [`LOOKED_AT`].
const SHOWN: usize = 420;
const OPEN: char = '⟨';
const CLOSE: char = '⟩';

/// The tokens of one turn. No `Debug`: it holds what they stand for.
pub struct Tokens {
    language: Language,
    known: Vec<Vec<String>>,
    made: Vec<Made>,
}

struct Made {
    name: String,
    kind: Kind,
    key: String,
    /// What the caller said, as they said it; nothing for what only the call knows.
    heard: Option<Masked<String>>,
}

/// What a model may see of a turn: texts in which everything sensitive is a token.
pub struct Tokenised {
    /// What the assistant said lately, oldest first.
    pub said: Vec<String>,
    /// What the caller said now: one line, at most 420 characters, without quotation marks.
    pub heard: String,
}

impl Tokens {
    /// Tokens for a call: the calling number and the value of every slot with a class are known.
    pub fn of(project: &Project, state: &CallState) -> Self {
        let language = project.language();
        let classed = state.slots.iter().filter(|(name, _)| {
            let slot = project.slots.get(*name);
            slot.is_some_and(|slot| slot.class.is_some() && !matches!(slot.kind, SlotKind::Bool | SlotKind::Categorical(_)))
        });
        let mut values: Vec<String> = classed.flat_map(|(_, value)| texts(&value.to_json())).collect();
        values.extend(state.opening.iter().filter_map(|opening| opening.number.as_ref()).map(|number| number.reveal().clone()));
        let whole = values.iter().map(|value| folded(value, language));
        let mut known: Vec<Vec<String>> = whole.clone().filter(|words| !words.is_empty()).collect();
        // A name is also said by its parts.
        known.extend(whole.flatten().filter(|word| word.chars().count() >= 3 && !PARTICLES.contains(&word.as_str())).map(|word| vec![word]));
        known.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        known.dedup();
        Self { language, known, made: Vec::new() }
    }

    /// What a model may see of this turn.
    pub fn tokenise(&mut self, state: &CallState, text: &Masked<String>) -> Tokenised {
        const TEXTS: usize = 6;
        let heard = self.hide(text.reveal(), true);
        let said = state.before.iter().chain(&state.said);
        let skip = (state.before.len() + state.said.len()).saturating_sub(TEXTS);
        let said = said.skip(skip).map(|spoken| shortened(self.hide(spoken.text.reveal(), false))).collect();
        Tokenised { said, heard: shortened(heard) }
    }

    /// A command of a model with its tokens put back. A slot with a class takes exactly one token of
    /// the caller's words of this turn; a command that says anything else is dropped.
    pub fn put_back(&self, project: &Project, command: Command) -> Option<Command> {
        let Command::SetSlot { name, value } = command else { return Some(command) };
        let slot = project.slots.get(&name).filter(|slot| !slot.consent)?;
        let value = match (value.as_text(), slot.class.is_some()) {
            (None, true) => return None,
            (None, false) => value,
            (Some(text), true) => Value::text(self.stands_for(text.trim_matches(|edge: char| !edge.is_alphanumeric()))?),
            (Some(text), false) => self.filled(text).map(Value::text)?,
        };
        // "quinientos" is what the caller said; a number slot wants 500.
        let amount = value.as_text().filter(|text| slot.kind == SlotKind::Float && text.trim().parse::<f64>().is_err());
        let value = match amount.map(|text| answers::read(&answers::Kind::Amount, &Heard { text, keys: false }, self.language)) {
            Some(Reading::Answer(number)) => number,
            Some(Reading::DoesNotKnow | Reading::Nothing) | None => value,
        };
        Some(Command::SetSlot { name, value })
    }

    fn stands_for(&self, token: &str) -> Option<String> {
        let made = self.made.iter().find(|made| made.name == token)?;
        made.heard.as_ref().map(|heard| heard.reveal().clone())
    }

    /// A text with the caller's own words for its tokens; nothing if one stands for something else.
    pub(super) fn filled(&self, text: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            let (token, after) = after.split_once(CLOSE)?;
            filled.push_str(before);
            filled.push_str(&self.stands_for(token)?);
            rest = after;
        }
        (!rest.contains(CLOSE)).then_some(filled + rest)
    }

    /// A text somebody else may see: one line, with a token for everything sensitive in it.
    pub(crate) fn hidden(&mut self, text: &str) -> String {
        self.hide(text, false)
    }

    fn hide(&mut self, text: &str, heard: bool) -> String {
        let text = cleaned(text);
        let mut hidden = String::with_capacity(text.len());
        let mut copied = 0;
        for found in find(&text, &self.known, self.language) {
            hidden.push_str(&text[copied..found.span.start]);
            let value = &text[found.span.clone()];
            hidden.push(OPEN);
            hidden.push_str(&self.token(value, found.kind, heard));
            hidden.push(CLOSE);
            copied = found.span.end;
        }
        hidden.push_str(&text[copied..]);
        hidden
    }

    fn token(&mut self, value: &str, kind: Kind, heard: bool) -> String {
        let key = folded(value, self.language).join(" ");
        let words = || heard.then(|| Masked::from(value));
        if let Some(made) = self.made.iter_mut().find(|made| made.kind == kind && made.key == key) {
            made.heard = made.heard.take().or_else(words);
            return made.name.clone();
        }
        let number = self.made.iter().filter(|made| made.kind == kind).count() + 1;
        let name = format!("{}{number}", kind.letter());
        self.made.push(Made { name: name.clone(), kind, key, heard: words() });
        name
    }
}

/// Words of names that say nothing alone.
const PARTICLES: [&str; 8] = ["del", "las", "los", "san", "von", "van", "the", "com"];

/// Every text and number of a value.
fn texts(json: &serde_json::Value) -> Vec<String> {
    match json {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Number(number) => vec![number.to_string()],
        serde_json::Value::Array(items) => items.iter().flat_map(texts).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(texts).collect(),
        serde_json::Value::Null | serde_json::Value::Bool(_) => Vec::new(),
    }
}

/// One line that cannot look like a token or end a quotation.
fn cleaned(text: &str) -> String {
    let visible = text.chars().take(LOOKED_AT).filter(|letter| !fold::is_invisible(*letter) || matches!(letter, '\u{300}'..='\u{36f}'));
    let plain = visible.map(|letter| match letter {
        OPEN | CLOSE | '〈' | '〉' => ' ',
        '"' | '“' | '”' | '«' | '»' | '`' => '\'',
        letter if letter.is_control() => ' ',
        letter => letter,
    });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most [`SHOWN`] characters, no half token at the end.
fn shortened(text: String) -> String {
    let Some((end, _)) = text.char_indices().nth(SHOWN) else { return text };
    let cut = &text[..end];
    let whole = cut.rfind(OPEN).filter(|open| !cut[*open..].contains(CLOSE)).unwrap_or(end);
    cut[..whole].trim_end().to_owned()
}

#[cfg(test)]
mod tests;
