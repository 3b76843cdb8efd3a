//! What is counted.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::AtomicU64, atomic::Ordering},
};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

use crate::{
    issuer::{Answer, Issuer, SigningKey, response},
    verifier,
};

/// Sums under names and labels.
#[derive(Default)]
struct Counts(Mutex<BTreeMap<String, Arc<Count>>>);

#[derive(Default)]
struct Count(AtomicU64);

impl CounterFn for Count {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, Ordering::SeqCst);
    }

    fn absolute(&self, value: u64) {
        self.0.store(value, Ordering::SeqCst);
    }
}

impl HistogramFn for Count {
    fn record(&self, value: f64) {
        assert!((0.0..60.0).contains(&value), "seconds: {value}");
        self.increment(1);
    }
}

impl Counts {
    fn of(&self, key: &Key) -> Arc<Count> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::clone(self.0.lock().expect("no panic").entry(name).or_default())
    }

    fn counted(&self) -> Vec<(String, u64)> {
        let counts = self.0.lock().expect("no panic");
        let all = counts.iter().map(|(name, count)| (name.clone(), count.0.load(Ordering::SeqCst)));
        all.filter(|(_, count)| *count > 0).collect()
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.of(key))
    }
}

#[test]
fn what_becomes_of_tokens_and_of_fetches_is_counted() {
    let key = SigningKey::new(1);
    let issuer = Issuer::publishing(&[&key]);
    let counts = Counts::default();
    metrics::with_local_recorder(&counts, || {
        let (verifier, clocks) = verifier(&issuer);
        for _ in 0..3 {
            verifier.verify(&key.sign(&issuer.claims())).expect("good");
        }
        verifier.verify("garbage").expect_err("bad");
        verifier.verify(&SigningKey::new(2).sign(&issuer.claims())).expect_err("bad");
        issuer.answer_keys(Answer::Raw(response("500 Internal Server Error", "", "")));
        clocks.advance(std::time::Duration::from_hours(3));
        verifier.verify(&key.sign(&issuer.claims())).expect_err("no keys");
    });
    let source = issuer.jwks_url();
    let expected = [
        ("mintgate_verify_accepted_total{remembered=false}".to_owned(), 1),
        ("mintgate_verify_accepted_total{remembered=true}".to_owned(), 2),
        (format!("mintgate_verify_fetch_seconds{{source={source}}}"), 3),
        (format!("mintgate_verify_fetches_total{{source={source},result=ok}}"), 2),
        (format!("mintgate_verify_fetches_total{{source={source},result=status}}"), 1),
        ("mintgate_verify_refused_total{reason=issuer_unavailable}".to_owned(), 1),
        ("mintgate_verify_refused_total{reason=not_three_parts}".to_owned(), 1),
        ("mintgate_verify_refused_total{reason=unknown_key}".to_owned(), 1),
    ];
    assert_eq!(counts.counted(), expected);
}

#[test]
fn no_label_holds_what_a_token_says() {
    let issuer = Issuer::publishing(&[&SigningKey::new(1)]);
    let counts = Counts::default();
    metrics::with_local_recorder(&counts, || {
        let verifier = verifier(&issuer).0;
        for number in 0..20 {
            let mut claims = issuer.claims();
            claims["iss"] = format!("https://evil-{number}.example").into();
            let forged = SigningKey::new(9).sign_as(&format!("evil-{number}"), &claims);
            verifier.verify(&forged).expect_err("forged");
        }
    });
    let counted = counts.counted();
    assert!(counted.len() <= 4 && !format!("{counted:?}").contains("evil"), "{counted:?}");
}
