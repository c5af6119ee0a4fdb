//! Yes and no, which is how a caller consents.
//!
//! Lives here: the phrases that mean yes or no as a whole utterance, country by country.
//! Never here: substrings. A yes counts only if every word of it belongs to a phrase of `lexicon` or to a story of what
//! happened (`story`), so that "sí, pero no la bloquees", "sí o no" and "¿por qué no?" are neither; a no may have words
//! beside it that nobody knows (`reason`, `free`). What stands alone over a prompt ("ok", "mmm", "ajá") is neither too: a wrong yes is never repaired. Two
//! words differ by country, and only where no consent is asked for: a lone "ya" is a yes in Chile and Peru, a lone
//! "bueno" in Colombia and Argentina; anywhere else, and for a consent everywhere, they are neither.

mod about;
mod evidence;
mod free;
mod lexicon;
mod reason;
mod story;
mod verbs;

use self::about::without;
use self::free::is_free_no;
use self::lexicon::{ENGLISH, SPANISH};
use self::reason::is_reasoned_no;
use self::story::is_told_yes;
use self::verbs::{does, joined};
use super::phrases::{Lexicon, all_with, begins};
use super::stop::drops_all;
use super::words::{Word, parted};
use super::{Language, Region, Setting};

/// What a phrase contributes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Yes,
    No,
    /// What may follow a yes and decides nothing ("bloquéala").
    WithYes,
    /// What may follow a no and decides nothing ("así está bien").
    WithNo,
    /// What may only come first ("bueno, sí"; "eh, no"): later it is a caller checking the line or
    /// about to add something.
    First,
    /// How soon ("al tiro"): presses a yes from either side, and makes a no doubtful.
    Soon,
    /// "ya": with a yes it presses, alone it is a yes in some countries.
    Already,
    /// With a yes only if that is sure: "si es mi tarjeta" may be a condition.
    Clause,
    /// What the question asks for, told not to be done ("no la bloqueen").
    Dont,
    /// What the question asks for, told to be done ("bloquéala", "quiero que la bloqueen").
    Doing,
    /// Somebody in the same room may be meant ("sí, mi amor"), or the opposite ("uy, sí"): a yes only beside
    /// [`Part::Doing`], and no no.
    Doubtful,
    /// How loved ones are called: said to somebody in the same room, unless the act is named; it leaves a no what it is.
    Dear,
    /// Politeness.
    Filler,
    /// A moment, please: neither, except before [`Part::Dont`].
    Wait,
    /// Neither, whatever else is said.
    Neither,
    /// A word nobody knows.
    Unknown,
}

