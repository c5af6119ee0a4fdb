//! The commands people type.
//!
//! Lives here: arguments, and which part of the program each command is.
//! Never here: what the parts do.

mod audit;
mod dev;
mod dial;
mod eval;
mod installation;
mod migrate;
mod outbox;
mod plugin;
mod rasa;
mod releases;
mod serve;
mod shell;
mod test;
mod twilio;
mod validate;
mod visualize;

use crate::phone;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Answers the phone.
#[derive(Parser)]
#[command(name = "centralita", version, about = "Answers the phone: dialogue flows in YAML, actions in sandboxed WebAssembly")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the plugins, starts stand-ins, serves and watches.
    #[command(visible_alias = "inspect")]
    Dev(Dev),
    /// Serves in production: nothing is built, nothing is pretended.
    #[command(visible_alias = "run")]
    Serve(Project),
    /// Talks to the assistant in the terminal.
    Shell(Shell),
    /// Names every mistake of a project as path:line:col.
    Validate(validate::Args),
    /// Draws every flow of a project.
    Visualize(visualize::Args),
    /// Holds the conversations of test files, and names what is not as they say.
    Test(Test),
    /// Says how well the project understands labelled utterances, and where it does not.
    Eval(eval::Args),
    /// Makes a small project to begin with.
    Init(Init),
    /// Does what `rasa train` is run for: nothing has to be trained, the project is loaded.
    Train(Anything),
    /// `data validate`: what `validate` does.
    #[command(subcommand)]
    Data(Data),
    /// Says what becomes of an existing Rasa project: red, yellow, green, by file and line.
    Migrate(migrate::Args),
    /// Works on plugins.
    #[command(subcommand)]
    Plugin(Plugin),
    /// Says whether the audit holds, and what it says.
    #[command(subcommand)]
    Audit(audit::Args),
    /// Says what is owed and not delivered, and makes what was given up due again.
    Outbox(outbox::Args),
    /// Is the telephone network: calls a server.
    Call(Box<phone::command::Args>),
    /// Calls people back, as far as the project allows it.
    Dial(dial::Args),
    /// Works on the account at Twilio.
    #[command(subcommand)]
    Twilio(twilio::Args),
    /// Compiles one component for the server that starts it.
    #[command(name = crate::sandbox::COMPILE, hide = true)]
    Compile,
}

#[derive(Subcommand)]
enum Plugin {
    /// Makes a plugin whose test passes, and grants it.
    New(plugin::New),
    /// Builds a plugin, or all of the project's whose sources are beside it.
    Build(plugin::Build),
    /// Says what a component can do, and whether it fits its manifest and its grant.
    Check(plugin::Check),
    /// Runs the cases of plugins against their components.
    Test(plugin::Test),
    #[command(flatten)]
    Releases(releases::Command),
}

#[derive(clap::Args)]
struct Project {
    /// The project's folder.
    #[arg(long, default_value = "flows/sctbnk")]
    project: PathBuf,
}

#[derive(Subcommand)]
enum Data {
    /// Names every mistake of a project as path:line:col.
    Validate(validate::Args),
}

