//! One writer for everybody: the writes that wait are committed together.
//!
//! Lives here: the queue, the batch, and who hears what of it. A commit costs one flush to the disk, whoever shares it.
//! Never here: what a write does (`sqlite.rs`), other databases.
//!
//! The promises:
//! - A write is answered only after the `COMMIT` that holds it came back, so what was answered outlives the power.
//! - Each write stands in a savepoint: one that fails takes back its own rows and nobody else's.
//! - When a batch itself fails (it cannot begin, its `COMMIT` fails, a statement ended the transaction under it), every
//!   write of it is [`StoreError::Unavailable`], and its connection is replaced.
//! - Nobody waits for company: the writer takes what waits at the moment it is free.
//! - Writes run in the order they were asked for. One whose caller left before its turn is dropped; one whose caller
//!   left later is stored all the same, as a commit whose answer got lost would be.

use std::pin::Pin;
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{Acquire as _, Connection as _};
use tokio::sync::{mpsc, oneshot};

use super::error::StoreError;

/// Writes that share a commit. More would only make the first of them wait longer for the last.
const TOGETHER: usize = 128;
/// Writes that may wait in line; whoever comes then waits to get in line, and may still leave without a trace.
const IN_LINE: usize = 1024;

/// A write at work on the writer's connection, inside its own savepoint.
pub(super) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

/// The way to the writer. It ends when this is dropped and the line is empty.
pub(super) struct Writer {
    line: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the writer on the running runtime. `pool` is the one that may write, of one connection.
    pub(super) fn start(pool: SqlitePool) -> Self {
        let (line, mut waiting) = mpsc::channel(IN_LINE);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(TOGETHER);
            while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
                // A task of its own, so that a panic costs this batch and not the writer.
                let done = tokio::spawn(store(pool.clone(), std::mem::take(&mut batch)));
                if done.await.is_err() {
                    tracing::error!("A write panicked; its batch was not stored");
                }
            }
        });
        Self { line }
    }

    /// Has `work` done with whatever else waits, and answers once that is on the disk.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        let (pending, answered) = pending(work);
        let gone = || StoreError::Unavailable(sqlx::Error::WorkerCrashed);
        self.line.send(Box::new(pending)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// A write in line, whatever it answers with.
trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn abandoned(&self) -> bool;
    /// Does the write; whether its rows are to stay.
    fn run<'c>(&'c mut self, conn: &'c mut SqliteConnection) -> Pin<Box<dyn Future<Output = bool> + Send + 'c>>;
    /// Tells the caller, now that the batch is stored, or why it is not.
    fn answer(self: Box<Self>, stored: Result<(), StoreError>);
}

struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

/// A write for the line, and where its answer comes.
fn pending<T, F>(work: F) -> (Pending<T, F>, oneshot::Receiver<Result<T, StoreError>>)
where
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T>,
{
    let (answer, answered) = oneshot::channel();
    let pending = Pending { work: Some(work), outcome: None, answer };
    (pending, answered)
}

impl<T, F> Job for Pending<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
{
    fn abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run<'c>(&'c mut self, conn: &'c mut SqliteConnection) -> Pin<Box<dyn Future<Output = bool> + Send + 'c>> {
        Box::pin(async move {
            if let Some(work) = self.work.take() {
                self.outcome = Some(work(conn).await);
            }
            matches!(self.outcome, Some(Ok(_)))
        })
    }

    fn answer(self: Box<Self>, stored: Result<(), StoreError>) {
        let Self { outcome, answer, .. } = *self;
        // A refusal may rest on rows that went with the batch, so it counts only when the batch does.
        let heard = stored.and_then(|()| outcome.unwrap_or(Err(StoreError::Unavailable(sqlx::Error::WorkerCrashed))));
        // The caller may have left; the write stands.
        let _ = answer.send(heard);
    }
}

/// Runs a batch and tells everybody.
async fn store(pool: SqlitePool, mut batch: Vec<Box<dyn Job>>) {
    batch.retain(|job| !job.abandoned());
    if batch.is_empty() {
        return;
    }
    let failed = commit(&pool, &mut batch).await.err().map(Arc::new);
    if let Some(failed) = &failed {
        tracing::warn!(error = %failed, writes = batch.len(), "A batch of writes was not stored");
    }
    for job in batch {
        job.answer(match &failed {
            None => Ok(()),
            Some(failed) => Err(StoreError::Unavailable(sqlx::Error::Io(std::io::Error::other(Arc::clone(failed))))),
        });
    }
}

async fn commit(pool: &SqlitePool, batch: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
    let mut conn = pool.acquire().await?;
    let tx = conn.begin_with("begin immediate").await?;
    let done = each_in_its_savepoint(tx, batch).await;
    if done.is_err() {
        // Nobody knows what state it is in.
        conn.close_on_drop();
    }
    done
}

