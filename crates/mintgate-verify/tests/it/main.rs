//! The verifier against an issuer on a real socket, well-behaved and otherwise.

mod asynchronous;
mod caching;
mod counting;
mod discovery;
mod guarding;
mod hostile;
mod issuer;
mod rotation;
mod several;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mintgate_jwt::cache::Moment;
use mintgate_types::Timestamp;
use mintgate_verify::{Clocks, Expected, KeySource, PlainHttp, TokenPolicy, Verifier, VerifierBuilder};

use issuer::{Issuer, NOW};

/// Both clocks, moving only when told to.
#[derive(Default)]
struct TestClocks(AtomicU64);

impl TestClocks {
    fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).expect("a short time");
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clocks for TestClocks {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.0.load(Ordering::SeqCst)).expect("a short time");
        Timestamp::from_millisecond(NOW * 1000 + passed).expect("within our era")
    }

    fn moment(&self) -> Moment {
        Moment(Duration::from_millis(self.0.load(Ordering::SeqCst)))
    }
}

fn policy(issuer: &Issuer) -> TokenPolicy {
    let name = issuer.name().parse().expect("an issuer");
    TokenPolicy::new(Expected::exactly(name), Expected::exactly("orders".parse().expect("an audience")))
}

/// A verifier that fetches from the issuer's key set, when a call needs it, by the clocks given.
fn builder(issuer: &Issuer, clocks: &Arc<TestClocks>) -> VerifierBuilder {
    let source = KeySource::url(&issuer.jwks_url(), PlainHttp::LoopbackOnly).expect("loopback");
    Verifier::builder(policy(issuer), source).without_background().clocks(Arc::<TestClocks>::clone(clocks))
}

/// A verifier at rest, and its clocks.
fn verifier(issuer: &Issuer) -> (Verifier, Arc<TestClocks>) {
    let clocks = Arc::new(TestClocks::default());
    (builder(issuer, &clocks).build(), clocks)
}
