use super::super::fixture::{call, name, project};
use super::*;
use centralita_engine::command;

/// The words a model sees, and the slots it has set after it wrote `wrote`.
#[track_caller]
fn check(said: &str, seen: &str, wrote: &str, slots: &[(&str, &str)]) {
    let (project, state) = (project(), call());
    let mut tokens = Tokens::of(&project, &state);
    let tokenised = tokens.tokenise(&state, &Masked::from(said));
    assert_eq!(tokenised.heard, seen);
    let set: Vec<(String, String)> = command::read(command::Syntax::Compact, wrote)
        .into_iter()
        .filter_map(|command| tokens.put_back(&project, command))
        .filter_map(|command| if let Command::SetSlot { name, value } = command { Some((name.to_string(), value.spoken())) } else { None })
        .collect();
    let expected: Vec<(String, String)> = slots.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    assert_eq!(set, expected, "{wrote}");
}

#[test]
fn a_token_becomes_the_callers_own_words_again() {
    check("es la 45 21", "es la ⟨d1⟩", "set slot last4 ⟨d1⟩", &[("last4", "45 21")]);
    check("es la cuarenta y cinco, veintiuno", "es la ⟨d1⟩", "SetSlot(last4, ⟨d1⟩)", &[("last4", "cuarenta y cinco, veintiuno")]);
    check("en 4521 gracias", "en ⟨d1⟩ gracias", "set slot last4 <d1>", &[("last4", "4521")]);
}

#[test]
fn a_sensitive_slot_takes_one_token_of_this_turn_and_nothing_else() {
    for wrote in
        ["set slot last4 4521", "set slot last4 ⟨d9⟩", "set slot last4 en ⟨d1⟩", "set slot last4 ⟨d1⟩⟨d1⟩", "set slot last4 null", "set slot last4 ⟨d2⟩"]
    {
        check("la 4521", "la ⟨d1⟩", wrote, &[]);
    }
}

#[test]
fn what_only_the_line_knows_is_not_put_back() {
    // ⟨n1⟩ is the name that the greeting said, ⟨d1⟩ its number: the caller said neither.
    check("hola", "hola", "set slot last4 ⟨d1⟩\nset slot place ⟨n1⟩", &[]);
    check("soy José", "soy ⟨n1⟩", "set slot place ⟨n1⟩", &[("place", "José")]);
}

#[test]
fn other_slots_take_text_with_tokens_in_it() {
    check("en el Oxxo de la calle 45", "en el Oxxo de la calle ⟨d1⟩", "set slot place Oxxo, calle ⟨d1⟩", &[("place", "Oxxo, calle 45")]);
    check("en el Oxxo", "en el Oxxo", "set slot place Oxxo ⟨d7⟩\nset slot place Oxxo ⟩", &[]);
    check("fueron quinientos pesos", "fueron ⟨d1⟩ pesos", "set slot amount ⟨d1⟩", &[("amount", "500")]);
}

#[test]
fn a_consent_is_dropped_here_already() {
    check("sí", "sí", "set slot confirm_block true\nset slot nothing x", &[]);
    assert!(project().slots.contains_key(&name("confirm_block")));
}

#[test]
fn ordinary_words_are_left_alone() {
    for said in ["tengo dos tarjetas", "marca uno o dos", "es la de crédito", "la perdí ayer en el metro", "y a mí me la robaron", "no, ya no"] {
        check(said, said, "", &[]);
    }
}

#[test]
fn a_model_sees_at_most_420_characters_and_no_half_token() {
    let long = format!("{}4521 5678", "a".repeat(418) + " ");
    check(&long, &"a".repeat(418), "", &[]);
    let (project, state) = (project(), call());
    let endless = Masked::new("hola ".repeat(100_000));
    assert!(Tokens::of(&project, &state).tokenise(&state, &endless).heard.chars().count() <= SHOWN);
}

#[test]
fn no_text_panics_and_no_three_figures_or_names_leave() {
    let (project, state) = (project(), call());
    let alphabet =
        ["4", "5", "٤", " ", ".", "-", "y", "cuatro", "veinti", "@", "arroba", "punto", "⟨", "k", "ñ", "é\u{301}", "\u{200b}", "+", ",", "\n", " José ", "x"];
    let mut seed = 7_u64;
    for _ in 0..3000 {
        let mut said = String::new();
        for _ in 0..12 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            said.push_str(alphabet[usize::try_from(seed >> 33).unwrap() % alphabet.len()]);
        }
        let seen = Tokens::of(&project, &state).tokenise(&state, &Masked::from(said.as_str())).heard;
        let mut plain = seen.clone();
        while let Some((open, close)) = plain.find(OPEN).zip(plain.find(CLOSE)) {
            plain.replace_range(open..close + CLOSE.len_utf8(), "|");
        }
        let figures = plain.chars().filter(|letter| letter.is_numeric()).count();
        assert!(figures < 3 && !plain.contains("José"), "{said:?} became {seen:?}");
    }
}
