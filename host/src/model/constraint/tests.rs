use super::checker::Checker;
use super::*;
use crate::model::fixture::{call, project};
use centralita_engine::{Value, command, legal};
use proptest::prelude::*;

const SYNTAXES: [Syntax; 3] = [Syntax::Compact, Syntax::SearchReady, Syntax::Calls];

/// The commands of a call that waits for the last four digits, and of one that has not begun.
fn turn(syntax: Syntax, begun: bool) -> (Project, CallState, Grammar) {
    let mut project = project();
    project.config.syntax = syntax;
    let state = if begun { call() } else { CallState::default() };
    let grammar = legal(&project, &state);
    (project, state, grammar)
}

fn commands(syntax: Syntax, begun: bool) -> Commands {
    let (project, state, grammar) = turn(syntax, begun);
    Commands::of(&project, &state, &grammar)
}

fn both(commands: &Commands) -> [Checker; 2] {
    [Checker::gbnf(&commands.gbnf()), Checker::lark(&commands.lark())]
}

#[test]
fn a_turn_is_written_in_the_notation_of_llama_cpp() {
    assert_eq!(
        commands(Syntax::Compact, true).gbnf(),
        r#"root ::= cmd ("\n" cmd ("\n" cmd ("\n" cmd)?)?)?
cmd ::= begin | fill | plain
begin ::= "start flow " flow
fill ::= "set slot " (("amount " words) | ("card_choice " ("debit" | "credit")) | ("last4 " mark) | ("place " words))
plain ::= "cancel flow" | "skip question" | "hand over" | "repeat message" | "offtopic reply" | "CannotHandle()"
flow ::= "unknown_charge"
mark ::= "⟨" [a-z] [0-9]{1,2} "⟩"
words ::= [^\x00-\x20.,;`'"] [^\x00-\x1F,]{0,119}
"#
    );
}

#[test]
fn a_turn_is_written_in_the_notation_of_openai() {
    assert_eq!(
        commands(Syntax::Calls, false).lark(),
        r#"start: cmd ("\n" cmd ("\n" cmd ("\n" cmd)?)?)?
cmd: begin | fill | which | PLAIN
begin: "StartFlow(" FLOW ")"
fill: "SetSlot(" (("amount, \"" WORDS "\")") | ("card_choice, \"" ("debit" | "credit") "\")") | ("last4, \"" MARK "\")") | ("place, \"" WORDS "\")"))
which: "Clarify(" (FLOW ", " FLOW (", " FLOW (", " FLOW)?)?) ")"
PLAIN: "SkipQuestion()" | "HumanHandoff()" | "RepeatLastBotMessages()" | "ChitChat()" | "CannotHandle()"
FLOW: "block_card" | "unknown_charge"
MARK: "⟨" /[a-z]/ /[0-9]{1,2}/ "⟩"
WORDS: /[^\x00-\x1F"]{1,120}/
"#
    );
}

#[test]
fn the_schema_enumerates_flows_slots_and_values_and_bounds_the_rest() {
    let schema = commands(Syntax::Compact, false).schema(true);
    let kinds = &schema["properties"]["commands"]["items"]["anyOf"];
    assert_eq!((&schema["properties"]["commands"]["maxItems"], &kinds[0]["properties"]["flow"]["enum"]), (&json!(4), &json!(["block_card", "unknown_charge"])));
    assert_eq!(kinds[1]["properties"]["options"]["maxItems"], json!(4));
    assert_eq!((&kinds[2]["properties"]["name"]["enum"], &kinds[2]["properties"]["value"]["enum"]), (&json!(["card_choice"]), &json!(["debit", "credit"])));
    assert_eq!(kinds[3]["properties"]["name"]["enum"], json!(["last4"]));
    assert_eq!(kinds[5]["properties"]["command"]["enum"], json!(["skip question", "human handoff", "repeat bot messages", "chitchat", "cannot handle"]));
    for kind in kinds.as_array().unwrap() {
        let named = kind["properties"].as_object().unwrap().keys().count();
        assert_eq!((kind["required"].as_array().unwrap().len(), &kind["additionalProperties"]), (named, &json!(false)));
    }
}

#[test]
fn no_notation_names_a_consent_or_a_slot_of_the_line_itself() {
    for syntax in SYNTAXES {
        let commands = commands(syntax, false);
        let all = commands.gbnf() + &commands.lark() + &commands.schema(false).to_string();
        assert!(!all.contains("confirm_block") && !all.contains("client_name"), "{all}");
    }
}

#[test]
fn what_a_turn_does_not_allow_is_in_no_grammar() {
    for checker in both(&commands(Syntax::Compact, false)) {
        for (text, legal) in [
            ("start flow block_card\nset slot card_choice debit\nset slot last4 ⟨d1⟩", true),
            ("start flow nonsense", false),
            ("set slot card_choice gold", false),
            ("set slot last4 4521", false),
            ("set slot confirm_block true", false),
            ("cancel flow", false),
            ("disambiguate flows block_card", false),
            ("Claro que sí.", false),
            ("hand over\nhand over\nhand over\nhand over\nhand over", false),
            ("", false),
        ] {
            assert_eq!(checker.accepts(text), legal, "{text}");
        }
        assert!(!checker.accepts(&format!("set slot place {}", "a".repeat(LONGEST + 1))));
    }
}

#[test]
fn each_shape_puts_it_where_its_servers_look() {
    let commands = commands(Syntax::Compact, true);
    let keys = |shape| commands.fields(shape).keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(Shape::Free), Vec::<String>::new());
    assert_eq!(keys(Shape::Gbnf), ["grammar"]);
    assert_eq!(keys(Shape::GuidedGrammar), ["guided_grammar"]);
    assert_eq!(keys(Shape::StructuredOutputs), ["structured_outputs"]);
    assert_eq!(keys(Shape::LarkTool), ["parallel_tool_calls", "tool_choice", "tools"]);
    assert_eq!(commands.fields(Shape::StrictSchema)["response_format"]["json_schema"]["strict"], json!(true));
    assert!(commands.fields(Shape::Schema)["response_format"]["json_schema"].get("strict").is_none());
}

#[test]
fn an_answer_in_json_becomes_lines_and_other_answers_stay_as_they_are() {
    let answer = r#"{"commands": [{"command": "start flow", "flow": "block_card"}, {"command": "set slot", "name": "place", "value": "Elm, start flow x\nhand over"},
        {"command": "set slot", "name": "amount", "value": 12}, {"command": "clarify", "options": ["a", "b"]}, {"command": "human handoff"}, {"command": "drop table"}]}"#;
    let expected = "start flow block_card\nset slot place Elm start flow x hand over\nset slot amount 12.0\ndisambiguate flows a b\nhand over";
    assert_eq!(lines(Syntax::Compact, answer), expected);
    assert_eq!(command::read(Syntax::Compact, expected).len(), 5);
    assert_eq!(
        lines(Syntax::Calls, &format!("```json\n{}\n```", r#"{"commands": [{"command": "set slot", "name": "place", "value": "a \"b\" (c)"}]}"#)),
        "SetSlot(place, \"a 'b' (c)\")"
    );
    for other in ["hand over", "{\"commands\": 3}", "{ not json", ""] {
        assert_eq!(lines(Syntax::Compact, other), other);
    }
}

/// A command that is legal at a turn; the numbers and words say which.
fn one_legal(syntax: Syntax, grammar: &Grammar, slots: &[LegalSlot], (kind, which, words): &(usize, usize, String)) -> Command {
    let flow = |at: usize| grammar.flows[at % grammar.flows.len()].clone();
    match kind {
        0 => Command::StartFlow { flow: flow(*which) },
        1 | 2 => {
            let slot = &slots[which % slots.len()];
            let value = match (slot.values.len(), slot.masked) {
                (0, true) => format!("⟨d{}⟩", which % 20),
                (0, false) => words.trim().to_owned(),
                (count, _) => slot.values[which % count].clone(),
            };
            Command::SetSlot { name: slot.name.clone(), value: Value::text(value) }
        }
        3 if grammar.flows.len() > 1 => Command::Clarify { options: (*which..which + 2 + which % 3).map(flow).collect() },
        4 if grammar.can_cancel => Command::CancelFlow,
        5 if syntax != Syntax::SearchReady => Command::SkipQuestion,
        6 if syntax != Syntax::SearchReady => Command::HumanHandoff,
        7 if syntax != Syntax::SearchReady => Command::ChitChat,
        8 => Command::Repeat,
        _ => Command::cannot_handle(),
    }
}

fn is_legal(grammar: &Grammar, slots: &[LegalSlot], syntax: Syntax, command: &Command) -> bool {
    match command {
        Command::StartFlow { flow } => grammar.flows.contains(flow),
        Command::SetSlot { name, value } => slots.iter().any(|slot| {
            let named = || slot.values.is_empty() || value.as_text().is_some_and(|text| slot.values.iter().any(|known| known == text));
            slot.name == *name && named()
        }),
        Command::Clarify { options } => (2..=OPTIONS).contains(&options.len()) && options.iter().all(|flow| grammar.flows.contains(flow)),
        Command::CancelFlow => grammar.can_cancel,
        Command::SkipQuestion | Command::ChitChat | Command::HumanHandoff => syntax != Syntax::SearchReady,
        Command::Repeat | Command::CannotHandle { .. } => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_legal_command_is_in_the_grammar_and_reads_back(
        at in 0..3usize, begun in any::<bool>(),
        picks in proptest::collection::vec((0..10usize, 0..1000usize, "[a-zñ⟨][a-z ñ'()]{0,30}[a-z⟩]"), 1..=COMMANDS)) {
        let syntax = SYNTAXES[at];
        let (project, state, grammar) = turn(syntax, begun);
        let along = along(&project, &state, &grammar);
        let slots: Vec<LegalSlot> = grammar.slots.iter().chain(&along).filter(|slot| by_model(&project, &slot.name)).cloned().collect();
        let proposed: Vec<Command> = picks.iter().map(|pick| one_legal(syntax, &grammar, &slots, pick)).collect();
        let text = proposed.iter().filter_map(|command| written(syntax, command)).collect::<Vec<_>>().join("\n");
        for checker in both(&commands(syntax, begun)) {
            prop_assert!(checker.accepts(&text), "{:?}: {}", syntax, text);
        }
        let names = |commands: &[Command]| commands.iter().map(Command::summary).collect::<Vec<_>>();
        prop_assert_eq!(names(&command::read(syntax, &text)), names(&proposed));
    }

    #[test]
    fn what_the_grammar_accepts_reads_as_legal_commands(at in 0..3usize, begun in any::<bool>(), choices in proptest::collection::vec(any::<u32>(), 1..60)) {
        let syntax = SYNTAXES[at];
        let (project, state, grammar) = turn(syntax, begun);
        let slots: Vec<LegalSlot> = grammar.slots.iter().cloned().chain(along(&project, &state, &grammar)).collect();
        for checker in both(&Commands::of(&project, &state, &grammar)) {
            let text = checker.text(&choices);
            prop_assert!(checker.accepts(&text), "{}", text);
            let read = command::read(syntax, &text);
            prop_assert_eq!(read.len(), text.lines().count(), "{}", text);
            for command in &read {
                prop_assert!(is_legal(&grammar, &slots, syntax, command), "{}", text);
            }
        }
    }

    #[test]
    fn no_answer_panics_the_way_back(answer in "\\PC{0,80}|\\{\"commands\": \\[\\{\"command\": \"[a-z ]{0,12}\"(, \"(name|flow|value|options)\": (\"[a-z]{0,4}\"|3|null|\\[\\]))?\\}\\]\\}") {
        for syntax in SYNTAXES {
            command::read(syntax, &lines(syntax, &answer));
        }
    }
}
