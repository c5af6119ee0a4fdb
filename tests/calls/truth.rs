//! A caller who believes nothing: after every reply, whatever was claimed is looked up outside.
//!
//! Lives here: calls whose every claim is checked, and spelling digits as they are said.
//! Never here: tests, what a call is about.

use crate::house::{Changes, House, On};
use centralita::phone::{Caller, Heard, Next};
use centralita::twilio::form::DialStatus;
use centralita_engine::Event;
use std::sync::Arc;

/// `4521` as it is said: `4-5-2-1`.
pub(crate) fn spelled(digits: &str) -> String {
    digits.chars().map(String::from).collect::<Vec<_>>().join("-")
}

/// Opens a house that several callers share.
pub(crate) async fn open(on: On, test: &str, changes: Changes) -> Option<Arc<House>> {
    House::with(on, test, changes).await.map(Arc::new)
}

/// Waits for several callers at once; the first one who found a mistake is heard.
pub(crate) async fn all(mut callers: tokio::task::JoinSet<()>) {
    while let Some(ended) = callers.join_next().await {
        if let Err(failed) = ended {
            std::panic::resume_unwind(failed.into_panic());
        }
    }
}

/// One row of the bank's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) reason: String,
    pub(crate) client: String,
    pub(crate) card: String,
    pub(crate) code: String,
    pub(crate) ticket: String,
    pub(crate) call_back: String,
}

/// A call whose claims are checked.
pub(crate) struct Watched {
    pub(crate) house: Arc<House>,
    pub(crate) caller: Caller,
    pub(crate) heard: Heard,
    /// The responses of the last turn.
    pub(crate) said: Vec<String>,
    from: String,
    seen: usize,
}

impl Watched {
    pub(crate) async fn ring(house: &Arc<House>, from: &str) -> Self {
        let (caller, heard) = house.ring(from).await;
        let mut watched = Self { house: house.clone(), caller, heard, said: Vec::new(), from: from.to_owned(), seen: 0 };
        watched.look().await;
        watched
    }

    pub(crate) async fn say(&mut self, text: &str) -> &[String] {
        self.heard = self.caller.say(text).await.unwrap();
        self.look().await;
        &self.said
    }

    pub(crate) async fn keys(&mut self, keys: &str) -> &[String] {
        self.heard = self.caller.keys(keys).await.unwrap();
        self.look().await;
        &self.said
    }

    pub(crate) async fn silence(&mut self) -> &[String] {
        self.heard = self.caller.silence().await.unwrap();
        self.look().await;
        &self.said
    }

    /// The person the call goes to takes it, or does not.
    pub(crate) async fn person(&mut self, how: DialStatus) -> &[String] {
        self.heard = self.caller.dialed(how).await.unwrap();
        self.look().await;
        &self.said
    }

    /// Says it, or keys it when it begins with `keys:`.
    pub(crate) async fn answer(&mut self, answer: &str) -> &[String] {
        match answer.strip_prefix("keys:") {
            Some(keys) => self.keys(keys).await,
            None => self.say(answer).await,
        }
    }

    pub(crate) fn sid(&self) -> &str {
        self.caller.call_sid()
    }

    pub(crate) fn text(&self) -> String {
        self.heard.text()
    }

    pub(crate) fn hung_up(&self) -> bool {
        matches!(self.heard.next, Next::HungUp)
    }

    pub(crate) fn dialled(&self) -> Option<&str> {
        if let Next::Dial(dialed) = &self.heard.next { Some(&dialed.party) } else { None }
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        self.house.events(self.sid()).await
    }

    /// Why the call went to a person; none if it did not.
    pub(crate) async fn transferred(&self) -> Option<String> {
        self.events().await.into_iter().find_map(|event| if let Event::Transferred { reason } = event { Some(reason) } else { None })
    }

    /// The rows this call left.
    pub(crate) async fn requests(&self) -> Vec<Request> {
        requests(&self.house, self.sid()).await
    }