/// Yes, no, or neither. A question is neither. `doing` are the verbs that say what the question asks for.
pub(super) fn read(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> Option<bool> {
    const MOST_WORDS: usize = 40;
    if text.contains(['?', '¿']) || words.len() > MOST_WORDS {
        return None;
    }
    let words = &joined(words, doing)[..];
    if setting.language == Language::Spanish && drops_all(text, words) {
        return None;
    }
    let reading = judged(text, words, doing, setting);
    // "sí, la 4521": what was asked about may be named beside a yes, and only beside a yes.
    let named = || without(text, words, &setting.about).and_then(|rest| judged(text, &rest, doing, setting)).filter(|yes| *yes);
    reading.or_else(named)
}

fn judged(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> Option<bool> {
    if let Some((yes, _)) = decided(text, words, doing, setting) {
        return Some(yes);
    }
    let no = || is_reasoned_no(text, words, doing, setting) || is_free_no(text, words, doing, setting);
    match (is_told_yes(text, words, doing, setting), no()) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        (true, true) | (false, false) => None,
    }
}

/// What the words decide by themselves, and whether they say of what ("bloquéala", "no la bloqueen").
fn decided(text: &str, words: &[Word], doing: &[String], setting: &Setting) -> Option<(bool, bool)> {
    let lexicon = match setting.language {
        Language::Spanish => &*SPANISH,
        Language::English => &*ENGLISH,
    };
    let parts = parts(text, words, lexicon, doing)?;
    let has = |part: Part| parts.contains(&part);
    let decides = |part: &Part| matches!(part, Part::Yes | Part::No | Part::Doing | Part::Dont);
    let Some(first) = parts.iter().position(decides) else {
        return agrees_here(words, setting).then_some((true, false));
    };
    let told = has(Part::Doing);
    let early = !told && parts[..first].iter().any(|part| matches!(part, Part::WithYes | Part::Clause));
    let late = parts.iter().rposition(decides).is_some_and(|last| parts[last..].contains(&Part::First));
    if (early && has(Part::Yes)) || late || has(Part::Neither) || (has(Part::Wait) && !has(Part::Dont)) {
        return None;
    }
    match (has(Part::Yes) || told, has(Part::No) || has(Part::Dont)) {
        (true, false) => {
            // "si tienen mi autorización" may be a condition, too.
            let has_leave = words.windows(2).any(|two| two[0].text == "si" && begins(&two[1..], "{have}").is_some());
            // "Sí, páseme con alguien" is no consent to anything else.
            let wants_person = || (0..words.len()).any(|at| ["{connect}", "{person}"].iter().any(|class| begins(&words[at..], class).is_some()));
            if !doing.is_empty() && wants_person() {
                return None;
            }
            let doubtful = ((has(Part::Clause) || has_leave) && may_be_condition(text, words)) || ((has(Part::Doubtful) || has(Part::Dear)) && !told);
            (!has(Part::WithNo) && !has(Part::Unknown) && !doubtful).then_some((true, told))
        }
        (false, true) => {
            let spoken_to = has(Part::Dear) && (has(Part::Unknown) || has(Part::WithNo));
            let doubtful = has(Part::WithYes) || has(Part::Soon) || has(Part::Clause) || ((has(Part::Doubtful) || spoken_to) && !has(Part::Dont));
            (!doubtful).then_some((false, has(Part::Dont)))
        }
        (true, true) | (false, false) => None,
    }
}

/// The parts of an utterance, with as few unknown words as possible; `None` if there are more of them than a no has
/// beside it, or one directly after the no ("no cacho").
fn parts(text: &str, words: &[Word], lexicon: &Lexicon<Part>, doing: &[String]) -> Option<Vec<Part>> {
    let class = |word: &str, class: &str| does(word, class, doing);
    // From the end: unknown words and parts from here on, and the part that begins here with its length.
    let mut best: Vec<(usize, usize, Part, usize)> = vec![(0, 0, Part::Unknown, 0); words.len() + 1];
    for at in (0..words.len()).rev() {
        let skipped = (best[at + 1].0 + 1, best[at + 1].1 + 1, Part::Unknown, 1);
        let phrases = all_with(&words[at..], lexicon, &class);
        let followed = phrases.into_iter().map(|(part, length)| (best[at + length].0, best[at + length].1 + 1, part, length));
        best[at] = followed.chain([skipped]).min_by_key(|(unknown, parts, _, _)| (*unknown, *parts)).unwrap_or(skipped);
    }
    let (mut found, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let (_, _, part, length) = best[at];
        let runs_on = at > 0 && !parted(text, &words[at - 1], &words[at]);
        if part == Part::Unknown && runs_on && found.last() == Some(&Part::No) {
            return None;
        }
        found.push(part);
        at += length;
    }
    let strange = best[0].0;
    let most = if found.contains(&Part::Dont) { 2 } else { 1 };
    (strange <= most && strange * 2 <= words.len()).then_some(found)
}

/// "ya", "bueno" and politeness: a yes where the country says so and nothing irreversible hangs on it.
fn agrees_here(words: &[Word], setting: &Setting) -> bool {
    let agrees = match setting.region {
        Region::Chile | Region::Peru => "ya",
        Region::Colombia | Region::Argentina => "bueno",
        Region::Mexico | Region::UnitedStates | Region::Other => return false,
    };
    let beside = |word: &str| matches!(word, "por" | "favor" | "porfa" | "pues" | "po" | "pe" | "senorita" | "senor" | "joven" | "che");
    let all = words.iter().all(|word| word.text == agrees || beside(&word.text));
    !setting.consent && setting.language == Language::Spanish && all && words.iter().any(|word| word.text == agrees)
}

/// Whether the yes is a "si" without accent and without a pause: as a recogniser writes a condition.
fn may_be_condition(text: &str, words: &[Word]) -> bool {
    let bare = |word: &&Word| {
        let written = text.get(word.span.clone()).is_some_and(|written| written.eq_ignore_ascii_case("si"));
        written && text.get(word.span.end..).is_some_and(|rest| rest.starts_with(' '))
    };
    // "si correcto esa es": whoever confirms sets no condition.
    const CONFIRMS: [&str; 9] = ["confirmo", "claro", "correcto", "senorita", "senor", "joven", "autorizo", "acepto", "gracias"];
    if words.iter().any(|word| CONFIRMS.contains(&word.text.as_str())) {
        return false;
    }
    words.iter().filter(|word| word.text == "si").all(|word| bare(&word)) && words.iter().any(|word| word.text == "si")
}

/// One is yes, two is no; anything longer is a number.
pub(super) fn keyed(digits: &str) -> Option<bool> {
    match digits {
        "1" => Some(true),
        "2" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
#[path = "yes_no_tests.rs"]
mod tests;
