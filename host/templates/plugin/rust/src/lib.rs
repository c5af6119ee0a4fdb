//! Tells the caller the time, in the project's time zone.
//!
//! Lives here: the action and its tests.
//! Never here: the sentence itself (`utter_SNAKE` in the domain).

use centralita_plugin::{Failure, Run};

centralita_plugin::actions! {
    "action_SNAKE" => tell,
}

fn tell(run: &Run) -> Result<(), Failure> {
    let time = run.moment()?.spoken_time();
    run.say_with("utter_SNAKE", &[("time".to_owned(), time.into())]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use centralita_plugin::Fake;

    #[test]
    fn the_time_is_that_of_the_call() {
        let fake = Fake::at("2026-11-23T14:05:00-06:00");
        tell(&fake.run()).expect("it tells");
        assert_eq!(fake.said(), ["utter_SNAKE"]);
    }
}
