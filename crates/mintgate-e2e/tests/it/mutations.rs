//! Requests with mistakes in them, by the thousand: whatever the gateway makes of one, the origin makes the same of it.

use std::{collections::BTreeSet, thread, time::Duration};

use mintgate_e2e::{End, Gateway, Origin, Recorded, Request, Wire};

/// Pseudo-random numbers (xorshift64), the same ones each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }
}

/// Pieces that ends of messages depend on.
const PIECES: [&[u8]; 30] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b" ",
    b"\t",
    b":",
    b",",
    b";",
    b"\0",
    b"\xff",
    b"0",
    b"5",
    b"-",
    b"+",
    b"0\r\n\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Connection: close\r\n",
    b"Connection: content-length\r\n",
    b"Expect: 100-continue\r\n",
    b"Upgrade: h2c\r\n",
    b"GET /x HTTP/1.1\r\n",
    b"Host: gate.test\r\n",
    b" HTTP/1.1",
    b"HTTP/1.0",
    b"chunked",
    b"\r\n 5",
];

fn mutate(stream: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(stream.len());
        match dice.roll(4) {
            0 => {
                let end = (at + 1 + dice.roll(8)).min(stream.len());
                stream.drain(at..end);
            }
            1 => {
                let piece = dice.pick(&PIECES);
                stream.splice(at..at, piece.iter().copied());
            }
            2 => {
                let piece = dice.pick(&PIECES);
                let end = (at + piece.len()).min(stream.len());
                stream.splice(at..end, piece.iter().copied());
            }
            _ => {
                let end = (at + 1 + dice.roll(40)).min(stream.len());
                let copy = stream[at..end].to_vec();
                let to = dice.roll(stream.len());
                stream.splice(to..to, copy);
            }
        }
        if stream.is_empty() {
            stream.push(b'G');
        }
    }
}

/// The ids of the replies that came from the origin, until the connection ends or has no more to say.
fn answered(gateway: &Gateway, stream: &[u8]) -> BTreeSet<String> {
    let mut wire = Wire::connect(gateway.address());
    // What was refused early is not taken whole.
    let _ = wire.try_send(stream);
    // Some wait for more, for ever: what comes later than this is missed, which is no mistake of anybody's.
    wire.be_patient_for(Duration::from_millis(60));
    let (heard, _) = wire.rest();
    let heard = String::from_utf8_lossy(&heard).into_owned();
    let replies = heard.split("HTTP/1.1 ").filter(|reply| reply.starts_with("200 "));
    let id = |reply: &str| {
        let line = reply.lines().find_map(|line| line.strip_prefix("x-request-id: "));
        line.unwrap_or_else(|| panic!("a reply without an id: {reply}")).to_owned()
    };
    replies.map(id).collect()
}

/// What the gate says stands in every request that it forwarded, and only there.
fn id_of(request: &Recorded) -> String {
    assert_eq!(request.token().split('.').count(), 3, "{request:?}");
    assert_eq!(request.header("x-forwarded-for"), Some("127.0.0.1"), "{request:?}");
    assert_eq!(request.head.all("host").len(), 1, "{request:?}");
    let lengths = request.head.all("content-length").len() + request.head.all("transfer-encoding").len();
    assert!(lengths <= 1, "{request:?}");
    request.header("x-request-id").unwrap_or_else(|| panic!("no id: {request:?}")).to_owned()
}

#[test]
fn r34_no_mistake_in_a_request_makes_the_origin_see_another_one() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let inner = format!("GET /inner HTTP/1.1\r\nHost: gate.test\r\nAuthorization: Bearer {key}\r\n\r\n");
    let chunked = Request::new("POST", "/chunked").key(&key).lines("Transfer-Encoding: chunked\r\n").bytes();
    let chunks = format!("{:x}\r\n{inner}\r\n5;x=\"y\"\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", inner.len());
    let pieces = [
        Request::get("/one").key(&key).header("Accept", "*/*").bytes(),
        Request::post("/two", inner.clone()).key(&key).bytes(),
        [chunked, chunks.into_bytes()].concat(),
        Request::get("/last").key(&key).close().bytes(),
    ];
    let replies: BTreeSet<String> = thread::scope(|scope| {
        let (gateway, pieces) = (&gateway, &pieces);
        let throw = |seed: u64| {
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ seed);
            let mut replies = BTreeSet::new();
            for round in 0..250 {
                let mut stream = pieces[round % 3..].concat();
                mutate(&mut stream, &mut dice);
                replies.append(&mut answered(gateway, &stream));
            }
            replies
        };
        let threads: Vec<_> = (1..=8).map(|seed| scope.spawn(move || throw(seed))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no reply without an id")).collect()
    });
    let requests = origin.requests();
    let ids: BTreeSet<String> = requests.iter().map(id_of).collect();
    assert_eq!(ids.len(), requests.len(), "an id came twice");
    assert!(replies.is_subset(&ids), "a reply that no request was for");
    assert!(requests.len() > 1000, "most mistakes leave something good: {}", requests.len());
    assert_eq!(gateway.ask(&Request::get("/after").key(&key)).status(), 200);
}

