//! Bodies of callers who are not known: read before the check, or taken for requests after it.

use std::time::Duration;

use super::staged;
use crate::{
    Probe, Verdict,
    case::Case,
    verdict::{Expected, Heard, in_words},
    wire::NoAnswer,
};

const UNREAD: Case = staged(
    "body/unread",
    "POST without a token and the first five bytes of 50 MB",
    &["guard 29"],
    "whoever reads first and checks later lets anybody upload",
    Expected::Unauthorized,
);
const CHUNKED: Case = staged(
    "body/unread-chunked",
    "the same in chunks",
    &["guard 29"],
    "a body without a length is read by another piece of code",
    Expected::Unauthorized,
);
const EXPECT: Case = staged(
    "body/expect",
    "POST without a token that waits for 100 Continue",
    &["guard 29"],
    "RFC 9110 §10.1.1: the check can answer before anything is sent",
    Expected::Unauthorized,
);
const REST: Case = staged(
    "body/rest",
    "POST without a token, whose body reads like requests with one",
    &["R36"],
    "Pingora CVE-2025-4366: the rest of a refused upload was read as the next request",
    Expected::Unauthorized,
);
const REST_CHUNKED: Case = staged(
    "body/rest-chunked",
    "the same in chunks",
    &["R36"],
    "servers skip chunks less carefully than lengths",
    Expected::Unauthorized,
);
const TWO_LENGTHS: Case = staged(
    "body/length-alias",
    "POST with Content_Length: 0 beside its length, whose body reads like a request",
    &["R7"],
    "cheroot shows it to applications as Content-Length",
    Expected::Either,
);
pub(crate) const CASES: &[Case] = &[UNREAD, CHUNKED, EXPECT, REST, REST_CHUNKED, TWO_LENGTHS];

pub(crate) fn run(probe: &mut Probe, talk: &mut dyn FnMut(&str)) {
    if !probe.plan.selection.has_any_of("body") {
        return;
    }
    talk("uploading without a token");
    let length = "Content-Length: 50000000\r\n\r\nhello";
    early(probe, &UNREAD, length);
    early(probe, &CHUNKED, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    early(probe, &EXPECT, "Content-Length: 50000000\r\nExpect: 100-continue\r\n\r\n");
    let hidden = hidden_requests(probe);
    let size = hidden.len();
    rest(probe, &REST, &[format!("Content-Length: {size}\r\n\r\n").as_bytes(), &hidden].concat());
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n");
    rest(probe, &REST_CHUNKED, &[chunked.as_bytes(), &hidden, b"\r\n0\r\n\r\n"].concat());
    let token = probe.forge.good().unwrap_or_default();
    let lengths =
        format!("Authorization: Bearer {token}\r\nContent-Length: {size}\r\nContent_Length: 0\r\n\r\n");
    rest(probe, &TWO_LENGTHS, &[lengths.as_bytes(), &hidden].concat());
}

/// The answer must come although the body does not.
fn early(probe: &mut Probe, case: &Case, rest: &str) {
    let request = [post(probe), rest.as_bytes().to_vec()].concat();
    let heard = [probe.dialer.ask(&request)];
    judged(probe, case, &heard);
}

/// There must be one answer and no second one.
fn rest(probe: &mut Probe, case: &Case, rest: &[u8]) {
    let request = [post(probe).as_slice(), rest].concat();
    let (first, second) = match probe.dialer.dial() {
        Err(error) => (Err(error), Err(NoAnswer::Closed)),
        Ok(mut wire) => {
            // An origin may answer and close before it has read everything; the answers count.
            let _ = wire.send(&request);
            let first = wire.answer(probe.dialer.timeout());
            let second = if first.is_ok() { wire.answer(A_SECOND_ANSWER) } else { Err(NoAnswer::Closed) };
            (first, second)
        }
    };
    if second.is_ok() {
        let heard = [first, second];
        let outcome = format!("{}: its body was read as a request", in_words(&heard));
        probe.record_as(case, &heard, Verdict::HostilePassed, outcome);
    } else {
        judged(probe, case, &[first]);
    }
}

fn judged(probe: &mut Probe, case: &Case, heard: &[Heard]) {
    let is_unserved = |heard: &Heard| heard.as_ref().is_ok_and(|answer| matches!(answer.status, 404 | 405));
    if heard.iter().any(is_unserved) && case.expected == Expected::Unauthorized {
        let why = format!("no POST is served there ({}): --upload-path", in_words(heard));
        probe.record_as(case, heard, Verdict::Skipped, why);
        return;
    }
    let is_silent = heard.iter().any(|heard| matches!(heard, Err(NoAnswer::TimedOut)));
    let outcome = if is_silent { "nothing: it waits for the body".to_owned() } else { in_words(heard) };
    probe.record_as(case, heard, case.expected.judge(heard), outcome);
}

fn post(probe: &Probe) -> Vec<u8> {
    let path = probe.plan.upload_path.clone().unwrap_or_else(|| probe.plan.target.path().to_owned());
    let mut head = probe.head("POST", &path);
    head.extend_from_slice(b"Content-Type: application/octet-stream\r\n");
    head
}

/// More than servers read over without a thought: 128 KiB of requests that would be let in.
fn hidden_requests(probe: &Probe) -> Vec<u8> {
    let token = probe.forge.good().unwrap_or_default();
    let mut one = probe.head(&probe.plan.method, probe.plan.target.path());
    one.extend_from_slice(format!("Authorization: Bearer {token}\r\n\r\n").as_bytes());
    one.repeat((128 * 1024) / one.len() + 1)
}

const A_SECOND_ANSWER: Duration = Duration::from_millis(1500);
