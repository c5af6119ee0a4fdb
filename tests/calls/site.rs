//! A site that outlives the program it runs: project, database, desk, and calls that go on after a crash.
//!
//! Lives here: opening it, its calls as the network knows them, and what must be true of them whatever dies.
//! Never here: what dies when (`crash.rs`, `failpoints.rs`).

use crate::house::{DESK_KEY, Folder, LINE, On, bank, rows};
use crate::serving::{Serving, variables};
use crate::truth::spelled;
use centralita::phone::Line;
use centralita::standin::desk::{Desk, Listening};
use centralita::twilio::read::read;
use centralita::twilio::twiml::{Prompt, Verb};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const RING: &str = "/webhooks/twilio/webhook";
/// How often something outside is looked at.
pub(crate) const LOOK: Duration = Duration::from_millis(10);

/// What outlives the program: project, database, desk.
pub(crate) struct Site {
    pub(crate) project: PathBuf,
    pub(crate) database: String,
    pub(crate) desk: Desk,
    listening: Listening,
    /// Variables beside the usual ones.
    pub(crate) more: Vec<(&'static str, String)>,
    _folder: Folder,
}

impl Site {
    /// A site with the demo's clients, and the program serving it; none where its database is not installed.
    pub(crate) async fn open(on: On, test: &str) -> Option<(Self, Serving)> {
        let folder = Folder::new();
        let database = match on {
            On::Sqlite => format!("sqlite:{}", folder.0.join("site.db").display()),
            On::Postgres => crate::postgres::database(test)?,
        };
        let project = bank(&folder.0).await;
        few_examples(&project);
        let desk = Desk::new(DESK_KEY);
        let listening = desk.serve().await.unwrap();
        let site = Self { project, database, desk, listening, more: Vec::new(), _folder: folder };
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

    pub(crate) fn serve(&self) -> Serving {
        self.serve_with(&self.listening.base)
    }

    pub(crate) fn serve_with(&self, desk: &str) -> Serving {
        Serving::start(&self.project, &self.variables_with(desk))
    }

    /// A program that dies at this fail-point (`CENTRALITA_DIE_AT`), or stands still there (`CENTRALITA_STAND_AT`).
    pub(crate) fn serve_until(&self, variable: &'static str, point: u32) -> Serving {
        let mut variables = self.variables();
        // Another host has checkpoints of its own.
        variables.push(("CENTRALITA_AUDIT_FILE", self.project.join("other.jsonl").display().to_string()));
        variables.push((variable, point.to_string()));
        Serving::start(&self.project, &variables)
    }

    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        self.variables_with(&self.listening.base)
    }

    fn variables_with(&self, desk: &str) -> Vec<(&'static str, String)> {
        // Of two of a name the later one counts.
        variables(&self.database, desk).into_iter().chain(self.more.clone()).collect()
    }

    /// Whether nothing is owed any more, and one ticket is open for each card of a call.
    async fn is_delivered(&self, call: &Call) -> bool {
        self.count("owed where state = 'due'").await == "0" && self.requests_of(call).await.iter().all(|request| self.open_tickets(&request[1]).len() == 1)
    }

    /// Whether nothing is left to do: delivered, and no check for a duplicate to come.
    pub(crate) async fn is_over(&self, call: &Call) -> bool {
        self.count("effects where check_at is not null").await == "0" && self.is_delivered(call).await
    }

    /// Waits until nothing is owed any more.
    pub(crate) async fn nothing_owed(&self, most: Duration) {
        self.none("owed where state = 'due'", most).await;
    }

    /// Waits until nothing is owed, and nothing is to be checked any more.
    pub(crate) async fn nothing_left(&self, most: Duration) {
        self.nothing_owed(most).await;
        self.none("effects where check_at is not null", most).await;
    }

