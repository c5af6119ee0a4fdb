//! Every byte that goes into a guest passes here.
//!
//! Lives here: a hook for the tests that look for secrets in it (`tests/calls/leaks.rs`); a release build has none.
//! Never here: changing what passes.

#[cfg(debug_assertions)]
type Watch = Box<dyn Fn(&[u8]) + Send + Sync>;

#[cfg(debug_assertions)]
static WATCH: std::sync::OnceLock<Watch> = std::sync::OnceLock::new();

/// Notes what a guest is given.
#[cfg(not(debug_assertions))]
#[inline]
pub(super) const fn lowered(_bytes: &[u8]) {}

#[cfg(debug_assertions)]
pub(super) fn lowered(bytes: &[u8]) {
    if let Some(watch) = WATCH.get() {
        watch(bytes);
    }
}

/// Shows `watch` everything that guests of this process are given from here on. Only the first one that is set watches,
/// and only a debug build can.
#[cfg(debug_assertions)]
pub fn watch_guests(watch: impl Fn(&[u8]) + Send + Sync + 'static) {
    let _ = WATCH.set(Box::new(watch));
}
