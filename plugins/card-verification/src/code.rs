//! The code a caller writes down: eight digits and a check digit.
//!
//! Lives here: how a running number becomes a code that gives nothing away and survives a slip of the tongue.
//! Never here: who hands out the number (the statement `next-request-number`).

/// The code of the n-th request: eight scrambled digits, then Damm's check digit. Different numbers below
/// 10⁸ have different codes; from there on they begin again, which the table's unique index notices.
pub(crate) fn code(number: u64) -> String {
    let digits = format!("{:08}", scramble(number % 100_000_000));
    format!("{digits}{}", check_digit(&digits))
}

/// Four rounds of a Feistel network over two halves of four digits: a bijection of 0..10⁸, so that codes of
/// neighbours look unlike. It hides how many requests there are from a listener; it keeps no secret.
fn scramble(number: u64) -> u64 {
    const HALF: u64 = 10_000;
    let (mut left, mut right) = (number / HALF, number % HALF);
    for (factor, offset) in [(7_919, 4_271), (6_421, 9_173), (3_571, 1_229), (8_803, 5_647)] {
        let mixed = (right * right + right * factor + offset) / 7;
        (left, right) = (right, (left + mixed) % HALF);
    }
    left * HALF + right
}

/// Damm's quasigroup of order 10: notices every wrong digit and every swap of neighbours.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

fn check_digit(digits: &str) -> u8 {
    digits.bytes().fold(0, |interim, digit| DAMM[usize::from(interim)][usize::from(digit.wrapping_sub(b'0') % 10)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A code with its check digit runs the quasigroup back to zero.
    fn holds(code: &str) -> bool {
        check_digit(code) == 0
    }

    #[test]
    fn a_code_has_nine_digits_and_its_check_digit_holds() {
        for number in [0, 1, 2, 99_999_999, 100_000_000, u64::MAX] {
            let code = code(number);
            assert!(code.len() == 9 && code.bytes().all(|b| b.is_ascii_digit()) && holds(&code), "{code}");
        }
    }

    #[test]
    fn numbers_have_codes_of_their_own() {
        let codes: BTreeSet<_> = (0..50_000).chain(99_950_000..100_000_000).map(code).collect();
        assert_eq!(codes.len(), 100_000);
    }

    #[test]
    fn neighbours_do_not_look_alike() {
        let alike = (0..1_000).filter(|n| code(*n)[..3] == code(n + 1)[..3]).count();
        assert!(alike < 50, "{alike} of 1000 neighbours begin alike");
    }

    #[test]
    fn every_wrong_digit_and_every_swap_is_noticed() {
        for number in 0..300 {
            let right = code(number).into_bytes();
            for at in 0..right.len() {
                for digit in (b'0'..=b'9').filter(|digit| *digit != right[at]) {
                    let mut wrong = right.clone();
                    wrong[at] = digit;
                    assert!(!holds(&String::from_utf8(wrong).expect("digits")));
                }
                if at > 0 && right[at - 1] != right[at] {
                    let mut wrong = right.clone();
                    wrong.swap(at - 1, at);
                    assert!(!holds(&String::from_utf8(wrong).expect("digits")));
                }
            }
        }
    }
}
