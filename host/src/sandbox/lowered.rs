//! Every byte that goes into a guest passes here.
//!
//! Lives here: a record of it for the test that looks for secrets in it (`evil/canaries.rs`); nothing in any other build.
//! Never here: changing what passes.

/// Notes what a guest is given.
#[cfg(not(test))]
#[inline]
pub(super) const fn lowered(_bytes: &[u8]) {}

#[cfg(test)]
pub(super) fn lowered(bytes: &[u8]) {
    RECORD.with_borrow_mut(|record| {
        if let Some(record) = record {
            record.extend_from_slice(bytes);
            record.push(b'\n');
        }
    });
}

#[cfg(test)]
thread_local! {
    static RECORD: std::cell::RefCell<Option<Vec<u8>>> = const { std::cell::RefCell::new(None) };
}

/// From here on everything that guests of this thread are given is kept, until it is taken again.
#[cfg(test)]
pub(crate) fn record() -> Vec<u8> {
    RECORD.with_borrow_mut(|record| record.replace(Vec::new())).unwrap_or_default()
}
