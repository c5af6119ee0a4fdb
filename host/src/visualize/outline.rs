//! A flow read as boxes and arrows.
//!
//! Lives here: which steps share a box, what a box shows, where branches become diamonds.
//! Never here: how anything looks.

use super::graph::{Edge, Graph, Kind, Mark, Node};
use super::label;
use centralita_engine::project::{ActionRef, Collect, Flow, Next, Step, StepKind, Target, Writes};
use centralita_engine::template::{Piece, Template};
use centralita_engine::{Project, ResponseName, StepId};
use std::collections::BTreeMap;

/// Draws up a flow. Responses that follow one another, with nothing else leading to the later ones, share a box.
pub(super) fn of(project: &Project, flow: &Flow) -> Graph {
    let mut outline = Outline { project, flow, graph: Graph::default(), boxes: BTreeMap::new() };
    let start = outline.node(Kind::Start, flow.name.clone(), beginnings(flow), None);
    outline.steps();
    if let Some(first) = flow.first() {
        outline.arrow(start, Some(&first.id), None, false);
    }
    outline.ways();
    outline.graph
}

/// What makes the flow begin, and when it may.
fn beginnings(flow: &Flow) -> Vec<String> {
    let guard = flow.guard.as_ref().map(|guard| match guard.text().trim().to_lowercase().as_str() {
        "false" => "only from other flows".to_owned(),
        _ => format!("only if {}", label::short(guard.text(), None)),
    });
    let intents: Vec<&str> = flow.triggers.iter().map(|(intent, _)| intent.as_str()).collect();
    let intents = (!intents.is_empty()).then(|| format!("on {}", intents.join(", ")));
    intents.into_iter().chain(guard).collect()
}

struct Outline<'a> {
    project: &'a Project,
    flow: &'a Flow,
    graph: Graph,
    /// The box of every step: where arrows to it lead.
    boxes: BTreeMap<StepId, usize>,
}

