//! What becomes of an existing Rasa project here: everything it uses, by file and line, red, yellow or green.
//!
//! Lives here: the report and how findings and facts become one.
//! Never here: the checks (`release`, the engine), what is printed (`text.rs`, `page.rs`).

mod facts;
mod page;
mod python;
mod text;

pub use page::html;
pub use text::text;

use crate::release::Package;
use centralita_engine::yaml::{At, Mistake, Severity};
use std::path::Path;

/// How much work a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// It keeps the project from loading, or does not come along.
    Red,
    /// It loads; something about it is not honoured or looks wrong.
    Yellow,
    /// It runs as it is.
    Green,
}

impl Light {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Yellow => "yellow",
            Self::Green => "green",
        }
    }
}

/// One thing of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The file, relative to the project.
    pub path: String,
    /// Where in the file.
    pub at: At,
    /// What becomes of it.
    pub light: Light,
    /// What it is and what to do about it.
    pub says: String,
}

/// A thing that is used, before findings have been looked at.
struct Fact {
    path: String,
    at: At,
    /// The last line that belongs to it.
    last: usize,
    light: Light,
    says: String,
}

/// The whole report.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The project's folder as it was named.
    pub project: String,
    /// Whether it loads as it is.
    pub loads: bool,
    /// Every thing, by file and line.
    pub rows: Vec<Row>,
    /// How the project's own conversations went: whether all passed, and what the run said.
    pub tests: Option<(bool, Vec<String>)>,
}

impl Report {
    /// How many rows have this light.
    pub fn count(&self, light: Light) -> usize {
        self.rows.iter().filter(|row| row.light == light).count()
    }

    /// One sentence for whoever decides.
    pub fn verdict(&self) -> String {
        let (red, yellow, green) = (self.count(Light::Red), self.count(Light::Yellow), self.count(Light::Green));
        let loads = match (self.loads, red) {
            (true, 0) => "This project loads unchanged",
            (true, _) => "This project loads, but not all of it comes along",
            (false, _) => "This project does not load yet",
        };
        format!("{loads}: {green} things run as they are, {yellow} want a look, {red} have to change.")
    }
}

/// Puts a report together from a project's files and what `validate` finds in them.
pub fn report(folder: &Path, package: &Package, mistakes: &[Mistake]) -> Report {
    let mut facts = facts::of(package);
    facts.extend(python::actions(folder, package));
    let mut rows: Vec<Row> = facts
        .into_iter()
        // What a finding says of the very line need not be said twice.
        .filter(|fact| fact.last > fact.at.line || !mistakes.iter().any(|mistake| mistake.path == fact.path && mistake.at.line == fact.at.line))
        .map(|fact| {
            let within = mistakes.iter().filter(|mistake| mistake.path == fact.path && (fact.at.line..=fact.last).contains(&mistake.at.line));
            let light = within.map(|mistake| light(mistake.severity)).chain([fact.light]).min().unwrap_or(fact.light);
            Row { path: fact.path, at: fact.at, light, says: fact.says }
        })
        .collect();
    rows.extend(mistakes.iter().map(|mistake| Row {
        path: mistake.path.clone(),
        at: mistake.at,
        light: light(mistake.severity),
        says: mistake.message.clone(),
    }));
    // A thing comes before what is found in it.
    rows.sort_by(|a, b| (&a.path, a.at).cmp(&(&b.path, b.at)));
    let loads = !mistakes.iter().any(|mistake| mistake.severity == Severity::Error);
    Report { project: folder.display().to_string(), loads, rows, tests: None }
}