/// A project, and flags of Rasa's that have nothing to decide here.
#[derive(clap::Args)]
struct Anything {
    #[command(flatten)]
    project: Project,
    /// Flags of Rasa's; they are named and not honoured.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

#[derive(clap::Args)]
struct Init {
    /// The folder to make.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

#[derive(clap::Args)]
struct Test {
    #[command(flatten)]
    project: Project,
    /// Files, folders or `FILE::NAME OF A CASE`; `du` first tests understanding. Without any: the project's `tests`.
    files: Vec<String>,
    /// Stops at the first conversation that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Writes Rasa's results file, `e2e_results.yml` beside the tests unless one is named.
    #[arg(short, long, num_args = 0..=1, require_equals = true, value_name = "FILE")]
    #[expect(clippy::option_option, reason = "not asked for, asked for, asked for with a name")]
    output: Option<Option<PathBuf>>,
    /// Writes `JUnit` XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Prints which flows and steps were walked, and writes a table of them.
    #[arg(long, visible_alias = "coverage-report")]
    coverage: bool,
    /// Where the table of `--coverage` is written.
    #[arg(long, default_value = "e2e_coverage_results", value_name = "DIR", visible_alias = "coverage-output-path")]
    coverage_output: PathBuf,
    /// Asks the configured language model where a step has no `model:`, and keeps its answers beside the tests.
    #[arg(long)]
    record: bool,
    /// Writes every event of every conversation as a line of JSON, to compare runs by.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Dev {
    #[command(flatten)]
    project: Project,
    /// Empties the database first.
    #[arg(long)]
    fresh: bool,
    /// How many demo clients there are, beyond the first thousand.
    #[arg(long)]
    clients: Option<u32>,
}

#[derive(clap::Args)]
struct Shell {
    #[command(flatten)]
    project: Project,
    /// The calling number.
    #[arg(long, default_value = "+525500000001")]
    from: String,
}

impl Cli {
    /// Reads the arguments and does what they say.
    pub fn run() -> ExitCode {
        let cli = Self::parse();
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return fail(&error.into()),
        };
        let done = runtime.block_on(async {
            match cli.command {
                Command::Dev(dev) => dev::run(dev).await,
                Command::Serve(project) => serve::run(project).await,
                Command::Shell(shell) => shell::run(shell).await,
                Command::Visualize(args) => visualize::run(&args),
                Command::Test(test) => test::run(test).await,
                Command::Eval(args) => eval::run(&args).await,
                Command::Init(init) => rasa::init(&init.folder),
                Command::Train(train) => rasa::train(&train).await,
                Command::Data(Data::Validate(args)) => Ok(validate::run(&args).await),
                Command::Validate(args) => Ok(validate::run(&args).await),
                Command::Migrate(args) => migrate::run(&args).await,
                Command::Plugin(Plugin::New(new)) => plugin::new(&new),
                Command::Plugin(Plugin::Build(build)) => plugin::build(&build).await,
                Command::Plugin(Plugin::Check(check)) => plugin::check(&check).await,
                Command::Plugin(Plugin::Test(test)) => plugin::test(&test).await,
                Command::Plugin(Plugin::Releases(command)) => releases::run(command).await,
                Command::Audit(args) => audit::run(args).await,
                Command::Outbox(args) => outbox::run(args).await,
                Command::Call(call) => phone::command::run(*call).await,
                Command::Dial(args) => dial::run(args).await,
                Command::Twilio(args) => twilio::run(args).await,
                Command::Compile => crate::sandbox::compile_apart().map(|()| ExitCode::SUCCESS),
            }
        });
        runtime.shutdown_background();
        done.unwrap_or_else(|error| fail(&error))
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    print_error(&format!("error: {error:#}"));
    ExitCode::FAILURE
}

/// Says something to the person at the terminal.
fn print(line: &str) {
    use std::io::Write as _;
    // A closed terminal is nobody's error.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn print_error(line: &str) {
    use std::io::Write as _;
    // As above.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Starts the log: to the terminal, and to a file if one is named.
fn start_log(settings: &crate::settings::Settings) -> anyhow::Result<()> {
    use anyhow::Context as _;
    use tracing_subscriber::prelude::*;
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log_level)?;
    let file = match &settings.log_file {
        Some(path) => {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            let file = file.with_context(|| format!("LOG_FILE_PATH {} cannot be written", path.display()))?;
            Some(tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::sync::Mutex::new(file)))
        }
        None => None,
    };
    let terminal = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second start in one process keeps the first log.
    let _ = tracing_subscriber::registry().with(filter).with(terminal).with(file).try_init();
    Ok(())
}

/// Several mistakes as one error.
fn all<E: std::fmt::Display>(mistakes: &[E]) -> anyhow::Error {
    anyhow::anyhow!("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n       "))
}
