//! Choices, taken from bytes: libFuzzer's, or those of a seed.
//!
//! Lives here: turning bytes into choices; bytes that have run out choose what comes first.
//! Never here: what is chosen.

/// A row of bytes, read once.
pub(super) struct Dice<'a> {
    bytes: &'a [u8],
}

impl<'a> Dice<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }

    /// A number under `count`; 0 when there is none.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let wide = if count > 256 { usize::from(self.byte()) << 8 } else { 0 };
        (wide | usize::from(self.byte())).checked_rem(count).unwrap_or_default()
    }

    pub(super) fn one_of<'b, T: ?Sized>(&mut self, all: &[&'b T]) -> &'b T {
        all[self.below(all.len())]
    }

    /// True once in `times`.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// All that is left.
    pub(super) const fn rest(&mut self) -> &'a [u8] {
        self.bytes
    }
}

/// The bytes of an output by its number: the same for the same seed at every run, on any machine.
pub fn bytes(seed: u64, number: u64, into: &mut [u8; 192]) {
    // Mixed first: neighbours would otherwise be one stream, a few bytes apart.
    let mut state = mixed(seed.wrapping_add(mixed(number)));
    for eight in into.chunks_exact_mut(8) {
        state = state.wrapping_add(STEP);
        eight.copy_from_slice(&mixed(state).to_le_bytes());
    }
}

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// The mixing of `SplitMix64`.
const fn mixed(state: u64) -> u64 {
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
