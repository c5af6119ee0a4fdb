//! The moment of a run as people say it.
//!
//! Lives here: reading [`crate::Run::now`] and dates of statements; their Spanish.
//! Never here: a clock, or a conversion between time zones: the host says the project's time.

use crate::Failure;

const MONTHS: [&str; 12] = ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];

/// A local date and time of day, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Year of our calendar.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl Moment {
    /// Reads a date (`2026-01-15`, at midnight) or an RFC 3339 date and time, whose offset is left aside.
    ///
    /// # Errors
    /// Kind `failed` if the text is neither.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        Self::read(text).ok_or_else(|| Failure::failed("expected a date as 2026-01-15 or 2026-01-15T08:30:00-06:00"))
    }

    fn read(text: &str) -> Option<Self> {
        let part = |from: usize, to: usize| {
            let digits = text.get(from..to)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u16>().ok())?
        };
        let mark = |at: usize, marks: &[u8]| text.as_bytes().get(at).is_some_and(|b| marks.contains(b));
        let small = |from: usize, least: u8, most: u8| u8::try_from(part(from, from + 2)?).ok().filter(|n| (least..=most).contains(n));
        if !mark(4, b"-") || !mark(7, b"-") {
            return None;
        }
        let (year, month, day) = (part(0, 4)?, small(5, 1, 12)?, small(8, 1, 31)?);
        let (hour, minute) = if text.len() == 10 {
            (0, 0)
        } else if mark(10, b"Tt ") && mark(13, b":") {
            (small(11, 0, 23)?, small(14, 0, 59)?)
        } else {
            return None;
        };
        Some(Self { year, month, day, hour, minute })
    }

    /// The day as it is said within a year: `23 de noviembre`.
    pub fn spoken_day(&self) -> String {
        format!("{} de {}", self.day, MONTHS[usize::from(self.month) - 1])
    }

    /// The day as it is said with its year: `15 de enero de 2026`.
    pub fn spoken_date(&self) -> String {
        format!("{} de {}", self.spoken_day(), self.year)
    }

    /// The time of day on 24 hours: `14:32`.
    pub fn spoken_time(&self) -> String {
        format!("{}:{:02}", self.hour, self.minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_in_spanish() {
        let moment = Moment::parse("2026-11-23T14:05:10.123-06:00").expect("RFC 3339");
        assert_eq!(moment.spoken_day(), "23 de noviembre");
        assert_eq!(moment.spoken_time(), "14:05");
        assert_eq!(Moment::parse("2026-01-15").expect("a date").spoken_date(), "15 de enero de 2026");
    }

    #[test]
    fn what_is_no_date_is_a_failure() {
        for text in ["", "hoy", "2026-13-01", "2026-01-00", "2026/01/15", "2026-01-15X08:30", "2026-01-15T25:00", "2026-0á-15"] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }
}
