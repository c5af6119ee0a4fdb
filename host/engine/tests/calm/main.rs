//! Rasa Pro 3.13 row by row: each test is named after the behaviour it holds us to, and
//! `docs/rasa-compatibility.md` names the tests.

mod cleanup;
mod commands;
mod conditions;
mod config;
mod context;
mod default_actions;
mod everything;
mod files;
mod flow_end;
mod flows;
mod fuzzed;
mod languages;
mod mappings;
mod money;
mod next;
mod offered;
mod page;
mod parsing;
mod patterns;
mod policy_loop;
mod repairs;
mod replay;
mod responses;
mod sessions;
mod slots;
mod stack;
mod steps;
mod talk;
mod traces;
mod typed;
