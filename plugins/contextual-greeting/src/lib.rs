//! Greets and takes leave by the hour of the caller's turn, in the project's time zone.
//!
//! Lives here: which part of the day it is, and the response that belongs to it.
//! Never here: the sentences themselves (`domain.yml`).

use centralita_plugin::{Failure, Run};

centralita_plugin::actions! {
    "action_greet" => greet,
    "action_farewell" => farewell,
}

fn greet(run: &Run) -> Result<(), Failure> {
    by_hour(run, ["utter_greeting_morning", "utter_greeting_afternoon", "utter_greeting_night"])
}

fn farewell(run: &Run) -> Result<(), Failure> {
    by_hour(run, ["utter_goodbye_morning", "utter_goodbye_afternoon", "utter_goodbye_night"])
}

/// 06:00–11:59 is morning, 12:00–17:59 afternoon, everything else night.
fn by_hour(run: &Run, [morning, afternoon, night]: [&str; 3]) -> Result<(), Failure> {
    run.say(match run.moment()?.hour {
        6..=11 => morning,
        12..=17 => afternoon,
        _ => night,
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_plugin::Fake;

    #[track_caller]
    fn check(time: &str, part: &str) {
        let fake = Fake::at(&format!("2026-11-23T{time}-06:00"));
        greet(&fake.run()).expect("greets");
        farewell(&fake.run()).expect("takes leave");
        assert_eq!(fake.said(), [format!("utter_greeting_{part}"), format!("utter_goodbye_{part}")], "{time}");
    }

    #[test]
    fn the_greeting_follows_the_hour_of_the_project() {
        check("05:59:59", "night");
        check("06:00:00", "morning");
        check("11:59:59", "morning");
        check("12:00:00", "afternoon");
        check("17:59:59", "afternoon");
        check("18:00:00", "night");
        check("00:00:00", "night");
    }

    #[test]
    fn a_time_that_cannot_be_read_fails_and_says_nothing() {
        let fake = Fake::at("mañana");
        assert_eq!(greet(&fake.run()).expect_err("no time").kind, "failed");
        assert!(fake.said().is_empty());
    }
}
