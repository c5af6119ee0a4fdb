//! A whole installation for one test: the real server over HTTP, real components, a database of its
//! own, and a stand-in desk outside the server.
//!
//! Lives here: starting one, being its callers, looking at its rows.
//! Never here: tests.

use crate::leaks::{self, Watch};
use centralita::phone::{Caller, Heard, Line};
use centralita::plugins_build;
use centralita::release::Variables;
use centralita::server::{Server, Start};
use centralita::settings::{self, Mode};
use centralita::standin::desk::{Desk, Listening};
use centralita::twilio::signature::Signer;
use centralita_engine::Event;
use sqlx::{ConnectOptions as _, Row as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

/// Signs the webhooks of every test.
pub(crate) const TOKEN: &str = "a-token-of-the-tests";
/// Opens the admin pages of every test.
pub(crate) const ADMIN: &str = "an-admin-token-of-the-tests";
/// Seals what every test stores.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";
/// The stand-in desk's key.
pub(crate) const DESK_KEY: &str = "a-desk-key-of-the-tests";
/// The number every test calls.
pub(crate) const LINE: &str = "+525500000000";

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

pub(crate) const BOTH: [On; 2] = [On::Sqlite, On::Postgres];

/// A folder that goes when the test ends.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("centralita-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the temporary folder is nobody's failure.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The bank's components, built once for the whole test process.
pub(crate) async fn components() -> &'static Path {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT
        .get_or_init(|| async {
            let into = root().join("flows/sctbnk/plugins");
            let names = ["contextual-greeting", "card-verification", "freshdesk-tickets", "text-messages"];
            plugins_build::build(root(), &names, &into).await.unwrap();
            into
        })
        .await
}

/// A copy of the bank's project with its components, for a test to change.
pub(crate) async fn bank(into: &Path) -> PathBuf {
    let project = into.join("sctbnk");
    copy(&root().join("flows/sctbnk"), &project);
    copy(components().await, &project.join("plugins"));
    project
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// An installation that runs.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) desk: Desk,
    pub(crate) line: Arc<Line>,
    pub(crate) project: PathBuf,
    pub(crate) database: String,
    /// Where its audit checkpoints go.
    pub(crate) audit_file: PathBuf,
    /// Secrets in its logs, its audit and its plugins fail the test that opened it.
    pub(crate) watch: Watch,
    _folder: Folder,
    _listening: Listening,
}

/// How an installation differs from the usual one.
#[derive(Default)]
pub(crate) struct Changes {
    /// Variables beyond the usual ones.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// Whether the project's folder is watched.
    pub(crate) watch: bool,
    /// Changes the project before the start.
    pub(crate) project: Option<fn(&Path)>,
}

impl House {
    /// An installation with the bank's project; none where its database is not installed.
    pub(crate) async fn open(on: On, test: &str) -> Option<Self> {
        Self::with(on, test, Changes::default()).await
    }

