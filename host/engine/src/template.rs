//! Text with holes in it.
//!
//! Lives here: `{slot}` interpolation and Jinja, as Rasa's responses write them (`rasa-calm.md` §2.4).
//! Never here: which variation of a response is said.

use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::OnceLock;

/// Instructions a Jinja template may take: a loop in a project file must not stop the line.
const FUEL: u64 = 50_000;
/// The same for a prompt, which goes over every flow and slot.
const PROMPT_FUEL: u64 = 2_000_000;

/// A text of a response, taken apart when the project loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// Words and `{slot}` holes.
    Plain(Vec<Piece>),
    /// The whole text is a Jinja template (`metadata.template: jinja`).
    Jinja(String),
}

/// A part of a plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Said as written.
    Words(String),
    /// The value of this slot or argument.
    Hole(String),
}

/// A template that did not render.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the template does not render: {0}")]
pub struct BadTemplate(String);

impl Template {
    /// Takes a plain text apart. `{{` and `}}` stand for a brace; a brace that opens no name stays.
    pub fn plain(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            let name = after.split_once('}').map(|(name, _)| name).filter(|name| is_name(name));
            if let Some(after) = after.strip_prefix(brace) {
                words.push_str(brace);
                rest = after;
            } else if let (true, Some(name)) = (brace == "{", name) {
                if !words.is_empty() {
                    pieces.push(Piece::Words(std::mem::take(&mut words)));
                }
                pieces.push(Piece::Hole(name.to_owned()));
                rest = &after[name.len() + 1..];
            } else {
                words.push_str(brace);
                rest = after;
            }
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Self::Plain(pieces)
    }

    /// A Jinja template.
    ///
    /// # Errors
    /// [`BadTemplate`] when it is none.
    pub fn jinja(text: &str) -> Result<Self, BadTemplate> {
        environment().template_from_str(text).map_err(|error| BadTemplate(error.to_string()))?;
        Ok(Self::Jinja(text.to_owned()))
    }

    /// The names in the holes of a plain text; none for Jinja.
    pub fn holes(&self) -> Vec<&str> {
        match self {
            Self::Plain(pieces) => pieces.iter().filter_map(|piece| if let Piece::Hole(name) = piece { Some(name.as_str()) } else { None }).collect(),
            Self::Jinja(_) => Vec::new(),
        }
    }

    /// The text with `fill` in its holes; Jinja sees `variables`.
    ///
    /// # Errors
    /// [`BadTemplate`] when Jinja refuses.
    pub fn render(&self, fill: &dyn Fn(&str) -> String, variables: &dyn Fn() -> Json) -> Result<String, BadTemplate> {
        match self {
            Self::Plain(pieces) => Ok(pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Words(words) => words.clone(),
                    Piece::Hole(name) => fill(name),
                })
                .collect()),
            Self::Jinja(text) => render(text, &variables()),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Whether a name or predicate has to be rendered before it means anything.
pub fn is_jinja(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Renders a text with `context` as its only variable.
///
/// # Errors
/// [`BadTemplate`] when Jinja refuses.
pub fn jinja(text: &str, context: &Json) -> Result<String, BadTemplate> {
    render(text, &serde_json::json!({ "context": context }))
}

/// What a model is told, written as Jinja: a project's own prompt, or one of the host's.
#[derive(Clone, Debug)]
pub struct PromptTemplate(Cow<'static, str>);

/// A prompt that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the prompt cannot be written: {what}")]
pub struct BadPrompt {
    /// The line of the template, from 1.
    pub line: usize,
    what: String,
}

impl From<minijinja::Error> for BadPrompt {
    fn from(error: minijinja::Error) -> Self {
        let what = error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
        Self { line: error.line().unwrap_or(1), what }
    }
}

impl PromptTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// [`BadPrompt`] when it is none.
    pub fn read(text: String) -> Result<Self, BadPrompt> {
        prompts().template_from_str(&text)?;
        Ok(Self(text.into()))
    }

    /// A template of the host's own, which its tests have read.
    pub const fn ours(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The prompt with these variables.
    ///
    /// # Errors
    /// [`BadPrompt`] when Jinja refuses, or goes on for too long.
    pub fn write(&self, variables: &Json) -> Result<String, BadPrompt> {
        Ok(prompts().render_str(&self.0, minijinja::value::Serde(variables))?)
    }
}

fn prompts() -> &'static minijinja::Environment<'static> {
    static ENVIRONMENT: OnceLock<minijinja::Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| made(PROMPT_FUEL))
}

fn render(text: &str, variables: &Json) -> Result<String, BadTemplate> {
    environment().render_str(text, minijinja::value::Serde(variables)).map_err(|error| BadTemplate(error.to_string()))
}

/// Jinja with Python's methods and Rasa's one filter.
fn environment() -> &'static minijinja::Environment<'static> {
    static ENVIRONMENT: OnceLock<minijinja::Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| made(FUEL))
}

fn made(fuel: u64) -> minijinja::Environment<'static> {
    let mut environment = minijinja::Environment::new();
    environment.set_fuel(Some(fuel));
    environment.set_formatter(as_python);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("to_json_escaped_string", |text: String| {
        let quoted = Json::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    });
    environment
}

/// `None`, `True` and `False` as Python prints them; a number without a fraction is a whole number, since a voice may
/// read it.
fn as_python(out: &mut minijinja::Output<'_>, state: &mut minijinja::State<'_, '_>, value: &minijinja::Value) -> Result<(), minijinja::Error> {
    let whole = value.is_number().then(|| f64::try_from(value.clone()).ok()).flatten().filter(|number| number.fract() == 0.0);
    let text = match (value.is_none(), bool::try_from(value.clone()), whole) {
        (true, ..) => "None".to_owned(),
        (_, Ok(true), _) if value.kind() == minijinja::value::ValueKind::Bool => "True".to_owned(),
        (_, Ok(false), _) if value.kind() == minijinja::value::ValueKind::Bool => "False".to_owned(),
        (.., Some(number)) => number.to_string(),
        _ => return minijinja::escape_formatter(out, state, value),
    };
    out.write_str(&text).map_err(minijinja::Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let said = Template::plain(text).render(&|name| format!("<{name}>"), &|| Json::Null).unwrap();
        assert_eq!(said, expected);
    }

    #[test]
    fn holes_are_filled_and_braces_stay_braces() {
        check("hola {name}, {{así}} { no }", "hola <name>, {así} { no }");
        check("{a}{b}", "<a><b>");
        check("}{", "}{");
        check("{", "{");
    }

    #[test]
    fn a_prompt_that_is_broken_or_never_ends_says_at_which_line() {
        assert_eq!(PromptTemplate::read("a\n{% for x in %}".into()).err().map(|error| error.line), Some(2));
        let endless = PromptTemplate::read("a\nb\n{% for x in range(9999) %}{% for y in range(9999) %}{{ y }}{% endfor %}{% endfor %}".into()).ok().unwrap();
        assert_eq!(endless.write(&Json::Null).err().map(|error| error.line), Some(3));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_the_template(text in "\\PC{0,60}") {
            let _ = Template::plain(&text).render(&|name| name.to_owned(), &|| Json::Null);
            let _ = jinja(&text, &Json::Null);
        }
    }
}
