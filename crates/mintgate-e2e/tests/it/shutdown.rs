//! The end of a process, as its callers see it.

use std::{
    sync::{Mutex, mpsc},
    thread,
};

use mintgate_e2e::{End, Gateway, Origin, Request, Wire};
use rustix::process::Signal;

#[test]
fn what_is_under_way_is_finished_and_nothing_new_is_begun() {
    let (go, may_go) = mpsc::channel::<()>();
    let may_go = Mutex::new(may_go);
    let origin = Origin::start(move |visit| {
        while visit.request().is_some() {
            visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            may_go.lock().expect("one visit").recv().expect("the test says go");
            visit.send(b"world");
        }
    });
    let mut gateway =
        Gateway::builder().server("shutdown_grace = \"20s\"").origin("orders", origin.address()).start();
    let key = gateway.key_for("alice");
    let mut busy = gateway.connect();
    busy.send(&Request::get("/").key(&key).bytes());
    assert_eq!(busy.head().one("content-length"), Some("10"));
    let mut idle = gateway.connect();
    idle.send(&Request::get("/refused").bytes());
    assert_eq!(idle.reply().status(), 401);
    gateway.process().signal(Signal::TERM);
    // An idle connection has nothing to wait for.
    assert_eq!(idle.end(), End::Closed);
    let address = gateway.address();
    let _ = gateway.wait_for_log(|line| line.contains("stopping"));
    let refused = (0..200).any(|_| {
        let refused = Wire::try_connect(address).is_err();
        if !refused {
            thread::yield_now();
        }
        refused
    });
    assert!(refused, "new connections are still taken");
    go.send(()).expect("the origin waits");
    assert_eq!(busy.exactly(10).expect("the rest of the answer"), b"helloworld");
    assert_eq!(busy.end(), End::Closed);
    assert!(gateway.stop().success());
}

#[test]
fn what_takes_longer_than_the_grace_is_cut_off() {
    let origin = Origin::hanging();
    let mut gateway =
        Gateway::builder().server("shutdown_grace = \"300ms\"").origin("orders", origin.address()).start();
    let key = gateway.key_for("alice");
    let mut wire = gateway.connect();
    wire.send(&Request::get("/").key(&key).bytes());
    let _ = origin.wait_for_requests(1);
    assert!(gateway.stop().success());
    let (heard, end) = wire.rest();
    assert!(heard.is_empty(), "{}", heard.escape_ascii());
    assert_ne!(end, End::StillOpen);
    assert!(gateway.wait_for_log(|line| line.contains("cut off")).contains("WARN"));
}
