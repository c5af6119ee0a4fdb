//! What is written reads back the same, and what Twilio would not take is refused by name.
//!
//! Lives here: the property over any text, and one refusal of each kind.
//! Never here: rendering details (`twiml.rs`).

use super::*;
use crate::twilio::spoken::clean;

/// A document with `text` wherever text may stand.
fn everywhere(text: &str) -> Document {
    let gather = Gather {
        action: "/webhooks/twilio/process?turn=1&t=x".to_owned(),
        language: "es-MX".to_owned(),
        timeout: 6,
        speech_timeout: 2,
        max_speech_time: 30,
        speech_model: None,
        keys_only: true,
        finish_on_key: "#".to_owned(),
        num_digits: Some(4),
        hints: vec!["sí".to_owned(), "no".to_owned()],
        prompt: vec![Prompt::Say(Say::new(text)), Prompt::Pause(1)],
    };
    let dial = |party| Dial {
        party,
        timeout: 30,
        action: Some("/after?a=1&b=2".to_owned()),
        caller_id: Some("+525500000001".to_owned()),
        whisper: Some("/whisper?a=1&b=2".to_owned()),
    };
    let number = dial(Party::Number("+525500000000".to_owned()));
    let (sip, queue) = (Dial { whisper: None, ..dial(Party::Sip("sip:a@b.mx".to_owned())) }, dial(Party::Queue("soporte".to_owned())));
    let connect = Connect {
        action: "/ended?t=x&again=1".to_owned(),
        url: "wss://voz.example.mx/relay".to_owned(),
        language: "es-MX".to_owned(),
        tts_provider: "Google".to_owned(),
        voice: "es-US-Chirp3-HD-Aoede".to_owned(),
        transcription_provider: "Deepgram".to_owned(),
        speech_model: "nova-3-general".to_owned(),
        others: vec![("en-US".to_owned(), "en-US-Chirp3-HD-Aoede".to_owned())],
        hints: vec!["tarjeta".to_owned(), "persona".to_owned()],
        parameters: vec![("t".to_owned(), "0123".to_owned())],
    };
    Document(vec![
        Verb::Say(Say::new(text)),
        Verb::Gather(gather),
        Verb::Dial(number),
        Verb::Dial(sip),
        Verb::Dial(queue),
        Verb::Connect(connect),
        Verb::Redirect("/poll?n=1&t=x".to_owned()),
        Verb::Hangup,
    ])
}

/// Texts of what XML, digits and Spanish make awkward; the same ones on every run.
fn texts() -> impl Iterator<Item = String> {
    let awkward = "01234567890123456789------<>&;'\"#x] \n\r\táñ¿😀ab\u{0}\u{b}\u{85}\u{2028}\u{feff}\u{fffe}";
    let awkward: Vec<char> = awkward.chars().collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: u32| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 32) as u32 % below
    };
    (0..4_000).map(move |_| {
        let length = next(60);
        let mut letter = || match next(10) {
            0 => char::from_u32(next(0x11_0000)).unwrap_or('-'),
            _ => awkward[next(awkward.len() as u32) as usize],
        };
        (0..length).map(|_| letter()).collect()
    })
}

#[test]
fn any_text_reads_back_as_it_was_said() {
    for text in texts().filter(|text| !clean(text).trim().is_empty()) {
        let read = read(&everywhere(&text).render());
        let same = read.as_ref().is_ok_and(|document| *document == everywhere(&clean(&text)));
        assert!(same, "{text:?}: {:?}", read.err());
    }
}

#[test]
fn no_document_panics_the_reader() {
    for text in texts() {
        drop(read(&text));
        drop(read(&format!("<Response><Say voice=\"a\" language=\"es-MX\">{text}</Say></Response>")));
        drop(read(&format!("<Response><Gather {text}></Gather></Response>")));
    }
}

#[test]
fn a_long_text_reads_back_in_pieces() {
    let text = "Tu folio es 1-2-3-4. ".repeat(300);
    let document = read(&Document(vec![Verb::Say(Say::new(&text))]).render()).ok().unwrap();
    let said: Vec<_> = document.0.iter().map(|verb| if let Verb::Say(say) = verb { say.text.as_str() } else { "" }).collect();
    assert!(said.len() > 1);
    assert_eq!(said.concat(), text);
}

const SAY: &str = r#"<Say voice="Polly.Mia-Neural" language="es-MX">Hola</Say>"#;

#[track_caller]
fn refused(inside: &str, message: &str) {
    let error = read(&format!("<Response>{inside}</Response>")).err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some(message));
}

#[track_caller]
fn refused_gather(change: (&str, &str), message: &str) {
    let xml = everywhere("Hola").render();
    let changed = xml.replacen(change.0, change.1, 1);
    assert_ne!(xml, changed, "nothing to replace");
    assert_eq!(read(&changed).err().map(|error| error.to_string()).as_deref(), Some(message));
}

