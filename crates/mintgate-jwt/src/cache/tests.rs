use super::*;
use crate::Jwk;
use proptest::prelude::*;
use serde_json::json;

/// A set whose keys differ by name only.
fn set(kids: &[&str]) -> Jwks {
    let key = |kid: &&str| {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        Jwk::parse(&json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid }))
            .expect("the key of RFC 8037")
    };
    Jwks::new(kids.iter().map(key))
}

fn fetched(kids: &[&str]) -> Fetched {
    Fetched { set: set(kids), max_age: Some(Duration::from_mins(5)) }
}

fn kid(text: &str) -> Kid {
    text.parse().expect("a kid")
}

fn at(seconds: u64) -> Moment {
    Moment(Duration::from_secs(seconds))
}

fn cache() -> JwksCache {
    JwksCache::new(CacheSettings::usual())
}

/// A cache that fetched these keys at `now`.
fn holding(kids: &[&str], now: Moment) -> JwksCache {
    let mut cache = cache();
    let ticket = cache.due(now).expect("the first fetch is due");
    cache.report(&ticket, Ok(fetched(kids)), now);
    cache
}

fn ask(cache: &mut JwksCache, name: &str, now: Moment) -> Answer {
    cache.ask(Wanted::Kid(&kid(name)), now)
}

macro_rules! assert_answer {
    ($answer:expr, $pattern:pat) => {
        let answer = $answer;
        assert!(matches!(answer, $pattern), "{answer:?}");
    };
}

fn ticket(answer: Answer) -> Ticket {
    match answer {
        Answer::Fetch(ticket) => ticket,
        other => panic!("no order to fetch: {other:?}"),
    }
}

#[test]
fn the_first_asker_fetches_and_all_others_wait_for_it() {
    let mut cache = cache();
    let order = ticket(ask(&mut cache, "a", at(1)));
    assert_answer!(ask(&mut cache, "a", at(1)), Answer::Wait);
    assert_answer!(cache.ask(Wanted::Any, at(2)), Answer::Wait);
    assert!(cache.due(at(2)).is_none());
    cache.report(&order, Ok(fetched(&["a"])), at(2));
    assert_answer!(ask(&mut cache, "a", at(2)), Answer::Use(_));
}

#[test]
fn r42_an_unknown_kid_is_fetched_once_and_then_answered() {
    let mut cache = holding(&["old"], at(0));
    let order = ticket(ask(&mut cache, "new", at(1)));
    assert_answer!(ask(&mut cache, "old", at(1)), Answer::Use(_));
    assert_answer!(ask(&mut cache, "new", at(1)), Answer::Wait);
    cache.report(&order, Ok(fetched(&["old", "new"])), at(2));
    assert_answer!(ask(&mut cache, "new", at(2)), Answer::Use(_));
}

#[test]
fn r43_a_flood_of_bad_kids_causes_one_fetch_a_cool_down() {
    let mut cache = holding(&["a"], at(0));
    let mut fetches = 0;
    for number in 0..30_000_u64 {
        let now = Moment(Duration::from_millis(1000 + number * 5));
        if let Answer::Fetch(order) = ask(&mut cache, &format!("bad-{number}"), now) {
            fetches += 1;
            cache.report(&order, Ok(fetched(&["a"])), now);
        }
    }
    assert_eq!(fetches, 5, "150 seconds are five cool-downs");
}

#[test]
fn r43_tokens_without_kid_that_nothing_verifies_share_the_cool_down_of_unknown_kids() {
    let mut cache = holding(&["a"], at(0));
    let held = |cache: &JwksCache| Arc::clone(&cache.held().expect("fetched").set);
    let first = held(&cache);
    let order = ticket(cache.ask(Wanted::NewerThan(&first), at(1)));
    assert_answer!(cache.ask(Wanted::NewerThan(&first), at(1)), Answer::Wait);
    cache.report(&order, Ok(fetched(&["a", "b"])), at(2));
    assert_answer!(cache.ask(Wanted::NewerThan(&first), at(2)), Answer::Use(_));
    let second = held(&cache);
    assert_answer!(cache.ask(Wanted::NewerThan(&second), at(2)), Answer::Absent);
    assert_answer!(ask(&mut cache, "bad", at(3)), Answer::Absent);
    assert_answer!(ask(&mut cache, "bad", at(31)), Answer::Fetch(_));
}

#[test]
fn a_token_without_kid_is_not_called_bad_while_the_issuer_fails() {
    let mut cache = holding(&["a"], at(0));
    let held = Arc::clone(&cache.held().expect("fetched").set);
    let order = ticket(cache.ask(Wanted::NewerThan(&held), at(1)));
    cache.report(&order, Err(FetchFailed), at(2));
    assert_answer!(cache.ask(Wanted::NewerThan(&held), at(2)), Answer::Unavailable { .. });
    assert_answer!(cache.ask(Wanted::Any, at(2)), Answer::Use(_));
}

