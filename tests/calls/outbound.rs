//! What an operator asks of the telephone network: a number pointed at the line, people called back. The program itself
//! against the stand-in of Twilio's API, over HTTP, on both databases.

use crate::house::{BOTH, Changes, Folder, House, KEY, LINE, On, TOKEN, copy, root, rows};
use crate::serving::{PUBLIC, outcome, program, ran};
use centralita::release::SigningKey;
use centralita::seal::Keys;
use centralita::standin::network::{Fault, Listening, Network, On as Asked, Posted};
use centralita::store::Store;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
/// A client of the demo rows.
const CLIENT: &str = "+525500000001";
/// Another one.
const OTHER: &str = "+525500000002";
/// Nobody's number.
const STRANGER: &str = "+525599999999";

/// The network, and the variables of a command that asks it.
struct Office {
    network: Network,
    variables: Vec<(&'static str, String)>,
    _listening: Listening,
}

impl Office {
    async fn open() -> Self {
        let network = Network::new(ACCOUNT, TOKEN, &[LINE]);
        let listening = network.serve().await.unwrap();
        let variables = [
            ("TWILIO_API_URL", listening.base.as_str()),
            ("TWILIO_ACCOUNT_SID", ACCOUNT),
            // While rotating: the first one is the account's.
            ("TWILIO_AUTH_TOKEN", &format!("{TOKEN},an-older-token")),
            ("TWILIO_PHONE_NUMBER", LINE),
            ("TWILIO_WEBHOOK_URL", PUBLIC),
            ("ENCRYPTION_KEY", KEY),
        ];
        let variables = variables.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { network, variables, _listening: listening }
    }

    fn with(&self, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
        let mut variables = self.variables.clone();
        variables.retain(|(known, _)| *known != name);
        variables.push((name, value.to_owned()));
        variables
    }

    fn shown(&self, field: &str) -> String {
        self.network.number(LINE).unwrap()[field].as_str().unwrap().to_owned()
    }
}

/// Whether a command ended well, and what it said. Neither a token nor more of a number than its end is ever in it.
#[track_caller]
fn said(output: &Output) -> (bool, String) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    for secret in [TOKEN, KEY, ACCOUNT, "an-older-token", CLIENT, OTHER, STRANGER, LINE, "5500000001", "5599999999"] {
        assert!(!text.contains(secret), "a secret or a number was printed: {text}");
    }
    (output.status.success(), text)
}

