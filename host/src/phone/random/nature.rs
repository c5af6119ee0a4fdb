//! Who calls: what somebody wants, knows and bears, drawn once for a call.
//!
//! Lives here: the kinds of callers, and how often each calls.
//! Never here: what they do at a question (`answer.rs`), the network (`weather.rs`).

use fastrand::Rng;

use super::leave::Leave;

/// What a caller calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Report,
    /// Something that this line does not do.
    Other,
    Person,
    /// Never a word.
    Nothing,
    /// Words that mean nothing here.
    Noise,
}

/// Which digits a caller gives for their card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digits {
    Right,
    Wrong,
    /// Wrong at first.
    Corrected,
    Unknown,
    /// Far more keys than were asked for.
    Overflow,
}

/// What a caller says when asked to confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    Yes,
    No,
    /// Neither at first, then yes.
    UnclearThenYes,
    /// Neither, ever.
    Unclear,
}

/// One caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nature {
    pub(super) wish: Wish,
    pub(super) digits: Digits,
    pub(super) consent: Consent,
    /// Whether they rather press keys than talk.
    pub(super) keys: bool,
    /// Whether they take the person they are offered.
    pub(super) person: bool,
    /// Of a hundred turns, how many are not as this caller means them.
    pub(super) slips: u8,
    /// When they hang up by themselves, if they do.
    pub(super) leave: Option<Leave>,
    /// The last four digits of the card they call about.
    pub(super) card: String,
    /// The number under which the bank knows them.
    pub(super) client: String,
}

impl Nature {
    /// Draws one for somebody who calls from `from`.
    pub(super) fn draw(draw: &mut Rng, from: &str) -> Self {
        let (card, client) = known(draw, from);
        Self {
            wish: weighted(draw, &[(76, Wish::Report), (7, Wish::Other), (7, Wish::Person), (5, Wish::Nothing), (5, Wish::Noise)]),
            digits: weighted(draw, &[(68, Digits::Right), (6, Digits::Wrong), (8, Digits::Corrected), (10, Digits::Unknown), (8, Digits::Overflow)]),
            consent: weighted(draw, &[(70, Consent::Yes), (15, Consent::No), (10, Consent::UnclearThenYes), (5, Consent::Unclear)]),
            keys: draw.u8(..100) < 40,
            person: draw.u8(..100) < 30,
            slips: weighted(draw, &[(50, 0), (35, 12), (15, 40)]),
            leave: (draw.u8(..100) < 35).then(|| Leave::draw(draw)),
            card,
            client,
        }
    }
}

/// One of several, each as often as its weight says.
pub(super) fn weighted<T: Copy>(draw: &mut Rng, choices: &[(u32, T)]) -> T {
    let all: u32 = choices.iter().map(|(weight, _)| weight).sum();
    let mut at = draw.u32(..all);
    for (weight, choice) in choices {
        match at.checked_sub(*weight) {
            Some(left) => at = left,
            None => return *choice,
        }
    }
    choices[0].1
}

/// Card and client number of whoever calls from a number: the demo's clients know their own, and everybody else is a
/// client of the demo at somebody else's telephone.
fn known(draw: &mut Rng, from: &str) -> (String, String) {
    let any = draw.u32(..1000);
    let own = from.strip_prefix("+52551000").filter(|rest| rest.len() == 4 && rest.starts_with('0')).and_then(|rest| rest.parse().ok());
    let n: u32 = own.unwrap_or(any);
    match from {
        "+525500000001" => (["4521", "7788", "9012"][any as usize % 3].to_owned(), "100001".to_owned()),
        "+525500000002" => ("5555".to_owned(), "100002".to_owned()),
        _ => (format!("{n:04}"), (200_000 + n).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_caller() {
        let of = |seed, from| Nature::draw(&mut Rng::with_seed(seed), from);
        assert_eq!(of(7, "+525510000042"), of(7, "+525510000042"));
        assert_eq!((of(1, "+525510000042").card, of(2, "+525510000042").client), ("0042".to_owned(), "200042".to_owned()));
        let wishes: Vec<_> = (0..200).map(|seed| of(seed, "+525510000042").wish).collect();
        for wish in [Wish::Report, Wish::Other, Wish::Person, Wish::Nothing, Wish::Noise] {
            assert!(wishes.contains(&wish), "{wish:?}");
        }
    }
}
