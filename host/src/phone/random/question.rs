//! What the caller was asked last, by the words.
//!
//! Lives here: the bank line's questions as they are heard.
//! Never here: answers to them (`answer.rs`).

/// An open question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// What it is about; also whatever is not known here.
    Help,
    LastFour,
    /// The other digits of those that were begun.
    Rest,
    /// Debit, credit or all.
    Choice,
    /// Debit or credit.
    Kind,
    Client,
    Consent,
    /// Whether a person is wanted.
    Person,
    /// Whether a person is to be tried again.
    PersonAgain,
    /// Whether a report that was left open goes on.
    Resume,
}

/// Words that are heard in one question only.
const WORDS: [(&str, Question); 19] = [
    ("¿En qué puedo ayudarte?", Question::Help),
    ("Para reportar una tarjeta perdida o robada, marca uno", Question::Help),
    ("últimos cuatro dígitos", Question::LastFour),
    ("¿Y el resto?", Question::Rest),
    ("dos para crédito o tres para todas", Question::Choice),
    ("uno para débito o dos para crédito", Question::Kind),
    ("número de cliente", Question::Client),
    ("¿Confirmas?", Question::Consent),
    ("¿Reporto tu", Question::Consent),
    ("Para reportar tu tarjeta terminada", Question::Consent),
    ("Para reportar tus", Question::Consent),
    ("¿Quieres que te comunique", Question::Person),
    ("¿quieres que te comunique", Question::Person),
    ("¿Te comunico con un ejecutivo?", Question::Person),
    ("Para hablar con un ejecutivo, marca uno", Question::Person),
    ("Marca uno para reportar una tarjeta", Question::Help),
    ("¿Quieres que lo intente otra vez?", Question::PersonAgain),
    ("¿Continuamos?", Question::Resume),
    ("¿Continuamos con tu reporte", Question::Resume),
];

impl Question {
    /// The last question in a text.
    pub(super) fn asked(text: &str) -> Self {
        let found = WORDS.iter().filter_map(|(words, question)| Some((text.rfind(words)?, *question)));
        found.max_by_key(|(at, _)| *at).map_or(Self::Help, |(_, question)| question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, question: Question) {
        assert_eq!(Question::asked(text), question, "{text}");
    }

    #[test]
    fn the_last_of_several_questions_is_the_open_one() {
        check("Buenos días. ¿En qué puedo ayudarte? Para hablar con una persona, di persona o marca cero.", Question::Help);
        check("No encuentro entre tus tarjetas una con esos dígitos. Dime otra vez los últimos cuatro dígitos, o márcalos.", Question::LastFour);
        check("Tienes más de una tarjeta con esos dígitos. Marca uno para débito o dos para crédito.", Question::Kind);
        check("De acuerdo, no reporté ninguna tarjeta. ¿Quieres que te comunique ahora con un ejecutivo? Di sí o no.", Question::Person);
        check("Voy a reportar tu tarjeta terminada en 4-5-2-1. ¿Confirmas? Di sí o no.", Question::Consent);
        check("Hasta luego.", Question::Help);
    }

    /// Whoever rewords a question of the bank's line rewords it here.
    #[test]
    fn the_words_are_those_of_the_banks_line() {
        let responses = include_str!("../../../../flows/sctbnk/domain/responses.yml");
        for (words, _) in WORDS {
            assert!(responses.contains(words), "{words}");
        }
    }
}
