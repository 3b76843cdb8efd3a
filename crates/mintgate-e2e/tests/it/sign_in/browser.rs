//! As much of a browser as signing in needs: cookies, and following redirects.

use std::{collections::BTreeMap, net::SocketAddr};

use mintgate_e2e::{Reply, Request, Wire};
use serde_json::Value;

/// Keeps cookies by host and port, and obeys what they say about scripts only in so far as it has none.
#[derive(Default)]
pub(super) struct Browser {
    cookies: BTreeMap<SocketAddr, BTreeMap<String, String>>,
    csrf_token: Option<String>,
}

impl Browser {
    /// Where a redirect leads, followed until something else is answered.
    pub(super) fn visit(&mut self, url: &str) -> (String, Reply) {
        let mut url = url.to_owned();
        for _ in 0..12 {
            let reply = self.get(&url);
            if !(300..400).contains(&reply.status()) {
                return (url, reply);
            }
            url = absolute(&url, reply.header("location").expect("a redirect leads somewhere"));
        }
        panic!("too many redirects, the last to {url}");
    }

    /// One page, without following anything.
    pub(super) fn get(&mut self, url: &str) -> Reply {
        let (address, target) = split(url);
        self.send(address, Request::get(&target))
    }

    /// What a page of the console does.
    pub(super) fn ask(&mut self, address: SocketAddr, method: &str, path: &str, body: &Value) -> Reply {
        let mut request = Request::new(method, path).header("Sec-Fetch-Site", "same-origin");
        if let Some(token) = &self.csrf_token {
            request = request.header("X-CSRF-Token", token);
        }
        if !body.is_null() {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        self.send(address, request)
    }

    /// Sends a request as it is, with the cookies of its place, and keeps those that come.
    pub(super) fn send(&mut self, address: SocketAddr, request: Request) -> Reply {
        let jar = self.cookies.entry(address).or_default();
        let pairs: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.host(&address.to_string());
        if !pairs.is_empty() {
            request = request.header("Cookie", &pairs.join("; "));
        }
        let method = request.method().to_owned();
        let mut wire = Wire::connect(address);
        wire.send(&request.close().bytes());
        let reply = wire.reply_to(&method);
        for line in reply.head.all("set-cookie") {
            let (name, rest) = line.split_once('=').expect("a cookie has a name");
            let value = rest.split(';').next().unwrap_or_default();
            if rest.contains("Max-Age=0") || rest.contains("01 Jan 1970") || value.is_empty() {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(token) = csrf_token(&reply) {
            self.csrf_token = Some(token);
        }
        reply
    }

    /// The value of a cookie, for tests that mean harm.
    pub(super) fn cookie(&self, address: SocketAddr, name: &str) -> Option<String> {
        self.cookies.get(&address)?.get(name).cloned()
    }
}

/// Whether a reply is this refusal of the admin API.
pub(super) fn assert_problem(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status(), status, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(reply.json()["code"], code);
}

fn csrf_token(reply: &Reply) -> Option<String> {
    let is_json = reply.header("content-type") == Some("application/json");
    let token = is_json.then(|| reply.json()["csrf_token"].as_str().map(str::to_owned));
    token.flatten()
}

fn split(url: &str) -> (SocketAddr, String) {
    let rest = url.strip_prefix("http://").unwrap_or_else(|| panic!("not on loopback: {url}"));
    let at = rest.find('/').unwrap_or(rest.len());
    let target = if rest[at..].is_empty() { "/" } else { &rest[at..] };
    (rest[..at].parse().unwrap_or_else(|_| panic!("not an address: {url}")), target.to_owned())
}

fn absolute(base: &str, location: &str) -> String {
    if location.starts_with("http://") {
        return location.to_owned();
    }
    format!("http://{}{location}", split(base).0)
}
