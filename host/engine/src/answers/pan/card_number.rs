//! A card number as somebody said it, for as long as it takes to drop it.
//!
//! Lives here: the number, unprintable, and its only way out: the last four.
//! Never here: finding it in an utterance (`pan`).

/// How many digits a card number has.
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=19;

/// Digits that may be a card number.
pub(super) struct Pan(String);

impl Pan {
    /// Takes digits in; `boundaries` are the counts of digits after which the caller paused or began
    /// another number. Fewer than twelve digits are no card number.
    pub(super) fn parse(mut digits: String, boundaries: &[usize]) -> Option<Self> {
        if digits.len() < *LENGTHS.start() {
            return None;
        }
        // A number of sixteen (or fifteen) with its code or date said straight after it.
        for length in [16, 15] {
            if digits.len() > length && boundaries.contains(&length) && checks(&digits[..length]) {
                digits.truncate(length);
            }
        }
        Some(Self(digits))
    }

    /// The last four digits; the rest is dropped. `None` where it cannot be told which four end the
    /// number, since more was said than any card has.
    pub(super) fn into_last_four(self) -> Option<String> {
        LENGTHS.contains(&self.0.len()).then(|| self.0[self.0.len() - 4..].to_owned())
    }
}

/// Luhn's check, which every issued card number passes.
fn checks(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .map(|byte| u32::from(byte - b'0'))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

const _: () = {
    // Stops compiling, as ambiguous, on the day somebody makes a `Pan` printable.
    trait Unprintable<Proof> {
        const OK: () = ();
    }
    impl<T> Unprintable<()> for T {}
    impl<T: std::fmt::Debug> Unprintable<u8> for T {}
    impl<T: std::fmt::Display> Unprintable<u16> for T {}
    <Pan as Unprintable<_>>::OK
};