#[test]
fn a_kid_that_was_not_found_is_refused_without_a_fetch_for_a_while_and_found_if_it_appears() {
    let mut cache = holding(&["a"], at(0));
    let order = ticket(ask(&mut cache, "late", at(1)));
    cache.report(&order, Ok(fetched(&["a"])), at(1));
    assert_answer!(ask(&mut cache, "late", at(40)), Answer::Absent);
    let other = ticket(ask(&mut cache, "other", at(45)));
    cache.report(&other, Ok(fetched(&["a", "late"])), at(45));
    assert_answer!(ask(&mut cache, "late", at(45)), Answer::Use(_));
}

#[test]
fn r26_a_refresh_replaces_the_set() {
    let mut cache = holding(&["old", "kept"], at(0));
    let order = cache.due(at(241)).expect("four fifths of its life are over");
    cache.report(&order, Ok(fetched(&["kept", "new"])), at(241));
    assert_answer!(ask(&mut cache, "kept", at(242)), Answer::Use(_));
    assert_answer!(ask(&mut cache, "old", at(242)), Answer::Fetch(_));
}

#[test]
fn the_refresh_comes_before_the_set_goes_stale() {
    let mut cache = holding(&["a"], at(0));
    assert_eq!(cache.next_due(), at(240));
    assert!(cache.due(at(239)).is_none());
    let order = cache.due(at(240)).expect("due");
    assert_answer!(ask(&mut cache, "a", at(241)), Answer::Use(_));
    cache.report(&order, Ok(fetched(&["a"])), at(242));
    assert_eq!(cache.next_due(), at(482));
}

#[test]
fn what_the_issuer_says_about_age_is_capped_both_ways() {
    let fresh_for = |max_age: Option<u64>| {
        let mut cache = cache();
        let order = cache.due(at(0)).expect("due");
        let max_age = max_age.map(Duration::from_secs);
        cache.report(&order, Ok(Fetched { set: set(&["a"]), max_age }), at(0));
        cache.held().expect("held").fresh_until
    };
    assert_eq!(fresh_for(Some(0)), at(30));
    assert_eq!(fresh_for(Some(120)), at(120));
    assert_eq!(fresh_for(Some(u64::MAX)), at(3600));
    assert_eq!(fresh_for(None), at(300));
}

#[test]
fn while_the_issuer_is_down_the_last_set_serves_up_to_the_limit() {
    let mut cache = holding(&["a"], at(0));
    let order = ticket(ask(&mut cache, "a", at(301)));
    assert_answer!(ask(&mut cache, "a", at(302)), Answer::Use(_));
    cache.report(&order, Err(FetchFailed), at(303));
    assert_answer!(ask(&mut cache, "a", at(303)), Answer::Use(_));
    assert_answer!(ask(&mut cache, "unknown", at(303)), Answer::Unavailable { .. });
    let order = ticket(ask(&mut cache, "a", at(3900)));
    cache.report(&order, Err(FetchFailed), at(3900));
    assert_answer!(ask(&mut cache, "a", at(3901)), Answer::Unavailable { .. });
}

#[test]
fn attempts_back_off_and_nobody_waits_for_a_failing_issuer() {
    let mut cache = cache();
    let mut now = at(0);
    for pause in [1, 2, 4, 8, 16, 30, 30] {
        let order = ticket(ask(&mut cache, "a", now));
        if pause > 1 {
            assert_answer!(ask(&mut cache, "a", now), Answer::Unavailable { .. });
        }
        cache.report(&order, Err(FetchFailed), now);
        match ask(&mut cache, "a", now) {
            Answer::Unavailable { retry_after } => assert_eq!(retry_after, Duration::from_secs(pause)),
            other => panic!("{other:?}"),
        }
        assert!(cache.due(now).is_none());
        now = now.after(Duration::from_secs(pause));
    }
}

#[test]
fn a_fetch_that_never_reports_is_given_up_and_its_late_report_ignored() {
    let mut cache = holding(&["a"], at(0));
    let lost = cache.due(at(250)).expect("due");
    assert!(cache.due(at(259)).is_none());
    let second = cache.due(at(260)).expect("the first is lost");
    cache.report(&lost, Ok(fetched(&["stale"])), at(261));
    assert_answer!(ask(&mut cache, "stale", at(261)), Answer::Wait);
    cache.report(&second, Ok(fetched(&["a"])), at(262));
    assert_answer!(ask(&mut cache, "a", at(262)), Answer::Use(_));
}

#[test]
fn with_a_refresher_no_asker_fetches_for_a_failing_issuer_unless_the_refresher_is_gone() {
    let settings = CacheSettings { refresher_grace: Duration::from_secs(5), ..CacheSettings::usual() };
    let mut cache = JwksCache::new(settings);
    let order = ticket(ask(&mut cache, "a", at(1)));
    cache.report(&order, Err(FetchFailed), at(1));
    assert_answer!(ask(&mut cache, "a", at(3)), Answer::Unavailable { .. });
    let order = cache.due(at(3)).expect("the refresher tries again");
    cache.report(&order, Ok(fetched(&["a"])), at(3));
    assert_answer!(ask(&mut cache, "a", at(304)), Answer::Use(_));
    assert_answer!(ask(&mut cache, "a", at(308)), Answer::Fetch(_));
}

