//! Where a test lets the program die.
//!
//! Lives here: the one call that marks a moment at which a crash must lose nothing. `CENTRALITA_DIE_AT=7` ends the process at
//! the seventh of them that it passes, as `kill -9` would: nothing is flushed, nothing is said goodbye to.
//! Never here: release builds; the compiler leaves nothing of it in them.

#[cfg(not(debug_assertions))]
#[inline]
pub(crate) const fn failpoint(_moment: &'static str) {}

#[cfg(debug_assertions)]
pub(crate) fn failpoint(moment: &'static str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static AT: LazyLock<Option<u64>> = LazyLock::new(|| std::env::var("CENTRALITA_DIE_AT").ok()?.parse().ok());
    static PASSED: AtomicU64 = AtomicU64::new(0);
    if *AT == Some(PASSED.fetch_add(1, Ordering::SeqCst) + 1) {
        use std::io::Write as _;
        // Only the test that asked for it reads this.
        let _ = writeln!(std::io::stderr(), "FAILPOINT: {moment}");
        std::process::abort();
    }
}
