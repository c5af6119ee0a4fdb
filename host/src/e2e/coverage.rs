//! Which flows and steps a run of conversations walked (`rasa-calm.md` §10.1).
//!
//! Lives here: counting over events, and the reports of it.
//! Never here: running conversations, files.

use centralita_engine::project::{Flow, Project};
use centralita_engine::state::Position;
use centralita_engine::{Event, FlowId, StepId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What was walked so far.
pub struct Coverage<'a> {
    project: &'a Project,
    walked: BTreeMap<FlowId, BTreeSet<StepId>>,
    commands: BTreeMap<&'static str, u32>,
    frames: BTreeMap<u32, FlowId>,
}

/// One flow of the report.
struct Line<'a> {
    flow: &'a Flow,
    missing: Vec<&'a centralita_engine::project::Step>,
}

impl Line<'_> {
    /// 0 to 100, rounded down so that 100 means all.
    fn percent(&self) -> usize {
        (self.flow.steps.len() - self.missing.len()) * 100 / self.flow.steps.len().max(1)
    }
}

impl<'a> Coverage<'a> {
    /// Nothing walked yet.
    pub const fn new(project: &'a Project) -> Self {
        Self { project, walked: BTreeMap::new(), commands: BTreeMap::new(), frames: BTreeMap::new() }
    }

