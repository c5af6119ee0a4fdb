use super::*;
use centralita_engine::event::Via;
use centralita_engine::project::{ActionFacts, Actions, Source as File};
use centralita_engine::{ActionName, Effect, Ending, Happened, Input, Masked, Next, Opening, Outcome, Source, Utterance, step};

const DOMAIN: &str = "
version: '3.1'
actions:
  - action_price
  - action_form: {send_domain: true}
session_config: {session_expiration_time: 60}
slots:
  toppings: {type: list, mappings: [{type: controlled}]}
  amount: {type: float}
  count: {type: any}
  size: {type: text}
  agreed: {type: bool, centralita: {consent: true}}
responses:
  utter_ask_size:
    - text: Which size?
      buttons: [{title: Big, payload: /SetSlots(size=big)}]
  utter_price: [{text: 'It is {amount}.'}]
";
const FLOWS: &str = "
flows:
  order:
    description: Order something
    steps:
      - collect: size
      - action: action_price
      - action: utter_price
";

fn project() -> Project {
    let files = [("config.yml", "language: en\npipeline: [{name: CompactLLMCommandGenerator}]\n"), ("domain.yml", DOMAIN), ("data/flows.yml", FLOWS)];
    let files = files.map(|(path, text)| File { path: path.into(), text: text.into() });
    let remote = || ActionFacts { remote: true, ..ActionFacts::default() };
    let actions: Actions = ["action_price", "action_form"].into_iter().map(|name| (ActionName::parse(name).unwrap(), remote())).collect();
    let (project, mistakes) = Project::load(&files, actions);
    project.unwrap_or_else(|| panic!("{mistakes:?}"))
}

/// A conversation up to the run of `action_price`, and that run.
fn ordered(project: &Project) -> (Vec<Event>, CallState, Next) {
    let opening = Opening {
        release: "r1".into(),
        seed: 1,
        number: None,
        called: None,
        channel: "rest".into(),
        metadata: Value::from_json(json!({ "who": "ana" })),
        slots: Vec::new(),
    };
    let said = |text: &str, command| {
        let proposals = vec![(command, Source::Model)];
        Happened::Heard(Utterance {
            text: text.into(),
            via: Via::Speech,
            destroyed: false,
            confidence: None,
            proposals,
            metadata: Value::from_json(json!({ "page": "7" })),
        })
    };
    let start = centralita_engine::Command::StartFlow { flow: centralita_engine::FlowId::parse("order").unwrap() };
    let big = centralita_engine::Command::SetSlot { name: SlotName::parse("size").unwrap(), value: Value::text("big") };
    let mut state = CallState::default();
    let mut events = Vec::new();
    let mut next = Next::Idle;
    for (at, what) in [(1_000, Happened::Began(opening)), (2_500, said("a pizza", start)), (4_000, said("a big one", big))] {
        let moved = step(project, &state, Input { at, what });
        moved.events.iter().for_each(|event| state.apply(event));
        events.extend(moved.events);
        next = moved.next;
    }
    (events, state, next)
}

fn kinds(told: &[Json]) -> Vec<String> {
    let name = |event: &Json| [&event["name"], &event["flow_id"]].into_iter().find_map(Json::as_str).map(|name| format!(" {name}")).unwrap_or_default();
    told.iter().filter(|event| event["event"] != "stack").map(|event| format!("{}{}", event["event"].as_str().unwrap(), name(event))).collect()
}