impl Outline<'_> {
    fn node(&mut self, kind: Kind, title: String, lines: Vec<String>, mark: Option<Mark>) -> usize {
        self.graph.nodes.push(Node { kind, title, lines, mark });
        self.graph.nodes.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize, label: Option<String>, gives_up: bool) {
        self.graph.edges.push(Edge { from, to, label, gives_up });
    }

    /// Makes the boxes.
    fn steps(&mut self) {
        for step in &self.flow.steps {
            if let Some(shared) = self.joined(step) {
                let (title, lines) = self.said(step);
                let node = &mut self.graph.nodes[shared];
                node.lines.extend(lines.into_iter().filter(|line| !line.is_empty()));
                node.title = format!("{}, {title}", node.title);
                self.boxes.insert(step.id.clone(), shared);
                continue;
            }
            let (kind, title, lines, mark) = match &step.kind {
                StepKind::Action(_) if self.is_said(step) => {
                    let (title, lines) = self.said(step);
                    (Kind::Says, title, lines, None)
                }
                StepKind::Action(ActionRef::Named(name)) => {
                    let writes = self.project.actions.get(name).map(|facts| facts.writes);
                    let mark = match writes {
                        Some(Writes::Effect) => Some(Mark::Writes),
                        Some(Writes::CallBack) => Some(Mark::CallBack),
                        Some(Writes::Nothing) | None => None,
                    };
                    (Kind::Runs, name.to_string(), Vec::new(), mark)
                }
                StepKind::Action(ActionRef::Templated(text)) => (Kind::Runs, text.clone(), Vec::new(), None),
                StepKind::Collect(collect) => {
                    let consent = self.project.slots.get(&collect.slot).is_some_and(|slot| slot.consent);
                    (Kind::Asks, collect.slot.to_string(), self.asked(collect), consent.then_some(Mark::Consent))
                }
                StepKind::SetSlots(slots) => {
                    let set: Vec<String> = slots.iter().map(|(slot, value)| format!("{slot} = {}", said_value(value))).collect();
                    (Kind::Sets, String::new(), vec![set.join(", ")], None)
                }
                // Whoever goes there gets one of their own (`arrow`).
                StepKind::Link(_) => continue,
                StepKind::Call(flow) => (Kind::Calls, self.name_of(flow.as_str()), Vec::new(), None),
                // Only the parting of the ways is drawn.
                StepKind::Noop => (Kind::Branch, String::new(), Vec::new(), None),
            };
            let node = self.node(kind, title, lines, mark);
            self.boxes.insert(step.id.clone(), node);
        }
    }

    /// Draws the arrows.
    fn ways(&mut self) {
        let flow = self.flow;
        for step in &flow.steps {
            let Some(from) = self.boxes.get(&step.id).copied() else { continue };
            if let StepKind::Collect(collect) = &step.kind
                && let Some(give_up) = &collect.give_up
            {
                let label = if give_up.after == 1 { "after a miss".to_owned() } else { format!("after {} misses", give_up.after) };
                self.arrow(from, Some(&give_up.next), Some(label), true);
            }
            match &step.next {
                Next::End => self.arrow(from, None, None, false),
                Next::Step(next) if self.boxes.get(next) == Some(&from) && self.is_said(step) => {}
                Next::Step(next) => self.arrow(from, Some(next), None, false),
                Next::Branches(branches, last) => {
                    let conditions: Vec<&str> = branches.iter().map(|(condition, _)| condition.text()).collect();
                    let about = label::subject(&conditions);
                    let branch = if step_is_noop(step) { from } else { self.node(Kind::Branch, String::new(), Vec::new(), None) };
                    self.graph.nodes[branch].title = about.clone().unwrap_or_default();
                    if branch != from {
                        self.edge(from, branch, None, false);
                    }
                    for (condition, target) in branches {
                        self.arrow(branch, Target::step(target), Some(label::short(condition.text(), about.as_deref())), false);
                    }
                    let yes_or_no = about.is_some() && conditions.len() == 1 && label::short(conditions[0], about.as_deref()) == "yes";
                    self.arrow(branch, Target::step(last), Some(if yes_or_no { "no" } else { "else" }.to_owned()), false);
                }
            }
        }
    }

    /// An arrow to a step. What ends the flow, an end or another flow, is drawn once for every arrow: that keeps arrows short.
    fn arrow(&mut self, from: usize, to: Option<&StepId>, label: Option<String>, gives_up: bool) {
        let step = to.and_then(|to| self.flow.step(to));
        let to = match step.map(|step| (&step.kind, self.boxes.get(&step.id))) {
            Some((StepKind::Link(flow), _)) => self.node(Kind::Links, self.name_of(flow.as_str()), Vec::new(), None),
            Some((_, Some(to))) => *to,
            Some((_, None)) | None => self.node(Kind::End, String::new(), Vec::new(), None),
        };
        self.edge(from, to, label, gives_up);
    }

    /// The box a response shares with the one before it.
    fn joined(&self, step: &Step) -> Option<usize> {
        let leads = |other: &&Step| other.targets().contains(&Some(&step.id));
        let mut before = self.flow.steps.iter().filter(leads);
        let (only, more) = (before.next()?, before.next());
        let alone = more.is_none() && self.flow.first().is_none_or(|first| first.id != step.id);
        let plain = matches!(&only.next, Next::Step(next) if *next == step.id);
        (alone && plain && self.is_said(step) && self.is_said(only)).then(|| self.boxes.get(&only.id).copied()).flatten()
    }

    fn is_said(&self, step: &Step) -> bool {
        matches!(&step.kind, StepKind::Action(ActionRef::Named(name)) if self.response(name.as_str()).is_some())
    }

    fn said(&self, step: &Step) -> (String, Vec<String>) {
        match &step.kind {
            StepKind::Action(ActionRef::Named(name)) => (short_name(name.as_str()), self.response(name.as_str()).into_iter().collect()),
            StepKind::Action(ActionRef::Templated(_))
            | StepKind::Collect(_)
            | StepKind::SetSlots(_)
            | StepKind::Link(_)
            | StepKind::Call(_)
            | StepKind::Noop => (String::new(), Vec::new()),
        }
    }

    /// The question, and what is refused.
    fn asked(&self, collect: &Collect) -> Vec<String> {
        let question = self.response(collect.utter.as_str()).or_else(|| self.project.actions.contains_key(&collect.action).then(|| collect.action.to_string()));
        let refused = collect.rejections.iter().map(|(condition, _)| format!("✗ {}", label::short(condition.text(), None)));
        question.into_iter().chain(refused).collect()
    }

    /// What a response says: its last variation, which has no condition where any has none.
    fn response(&self, name: &str) -> Option<String> {
        let variations = self.project.responses.get(&ResponseName::parse(name).ok()?)?;
        let usual = variations.iter().find(|variation| variation.condition.is_none() && variation.channel.is_none()).or_else(|| variations.first())?;
        Some(usual.text.as_ref().map(written).unwrap_or_default())
    }

    fn name_of(&self, flow: &str) -> String {
        let known = self.project.flows.iter().find(|(id, _)| id.as_str() == flow);
        known.map_or_else(|| flow.to_owned(), |(id, known)| if id.is_pattern() { flow.to_owned() } else { known.name.clone() })
    }
}

/// A text as its author wrote it, on one line.
fn written(text: &Template) -> String {
    let whole = match text {
        Template::Jinja(text) => text.clone(),
        Template::Plain(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => words.clone(),
                Piece::Hole(name) => format!("{{{name}}}"),
            })
            .collect(),
    };
    whole.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn step_is_noop(step: &Step) -> bool {
    matches!(step.kind, StepKind::Noop)
}

fn short_name(response: &str) -> String {
    response.strip_prefix("utter_").unwrap_or(response).to_owned()
}

fn said_value(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "nothing".into(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
