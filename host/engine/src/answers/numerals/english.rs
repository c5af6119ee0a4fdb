//! English number words.
//!
//! Lives here: what each word is.
//! Never here: how neighbours join (`numerals`).

use super::Numeral;

/// The number word, if it is one.
pub(super) fn word(written: &str) -> Option<Numeral> {
    Some(match written {
        "zero" | "oh" | "o" | "nought" => Numeral::Unit(0),
        "one" => Numeral::Unit(1),
        "two" => Numeral::Unit(2),
        "three" => Numeral::Unit(3),
        "four" => Numeral::Unit(4),
        "five" => Numeral::Unit(5),
        "six" => Numeral::Unit(6),
        "seven" => Numeral::Unit(7),
        "eight" => Numeral::Unit(8),
        "nine" => Numeral::Unit(9),
        "a" => Numeral::Article,
        "ten" => Numeral::Teen(10),
        "eleven" => Numeral::Teen(11),
        "twelve" => Numeral::Teen(12),
        "thirteen" => Numeral::Teen(13),
        "fourteen" => Numeral::Teen(14),
        "fifteen" => Numeral::Teen(15),
        "sixteen" => Numeral::Teen(16),
        "seventeen" => Numeral::Teen(17),
        "eighteen" => Numeral::Teen(18),
        "nineteen" => Numeral::Teen(19),
        "twenty" => Numeral::Tens(20),
        "thirty" => Numeral::Tens(30),
        "forty" | "fourty" => Numeral::Tens(40),
        "fifty" => Numeral::Tens(50),
        "sixty" => Numeral::Tens(60),
        "seventy" => Numeral::Tens(70),
        "eighty" => Numeral::Tens(80),
        "ninety" => Numeral::Tens(90),
        "hundred" => Numeral::Hundreds(100),
        "thousand" => Numeral::Thousand,
        "million" => Numeral::Million,
        "times" => Numeral::Times,
        "double" => Numeral::Repeat(2),
        "triple" => Numeral::Repeat(3),
        "zeros" | "zeroes" => Numeral::Plural(0),
        "ones" => Numeral::Plural(1),
        "twos" => Numeral::Plural(2),
        "threes" => Numeral::Plural(3),
        "fours" => Numeral::Plural(4),
        "fives" => Numeral::Plural(5),
        "sixes" => Numeral::Plural(6),
        "sevens" => Numeral::Plural(7),
        "eights" => Numeral::Plural(8),
        "nines" => Numeral::Plural(9),
        _ => return None,
    })
}
