//! A small bank that most conversations of this binary are held with.
//!
//! Lives here: its domain and flows, and how a test adds a file to them.
//! Never here: expectations.

use crate::talk::{Talk, project_of};
use centralita_engine::Project;

const DOMAIN: &str = "
slots:
  recipient: {type: text}
  amount: {type: float}
  confirm: {type: bool}
  card: {type: categorical, values: [debit, credit]}
  reason: {type: text}
  street: {type: text}
  vip: {type: bool, mappings: [{type: controlled}]}
actions: [action_pay, action_block]
responses:
  utter_ask_recipient: [{text: To whom?}]
  utter_ask_amount: [{text: How much?}]
  utter_ask_confirm: [{text: 'Send {amount} to {recipient}?'}]
  utter_too_little: [{text: That is too little.}]
  utter_paid: [{text: Paid.}]
  utter_balance: [{text: You have 100.}]
  utter_ask_card: [{text: Which card?}]
  utter_ask_reason: [{text: Why?}]
  utter_blocked: [{text: 'Your {card} card is blocked.'}]
  utter_ask_street: [{text: Where do you live?}]
  utter_moved: [{text: 'You live in {street} now.'}]
  utter_vip: [{text: Dear customer.}]
";

const FLOWS: &str = "
flows:
  transfer:
    name: send money
    description: sends money to somebody
    steps:
    - collect: recipient
    - collect: amount
      rejections: [{if: slots.amount < 1, utter: utter_too_little}]
    - collect: confirm
      ask_before_filling: true
      next:
      - if: slots.confirm
        then: pay
      - else: END
    - id: pay
      action: action_pay
    - action: utter_paid
  check_balance:
    name: check the balance
    description: tells the balance
    steps:
    - action: utter_balance
  block_card:
    name: block a card
    description: blocks a card
    steps:
    - collect: card
    - collect: reason
    - action: action_block
    - action: utter_blocked
  move_house:
    name: change the address
    description: takes a new address
    steps:
    - collect: street
    - action: utter_moved
  vip_desk:
    name: talk to the desk
    description: for good customers
    if: slots.vip
    steps:
    - action: utter_vip
";

/// The bank.
pub(crate) fn bank() -> Project {
    project_of(&[("domain.yml", DOMAIN), ("data/flows.yml", FLOWS)])
}

/// The bank with one more file, which may hold flows, slots, responses and actions.
#[track_caller]
pub(crate) fn bank_with(more: &str) -> Project {
    project_of(&[("domain.yml", DOMAIN), ("data/flows.yml", FLOWS), ("data/more.yml", more)])
}

/// A conversation that has been asked to confirm a transfer of 50 to Jo.
pub(crate) fn confirming(project: &Project) -> Talk<'_> {
    let mut talk = Talk::begin(project);
    talk.model("start flow transfer\nset slot recipient Jo\nset slot amount 50");
    assert_eq!(talk.asked().as_deref(), Some("confirm"), "{:?}", talk.trail());
    talk
}

/// A conversation that has been asked how much to send to Jo.
pub(crate) fn asked_amount(project: &Project) -> Talk<'_> {
    let mut talk = Talk::begin(project);
    talk.model("start flow transfer\nset slot recipient Jo");
    assert_eq!(talk.asked().as_deref(), Some("amount"), "{:?}", talk.trail());
    talk
}
