//! A live model's answers, kept beside the tests and given again in every later run.
//!
//! Lives here: the file they are kept in, asking once, giving them again, and saying what changed in a prompt since.
//! Never here: how a model is asked (`model`), answers a file scripts itself with `model:`.

use crate::release::Release;
use crate::seal::hex;
use centralita_engine::yaml::{self, Findings, Node};
use centralita_engine::{CallState, Masked, SURE, Via, legal, matched, typed};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Recorded answers of one test file.
pub struct Recorded {
    path: PathBuf,
    answers: Vec<Answer>,
    changed: bool,
}

struct Answer {
    case: String,
    step: usize,
    user: String,
    hash: String,
    prompt: Vec<String>,
    lines: Vec<String>,
}

/// A user step a model may be asked about.
pub(super) struct Asked<'a> {
    pub(super) case: &'a str,
    /// Position of the step in its case, from 1.
    pub(super) step: usize,
    pub(super) text: &'a str,
    /// The conversation before the step.
    pub(super) state: &'a CallState,
    pub(super) release: &'a Release,
}

/// What is given again.
#[derive(Default)]
pub(super) struct Replayed {
    /// The model's answer then.
    pub(super) answer: Option<String>,
    /// What a person should know: the prompt is another now.
    pub(super) note: Option<String>,
}

impl Recorded {
    /// The answers kept for a test file: `tests/cards.yml` has them in `tests/cards.recorded.yml`.
    ///
    /// # Errors
    /// When there is such a file and it cannot be read.
    pub fn of(test: &Path) -> Result<Self, String> {
        let path = test.with_extension("recorded.yml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        };
        let mut mistakes = Vec::new();
        let shown = path.display().to_string();
        let root = yaml::read(&text, &mut Findings::new(&shown, &mut mistakes));
        if let Some(mistake) = mistakes.first() {
            return Err(mistake.to_string());
        }
        let answers = root.iter().filter_map(|root| root.get("answers")).flat_map(Node::items).filter_map(answer).collect();
        Ok(Self { path, answers, changed: false })
    }

    /// Asks the live model and keeps what it says; none when nobody would ask it about this step.
    ///
    /// # Errors
    /// When there is no model, or it gives no answer.
    pub(super) async fn ask(&mut self, asked: &Asked<'_>) -> Result<Option<String>, String> {
        let Some(prompt) = asked.prompt() else { return Ok(None) };
        let model = asked.release.model.as_ref().ok_or("there is no model to record; set OPENAI_API_KEY, or OPENAI_BASE_URL for one of your own")?;
        let project = &asked.release.project;
        let text = model
            .written(&asked.release.prompting, project, asked.state, &legal(project, asked.state), &Masked::from(asked.text))
            .await
            .map_err(|outcome| format!("the model gave no answer to record ({}); run `--record` again when it does", outcome.word()))?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        self.answers.retain(|answer| !asked.is_of(answer));
        self.answers.push(Answer { case: asked.case.to_owned(), step: asked.step, user: asked.text.to_owned(), hash: hash(&prompt), prompt, lines });
        self.changed = true;
        Ok(Some(text))
    }

    /// The answer recorded for a step.
    pub(super) fn replay(&self, asked: &Asked<'_>) -> Replayed {
        let Some(answer) = self.answers.iter().find(|answer| asked.is_of(answer)) else { return Replayed::default() };
        let Some(prompt) = asked.prompt() else { return Replayed::default() };
        let place = format!("`{}`, step {}", asked.case, asked.step);
        let mut note = None;
        if answer.user != asked.text {
            note = Some(format!("{place}: the caller said something else when the answer was recorded; run with --record to ask the model again"));
        } else if hash(&prompt) != answer.hash {
            let changes = changes(&answer.prompt, &prompt);
            note = Some(format!("{place}: the prompt has changed since the answer was recorded; run with --record to ask the model again\n{changes}"));
        }
        Replayed { answer: Some(answer.lines.join("\n")), note }
    }

    /// Writes the file when something new was recorded; its path.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&mut self) -> Result<Option<&Path>, String> {
        if !std::mem::take(&mut self.changed) {
            return Ok(None);
        }
        std::fs::write(&self.path, self.text()).map_err(|error| format!("{} cannot be written: {error}", self.path.display()))?;
        Ok(Some(&self.path))
    }

    fn text(&self) -> String {
        let mut text =
            String::from("# What a language model answered; `centralita test --record` writes this file, every other run gives the answers again.\nanswers:\n");
        for answer in &self.answers {
            // A text in JSON is the same text in YAML; writing to a `String` cannot fail.
            let quoted = |text: &str| serde_json::Value::from(text).to_string();
            let _ =
                writeln!(text, "  - case: {}\n    step: {}\n    user: {}\n    hash: {}", quoted(&answer.case), answer.step, quoted(&answer.user), answer.hash);
            for (key, lines) in [("answer", &answer.lines), ("prompt", &answer.prompt)] {
                let _ = writeln!(text, "    {key}:{}", if lines.is_empty() { " []" } else { "" });
                for line in lines {
                    let _ = writeln!(text, "      - {}", quoted(line));
                }
            }
        }
        text
    }
}

impl Asked<'_> {
    fn is_of(&self, answer: &Answer) -> bool {
        answer.case == self.case && answer.step == self.step
    }

    /// What the model is told, line by line; none when nobody asks it: the project has no generator, or a typed answer or
    /// an example of the project settles it.
    fn prompt(&self) -> Option<Vec<String>> {
        let project = &self.release.project;
        let settled =
            self.text.starts_with('/') || typed(project, self.state, self.text, Via::Speech) || !matched(project, self.state, self.text).at(SURE).is_empty();
        if project.config.generator.is_none() || settled || self.text.trim().is_empty() {
            return None;
        }
        let messages = self.release.prompting.told(project, self.state, &legal(project, self.state), &Masked::from(self.text));
        Some(messages.iter().flat_map(|message| message.content.lines().map(move |line| format!("{}: {line}", message.role))).collect())
    }
}

fn answer(node: &Node) -> Option<Answer> {
    let text = |key: &str| node.get(key).and_then(Node::scalar);
    let lines = |key: &str| node.get(key).map(Node::items).unwrap_or_default().iter().filter_map(Node::scalar).collect();
    let step = text("step")?.parse().ok()?;
    Some(Answer { case: text("case")?, step, user: text("user")?, hash: text("hash")?, prompt: lines("prompt"), lines: lines("answer") })
}

fn hash(lines: &[String]) -> String {
    hex(&Sha256::digest(lines.join("\n").as_bytes()))
}

/// The lines that went and came.
fn changes(before: &[String], after: &[String]) -> String {
    let (before, after) = (before.join("\n"), after.join("\n"));
    similar::TextDiff::from_lines(before.as_str(), after.as_str()).unified_diff().context_radius(1).header("recorded", "now").to_string()
}
