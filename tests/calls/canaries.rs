//! What callers say of themselves, in every prompt that leaves: nowhere.
//!
//! Every conversation of the bank's line is held once more without typed answers and matcher, so that each turn but an
//! answer to the question for a consent goes to the model. It answers what was understood before, and remembers
//! everything it was told.
//!
//! Lives here: planting numbers, documents and names, and looking for them in any spelling.
//! Never here: how they are hidden (`host/src/model/tokens`), holding the conversations (`bank_calls.rs`).

use crate::bank_calls::{Deed, act, clean, held, responses};
use crate::house::{Changes, House, On};
use crate::model_standin::{ModelStandin, Way};
use centralita_engine::{Event, SlotName};
use std::path::Path;

/// What must not leave, without separators; a name in its parts.
#[derive(Clone, Copy, Debug)]
enum Secret {
    Digits(&'static str),
    Document(&'static str),
    Name(&'static [&'static str]),
}

use Secret::{Digits, Document, Name};

const CARD: &str = "4539148803436467";
const CURP: &str = "PEHJ850312HDFRRN09";
const RUT: &str = "123456785";
const PHONE: &str = "5581234567";
/// On file for client 100001; it is a secret from the moment the client is known.
const NAME: Secret = Name(&["mariana", "robledo", "ibarra"]);

/// Every kind of secret in several spellings, all of them invented.
const CANARIES: [(&str, Secret); 22] = [
    ("apunte el 73926158", Digits("73926158")),
    ("apunte el 7392 6158", Digits("73926158")),
    ("el siete tres nueve dos seis", Digits("73926")),
    ("el siete, tres, nueve... dos y seis", Digits("73926")),
    ("el setenta y tres noventa y dos sesenta y uno", Digits("739261")),
    ("el 73-92-61", Digits("739261")),
    ("la tarjeta es 4539148803436467", Digits(CARD)),
    ("la tarjeta es 4539 1488 0343 6467", Digits(CARD)),
    ("la tarjeta es 4539-1488-0343-6467", Digits(CARD)),
    ("la tarjeta es cuatro cinco tres nueve uno cuatro ocho ocho cero tres cuatro tres seis cuatro seis siete", Digits(CARD)),
    ("mi curp es PEHJ850312HDFRRN09", Document(CURP)),
    ("mi curp es pehj 850312 hdfrrn 09", Document(CURP)),
    ("mi curp es p e h j 8 5 0 3 1 2 h d f r r n 0 9", Document(CURP)),
    ("mi rut es 12.345.678-5", Document(RUT)),
    ("mi rut es 12345678 - 5", Document(RUT)),
    ("mi rut es doce trescientos cuarenta y cinco seiscientos setenta y ocho guion cinco", Document(RUT)),
    ("llámame al +52 55 8123 4567", Digits(PHONE)),
    ("llámame al (55) 8123-4567", Digits(PHONE)),
    ("llámame al cincuenta y cinco ochenta y uno veintitrés cuarenta y cinco sesenta y siete", Digits(PHONE)),
    ("habla Mariana Robledo Ibarra", NAME),
    ("soy MARIANA ROBLEDO", NAME),
    ("de parte de mariana", NAME),
];

/// How many a caller says in a breath.
const PLANTED: usize = 3;

/// What is spoken for a figure, a pair or a hundred.
const WORDS: [(&str, &str); 35] = [
    ("cero", "0"),
    ("uno", "1"),
    ("dos", "2"),
    ("tres", "3"),
    ("cuatro", "4"),
    ("cinco", "5"),
    ("seis", "6"),
    ("siete", "7"),
    ("ocho", "8"),
    ("nueve", "9"),
    ("diez", "10"),
    ("once", "11"),
    ("doce", "12"),
    ("trece", "13"),
    ("catorce", "14"),
    ("quince", "15"),
    ("veinte", "20"),
    ("veintiuno", "21"),
    ("veintidos", "22"),
    ("veintitres", "23"),
    ("veinticuatro", "24"),
    ("veinticinco", "25"),
    ("treinta", "30"),
    ("cuarenta", "40"),
    ("cincuenta", "50"),
    ("sesenta", "60"),
    ("setenta", "70"),
    ("ochenta", "80"),
    ("noventa", "90"),
    ("cien", "1"),
    ("ciento", "1"),
    ("doscientos", "2"),
    ("trescientos", "3"),
    ("quinientos", "5"),
    ("seiscientos", "6"),
];

/// Lower case, without accents, and without the marks that stand for what is hidden.
fn folded(text: &str) -> String {
    let mut plain = text.to_lowercase();
    while let Some((open, close)) = plain.find('⟨').and_then(|open| Some((open, open + plain[open..].find('⟩')?))) {
        plain.replace_range(open..close + '⟩'.len_utf8(), " | ");
    }
    plain.chars().map(|letter| "áéíóúüñ".chars().position(|other| other == letter).map_or(letter, |at| b"aeiouun"[at].into())).collect()
}

/// The digits of a text however they are spelled; `|` where something else stands between them.
fn dictated(folded: &str) -> String {
    let mut digits = String::new();
    let mut tens = false;
    for word in folded.split(|letter: char| !letter.is_alphanumeric() && letter != '|').filter(|word| !word.is_empty()) {
        let spoken = WORDS.iter().find(|(name, _)| *name == word).map(|(_, digits)| *digits);
        let figures = spoken.or_else(|| word.chars().all(|letter| letter.is_ascii_digit()).then_some(word));
        match figures {
            // "setenta y tres" is 73.
            Some(unit) if tens && unit.len() == 1 && spoken.is_some() => {
                digits.pop();
                digits.push_str(unit);
            }
            Some(figures) => digits.push_str(figures),
            None if word == "y" => continue,
            None => digits.push('|'),
        }
        tens = spoken.is_some_and(|digits| digits.len() == 2 && digits.ends_with('0'));
    }
    digits
}

/// Whether any four figures of a number, six letters and figures of a document, or a part of a name stand in a text.
fn leaks(text: &str, secret: Secret) -> bool {
    let plain = folded(text);
    let squeezed: String = plain.chars().filter(|letter| letter.is_alphanumeric() || *letter == '|').collect();
    let any = |secret: &str, length: usize, text: &str| (0..=secret.len() - length).any(|at| text.contains(&secret[at..at + length]));
    match secret {
        Digits(number) => any(number, 4, &squeezed) || any(number, 4, &dictated(&plain)),
        Document(document) => any(&document.to_lowercase(), 6, &squeezed) || any(&document.to_lowercase(), 4, &dictated(&plain)),
        Name(parts) => parts.iter().any(|part| plain.contains(part)),
    }
}

/// Digits in another spelling each time.
fn respelled(text: &str, time: usize) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != text.len() {
        return text.to_owned();
    }
    let each = |between: &str, of: &dyn Fn(char) -> String| digits.chars().map(of).collect::<Vec<_>>().join(between);
    let word = |digit: char| WORDS.iter().find(|(_, digits)| *digits == digit.to_string()).map(|(word, _)| (*word).to_owned()).unwrap_or_default();
    match time % 4 {
        0 => digits,
        1 => each(" ", &|digit| digit.to_string()),
        2 => each("-", &|digit| digit.to_string()),
        _ => each(" ", &word),
    }
}

