use mintgate_types::{RequestCounts, SeededEntropy, SignedDuration};

use super::*;

const SERVED: Outcome = Outcome::Answered(StatusClass::Success);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("within our era")
}

fn keys(number: usize) -> Vec<KeyId> {
    let entropy = SeededEntropy::new(1);
    std::iter::repeat_with(|| KeyId::generate(&entropy)).take(number).collect()
}

/// Everything in the channel, summed.
fn collected(taken: &mut mpsc::Receiver<Counted>) -> (HashMap<KeyId, RequestCounts>, u64, u64) {
    let (mut sums, mut refused, mut uncounted) = (HashMap::<_, RequestCounts>::new(), 0, 0);
    while let Ok(counted) = taken.try_recv() {
        for (key, counts, _) in counted.keys() {
            sums.entry(key).or_default().add(&counts);
        }
        refused += counted.refusals().map(|(_, count)| count).sum::<u64>();
        uncounted += counted.uncounted();
    }
    (sums, refused, uncounted)
}

#[test]
fn requests_are_counted_by_key_and_class() {
    let (collector, mut taken) = mpsc::channel(1);
    let counters = Counters::new(collector, at(0));
    let keys = keys(2);
    for status in [200, 204, 302, 404, 500, 503, 503] {
        counters.count(
            keys[0],
            at(status),
            Outcome::Answered(StatusClass::of(status.try_into().expect("a status"))),
        );
    }
    counters.count(keys[1], at(7), Outcome::Refused);
    counters.hand_over();
    let counted = taken.try_recv().expect("was handed over");
    let mut all: Vec<_> = counted.keys().collect();
    all.sort_by_key(|(key, ..)| *key != keys[0]);
    let counts = RequestCounts { by_class: [2, 1, 1, 3], refused: 0 };
    assert_eq!(all[0], (keys[0], counts, Some((at(200), at(503)))));
    let refused = RequestCounts { refused: 1, ..RequestCounts::default() };
    assert_eq!(all[1], (keys[1], refused, None), "what is refused is no use of the key");
    counters.hand_over();
    assert!(taken.try_recv().is_err(), "nothing is handed over twice, and nothing at all not once");
}

#[test]
fn a_refusal_counts_for_its_reason_and_for_its_key() {
    let (collector, mut taken) = mpsc::channel(1);
    let counters = Counters::new(collector, at(0));
    let key = keys(1)[0];
    counters.refuse(RefusalReason::UnknownKey, None, at(1));
    counters.refuse(RefusalReason::RevokedKey, Some(key), at(2));
    counters.refuse(RefusalReason::RevokedKey, Some(key), at(3));
    counters.hand_over();
    let counted = taken.try_recv().expect("was handed over");
    let refusals: Vec<_> = counted.refusals().collect();
    assert_eq!(refusals, [(RefusalReason::UnknownKey, 1), (RefusalReason::RevokedKey, 2)]);
    assert_eq!(counted.keys().map(|(_, counts, _)| counts.refused).sum::<u64>(), 2);
}

#[test]
fn a_full_table_goes_early_and_nothing_is_lost() {
    let (collector, mut taken) = mpsc::channel(8);
    let counters = Counters::new(collector, at(0));
    let keys = keys(MOST_KEYS * 2 + 10);
    for key in &keys {
        counters.count(*key, at(1), SERVED);
    }
    assert!(counters.table.borrow().keys.capacity() < MOST_KEYS * 3, "a table stays within its bound");
    counters.hand_over();
    let (sums, _, uncounted) = collected(&mut taken);
    assert_eq!((sums.len(), uncounted), (keys.len(), 0));
}

#[test]
fn while_nobody_collects_known_keys_count_on_and_new_ones_are_told_as_missing() {
    let (collector, mut taken) = mpsc::channel(1);
    let counters = Counters::new(collector, at(0));
    let keys = keys(MOST_KEYS * 2 + 3);
    for key in &keys {
        counters.count(*key, at(1), SERVED);
    }
    counters.count(keys[MOST_KEYS], at(2), SERVED);
    let (first, _, _) = collected(&mut taken);
    counters.hand_over();
    let (second, _, uncounted) = collected(&mut taken);
    assert_eq!((first.len(), second.len(), uncounted), (MOST_KEYS, MOST_KEYS, 3));
    assert_eq!(second[&keys[MOST_KEYS]].served(), 2);
}

#[test]
fn a_table_is_of_one_hour_and_a_request_on_its_edge_counts_once() {
    let (collector, mut taken) = mpsc::channel(8);
    let before = at(0).checked_sub(SignedDuration::from_secs(1)).expect("a time");
    // 1,800,000,000 seconds are full hours.
    let counters = Counters::new(collector, before);
    let key = keys(1)[0];
    counters.count(key, before, SERVED);
    counters.count(key, at(0), SERVED);
    counters.count(key, before, SERVED);
    counters.hand_over();
    let first = taken.try_recv().expect("went when the hour was over");
    let second = taken.try_recv().expect("was handed over");
    assert_eq!((first.hour(), second.hour()), (UsageHour::of(before), UsageHour::of(at(0))));
    let served = |counted: &Counted| counted.keys().map(|(_, counts, _)| counts.served()).sum::<u64>();
    assert_eq!((served(&first), served(&second)), (1, 2));
    assert_eq!(second.keys().next().and_then(|(_, _, used)| used), Some((before, at(0))));
}

#[test]
fn a_clock_that_was_set_back_is_followed() {
    let (collector, mut taken) = mpsc::channel(8);
    let counters = Counters::new(collector, at(86_400));
    let key = keys(1)[0];
    counters.count(key, at(86_400), SERVED);
    counters.count(key, at(0), SERVED);
    counters.hand_over();
    assert_eq!(taken.try_recv().expect("went at the jump").hour(), UsageHour::of(at(86_400)));
    assert_eq!(taken.try_recv().expect("was handed over").hour(), UsageHour::of(at(0)));
}
