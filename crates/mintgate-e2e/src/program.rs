//! Programs other than the gateway's `serve`: run to their end, or kept running beside it.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::log::Log;

/// A program that ran to its end.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// What it said on stdout.
    pub stdout: String,
    /// What it said on stderr.
    pub stderr: String,
}

/// Runs a program to its end with `input` on its stdin. Fails the test if that takes too long.
#[must_use]
pub fn run(command: &mut Command, input: impl Into<Vec<u8>>) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let (mut stdin, input) = (child.stdin.take().expect("a pipe"), input.into());
    // Whoever does not read its input has said so by ending.
    thread::spawn(move || drop(stdin.write_all(&input)));
    let stdout = all_of(child.stdout.take().expect("a pipe"));
    let stderr = all_of(child.stderr.take().expect("a pipe"));
    let until = Instant::now() + LONGEST_RUN;
    let mut text = |heard: mpsc::Receiver<Vec<u8>>| {
        let Ok(bytes) = heard.recv_timeout(until.saturating_duration_since(Instant::now())) else {
            // What was to be ended has failed already.
            let _ = child.kill();
            let _ = child.wait();
            panic!("{command:?} did not end within {LONGEST_RUN:?}");
        };
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let (stdout, stderr) = (text(stdout), text(stderr));
    let status = child.wait().expect("it is our child").code();
    Ran { status, stdout, stderr }
}

/// Runs a program to its end; once it says `ready` on stderr, starts what it waits for, which is kept until then.
#[must_use]
pub fn run_beside<T>(
    command: &mut Command,
    ready: &str,
    patience: Duration,
    start: impl FnOnce() -> T,
) -> Ran {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let (stdout, log) = (all_of(child.stdout.take().expect("a pipe")), Log::default());
    log.follow(child.stderr.take().expect("a pipe"));
    let beside = log.wait_for(0, patience, |line| line.contains(ready)).map(|_| start());
    let heard = stdout.recv_timeout(patience);
    if heard.is_err() {
        // What was to be ended may have ended just now.
        let _ = child.kill();
    }
    let status = child.wait().expect("it is our child").code();
    log.wait_for_end(patience);
    drop(beside);
    let Ok(bytes) = heard else { panic!("{command:?} did not end within {patience:?}: {}", log.text()) };
    Ran { status, stdout: String::from_utf8_lossy(&bytes).into_owned(), stderr: log.text() }
}

impl Ran {
    /// Its output; fails the test if it refused.
    #[must_use]
    pub fn done(self) -> String {
        assert_eq!(self.status, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self.stdout
    }

    /// What it said of its refusal; fails the test if it did not refuse with this status.
    #[must_use]
    pub fn refused(self, status: i32) -> String {
        assert_eq!(self.status, Some(status), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert!(!self.stderr.trim().is_empty(), "a refusal says why");
        self.stderr
    }

    /// Its output as JSON.
    #[must_use]
    pub fn json(self) -> serde_json::Value {
        let text = self.done();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }
}

fn all_of(mut stream: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A stream that breaks off has said what it said.
        let _ = stream.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

/// A server of another program, or of ours run by hand. It ends with this value, and shows its log when a test fails.
pub struct Server {
    child: Child,
    log: Log,
}

impl Server {
    /// Starts a program and waits until it listens at `address`. Fails the test if it ends instead.
    #[must_use]
    pub fn start(command: &mut Command, address: SocketAddr) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let log = Log::default();
        log.follow(child.stderr.take().expect("stderr is a pipe"));
        let server = Self { child, log };
        let until = Instant::now() + LONGEST_START;
        while TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err() {
            let has_ended = server.log.wait_for_end(BETWEEN_LOOKS);
            assert!(!has_ended && Instant::now() < until, "{command:?} does not listen at {address}");
        }
        server
    }

    /// Everything that it said on stderr so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "a failed test shows what its servers said")]
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- what a server said ---\n{}\n---", self.log.text());
        }
    }
}

/// Interpreters read a lot of files when they start, and machines are busy.
const LONGEST_RUN: Duration = Duration::from_mins(1);
const LONGEST_START: Duration = Duration::from_secs(40);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
