//! A provider on a free port of this machine that answers whatever a test wants.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use mintgate_types::{Clock, SystemClock};
use serde_json::{Value, json};

pub(crate) struct Fake {
    address: SocketAddr,
    pair: Ed25519KeyPair,
    /// What the token endpoint answers: a status line and a body. `None`: nothing, ever.
    token_answer: Arc<Mutex<Option<(String, String)>>>,
    discovery: Arc<Mutex<Option<(String, String)>>>,
    posted: Mutex<mpsc::Receiver<Posted>>,
}

/// What came to the token endpoint.
pub(crate) struct Posted {
    pub(crate) authorization: Option<String>,
    pub(crate) form: Vec<(String, String)>,
}

impl Fake {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("any 32 bytes are a seed");
        let token_answer = Arc::new(Mutex::new(None));
        let discovery = Arc::new(Mutex::new(Some(ok(&json!({
            "issuer": format!("http://{address}"),
            "authorization_endpoint": format!("http://{address}/auth"),
            "token_endpoint": format!("http://{address}/token"),
            "jwks_uri": format!("http://{address}/jwks"),
        })))));
        let jwks = ok(&json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k",
            "x": BASE64URL.encode(pair.public_key().as_ref()),
        }]}));
        let (tell, posted) = mpsc::channel();
        let shared = (Arc::clone(&token_answer), Arc::clone(&discovery));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let ((token_answer, discovery), jwks, tell) = (shared.clone(), jwks.clone(), tell.clone());
                thread::spawn(move || {
                    serve(stream, &tell, |path| match path {
                        "/jwks" => Some(jwks),
                        "/token" => token_answer.lock().expect("no panic").clone(),
                        _ => discovery.lock().expect("no panic").clone(),
                    });
                });
            }
        });
        Self { address, pair, token_answer, discovery, posted: Mutex::new(posted) }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What the token endpoint answers from now on; `None`: nothing.
    pub(crate) fn answer_code(&self, answer: Option<(String, String)>) {
        *self.token_answer.lock().expect("no panic") = answer;
    }

    /// What the discovery document is from now on.
    pub(crate) fn answer_discovery(&self, answer: Option<(String, String)>) {
        *self.discovery.lock().expect("no panic") = answer;
    }

    /// Answers codes with an identity token of these claims.
    pub(crate) fn identify(&self, claims: &Value) {
        let token = self.sign(&json!({ "alg": "EdDSA", "kid": "k" }), claims);
        self.answer_with_token(&token);
    }

    pub(crate) fn answer_with_token(&self, token: &str) {
        self.answer_code(Some(ok(
            &json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token }),
        )));
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed =
            format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims.to_string()));
        format!("{signed}.{}", BASE64URL.encode(self.pair.sign(signed.as_bytes())))
    }

    /// Claims of a good identity token.
    pub(crate) fn claims(&self) -> Value {
        let now = SystemClock.now().as_second();
        json!({
            "iss": self.issuer(), "aud": "mintgate", "sub": "user-7", "iat": now, "exp": now + 300, "nonce": "a-nonce",
            "email": "ann@example.com", "email_verified": true, "name": "Ann", "groups": ["platform", "all"],
        })
    }

    /// What the token endpoint was last asked.
    pub(crate) fn posted(&self) -> Posted {
        let patience = std::time::Duration::from_secs(10);
        self.posted.lock().expect("no panic").recv_timeout(patience).expect("a request in time")
    }
}

pub(crate) fn ok(body: &Value) -> (String, String) {
    ("200 OK".to_owned(), body.to_string())
}

fn serve(
    mut stream: TcpStream,
    tell: &mpsc::Sender<Posted>,
    answer: impl FnOnce(&str) -> Option<(String, String)>,
) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        match reader.read_line(&mut line) {
            Ok(length) if length > 2 => lines.push(line.trim_end().to_owned()),
            Ok(2) => break,
            _ => return,
        }
    }
    let header = |name: &str| {
        let mut all = lines.iter().filter_map(|line| line.split_once(':'));
        all.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let path = lines[0].split(' ').nth(1).unwrap_or_default().to_owned();
    if path == "/token" {
        let form = url::form_urlencoded::parse(&body).into_owned().collect();
        // The test may be over already.
        let _ = tell.send(Posted { authorization: header("authorization"), form });
    }
    let Some((status, body)) = answer(&path) else {
        // Until the other side has had enough.
        let _ = reader.read(&mut [0]);
        return;
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}
