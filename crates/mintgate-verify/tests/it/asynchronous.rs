//! Verifying without blocking, by hand-driven polls: no executor is needed.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake},
    thread::{self, Thread},
};

use mintgate_verify::{VerifyError, Verifying};

use crate::{
    issuer::{Answer, Issuer, SigningKey, response, set},
    verifier,
};

/// Unparks the thread that waits, and counts.
struct Unpark(Thread, AtomicUsize);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.unpark();
    }
}

fn waker() -> Arc<Unpark> {
    Arc::new(Unpark(thread::current(), AtomicUsize::new(0)))
}

/// Runs it to its end, asleep between polls.
fn block_on(future: Verifying) -> Result<String, VerifyError> {
    let unpark = waker();
    let waker = Arc::clone(&unpark).into();
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(result) => return result.map(|verified| verified.claims().subject().to_owned()),
            Poll::Pending => thread::park_timeout(std::time::Duration::from_secs(10)),
        }
    }
}

#[test]
fn many_that_wait_cause_one_fetch_and_none_of_them_blocks() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    let (open, gate) = mpsc::channel();
    issuer.answer_keys(Answer::Later(Arc::new(Mutex::new(gate)), set(&[&key])));
    let verifier = Arc::new(verifier(&issuer).0);
    let token = key.sign(&issuer.claims());
    let unpark = waker();
    let shared = Arc::clone(&unpark).into();
    let mut context = Context::from_waker(&shared);
    let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(verifier.verify_async(&*token))).collect();
    for future in &mut waiting {
        assert!(future.as_mut().poll(&mut context).is_pending(), "the issuer has not answered");
    }
    issuer.next_request();
    waiting.truncate(60);
    assert!(waiting[0].as_mut().poll(&mut context).is_pending(), "polled once more than needed");
    open.send(()).expect("the issuer waits for it");
    for future in waiting {
        assert_eq!(block_on(*std::pin::Pin::into_inner(future)).expect("a good token"), "user-7");
    }
    assert!(issuer.requests().is_empty(), "there was one request only");
    assert!(unpark.1.load(Ordering::SeqCst) <= 60, "nobody is woken who has left");
}

#[test]
fn an_issuer_that_fails_ends_the_wait() {
    let key = SigningKey::new(1);
    let issuer = Issuer::start();
    issuer.answer_keys(Answer::Raw(response("500 Internal Server Error", "", "")));
    let verifier = Arc::new(verifier(&issuer).0);
    let error = block_on(verifier.verify_async(key.sign(&issuer.claims()))).expect_err("no keys");
    assert!(matches!(error, VerifyError::Unavailable { .. }), "{error}");
}

#[test]
fn a_new_kid_is_fetched_and_a_bad_one_refused() {
    let (old, new) = (SigningKey::new(1), SigningKey::new(2));
    let issuer = Issuer::publishing(&[&old]);
    let verifier = Arc::new(verifier(&issuer).0);
    block_on(verifier.verify_async(old.sign(&issuer.claims()))).expect("published");
    issuer.publish(&[&old, &new]);
    block_on(verifier.verify_async(new.sign(&issuer.claims()))).expect("fetched");
    let error =
        block_on(verifier.verify_async(SigningKey::new(3).sign(&issuer.claims()))).expect_err("unknown");
    assert_eq!(error.reason(), "unknown_key");
    assert_eq!(issuer.requests().len(), 2, "the bad kid came within the cool-down");
}

#[test]
fn a_verdict_may_be_waited_for_on_any_thread() {
    fn is_send<T: Send + 'static>() {}
    is_send::<Verifying>();
}
