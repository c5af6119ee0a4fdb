//! How the model of a project is told what a caller said.
//!
//! Lives here: a project's own prompt or ours, of all flows or the nearest.
//! Never here: the wording (`prompt.rs`, `template.rs`), which model is asked.

use super::choice::{CONFIG, generator};
use super::prompt::{Message, prompt};
use super::retrieval::Retrieval;
use super::template::Template;
use super::tokens::{Tokenised, Tokens};
use centralita_engine::yaml::{At, Findings, Mistake, Node};
use centralita_engine::{CallState, Grammar, Masked, Project};
use std::collections::BTreeMap;

/// See the module.
#[derive(Default)]
pub struct Prompting {
    own: Option<Template>,
    retrieval: Retrieval,
}

/// Where a project keeps its own prompt, below its folder; nothing when it has none, or one that would be outside of it.
pub fn template_path(files: &BTreeMap<String, String>) -> Option<String> {
    let (_, path) = path_of(&generator(files)?)?;
    Some(path).filter(|path| is_below(path))
}

fn path_of(generator: &Node) -> Option<(At, String)> {
    let node = ["prompt_template", "prompt"].into_iter().find_map(|key| generator.get(key))?;
    Some((node.at, node.scalar()?.trim_start_matches("./").to_owned()))
}

fn is_below(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('/') && !path.contains('\\') && path.split('/').all(|part| part != "..")
}

/// A project's own prompt, read and tried.
fn own(files: &BTreeMap<String, String>, generator: &Node, mistakes: &mut Vec<Mistake>) -> Option<Template> {
    let (at, path) = path_of(generator)?;
    let mut refuse = |message: String| Findings::new(CONFIG, mistakes).error(at, message);
    if !is_below(&path) {
        refuse(format!("`prompt_template: {path}` is not below the project; write a path such as prompts/commands.jinja2"));
        return None;
    }
    let Some(text) = files.get(&path) else {
        refuse(format!("`prompt_template: {path}` is not there, is larger than 4 MiB or is no text; write it, or take the key out to use the built-in prompt"));
        return None;
    };
    match Template::read(text) {
        Ok(template) => Some(template),
        Err(error) => {
            Findings::new(&path, mistakes).error(At { line: error.line, column: 1 }, error.to_string());
            None
        }
    }
}

/// What is wrong with a project's own prompt, if anything is.
pub fn check(files: &BTreeMap<String, String>, mistakes: &mut Vec<Mistake>) {
    if let Some(generator) = generator(files) {
        own(files, &generator, mistakes);
    }
}

impl Prompting {
    /// As the generator of the project says; without one, nobody is told anything.
    pub fn of(files: &BTreeMap<String, String>, project: &Project) -> Self {
        let Some(generator) = generator(files) else { return Self::default() };
        // What is wrong with it has been said when the project was checked.
        Self { own: own(files, &generator, &mut Vec::new()), retrieval: Retrieval::read(&generator, project) }
    }

    /// What a model is told about a caller's words in a call.
    pub fn told(&self, project: &Project, state: &CallState, grammar: &Grammar, text: &Masked<String>) -> Vec<Message> {
        let mut tokens = Tokens::of(project, state);
        let tokenised = tokens.tokenise(state, text);
        self.messages(project, state, &self.narrowed(project, grammar, text), &mut tokens, &tokenised)
    }

    /// The part of a grammar that a model is told of.
    pub(super) fn narrowed(&self, project: &Project, grammar: &Grammar, text: &Masked<String>) -> Grammar {
        self.retrieval.narrowed(project, grammar, text.reveal())
    }

    pub(super) fn messages(&self, project: &Project, state: &CallState, grammar: &Grammar, tokens: &mut Tokens, tokenised: &Tokenised) -> Vec<Message> {
        let Some(own) = &self.own else { return prompt(project, state, grammar, tokenised) };
        own.messages(project, state, grammar, tokens, tokenised).unwrap_or_else(|error| {
            tracing::error!(line = error.line, "The project's prompt cannot be written; the built-in one is used");
            prompt(project, state, grammar, tokenised)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(key: &str) -> BTreeMap<String, String> {
        let config = format!("pipeline:\n  - name: CompactLLMCommandGenerator\n    {key}\n");
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        BTreeMap::from([file(CONFIG, &config), file("prompts/own.jinja2", "Say {{ user_message }}"), file("prompts/bad.jinja2", "a\n{% for x in %}")])
    }

    fn first(key: &str) -> String {
        let mut mistakes = Vec::new();
        check(&files(key), &mut mistakes);
        mistakes.first().map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn a_prompt_that_cannot_be_had_is_an_error_at_its_line() {
        assert_eq!(first("prompt_template: prompts/own.jinja2"), "");
        assert_eq!(first("prompt: ./prompts/own.jinja2"), "");
        let broken = first("prompt_template: prompts/bad.jinja2");
        assert!(broken.starts_with("prompts/bad.jinja2:2:1: error: the prompt cannot be written"), "{broken}");
        assert!(first("prompt_template: prompts/none.jinja2").starts_with("config.yml:3:22: error: `prompt_template: prompts/none.jinja2` is not there"));
        assert!(first("prompt_template: ../own.jinja2").contains("is not below the project"));
    }

    #[test]
    fn only_a_path_below_the_project_is_read() {
        assert_eq!(template_path(&files("prompt_template: ./prompts/own.jinja2")).as_deref(), Some("prompts/own.jinja2"));
        assert_eq!(template_path(&files("prompt_template: /etc/passwd")), None);
        assert_eq!(template_path(&files("llm: {}")), None);
    }

    #[test]
    fn the_prompt_of_a_project_is_a_part_of_its_release() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
        std::fs::create_dir(folder.path().join("prompts")).unwrap();
        write(CONFIG, &files("prompt_template: prompts/own.jinja2")[CONFIG]);
        write("prompts/other.jinja2", "nobody names this one");
        let read = |text: &str| {
            write("prompts/own.jinja2", text);
            crate::release::Package::read(folder.path()).ok().unwrap()
        };
        let (one, other) = (read("a"), read("b"));
        assert_eq!(one.files.keys().collect::<Vec<_>>(), [CONFIG, "prompts/own.jinja2"]);
        assert_ne!(one.digest(), other.digest());
    }
}