#[test]
fn verbs_are_known_by_case_and_place() {
    refused("<say>Hola</say>", "`<say>` may not stand in `<Response>`");
    refused("<Play>a.mp3</Play>", "`<Play>` may not stand in `<Response>`");
    refused_gather(("<Pause length=\"1\"></Pause>", "<Hangup/>"), "`<Hangup>` may not stand in `<Gather>`");
    refused(&SAY.replace("Hola", "<break/>"), "`<break>` may not stand in `<Say>`");
}

#[test]
fn attributes_are_named() {
    refused(&SAY.replace("voice", "Voice"), "`<Say>` has no attribute `Voice`");
    refused(&SAY.replace(" language=\"es-MX\"", ""), "`<Say>` must say `language`: no default is left to Twilio");
    refused_gather((" bargeIn=\"true\"", ""), "`<Gather>` must say `bargeIn`: no default is left to Twilio");
    refused_gather((" method=\"POST\"", ""), "`<Gather>` must say `method`: no default is left to Twilio");
}

#[test]
fn values_are_checked() {
    refused(&SAY.replace("es-MX", "es"), "`language` of `<Say>` must be a language with its region, such as `es-MX`");
    refused("<Pause length=\"0\"/>", "`length` of `<Pause>` must be a whole number of seconds above zero");
    refused("<Pause length=\"99999999999\"/>", "`length` of `<Pause>` must be a whole number of seconds above zero");
    refused_gather(("url=\"wss:", "url=\"http:"), "`url` of `<ConversationRelay>` must be an address that begins with `wss://`");
    refused_gather(("ttsProvider=\"Google\"", "ttsProvider=\"Acme\""), "`ttsProvider` of `<ConversationRelay>` must be `Google`, `Amazon` or `ElevenLabs`");
    refused_gather((" dtmfDetection=\"true\"", ""), "`<ConversationRelay>` must say `dtmfDetection`: no default is left to Twilio");
    let auto = (" speechTimeout=\"2\"", " speechTimeout=\"auto\"");
    refused_gather(auto, "`speechTimeout` of `<Gather>` must be a whole number of seconds above zero");
    let key = ("finishOnKey=\"#\"", "finishOnKey=\"A\"");
    refused_gather(key, "`finishOnKey` of `<Gather>` must be any of `0-9*#`, or empty");
    let silent = ("actionOnEmptyResult=\"true\"", "actionOnEmptyResult=\"false\"");
    refused_gather(silent, "`actionOnEmptyResult` of `<Gather>` must be `true`, or silence ends the call");
    let dial = |inside: &str| format!(r#"<Dial timeout="30" answerOnBridge="true" record="do-not-record">{inside}</Dial>"#);
    refused(&dial("+525500000000"), "`<Dial>` holds text outside its verbs");
    refused(&dial(""), "`<Dial>` must hold one `Number`, `Sip` or `Queue`");
    refused(&dial("<Number>persona</Number>"), "`<Number>` must hold one number in E.164");
    refused(&dial("<Sip>persona</Sip>"), "`<Sip>` must hold `sip:user@host`");
    refused(&dial("<Client>ana</Client>"), "`<Client>` may not stand in `<Dial>`");
    refused(&dial("<Number url=\"/w\">+525500000000</Number>"), "`<Number>` must say `method`: no default is left to Twilio");
    refused_gather(("numDigits=\"4\"", "numDigits=\"0\""), "`numDigits` of `<Gather>` must be a whole number above zero");
    refused_gather(("input=\"dtmf\"", "input=\"speech\""), "`input` of `<Gather>` must be `dtmf speech` or `dtmf`");
}

#[test]
fn junk_around_and_inside_is_refused() {
    for xml in ["", "<Response>", "oops <Response/>", "<Response/><Response/>", "<html/>", "<Response/> bye"] {
        assert_eq!(read(xml).err(), Some(BadTwiml::NotOneRoot), "{xml}");
    }
    refused("hola", "`<Response>` holds text outside its verbs");
    assert!(matches!(read("<Response><Say></Response>").err(), Some(BadTwiml::Malformed(_))));
    assert!(matches!(read("<!DOCTYPE a><Response/>").err(), Some(BadTwiml::Malformed(_))));
    assert!(matches!(read(&format!("<Response>{}", "<Say>".repeat(50))).err(), Some(BadTwiml::Malformed(_))));
    assert_eq!(read(&" ".repeat(70_000)).err(), Some(BadTwiml::TooLarge));
    assert!(read("<?xml version=\"1.0\"?>\n<Response/>\n").is_ok_and(|document| document.0.is_empty()));
}
