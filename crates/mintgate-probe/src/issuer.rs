//! An issuer that fails on command, and counts who asks it for keys.
//!
//! It answers on sockets of its own, a thread a connection. What it publishes, and whether it answers at all, is set
//! from outside. Beside it, on a port of its own, an impostor publishes a key that no origin may ever use.

use std::{
    collections::HashMap,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::OwnIssuer;

/// How the issuer answers who asks for its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should, after a while.
    Publishing { after: Duration },
    /// With a status and a page for people.
    Failing(u16),
    /// With status 200 and a page for people.
    Chatting,
    /// By sending whoever asks to the impostor.
    Redirecting,
    /// Not at all, until the mood changes; then the connection ends.
    Hanging,
}

/// Keys that no origin may ever use.
pub(crate) struct Strangers {
    /// Published wherever a token points to.
    pub(crate) impostor: Value,
    /// Published beside the issuer's keys where the issuer redirects to.
    pub(crate) elsewhere: Vec<Value>,
}

/// The issuer and its impostor.
pub(crate) struct Issuer {
    url: String,
    address: SocketAddr,
    state: Arc<State>,
    listener: Option<Listener>,
    impostor: Listener,
}

/// What the threads share. One lock for all of it: a handful of requests a second come by.
struct State {
    told: Mutex<Told>,
    changed: Condvar,
}

struct Told {
    url: String,
    mood: Mood,
    keys: Vec<Value>,
    strangers: Strangers,
    impostor: SocketAddr,
    max_age: Duration,
    fetches: usize,
    visits: HashMap<String, usize>,
}

impl Issuer {
    /// Takes the address and does not listen there yet; the impostor does.
    pub(crate) fn new(own: OwnIssuer, strangers: Strangers) -> io::Result<Self> {
        let OwnIssuer { listen: address, url, max_age } = own;
        // Whether the address can be had, and which port it is.
        let probe = TcpListener::bind(address)?;
        let address = probe.local_addr()?;
        drop(probe);
        let url = url.unwrap_or_else(|| format!("http://{address}"));
        let impostor = TcpListener::bind((address.ip(), 0))?;
        let told = Told {
            url: url.clone(),
            mood: Mood::Publishing { after: Duration::ZERO },
            keys: Vec::new(),
            strangers,
            impostor: impostor.local_addr()?,
            max_age,
            fetches: 0,
            visits: HashMap::new(),
        };
        let state = Arc::new(State { told: Mutex::new(told), changed: Condvar::new() });
        let impostor = Listener::start(impostor, Arc::clone(&state), impostors_answer);
        Ok(Self { url, address, state, listener: None, impostor })
    }

    /// What stands in `iss`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where the impostor lives.
    pub(crate) fn impostors_url(&self) -> String {
        format!("http://{}", self.impostor.address)
    }

    /// Begins to listen.
    pub(crate) fn open(&mut self) -> io::Result<()> {
        if self.listener.is_none() {
            let socket = TcpListener::bind(self.address)?;
            self.listener = Some(Listener::start(socket, Arc::clone(&self.state), issuers_answer));
        }
        Ok(())
    }

    /// Listens no more: connections are refused.
    pub(crate) fn shut(&mut self) {
        self.listener = None;
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.told().mood = mood;
        self.state.changed.notify_all();
    }

    pub(crate) fn publish(&self, keys: Vec<Value>) {
        self.told().keys = keys;
    }

    /// For how long it says that its keys may be kept.
    pub(crate) fn max_age(&self) -> Duration {
        self.told().max_age
    }

    /// How often somebody asked for the keys.
    pub(crate) fn fetches(&self) -> usize {
        self.told().fetches
    }

    /// How often somebody asked the impostor for this path.
    pub(crate) fn visits(&self, path: &str) -> usize {
        self.told().visits.get(path).copied().unwrap_or_default()
    }

    /// Waits until somebody asked more often than `before`; whether they did.
    pub(crate) fn wait_for_fetch(&self, before: usize, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut told = self.told();
        while told.fetches <= before {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            told = self.state.changed.wait_timeout(told, left).expect("no holder of this lock panics").0;
        }
        true
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.state.told()
    }
}

impl State {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().expect("no holder of this lock panics")
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // Whoever still waits for an answer is let go.
        self.set_mood(Mood::Failing(503));
    }
}

