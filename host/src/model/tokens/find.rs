//! Finding what must not leave: addresses, identity documents, names on file, numbers in any spelling.
//!
//! Lives here: the spans of a text to hide. It errs towards hiding.
//! Never here: tokens, and what they stand for (`tokens.rs`).

use super::fold::{fold, is_invisible};
use super::numbers::{digits, is_between};
use centralita_engine::answers::Language;
use std::ops::Range;

/// What a span holds; the letter of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A number of at least two digits, in figures or words.
    Number,
    /// An e-mail address, written or spelled out.
    Email,
    /// An identity document.
    Identity,
    /// A value the call already knows.
    Known,
}

impl Kind {
    /// The letter of its tokens.
    pub(super) const fn letter(self) -> char {
        match self {
            Self::Number => 'd',
            Self::Email => 'e',
            Self::Identity => 'i',
            Self::Known => 'n',
        }
    }
}

/// A word, a figure, or a chunk that holds several figures.
struct Item {
    span: Range<usize>,
    text: String,
    digits: usize,
    kind: Option<Kind>,
    taken: bool,
}

/// A span to hide.
pub(super) struct Found {
    /// Its bytes.
    pub(super) span: Range<usize>,
    /// What it holds.
    pub(super) kind: Kind,
}

/// The folded words of a value, for [`find`].
pub(super) fn folded(value: &str, language: Language) -> Vec<String> {
    items(value, language).into_iter().map(|item| item.text).collect()
}

/// Everything to hide in a text, in order, without overlaps. `known` are folded words, the longest first.
pub(super) fn find(text: &str, known: &[Vec<String>], language: Language) -> Vec<Found> {
    let mut items = items(text, language);
    let mut found = Vec::new();
    emails(&mut items, &mut found);
    documents(text, &mut items, &mut found);
    for words in known {
        let mut at = 0;
        while at + words.len() <= items.len() {
            let here = at..at + words.len();
            if items[here.clone()].iter().zip(words).all(|(item, word)| !item.taken && item.text == *word) {
                take(&mut items, here, Kind::Known, &mut found);
            }
            at += 1;
        }
    }
    numbers(&mut items, language, &mut found);
    found.sort_by_key(|found| found.span.start);
    found
}

fn take(items: &mut [Item], range: Range<usize>, kind: Kind, found: &mut Vec<Found>) {
    let Some(taken) = items.get_mut(range).filter(|taken| !taken.is_empty()) else { return };
    let span = taken[0].span.start..taken[taken.len() - 1].span.end;
    taken.iter_mut().for_each(|item| item.taken = true);
    found.push(Found { span, kind });
}

/// Splits a text. What is written without a space and holds two figures or more is one item, so that
/// `12.345.678-K` and `GODE561231HDFRRN09` stay whole.
fn items(text: &str, language: Language) -> Vec<Item> {
    let mut items = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = letter.is_alphanumeric() || is_invisible(letter) || ".-_/+@'’–‐‑".contains(letter);
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                chunk(text, from..at, language, &mut items);
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    items
}

fn chunk(text: &str, span: Range<usize>, language: Language, items: &mut Vec<Item>) {
    let whole = &text[span.clone()];
    let figures = whole.chars().filter(|letter| letter.is_numeric()).count();
    let address = whole.contains('@');
    if figures >= 2 || address {
        let is_edge = |letter: char| !letter.is_alphanumeric() && letter != '@';
        let tail = whole.trim_start_matches(|letter| is_edge(letter) && letter != '+');
        let from = span.start + whole.len() - tail.len();
        let inner = tail.trim_end_matches(is_edge);
        let kind = if address { Some(Kind::Email) } else { is_document(inner).then_some(Kind::Identity) };
        let text = if inner == "@" { "@".to_owned() } else { fold(inner) };
        items.push(Item { span: from..from + inner.len(), text, digits: figures, kind, taken: false });
        return;
    }
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut open: Option<bool> = None;
    for (at, letter) in whole.char_indices() {
        let span = span.start + at..span.start + at + letter.len_utf8();
        if is_invisible(letter) || matches!(letter, '\'' | '’') {
            continue;
        }
        if !letter.is_alphanumeric() {
            open = None;
        } else if open == Some(letter.is_numeric()) {
            if let Some(word) = words.last_mut() {
                word.end = span.end;
            }
        } else {
            open = Some(letter.is_numeric());
            words.push(span);
        }
    }
    items.extend(words.into_iter().map(|span| {
        let text = fold(&text[span.clone()]);
        let digits = if text.contains(char::is_numeric) { 1 } else { digits(&text, language) };
        Item { span, text, digits, kind: None, taken: false }
    }));
}

const INTRODUCE: [&str; 10] = ["es", "is", "correo", "mail", "email", "electronico", "a", "al", "to", "adres"];
const LINKS: [&str; 6] = ["punto", "dot", "guion", "bajo", "underscore", "dash"];

