//! Where crimes are committed: a real host with one plugin, one database and two machines on loopback.

use super::desk::{Other, desk};
use crate::app::App;
use crate::calls::{Beginning, Draft, Locks};
use crate::e2e::Stubs;
use crate::egress::{Egress, Names};
use crate::plugins_build;
use crate::release::{Package, Release, Shelf, Variables};
use crate::runs::{self, Execution, Lost};
use crate::sandbox::{Cache, Sandbox, with_manifest};
use crate::seal::Keys;
use crate::store::Store;
use crate::twilio::signature::Signer;
use centralita_engine::{ActionName, CallState, Effect, Ending, Opening, Outcome, Run, SlotName, Value};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::OnceCell;

const CONFIG: &str = include_str!("../../../tests/evil/project/config.yml");
const DOMAIN: &str = include_str!("../../../tests/evil/project/domain.yml");
const FLOWS: &str = include_str!("../../../tests/evil/project/data/flows.yml");
const PLUGINS: &str = include_str!("../../../tests/evil/project/plugins.yml");

/// One engine for all crimes that leave its walls where they are.
static SANDBOX: LazyLock<Arc<Sandbox>> = LazyLock::new(|| {
    let cache = Cache::open(CACHE.path(), Arc::new(|_: &[&[u8]]| [0; 32])).expect("a folder of our own");
    Arc::new(Sandbox::new(Some(cache)).expect("an engine"))
});
static CACHE: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

/// The evil plugin, compiled once, without a manifest.
async fn component() -> &'static [u8] {
    static BUILT: OnceCell<Vec<u8>> = OnceCell::const_new();
    BUILT
        .get_or_init(|| async {
            let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            let built = plugins_build::compile_packages(&workspace, &["evil"]).await.unwrap_or_else(|error| panic!("{error}"));
            std::fs::read(&built["evil"].0).expect("compiled")
        })
        .await
}

/// The bed of one crime.
pub(super) struct Bed {
    pub(super) app: App,
    pub(super) release: Arc<Release>,
    pub(super) other: Other,
    pub(super) database: String,
    state: CallState,
    draft: Option<Draft>,
    runs: u64,
    _folder: tempfile::TempDir,
}

/// What a run came to.
#[derive(Debug, PartialEq)]
pub(super) struct End {
    pub(super) ending: Ending,
    pub(super) detail: String,
    pub(super) loot: String,
    pub(super) said: Vec<String>,
}

impl Bed {
    pub(super) async fn open(change: fn(&mut Release)) -> Self {
        Self::open_twice(change, |_| {}).await
    }

    /// A bed whose release is changed, and then once more.
    pub(super) async fn open_twice(change: fn(&mut Release), more: fn(&mut Release)) -> Self {
        Self::on(SANDBOX.clone(), change, more).await
    }

    pub(super) async fn on(sandbox: Arc<Sandbox>, change: fn(&mut Release), more: fn(&mut Release)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite:{}", folder.path().join("evil.db").display());
        let keys = Arc::new(Keys::from_bytes(&[7; 32]));
        let store = Arc::new(Store::open(&database, keys.clone()).await.expect("a database"));
        let bank = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows/sctbnk");
        crate::server::load_demo(&store, &bank, None).await.expect("rows");
        let other = Other::open().await;
        let desk = desk(other.address).await;
        let inside = format!("https://inside.evil.test:{}", other.address.port());
        let (bare, beside) = (format!("http://{desk}"), format!("http://{}", other.address));
        let variables: Variables = Arc::new(move |name: &str| match name {
            "EVIL_DESK" => Some(format!("{bare}/api")),
            "EVIL_BARE" => Some(bare.clone()),
            "EVIL_OTHER" => Some(beside.clone()),
            "EVIL_INSIDE" => Some(inside.clone()),
            _ => None,
        });
        let mut package = Package::default();
        for (path, text) in [("config.yml", CONFIG), ("domain.yml", DOMAIN), ("data/flows.yml", FLOWS), ("plugins.yml", PLUGINS)] {
            package.files.insert(path.into(), text.into());
        }
        package.components.insert("evil".into(), with_manifest(component().await, &manifest()));
        let built = Release::build(&package, &sandbox, &*variables, None).await;
        let (mut release, _) = built.unwrap_or_else(|error| panic!("{error}"));
        // Nobody asks the shelf: a run is given its release.
        package.files.remove("plugins.yml");
        package.files.insert("data/flows.yml".into(), String::new());
        let (shelved, _) = Release::build(&package, &sandbox, &*variables, None).await.unwrap_or_else(|error| panic!("{error}"));
        change(&mut release);
        more(&mut release);
        let names = Names::fixed([("inside.evil.test".to_owned(), vec![IpAddr::from(Ipv4Addr::LOCALHOST)])]);
        let app = App {
            releases: Shelf::new(shelved, sandbox.clone(), store.clone(), keys.clone(), variables, None),
            store: store.clone(),
            keys,
            egress: Arc::new(Egress::with_names(names)),
            sandbox,
            signer: Signer::parse("a-token-of-the-tests").expect("a token"),
            public_base: "http://127.0.0.1".parse().expect("a URL"),
            fallback: None,
            max_calls: 100,
            new_calls: None,
            blocked: crate::twilio::blocked::Blocked::default(),
            lease: Duration::from_secs(30),
            answer_within: Duration::from_secs(10),
            settle: Duration::from_secs(1),
            stubs: Stubs::default(),
            symbols: None,
            locks: Locks::default(),
            sessions: crate::relay::Sessions::default(),
        };
        let release = Arc::new(release);
        let opening = Opening {
            release: release.digest.clone(),
            seed: 1,
            number: Some(centralita_engine::Masked::from("+525500000001")),
            called: None,
            channel: "twilio_voice".into(),
            metadata: Value::None,
            slots: Vec::new(),
        };
        let mut state = CallState { opening: Some(opening), ..CallState::default() };
        for (slot, value) in [("last4", "4521"), ("secret", "the secret"), ("client", "100001")] {
            state.slots.insert(SlotName::parse(slot).expect("a name"), Value::text(value));
        }
        let key = Arc::new(store.new_data_key().expect("random bytes"));
        let new = Beginning { release: release.digest.clone(), from_digest: None, key };
        let draft = Draft::beginning(store, "CA1", new, None, 0);
        Self { app, release, other, database, state, draft: Some(draft), runs: 0, _folder: folder }
    }

