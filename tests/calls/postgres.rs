//! A throw-away `PostgreSQL` for tests, one server for the whole test process.
//!
//! Lives here: finding the programs, starting and stopping the server, a fresh database for each test.
//! Never here: tables, tests. Also compiled into the host's own store tests.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The variable that turns a missing program from a skipped test into a failed one.
const REQUIRE: &str = "CENTRALITA_TEST_REQUIRE";

/// Stops the server and removes its folder when its standard input closes, so also after a killed test process.
/// `$1` programs, `$2` folder, `$3` port.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
    -c max_connections=200 >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT "$server"; wait "$server"; rm -rf "$2"
"#;

struct Server {
    port: u16,
    programs: PathBuf,
    /// The keeper's standard input; it closes when this process ends, however it ends.
    _alive: ChildStdin,
}

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a new, empty database; none, and a line that says so, where `PostgreSQL` is not installed.
///
/// # Panics
/// Where it is required (`CENTRALITA_TEST_REQUIRE=all`) and cannot be had.
pub(crate) fn database(test: &str) -> Option<String> {
    match SERVER.get_or_init(start).as_ref().map_err(Clone::clone).and_then(create) {
        Ok(url) => Some(url),
        Err(reason) => {
            assert!(std::env::var(REQUIRE).as_deref() != Ok("all"), "`{test}` needs PostgreSQL: {reason}");
            // Written to the handle itself: the test harness hides what passing tests print.
            let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
            None
        }
    }
}

fn create(server: &Server) -> Result<String, String> {
    let name = format!("t{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let made = Command::new(server.programs.join("createdb"))
        .args(["-h", "127.0.0.1", "-p", &server.port.to_string(), "-U", "postgres", &name])
        .output()
        .map_err(|failed| format!("createdb did not start ({failed})"))?;
    if !made.status.success() {
        return Err(format!("createdb failed: {}", String::from_utf8_lossy(&made.stderr)));
    }
    Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", server.port))
}

fn start() -> Result<Server, String> {
    let programs = programs().ok_or("PostgreSQL 15 or later is not installed (initdb was not found)")?;
    // A port found free may be taken a moment later, by another test process; another one is tried then.
    let mut last = String::new();
    for _ in 0..3 {
        match start_once(&programs) {
            Ok(server) => return Ok(server),
            Err(reason) => last = reason,
        }
    }
    Err(last)
}

fn start_once(programs: &Path) -> Result<Server, String> {
    let folder = said(as_owner("mktemp").args(["-d", "/tmp/centralita-postgres-XXXXXX"]))?;
    said(as_owner(programs.join("initdb")).args(["-D", &format!("{folder}/data"), "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale"]))?;
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).map_err(|failed| failed.to_string())?.port();
    let mut keeper = as_owner("sh")
        .args(["-c", KEEPER, "keeper"])
        .arg(programs)
        .args([&folder, &port.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|failed| format!("the server did not start ({failed})"))?;
    let alive = keeper.stdin.take().ok_or("the server's keeper has no input")?;
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        let ready = Command::new(programs.join("pg_isready")).args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status();
        if ready.is_ok_and(|status| status.success()) {
            return Ok(Server { port, programs: programs.to_owned(), _alive: alive });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let log = std::fs::read_to_string(format!("{folder}/log")).unwrap_or_default();
    Err(format!("the server did not answer within 20 s: {log}"))
}

/// `PostgreSQL` refuses to run as root; then its own user runs it.
fn as_owner(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let root = said(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    let mut command = if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|failed| format!("{} did not start ({failed})", command.get_program().display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The folder of the newest `PostgreSQL`'s programs: Debian keeps them out of the search path.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(version, bin)| *version >= 15 && bin.join("initdb").exists())
        .max();
    newest.map(|(_, bin)| bin).or_else(|| {
        let named = said(Command::new("pg_config").arg("--bindir")).ok().map(PathBuf::from);
        let path = std::env::var_os("PATH").unwrap_or_default();
        named.into_iter().chain(std::env::split_paths(&path)).find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
    })
}