    async fn none(&self, of: &str, most: Duration) {
        let began = Instant::now();
        while self.count(of).await != "0" {
            assert!(began.elapsed() < most, "there are still {of} after {most:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What is left to do for a call, for people.
    pub(crate) async fn left(&self, call: &Call) -> String {
        let owed = rows(&self.database, "select call, action, state, cast(attempts as text), coalesce(last_error, '') from owed where state <> 'done'").await;
        let effects = rows(&self.database, "select call, name, state, cast(attempts as text) from effects where check_at is not null").await;
        let tickets: Vec<_> = self.requests_of(call).await.iter().map(|request| self.open_tickets(&request[1]).len()).collect();
        format!("call {}: owed {owed:?}, to be checked {effects:?}, open tickets {tickets:?}", call.sid)
    }

    pub(crate) async fn count(&self, of: &str) -> String {
        rows(&self.database, &format!("select cast(count(*) as text) from {of}")).await.concat().concat()
    }

    /// The open tickets that speak of this code.
    pub(crate) fn open_tickets(&self, code: &str) -> Vec<serde_json::Value> {
        let of_code = |ticket: &serde_json::Value| ticket["status"] == 2 && ticket["description"].as_str().is_some_and(|text| text.contains(code));
        self.desk.tickets().into_iter().filter(of_code).collect()
    }

    pub(crate) async fn requests_of(&self, call: &Call) -> Vec<Vec<String>> {
        self.requests(&call.sid).await
    }

    /// The rows of reported cards that a call left: status, code, ticket.
    pub(crate) async fn requests(&self, call: &str) -> Vec<Vec<String>> {
        let sql = format!(
            "select status, coalesce(code, ''), coalesce(cast(freshdesk_ticket_id as text), '') from blocking_requests where call = '{call}' and request_type = 'block'"
        );
        rows(&self.database, &sql).await
    }

    /// Waits until nothing is owed for a call any more, and one ticket is open for it.
    async fn settled(&self, call: &Call) {
        for _ in 0..2000 {
            if self.is_delivered(call).await {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
        panic!("something is still owed, or open twice, after twenty seconds; tickets: {:?}", self.desk.tickets());
    }

    /// One row and one open ticket for a call, and each knows the other; so many tickets are open in all.
    pub(crate) async fn one_row_one_ticket(&self, call: &Call, tickets: usize) -> Vec<String> {
        self.settled(call).await;
        let requests = self.requests_of(call).await;
        assert_eq!(requests.len(), 1, "{requests:?}");
        let request = requests[0].clone();
        assert_eq!(self.open_tickets("").len(), tickets, "{:?}", self.desk.tickets());
        let of_code = self.open_tickets(&request[1]);
        assert_eq!(of_code.len(), 1, "{of_code:?}");
        assert_eq!((request[0].as_str(), request[2].clone()), ("ticketed", of_code[0]["id"].to_string()));
        request
    }
}

/// Leaves a dozen examples for each wish: a program that is started a hundred times has little to learn.
fn few_examples(project: &Path) {
    let (file, mut so_far) = (project.join("data/nlu.yml"), 0);
    let is_kept = |line: &&str| {
        so_far = if line.starts_with("    - ") { so_far + 1 } else { 0 };
        so_far <= 12
    };
    let kept: Vec<String> = std::fs::read_to_string(&file).unwrap().lines().filter(is_kept).map(str::to_owned).collect();
    std::fs::write(file, kept.join("\n") + "\n").unwrap();
}

/// A call that outlives the program: what the telephone network knows of it.
pub(crate) struct Call {
    pub(crate) sid: String,
    from: String,
    /// The last turn's path, body and reply.
    pub(crate) last: (String, Vec<(String, String)>, String),
    action: String,
}

impl Call {
    pub(crate) async fn ring(serving: &Serving, n: u32, from: &str) -> Self {
        let mut call = Self { sid: format!("CA{n:032x}"), from: from.to_owned(), last: <_>::default(), action: RING.into() };
        let params = call.form(&[]);
        call.post(serving, params).await;
        call
    }

    pub(crate) fn form(&self, extra: &[(&str, &str)]) -> Vec<(String, String)> {
        let status = if extra.iter().any(|(name, _)| *name == "CallStatus") { &[][..] } else { &[("CallStatus", "in-progress")][..] };
        let about = [("CallSid", self.sid.as_str()), ("From", &self.from), ("To", LINE)];
        about.iter().chain(status).chain(extra).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    pub(crate) async fn turn(&mut self, serving: &Serving, extra: &[(&str, &str)]) -> String {
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
    pub(crate) async fn reach_the_question(&mut self, serving: &Serving) {
        self.turn(serving, &[("SpeechResult", "me robaron la tarjeta")]).await;
        let last4 = if self.from == "+525500000001" { "4521" } else { &self.from[self.from.len() - 4..] }.to_owned();
        let question = self.turn(serving, &[("Digits", &last4)]).await;
        assert!(question.contains("¿Confirmas?"), "{question}");
    }

    /// Says yes without waiting for the reply.
    pub(crate) fn yes(&self, serving: &Serving) -> tokio::task::JoinHandle<Option<String>> {
        let (line, url) = (Arc::clone(&serving.line), url(serving, &self.action));
        let params = self.form(&[("Digits", "1")]);
        tokio::spawn(async move { send(&line, &url, &params).await.filter(|(status, _)| *status == 200).map(|(_, reply)| reply) })
    }
}

pub(crate) fn url(serving: &Serving, path: &str) -> String {
    format!("{}{path}", serving.base)
}

pub(crate) async fn send(line: &Line, url: &str, params: &[(String, String)]) -> Option<(u16, String)> {
    let answer = line.post(&url.parse().unwrap(), params, "the-same-event").await.ok()?;
    Some((answer.status, answer.body))
}

pub(crate) async fn answered(serving: &Serving, path: &str, params: &[(String, String)]) -> String {
    let (status, reply) = send(&serving.line, &url(serving, path), params).await.expect("an answer");
    assert_eq!(status, 200, "{path}: {reply}");
    reply
}

/// What a reply says; digits that are read one by one are `4-5-2-1`.
pub(crate) fn text(reply: &str) -> String {
    let say = |prompt: Prompt| if let Prompt::Say(say) = prompt { Some(say.text) } else { None };
    let says = read(reply).unwrap().0.into_iter().flat_map(|verb| match verb {
        Verb::Say(say) => vec![say.text],
        Verb::Gather(gather) => gather.prompt.into_iter().filter_map(say).collect(),
        Verb::Pause(_) | Verb::Dial(_) | Verb::Connect(_) | Verb::Redirect(_) | Verb::Reject | Verb::Hangup => Vec::new(),
    });
    says.collect::<Vec<_>>().join(" ")
}

/// Whether everything a reply says of the report and its ticket was true when it was heard.
pub(crate) fn true_to(reply: &str, requests: &[Vec<String>], tickets: &[serde_json::Value]) {
    let text = text(reply);
    assert_eq!(requests.len(), 1, "{requests:?}: {text}");
    assert!(text.contains("quedó registrado") && text.contains(&spelled(&requests[0][1])), "{requests:?}: {text}");
    let numbered = tickets.iter().any(|ticket| text.contains(&format!("número de ticket es {}.", spelled(&ticket["id"].to_string()))));
    assert_eq!(text.contains("número de ticket es"), numbered, "{text}");
    assert_ne!(numbered, text.contains("tu ticket queda pendiente"), "{text}");
}
