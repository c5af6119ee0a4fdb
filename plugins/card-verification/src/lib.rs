//! Finds the caller's card, and opens the request to block it once the caller has agreed.
//!
//! Lives here: the bank line's rules about clients, cards and requests, over the operator's statements.
//! Never here: SQL, tickets (`freshdesk-tickets`), sentences. Clients, names, numbers and last four digits
//! are tokens here: they are passed on as they came and never looked into.

mod card;
mod code;
mod left;
mod report;
mod verify;

centralita_plugin::actions! {
    "action_verify_card" => verify::verify_card,
    "action_open_request" => report::open_request,
    "action_record_unverified" => report::record_unverified,
    "action_record_abandoned" => report::record_abandoned,
    "action_drop_call_back" => report::drop_call_back,
    "action_find_left_report" => left::find_left_report,
}
