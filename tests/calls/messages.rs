//! Text messages: who hung up before they could hear their code gets it on the number the bank has of them.
//!
//! Lives here: whole calls, and what the network's stand-in was asked to send.
//! Never here: the binding's rules (`host/src/egress`), the plugin's own cases.

use crate::house::{BOTH, Changes, DESK_KEY, House, LINE, On, TOKEN};
use crate::truth::{Watched, open};
use centralita::standin::desk::{Fault as DeskFault, On as Asked};
use centralita::standin::network::{Fault, Listening, Network, On as Of};
use std::sync::Arc;
use std::time::Duration;

const ACCOUNT: &str = "AC00000000000000000000000000000000";

/// A line that can send text messages, and the network they go to.
async fn line(on: On, test: &str) -> Option<(Arc<House>, Network, Listening)> {
    let network = Network::new(ACCOUNT, TOKEN, &[LINE]);
    let listening = network.serve().await.unwrap();
    let variables = vec![
        ("TWILIO_API_URL", listening.base.clone()),
        ("TWILIO_ACCOUNT_SID", ACCOUNT.to_owned()),
        // The second one is on its way out: only the first is sent.
        ("TWILIO_AUTH_TOKEN", format!("{TOKEN},an-older-token")),
        ("TWILIO_PHONE_NUMBER", LINE.to_owned()),
        ("FRESHDESK_API_KEY", DESK_KEY.to_owned()),
    ];
    let house = open(on, test, Changes { variables, ..Changes::default() }).await?;
    Some((house, network, listening))
}

/// From whom, to whom, and what.
fn sent(network: &Network) -> Vec<(String, String, String)> {
    let field = |message: &centralita::standin::network::Posted, name: &str| message.field(name).unwrap_or_default().to_owned();
    network.messages().iter().map(|message| (field(message, "From"), field(message, "To"), field(message, "Body"))).collect()
}

/// Waits until nothing is owed.
async fn settled(house: &House) {
    for _ in 0..400 {
        if house.rows("select call from owed where state = 'due'").await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("something is still owed after ten seconds");
}

async fn code(house: &House) -> String {
    house.rows("select code from blocking_requests where request_type = 'block'").await.concat().concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_before_their_code_gets_it_on_the_number_on_file_and_not_where_they_call_from() {
    for on in BOTH {
        let Some((house, network, _listening)) = line(on, "on_the_number_on_file").await else { continue };
        let mut call = Watched::ring(&house, "+525500000009").await;
        for answer in ["me robaron la tarjeta", "4521", "100001"] {
            call.answer(answer).await;
        }
        house.desk.fault(DeskFault::Latency(Duration::from_millis(300)), Asked::Create, Some(1));
        assert_eq!(call.say("sí").await[0], "utter_report_registered");
        call.caller.hang_up().await.unwrap();
        settled(&house).await;
        let code = code(&house).await;
        let [(from, to, body)] = &sent(&network)[..] else { panic!("one message: {:?}", sent(&network)) };
        assert_eq!((from.as_str(), to.as_str()), (LINE, "+525500000001"));
        assert!(code.len() == 9 && body.contains(&code) && body.contains("El bloqueo lo hace un ejecutivo"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_could_not_be_sent_is_sent_later_and_once() {
    for on in BOTH {
        let Some((house, network, _listening)) = line(on, "sent_later_and_once").await else { continue };
        network.fault(Fault::Storm429 { retry_after: 1 }, Of::Messages, Some(2));
        let mut call = Watched::ring(&house, "+525500000001").await;
        for answer in ["me robaron la tarjeta", "4521", "sí"] {
            call.answer(answer).await;
        }
        call.caller.hang_up().await.unwrap();
        settled(&house).await;
        assert_eq!(sent(&network).len(), 1);
        // What may have been sent is not sent again.
        network.fault(Fault::DropAfter, Of::Messages, Some(1));
        let mut call = Watched::ring(&house, "+525510000001").await;
        for answer in ["me robaron la tarjeta", "0001", "sí"] {
            call.answer(answer).await;
        }
        call.caller.hang_up().await.unwrap();
        settled(&house).await;
        assert_eq!(sent(&network).len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_heard_their_code_and_who_confirmed_nothing_get_no_message() {
    let (house, network, _listening) = line(On::Sqlite, "no_message").await.unwrap();
    for (from, answers) in [
        ("+525510000001", &["me robaron la tarjeta", "0001", "sí", "no"][..]),
        ("+525510000002", &["me robaron la tarjeta", "0002"]),
        ("+525510000003", &["me robaron la tarjeta", "0003", "no"]),
        ("+525510000004", &["hola"]),
    ] {
        let mut call = Watched::ring(&house, from).await;
        for answer in answers {
            call.answer(answer).await;
        }
        if !call.hung_up() {
            call.caller.hang_up().await.unwrap();
        }
    }
    settled(&house).await;
    assert_eq!(sent(&network), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_account_there_are_no_messages_and_everything_else_works() {
    let house = open(On::Sqlite, "without_an_account", Changes::default()).await.unwrap();
    let off = house.server.warnings.iter().map(ToString::to_string).find(|warning| warning.contains("binding `messages`"));
    assert!(off.is_some_and(|off| off.contains("TWILIO_ACCOUNT_SID") && off.contains("off")), "{:?}", house.server.warnings);
    let mut call = Watched::ring(&house, "+525500000001").await;
    for answer in ["me robaron la tarjeta", "4521", "sí"] {
        call.answer(answer).await;
    }
    call.caller.hang_up().await.unwrap();
    settled(&house).await;
    assert_eq!(house.tickets(1).await.len(), 1);
    assert!(house.rows("select state from owed where action = 'action_text_code'").await.is_empty(), "nothing is owed that nobody can send");
}
