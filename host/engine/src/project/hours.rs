//! When people take calls: `centralita: {person: {hours: {mon-fri: 08:00-20:00, sat: 09:00-14:00}}}` of `config.yml`.
//!
//! Lives here: reading the hours, and whether a moment is among them.
//! Never here: what is said out of hours (`pattern_human_handoff`).

use crate::yaml::{Findings, Node};
use jiff::ZonedDateTime;
use jiff::civil::{Time, Weekday};

/// Opening hours, by the project's clock. None written: always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours(Vec<Span>);

/// Part of some days of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    days: Vec<Weekday>,
    from: Time,
    /// The first moment after it; `None` is the end of the day.
    to: Option<Time>,
}

impl Hours {
    /// Whether people take calls at this moment.
    pub fn holds(&self, moment: &ZonedDateTime) -> bool {
        let (day, time) = (moment.weekday(), moment.time());
        self.0.is_empty() || self.0.iter().any(|span| span.days.contains(&day) && span.from <= time && span.to.is_none_or(|to| time < to))
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Reads days with their hours; a day that is not named is closed.
pub(super) fn read(node: &Node, findings: &mut Findings<'_>) -> Hours {
    let mut spans = Vec::new();
    for (key, value) in node.pairs() {
        let Some(days) = days(&key.text) else {
            findings.error(key.at, format!("`{}` names no days; write `mon`, `mon-fri` or `sun`", key.text));
            continue;
        };
        let written = value.scalar().unwrap_or_default();
        match span(&written) {
            Some((from, to)) => spans.push(Span { days, from, to }),
            None => findings.error(value.at, "opening hours are written `08:00-20:00`, the end after the beginning, at most `24:00`"),
        }
    }
    if node.pairs().is_empty() {
        findings.error(node.at, "`hours` names days with their hours, such as `mon-fri: 08:00-20:00`");
    }
    Hours(spans)
}

fn days(text: &str) -> Option<Vec<Weekday>> {
    let place = |name: &str| DAYS.iter().position(|(known, _)| *known == name);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (place(first)?, place(last)?);
    (first <= last).then(|| DAYS[first..=last].iter().map(|(_, day)| *day).collect())
}

fn span(text: &str) -> Option<(Time, Option<Time>)> {
    let (from, to) = text.split_once('-')?;
    let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
    let from = time(from)?;
    if to.trim() == "24:00" {
        return Some((from, None));
    }
    let to = time(to)?;
    (from < to).then_some((from, Some(to)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn hours(text: &str) -> (Hours, Vec<String>) {
        let mut mistakes = Vec::new();
        let mut findings = Findings::new("config.yml", &mut mistakes);
        let hours = yaml::read(text, &mut findings).map(|node| read(&node, &mut findings)).unwrap_or_default();
        (hours, mistakes.iter().map(ToString::to_string).collect())
    }

    fn holds(hours: &Hours, moment: &str) -> bool {
        hours.holds(&format!("{moment}[America/Mexico_City]").parse::<ZonedDateTime>().unwrap())
    }

    #[test]
    fn people_take_calls_from_the_first_minute_to_the_last() {
        let (hours, mistakes) = hours("{mon-fri: 08:00-20:00, sat: 09:00-24:00}");
        assert!(mistakes.is_empty(), "{mistakes:?}");
        for (moment, open) in [
            ("2026-11-30T08:00", true),
            ("2026-11-30T07:59", false),
            ("2026-11-30T19:59", true),
            ("2026-11-30T20:00", false),
            ("2026-12-05T23:59", true),
            ("2026-12-06T10:00", false),
        ] {
            assert_eq!(holds(&hours, moment), open, "{moment}");
        }
        assert!(holds(&Hours::default(), "2026-12-06T03:00"), "without hours it is always");
    }

    #[test]
    fn hours_that_are_none_are_named_where_they_stand() {
        for text in ["{lunes: 08:00-20:00}", "{mon: 20:00-08:00}", "{mon: ocho}", "{fri-mon: 08:00-20:00}", "{}"] {
            assert!(!hours(text).1.is_empty(), "{text}");
        }
    }
}
