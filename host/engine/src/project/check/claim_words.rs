//! Sentences that say something was done, and do not say by which action.
//!
//! Lives here: the words by which such a sentence is known, Spanish and English.
//! Never here: whether the action ran first (`promises.rs`), which needs `claims:`.

use super::whole::{Whole, is_ours};
use crate::template::{Piece, Template};
use crate::yaml::{Findings, Mistake};
use fancy_regex::Regex;
use std::sync::OnceLock;

/// What was done to something: the verbs of Spanish and English in which assistants report an effect.
const SPANISH: &str = "(?:bloquead|cancelad|registrad|reportad|enviad|transferid|cread|generad|actualizad|agendad|reservad|activad|desactivad|procesad|realizad|confirmad|eliminad|cobrad|pagad|levantad|abiert|anotad)[oa]s?";
const ENGLISH: &str = "(?:blocked|cancell?ed|registered|reported|sent|transferred|created|updated|scheduled|booked|reserved|activated|deactivated|processed|completed|confirmed|deleted|charged|paid|opened|filed|submitted|refunded|placed)";

pub(super) fn check(whole: &Whole<'_>, mistakes: &mut Vec<Mistake>) {
    // Without an action of somebody else's there is no effect to claim.
    if whole.project.actions.is_empty() && (whole.listed.is_empty() || !whole.has_action_server()) {
        return;
    }
    for (name, variations) in &whole.project.responses {
        for variation in variations.iter().filter(|variation| !is_ours(&variation.path) && variation.claims.is_empty()) {
            let texts = variation.text.iter().chain(variation.translation.values());
            let Some(claim) = texts.map(plain).find_map(|text| claim(&text)) else { continue };
            let message =
                format!("`{name}` says that something was done (\"{claim}\") and names no action; add `metadata: {{centralita: {{claims: [action_…]}}}}`");
            Findings::new(&variation.path, mistakes).note(variation.at, whole.doubt(), message);
        }
    }
}

fn plain(text: &Template) -> String {
    match text {
        Template::Plain(pieces) => pieces.iter().map(|piece| if let Piece::Words(words) = piece { words.as_str() } else { "X" }).collect(),
        Template::Jinja(text) => text.clone(),
    }
}

/// The words that claim an effect; questions and denials claim none.
fn claim(text: &str) -> Option<String> {
    static CLAIMS: OnceLock<Option<[Regex; 2]>> = OnceLock::new();
    let patterns = CLAIMS.get_or_init(|| {
        let did = format!(
            r"(?i)\b(?:(?:qued(?:ó|aron)|fue|fueron|ha sido|han sido|se ha|se han|hemos|he|ya) (?:sido )?{SPANISH}|(?:has|have) (?:just |now |already )?(?:been )?{ENGLISH}|(?:was|were) (?:successfully )?{ENGLISH}|successfully {ENGLISH}|(?:tu|su|el|your|the) (?:número de |number of )?(?:folio|ticket|reporte|confirmación|confirmation|reference|case)(?: number| id)? (?:es|is))\b"
        );
        let denied = r"(?i)\b(?:no|not|nothing|never|nunca|todavía|aún|sin|cannot|could|if|si|once|cuando|when|until|hasta|will be)\b|n't\b";
        Some([Regex::new(&did).ok()?, Regex::new(denied).ok()?])
    });
    let [did, denied] = patterns.as_ref()?;
    let sentences = text.split_inclusive(['.', '!', '?', ';', '\n']).filter(|sentence| !sentence.trim_end().ends_with('?'));
    sentences
        .filter(|sentence| !denied.is_match(sentence).unwrap_or(true))
        .find_map(|sentence| did.find(sentence).ok().flatten())
        .map(|found| found.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::claim;

    #[track_caller]
    fn check(text: &str, claims: bool) {
        assert_eq!(claim(text).is_some(), claims, "{text}: {:?}", claim(text));
    }

    #[test]
    fn effects_are_claims_in_spanish_and_english() {
        for text in [
            "Tu tarjeta quedó bloqueada.",
            "Listo. Tu folio es X.",
            "El número de ticket es X.",
            "Tu transferencia ha sido enviada a X.",
            "Ya hemos cancelado tu cita.",
            "Your card has been blocked.",
            "Your ticket is X.",
            "The money was transferred to X!",
            "We have booked your table.",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn questions_denials_and_plans_are_none() {
        for text in [
            "¿Tu tarjeta fue bloqueada?",
            "Tu tarjeta todavía no está bloqueada.",
            "No pude registrar tu reporte. Tu tarjeta no ha sido reportada.",
            "Voy a reportar tu tarjeta. ¿Confirmas?",
            "Tu tarjeta ya está bloqueada desde el X.",
            "Your transfer has not been sent.",
            "Once your order has been placed we call you.",
            "How can I help you?",
            "Are you calling about a card that was blocked?",
            "Esa tarjeta ya tiene un reporte abierto. Su código es X.",
        ] {
            check(text, false);
        }
    }
}