/// A socket and the thread that answers on it.
struct Listener {
    address: SocketAddr,
    closing: Arc<std::sync::atomic::AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

type AnswerTo = fn(&State, &str) -> Option<Vec<u8>>;

impl Listener {
    fn start(socket: TcpListener, state: Arc<State>, answer_to: AnswerTo) -> Self {
        let address = socket.local_addr().expect("a bound socket has an address");
        let closing = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let is_closing = Arc::clone(&closing);
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = socket.accept() {
                if is_closing.load(std::sync::atomic::Ordering::SeqCst) {
                    break;
                }
                let state = Arc::clone(&state);
                // Whoever hangs up gets no answer; nothing else can go wrong here.
                std::thread::spawn(move || drop(serve(stream, &state, answer_to)));
            }
        });
        Self { address, closing, thread: Some(thread) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.closing.store(true, std::sync::atomic::Ordering::SeqCst);
        // Wakes the thread; if nobody can connect, it has ended already.
        let mut own = self.address;
        if own.ip().is_unspecified() {
            own.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        let woken = TcpStream::connect_timeout(&own, Duration::from_secs(1));
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            // A panic there has been printed.
            drop(thread.join());
        }
    }
}

fn serve(stream: TcpStream, state: &State, answer_to: AnswerTo) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.take(16 * 1024));
    let mut start = String::new();
    reader.read_line(&mut start)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = start.split(' ').nth(1).unwrap_or("/");
    let mut stream = reader.into_inner().into_inner();
    match answer_to(state, path) {
        Some(answer) => stream.write_all(&answer),
        None => Ok(()),
    }
}

fn issuers_answer(state: &State, path: &str) -> Option<Vec<u8>> {
    let mut told = state.told();
    let path = path.split('?').next().unwrap_or(path);
    let base = told.url.splitn(4, '/').nth(3).map_or(String::new(), |base| format!("/{base}"));
    let base = base.trim_end_matches('/');
    match path.strip_prefix(base).unwrap_or(path) {
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => {
            let document =
                json!({"issuer": told.url, "jwks_uri": format!("{}/.well-known/jwks.json", told.url)});
            return Some(reply(200, JSON, "", &document.to_string()));
        }
        "/.well-known/jwks.json" => {}
        _ => return Some(reply(404, HTML, "", PAGE)),
    }
    told.fetches += 1;
    state.changed.notify_all();
    while told.mood == Mood::Hanging {
        let (next, timeout) = state.changed.wait_timeout(told, LONGEST_HANG).expect("no holder panics");
        told = next;
        if timeout.timed_out() || told.mood != Mood::Hanging {
            return None;
        }
    }
    let max_age = format!("Cache-Control: public, max-age={}\r\n", told.max_age.as_secs());
    match told.mood.clone() {
        Mood::Publishing { after } => {
            let set = json!({"keys": told.keys}).to_string();
            drop(told);
            std::thread::sleep(after);
            Some(reply(200, JSON, &max_age, &set))
        }
        Mood::Failing(status) => Some(reply(status, HTML, "", PAGE)),
        Mood::Chatting | Mood::Hanging => Some(reply(200, HTML, &max_age, PAGE)),
        Mood::Redirecting => {
            let elsewhere = format!("Location: http://{}{ELSEWHERE}\r\n", told.impostor);
            Some(reply(302, HTML, &elsewhere, ""))
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the issuer may keep silent, and both are called alike")]
fn impostors_answer(state: &State, path: &str) -> Option<Vec<u8>> {
    let mut told = state.told();
    *told.visits.entry(path.to_owned()).or_default() += 1;
    let keys: Vec<&Value> = if path == ELSEWHERE {
        // With the real ones: whoever was led here goes on working, and other cases can be judged.
        told.keys.iter().chain(&told.strangers.elsewhere).collect()
    } else {
        vec![&told.strangers.impostor]
    };
    Some(reply(200, JSON, "", &json!({"keys": keys}).to_string()))
}

fn reply(status: u16, kind: &str, more: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} .\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n");
    format!("{head}{more}Connection: close\r\n\r\n{body}").into_bytes()
}

const ELSEWHERE: &str = "/elsewhere.json";
const JSON: &str = "application/json";
const HTML: &str = "text/html";
const PAGE: &str = "<!doctype html><title>Be right back</title><p>We are down for maintenance.";
/// Longer than any wait of ours, so that it is the mood that ends it.
const LONGEST_HANG: Duration = Duration::from_mins(2);