#[derive(Debug, Clone)]
enum Step {
    Pass(u64),
    Ask(u8),
    AskAny,
    Due,
    /// Answers the fetch that runs: these keys, or a failure.
    Report(Option<Vec<u8>>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_u64..400_000).prop_map(Step::Pass),
        (0_u64..2_000).prop_map(Step::Pass),
        (0_u8..6).prop_map(Step::Ask),
        (0_u8..6).prop_map(Step::Ask),
        Just(Step::AskAny),
        Just(Step::Due),
        proptest::option::weighted(0.7, proptest::collection::vec(0_u8..6, 0..4)).prop_map(Step::Report),
    ];
    proptest::collection::vec(step, 1..120)
}

/// What the cache should know, kept in the simplest way.
struct Model {
    cache: JwksCache,
    now: Moment,
    running: Option<(Ticket, Moment)>,
    last_set: Option<(Vec<u8>, Moment)>,
    failed: bool,
    /// When fetches for unknown kids began, while the set was fresh and nothing had failed.
    on_demand: Vec<Moment>,
}

impl Model {
    fn began(&mut self, order: Ticket) {
        if let Some((_, since)) = &self.running {
            assert!(since.until(self.now) >= Duration::from_secs(10), "two fetches at a time");
        }
        self.running = Some((order, self.now));
    }

    fn ask(&mut self, number: Option<u8>) {
        let name = number.map(|number| kid(&number.to_string()));
        let wanted = name.as_ref().map_or(Wanted::Any, Wanted::Kid);
        match self.cache.ask(wanted, self.now) {
            Answer::Use(set) => {
                let (keys, since) = self.last_set.as_ref().expect("a set was reported");
                let limit = Duration::from_mins(5) + Duration::from_hours(1);
                assert!(since.until(self.now) < limit, "served beyond the stale limit");
                assert_eq!(set.len(), keys.len(), "another set than the last one");
                assert!(name.is_none_or(|name| set.contains(&name)), "used without the wanted key");
            }
            Answer::Fetch(order) => {
                let is_fresh = self
                    .last_set
                    .as_ref()
                    .is_some_and(|(_, since)| since.until(self.now) < Duration::from_mins(5));
                if is_fresh {
                    let last = self.on_demand.last().copied();
                    assert!(
                        last.is_none_or(|last| last.until(self.now) >= Duration::from_secs(30)),
                        "cool-down"
                    );
                    self.on_demand.push(self.now);
                }
                self.began(order);
            }
            Answer::Wait => assert!(self.running.is_some() && !self.failed, "waiting for nobody"),
            Answer::Absent => {
                let (keys, _) = self.last_set.as_ref().expect("absent from a set");
                assert!(number.is_some_and(|number| !keys.contains(&number)), "refused a key that is there");
            }
            Answer::Unavailable { retry_after } => {
                assert!(self.failed, "unavailable without a failure");
                assert!(retry_after <= Duration::from_secs(30));
            }
        }
    }

    fn report(&mut self, keys: Option<Vec<u8>>) {
        let Some((order, _)) = self.running.take() else { return };
        self.failed = keys.is_none();
        let Some(mut keys) = keys else {
            return self.cache.report(&order, Err(FetchFailed), self.now);
        };
        keys.sort_unstable();
        keys.dedup();
        let names: Vec<_> = keys.iter().map(ToString::to_string).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        self.cache.report(&order, Ok(fetched(&names)), self.now);
        self.last_set = Some((keys, self.now));
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Pass(millis) => self.now = self.now.after(Duration::from_millis(millis)),
            Step::Ask(number) => self.ask(Some(number)),
            Step::AskAny => self.ask(None),
            Step::Due => {
                if let Some(order) = self.cache.due(self.now) {
                    self.began(order);
                }
            }
            Step::Report(keys) => self.report(keys),
        }
        assert!(self.cache.absent.len() <= 4);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn whatever_happens_the_promises_hold(steps in steps()) {
        let settings = CacheSettings { most_absent_kids: 4, ..CacheSettings::usual() };
        let mut model = Model {
            cache: JwksCache::new(settings),
            now: at(1),
            running: None,
            last_set: None,
            failed: false,
            on_demand: Vec::new(),
        };
        for step in steps {
            model.take(step);
        }
    }

    #[test]
    fn an_asker_who_fetched_gets_an_answer_at_once(number in 0_u8..6, found in any::<Option<bool>>(), held in any::<bool>()) {
        let mut cache = if held { holding(&["x"], at(0)) } else { cache() };
        let name = number.to_string();
        let order = ticket(ask(&mut cache, &name, at(5)));
        let brought = match found {
            Some(true) => Ok(fetched(&["x", &name])),
            Some(false) => Ok(fetched(&["x"])),
            None => Err(FetchFailed),
        };
        cache.report(&order, brought, at(6));
        let answer = ask(&mut cache, &name, at(6));
        let is_right = match found {
            Some(true) => matches!(answer, Answer::Use(_)),
            Some(false) => matches!(answer, Answer::Absent),
            None => matches!(answer, Answer::Unavailable { .. }),
        };
        prop_assert!(is_right, "{answer:?}");
    }
}
