//! Rasa Pro 3.13 row by row: each test is named after the behaviour it holds us to, and
//! `docs/rasa-compatibility.md` names the tests.

mod files;
mod talk;