    pub(crate) async fn with(on: On, test: &str, changes: Changes) -> Option<Self> {
        let folder = Folder::new();
        let began = leaks::watch();
        let database = match on {
            On::Sqlite => format!("sqlite:{}", folder.0.join("house.db").display()),
            On::Postgres => crate::postgres::database(test)?,
        };
        let project = bank(&folder.0).await;
        if let Some(change) = changes.project {
            change(&project);
        }
        let desk = Desk::new(DESK_KEY);
        let listening = desk.serve().await.unwrap();
        let usual = [
            ("CENTRALITA_BIND", "127.0.0.1:0".to_owned()),
            ("CENTRALITA_ADMIN_BIND", "127.0.0.1:0".to_owned()),
            ("TWILIO_AUTH_TOKEN", TOKEN.to_owned()),
            ("ENCRYPTION_KEY", KEY.to_owned()),
            ("DATABASE_URL", database.clone()),
            ("CENTRALITA_AUDIT_FILE", folder.0.join("audit.jsonl").display().to_string()),
            ("RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            // A busy machine is no slow back end.
            ("CENTRALITA_ANSWER_MS", "10000".to_owned()),
            ("FRESHDESK_API_URL", listening.base.clone()),
            ("FRESHDESK_API_KEY", DESK_KEY.to_owned()),
        ];
        let mut all: Vec<(String, String)> = usual.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        for (name, value) in changes.variables {
            all.retain(|(known, _)| known != name);
            all.push((name.to_owned(), value));
        }
        let variables: Variables = Arc::new(move |name: &str| all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()));
        let settings = settings::read(Mode::Dev, &*variables, &|_| String::new(), true).map_err(|wrong| format!("{wrong:?}")).unwrap();
        let start = Start {
            project: project.clone(),
            cache: Some(cache()),
            compiler: None,
            fresh: false,
            clients: None,
            watch: changes.watch,
            desk: Some(desk.clone()),
            network: None,
            stubbed: false,
            admin_token: ADMIN.to_owned(),
        };
        let server = Server::start(settings, start, variables).await.unwrap();
        let line = Arc::new(Line::new(format!("http://{}", server.public).parse().unwrap(), Some(Signer::parse(TOKEN).unwrap()), None).unwrap());
        let audit_file = folder.0.join("audit.jsonl");
        let watch = Watch::over(began, &database);
        Some(Self { server, desk, line, project, database, audit_file, watch, _folder: folder, _listening: listening })
    }

    /// Calls the line from a number.
    pub(crate) async fn ring(&self, from: &str) -> (Caller, Heard) {
        Caller::ring(&self.line, from, LINE).await.unwrap()
    }

    /// Rows of the database; every column must be text or null.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        rows(&self.database, sql).await
    }

    /// The bank's requests: status, reason, card, code, ticket.
    pub(crate) async fn requests(&self) -> Vec<Vec<String>> {
        self.rows("select status, reason, coalesce(card_reference, ''), coalesce(code, ''), coalesce(cast(freshdesk_ticket_id as text), '') from blocking_requests order by id").await
    }

    /// Every event of a call.
    pub(crate) async fn events(&self, call: &str) -> Vec<Event> {
        let store = &self.server.app.store;
        let loaded = store.load(call).await.unwrap().unwrap();
        let stored = store.events(&loaded.data_key, call).await.unwrap();
        stored.iter().map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect()
    }

    /// The responses a call has heard, in order.
    pub(crate) async fn responses(&self, call: &str) -> Vec<String> {
        let said = |event: &Event| if let Event::Said { response: Some(response), .. } = event { Some(response.to_string()) } else { None };
        self.events(call).await.iter().filter_map(said).collect()
    }

    /// Waits until the desk holds this many tickets; owed work is done by a worker.
    pub(crate) async fn tickets(&self, count: usize) -> Vec<serde_json::Value> {
        for _ in 0..400 {
            let tickets = self.desk.tickets();
            if tickets.len() >= count {
                return tickets;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("the desk holds {} tickets after ten seconds, not {count}", self.desk.tickets().len());
    }
}

/// Where components are kept compiled between tests: a folder of this user's own.
pub(crate) fn cache() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Rows of any database of the tests.
pub(crate) async fn rows(database: &str, sql: &str) -> Vec<Vec<String>> {
    macro_rules! fetch {
        ($pool:ty, $options:ty) => {{
            // A slow statement is logged with the values the test wrote into it.
            let options = database.parse::<$options>().unwrap().disable_statement_logging();
            let pool = <$pool>::connect_with(options).await.unwrap();
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&pool).await.unwrap();
            pool.close().await;
            rows.iter().map(|row| (0..row.len()).map(|at| row.get::<Option<String>, _>(at).unwrap_or_default()).collect()).collect()
        }};
    }
    if database.starts_with("sqlite") {
        fetch!(sqlx::SqlitePool, sqlx::sqlite::SqliteConnectOptions)
    } else {
        fetch!(sqlx::PgPool, sqlx::postgres::PgConnectOptions)
    }
}
