//! What can go wrong between the host and its database.
//!
//! Lives here: the named errors, and how a database's own error becomes one.
//! Never here: retries, what the caller hears. No message carries a value of a row.

use crate::seal::SealError;

/// A failure of the store, as something a person can act on.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `DATABASE_URL` cannot be used. Its text is not repeated, since it may hold a password.
    #[error("DATABASE_URL cannot be used: {reason}; give `sqlite:path/to/file.db` or `postgres://user:password@host:5432/name`")]
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// The migrations did not run.
    #[error("the database's tables could not be brought up to date: {source}; nothing was served")]
    Migrate {
        /// What the migrator said.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// A call of this name has begun already.
    #[error("call `{call}` has begun already; load it and answer with its current reply")]
    CallExists {
        /// The call.
        call: String,
    },
    /// Somebody else has written at this position of the call; nothing of this commit was stored.
    #[error("position {from_seq} of call `{call}` is taken; load the call again and answer with what was said")]
    TurnAlreadyTaken {
        /// The call.
        call: String,
        /// The position the refused commit started from.
        from_seq: u64,
    },
    /// A rule of the tables refused a statement; nothing of its transaction was stored.
    #[error("the database refused the row: it breaks `{name}`; nothing was stored")]
    Constraint {
        /// The constraint: its name, or on `SQLite` what `SQLite` calls it.
        name: String,
    },
    /// A statement of `plugins.yml` cannot be read.
    #[error("the statement cannot be used: {reason}")]
    Statement {
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A statement reached the database and failed there; nothing of its transaction was stored.
    #[error("the database did not run the statement (code {code}{detail}); nothing was stored")]
    StatementFailed {
        /// SQLSTATE, or `SQLite`'s extended result code.
        code: String,
        /// `: message` when the statement itself is wrong, empty when the message could repeat a value.
        detail: String,
    },
    /// A statement answers with more rows than allowed; nothing of its transaction was stored.
    #[error("the statement answers with more than {cap} rows; narrow it or raise its cap")]
    TooManyRows {
        /// Rows allowed.
        cap: usize,
    },
    /// A column of an answer has a type a plugin cannot be given.
    #[error("column `{column}` is of type {kind}, which a plugin cannot be given; cast it to text in the statement")]
    Column {
        /// The column.
        column: String,
        /// Its type, as the database names it.
        kind: String,
    },
    /// A commit of the call was given up on its way: whether it happened is in the database, and only there.
    #[error("a commit of call `{call}` was given up on its way; load the call again and go on from what is stored")]
    InDoubt {
        /// The call.
        call: String,
    },
    /// The caller was erased: the key of the call is gone.
    #[error("call `{call}` was erased: its key is destroyed, and nothing of it can be read")]
    Erased {
        /// The call.
        call: String,
    },
    /// The stored rows contradict each other.
    #[error("the stored rows of `{what}` contradict each other; restore the database from a backup")]
    Damaged {
        /// What is damaged: a call id, or the audit record where the chain breaks.
        what: String,
    },
    /// The host call a statement was to be recorded as is recorded already; nothing of this commit was stored.
    #[error("host call {ordinal} of run {run} of call `{call}` is done already; take its recorded answer")]
    EffectAlreadyDone {
        /// The call.
        call: String,
        /// The run.
        run: u64,
        /// The host call within the run.
        ordinal: u64,
    },
    /// Other hosts kept adding to an audit chain first.
    #[error("the audit chain of `{chain}` is contested by too many writers; the record was not added, try again")]
    Contested {
        /// The call, empty for the host's own chain.
        chain: String,
    },
    /// A value could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database cannot be reached, is too slow, or is not what it was.
    #[error("the database did not answer as it should; see that it runs and is reachable")]
    Unavailable(#[from] sqlx::Error),
}

impl StoreError {
    /// The error of a bound statement. Constraint names stay, values do not.
    pub(super) fn of_statement(failed: sqlx::Error) -> Self {
        let Some(database) = failed.as_database_error() else {
            return Self::Unavailable(failed);
        };
        if let Some(name) = constraint(database) {
            return Self::Constraint { name };
        }
        let code = database.code().map(std::borrow::Cow::into_owned).unwrap_or_default();
        // SQLSTATE class 42 and SQLite's plain error are about the statement's own text.
        let about_its_text = code.starts_with("42") || code == "1";
        let detail = if about_its_text { format!(": {}", database.message()) } else { String::new() };
        Self::StatementFailed { code, detail }
    }

    /// The error of one of our own writes: a taken position is told from everything else.
    pub(super) fn of_commit(failed: sqlx::Error, call: &str, from_seq: u64) -> Self {
        match failed.as_database_error().and_then(constraint).as_deref() {
            Some("events_pkey" | "events.call, events.seq" | "audit_pkey" | "audit.call, audit.n") => {
                Self::TurnAlreadyTaken { call: call.to_owned(), from_seq }
            }
            Some(other) => Self::Constraint { name: other.to_owned() },
            None => Self::Unavailable(failed),
        }
    }
}

/// The constraint an error is about: `PostgreSQL` sends its name, `SQLite` puts table and columns in the message.
fn constraint(database: &(dyn sqlx::error::DatabaseError + 'static)) -> Option<String> {
    use sqlx::error::ErrorKind;
    match database.kind() {
        ErrorKind::UniqueViolation
        | ErrorKind::ForeignKeyViolation
        | ErrorKind::NotNullViolation
        | ErrorKind::CheckViolation
        | ErrorKind::ExclusionViolation => {}
        _ => return None,
    }
    if let Some(name) = database.constraint() {
        return Some(name.to_owned());
    }
    let message = database.message();
    let named = message.split_once("constraint failed: ").map_or("not null", |(_, name)| name);
    Some(match named {
        "blocking_requests.card_reference" => "one_open_request_per_card".to_owned(),
        other => other.to_owned(),
    })
}
