//! Lines that differ: by the called number, by language, by how long a call may be, and by whom they do not talk with.
//!
//! Lives here: whole calls to them, and what the network says about calls.
//! Never here: what a flow says, signatures and turn tokens (`webhooks.rs`).

use crate::house::{ADMIN, BOTH, Changes, Folder, House, LINE, On};
use crate::relay::relayed;
use crate::truth::{Watched, open};
use centralita::phone::{Caller, Next};
use centralita::twilio::form::DialStatus;
use centralita::twilio::read::read;
use centralita::twilio::twiml::{Document, Prompt, Say, Verb};
use std::path::Path;

const RING: &str = "/webhooks/twilio/webhook";
const STATUS: &str = "/webhooks/twilio/status";

/// `twilio_voice` of the project's `credentials.yml`, and more languages than Spanish.
fn spoken(project: &Path) {
    let voice = r#"twilio_voice:
  language: es-MX
  voices: {en-US: Polly.Joanna-Neural}
  numbers:
    "+34910000000": {language: es-ES, assistant_voice: Polly.Lucia-Neural, slots: {language: es-x-usted}}
    "+15550100000": {language: en-US}
"#;
    std::fs::write(project.join("credentials.yml"), voice).unwrap();
    change(project, "config.yml", "additional_languages: [", "additional_languages: [en, ");
}

/// The caller is heard in English as soon as they report a card.
fn changes_language(project: &Path) {
    spoken(project);
    change(project, "data/flows/block_card.yml", "set_slots: [{reporting: true}, ", "set_slots: [{reporting: true}, {language: en}, ");
}

fn changes_language_on_a_socket(project: &Path) {
    changes_language(project);
    relayed(project);
    let voice = "twilio_voice: {language: es-MX, voices: {en-US: Polly.Joanna-Neural}, relay: {voices: {en-US: en-US-Chirp3-HD-Aoede}}}\n";
    std::fs::write(project.join("credentials.yml"), voice).unwrap();
}

fn short_calls(project: &Path) {
    std::fs::write(project.join("credentials.yml"), "twilio_voice: {language: es-MX, max_turns: 2}\n").unwrap();
}

