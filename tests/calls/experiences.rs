//! What a caller experiences, from the ring to the ticket.

use crate::house::{BOTH, House};
use centralita::phone::Next;
use centralita::standin::desk::{Fault, On as Asked};

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_card_is_reported_and_an_urgent_ticket_is_opened() {
    for on in BOTH {
        let Some(house) = House::open(on, "a_stolen_card_is_reported").await else { continue };
        let (mut caller, heard) = house.ring("+525500000001").await;
        assert!(heard.text().contains("¿En qué puedo ayudarte?"), "{}", heard.text());
        caller.say("me robaron la tarjeta").await.unwrap();
        let heard = caller.say("cuatro cinco dos uno").await.unwrap();
        assert!(heard.text().contains("terminada en 4-5-2-1"), "{}", heard.text());
        assert_eq!(house.requests().await, Vec::<Vec<String>>::new());
        let heard = caller.say("sí").await.unwrap();
        let requests = house.requests().await;
        assert_eq!(requests.len(), 1);
        let (code, ticket) = (&requests[0][3], &requests[0][4]);
        assert_eq!(code.len(), 9);
        let spelled = |digits: &str| digits.chars().map(String::from).collect::<Vec<_>>().join("-");
        assert!(heard.text().contains(&spelled(code)), "{}", heard.text());
        assert!(heard.text().contains(&format!("ticket es {}", spelled(ticket))), "{}", heard.text());
        let tickets = house.tickets(1).await;
        assert_eq!(tickets.len(), 1);
        assert_eq!(tickets[0]["priority"], 4);
        assert_eq!(tickets[0]["source"], 3);
        let heard = caller.say("no gracias").await.unwrap();
        assert!(matches!(heard.next, Next::HungUp));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_down_gets_the_ticket_later_and_nobody_hears_a_number() {
    for on in BOTH {
        let Some(house) = House::open(on, "a_desk_that_is_down").await else { continue };
        house.desk.fault(Fault::Status500, Asked::All, None);
        let (mut caller, _) = house.ring("+525500000001").await;
        caller.say("perdí mi tarjeta").await.unwrap();
        caller.keys("4521").await.unwrap();
        let heard = caller.keys("1").await.unwrap();
        assert!(heard.text().contains("tu ticket queda pendiente"), "{}", heard.text());
        assert!(!heard.text().contains("número de ticket es"), "{}", heard.text());
        caller.hang_up().await.unwrap();
        house.desk.clear_faults();
        let tickets = house.tickets(1).await;
        assert_eq!(tickets[0]["priority"], 3);
    }
}