    /// Compares what was just said with what is there now, before the caller's next word.
    async fn look(&mut self) {
        let events = self.events().await;
        let new: Vec<(String, String, Vec<String>)> = events[self.seen..]
            .iter()
            .filter_map(|event| {
                let Event::Said { response: Some(response), text, claims, .. } = event else { return None };
                Some((response.to_string(), text.reveal().clone(), claims.iter().map(ToString::to_string).collect()))
            })
            .collect();
        self.seen = events.len();
        self.said = new.iter().map(|(response, ..)| response.clone()).collect();
        let spoken: Vec<&str> = new.iter().map(|(_, text, _)| text.as_str()).filter(|text| !text.is_empty()).collect();
        // What is said while a turn takes long is no part of it.
        let heard = WAITING.iter().fold(self.text(), |heard, sentence| heard.replace(sentence, ""));
        assert_eq!(plain(&spoken.join(" ")), plain(&heard), "what is stored as said is not what was heard");
        let claims = new.iter().any(|(_, text, claims)| !claims.is_empty() || PROMISES.iter().any(|promise| text.contains(promise)));
        if !claims {
            return;
        }
        let rows = self.requests().await;
        let reported: Vec<&Request> = rows.iter().filter(|row| row.kind == "block").collect();
        for (response, text, claims) in &new {
            let because = |what: &str| format!("`{response}` said «{text}», but {what}; rows: {rows:?}");
            let registered = text.contains("quedó registrado") || claims.iter().any(|claim| claim == "action_open_request");
            assert!(!registered || !reported.is_empty(), "{}", because("no card is reported"));
            if text.contains("quedó registrado") {
                assert!(reported.iter().all(|row| text.contains(&spelled(&row.code))), "{}", because("its code is another"));
            }
            let ticket = text.contains("número de ticket es") || claims.iter().any(|claim| claim == "action_create_ticket");
            if ticket {
                let known = self.house.desk.tickets();
                let there =
                    |row: &&Request| known.iter().any(|ticket| ticket["id"].as_u64() == row.ticket.parse().ok()) && text.contains(&spelled(&row.ticket));
                assert!(!reported.is_empty() && reported.iter().all(there), "{}", because("the desk has no such ticket"));
            }
            if text.contains("tu ticket queda pendiente") {
                let owed = self.house.rows(&format!("select state from owed where call = '{}'", self.sid())).await;
                assert!(owed.iter().any(|row| row[0] == "due" || row[0] == "done"), "{}", because("nothing is owed"));
                assert!(!self.text().contains("número de ticket"), "{}", because("a number was said beside it"));
            }
            if text.contains("Dejé anotado") || claims.iter().any(|claim| claim == "action_record_unverified") {
                assert!(rows.iter().any(|row| row.kind == "unverified" || row.kind == "abandoned"), "{}", because("nothing is noted"));
            }
            if text.contains("no lo confirmaste") {
                let left = "select callback_number from blocking_requests where status = 'abandoned' and processed_at is null";
                assert!(self.house.rows(left).await.contains(&vec![self.from.clone()]), "{}", because("this number left no report open"));
            } else if text.contains("ya tiene un reporte abierto") || text.contains("sigue abierto") {
                let open = self.house.rows("select code from blocking_requests where status in ('pending', 'ticketed')").await;
                assert!(open.iter().any(|row| text.contains(&spelled(&row[0]))), "{}", because("no open request has this code"));
            }
        }
    }
}

/// What a caller hears while a turn takes long.
pub(crate) const WAITING: [&str; 2] = ["Un momento, por favor.", "Sigo en eso, gracias por esperar."];

/// Sentences that are true only when something has happened.
const PROMISES: [&str; 7] =
    ["quedó registrado", "número de ticket es", "tu ticket queda pendiente", "Dejé anotado", "ya tiene un reporte abierto", "sigue abierto", "está guardado"];

/// Without spaces, hyphens and commas, which the wire may place differently.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | ',')).collect()
}

/// The rows a call left.
pub(crate) async fn requests(house: &House, call: &str) -> Vec<Request> {
    let sql = format!(
        "select request_type, status, reason, client_id, card_reference, code, cast(freshdesk_ticket_id as text), callback_number from blocking_requests where call = '{call}' order by card_reference, id"
    );
    let rows = house.rows(&sql).await;
    rows.into_iter()
        .map(|row| {
            let [kind, status, reason, client, card, code, ticket, call_back] = <[String; 8]>::try_from(row).unwrap();
            Request { kind, status, reason, client, card, code, ticket, call_back }
        })
        .collect()
}
