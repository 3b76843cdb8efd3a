use mintgate_types::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::TokenLifetime;

/// What the tests call "the right time" starts here.
fn start() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("in range")
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn settings() -> RotationSettings {
    RotationSettings {
        algorithm: SigningAlgorithm::Es256,
        token_lifetime: TokenLifetime::new(seconds(300)).expect("in range"),
        rotate_every: seconds(3600),
        jwks_max_age: seconds(300),
        propagation_margin: RotationSettings::MARGIN,
        retire_margin: RotationSettings::MARGIN,
    }
}

fn policy_for(algorithm: SigningAlgorithm) -> RotationPolicy {
    RotationPolicy::new(RotationSettings { algorithm, ..settings() }).expect("settings that fit together")
}

fn policy() -> RotationPolicy {
    policy_for(SigningAlgorithm::Es256)
}

/// A store of keys, two clocks, and what verifiers could fetch at each moment.
struct World {
    keys: Vec<KeyInfo>,
    made: usize,
    /// The right time.
    real: Timestamp,
    /// By how much the gateway's clock is ahead of it.
    ahead: SignedDuration,
    policy: RotationPolicy,
    /// From when on which keys stood in the JWKS, by the right time.
    published: Vec<(Timestamp, Vec<Kid>)>,
    /// Which key signed a token, and when, by the right time.
    signed: Vec<(Timestamp, Kid)>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            keys: vec![],
            made: 0,
            real: start(),
            ahead: SignedDuration::ZERO,
            policy: policy(),
            published: vec![],
            signed: vec![],
        };
        world.tick();
        world
    }

    fn now(&self) -> Timestamp {
        self.real + self.ahead
    }

    fn tick(&mut self) -> Plan {
        let plan = plan(&self.keys, self.now(), &self.policy);
        self.carry_out(&plan.steps);
        let again = super::plan(&self.keys, self.now(), &self.policy);
        assert_eq!(again.steps, [], "a plan that was carried out is followed by an empty one");
        assert!(again.next_check > self.now(), "what was due was done");
        plan
    }

    fn rotate(&mut self) {
        if let Successor::Publish { step, .. } = successor(&self.keys, self.now(), &self.policy) {
            self.carry_out(&[step]);
        }
    }

    fn carry_out(&mut self, steps: &[Step]) {
        let had_active = self.keys.iter().any(|key| key.state.signs());
        for step in steps {
            match step {
                Step::Add { algorithm, state } => {
                    self.made += 1;
                    let kid = format!("key-{}", self.made).parse().expect("a kid");
                    self.keys.push(KeyInfo { kid, algorithm: *algorithm, state: *state });
                }
                Step::Move { kid, to } => {
                    let key = self.keys.iter_mut().find(|key| key.kid == *kid).expect("a key that is there");
                    assert!(rank(*to) >= rank(key.state), "{:?} cannot become {to:?}", key.state);
                    assert!(rank(*to) < 3 || rank(key.state) < 3, "a retired key stays as it is");
                    key.state = *to;
                }
            }
        }
        assert_eq!(self.keys.iter().filter(|key| key.state.signs()).count(), 1, "exactly one key is active");
        let in_jwks = self.keys.iter().filter(|key| key.state.is_in_jwks()).map(|key| key.kid.clone());
        self.published.push((self.real, in_jwks.collect()));
        let unpublished =
            steps.iter().any(|step| matches!(step, Step::Add { state: SigningKeyState::Active { .. }, .. }));
        let alone = self.keys.iter().filter(|key| key.state.is_in_jwks()).count() == 1;
        assert!(
            !unpublished || !had_active || alone,
            "only an emergency signs with a key that was not published"
        );
        self.sign();
    }

    fn active(&self) -> &KeyInfo {
        self.keys.iter().find(|key| key.state.signs()).expect("one is active")
    }

    fn sign(&mut self) {
        self.signed.push((self.real, self.active().kid.clone()));
    }

    /// Time goes by; the last moment before whatever comes next is when a token is signed latest.
    fn pass(&mut self, by: SignedDuration) {
        self.real += by;
        self.sign();
    }

    /// Each token against each copy of the JWKS that a verifier may hold while it may still accept the token.
    fn every_token_verifies(&self) -> Result<(), TestCaseError> {
        let max_age = self.policy.jwks_max_age();
        let accepted = self.policy.token_lifetime().as_duration() + VERIFIER_LEEWAY;
        for (at, kid) in &self.signed {
            let (from, to) = (*at - max_age, *at + accepted);
            for (position, (since, kids)) in self.published.iter().enumerate() {
                let until = self.published.get(position + 1).map_or(self.real, |(next, _)| *next);
                let fetched_in_time = *since <= to && until > from;
                prop_assert!(
                    !fetched_in_time || kids.contains(kid),
                    "{kid} signed at {at} is missing at {since}"
                );
            }
        }
        Ok(())
    }
}

