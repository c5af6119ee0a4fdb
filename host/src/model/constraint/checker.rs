//! A small reader of both notations, for tests: whether a text is in a grammar, and texts that are.

use std::collections::BTreeMap;

enum Part {
    Letters(String),
    Row(Vec<Self>),
    One(Vec<Self>),
    Maybe(Box<Self>),
    Class { none_of: bool, ranges: Vec<(char, char)>, least: usize, most: usize },
    Rule(String),
}

pub(super) struct Checker {
    rules: BTreeMap<String, Part>,
    root: &'static str,
}

impl Checker {
    pub(super) fn gbnf(text: &str) -> Self {
        Self { rules: rules(text, " ::= "), root: "root" }
    }

    pub(super) fn lark(text: &str) -> Self {
        Self { rules: rules(text, ": "), root: "start" }
    }

    pub(super) fn accepts(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        self.ends(&Part::Rule(self.root.into()), &letters, 0).contains(&letters.len())
    }

    /// Where a part that begins at a place may end.
    fn ends(&self, part: &Part, text: &[char], at: usize) -> Vec<usize> {
        match part {
            Part::Letters(letters) => {
                let letters: Vec<char> = letters.chars().collect();
                if text[at..].starts_with(&letters) { vec![at + letters.len()] } else { Vec::new() }
            }
            Part::Row(parts) => parts.iter().fold(vec![at], |starts, part| {
                let mut ends: Vec<usize> = starts.into_iter().flat_map(|at| self.ends(part, text, at)).collect();
                ends.sort_unstable();
                ends.dedup();
                ends
            }),
            Part::One(parts) => parts.iter().flat_map(|part| self.ends(part, text, at)).collect(),
            Part::Maybe(part) => [at].into_iter().chain(self.ends(part, text, at)).collect(),
            Part::Class { none_of, ranges, least, most } => {
                let fits = |letter: &&char| ranges.iter().any(|(from, to)| (from..=to).contains(letter)) != *none_of;
                let run = text[at..].iter().take_while(fits).count().min(*most);
                (*least..=run).map(|length| at + length).collect()
            }
            Part::Rule(name) => self.ends(&self.rules[name], text, at),
        }
    }

    /// A text of the grammar; the numbers say which.
    pub(super) fn text(&self, choices: &[u32]) -> String {
        let mut text = String::new();
        self.write(&Part::Rule(self.root.into()), &mut choices.iter().copied().cycle(), &mut text);
        text
    }

    fn write(&self, part: &Part, choices: &mut dyn Iterator<Item = u32>, text: &mut String) {
        let mut pick = |count: usize| choices.next().unwrap_or_default() as usize % count;
        match part {
            Part::Letters(letters) => text.push_str(letters),
            Part::Row(parts) => parts.iter().for_each(|part| self.write(part, choices, text)),
            Part::One(parts) => {
                let part = &parts[pick(parts.len())];
                self.write(part, choices, text);
            }
            Part::Maybe(part) => {
                if pick(2) == 1 {
                    self.write(part, choices, text);
                }
            }
            Part::Class { none_of, ranges, least, most } => {
                const LETTERS: &str = "aZ09 .,;:'\"`()\\-_/ñ⟨d1⟩=nule";
                let fits = |letter: &char| ranges.iter().any(|(from, to)| (from..=to).contains(&letter)) != *none_of;
                let letters: Vec<char> = LETTERS.chars().filter(fits).collect();
                for _ in 0..least + pick((most - least).min(12) + 1) {
                    text.push(letters[pick(letters.len())]);
                }
            }
            Part::Rule(name) => self.write(&self.rules[name], choices, text),
        }
    }
}

fn rules(text: &str, is: &str) -> BTreeMap<String, Part> {
    text.lines()
        .map(|line| {
            let (name, body) = line.split_once(is).unwrap();
            let body: Vec<char> = body.chars().collect();
            let mut at = 0;
            let part = one(&body, &mut at);
            assert_eq!(at, body.len(), "{line}");
            (name.to_owned(), part)
        })
        .collect()
}

fn one(text: &[char], at: &mut usize) -> Part {
    let mut rows = vec![row(text, at)];
    while text[*at..].starts_with(&[' ', '|', ' ']) {
        *at += 3;
        rows.push(row(text, at));
    }
    Part::One(rows)
}

fn row(text: &[char], at: &mut usize) -> Part {
    let mut parts = vec![piece(text, at)];
    while text.get(*at) == Some(&' ') && text.get(*at + 1) != Some(&'|') {
        *at += 1;
        parts.push(piece(text, at));
    }
    Part::Row(parts)
}

fn piece(text: &[char], at: &mut usize) -> Part {
    match text[*at] {
        '(' => {
            *at += 1;
            let inner = one(text, at);
            assert_eq!(text[*at], ')');
            *at += 1;
            if text.get(*at) != Some(&'?') {
                return inner;
            }
            *at += 1;
            Part::Maybe(Box::new(inner))
        }
        '"' => {
            let from = *at;
            *at += 1;
            while text[*at] != '"' {
                *at += if text[*at] == '\\' { 2 } else { 1 };
            }
            *at += 1;
            Part::Letters(serde_json::from_str(&text[from..*at].iter().collect::<String>()).unwrap())
        }
        '/' => {
            *at += 1;
            let class = class(text, at);
            assert_eq!(text[*at], '/');
            *at += 1;
            class
        }
        '[' => class(text, at),
        _ => {
            let name: String = text[*at..].iter().take_while(|letter| letter.is_ascii_alphabetic()).collect();
            assert!(!name.is_empty());
            *at += name.len();
            Part::Rule(name)
        }
    }
}

fn class(text: &[char], at: &mut usize) -> Part {
    *at += 1;
    let none_of = text[*at] == '^';
    *at += usize::from(none_of);
    let mut ranges = Vec::new();
    while text[*at] != ']' {
        let from = letter(text, at);
        let to = if text[*at] == '-' {
            *at += 1;
            letter(text, at)
        } else {
            from
        };
        ranges.push((from, to));
    }
    *at += 1;
    let counted: String = text[*at..].iter().take_while(|letter| **letter != '}').collect();
    let Some(counts) = counted.strip_prefix('{') else { return Part::Class { none_of, ranges, least: 1, most: 1 } };
    *at += counted.len() + 1;
    let (least, most) = counts.split_once(',').unwrap();
    Part::Class { none_of, ranges, least: least.parse().unwrap(), most: most.parse().unwrap() }
}

fn letter(text: &[char], at: &mut usize) -> char {
    if text[*at] != '\\' {
        *at += 1;
        return text[*at - 1];
    }
    assert_eq!(text[*at + 1], 'x');
    let code: String = text[*at + 2..*at + 4].iter().collect();
    *at += 4;
    char::from(u8::from_str_radix(&code, 16).unwrap())
}