fn setup(arguments: &[&str], variables: &[(&'static str, String)]) -> (bool, String) {
    said(&outcome(&[&["twilio", "setup"], arguments].concat(), variables))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_is_pointed_at_the_line_and_the_second_time_it_is_so_already() {
    let office = Office::open().await;
    let (well, first) = setup(&[], &office.variables);
    assert!(well, "{first}");
    insta::assert_snapshot!(first, @r"
    number ending in 0000
      VoiceUrl: was nothing, is now https://voz.example.mx/webhooks/twilio/webhook
      VoiceMethod: already so: POST
      VoiceFallbackUrl: was nothing, is now https://voz.example.mx/webhooks/twilio/fallback
      VoiceFallbackMethod: already so: POST
      StatusCallback: was nothing, is now https://voz.example.mx/webhooks/twilio/status
      StatusCallbackMethod: already so: POST
    ");
    assert_eq!(office.shown("voice_url"), PUBLIC);
    assert_eq!(office.shown("status_callback"), "https://voz.example.mx/webhooks/twilio/status");
    assert_eq!(office.shown("voice_fallback_url"), "https://voz.example.mx/webhooks/twilio/fallback");
    // One request, which only reads: a second one would fail.
    office.network.fault(Fault::Latency(Duration::ZERO), Asked::All, Some(1));
    office.network.fault(Fault::Status500, Asked::All, None);
    let (well, second) = setup(&[], &office.variables);
    assert!(well && second.lines().skip(1).all(|line| line.contains(": already so: ")), "{second}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsed_setup_says_what_would_change_and_changes_nothing() {
    let office = Office::open().await;
    let (well, text) = setup(&["--dry-run"], &office.variables);
    assert!(well && text.contains("VoiceUrl: is nothing, would become https://voz.example.mx/webhooks/twilio/webhook"), "{text}");
    assert_eq!(office.shown("voice_url"), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fallback_of_somebody_elses_is_asked_with_get() {
    let office = Office::open().await;
    let (well, text) = setup(&["--fallback", "https://respaldo.example.mx/fallback.xml"], &office.variables);
    assert!(well, "{text}");
    assert_eq!(
        (office.shown("voice_fallback_url").as_str(), office.shown("voice_fallback_method").as_str()),
        ("https://respaldo.example.mx/fallback.xml", "GET")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setup_that_cannot_be_right_is_refused_in_a_sentence_and_changes_nothing() {
    let office = Office::open().await;
    let none = office.variables.clone();
    for (arguments, variables, sentence) in [
        (vec![], office.with("TWILIO_WEBHOOK_URL", "http://voz.example.mx/webhooks/twilio/webhook"), "TWILIO_WEBHOOK_URL is an http address"),
        (vec![], office.with("TWILIO_WEBHOOK_URL", "https://voz.example.mx"), "TWILIO_WEBHOOK_URL has the path `/`, where no call is answered"),
        (vec!["--fallback", "http://respaldo.example.mx/"], none.clone(), "--fallback is no https address"),
        (vec!["--number", STRANGER], none.clone(), "the number ending in 9999 is none of this account's"),
        (vec!["--number", "5500000001"], none, "not a telephone number"),
        (vec![], office.with("TWILIO_AUTH_TOKEN", "another-token"), "check TWILIO_ACCOUNT_SID and the first token of TWILIO_AUTH_TOKEN"),
    ] {
        let (well, text) = setup(&arguments, &variables);
        assert!(!well && text.contains(sentence), "{sentence}: {text}");
    }
    assert_eq!(office.shown("voice_url"), "");
}

/// The bank's rows, its project, and the network.
struct Bank {
    office: Office,
    variables: Vec<(&'static str, String)>,
    database: String,
    project: PathBuf,
    _folder: Folder,
}

impl Bank {
    async fn open(on: On, test: &str) -> Option<Self> {
        Self::with(on, test, "per_day: 50", "per_day: 50").await
    }

    /// With this written otherwise in `credentials.yml`.
    async fn with(on: On, test: &str, from: &str, to: &str) -> Option<Self> {
        let folder = Folder::new();
        let database = match on {
            On::Sqlite => format!("sqlite:{}", folder.0.join("bank.db").display()),
            On::Postgres => crate::postgres::database(test)?,
        };
        let project = folder.0.join("sctbnk");
        copy(&root().join("flows/sctbnk"), &project);
        changed(&project, from, to);
        let store = Store::open(&database, Arc::new(Keys::from_variable(KEY).unwrap())).await.unwrap();
        store.load_demo(&std::fs::read_to_string(project.join("demo.sql")).unwrap(), None).await.unwrap();
        let office = Office::open().await;
        let variables = office.with("DATABASE_URL", &database);
        Some(Self { office, variables, database, project, _folder: folder })
    }

    fn dial(&self, arguments: &[&str]) -> (bool, String) {
        said(&ran(&[&["dial"], arguments].concat(), &self.project, &self.variables))
    }

    fn calls(&self) -> Vec<Posted> {
        self.office.network.calls()
    }

    /// Whom the network was asked to call, in order.
    fn called(&self) -> Vec<String> {
        self.calls().iter().map(|call| call.field("To").unwrap().to_owned()).collect()
    }

    /// The outcomes that were kept, in order.
    async fn outcomes(&self) -> Vec<String> {
        rows(&self.database, "select outcome from dialled order by n").await.into_iter().flatten().collect()
    }

    /// The host's own audit.
    async fn audit(&self) -> Vec<String> {
        rows(&self.database, "select record from audit where call = '' order by n").await.into_iter().flatten().collect()
    }

    async fn asks_back(&self, number: &str, status: &str, processed: bool) {
        let processed = if processed { "'2026-11-30T10:00:00Z'" } else { "null" };
        let insert = format!(
            "insert into blocking_requests (request_type, status, reason, noticed_at, callback_number, call, processed_at)
             values ('{status}', '{status}', 'stolen', '2026-11-30T09:00:00Z', '{number}', 'CA1', {processed})"
        );
        rows(&self.database, &insert).await;
    }
}

fn changed(project: &Path, from: &str, to: &str) {
    let path = project.join("credentials.yml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "credentials.yml has no `{from}`");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_called_at_the_lines_address_counted_and_audited() {
    for on in BOTH {
        let Some(bank) = Bank::open(on, "a client is called").await else { continue };
        assert_eq!(bank.dial(&["--to", CLIENT]), (true, "…0001: queued at Twilio\n".to_owned()));
        let calls = bank.calls();
        let form: Vec<(&str, &str)> = calls[0].form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            form,
            [
                ("To", CLIENT),
                ("From", LINE),
                ("Url", PUBLIC),
                ("FallbackUrl", "https://voz.example.mx/webhooks/twilio/fallback"),
                ("StatusCallback", "https://voz.example.mx/webhooks/twilio/status"),
                ("StatusCallbackEvent", "initiated"),
                ("StatusCallbackEvent", "ringing"),
                ("StatusCallbackEvent", "answered"),
                ("StatusCallbackEvent", "completed"),
                ("MachineDetection", "Enable"),
                ("Timeout", "25"),
                ("Record", "false"),
            ]
        );
        let digest = Keys::from_variable(KEY).unwrap().caller_digest(CLIENT);
        let kept = rows(&bank.database, "select number_digest, outcome, call from dialled").await;
        assert_eq!(kept, [[digest, "queued".to_owned(), calls[0].sid.clone()]]);
        let audit = bank.audit().await;
        let record: serde_json::Value = serde_json::from_str(&audit[0]).unwrap();
        assert_eq!((&record["what"], &record["outcome"], &record["call"]), (&"dialled".into(), &"queued".into(), &calls[0].sid.clone().into()));
        assert!(audit.len() == 1 && !audit[0].contains("5500000001"), "{audit:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_not_called_and_the_refusal_is_audited() {
    for on in BOTH {
        let Some(bank) = Bank::open(on, "a stranger").await else { continue };
        assert_eq!(bank.dial(&["--to", STRANGER]), (false, "…9999: not called: it is on file nowhere and never called this line\n".to_owned()));
        assert!(bank.calls().is_empty() && bank.outcomes().await.is_empty());
        assert_eq!(bank.audit().await, [r#"{"detail":"it is on file nowhere and never called this line","what":"dial refused"}"#]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_called_the_line_may_be_called_though_it_is_on_file_nowhere() {
    for on in BOTH {
        let office = Office::open().await;
        let Some(house) = House::with(on, "one who called", Changes::default()).await else { continue };
        let variables = office.with("DATABASE_URL", &house.database);
        let dial = || said(&ran(&["dial", "--to", STRANGER], &house.project, &variables));
        assert!(!dial().0);
        house.ring(STRANGER).await;
        assert_eq!(dial(), (true, "…9999: queued at Twilio\n".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_in_another_country_is_not_called() {
    for on in BOTH {
        let Some(bank) = Bank::open(on, "another country").await else { continue };
        rows(&bank.database, "update clients set phone = '+14155550100' where client_id = '100001'").await;
        assert_eq!(bank.dial(&["--to", "+14155550100"]), (false, "…0100: not called: it begins with none of the allowed `prefixes`\n".to_owned()));
        assert!(bank.calls().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_line_does_not_call_itself() {
    let bank = Bank::open(On::Sqlite, "itself").await.unwrap();
    rows(&bank.database, &format!("update clients set phone = '{LINE}' where client_id = '100001'")).await;
    assert_eq!(bank.dial(&["--to", LINE]), (false, "…0000: not called: it is the line's own number\n".to_owned()));
    assert!(bank.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_called_twice_within_an_hour() {
    for on in BOTH {
        let Some(bank) = Bank::open(on, "twice").await else { continue };
        assert!(bank.dial(&["--to", CLIENT]).0);
        // The same number in its former spelling.
        assert_eq!(bank.dial(&["--to", "+5215500000001"]), (false, "…0001: not called: it was called less than an hour ago\n".to_owned()));
        assert_eq!(bank.called(), [CLIENT]);
        rows(&bank.database, "update dialled set at = at - 3600000").await;
        assert!(bank.dial(&["--to", CLIENT]).0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_days_cap_holds_and_a_new_day_begins_anew() {
    for on in BOTH {
        let Some(bank) = Bank::with(on, "the cap", "per_day: 50", "per_day: 1").await else { continue };
        assert!(bank.dial(&["--to", CLIENT]).0);
        assert_eq!(bank.dial(&["--to", OTHER]), (false, "…0002: not called: today's calls are used up (`per_day`)\n".to_owned()));
        assert_eq!(bank.called(), [CLIENT]);
        rows(&bank.database, "update dialled set at = at - 86400000").await;
        assert!(bank.dial(&["--to", OTHER]).0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_counts_as_a_call_whether_it_rings_or_not() {
    for on in BOTH {
        for fault in [Fault::DropAfter, Fault::DropBefore, Fault::Status500] {
            let Some(bank) = Bank::open(on, "a lost answer").await else { continue };
            bank.office.network.fault(fault.clone(), Asked::Calls, Some(1));
            let (well, text) = bank.dial(&["--to", CLIENT]);
            assert!(!well && text.starts_with("…0001: not known, and counted: "), "{fault:?}: {text}");
            assert_eq!(bank.outcomes().await, ["unknown"]);
            assert!(bank.dial(&["--to", CLIENT]).1.contains("less than an hour ago"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_network_refuses_does_not_count_and_says_what_to_do() {
    for on in BOTH {
        let Some(bank) = Bank::open(on, "refused").await else { continue };
        bank.office.network.fault(Fault::Storm429 { retry_after: 7 }, Asked::Calls, Some(1));
        let (well, text) = bank.dial(&["--to", CLIENT]);
        assert!(!well && text.contains("nothing was done; try again in 7 s"), "{text}");
        let (well, text) = said(&ran(&["dial", "--to", CLIENT], &bank.project, &replaced(&bank.variables, "TWILIO_AUTH_TOKEN", "another")));
        assert!(!well && text.contains("the first token of TWILIO_AUTH_TOKEN"), "{text}");
        let (well, text) = said(&ran(&["dial", "--to", CLIENT], &bank.project, &replaced(&bank.variables, "TWILIO_API_URL", "http://127.0.0.1:1")));
        assert!(!well && text.contains("nothing was done; check this machine's network"), "{text}");
        assert_eq!(bank.outcomes().await, ["refused", "refused", "refused"]);
        assert!(bank.dial(&["--to", CLIENT]).0);
    }
}

fn replaced(variables: &[(&'static str, String)], name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    variables.iter().map(|(known, old)| (*known, if *known == name { value.to_owned() } else { old.clone() })).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_between_the_request_and_its_answer_has_counted() {
    for on in BOTH {
        let Some(bank) = Bank::open(on, "a crash").await else { continue };
        bank.office.network.fault(Fault::Latency(Duration::from_secs(5)), Asked::Calls, Some(1));
        let mut command = Command::new(program());
        command.args(["dial", "--to", CLIENT, "--project"]).arg(&bank.project).env_clear().envs(bank.variables.iter().map(|(name, value)| (*name, value)));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        for _ in 0..400 {
            if !bank.outcomes().await.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(bank.outcomes().await, ["reserved"]);
        assert!(bank.dial(&["--to", CLIENT]).1.contains("less than an hour ago"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn call_backs_are_called_oldest_first_each_once_and_up_to_the_limit() {
    for on in BOTH {
        let Some(bank) = Bank::open(on, "call-backs").await else { continue };
        bank.asks_back(OTHER, "abandoned", false).await;
        bank.asks_back(CLIENT, "unverified", false).await;
        bank.asks_back(OTHER, "unverified", false).await;
        bank.asks_back("+5215500000001", "abandoned", false).await;
        bank.asks_back("+525510000003", "abandoned", true).await;
        bank.asks_back("+525510000004", "abandoned", false).await;
        bank.asks_back(STRANGER, "abandoned", false).await;
        let rehearsed = bank.dial(&["--call-backs", "--dry-run"]);
        let would =
            "…0002: would be called\n…0001: would be called\n…0004: would be called\n…9999: not called: it is on file nowhere and never called this line\n";
        assert_eq!(rehearsed, (true, format!("{would}3 would be called of 4 due, 0 not tried\n")));
        assert!(bank.calls().is_empty() && bank.outcomes().await.is_empty() && bank.audit().await.is_empty());
        assert_eq!(bank.dial(&["--call-backs", "--limit", "1"]), (true, "…0002: queued at Twilio\n1 called of 4 due, 3 not tried\n".to_owned()));
        let (well, text) = bank.dial(&["--call-backs"]);
        assert!(well && text.starts_with("…0002: not called: it was called less than an hour ago\n…0001: queued at Twilio\n…0004: queued"), "{text}");
        assert_eq!(bank.called(), [OTHER, CLIENT, "+525510000004"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn call_backs_end_at_the_cap_and_at_what_every_number_would_meet() {
    for on in BOTH {
        let Some(bank) = Bank::with(on, "call-backs that end", "per_day: 50", "per_day: 1").await else { continue };
        for number in [CLIENT, OTHER, "+525510000004"] {
            bank.asks_back(number, "abandoned", false).await;
        }
        bank.office.network.fault(Fault::Storm429 { retry_after: 7 }, Asked::Calls, Some(1));
        let (well, text) = bank.dial(&["--call-backs"]);
        assert!(!well && text.ends_with("0 called of 3 due, 2 not tried\n"), "{text}");
        let capped = "…0001: queued at Twilio\n…0002: not called: today's calls are used up (`per_day`)\n1 called of 3 due, 1 not tried\n";
        let rehearsed = bank.dial(&["--call-backs", "--dry-run"]).1;
        assert_eq!(rehearsed, capped.replace("queued at Twilio", "would be called").replace("1 called", "1 would be called"));
        assert_eq!(bank.dial(&["--call-backs"]), (false, capped.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_section_nobody_is_called_and_it_says_what_to_write() {
    let bank = Bank::with(
        On::Sqlite,
        "no section",
        "outbound:\n    prefixes: [\"+52\"]\n    per_day: 50\n    on_file: client-by-phone\n    call_backs: call-backs-due\n",
        "# nobody\n",
    )
    .await;
    let bank = bank.unwrap();
    for arguments in [&["--to", CLIENT][..], &["--call-backs"]] {
        let (well, text) = bank.dial(arguments);
        assert!(!well && text.contains("lets nobody be called") && text.contains("  outbound:\n    prefixes: [\"+52\"]"), "{text}");
    }
    assert!(bank.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_that_asks_wrongly_who_is_on_file_calls_nobody() {
    let bank = Bank::with(On::Sqlite, "a wrong section", "on_file: client-by-phone", "on_file: cards-of-client").await.unwrap();
    let (well, text) = bank.dial(&["--to", CLIENT]);
    assert!(!well && text.contains("credentials.yml:") && text.contains("cannot be `on_file`"), "{text}");
    assert!(bank.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_variable_that_is_missing_or_wrong_is_named_at_once() {
    let folder = Folder::new();
    let (well, text) =
        said(&ran(&["dial", "--call-backs"], &folder.0, &[("ENCRYPTION_KEY", "short".to_owned()), ("CENTRALITA_TIMEZONE", "Mexico".to_owned())]));
    assert!(!well);
    for name in ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER", "TWILIO_WEBHOOK_URL", "ENCRYPTION_KEY", "CENTRALITA_TIMEZONE"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_reviewers_are_named_an_unapproved_folder_lets_nobody_be_called() {
    let bank = Bank::open(On::Sqlite, "unapproved").await.unwrap();
    let ana = SigningKey::make(&bank.project.with_file_name("ana.pem")).unwrap().public();
    let plugins = std::fs::read_to_string(bank.project.join("plugins.yml")).unwrap();
    std::fs::write(bank.project.join("plugins.yml"), plugins.replace("\nplugins:\n", &format!("\nreviewers: {{ana: \"{ana}\"}}\nplugins:\n"))).unwrap();
    let (well, text) = bank.dial(&["--to", CLIENT]);
    assert!(!well && text.contains("may not serve"), "{text}");
    assert!(bank.calls().is_empty());
}
