//! Callers nobody wrote down: each is drawn from a seed, and so is what the network does to them.
//!
//! Lives here: one file for what a caller is, what they were asked, what they do, what the network does with it, what must
//! be answered to that, and what the call comes to.
//! Never here: many calls at once (`many.rs`), rows and tickets, which callers do not see.

mod answer;
mod call;
mod came;
mod leave;
mod nature;
mod network;
mod outcome;
mod past;
mod question;
mod weather;

pub use call::RandomCall;
pub use came::Came;
pub use outcome::Outcome;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::pretend::{Pretend, value};

    /// What a call of this seed posts, as far as a seed decides it.
    async fn posted(seed: u64) -> Vec<String> {
        let server = Pretend::start(None).await;
        let mut call = RandomCall::new(&server.line(None), seed, "+525510000042", "+525500000000").unwrap();
        while call.turn(&mut |_| {}).await.is_some() {}
        let deed = |form| ["CallStatus", "SpeechResult", "Digits", "DialCallStatus"].map(|name| value(form, name)).join("|");
        let mut posts: Vec<_> = server.posts().iter().map(|(path, form)| format!("{path} {}", deed(form))).collect();
        // Of two at once either is first.
        posts.sort();
        posts
    }

    #[tokio::test]
    async fn a_seed_makes_the_same_posts_to_the_same_answers() {
        let mut all = std::collections::BTreeSet::new();
        for seed in 0..30 {
            let posts = posted(seed).await;
            assert_eq!(posts, posted(seed).await, "seed {seed}");
            all.insert(posts);
        }
        assert!(all.len() > 20, "only {} different calls", all.len());
    }
}