/// The model hears everything that is no consent: no typed answers, no matcher.
fn only_the_model(project: &Path) {
    let path = project.join("config.yml");
    let config = std::fs::read_to_string(&path).unwrap();
    let config: Vec<&str> = config.lines().filter(|line| !line.contains("CentralitaTypedAnswers") && !line.contains("NLUCommandAdapter")).collect();
    std::fs::write(&path, config.join("\n")).unwrap();
}

#[test]
fn every_planted_secret_would_be_found_if_it_left() {
    for (says, secret) in CANARIES {
        assert!(leaks(says, secret), "{says}");
        assert!(!leaks("habla ⟨n1⟩, es la ⟨d1⟩ ⟨d2⟩, ⟨d3⟩. Marca uno para débito o dos para crédito", secret), "{says}");
    }
    let luhn = CARD.bytes().rev().enumerate().map(|(at, digit)| u32::from(digit - b'0') * (1 + u32::from(at % 2 == 1))).map(|sum| sum / 10 + sum % 10);
    assert_eq!(luhn.sum::<u32>() % 10, 0, "a card number that is none proves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_document_or_name_a_caller_says_is_in_any_prompt() {
    let model = ModelStandin::serve(Way::Writes(String::new())).await;
    let changes = Changes { variables: vec![("OPENAI_BASE_URL", model.base.clone())], project: Some(only_the_model), ..Changes::default() };
    let house = House::with(On::Sqlite, "canaries", changes).await.unwrap();
    let name = SlotName::parse("client_name").unwrap();
    let (mut next, mut planted, mut prompts) = (0, [0; CANARIES.len()], 0);
    for conversation in held().await {
        let first = model.asked();
        let (mut caller, _) = house.ring(conversation.from).await;
        let call = caller.call_sid().to_owned();
        let mut said: Vec<Secret> = Vec::new();
        for turn in &conversation.turns {
            let (asked, before) = (model.asked(), house.events(&call).await);
            let known = |event: &Event| matches!(event, Event::Slot { name: set, value } if *set == name && value.as_text().is_some_and(|value| value.starts_with("Mariana")));
            let on_file = before.iter().any(known);
            let mut text = match &turn.deed {
                Deed::Silence => {
                    act(&mut caller, &Deed::Silence).await;
                    continue;
                }
                // A key is no word that anybody could be asked about: said, where the model is to hear it.
                Deed::Keys(_) if turn.consent => {
                    act(&mut caller, &turn.deed).await;
                    continue;
                }
                Deed::Keys(keys) if turn.marked => respelled(keys.trim_end_matches('#'), next),
                Deed::Keys(_) => "dos, o sea que no".to_owned(),
                Deed::Says(text) => respelled(text, next),
            };
            if !turn.consent && !turn.marked {
                // A name is none before it is on file, and then it is rare.
                let is_name = |at: usize| matches!(CANARIES[at].1, Name(_));
                for _ in 0..PLANTED {
                    let fitting = (0..CANARIES.len()).filter(|at| on_file || !is_name(*at));
                    let at = fitting.min_by_key(|at| (on_file && !is_name(*at), planted[*at])).unwrap();
                    planted[at] += 1;
                    text = format!("{text}, {}", CANARIES[at].0);
                    said.push(CANARIES[at].1);
                }
            }
            next += 1;
            model.turns(Way::Writes(turn.commands.clone()));
            act(&mut caller, &Deed::Says(text.clone())).await;
            assert_eq!(model.asked() > asked, !turn.consent, "{}: whether the model is asked about «{text}»", conversation.name);
            let heard: Vec<String> = responses(&house.events(&call).await[before.len()..]);
            let heard: Vec<String> = heard.into_iter().filter(|response| response != "utter_never_say_card_number").collect();
            assert_eq!(heard, turn.responses, "{}: the call goes on after «{text}»", conversation.name);
        }
        // Numbers that the conversation is about anyway.
        said.extend(["4521", "7788", "9012", "5555", "1234", "0042", "100001", "100002", "5500000009", "5510000042"].map(Digits));
        let told = model.prompts(first);
        assert!(!told.is_empty(), "{}: nothing was asked", conversation.name);
        for (prompt, secret) in told.iter().flat_map(|prompt| said.iter().map(move |secret| (prompt, *secret))) {
            assert!(!leaks(prompt, secret), "{}: {secret:?} is in a prompt:\n{prompt}", conversation.name);
        }
        for prompt in &told {
            let digits = dictated(&folded(prompt));
            assert!(digits.split('|').all(|digits| digits.len() < 3), "{}: three figures in a row:\n{prompt}", conversation.name);
        }
        prompts += told.len();
        clean(&house).await;
    }
    eprintln!("{prompts} prompts of {} conversations, canaries planted: {planted:?}", held().await.len());
    assert!(planted.iter().all(|times| *times > 0), "planted: {planted:?}");
}