    /// Adds events: a whole conversation, or its turns one after the other.
    pub fn walked(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Pushed { frame, .. } => {
                    self.frames.insert(frame.id, frame.flow.clone());
                }
                Event::Moved { frame, to: Position::At(step) } | Event::Returned { frame, to: step } => {
                    if let Some(flow) = self.frames.get(frame) {
                        self.walked.entry(flow.clone()).or_default().insert(step.clone());
                    }
                }
                Event::Understood { commands, .. } => {
                    for command in commands {
                        *self.commands.entry(command.name()).or_default() += 1;
                    }
                }
                // Nothing else says where a flow is.
                _ => {}
            }
        }
    }

    /// The project's own flows and patterns; those it came with are not its to test.
    fn lines(&self) -> impl Iterator<Item = Line<'a>> {
        let none = BTreeSet::new();
        let lines: Vec<Line<'a>> = self
            .project
            .flows
            .values()
            .filter(|flow| !flow.path.starts_with("(patterns)/"))
            .map(|flow| {
                let walked = self.walked.get(&flow.id).unwrap_or(&none);
                Line { flow, missing: flow.steps.iter().filter(|step| !walked.contains(&step.id)).collect() }
            })
            .collect();
        lines.into_iter()
    }

    /// A row for each flow: its name, the share of its steps that was walked (0 to 1), how many steps it has, and the
    /// steps that were not walked with the lines they stand on.
    pub fn csv(&self) -> String {
        let mut csv = String::from("flow,coverage,steps,missing_steps,file,missing_lines\n");
        for line in self.lines() {
            let joined = |texts: Vec<String>| texts.join(" ");
            let missing = joined(line.missing.iter().map(|step| step.id.to_string()).collect());
            let at = joined(line.missing.iter().map(|step| step.at.line.to_string()).collect());
            let path = line.flow.path.replace('"', "\"\"");
            #[expect(clippy::cast_precision_loss, reason = "steps of one flow")]
            let share = (line.flow.steps.len() - line.missing.len()) as f64 / line.flow.steps.len().max(1) as f64;
            let _ = writeln!(csv, "{},{share:.2},{},{missing},\"{path}\",{at}", line.flow.id, line.flow.steps.len());
        }
        csv
    }

    /// The same for people: a line for each flow, where its gaps are, and how often each command came up.
    pub fn table(&self) -> String {
        let lines: Vec<Line<'_>> = self.lines().collect();
        let width = lines.iter().map(|line| line.flow.id.as_str().len()).max().unwrap_or(0);
        let mut table = String::new();
        for line in &lines {
            let all = line.flow.steps.len();
            let walked = format!("{}/{all}", all - line.missing.len());
            let _ = writeln!(table, "{:<width$}  {:>3} %  {walked:>7} steps", line.flow.id.as_str(), line.percent());
            for step in &line.missing {
                let _ = writeln!(table, "{:<width$}  not walked: {} ({}:{})", "", step.id, line.flow.path, step.at.line);
            }
        }
        let (all, missing): (usize, usize) = lines.iter().fold((0, 0), |(all, missing), line| (all + line.flow.steps.len(), missing + line.missing.len()));
        let flows = lines.iter().filter(|line| line.missing.len() < line.flow.steps.len()).count();
        let _ = writeln!(table, "{flows} of {} flows, {} of {all} steps walked", lines.len(), all - missing);
        for (command, times) in &self.commands {
            let _ = writeln!(table, "{command}: {times}");
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_engine::command::read;
    use centralita_engine::event::Opening;
    use centralita_engine::project::{Actions, Source as File};
    use centralita_engine::{CallState, Happened, Input, Masked, Source, Utterance, Value, Via, step};

    const FLOWS: &str = "
flows:
  greet:
    description: says hello
    steps:
    - collect: name
      next:
      - if: slots.name is \"Ann\"
        then: [{id: ann, action: utter_ann, next: END}]
      - else: [{id: other, action: utter_other, next: END}]
  never:
    description: nobody asks for it
    steps:
    - action: utter_other
";
    const DOMAIN: &str = "
slots:
  name: {type: text}
responses:
  utter_ask_name: [{text: Who?}]
  utter_ann: [{text: Ann!}]
  utter_other: [{text: Oh.}]
";

    fn project() -> Project {
        let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
        let config = "language: en\nassistant_id: a\npipeline: [{name: CompactLLMCommandGenerator}]\npolicies: [{name: FlowPolicy}]\n";
        let files = [file("config.yml", config), file("domain.yml", DOMAIN), file("data/flows.yml", FLOWS)];
        Project::load(&files, Actions::new()).0.unwrap()
    }

    fn conversation(project: &Project, answers: &[&str]) -> Vec<Event> {
        let opening = Opening { release: "r".into(), seed: 1, number: None, called: None, channel: "rest".into(), metadata: Value::None, slots: Vec::new() };
        let heard = |model: &&str| {
            let proposals = read(project.config.syntax, model).into_iter().map(|command| (command, Source::Model)).collect();
            Happened::Heard(Utterance { text: Masked::from("x"), via: Via::Speech, destroyed: false, confidence: None, proposals, metadata: Value::None })
        };
        let mut state = CallState::default();
        let mut all = Vec::new();
        for (at, what) in std::iter::once(Happened::Began(opening)).chain(answers.iter().map(heard)).enumerate() {
            let moved = step(project, &state, Input { at: i64::try_from(at).unwrap(), what });
            moved.events.iter().for_each(|event| state.apply(event));
            all.extend(moved.events);
        }
        all
    }

    #[test]
    fn steps_of_branches_that_no_conversation_took_are_missing() {
        let project = project();
        let mut coverage = Coverage::new(&project);
        coverage.walked(&conversation(&project, &["start flow greet", "set slot name Ann"]));
        assert_eq!(
            coverage.csv(),
            "flow,coverage,steps,missing_steps,file,missing_lines\ngreet,0.67,3,other,\"data/flows.yml\",10\nnever,0.00,1,never_0_action_utter_other,\"data/flows.yml\",14\n"
        );
        let table = coverage.table();
        assert!(table.contains("not walked: other (data/flows.yml:10)"), "{table}");
        assert!(table.contains("1 of 2 flows, 2 of 4 steps walked"), "{table}");
        assert!(table.contains("start flow: 1\n"), "{table}");
    }

    #[test]
    fn conversations_add_up_and_turns_may_come_one_by_one() {
        let project = project();
        let mut coverage = Coverage::new(&project);
        coverage.walked(&conversation(&project, &["start flow greet", "set slot name Ann"]));
        conversation(&project, &["start flow greet", "set slot name Bob"]).iter().for_each(|event| coverage.walked(std::slice::from_ref(event)));
        assert!(coverage.csv().contains("greet,1.00,3,,\"data/flows.yml\",\n"), "{}", coverage.csv());
        assert!(coverage.table().contains("greet  100 %"), "{}", coverage.table());
    }
}
