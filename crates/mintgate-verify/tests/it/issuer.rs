//! An issuer on a free port of this machine, whose answers the tests choose.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use mintgate_jwt::Jwk;
use serde_json::{Value, json};

/// When all tests take place, in seconds.
pub(crate) const NOW: i64 = 1_800_000_000;

/// What the issuer answers.
#[derive(Clone)]
pub(crate) enum Answer {
    Json(Value),
    /// All of the response.
    Raw(Vec<u8>),
    /// Begins like this and goes on for ever, a byte now and then.
    Drip(Vec<u8>),
    /// Reads the request and never answers; the connection stays open until the issuer goes.
    Silence,
    /// Answers this when the receiver's other end says so.
    Later(Arc<Mutex<mpsc::Receiver<()>>>, Value),
}

pub(crate) struct Issuer {
    address: SocketAddr,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    requests: Mutex<mpsc::Receiver<String>>,
}

/// One of its signing keys.
pub(crate) struct SigningKey {
    pair: Ed25519KeyPair,
    pub(crate) jwk: Jwk,
}

impl SigningKey {
    pub(crate) fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("any 32 bytes are a seed");
        let x = pair.public_key().as_ref().try_into().expect("32 bytes");
        Self { pair, jwk: Jwk::ed25519(x).expect("a key") }
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(self.jwk.kid().expect("ours has one").as_str(), claims)
    }

    pub(crate) fn sign_as(&self, kid: &str, claims: &Value) -> String {
        self.sign_with(&json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid }), claims)
    }

    pub(crate) fn sign_without_kid(&self, claims: &Value) -> String {
        self.sign_with(&json!({ "alg": "EdDSA", "typ": "at+jwt" }), claims)
    }

    fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let signed =
            format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims.to_string()));
        let signature = BASE64URL.encode(self.pair.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let answers = Arc::new(Mutex::new(HashMap::new()));
        let (tell, requests) = mpsc::channel();
        let shared = Arc::clone(&answers);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answers, tell) = (Arc::clone(&shared), tell.clone());
                thread::spawn(move || serve(stream, &answers, &tell));
            }
        });
        Self { address, answers, requests: Mutex::new(requests) }
    }

    /// An issuer that publishes these keys.
    pub(crate) fn publishing(keys: &[&SigningKey]) -> Self {
        let issuer = Self::start();
        issuer.publish(keys);
        issuer
    }

    pub(crate) fn name(&self) -> String {
        format!("http://{}/tenant", self.address)
    }

    pub(crate) fn jwks_url(&self) -> String {
        format!("{}/jwks.json", self.name())
    }

    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        self.answer("/tenant/jwks.json", Answer::Json(set(keys)));
    }

    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        self.answers.lock().expect("no panic").insert(path.to_owned(), answer);
    }

    pub(crate) fn answer_keys(&self, answer: Answer) {
        self.answer("/tenant/jwks.json", answer);
    }

    /// Claims of a good token.
    pub(crate) fn claims(&self) -> Value {
        json!({ "iss": self.name(), "aud": "orders", "sub": "user-7", "iat": NOW, "exp": NOW + 86_400, "jti": "1" })
    }

    /// The paths that were asked for since the last call.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").try_iter().collect()
    }

    /// Waits for the next request.
    pub(crate) fn next_request(&self) -> String {
        let patience = std::time::Duration::from_secs(10);
        self.requests.lock().expect("no panic").recv_timeout(patience).expect("a request in time")
    }
}

pub(crate) fn set(keys: &[&SigningKey]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.jwk.to_json()).collect::<Vec<_>>() })
}

/// A response with this status line and body.
pub(crate) fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn serve(mut stream: TcpStream, answers: &Mutex<HashMap<String, Answer>>, tell: &mpsc::Sender<String>) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            _ => return,
        }
    }
    let text = String::from_utf8_lossy(&request);
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    let answer = answers.lock().expect("no panic").get(&path).cloned();
    // The test may be over already.
    let _ = tell.send(path);
    let json =
        |value: &Value| response("200 OK", "Cache-Control: public, max-age=300\r\n", &value.to_string());
    let bytes = match answer {
        None => response("404 Not Found", "", "nothing here"),
        Some(Answer::Json(value)) => json(&value),
        Some(Answer::Raw(bytes)) => bytes,
        Some(Answer::Drip(start)) => {
            let endless = start.into_iter().chain(std::iter::repeat(b' '));
            for byte in endless {
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
                thread::park_timeout(std::time::Duration::from_millis(5));
            }
            return;
        }
        Some(Answer::Silence) => {
            let _ = stream.read(&mut byte);
            return;
        }
        Some(Answer::Later(gate, value)) => {
            let _ = gate.lock().expect("no panic").recv();
            json(&value)
        }
    };
    let _ = stream.write_all(&bytes);
}
