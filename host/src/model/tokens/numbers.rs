//! Number words, only so far as to hide them.
//!
//! Lives here: how many digits a word of a language contributes, and what people say between digits.
//! Never here: which number it is (the typed answers of the engine read that).

use super::fold::fold;
use centralita_engine::answers::Language;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const SPANISH_ONE: &str = "cero uno dos tres cuatro cinco sinco seis siete ocho nueve ceros unos doses treses cuatros cincos seises sietes ochos nueves doble triple cuadruple mil millon millones";
const SPANISH_MORE: &str = "diez once doce trece catorce quince dieci veinti veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento doscientos doscientas trescientos trescientas cuatrocientos cuatrocientas quinientos quinientas seiscientos seiscientas setecientos setecientas ochocientos ochocientas novecientos novecientas";
const STEMS: [&str; 10] = ["dieci", "veinti", "veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
const ENGLISH_ONE: &str = "zero nought one two three four five six seven eight nine zeros zeroes ones twos threes fours fives sixes sevens eights nines double triple thousand million";
const ENGLISH_MORE: &str =
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fourty fifty sixty seventy eighty ninety hundred";
const BETWEEN: &str = "y este eh em mm ah pues bueno luego despues entonces sigue siguen guion raya espacio coma punto diagonal con no perdon digo mejor dicho otra vez un una va um uh er then and dash space sorry wait dot a oh i mean";

static SPANISH: LazyLock<HashMap<String, usize>> = LazyLock::new(|| lexicon(SPANISH_ONE, SPANISH_MORE));
static ENGLISH: LazyLock<HashMap<String, usize>> = LazyLock::new(|| lexicon(ENGLISH_ONE, ENGLISH_MORE));
static FILLERS: LazyLock<HashSet<String>> = LazyLock::new(|| BETWEEN.split(' ').map(fold).collect());

fn lexicon(one: &str, more: &str) -> HashMap<String, usize> {
    one.split(' ').map(|word| (fold(word), 1)).chain(more.split(' ').map(|word| (fold(word), 2))).collect()
}

/// How many digits a folded word stands for: none, one, or two for two and more.
pub(super) fn digits(word: &str, language: Language) -> usize {
    match language {
        Language::English => ENGLISH.get(word).copied().unwrap_or(0),
        Language::Spanish => SPANISH.get(word).copied().unwrap_or_else(|| if is_fused(word) { 2 } else { 0 }),
    }
}

/// "veintiuno", "cuarentaicinco": tens and unit in one word.
fn is_fused(word: &str) -> bool {
    let Some(rest) = STEMS.iter().find_map(|stem| word.strip_prefix(stem)) else { return false };
    let rest = rest.strip_prefix(['i', 'y']).unwrap_or(rest);
    rest == "un" || rest == "una" || SPANISH.get(rest) == Some(&1)
}

/// Whether people say a folded word between the digits of one number. A Spanish "o" is an alternative,
/// an English one a zero.
pub(super) fn is_between(word: &str, language: Language) -> bool {
    let letter = word.chars().count() == 1 && (word != "o" || language == Language::English);
    letter || FILLERS.contains(word)
}