#[test]
fn a_conversation_is_told_in_the_events_of_rasa() {
    let project = project();
    let (mut events, mut state, next) = ordered(&project);
    let Next::Run(run) = next else { panic!("the action is due") };
    let talk = |events: &[Event]| Conversation { sender: "ana", project: &project, events }.told();
    let told = talk(&events);
    assert!(!kinds(&told).contains(&"action action_price".to_owned()), "an action stands in the tracker once it has run: {:?}", kinds(&told));
    let user = told.iter().find(|event| event["event"] == "user").unwrap();
    assert_eq!(user["text"], "a pizza");
    assert_eq!(user["timestamp"], 2.5);
    assert_eq!(user["input_channel"], "rest");
    assert_eq!(user["parse_data"]["commands"], json!([{ "command": "start flow", "flow": "order" }]));
    assert_eq!(user["metadata"]["page"], "7");
    assert_eq!(user["metadata"]["model_id"], "r1");
    let bot = told.iter().find(|event| event["event"] == "bot").unwrap();
    assert_eq!(bot["metadata"]["utter_action"], "utter_ask_size");
    assert_eq!(bot["metadata"]["active_flow"], "order");
    assert_eq!(bot["data"]["buttons"], json!([{ "title": "Big", "payload": "/SetSlots(size=big)" }]));

    let effects = vec![Effect::Slot(SlotName::parse("amount").unwrap(), Value::Number(12.0))];
    let outcome = Outcome { ending: Ending::Done, detail: String::new(), effects };
    let moved = step(&project, &state, Input { at: 5_000, what: Happened::Acted { run: run.id, outcome } });
    moved.events.iter().for_each(|event| state.apply(event));
    events.extend(moved.events);
    let told = kinds(&talk(&events));
    let of = |kind: &str| told.iter().position(|told| told == kind).unwrap_or_else(|| panic!("{kind} in {told:?}"));
    let order = [
        "action action_session_start",
        "session_started",
        "action action_listen",
        "user",
        "flow_started order",
        "action utter_ask_size",
        "slot size",
        "action action_price",
        "slot amount",
        "flow_completed order",
    ];
    let places: Vec<usize> = order.iter().map(|kind| of(kind)).collect();
    assert!(places.is_sorted(), "{told:?}");
}

#[test]
fn stack_patches_folded_in_order_give_the_stack_of_the_tracker() {
    let project = project();
    let (events, ..) = ordered(&project);
    let tracker = Conversation { sender: "ana", project: &project, events: &events }.tracker(Include::All);
    let mut folded = json!([]);
    for update in tracker["events"].as_array().unwrap().iter().filter_map(|event| event["update"].as_str()) {
        let patch: json_patch::Patch = serde_json::from_str(update).unwrap();
        json_patch::patch(&mut folded, &patch).unwrap();
    }
    assert_eq!(folded[0]["flow_id"], "order");
    assert_eq!(folded[0]["type"], "flow");
    assert_eq!(folded[0]["frame_type"], "regular");
    assert_eq!(tracker["stack"][0]["flow_id"], "order");
}

#[test]
fn the_tracker_has_every_slot_the_last_message_and_what_ran_last() {
    let project = project();
    let (events, ..) = ordered(&project);
    let tracker = Conversation { sender: "ana", project: &project, events: &events }.tracker(Include::None);
    assert_eq!(tracker["sender_id"], "ana");
    assert_eq!(tracker["slots"]["size"], "big");
    assert_eq!(tracker["slots"]["toppings"], Json::Null);
    assert_eq!(tracker["slots"]["session_started_metadata"], json!({ "who": "ana" }));
    assert_eq!(tracker["latest_message"]["text"], "a big one");
    assert_eq!(tracker["latest_action_name"], "action_run_slot_rejections");
    assert_eq!(tracker["latest_input_channel"], "rest");
    assert_eq!(tracker["events"], json!([]));
}

#[test]
fn whole_numbers_stay_whole_but_in_float_slots() {
    let project = project();
    let set = |name: &str| Event::Slot { name: SlotName::parse(name).unwrap(), value: Value::Number(3.0) };
    let events = [set("amount"), set("count")];
    let slots = Conversation { sender: "ana", project: &project, events: &events }.tracker(Include::None)["slots"].to_string();
    assert!(slots.contains("\"amount\":3.0") && slots.contains("\"count\":3,"), "{slots}");
}

