//! A server on the bank's project, in a folder that goes with it.
//!
//! Lives here: starting it, and calls without the wire.
//! Never here: what is measured.

use centralita::calls::{Arrival, Words};
use centralita::release::Variables;
use centralita::server::{Server, Start};
use centralita::settings::{self, Mode};
use centralita::standin::desk::{Desk, Listening};
use centralita::twilio::PhoneNumber;
use centralita_engine::{CallState, Event, Masked};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const DESK_KEY: &str = "a-desk-key-of-the-benches";

/// A server that runs.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) project: PathBuf,
    folder: PathBuf,
    calls: AtomicU32,
    _desk: Listening,
}

/// A call that goes on.
pub(crate) struct Call<'a> {
    house: &'a House,
    pub(crate) name: String,
    number: u32,
    turn: u64,
}

impl House {
    /// Starts on a fresh `SQLite` file.
    pub(crate) async fn open() -> Self {
        let folder = std::env::temp_dir().join(format!("centralita-bench-{}", std::process::id()));
        let project = folder.join("sctbnk");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows/sctbnk"), &project);
        assert!(project.join("plugins/contextual-greeting.wasm").is_file(), "build the components first: centralita plugin build");
        let desk = Desk::new(DESK_KEY);
        let listening = desk.serve().await.unwrap();
        let all = [
            ("CENTRALITA_BIND", "127.0.0.1:0".to_owned()),
            ("CENTRALITA_ADMIN_BIND", "127.0.0.1:0".to_owned()),
            ("TWILIO_AUTH_TOKEN", "a-token-of-the-benches".to_owned()),
            ("ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef".to_owned()),
            ("DATABASE_URL", format!("sqlite:{}", folder.join("bench.db").display())),
            ("CENTRALITA_AUDIT_FILE", folder.join("audit.jsonl").display().to_string()),
            ("RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            ("CENTRALITA_MAX_CALLS", "1000000".to_owned()),
            ("FRESHDESK_API_URL", listening.base.clone()),
            ("FRESHDESK_API_KEY", DESK_KEY.to_owned()),
        ];
        let variables: Variables = Arc::new(move |name: &str| all.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()));
        let Ok(settings) = settings::read(Mode::Dev, &*variables, &|_| String::new(), true) else { panic!("the settings of the benches are wrong") };
        let start = Start {
            project: project.clone(),
            cache: None,
            compiler: None,
            fresh: true,
            clients: None,
            watch: true,
            desk: None,
            network: None,
            stubbed: false,
            admin_token: "a-token-of-the-benches".to_owned(),
        };
        let server = Server::start(settings, start, variables).await.unwrap();
        Self { server, project, folder, calls: AtomicU32::new(0), _desk: listening }
    }

    /// Stops, and removes the folder.
    pub(crate) async fn close(self) {
        self.server.stop();
        std::fs::remove_dir_all(&self.folder).unwrap();
    }

    /// Rings from a number of its own.
    pub(crate) async fn ring(&self) -> Call<'_> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let call = Call { house: self, name: format!("CA{number:032x}"), number: number % 1000, turn: 1 };
        self.server.app.ring(call.arrival(Words::Nothing)).await.unwrap();
        call
    }
}

impl Call<'_> {
    /// The last four digits of the caller's only card.
    pub(crate) fn last4(&self) -> String {
        format!("{:04}", self.number)
    }

    /// Says something.
    pub(crate) async fn says(&mut self, text: &str) {
        let turn = self.turn;
        self.turn += 1;
        self.house.server.app.turn(self.arrival(Words::Speech(Masked::new(text.to_owned()))), turn).await.unwrap();
    }

    /// Every event so far.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let store = &self.house.server.app.store;
        let loaded = store.load(&self.name).await.unwrap().unwrap();
        let stored = store.events(&loaded.data_key, &self.name).await.unwrap();
        stored.iter().map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect()
    }

    /// Bytes of the state as it is stored.
    pub(crate) async fn snapshot_bytes(&self) -> usize {
        let loaded = self.house.server.app.store.load(&self.name).await.unwrap().unwrap();
        loaded.snapshot.map_or(0, |(_, bytes)| bytes.len())
    }

    /// The state as it stands.
    pub(crate) async fn state(&self) -> CallState {
        let mut state = CallState::default();
        self.events().await.iter().for_each(|event| state.apply(event));
        state
    }

    fn arrival(&self, words: Words) -> Arrival {
        let mut body_digest = [0; 32];
        body_digest[..8].copy_from_slice(&self.turn.to_be_bytes());
        let number = PhoneNumber::parse(&format!("+52551000{:04}", self.number)).ok();
        Arrival { call: self.name.clone(), number, called: None, we_called: false, body_digest, idempotency: None, words, confidence: None }
    }
}

fn copy(from: &Path, to: &Path) {
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
