//! What questions cost: tokens as a server counts them, and money where the project says what they cost.
//!
//! Lives here: the counts of one answer, a price, what a model has used since it was loaded.
//! Never here: reading counts from an answer (`answer.rs`), the page they are on.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tokens of one question and its answer, as far as the server counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of the prompt, those from a cache too.
    pub prompt: Option<u64>,
    /// Of the prompt, from the server's cache.
    pub cached: Option<u64>,
    /// Of the answer.
    pub written: Option<u64>,
}

/// What a million tokens cost, in whatever money the project counts in (`centralita: {price: …}` of a model).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// Of the prompt.
    pub input: f64,
    /// Of the prompt from a cache; like the others where nothing is written.
    pub cached: Option<f64>,
    /// Of the answer.
    pub output: f64,
}

impl Price {
    /// What a question cost.
    pub fn of(&self, usage: Usage) -> f64 {
        let cached = usage.cached.unwrap_or(0);
        let fresh = usage.prompt.unwrap_or(0).saturating_sub(cached);
        #[expect(clippy::cast_precision_loss, reason = "counts of tokens are far below 2^52")]
        let of = |tokens: u64, price: f64| tokens as f64 * price / 1e6;
        of(fresh, self.input) + of(cached, self.cached.unwrap_or(self.input)) + of(usage.written.unwrap_or(0), self.output)
    }
}

/// What a model has been asked and has used.
#[derive(Default)]
pub(super) struct Tally {
    answered: AtomicU64,
    failed: AtomicU64,
    prompt: AtomicU64,
    cached: AtomicU64,
    written: AtomicU64,
    /// In millionths.
    cost: AtomicU64,
}

impl Tally {
    /// Counts an answer.
    pub(super) fn answered(&self, usage: Usage, cost: f64) {
        let add = |counter: &AtomicU64, tokens: Option<u64>| counter.fetch_add(tokens.unwrap_or(0), Ordering::Relaxed);
        add(&self.answered, Some(1));
        add(&self.prompt, usage.prompt);
        add(&self.cached, usage.cached);
        add(&self.written, usage.written);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "prices are not negative, and a cast saturates")]
        add(&self.cost, Some((cost * 1e6).round() as u64));
    }

    /// Counts a question without an answer.
    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// One kind of count (`questions`, `tokens`, `cost`) in Prometheus' text format.
    pub(super) fn lines(&self, what: &str, model: &str, text: &mut String) {
        let model: String = model.chars().filter(|letter| !letter.is_control() && !matches!(letter, '"' | '\\')).collect();
        let mut line = |more: &str, value: String| {
            let _ = writeln!(text, "centralita_model_{what}_total{{model=\"{model}\"{more}}} {value}");
        };
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        match what {
            "questions" => {
                line(",outcome=\"answered\"", of(&self.answered).to_string());
                line(",outcome=\"failed\"", of(&self.failed).to_string());
            }
            "tokens" => {
                line(",kind=\"prompt\"", of(&self.prompt).to_string());
                line(",kind=\"cached\"", of(&self.cached).to_string());
                line(",kind=\"written\"", of(&self.written).to_string());
            }
            _ => line("", format!("{}.{:06}", of(&self.cost) / 1_000_000, of(&self.cost) % 1_000_000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cached_prompt_costs_what_the_project_says() {
        let usage = Usage { prompt: Some(1_000_000), cached: Some(500_000), written: Some(100_000) };
        assert!((Price { input: 0.4, cached: Some(0.1), output: 1.6 }.of(usage) - 0.41).abs() < 1e-9);
        assert!((Price { input: 0.4, cached: None, output: 1.6 }.of(usage) - 0.56).abs() < 1e-9);
        assert!(Price { input: 0.4, cached: None, output: 1.6 }.of(Usage::default()).abs() < 1e-9);
    }

    #[test]
    fn what_was_used_is_summed_by_model() {
        let tally = Tally::default();
        tally.answered(Usage { prompt: Some(7), cached: None, written: Some(2) }, 0.000_012);
        tally.answered(Usage { prompt: Some(3), cached: Some(1), written: None }, 1.5);
        tally.failed();
        let mut text = String::new();
        ["questions", "tokens", "cost"].into_iter().for_each(|what| tally.lines(what, "m\"\n", &mut text));
        assert!(text.contains("centralita_model_questions_total{model=\"m\",outcome=\"answered\"} 2\n"), "{text}");
        assert!(text.contains("centralita_model_tokens_total{model=\"m\",kind=\"prompt\"} 10\n"), "{text}");
        assert!(text.contains("centralita_model_cost_total{model=\"m\"} 1.500012\n"), "{text}");
    }
}
