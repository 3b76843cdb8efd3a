use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread::JoinHandle,
};

use http::{Method, Request};
use http_body::Body;
use tokio::task::yield_now;

use super::*;

/// An origin that gives these answers: for each connection that it takes, one to each request on it. `SILENCE` is to
/// read a request and to close.
fn scripted(connections: Vec<Vec<&'static str>>) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let thread = std::thread::spawn(move || {
        for answers in connections {
            let (socket, _) = listener.accept().expect("a connection");
            let mut requests = BufReader::new(socket.try_clone().expect("a second handle")).lines();
            for answer in answers {
                while !requests.next().expect("a request").expect("a line").is_empty() {}
                (&socket).write_all(answer.as_bytes()).expect("a reader");
            }
        }
    });
    (port, thread)
}

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const SILENCE: &str = "";

fn origin(port: u16) -> Rc<Origin> {
    let second = Duration::from_secs(1);
    let config = OriginConfig {
        name: "scripted".parse().expect("a name"),
        host: "127.0.0.1".to_owned(),
        port,
        host_header: HostHeader::Preserve,
        connect_timeout: 10 * second,
        response_timeout: 10 * second,
        idle_timeout: 10 * second,
        idle_connections: 2,
    };
    Origin::new(config, Ticks::new())
}

async fn ask(origin: &Rc<Origin>, method: Method) -> Result<Vec<u8>, OriginError> {
    let request = Request::builder().method(method).uri("/").header("host", "a").body(()).expect("a request");
    let response = origin.send(&request.into_parts().0, OutboundBody::Empty, None).await?;
    let mut body = Vec::new();
    match response.into_body() {
        Answer::Whole(bytes) => body.extend_from_slice(&bytes),
        Answer::Flowing(mut flow) => {
            while !flow.is_end_stream()
                && let Some(frame) =
                    poll_fn(|context| std::pin::Pin::new(&mut *flow).poll_frame(context)).await
            {
                let frame = frame.map_err(|_| OriginError::Closed)?;
                body.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..]));
            }
        }
    }
    Ok(body)
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(20), test).await.expect("an end");
    });
}

/// Two requests, which must find `connections`. Whether the first one's was kept.
fn two_requests(connections: Vec<Vec<&'static str>>, bodies: [&str; 2]) -> bool {
    let mut kept = false;
    run(async {
        let (port, thread) = scripted(connections);
        let origin = origin(port);
        assert_eq!(ask(&origin, Method::GET).await.expect("an answer"), bodies[0].as_bytes());
        kept = !origin.idle.borrow().is_empty();
        assert_eq!(ask(&origin, Method::GET).await.expect("an answer"), bodies[1].as_bytes());
        thread.join().expect("every connection was taken and every answer given");
    });
    kept
}

#[test]
fn a_connection_whose_answer_ended_well_is_used_again() {
    for first in [
        ANSWER,
        "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n",
    ] {
        assert!(two_requests(vec![vec![first, ANSWER]], ["ok", "ok"]), "{first:?}");
    }
    let interim = "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Soon\r\n\r\nHTTP/1.1 204 No\r\n\r\n";
    assert!(two_requests(vec![vec![interim, ANSWER]], ["", "ok"]));
}

#[test]
fn a_connection_whose_answer_ended_otherwise_is_not_used_again() {
    for first in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\n\r\nok",
        // More than was announced is where another answer could be smuggled in.
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n!",
    ] {
        assert!(!two_requests(vec![vec![first], vec![ANSWER]], ["ok", "ok"]), "{first:?}");
    }
    let same = "HTTP/1.1 304 Same\r\ncontent-length: 2\r\n\r\nok";
    assert!(!two_requests(vec![vec![same], vec![ANSWER]], ["", "ok"]));
}

#[test]
fn a_body_that_ends_early_is_broken() {
    run(async {
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
            "HTTP/1.1 200 OK\r\ncontent-le",
        ] {
            let (port, _thread) = scripted(vec![vec![answer]]);
            let outcome = ask(&origin(port), Method::GET).await;
            assert!(matches!(outcome, Err(OriginError::Closed)), "{answer:?}: {outcome:?}");
        }
    });
}

#[test]
fn a_connection_that_was_closed_while_it_rested_is_passed_over() {
    run(async {
        let (port, thread) = scripted(vec![vec![ANSWER], vec![ANSWER]]);
        let origin = origin(port);
        ask(&origin, Method::POST).await.expect("an answer");
        while origin.idle.borrow().back().expect("a resting connection").link.is_quiet() {
            yield_now().await;
        }
        ask(&origin, Method::POST).await.expect("another answer");
        thread.join().expect("two connections");
    });
}

/// What becomes of a request when the connection that it is sent on was used before and now gives nothing.
fn after_silence(method: Method) -> Result<Vec<u8>, OriginError> {
    let (port, _thread) = scripted(vec![vec![ANSWER, SILENCE], vec![ANSWER]]);
    let origin = origin(port);
    let mut outcome = Ok(Vec::new());
    run(async {
        ask(&origin, Method::GET).await.expect("an answer");
        outcome = ask(&origin, method).await;
    });
    outcome
}

#[test]
fn what_may_be_repeated_is_sent_once_more_if_the_connection_was_used_before() {
    assert_eq!(after_silence(Method::GET).expect("an answer"), b"ok");
    assert!(matches!(after_silence(Method::POST), Err(OriginError::Closed)));
}

#[test]
fn nothing_is_sent_once_more_on_a_fresh_connection() {
    run(async {
        let (port, _thread) = scripted(vec![vec![SILENCE], vec![ANSWER]]);
        let outcome = ask(&origin(port), Method::GET).await;
        assert!(matches!(outcome, Err(OriginError::Closed)), "{outcome:?}");
    });
}

#[test]
fn connections_that_rested_too_long_are_closed() {
    run(async {
        let (port, thread) = scripted(vec![vec![ANSWER], vec![ANSWER]]);
        let origin = origin(port);
        ask(&origin, Method::GET).await.expect("an answer");
        (0..100).for_each(|_| origin.ticks.advance());
        ask(&origin, Method::GET).await.expect("an answer");
        assert_eq!(origin.idle.borrow().len(), 1);
        (0..100).for_each(|_| origin.ticks.advance());
        origin.prune();
        assert!(origin.idle.borrow().is_empty());
        thread.join().expect("two connections");
    });
}

#[test]
fn an_origin_that_is_waited_for_too_long_is_given_up() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = origin(listener.local_addr().expect("an address").port());
        let asking = ask(&origin, Method::GET);
        let passing = async {
            loop {
                origin.ticks.advance();
                yield_now().await;
            }
        };
        tokio::select! {
            outcome = asking => assert!(matches!(outcome, Err(OriginError::ResponseTimeout)), "{outcome:?}"),
            () = passing => {}
        }
    });
}
