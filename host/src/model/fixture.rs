//! A small project and a call in it, for the tests of this module.

use centralita_engine::event::Opening;
use centralita_engine::project::Source;
use centralita_engine::state::{Frame, FrameKind, Listening, Spoken, Waiting};
use centralita_engine::{CallState, FlowId, Masked, Project, ResponseName, SlotName, Value};

const CONFIG: &str = "language: es\npipeline:\n  - name: CentralitaTypedAnswers\n";
const DOMAIN: &str = "
slots:
  last4: {type: text, centralita: {class: last4, answer: last_four}}
  card_choice: {type: categorical, values: [debit, credit]}
  place: {type: text}
  amount: {type: float}
  client_name: {type: text, mappings: [{type: controlled}], centralita: {class: name}}
  client: {type: text, mappings: [{type: controlled}], centralita: {class: client}}
  confirm_block: {type: bool, centralita: {consent: true}}
responses:
  utter_ask_last4: [{text: ¿Cuáles son los últimos cuatro dígitos?}]
  utter_ask_card_choice: [{text: ¿Débito o crédito?}]
  utter_ask_place: [{text: ¿Dónde fue?}]
  utter_ask_amount: [{text: ¿Cuánto?}]
  utter_ask_confirm_block: [{text: ¿Confirmas?}]
  utter_done: [{text: Listo.}]
";
const FLOWS: &str = "
flows:
  block_card:
    description: La persona perdió su tarjeta
    steps:
      - collect: last4
        description: últimos cuatro dígitos de la tarjeta
      - collect: card_choice
        description: qué tarjeta es
      - collect: confirm_block
        description: el sí de la persona
        next:
          - if: slots.confirm_block is true
            then: done
          - else: END
      - id: done
        action: utter_done
        next: END
  unknown_charge:
    description: |
      La persona no reconoce
      un cargo
    steps:
      - collect: place
        description: dónde fue
      - collect: amount
        description: de cuánto
";

/// A project with 33 flows.
pub(super) fn many() -> Project {
    let flow = |name: &str, description: &str, more: &str| format!("  {name}:\n    description: {description}\n{more}    steps:\n      - action: utter_done\n");
    let mut flows = "flows:\n".to_owned();
    flows += &flow("pay_water", "pagar el recibo del agua", "");
    flows += &flow("broken_lift", "el elevador no funciona, se descompuso", "");
    for number in 0..30 {
        flows += &format!("  note_{number}:\n    description: anotar asunto {number}\n    steps:\n      - collect: note_{number}\n");
        flows += if number == 25 { "        description: matrícula del coche\n" } else { "" };
    }
    flows += &flow("always", "algo que siempre se ofrece", "    always_include_in_prompt: true\n");
    let slots: String = (0..30).map(|number| format!("  note_{number}: {{type: text}}\n")).collect();
    let asks: String = (0..30).map(|number| format!("  utter_ask_note_{number}: [{{text: ¿Qué?}}]\n")).collect();
    loaded(&format!("slots:\n{slots}responses:\n{asks}  utter_done: [{{text: Listo.}}]\n"), &flows)
}

pub(super) fn project() -> Project {
    loaded(DOMAIN, FLOWS)
}

fn loaded(domain: &str, flows: &str) -> Project {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let (project, mistakes) = Project::load(&[source("config.yml", CONFIG), source("domain.yml", domain), source("data/flows.yml", flows)], Default::default());
    let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    project.unwrap_or_else(|| panic!("{}", said.join("\n")))
}

pub(super) fn name(slot: &str) -> SlotName {
    SlotName::parse(slot).unwrap()
}

/// A call of a client on file that is in the flow and waits for the last four digits.
pub(super) fn call() -> CallState {
    let opening = Opening {
        release: "r".into(),
        seed: 1,
        number: Some("+525500000001".into()),
        called: None,
        channel: "twilio_voice".into(),
        metadata: Value::None,
        slots: Vec::new(),
    };
    let mut state = CallState { opening: Some(opening), ..CallState::default() };
    state.slots.insert(name("client_name"), Value::text("José Pérez Ñúñez"));
    state.slots.insert(name("client"), Value::text("100001"));
    let flow = FlowId::parse("block_card").unwrap();
    state.stack.push(Frame::new(1, flow, FrameKind::Regular, Default::default()));
    state.waiting = Waiting::Caller(Listening { slot: Some(name("last4")), ..Listening::default() });
    let spoken = |response: &str, text: &str| Spoken { response: ResponseName::parse(response).ok(), text: Masked::from(text) };
    state.before = vec![spoken("utter_hello", "Hola, José. Llamas del 55 0000 0001.")];
    state.said = vec![spoken("utter_ask_last4", "¿Cuáles son los últimos cuatro dígitos?")];
    state
}
