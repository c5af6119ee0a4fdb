//! `kill -9` of the real program, between two turns and in the middle of the ticket request: the call goes on, and
//! there is one row and one ticket.

use crate::house::{BOTH, DESK_KEY, Folder, LINE, On, bank, rows};
use crate::serving::{Serving, variables};
use crate::truth::spelled;
use centralita::phone::Line;
use centralita::standin::desk::{Desk, Fault, Listening, On as Asked};
use centralita::twilio::read::read;
use centralita::twilio::twiml::{Prompt, Verb};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

const RING: &str = "/webhooks/twilio/webhook";
/// How often something outside is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// What outlives the program: project, database, desk.
struct Site {
    project: PathBuf,
    database: String,
    desk: Desk,
    listening: Listening,
    _folder: Folder,
}

impl Site {
    /// A site with the demo's clients, and the program serving it; none where its database is not installed.
    async fn open(on: On, test: &str) -> Option<(Self, Serving)> {
        let folder = Folder::new();
        let database = match on {
            On::Sqlite => format!("sqlite:{}", folder.0.join("site.db").display()),
            On::Postgres => crate::postgres::database(test)?,
        };
        let project = bank(&folder.0).await;
        let desk = Desk::new(DESK_KEY);
        let listening = desk.serve().await.unwrap();
        let site = Self { project, database, desk, listening, _folder: folder };
        let serving = site.serve();
        // `serve` pretends nothing: the clients are the bank's own, here those of the demo.
        let sql = std::fs::read_to_string(site.project.join("demo.sql")).unwrap();
        macro_rules! load {
            ($pool:ty) => {{
                let pool = <$pool>::connect(&site.database).await.unwrap();
                sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
                pool.close().await;
            }};
        }
        match on {
            On::Sqlite => load!(sqlx::SqlitePool),
            On::Postgres => load!(sqlx::PgPool),
        }
        Some((site, serving))
    }

    fn serve(&self) -> Serving {
        self.serve_with(&self.listening.base)
    }

    fn serve_with(&self, desk: &str) -> Serving {
        Serving::start(&self.project, &variables(&self.database, desk))
    }

    async fn requests_of(&self, call: &Call) -> Vec<Vec<String>> {
        let sql =
            format!("select status, coalesce(code, ''), coalesce(cast(freshdesk_ticket_id as text), '') from blocking_requests where call = '{}'", call.sid);
        rows(&self.database, &sql).await
    }

