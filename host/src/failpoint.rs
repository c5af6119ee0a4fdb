//! Where a test lets the program die, or stand still.
//!
//! Lives here: the one call that marks a moment at which a crash must lose nothing. `CENTRALITA_DIE_AT=7` ends the process at
//! the seventh of them that it passes, as `kill -9` would: nothing is flushed, nothing is said goodbye to.
//! `CENTRALITA_STAND_AT=7` stops it there with SIGSTOP, as a machine that hangs would, until somebody sends SIGCONT.
//! Never here: release builds; the compiler leaves nothing of it in them.

#[cfg(not(debug_assertions))]
#[inline]
pub(crate) const fn failpoint(_moment: &'static str) {}

#[cfg(debug_assertions)]
pub(crate) fn failpoint(moment: &'static str) {
    use std::io::Write as _;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    fn number(variable: &str) -> Option<u64> {
        std::env::var(variable).ok()?.parse().ok()
    }
    static AT: LazyLock<[Option<u64>; 2]> = LazyLock::new(|| [number("CENTRALITA_DIE_AT"), number("CENTRALITA_STAND_AT")]);
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let passed = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    let [die, stand] = AT.map(|at| at == Some(passed));
    if die || stand {
        // Only the test that asked for it reads this.
        let _ = writeln!(std::io::stderr(), "FAILPOINT: {moment}");
    }
    if die {
        std::process::abort();
    }
    if stand {
        // The shell's own way: there is no other without `unsafe`.
        let _ = std::process::Command::new("kill").args(["-STOP", &std::process::id().to_string()]).status();
        // The signal stops one thread after the other; this one must not get on meanwhile.
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}