fn rank(state: SigningKeyState) -> u8 {
    match state {
        SigningKeyState::Published { .. } => 0,
        SigningKeyState::Active { .. } => 1,
        SigningKeyState::Retiring { .. } => 2,
        SigningKeyState::Retired { .. } => 3,
    }
}

const VERIFIER_LEEWAY: SignedDuration = SignedDuration::from_secs(30);

#[derive(Debug, Clone)]
enum Event {
    Pass(i64),
    Tick,
    Rotate,
    Configure(SigningAlgorithm),
    ClockJumps(i64),
    Retire(prop::sample::Index),
    Emergency,
}

fn ordinary() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0_i64..2000).prop_map(Event::Pass),
        4 => Just(Event::Tick),
        1 => Just(Event::Rotate),
        1 => prop::sample::select(&SigningAlgorithm::ALL[..]).prop_map(Event::Configure),
    ]
}

fn ordinary_with_a_clock_that_goes_back() -> impl Strategy<Value = Event> {
    prop_oneof![9 => ordinary(), 1 => (-100_000_i64..0).prop_map(Event::ClockJumps)]
}

fn anything() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => ordinary(),
        2 => (-10_000_000_i64..10_000_000).prop_map(Event::ClockJumps),
        1 => any::<prop::sample::Index>().prop_map(Event::Retire),
        1 => Just(Event::Emergency),
    ]
}

fn live(events: Vec<Event>) -> World {
    let mut world = World::new();
    for event in events {
        match event {
            Event::Pass(count) => world.pass(seconds(count)),
            Event::Tick => drop(world.tick()),
            Event::Rotate => world.rotate(),
            Event::Configure(algorithm) => world.policy = policy_for(algorithm),
            Event::ClockJumps(by) => world.ahead += seconds(by),
            Event::Retire(index) => {
                let kid = index.get(&world.keys).kid.clone();
                if let Ok(step) = retire(&world.keys, &kid, world.now()) {
                    world.carry_out(&[step]);
                }
            }
            Event::Emergency => {
                let steps = emergency(&world.keys, world.now(), &world.policy);
                world.carry_out(&steps);
            }
        }
    }
    world
}

proptest! {
    #[test]
    fn r48_no_token_fails_during_its_life_at_a_verifier_whose_jwks_is_as_old_as_it_may_be(
        events in prop::collection::vec(ordinary(), 0..80),
    ) {
        live(events).every_token_verifies()?;
    }

    #[test]
    fn r48_nor_does_one_when_the_clock_goes_back(
        events in prop::collection::vec(ordinary_with_a_clock_that_goes_back(), 0..80),
    ) {
        live(events).every_token_verifies()?;
    }

    /// `World::carry_out` and `World::tick` check it after each step.
    #[test]
    fn whatever_happens_one_key_is_active_and_states_move_forward(
        events in prop::collection::vec(anything(), 0..80),
    ) {
        live(events);
    }

    #[test]
    fn nothing_is_due_before_the_next_check(
        events in prop::collection::vec(ordinary(), 0..40),
        early in 0.0..1.0_f64,
    ) {
        let mut world = live(events);
        let next_check = world.tick().next_check;
        let wait = next_check.duration_since(world.now()).as_secs_f64();
        let earlier = world.now() + SignedDuration::try_from_secs_f64(wait * early).expect("in range");
        if earlier < next_check {
            prop_assert_eq!(plan(&world.keys, earlier, &world.policy).steps, []);
        }
    }

    /// A store that somebody edited, or that a version with faults wrote.
    #[test]
    fn any_set_of_states_is_brought_to_one_active_key(
        states in prop::collection::vec((0_u8..4, -5000_i64..5000), 0..6),
    ) {
        let key = |(position, (kind, offset)): (usize, (u8, i64))| {
            let time = start() + seconds(offset);
            KeyInfo {
                kid: format!("edited-{position}").parse().expect("a kid"),
                algorithm: SigningAlgorithm::ALL[2 + position % 2],
                state: match kind {
                    0 => SigningKeyState::Published { since: time },
                    1 => SigningKeyState::Active { since: time },
                    2 => SigningKeyState::Retiring { since: time, until: time + seconds(360) },
                    _ => SigningKeyState::Retired { at: time },
                },
            }
        };
        let mut world = World::new();
        world.keys = states.into_iter().enumerate().map(key).collect();
        world.tick();
    }
}

fn states(world: &World) -> Vec<(&str, &'static str)> {
    world.keys.iter().map(|key| (key.kid.as_str(), key.state.name())).collect()
}

#[test]
fn the_very_first_key_is_active_at_once() {
    let world = World::new();
    assert_eq!(states(&world), [("key-1", "active")]);
}

