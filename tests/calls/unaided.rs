//! The bank's calls without a model: how many turns need none, and that a line without one does its work.
//!
//! `every_conversation_of_the_banks_line_is_as_its_file_says` (`e2e.rs`) holds the conversations of `tests/` with no model
//! configured; here are the scripts, and the share.
//!
//! Lives here: counting.
//! Never here: holding the conversations (`bank_calls.rs`).

use crate::bank_calls::{Deed, held};
use crate::house::{House, LINE, On, root};
use centralita::phone::{Script, play};

/// What the bank wants of the line: this share of the turns needs no model.
const SHARE: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn most_turns_of_the_banks_calls_are_understood_without_the_model() {
    let (mut spoken, mut unaided) = (0, 0);
    for conversation in held().await {
        let said = || conversation.turns.iter().filter(|turn| turn.deed != Deed::Silence);
        let without = said().filter(|turn| !turn.asked).count();
        eprintln!("{:>2} of {:>2} turns without the model: {}", without, said().count(), conversation.name);
        spoken += said().count();
        unaided += without;
    }
    let share = unaided * 100 / spoken;
    eprintln!("{unaided} of {spoken} turns with speech or keys, in {} conversations: {share} %", held().await.len());
    assert!(share >= SHARE, "{unaided} of {spoken} turns are {share} %");
    // A model that nobody ever asks would make the share meaningless.
    assert!(unaided < spoken && spoken >= 50, "{unaided} of {spoken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_without_a_model_plays_every_script_to_its_end() {
    let house = House::open(On::Sqlite, "unaided_scripts").await.unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("flows/sctbnk/scripts")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let script = Script::parse(&name, &std::fs::read_to_string(&path).unwrap()).unwrap();
        count += 1;
        let played = play(&house.line, &script, &format!("+5255100001{count:02}"), LINE, None, &mut |_| {}).await;
        // How it ends is in the script; how long a turn takes on a busy machine is not.
        let faults: Vec<&String> = played.faults.iter().filter(|fault| !fault.starts_with("a turn took")).collect();
        assert!(faults.is_empty() && played.ending.is_some(), "{name}: {faults:?}");
    }
    assert!(count >= 2, "{count} scripts");
    assert_eq!(house.requests().await.len(), count, "a request each");
}