/// `ana@example.com`, `ana @ example.com`, "ana punto ruiz arroba example punto com".
fn emails(items: &mut [Item], found: &mut Vec<Found>) {
    for at in 0..items.len() {
        let word = items[at].text.as_str();
        let dot = |at: usize| items.get(at).is_some_and(|item| item.text == "dot");
        let said = word == "aroba" || word == "@" || (word == "at" && dot(at + 2));
        if items[at].taken || (!said && items[at].kind != Some(Kind::Email)) {
            continue;
        }
        if !said {
            take(items, at..at + 1, Kind::Email, found);
            continue;
        }
        let is_link = |at: usize| items.get(at).is_some_and(|item| LINKS.contains(&item.text.as_str()));
        let near = at.saturating_sub(8);
        let introduced = (near..at).rev().find(|at| INTRODUCE.contains(&items[*at].text.as_str()) || items[*at].taken).map(|at| at + 1);
        let mut from = introduced.unwrap_or_else(|| {
            let mut from = at.saturating_sub(1);
            while from >= 2 && is_link(from - 1) {
                from -= 2;
            }
            from
        });
        from = from.min(at);
        let mut until = (at + 2).min(items.len());
        while is_link(until) {
            until = (until + 2).min(items.len());
        }
        take(items, from..until, Kind::Email, found);
    }
}

/// Identity documents, also when they are written in groups.
fn documents(text: &str, items: &mut [Item], found: &mut Vec<Found>) {
    const GROUPS: usize = 20;
    for from in 0..items.len() {
        let longest = (from + 1..=items.len().min(from + GROUPS)).rev().find(|until| {
            let group = &items[from..*until];
            let last = group.len() - 1;
            group.iter().all(|item| !item.taken) && is_document(&text[group[0].span.start..group[last].span.end])
        });
        if let Some(until) = longest {
            take(items, from..until, Kind::Identity, found);
        }
    }
}

/// A Mexican CURP or RFC, or a Chilean RUT with its check digit.
fn is_document(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    let letters = |range: Range<usize>| plain.get(range).is_some_and(|part| part.iter().all(|letter| letter.is_alphabetic()));
    let figures = |range: Range<usize>| plain.get(range).is_some_and(|part| part.iter().all(|letter| letter.is_numeric()));
    match plain.len() {
        18 => letters(0..4) && figures(4..10) && letters(10..16) && figures(17..18),
        13 => letters(0..4) && figures(4..10),
        12 => letters(0..3) && figures(3..9),
        8 | 9 => {
            let check = plain[plain.len() - 1];
            let dashed = text.chars().rev().skip(1).find(|letter| !letter.is_whitespace()).is_some_and(|letter| "-–".contains(letter));
            let one_dash = text.matches(['-', '–']).count() == 1;
            figures(0..plain.len() - 1) && (check == 'K' || (check.is_numeric() && dashed && one_dash))
        }
        _ => false,
    }
}

/// Numbers of two digits and more. Once a text holds three digits in all, its single ones go too:
/// somebody is dictating.
fn numbers(items: &mut [Item], language: Language, found: &mut Vec<Found>) {
    const MOST_BETWEEN: usize = 3;
    let total: usize = items.iter().filter(|item| !item.taken).map(|item| item.digits).sum();
    let counts = |item: &Item| !item.taken && item.digits > 0;
    let mut at = 0;
    while at < items.len() {
        if !counts(&items[at]) {
            at += 1;
            continue;
        }
        let (mut from, mut until, mut sum) = (at, at + 1, items[at].digits);
        loop {
            let next = (until..items.len().min(until + MOST_BETWEEN + 1)).find(|at| counts(&items[*at]));
            let bridged = next.filter(|next| items[until..*next].iter().all(|item| !item.taken && is_between(&item.text, language)));
            let Some(next) = bridged else { break };
            sum += items[next].digits;
            until = next + 1;
        }
        let is = |at: usize, words: &[&str]| items.get(at).is_some_and(|item| !item.taken && words.contains(&item.text.as_str()));
        if is(until, &["y"]) && is(until + 1, &["un", "una"]) {
            until += 2;
        }
        let spelled = |range: &mut dyn Iterator<Item = usize>| {
            range.take_while(|at| items.get(*at).is_some_and(|item| !item.taken && item.digits == 0 && item.text.chars().count() == 1)).count()
        };
        let (before, after) = (spelled(&mut (0..from).rev()), spelled(&mut (until..items.len())));
        from -= if before >= 3 { before } else { 0 };
        until += if after >= 3 { after } else { 0 };
        if sum >= 2 || total >= 3 {
            take(items, from..until, Kind::Number, found);
        }
        at = until;
    }
}
