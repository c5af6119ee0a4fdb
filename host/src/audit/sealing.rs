//! Sealing: each second a checkpoint over the chains that moved, to a file outside the database.
//!
//! Lives here: the task, its file, and the alarm when it cannot write. A line never waits for it.
//! Never here: what a checkpoint is (`checkpoint.rs`).

use super::checkpoint::{Checkpoint, Checkpoints, Signer};
use crate::app::App;
use crate::store::Store;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How often.
const PACE: Duration = Duration::from_secs(1);
/// How far before the last checkpoint a start looks for records that no checkpoint names, milliseconds: a stop may have
/// come between the two.
const BEHIND: i64 = 60_000;

/// Whether checkpoints are written, for whoever asks.
#[derive(Default)]
pub(crate) struct Sealing {
    down: AtomicBool,
    written: AtomicU64,
}

impl Sealing {
    /// As metrics.
    pub(crate) fn metrics(&self) -> String {
        let up = u8::from(!self.down.load(Ordering::Relaxed));
        format!(
            "# HELP centralita_audit_sealing Whether audit checkpoints are written (0: alarm).\n# TYPE centralita_audit_sealing gauge\ncentralita_audit_sealing {up}\n\
             # HELP centralita_audit_checkpoints_total Audit checkpoints since the start.\n# TYPE centralita_audit_checkpoints_total counter\ncentralita_audit_checkpoints_total {}\n",
            self.written.load(Ordering::Relaxed)
        )
    }
}

/// The file, and where it stands.
struct Book {
    file: File,
    next: u64,
    last: String,
}

impl Book {
    /// Goes on where the file ends.
    fn open(path: &Path, signer: &Signer) -> anyhow::Result<(Self, i64)> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let read = Checkpoints::read(&text, &signer.public())?;
        if !text.is_empty() && !text.ends_with('\n') {
            // A line that a stop cut off is nobody's checkpoint.
            let whole = text.rfind('\n').map_or(0, |end| end + 1);
            file.set_len(whole as u64)?;
        }
        let at = read.all.last().map_or(0, |checkpoint| checkpoint.at_ms);
        Ok((Self { file, next: read.all.len() as u64 + 1, last: read.last }, at))
    }

    fn write(&mut self, signer: &Signer, at_ms: i64, heads: std::collections::BTreeMap<String, (u64, String)>) -> anyhow::Result<()> {
        let (mut line, digest) = signer.line(Checkpoint { n: self.next, at_ms, previous: self.last.clone(), heads })?;
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.next += 1;
        self.last = digest;
        Ok(())
    }
}

/// Seals until the process ends.
pub(crate) async fn seal_each_second(store: Arc<Store>, signer: Signer, path: PathBuf, sealing: Arc<Sealing>) {
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let signer = Arc::new(signer);
    let mut book = None;
    loop {
        pace.tick().await;
        if let Err(error) = seal(&store, &signer, &path, &mut book, &sealing).await {
            if !sealing.down.swap(true, Ordering::Relaxed) {
                tracing::error!(error = format!("{error:#}"), file = %path.display(), "ALARM: audit checkpoints cannot be written; calls go on unsealed. Set CENTRALITA_AUDIT_FILE to a file that can be written");
            }
            // The file is looked at anew: it may have been put right.
            book = None;
        } else if sealing.down.swap(false, Ordering::Relaxed) {
            tracing::warn!("Audit checkpoints are written again");
        }
    }
}

async fn seal(store: &Store, signer: &Arc<Signer>, path: &Path, book: &mut Option<Book>, sealing: &Sealing) -> anyhow::Result<()> {
    if book.is_none() {
        let (opened, since) = Book::open(path, signer)?;
        *book = Some(opened);
        store.move_heads_since(since - BEHIND).await?;
    }
    let moved = store.moved_heads();
    let (Some(mut open), false) = (book.take(), moved.is_empty()) else { return Ok(()) };
    let heads = moved.iter().map(|(chain, head)| (chain.clone(), (head.n, crate::seal::hex(&head.hash)))).collect();
    let signer = signer.clone();
    let written = tokio::task::spawn_blocking(move || open.write(&signer, App::now_ms(), heads).map(|()| open)).await?;
    match written {
        Ok(open) => {
            *book = Some(open);
            sealing.written.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
        Err(error) => {
            store.keep_moved(moved);
            Err(error)
        }
    }
}
