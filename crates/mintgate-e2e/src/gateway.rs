//! The gateway under test: a folder, a configuration, and a process.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    PATIENCE,
    admin::Admin,
    binary::mintgate,
    log::Log,
    message::Reply,
    ports::ReservedPort,
    process::Process,
    program::{Ran, run},
    request::Request,
    settings::GatewayBuilder,
    wire::Wire,
};

/// A gateway that serves until it is told to stop or is dropped. Its log is printed when the test fails; no secret
/// that passed through this value may stand in it (R38), and no panic.
pub struct Gateway {
    folder: TempDir,
    data: ReservedPort,
    admin: ReservedPort,
    log: Log,
    secrets: Secrets,
    environment: Vec<(String, String)>,
    process: Option<Process>,
}

/// What must never be logged.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(Arc<Mutex<Vec<String>>>);

impl Gateway {
    /// A gateway in the making.
    #[must_use]
    pub fn builder() -> GatewayBuilder {
        GatewayBuilder::new()
    }

    /// A gateway with nothing special that guards one origin.
    #[must_use]
    pub fn before(origin: SocketAddr) -> Self {
        Self::builder().origin("orders", origin).start()
    }

    pub(crate) fn start(builder: &GatewayBuilder) -> Self {
        let mut gateway = Self::prepare(builder);
        gateway.boot();
        gateway
    }

    /// A folder as `mintgate init` makes it, with the configuration of the test, and nothing running.
    #[must_use]
    pub fn prepare(builder: &GatewayBuilder) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let (data, admin) = (ReservedPort::new(), ReservedPort::new());
        let home = folder.path().join("gate");
        let made = mintgate().arg("init").arg(&home).output().expect("the binary can be run");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        builder.write(&home, &data, &admin);
        let gateway = Self {
            folder,
            data,
            admin,
            log: Log::default(),
            secrets: Secrets::default(),
            environment: Vec::new(),
            process: None,
        };
        for file in ["data/admin.token", "data/master.key"] {
            let secret = std::fs::read_to_string(home.join(file)).expect("init made it");
            gateway.secrets.add(secret.trim());
        }
        gateway
    }

    /// Starts the process, which must not run, and waits until it serves.
    pub fn boot(&mut self) {
        if let Err(log) = self.try_boot() {
            panic!("the gateway does not start:\n{log}");
        }
    }

    /// The same where it may fail; then with its log.
    pub fn try_boot(&mut self) -> Result<(), String> {
        assert!(self.process.is_none(), "it runs already");
        self.process = Some(Process::serve(&self.config_file(), &self.log, &self.environment)?);
        Ok(())
    }

    /// Where requests go.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.data.address()
    }

    /// Where the admin API is.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address()
    }

    /// What tokens name as their issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("http://{}/__mintgate/issuer", self.address())
    }

    /// The folder of configuration and data.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("gate")
    }

    /// The configuration.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.home().join("mintgate.toml")
    }

    /// The admin API, with the token of the folder.
    #[must_use]
    pub fn admin(&self) -> Admin {
        let token = std::fs::read_to_string(self.home().join("data/admin.token")).expect("init made it");
        Admin::new(self.admin_address(), token.trim(), self.secrets.clone())
    }

    /// A key for a new consumer, without scopes.
    #[must_use]
    pub fn key_for(&self, consumer: &str) -> String {
        self.admin().new_consumer(consumer).text
    }

    /// Something that must not stand in the log.
    pub fn keep_secret(&self, text: &str) {
        self.secrets.add(text);
    }

    /// Something that must not be seen, if the text has it.
    #[must_use]
    pub fn secret_in(&self, text: &str) -> Option<String> {
        self.secrets.found_in(text)
    }

    /// A connection to the data listener.
    #[must_use]
    pub fn connect(&self) -> Wire {
        Wire::connect(self.address())
    }

    /// The reply to one request on a connection of its own.
    #[must_use]
    pub fn ask(&self, request: &Request) -> Reply {
        let mut wire = self.connect();
        wire.send(&request.bytes());
        wire.reply_to(request.method())
    }

    /// Runs `mintgate` with arguments and the gateway's configuration, as its user would.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = mintgate();
        command.args(arguments).arg("--config").arg(self.config_file()).stdin(Stdio::null());
        command.output().expect("the binary can be run")
    }

    /// The same with a bound on its time, and its output as text.
    #[must_use]
    pub fn cli(&self, arguments: &[&str]) -> Ran {
        run(mintgate().args(arguments).arg("--config").arg(self.config_file()), "")
    }

    /// The same with something on its stdin.
    #[must_use]
    pub fn cli_with(&self, arguments: &[&str], input: &str) -> Ran {
        run(mintgate().args(arguments).arg("--config").arg(self.config_file()), input)
    }

    /// Gives the process a variable of its environment, from its next start on.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// The running process.
    #[must_use]
    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("it runs")
    }

    /// Asks it to stop, as a service manager does, and waits for its end.
    pub fn stop(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("it runs");
        process.signal(Signal::TERM);
        process.wait(PATIENCE).unwrap_or_else(|| panic!("it does not stop:\n{}", self.log.text()))
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.process.take().expect("it runs").kill();
    }

    /// Everything that it said on stderr so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits for a line of the log.
    #[must_use]
    pub fn wait_for_log(&self, fits: impl Fn(&str) -> bool) -> String {
        self.log.wait_for(0, PATIENCE, fits).unwrap_or_else(|| panic!("never said in:\n{}", self.log.text()))
    }
}

impl Drop for Gateway {
    #[expect(clippy::print_stderr, reason = "a failed test shows what the gateway said")]
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(Signal::TERM);
            if process.wait(LAST_GRACE).is_none() {
                process.kill();
            }
        }
        let log = self.log.text();
        if std::thread::panicking() {
            eprintln!("--- what the gateway said ---\n{log}\n---");
        } else if let Some(secret) = self.secrets.found_in(&log) {
            panic!("a secret stands in the log: {secret}\n{log}");
        }
        assert!(std::thread::panicking() || !log.contains(" panicked"), "the gateway panicked:\n{log}");
    }
}

impl Secrets {
    /// Keeps a text and, of a key, its secret part alone.
    pub(crate) fn add(&self, text: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(text.to_owned());
        // What is shorter stands in logs by chance.
        if let Some((_, secret)) = text.rsplit_once('_').filter(|(_, secret)| secret.len() >= 16) {
            all.push(secret.to_owned());
        }
    }

    fn found_in(&self, log: &str) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|secret| log.contains(secret.as_str())).cloned()
    }
}

/// For a gateway that the test is done with; longer than its own grace.
const LAST_GRACE: Duration = Duration::from_secs(4);