fn light(severity: Severity) -> Light {
    match severity {
        Severity::Error => Light::Red,
        Severity::Warning => Light::Yellow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::Checked;

    fn package(files: &[(&str, &str)]) -> Package {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Package { files, ..Package::default() }
    }

    fn report_of(files: &[(&str, &str)]) -> Report {
        let package = package(files);
        report(Path::new("nowhere"), &package, &Checked::of(&package).mistakes)
    }

    const CONFIG: &str =
        "language: en\nassistant_id: a\npipeline:\n  - name: CompactLLMCommandGenerator\n  - name: DIETClassifier\npolicies:\n  - name: FlowPolicy\n";
    const FLOWS: &str = "flows:\n  pay:\n    description: Pays\n    steps:\n      - collect: amount\n      - action: utter_done\n";
    const DOMAIN: &str =
        "slots:\n  amount: {type: float}\nresponses:\n  utter_ask_amount:\n    - text: How much?\n  utter_done:\n    - text: \"{amount}, fine.\"\n";

    #[track_caller]
    fn has(report: &Report, light: Light, place: &str, part: &str) {
        let found = report.rows.iter().any(|row| row.light == light && format!("{}:{}", row.path, row.at.line) == place && row.says.contains(part));
        assert!(found, "{} {place} {part} is not in {:#?}", light.word(), report.rows);
    }

    #[test]
    fn what_runs_as_it_is_is_green_and_what_is_not_honoured_yellow() {
        let report = report_of(&[("config.yml", CONFIG), ("data/flows.yml", FLOWS), ("domain.yml", DOMAIN)]);
        has(&report, Light::Green, "data/flows.yml:2", "flow `pay`: 1 collect, 1 action");
        has(&report, Light::Green, "domain.yml:1", "1 slot (1 float)");
        has(&report, Light::Green, "domain.yml:3", "2 responses");
        has(&report, Light::Green, "config.yml:4", "CompactLLMCommandGenerator");
        has(&report, Light::Yellow, "config.yml:5", "`DIETClassifier` is not honoured");
        assert!(report.verdict().starts_with("This project loads unchanged"), "{}", report.verdict());
    }

    #[test]
    fn a_thing_is_counted_once_however_often_it_is_listed() {
        let config = CONFIG.replace("  - name: DIETClassifier\n", "  - name: DIETClassifier\n  - name: DIETClassifier\n");
        let report = report_of(&[("config.yml", &config), ("data/flows.yml", FLOWS), ("domain.yml", DOMAIN)]);
        assert_eq!(report.rows.iter().filter(|row| row.says.contains("DIETClassifier")).count(), 1, "{:#?}", report.rows);
        assert_eq!(report.count(Light::Yellow), 1);
    }

    #[test]
    fn an_error_makes_the_flow_it_stands_in_red() {
        let flows = format!("{FLOWS}  other:\n    description: Other\n    steps:\n      - action: utter_nothing\n");
        let report = report_of(&[("config.yml", CONFIG), ("data/flows.yml", &flows), ("domain.yml", DOMAIN)]);
        has(&report, Light::Green, "data/flows.yml:2", "flow `pay`");
        has(&report, Light::Red, "data/flows.yml:7", "flow `other`");
        has(&report, Light::Red, "data/flows.yml:10", "`utter_nothing`");
        assert!(report.verdict().starts_with("This project does not load yet"), "{}", report.verdict());
    }

    #[test]
    fn actions_stay_where_they_run_or_say_that_nobody_runs_them() {
        let domain = format!("{DOMAIN}actions:\n  - action_pay\n");
        let files = [("config.yml", CONFIG), ("data/flows.yml", FLOWS), ("domain.yml", domain.as_str())];
        has(&report_of(&files), Light::Yellow, "domain.yml:9", "`action_pay`");
        let served = [files.as_slice(), &[("endpoints.yml", "action_endpoint:\n  url: http://localhost:5055/webhook\n")]].concat();
        has(&report_of(&served), Light::Green, "domain.yml:9", "stays on the action server");
    }

    #[test]
    fn the_page_shows_what_a_project_wrote_as_text_and_runs_no_script() {
        let flows = FLOWS.replace("pay:", "pay:\n    name: <script>alert(1)</script>");
        let page = html(&report_of(&[("config.yml", CONFIG), ("data/flows.yml", &flows), ("domain.yml", DOMAIN)]));
        assert!(page.contains("data/flows.yml") && page.contains("green"), "{page}");
        assert!(!page.contains("<script"), "{page}");
    }
}