    /// Waits until nothing is owed for a call any more.
    async fn settled(&self, call: &Call) {
        let sql = format!("select cast(count(*) as text) from owed where state = 'due' and call = '{}'", call.sid);
        for _ in 0..2000 {
            if rows(&self.database, &sql).await[0][0] == "0" {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
        panic!("something is still owed after twenty seconds");
    }

    /// One row and one ticket for a call, and each knows the other.
    async fn one_row_one_ticket(&self, call: &Call, tickets: usize) -> Vec<String> {
        self.settled(call).await;
        let requests = self.requests_of(call).await;
        assert_eq!(requests.len(), 1, "{requests:?}");
        let request = requests[0].clone();
        assert_eq!(self.desk.tickets().len(), tickets, "{:?}", self.desk.tickets());
        let of_code: Vec<_> =
            self.desk.tickets().into_iter().filter(|ticket| ticket["description"].as_str().is_some_and(|text| text.contains(&request[1]))).collect();
        assert_eq!(of_code.len(), 1, "{of_code:?}");
        assert_eq!((request[0].as_str(), request[2].clone()), ("ticketed", of_code[0]["id"].to_string()));
        request
    }
}

/// A call that outlives the program: what the telephone network knows of it.
struct Call {
    sid: String,
    from: String,
    /// The last turn's path, body and reply.
    last: (String, Vec<(String, String)>, String),
    action: String,
}

impl Call {
    async fn ring(serving: &Serving, n: u32, from: &str) -> Self {
        let mut call = Self { sid: format!("CA{n:032x}"), from: from.to_owned(), last: <_>::default(), action: RING.into() };
        let params = call.form(&[]);
        call.post(serving, params).await;
        call
    }

    fn form(&self, extra: &[(&str, &str)]) -> Vec<(String, String)> {
        let status = if extra.iter().any(|(name, _)| *name == "CallStatus") { &[][..] } else { &[("CallStatus", "in-progress")][..] };
        let about = [("CallSid", self.sid.as_str()), ("From", &self.from), ("To", LINE)];
        about.iter().chain(status).chain(extra).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    async fn turn(&mut self, serving: &Serving, extra: &[(&str, &str)]) -> String {
        let params = self.form(extra);
        self.post(serving, params).await
    }

    async fn post(&mut self, serving: &Serving, params: Vec<(String, String)>) -> String {
        let path = self.action.clone();
        let reply = answered(serving, &path, &params).await;
        self.action =
            read(&reply).unwrap().0.into_iter().find_map(|verb| if let Verb::Gather(gather) = verb { Some(gather.action) } else { None }).unwrap_or_default();
        self.last = (path, params, reply.clone());
        reply
    }

    /// Up to the question that a yes answers.
    async fn reach_the_question(&mut self, serving: &Serving) {
        self.turn(serving, &[("SpeechResult", "me robaron la tarjeta")]).await;
        let last4 = if self.from == "+525500000001" { "4521" } else { &self.from[self.from.len() - 4..] }.to_owned();
        let question = self.turn(serving, &[("Digits", &last4)]).await;
        assert!(question.contains("¿Confirmas?"), "{question}");
    }

    /// Says yes without waiting for the reply.
    fn yes(&self, serving: &Serving) -> tokio::task::JoinHandle<Option<String>> {
        let (line, url) = (Arc::clone(&serving.line), url(serving, &self.action));
        let params = self.form(&[("Digits", "1")]);
        tokio::spawn(async move { send(&line, &url, &params).await.filter(|(status, _)| *status == 200).map(|(_, reply)| reply) })
    }
}

fn url(serving: &Serving, path: &str) -> String {
    format!("{}{path}", serving.base)
}

async fn send(line: &Line, url: &str, params: &[(String, String)]) -> Option<(u16, String)> {
    let answer = line.post(&url.parse().unwrap(), params, "the-same-event").await.ok()?;
    Some((answer.status, answer.body))
}

async fn answered(serving: &Serving, path: &str, params: &[(String, String)]) -> String {
    let (status, reply) = send(&serving.line, &url(serving, path), params).await.expect("an answer");
    assert_eq!(status, 200, "{path}: {reply}");
    reply
}

/// What a reply says; digits that are read one by one are `4-5-2-1`.
fn text(reply: &str) -> String {
    let say = |prompt: Prompt| if let Prompt::Say(say) = prompt { Some(say.text) } else { None };
    let says = read(reply).unwrap().0.into_iter().flat_map(|verb| match verb {
        Verb::Say(say) => vec![say.text],
        Verb::Gather(gather) => gather.prompt.into_iter().filter_map(say).collect(),
        Verb::Pause(_) | Verb::Dial(_) | Verb::Connect(_) | Verb::Redirect(_) | Verb::Reject | Verb::Hangup => Vec::new(),
    });
    says.collect::<Vec<_>>().join(" ")
}

/// Whether everything a reply says of the report and its ticket was true when it was heard.
fn true_to(reply: &str, requests: &[Vec<String>], tickets: &[serde_json::Value]) {
    let text = text(reply);
    assert_eq!(requests.len(), 1, "{requests:?}: {text}");
    assert!(text.contains("quedó registrado") && text.contains(&spelled(&requests[0][1])), "{requests:?}: {text}");
    let numbered = tickets.iter().any(|ticket| text.contains(&format!("número de ticket es {}.", spelled(&ticket["id"].to_string()))));
    assert_eq!(text.contains("número de ticket es"), numbered, "{text}");
    assert_ne!(numbered, text.contains("tu ticket queda pendiente"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_two_turns_loses_nothing_of_the_call() {
    for on in BOTH {
        let Some((site, mut serving)) = Site::open(on, "a_kill_between_two_turns").await else { continue };
        let mut call = Call::ring(&serving, 1, "+525500000001").await;
        for turn in 0.. {
            serving.kill();
            serving = site.serve();
            let (path, params, reply) = call.last.clone();
            // The turn that was answered is answered again, and a ring repeats the open question.
            assert_eq!(answered(&serving, &path, &params).await, reply);
            assert_eq!(answered(&serving, RING, &call.form(&[])).await, reply);
            match turn {
                0 => assert!(call.turn(&serving, &[("SpeechResult", "me robaron la tarjeta")]).await.contains("cuatro dígitos")),
                1 => assert!(call.turn(&serving, &[("SpeechResult", "cuatro cinco dos uno")]).await.contains("¿Confirmas?")),
                2 => true_to(&call.turn(&serving, &[("SpeechResult", "sí")]).await, &site.requests_of(&call).await, &site.desk.tickets()),
                3 => assert!(call.turn(&serving, &[("SpeechResult", "no gracias")]).await.contains("Gracias por llamar")),
                _ => break,
            }
        }
        site.one_row_one_ticket(&call, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_a_ticket_request_that_never_arrived_opens_one_ticket_later() {
    for on in BOTH {
        let Some((site, serving)) = Site::open(on, "a_request_that_never_arrived").await else { continue };
        serving.kill();
        // A desk that takes the request and does nothing at all.
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let serving = site.serve_with(&format!("http://{}/api/v2", silent.local_addr().unwrap()));
        let mut call = Call::ring(&serving, 1, "+525500000001").await;
        call.reach_the_question(&serving).await;
        let yes = call.yes(&serving);
        let (mut wire, _) = silent.accept().await.unwrap();
        assert!(wire.read(&mut [0; 512]).await.unwrap() > 0);
        assert_eq!(site.requests_of(&call).await.len(), 1, "the row stands before the request leaves");
        serving.kill();
        assert_eq!(yes.await.unwrap(), None);

        let serving = site.serve();
        let reply = call.turn(&serving, &[("Digits", "1")]).await;
        true_to(&reply, &site.requests_of(&call).await, &[]);
        assert!(reply.contains("tu ticket queda pendiente"), "{reply}");
        let (path, params, _) = call.last.clone();
        site.one_row_one_ticket(&call, 1).await;
        assert_eq!(answered(&serving, &path, &params).await, reply, "a saved reply does not change when the ticket is there");
        assert!(call.turn(&serving, &[("SpeechResult", "no gracias")]).await.contains("Gracias por llamar"));
        site.one_row_one_ticket(&call, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_the_desk_carried_the_request_out_opens_no_second_ticket() {
    for on in BOTH {
        let Some((site, serving)) = Site::open(on, "a_request_that_was_carried_out").await else { continue };
        // The desk executes, and its answer comes a few bytes at a time.
        site.desk.fault(Fault::SlowBody(Duration::from_secs(2)), Asked::Create, Some(1));
        let mut call = Call::ring(&serving, 1, "+525500000001").await;
        call.reach_the_question(&serving).await;
        let yes = call.yes(&serving);
        while site.desk.tickets().is_empty() {
            tokio::time::sleep(LOOK).await;
        }
        serving.kill();
        assert_eq!(yes.await.unwrap(), None);

        let serving = site.serve();
        let reply = call.turn(&serving, &[("Digits", "1")]).await;
        true_to(&reply, &site.requests_of(&call).await, &[]);
        site.one_row_one_ticket(&call, 1).await;
        assert_eq!(answered(&serving, RING, &call.form(&[])).await, reply);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_while_the_program_is_dead_still_gets_one_ticket() {
    for on in BOTH {
        let Some((site, serving)) = Site::open(on, "hangs_up_while_dead").await else { continue };
        site.desk.fault(Fault::DropAfter, Asked::Create, Some(1));
        site.desk.fault(Fault::SlowBody(Duration::from_secs(2)), Asked::Create, Some(1));
        let mut dropped = Call::ring(&serving, 1, "+525500000001").await;
        dropped.reach_the_question(&serving).await;
        let reply = dropped.turn(&serving, &[("Digits", "1")]).await;
        true_to(&reply, &site.requests_of(&dropped).await, &[]);
        let mut cut = Call::ring(&serving, 2, "+525510000042").await;
        cut.reach_the_question(&serving).await;
        let yes = cut.yes(&serving);
        while site.desk.tickets().len() < 2 {
            tokio::time::sleep(LOOK).await;
        }
        serving.kill();
        assert_eq!(yes.await.unwrap(), None);

        let serving = site.serve();
        for call in [&dropped, &cut] {
            let (status, body) = send(&serving.line, &url(&serving, "/webhooks/twilio/status"), &call.form(&[("CallStatus", "completed")])).await.unwrap();
            assert_eq!((status, body.as_str()), (200, ""));
        }
        for call in [&dropped, &cut] {
            site.one_row_one_ticket(call, 2).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_moment_of_the_turn_leaves_one_row_and_one_ticket() {
    for on in BOTH {
        let Some((site, mut serving)) = Site::open(on, "a_kill_at_any_moment").await else { continue };
        // From before the turn is read to after it is answered; what holds must hold wherever the kill falls.
        for (n, moment) in (0_u32..).zip([0, 4, 12, 36, 108]) {
            let mut call = Call::ring(&serving, n, &format!("+52551000{:04}", 100 + n)).await;
            call.reach_the_question(&serving).await;
            let yes = call.yes(&serving);
            tokio::time::sleep(Duration::from_millis(moment)).await;
            serving.kill();
            let first = yes.await.unwrap();
            serving = site.serve();
            let reply = call.turn(&serving, &[("Digits", "1")]).await;
            if let Some(first) = first {
                assert_eq!(reply, first, "killed after {moment} ms");
            }
            true_to(&reply, &site.requests_of(&call).await, &site.desk.tickets());
            site.one_row_one_ticket(&call, n as usize + 1).await;
        }
    }
}
