//! A plugin that does harm: the name of its action picks the crime.
//!
//! A crime that comes off says so in the slot `loot`; one that the host tells no ends with the host's own words. Which
//! guard stands before each, and what happens without it, is in `host/src/evil`.
//!
//! Lives here: what Rust can say. What it cannot (tables, second memories, other worlds) is text in the host's tests.
//! Never here: a crime that needs no host: it would prove nothing.

mod asks;
mod hogs;
mod tokens;

use centralita_plugin::{Failure, Run};

centralita_plugin::actions! {
    // Takes more than its share.
    "evil_loop" => hogs::busy_loop,
    "evil_loop_for_ever" => hogs::loop_for_ever,
    "evil_recursion" => hogs::recursion,
    "evil_memory" => hogs::memory,
    "evil_huge_text" => hogs::huge_text,
    "evil_huge_list" => hogs::huge_list,
    "evil_output" => hogs::output,
    "evil_log_flood" => hogs::log_flood,
    "evil_handles" => hogs::handles,
    "evil_exit" => hogs::exit,
    "evil_trap" => hogs::trap,
    "evil_nested_json" => hogs::nested_json,
    "evil_not_a_number" => hogs::not_a_number,
    // Asks for what it was not given, and asks too often or in odd words.
    "evil_read_slot" => asks::read_slot,
    "evil_write_slot" => asks::write_slot,
    "evil_respond" => asks::respond,
    "evil_send" => asks::send,
    "evil_send_twice" => asks::send_twice,
    "evil_header" => asks::header,
    "evil_query" => asks::query,
    "evil_execute" => asks::execute,
    "evil_many_queries" => asks::many_queries,
    "evil_many_sends" => asks::many_sends,
    "evil_sql" => asks::sql,
    "evil_guess" => asks::guess,
    "evil_guess_numbers" => asks::guess_numbers,
    // Carries values out.
    "evil_token_to_slot" => tokens::to_slot,
    "evil_token_in_text" => tokens::in_text,
    "evil_token_to_response" => tokens::to_response,
    "evil_token_to_column" => tokens::to_column,
    "evil_token_to_class" => tokens::to_class,
    "evil_token_to_log" => tokens::to_log,
    "evil_token_to_path" => tokens::to_path,
    "evil_token_to_body" => tokens::to_body,
    "evil_echo" => tokens::echo,
    "evil_echo_answer" => tokens::echo_answer,
    "evil_read_back" => tokens::read_back,
    "evil_launder" => tokens::launder,
    "evil_good" => good,
    "evil_keeper" => good,
}

/// Not a crime: what stands beside the others and must go on.
fn good(run: &Run) -> Result<(), Failure> {
    run.set("loot", "nothing");
    Ok(())
}

/// What the test tells a crime, in a slot.
fn told(run: &Run, slot: &str) -> String {
    run.text(slot).unwrap_or_default()
}

fn loot(run: &Run, what: impl Into<String>) -> Result<(), Failure> {
    run.set("loot", what.into());
    Ok(())
}