async fn each_in_its_savepoint(mut tx: sqlx::Transaction<'_, sqlx::Sqlite>, batch: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
    for job in batch {
        let mut own = tx.begin().await?;
        // Both ends fail when the write's statement ended the transaction: then nothing after it may run outside of one.
        if job.run(&mut own).await {
            own.commit().await?;
        } else {
            own.rollback().await?;
        }
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    /// A file with one table, and the one connection that writes it.
    struct Bench {
        pool: SqlitePool,
        folder: PathBuf,
    }

    impl Drop for Bench {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    impl Bench {
        async fn open(test: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("centralita-writer-{}-{test}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("a folder");
            let options = SqliteConnectOptions::new().filename(folder.join("notes.db")).create_if_missing(true).foreign_keys(true);
            let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("opens");
            sqlx::raw_sql("create table notes (n integer primary key, about integer references notes (n) deferrable initially deferred)")
                .execute(&pool)
                .await
                .expect("a table");
            Self { pool, folder }
        }

        async fn notes(&self) -> Vec<i64> {
            sqlx::query_scalar("select n from notes order by n").fetch_all(&self.pool).await.expect("reads")
        }
    }

    type Answer = oneshot::Receiver<Result<(), StoreError>>;

    /// A write that runs these statements, and its answer.
    fn job(statements: &'static [&'static str]) -> (Box<dyn Job>, Answer) {
        let (pending, answered) = pending(move |conn| {
            Box::pin(async move {
                for statement in statements {
                    sqlx::query(*statement).execute(&mut *conn).await.map_err(StoreError::of_statement)?;
                }
                Ok(())
            })
        });
        (Box::new(pending), answered)
    }

    /// Runs these writes as one batch; what each was told.
    async fn together(bench: &Bench, writes: &[&'static [&'static str]]) -> Vec<Result<(), StoreError>> {
        let (batch, answers): (Vec<_>, Vec<_>) = writes.iter().map(|write| job(write)).unzip();
        store(bench.pool.clone(), batch).await;
        let mut told = Vec::new();
        for answer in answers {
            told.push(answer.await.expect("an answer"));
        }
        told
    }

    #[tokio::test]
    async fn a_write_that_fails_takes_back_its_own_rows_alone() {
        let bench = Bench::open("own").await;
        let told = together(
            &bench,
            &[
                &["insert into notes values (1, null)"],
                &["insert into notes values (2, null)", "insert into notes values (1, null)"],
                &["insert into notes values (3, null)", "insert into nowhere values (1)"],
                &["insert into notes values (4, 1)"],
            ],
        )
        .await;
        assert!(matches!(told[..], [Ok(()), Err(StoreError::Constraint { .. }), Err(StoreError::StatementFailed { .. }), Ok(())]));
        assert_eq!(bench.notes().await, [1, 4]);
    }

    #[tokio::test]
    async fn when_the_commit_fails_nobody_is_told_it_is_stored() {
        let bench = Bench::open("commit").await;
        // The broken reference is only looked at by the commit.
        let told =
            together(&bench, &[&["insert into notes values (1, null)"], &["insert into notes values (2, 404)"], &["insert into nowhere values (1)"]]).await;
        assert!(told.iter().all(|told| matches!(told, Err(StoreError::Unavailable(_)))));
        assert!(bench.notes().await.is_empty());
        assert!(together(&bench, &[&["insert into notes values (1, null)"]]).await[0].is_ok());
    }

    #[tokio::test]
    async fn a_statement_that_ends_the_transaction_stores_nothing_behind_its_back() {
        for (test, ending) in [("roll", "rollback"), ("clause", "insert or rollback into notes values (1, null)")] {
            let bench = Bench::open(test).await;
            let ends: &'static [&'static str] = Box::leak(Box::new([ending]));
            let told = together(&bench, &[&["insert into notes values (1, null)"], ends, &["insert into notes values (3, null)"]]).await;
            assert!(told.iter().all(|told| matches!(told, Err(StoreError::Unavailable(_)))), "{ending}");
            assert!(bench.notes().await.is_empty(), "{ending}");
            assert!(together(&bench, &[&["insert into notes values (5, null)"]]).await[0].is_ok());
            assert_eq!(bench.notes().await, [5], "{ending}");
        }
    }

    #[tokio::test]
    async fn a_write_whose_caller_left_in_line_is_dropped_and_the_rest_stands() {
        let bench = Bench::open("left").await;
        let (left, gone) = job(&["insert into notes values (1, null)"]);
        let (stays, answer) = job(&["insert into notes values (2, null)"]);
        drop(gone);
        store(bench.pool.clone(), vec![left, stays]).await;
        assert!(answer.await.expect("an answer").is_ok());
        assert_eq!(bench.notes().await, [2]);
    }

    #[tokio::test]
    async fn a_write_that_panics_costs_its_batch_and_not_the_writer() {
        let bench = Bench::open("panic").await;
        let writer = Writer::start(bench.pool.clone());
        let lost = writer.run::<(), _>(|_| Box::pin(async { panic!("on purpose") })).await;
        assert!(matches!(lost, Err(StoreError::Unavailable(_))));
        let insert = sqlx::query("insert into notes values (7, null)");
        let stored = writer.run(move |conn| Box::pin(async move { Ok(insert.execute(conn).await?.rows_affected()) })).await;
        assert_eq!(stored.expect("writes"), 1);
        assert_eq!(bench.notes().await, [7]);
    }

    #[tokio::test]
    async fn writes_that_wait_share_a_commit_and_keep_their_order() {
        let bench = Bench::open("share").await;
        let held = bench.pool.acquire().await.expect("the connection");
        let writer = Arc::new(Writer::start(bench.pool.clone()));
        let note = |n: i64| {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move {
                let insert = sqlx::query("insert into notes values ($1, (select max(n) from notes))").bind(n);
                writer.run(move |conn| Box::pin(async move { Ok(insert.execute(conn).await?.rows_affected()) })).await
            })
        };
        // On one thread tasks start in the order they were spawned, so this is the order in line.
        let told: Vec<_> = (1..=40).map(note).collect();
        tokio::task::yield_now().await;
        drop(held);
        for told in told {
            assert_eq!(told.await.expect("ends").expect("writes"), 1);
        }
        let out_of_order: i64 =
            sqlx::query_scalar("select count(*) from notes where about is not nullif(n - 1, 0)").fetch_one(&bench.pool).await.expect("reads");
        assert_eq!((bench.notes().await.len(), out_of_order), (40, 0));
    }
}