    /// Tells the plugin something, in slots.
    pub(super) fn tell(&mut self, told: &str, binding: &str) {
        for (slot, value) in [("told", told), ("binding", binding)] {
            self.state.slots.insert(SlotName::parse(slot).expect("a name"), Value::text(value));
        }
    }

    /// Runs an action of the plugin and takes over what it set, as a call does.
    pub(super) async fn run(&mut self, action: &str) -> End {
        let draft = self.draft.take().expect("a draft");
        self.runs += 1;
        let run = Run { id: self.runs, action: ActionName::parse(action).expect("a name"), at: 1_790_000_000_000 };
        let execution = Execution {
            call: "CA1",
            release: &self.release,
            state: &self.state,
            run: &run,
            again: false,
            attempt: 1,
            lost: Lost::Later,
            until: tokio::time::Instant::now() + Duration::from_secs(30),
        };
        let (draft, outcome) = runs::execute(&self.app, draft, execution).await;
        self.draft = Some(draft);
        self.ended(outcome)
    }

    /// Runs an action that shares nothing with the crime: its call is another one.
    pub(super) async fn good(&self) -> Ending {
        self.beside("evil_good").await
    }

    /// Runs an action for another call with the same slots.
    pub(super) async fn beside(&self, action: &str) -> Ending {
        let key = Arc::new(self.app.store.new_data_key().expect("random bytes"));
        let new = Beginning { release: self.release.digest.clone(), from_digest: None, key };
        let draft = Draft::beginning(self.app.store.clone(), "CA2", new, None, 0);
        let run = Run { id: 1, action: ActionName::parse(action).expect("a name"), at: 1_790_000_000_000 };
        let execution = Execution {
            call: "CA2",
            release: &self.release,
            state: &self.state,
            run: &run,
            again: false,
            attempt: 1,
            lost: Lost::Later,
            until: tokio::time::Instant::now() + Duration::from_secs(30),
        };
        runs::execute(&self.app, draft, execution).await.1.ending
    }

    /// Whether the call can still store something.
    pub(super) async fn can_store(&mut self) -> bool {
        self.draft.as_mut().expect("a draft").commit().await.is_ok()
    }

    /// A slot as the dialogue has it.
    pub(super) fn slot(&self, name: &str) -> String {
        self.state.slots.get(name).map(Value::spoken).unwrap_or_default()
    }

    fn ended(&mut self, outcome: Outcome) -> End {
        let mut said = Vec::new();
        let mut loot = String::new();
        for effect in outcome.effects {
            match effect {
                Effect::Slot(name, value) => {
                    if name.as_str() == "loot" {
                        loot = value.spoken();
                    }
                    self.state.slots.insert(name, value);
                }
                Effect::Say(say) => {
                    let with = say.arguments.iter().map(|(_, value)| value.spoken()).collect::<Vec<_>>().join(" ");
                    said.push(format!("{} {with}", say.response.map(|name| name.to_string()).unwrap_or_default()).trim().to_owned());
                }
                _ => {}
            }
        }
        End { ending: outcome.ending, detail: outcome.detail, loot, said }
    }
}

/// The author asks for everything there is: what counts is what the operator grants.
fn manifest() -> String {
    let mut yaml = "name: evil\nversion: 0.1.0\nactions:\n".to_owned();
    let granted = PLUGINS.lines().filter_map(|line| line.trim().strip_prefix("evil_")?.split_once(':')).map(|(action, _)| action);
    for action in granted {
        yaml += &format!(
            "  evil_{action}:\n    reads: [told, binding, last4, loot, client, secret]\n    writes: [loot, client, secret]\n    \
             responses: [utter_said, utter_promise]\n    bindings: [desk, bare, other, inside, ungranted]\n    \
             statements: [length, clients, name-of, card-by-digits, keep-plain, keep-digits, kept, echo, large, slow, write, ungranted]\n"
        );
    }
    yaml
}