#[test]
fn a_key_goes_through_all_states_on_schedule() {
    let mut world = World::new();
    let mut ticks = vec![];
    for _ in 0..4 {
        let next = world.tick().next_check;
        ticks.push(next.duration_since(start()).as_secs());
        world.pass(next.duration_since(world.now()));
        world.tick();
        ticks.push(i64::try_from(world.keys.len()).expect("few"));
    }
    // Published so that it can sign at an hour; then the first one verifies for 300 s and a margin; and so on.
    assert_eq!(ticks, [3240, 2, 3600, 2, 3960, 2, 6840, 3]);
    assert_eq!(states(&world), [("key-1", "retired"), ("key-2", "active"), ("key-3", "published")]);
}

#[test]
fn a_successor_signs_no_second_early() {
    let mut world = World::new();
    world.rotate();
    world.pass(seconds(359));
    world.tick();
    assert_eq!(states(&world), [("key-1", "active"), ("key-2", "published")]);
    world.pass(seconds(1));
    world.tick();
    assert_eq!(states(&world), [("key-1", "retiring"), ("key-2", "active")]);
    let retiring = world.keys[0].state;
    assert!(
        matches!(retiring, SigningKeyState::Retiring { until, .. } if until == world.now() + seconds(360))
    );
}

#[test]
fn rotating_twice_names_the_successor_that_waits() {
    let mut world = World::new();
    world.rotate();
    let activates = world.now() + seconds(360);
    world.pass(seconds(100));
    let kid = "key-2".parse().expect("a kid");
    assert_eq!(successor(&world.keys, world.now(), &world.policy), Successor::Waiting { kid, activates });
}

#[test]
fn another_algorithm_brings_a_successor_at_once_and_supersedes_one_of_the_former() {
    let mut world = World::new();
    world.rotate();
    world.policy = policy_for(SigningAlgorithm::EdDsa);
    world.tick();
    assert_eq!(states(&world), [("key-1", "active"), ("key-2", "published"), ("key-3", "published")]);
    world.pass(seconds(360));
    world.tick();
    assert_eq!(states(&world), [("key-1", "retiring"), ("key-2", "retired"), ("key-3", "active")]);
    assert_eq!(world.active().algorithm, SigningAlgorithm::EdDsa);
}

#[test]
fn an_emergency_leaves_the_new_key_alone() {
    let mut world = World::new();
    world.rotate();
    world.pass(seconds(360));
    world.tick();
    world.rotate();
    let steps = emergency(&world.keys, world.now(), &world.policy);
    world.carry_out(&steps);
    assert_eq!(
        states(&world),
        [("key-1", "retired"), ("key-2", "retired"), ("key-3", "retired"), ("key-4", "active")]
    );
}

#[test]
fn an_active_key_is_not_retired_by_command_and_others_are() {
    let mut world = World::new();
    world.rotate();
    let kid = |name: &str| name.parse::<Kid>().expect("a kid");
    assert_eq!(retire(&world.keys, &kid("key-1"), world.now()), Err(RetireRefused::Active));
    assert_eq!(retire(&world.keys, &kid("key-9"), world.now()), Err(RetireRefused::Unknown));
    let step = retire(&world.keys, &kid("key-2"), world.now()).expect("published");
    world.carry_out(&[step]);
    assert_eq!(retire(&world.keys, &kid("key-2"), world.now()), Err(RetireRefused::Retired));
}

#[test]
fn a_clock_that_was_ahead_for_a_year_does_not_stop_rotation_for_a_year() {
    let mut world = World::new();
    world.ahead = seconds(365 * 24 * 3600);
    world.tick();
    assert_eq!(states(&world), [("key-1", "active"), ("key-2", "published")]);
    world.ahead = SignedDuration::ZERO;
    world.tick();
    world.pass(seconds(360));
    world.tick();
    assert_eq!(states(&world), [("key-1", "retiring"), ("key-2", "active")]);
}

#[test]
fn a_clock_that_jumps_ahead_leaves_the_active_key_until_a_published_one_follows() {
    let mut world = World::new();
    world.ahead = seconds(10 * 365 * 24 * 3600);
    world.tick();
    assert_eq!(states(&world), [("key-1", "active"), ("key-2", "published")]);
}

#[test]
fn a_store_without_an_active_key_prefers_a_key_that_verifiers_know() {
    let mut world = World::new();
    world.rotate();
    world.keys.remove(0);
    world.tick();
    assert_eq!(states(&world), [("key-2", "active")]);
}

#[test]
fn a_policy_whose_keys_would_be_due_before_their_successors_is_refused() {
    let refused = RotationPolicy::new(RotationSettings { rotate_every: seconds(359), ..settings() });
    assert_eq!(refused, Err(InvalidPolicy::TooOften { shortest: seconds(360) }));
    let refused = RotationPolicy::new(RotationSettings { jwks_max_age: seconds(0), ..settings() });
    assert!(matches!(refused, Err(InvalidPolicy::OutOfRange { setting: "jwks_max_age", .. })));
}