#[test]
fn a_restart_cuts_the_events_that_count() {
    let project = project();
    let (mut events, ..) = ordered(&project);
    events.push(Event::Restarted);
    events.push(Event::Heard { at: 9_000, text: "hi".into(), via: Via::Speech, destroyed: false, confidence: None, overflow: false, metadata: Value::None });
    let tracker = Conversation { sender: "ana", project: &project, events: &events }.tracker(Include::AfterRestart);
    let names: Vec<&str> = tracker["events"].as_array().unwrap().iter().filter_map(|event| event["event"].as_str()).filter(|name| *name != "stack").collect();
    assert_eq!(names, ["restart", "user"]);
}

#[test]
fn somebody_elses_events_come_back_as_they_were_given() {
    let project = project();
    let reminder = json!({ "event": "reminder", "name": "later", "timestamp": null });
    let told = effects(&project, "the action `action_price`", std::slice::from_ref(&reminder)).unwrap();
    assert_eq!(told.ignored, ["`reminder`"]);
    let Some(Effect::Note(note)) = told.effects.first() else { panic!("kept") };
    let events = [Event::Foreign { rasa: Masked::new(note.clone()) }];
    let told = Conversation { sender: "ana", project: &project, events: &events }.told();
    assert_eq!(told, [json!({ "event": "reminder", "name": "later", "timestamp": 0.0 })]);
}

#[test]
fn events_of_an_action_become_what_they_do() {
    let project = project();
    let events = [
        json!({ "event": "slot", "name": "amount", "value": 4.5 }),
        json!({ "event": "slot", "name": "requested_slot", "value": null }),
        json!({ "event": "reset_slots" }),
        json!({ "event": "session_started" }),
        json!({ "event": "action", "name": "action_listen" }),
        json!({ "event": "followup", "name": "action_price" }),
        json!({ "no": "event" }),
    ];
    let told = effects(&project, "the action `action_price`", &events).unwrap();
    assert_eq!(told.ignored, ["an object without `event`"]);
    assert!(
        told.effects
            == [
                Effect::Slot(SlotName::parse("amount").unwrap(), Value::Number(4.5)),
                Effect::Slot(SlotName::parse("requested_slot").unwrap(), Value::None),
                Effect::ResetSlots,
                Effect::SessionStarted,
                Effect::Followup(ActionName::parse("action_price").unwrap()),
            ]
    );
}

#[test]
fn events_that_cannot_be_taken_are_named_after_the_action() {
    let project = project();
    let refused = |event: Json| effects(&project, "the action `action_price`", &[event]).err().unwrap().to_string();
    assert_eq!(
        refused(json!({ "event": "slot", "name": "price", "value": 1 })),
        "the action `action_price` set the slot `price`, which no domain declares; add it under `slots:`, or fix the spelling there"
    );
    assert!(refused(json!({ "event": "slot", "name": "agreed", "value": true })).contains("only the caller can give"));
    assert!(refused(json!({ "event": "slot", "name": "amount", "value": "much" })).contains("its type in the domain is float"));
    assert!(refused(json!({ "event": "slots" })).contains("the event `slots`, which there is not"));
    assert!(refused(json!({ "event": "followup", "name": "" })).contains("`followup` without a `name`"));
}

#[test]
fn the_domain_is_put_together_as_it_is_written() {
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let domain = domain(&[
        file("domain/a.yml", DOMAIN),
        file("domain/b.yml", "intents: [greet]\nslots: {size: {type: text, initial_value: big}}\n"),
        file("config.yml", "slots: {no: {type: text}}\n"),
    ]);
    assert_eq!(domain.json["session_config"]["session_expiration_time"].to_string(), "60");
    assert_eq!(domain.json["slots"]["size"]["initial_value"], "big");
    assert_eq!(domain.json["slots"]["amount"]["mappings"], json!([{ "type": "from_llm" }]));
    assert_eq!(domain.json["slots"]["no"], Json::Null);
    assert_eq!(domain.json["responses"]["utter_price"], json!([{ "text": "It is {amount}." }]));
    assert_eq!(domain.json["actions"], json!(["action_price", "action_form"]));
    assert_eq!(domain.json["intents"], json!(["greet"]));
    assert_eq!(domain.wanted_by, ["action_form"]);
    assert_eq!(domain.digest.len(), 64);
}
