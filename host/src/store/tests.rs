//! The store's promises, kept on both databases.
//!
//! Lives here: each promise once, run against `SQLite` and `PostgreSQL`.
//! Never here: a database that is not a real one.

#[path = "../../../tests/calls/postgres.rs"]
mod throw_away;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::*;

mod bank;
mod calls;
mod dialled;
mod orders;
mod records;

/// A store over a database of its own, and the folder that goes with it.
struct Bench {
    store: Store,
    url: String,
    folder: Option<PathBuf>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn keys(first: char) -> Arc<Keys> {
    Arc::new(Keys::from_variable(&format!("{first}123456789abcdefghijklmnopqrstuv")).expect("a key"))
}

async fn sqlite_bench(_test: &str) -> Option<Bench> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join(format!("centralita-store-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed)));
    let url = format!("sqlite:{}", folder.join("made/on/the/way.db").display());
    Some(Bench { store: Store::open(&url, keys('0')).await.expect("opens"), url, folder: Some(folder) })
}

async fn postgres_bench(test: &str) -> Option<Bench> {
    let url = throw_away::database(test)?;
    Some(Bench { store: Store::open(&url, keys('0')).await.expect("opens"), url, folder: None })
}

/// Each test twice: in `on_sqlite` and in `on_postgres`.
macro_rules! on_both {
    ($($(#[$about:meta])* async fn $name:ident($bench:ident: &Bench) $body:block)+) => {
        mod on {
            use super::*;
            $($(#[$about])* pub(super) async fn $name($bench: &Bench) $body)+
        }
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                if let Some(bench) = crate::store::tests::sqlite_bench(stringify!($name)).await { super::on::$name(&bench).await }
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                if let Some(bench) = crate::store::tests::postgres_bench(stringify!($name)).await { super::on::$name(&bench).await }
            })+
        }
    };
}
use on_both;

fn texts(events: &[&str]) -> Vec<Vec<u8>> {
    events.iter().map(|event| event.as_bytes().to_vec()).collect()
}

fn turn(number: u64, reply: Option<&str>) -> Option<TurnWrite> {
    Some(TurnWrite { number, body_digest: [7; 32], idempotency: Some(format!("token-{number}")), reply: reply.map(|reply| reply.as_bytes().to_vec()) })
}

fn effect(run: u64, ordinal: u64, state: EffectState, answer: Option<&str>) -> EffectWrite {
    EffectWrite {
        run,
        ordinal,
        kind: "http".to_owned(),
        name: "freshdesk".to_owned(),
        request_digest: [9; 32],
        state,
        answer: answer.map(|answer| answer.as_bytes().to_vec()),
        attempts: 1,
        check_at_ms: None,
    }
}

fn owed(run: u64, state: OwedState, next_at_ms: i64) -> OwedWrite {
    OwedWrite { run, action: "open_ticket".to_owned(), state, attempts: 0, next_at_ms, last_error: None }
}

fn bound(sql: &str, values: &[(&str, Value)]) -> Bound {
    Bound { sql: sql.to_owned(), values: values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(), cap: 20 }
}

/// Begins `call` with one event and an answered turn 0.
async fn begin(store: &Store, call: &str) -> DataKey {
    let first = Commit { events: texts(&["began"]), snapshot: Some(b"s1".to_vec()), turn: turn(0, Some("hola")), ..Commit::at(call, 0, 1_000) };
    let key = store.new_data_key().expect("random bytes");
    store.begin(NewCall { id: call, release: "a1", from_digest: Some("abc") }, &key, first).await.expect("begins");
    key
}

/// A value of the database as it lies there, asked for with the bank's own tool: a read statement.
async fn one(store: &Store, sql: &str) -> Value {
    store.query(&bound(sql, &[])).await.expect(sql).remove(0).remove(0).1
}