/// What only the answer to one request says; long enough that no mistake makes one of another.
fn mark(number: usize) -> String {
    let mut dice = Dice(0x1234_5678_9ABC_DEF1 + u64::try_from(number).expect("usize fits in u64"));
    (0..24).map(|_| char::from(b'a' + u8::try_from(dice.roll(26)).expect("under 26"))).collect()
}

/// An answer that says whose it is in its head and in its body.
fn answer(number: usize) -> Vec<u8> {
    let mark = mark(number);
    let body = format!("{mark}HTTP/1.1 200 OK\r\nX-Mark: {mark}\r\nContent-Length: 0\r\n\r\n{mark}");
    let coded = if number.is_multiple_of(2) {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    } else {
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
    };
    format!("HTTP/1.1 200 OK\r\nX-Mark: {mark}\r\n{coded}").into_bytes()
}

const THREADS: usize = 8;
const ROUNDS: usize = 80;

#[test]
fn r40_no_mistake_in_an_answer_makes_it_part_of_another() {
    let origin = Origin::start(|visit| {
        while let Some(request) = visit.request() {
            let number = request.target().trim_start_matches('/').parse().expect("the test's own target");
            let mut answer = answer(number);
            let seed = u64::try_from(number).expect("usize fits in u64");
            mutate(&mut answer, &mut Dice(0x2545_F491_4F6C_DD1D ^ (seed + 1)));
            visit.send(&answer);
        }
    });
    let gateway =
        Gateway::builder().origin_with("orders", origin.address(), "response_timeout = \"100ms\"").start();
    let keys = [gateway.key_for("alice"), gateway.key_for("bob")];
    let marks: Vec<String> = (0..THREADS * ROUNDS).map(mark).collect();
    let good: usize = thread::scope(|scope| {
        let (gateway, keys, marks) = (&gateway, &keys, &marks);
        let ask = move |thread: usize| {
            let numbers = (0..ROUNDS).map(|round| round * THREADS + thread);
            numbers.filter(|number| asked_for_is_answered(gateway, &keys[number % 2], marks, *number)).count()
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || ask(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no answer of another request")).sum()
    });
    assert!(good > THREADS * ROUNDS / 4, "most mistakes leave something good: {good}");
}

/// Whether the answer was a good one. It must be this request's own in any case, and have one reading.
fn asked_for_is_answered(gateway: &Gateway, key: &str, marks: &[String], number: usize) -> bool {
    let mut wire = gateway.connect();
    wire.send(&Request::get(&format!("/{number}")).key(key).close().bytes());
    let (bytes, end) = wire.rest();
    let text = String::from_utf8_lossy(&bytes);
    assert_ne!(end, End::StillOpen, "{number}: {text}");
    let of_another = marks.iter().position(|mark| text.contains(mark)).filter(|mark| *mark != number);
    assert_eq!(of_another, None, "{number}: {text}");
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        assert!(text.is_empty(), "{number}: half a head: {text}");
        return false;
    };
    let count = |name: &str| head.matches(&format!("\r\n{name}: ")).count();
    assert!(count("content-length") + count("transfer-encoding") <= 1, "{number}: {head}");
    assert_eq!(count("x-request-id"), 1, "{number}: {head}");
    assert!(!head.replace("\r\n", "").contains(['\r', '\n', '\0']), "{number}: {head}");
    head.starts_with("HTTP/1.1 200 ")
}