fn change(project: &Path, file: &str, from: &str, to: &str) {
    let file = project.join(file);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// Language and voice of what is said, the language that is listened in, and the words.
fn sounds(document: &str) -> (String, String, String, String) {
    let Document(verbs) = read(document).unwrap();
    let Some(Verb::Gather(gather)) = verbs.first() else { panic!("nothing is asked: {document}") };
    let Some(Prompt::Say(Say { voice, language, text })) = gather.prompt.first() else { panic!("nothing is said: {document}") };
    (language.clone(), voice.clone(), gather.language.clone(), text.clone())
}

async fn ring(house: &House, called: &str) -> (Caller, String) {
    let (caller, heard) = Caller::ring(&house.line, "+525500000001", called).await.unwrap();
    (caller, heard.twiml)
}

async fn post(house: &House, path: &str, params: &[(&str, &str)]) -> String {
    let url = format!("http://{}{path}", house.server.public).parse().unwrap();
    let params: Vec<(String, String)> = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let answer = house.line.post(&url, &params, "event").await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn each_called_number_has_its_language_its_voice_and_its_form_of_address() {
    let house = open(On::Sqlite, "each_called_number", Changes { project: Some(spoken), ..Changes::default() }).await.unwrap();
    for (called, language, voice, address) in [
        (LINE, "es-MX", "Polly.Mia-Neural", "puedo ayudarte"),
        ("+34910000000", "es-ES", "Polly.Lucia-Neural", "puedo ayudarle"),
        ("+15550100000", "en-US", "Polly.Joanna-Neural", "puedo ayudarte"),
    ] {
        let (_, document) = ring(&house, called).await;
        let (said, by, heard, text) = sounds(&document);
        assert_eq!((said.as_str(), by.as_str(), heard.as_str()), (language, voice, language), "{called}");
        assert!(text.contains(address), "{called}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_changes_its_language_changes_voice_and_ears() {
    let house = open(On::Sqlite, "changes_its_language", Changes { project: Some(changes_language), ..Changes::default() }).await.unwrap();
    let (mut caller, document) = ring(&house, LINE).await;
    assert_eq!(sounds(&document).0, "es-MX");
    let (said, by, heard, _) = sounds(&caller.say("me robaron la tarjeta").await.unwrap().twiml);
    assert_eq!((said.as_str(), by.as_str(), heard.as_str()), ("en-US", "Polly.Joanna-Neural", "en-US"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_changes_its_language_tells_the_network_and_begins_in_it_again() {
    let house = open(On::Sqlite, "a_session_changes_language", Changes { project: Some(changes_language_on_a_socket), ..Changes::default() }).await.unwrap();
    let (mut caller, heard) = Caller::ring(&house.line, "+525500000001", LINE).await.unwrap();
    let listens = |next: &Next| if let Next::Gather { language, .. } = next { language.clone() } else { panic!("nothing is asked") };
    assert_eq!(listens(&heard.next), "es-MX");
    assert_eq!(listens(&caller.say("me robaron la tarjeta").await.unwrap().next), "en-US");
    assert_eq!(listens(&caller.cut().await.unwrap().next), "en-US", "the next session begins where this one broke");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_lasts_too_long_goes_to_a_person_and_is_called_back_if_nobody_is_there() {
    for on in BOTH {
        let Some(house) = open(on, "lasts_too_long", Changes { project: Some(short_calls), ..Changes::default() }).await else { continue };
        let mut call = Watched::ring(&house, "+525500000001").await;
        call.say("me robaron la tarjeta").await;
        assert_eq!(call.keys("4521").await, ["utter_ask_confirm_block"]);
        assert_eq!(call.say("sí").await, ["utter_call_too_long", "utter_transfer"], "the third turn is one too many, whatever is said in it");
        assert_eq!(call.dialled(), Some("+525500000000"));
        assert_eq!(call.person(DialStatus::NoAnswer).await, ["utter_human_handoff_not_available"]);
        assert!(call.hung_up());
        let rows: Vec<_> = call.requests().await.into_iter().map(|row| row.kind).collect();
        assert_eq!(rows, ["abandoned"], "nothing was confirmed, and somebody calls back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_numbers_are_rejected_before_anything_is_stored() {
    let folder = Folder::new();
    let list = folder.0.join("blocked.txt");
    std::fs::write(&list, "+5215500000002 # calls for fun\n+88121*\n").unwrap();
    let variables = vec![("CENTRALITA_BLOCK_LIST", list.display().to_string())];
    let house = open(On::Sqlite, "blocked_numbers", Changes { variables, ..Changes::default() }).await.unwrap();
    for (sid, from, taken) in [("CA01", "+525500000002", false), ("CA02", "+88121234567", false), ("CA03", "+525500000001", true), ("CA04", "", true)] {
        let document = post(&house, RING, &[("CallSid", sid), ("From", from), ("To", LINE)]).await;
        let rejected = matches!(read(&document).unwrap().0[..], [Verb::Reject]);
        assert_eq!(rejected, !taken, "{from}: {document}");
    }
    assert_eq!(house.rows("select id from calls order by id").await, [["CA03"], ["CA04"]]);
    let audit = house.server.app.store.audit_chain(None).await.unwrap();
    assert_eq!(audit.iter().filter(|row| row.record.contains("call rejected")).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_ours_is_the_called_persons_and_says_nothing_to_a_machine() {
    let house = open(On::Sqlite, "a_call_of_ours", Changes::default()).await.unwrap();
    let outbound = |sid, by| [("CallSid", sid), ("From", LINE), ("To", "+525500000001"), ("Direction", "outbound-api"), ("AnsweredBy", by)];
    for (sid, by) in [("CA01", "machine_start"), ("CA02", "machine_end_beep"), ("CA03", "fax")] {
        let document = post(&house, RING, &outbound(sid, by)).await;
        assert!(matches!(read(&document).unwrap().0[..], [Verb::Hangup]), "{by}: {document}");
    }
    post(&house, RING, &outbound("CA04", "human")).await;
    assert_eq!(house.rows("select id from calls").await, [["CA04"]]);
    let opening = house.server.app.store.load("CA04").await.unwrap().unwrap();
    let events = house.server.app.store.events(&opening.data_key, "CA04").await.unwrap();
    let began: serde_json::Value = serde_json::from_slice(&events[0].1).unwrap();
    assert_eq!((&began["opening"]["number"], &began["opening"]["called"]), (&"+525500000001".into(), &LINE.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_says_of_a_call_is_in_its_record_in_the_networks_order() {
    for on in BOTH {
        let Some(house) = open(on, "what_the_network_says", Changes::default()).await else { continue };
        let (caller, _) = Caller::ring(&house.line, "+525500000001", LINE).await.unwrap();
        let sid = caller.call_sid();
        for (n, status, seconds) in [("2", "completed", "34"), ("0", "ringing", ""), ("1", "in-progress", ""), ("2", "completed", "34")] {
            let form = [("CallSid", sid), ("CallStatus", status), ("SequenceNumber", n), ("CallDuration", seconds)];
            assert_eq!(post(&house, STATUS, &form).await, "");
        }
        let pages = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let entered = pages.get(format!("http://{}/?token={ADMIN}", house.server.admin)).send().await.unwrap();
        let cookie = entered.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let trace = pages.get(format!("http://{}/api/calls/{sid}/trace", house.server.admin)).header("cookie", cookie).send().await.unwrap();
        let trace: serde_json::Value = trace.json().await.unwrap();
        let said = |n, status: &str, seconds: Option<u64>| serde_json::json!({"n": n, "status": status, "seconds": seconds, "error": null});
        let network = [said(0, "ringing", None), said(1, "in-progress", None), said(2, "completed", Some(34))];
        assert_eq!((&trace["network"], trace["status"].as_str()), (&network.as_slice().into(), Some("ended")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_end_overtakes_its_ring_never_begins() {
    for on in BOTH {
        let Some(house) = open(on, "end_overtakes_ring", Changes::default()).await else { continue };
        post(&house, STATUS, &[("CallSid", "CA01"), ("CallStatus", "completed"), ("SequenceNumber", "3")]).await;
        let document = post(&house, RING, &[("CallSid", "CA01"), ("From", "+525500000001"), ("To", LINE)]).await;
        assert!(matches!(read(&document).unwrap().0[..], [Verb::Hangup]), "{document}");
        assert_eq!(house.rows("select id from calls").await, Vec::<Vec<String>>::new());
    }
}

/// Where the open question of a document wants its answer.
fn action(document: &str) -> String {
    let Document(verbs) = read(document).unwrap();
    let gathers = verbs.into_iter().find_map(|verb| if let Verb::Gather(gather) = verb { Some(gather.action) } else { None });
    gathers.unwrap_or_else(|| panic!("nothing is asked: {document}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_we_call_back_is_asked_first_told_of_their_report_then_and_a_no_takes_them_off_the_list() {
    for on in BOTH {
        let Some(house) = open(on, "whoever_we_call_back", Changes::default()).await else { continue };
        let ago = house.server.app.releases.current().local_time(centralita::app::App::now_ms() - 3 * 24 * 60 * 60_000);
        for (status, number) in [("abandoned", "+525500000001"), ("abandoned", "+525500000002")] {
            let row = format!(
                "insert into blocking_requests (request_type, status, reason, noticed_at, callback_number, call) values ('{status}', '{status}', 'stolen', '{ago}', '{number}', 'CA0')"
            );
            house.rows(&row).await;
        }
        let turn = async |to: &str, document: &str, says: &str| {
            let form = [("CallSid", "CA01"), ("From", LINE), ("To", to), ("Direction", "outbound-api"), ("SpeechResult", says), ("Confidence", "0.9")];
            post(&house, &action(document), &form).await
        };
        let ring = [("CallSid", "CA01"), ("From", LINE), ("To", "+525500000001"), ("Direction", "outbound-api"), ("AnsweredBy", "human")];
        let document = post(&house, RING, &ring).await;
        assert!(document.contains("¿Puedes hablar ahora?") && !document.contains("reporte"), "nothing is told before an answer: {document}");
        let document = turn("+525500000001", &document, "sí").await;
        assert!(document.contains("Tu reporte del ") && document.contains("sigue abierto y no lo confirmaste"), "{document}");
        let document = turn("+525500000001", &document, "no").await;
        assert!(document.contains("¿En qué puedo ayudarte?"), "{document}");
        let due = house.rows("select callback_number from blocking_requests where processed_at is null").await;
        assert_eq!(due, [["+525500000002"]], "the other number is still to be called");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_has_no_voice_for_a_language_of_the_line_is_a_mistake() {
    fn mute(project: &Path) {
        std::fs::write(project.join("credentials.yml"), "twilio_voice: {language: es-MX, voices: {en-US: Polly.Joanna-Neural}, relay: {voices: {es-MX: x}}}\n")
            .unwrap();
    }
    let folder = Folder::new();
    let project = crate::house::bank(&folder.0).await;
    mute(&project);
    let package = centralita::release::Package::read(&project).map_err(|_| "it does not read").unwrap();
    let sandbox = std::sync::Arc::new(centralita::sandbox::Sandbox::new(None).unwrap());
    let built = centralita::release::Release::build(
        &package,
        &sandbox,
        &|name| (name == "FRESHDESK_DOMAIN" || name == "FRESHDESK_API_KEY").then(|| "x".to_owned()),
        None,
    );
    let mistakes = built.await.err().unwrap().to_string();
    for expected in ["a call may be in `en-US`, for which the relay has no voice", "the relay's `voice` is the one of `es-MX`"] {
        assert!(mistakes.contains(expected), "{mistakes}");
    }
}
