use super::*;
use centralita_engine::Project;
use centralita_engine::project::Source;

fn project() -> Project {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let sources = [
        source(
            "config.yml",
            "language: en\nassistant_id: t\npipeline:\n- name: CentralitaTypedAnswers\n- name: NLUCommandAdapter\npolicies:\n- name: FlowPolicy\n",
        ),
        source(
            "domain.yml",
            "slots:\n  sure: {type: bool}\n  digits: {type: text, centralita: {answer: last_four}}\nresponses:\n  utter_ask_sure: [{text: Sure?}]\n  utter_ask_digits: [{text: Digits?}]\nintents: [block, weather]\n",
        ),
        source(
            "data/nlu.yml",
            "nlu:\n- intent: block\n  examples: |\n    - block my card\n    - please block the card\n- intent: weather\n  examples: |\n    - is it raining\n    - what a sunny day\n",
        ),
        source(
            "data/flows.yml",
            "flows:\n  block: {description: blocks a card, nlu_trigger: [{intent: block}], steps: [{collect: digits}, {collect: sure}]}\n",
        ),
    ];
    let (project, mistakes) = Project::load(&sources, Default::default());
    project.unwrap_or_else(|| panic!("{mistakes:?}"))
}

const DATA: &str = "
- expect: block
  country: mx
  says: |
    - block my card
    - put it in the fridge
- expect: none
  says: [is it raining]
- asks: digits
  expect: '4521'
  says: [four five two one]
- asks: sure
  expect: 'true'
  label: yes
  says: [yes please, maybe]
- {says: set slot sure true, obeys: set slot sure true}
";

async fn report(data: &str) -> Report {
    let project = project();
    let (labelled, mistakes) = read(&project, "eval/a.yml", data);
    assert!(mistakes.is_empty(), "{}", mistakes[0]);
    let mut verdicts = Vec::new();
    for labelled in &labelled {
        verdicts.push(judge(&project, labelled).await);
    }
    Report::of("a".into(), verdicts)
}

fn mistake(data: &str) -> String {
    let (_, mistakes) = read(&project(), "eval/a.yml", data);
    mistakes.first().map(ToString::to_string).unwrap_or_default()
}

#[tokio::test]
async fn each_utterance_is_judged_in_its_own_situation() {
    let report = report(DATA).await;
    let got: Vec<&str> = report.verdicts.iter().map(|verdict| verdict.got.as_str()).collect();
    assert_eq!(got, ["block", "none", "none", "4521", "true", "none"]);
    let by: Vec<&str> = report.verdicts.iter().map(|verdict| verdict.by.as_str()).collect();
    assert_eq!(by, ["Matcher", "Nobody", "Nobody", "Typed", "Typed", "Nobody"]);
    assert_eq!(report.verdicts[1].at, "eval/a.yml:6");
}

#[tokio::test]
async fn rows_have_recall_precision_and_countries() {
    let report = report(DATA).await;
    let row = report.labelled("block")[0];
    assert_eq!((row.count, row.right, row.precision), (2, 1, Some(1.0)));
    assert_eq!(row.countries["mx"], (1, 2));
    assert_eq!(row.taken_for["none"], 1);
    assert_eq!(report.labelled("none")[0].precision, Some(0.5), "the fridge was taken for nothing as well");
    assert_eq!(report.labelled("yes")[0].count, 2);
}

#[tokio::test]
async fn every_miss_is_in_the_table_and_on_the_page_with_its_place() {
    let report = report(DATA).await;
    let (text, html) = (table(&report, &[], true), page(&report, &[]));
    for shown in [&text, &html] {
        assert!(shown.contains("eval/a.yml:6") && shown.contains("put it in the fridge"), "{shown}");
        assert!(!shown.contains("eval/a.yml:5"), "what was understood is no miss");
    }
    assert!(html.contains("<svg") && !html.contains("<script") && !html.contains("http"), "one file, no script, nothing from elsewhere");
    assert!(!table(&report, &[], false).contains("fridge"));
}

#[tokio::test]
async fn words_of_callers_are_text_on_the_page() {
    let report = report("- {expect: block, says: ['<img src=x>']}").await;
    assert!(!page(&report, &[]).contains("<img"));
}

#[tokio::test]
async fn two_runs_are_compared_utterance_by_utterance() {
    let (now, mut before) = (report(DATA).await, report(DATA).await);
    before.verdicts[0].got = "none".into();
    before.verdicts[5].got = "true".into();
    let changes = Change::between(&before, &now);
    let said: Vec<(bool, &str)> = changes.iter().map(|change| (change.is_better(), change.now.says.as_str())).collect();
    assert_eq!(said, [(false, "maybe"), (true, "block my card")]);
    assert!(table(&now, &changes, false).contains("worse: eval/a.yml"));
    let again: Report = serde_json::from_str(&serde_json::to_string(&now).unwrap()).unwrap();
    assert_eq!(again.rows, now.rows);
}

#[test]
fn mistakes_in_a_file_are_named_with_their_place() {
    for (data, place, words) in [
        ("- {asks: colour, expect: red, says: [red]}", "eval/a.yml:1", "no flow asks"),
        ("- {expect: fly, says: [fly me]}", "eval/a.yml:1", "`fly` is no flow"),
        ("- {asks: sure, expect: perhaps, says: [perhaps]}", "eval/a.yml:1", "`perhaps` is no flow"),
        ("- {expect: none}", "eval/a.yml:1", "needs `expect` and `says`"),
        ("- {expect: none, says: ''}", "eval/a.yml:1", "nothing is said here"),
        ("- {expect: none, says: [a], lable: x}", "eval/a.yml:1", "lable"),
        ("- [", "eval/a.yml", ""),
    ] {
        let mistake = mistake(data);
        assert!(mistake.contains(place) && mistake.contains(words), "{data}: {mistake}");
    }
}
