//! The steps that time brings.

use mintgate_types::{Kid, SigningKeyState, Timestamp};

use super::{KeyInfo, Plan, RotationPolicy, Step, policy::later};
use crate::SigningAlgorithm;

/// What is to be done at `now` with these keys, oldest first.
#[must_use]
pub fn plan(keys: &[KeyInfo], now: Timestamp, policy: &RotationPolicy) -> Plan {
    let mut draft = Draft::new(keys, now, policy);
    draft.anchor_times_of_a_clock_that_went_back();
    draft.leave_one_active();
    draft.hand_over_to_a_ready_successor();
    draft.publish_a_successor_when_due();
    draft.retire_what_has_verified_its_last();
    draft.finish()
}

/// The keys as they will stand.
struct Draft<'a> {
    keys: Vec<Planned>,
    now: Timestamp,
    policy: &'a RotationPolicy,
}

struct Planned {
    /// A key that is still to be generated has no name.
    kid: Option<Kid>,
    algorithm: SigningAlgorithm,
    before: Option<SigningKeyState>,
    state: SigningKeyState,
}

impl<'a> Draft<'a> {
    fn new(keys: &[KeyInfo], now: Timestamp, policy: &'a RotationPolicy) -> Self {
        let planned = |key: &KeyInfo| Planned {
            kid: Some(key.kid.clone()),
            algorithm: key.algorithm,
            before: Some(key.state),
            state: key.state,
        };
        Self { keys: keys.iter().map(planned).collect(), now, policy }
    }

    /// A state that began in the future was written by a clock that has since gone back (or by a node whose clock is
    /// far ahead). Its waits are counted again from now: longer than needed, never shorter, and not for as long as the
    /// clock had been wrong. Differences within the margin are left alone, or nodes would correct each other for ever.
    fn anchor_times_of_a_clock_that_went_back(&mut self) {
        let now = self.now;
        let horizon = later(now, self.policy.propagation_margin());
        for key in &mut self.keys {
            key.state = match key.state {
                SigningKeyState::Published { since } if since > horizon => {
                    SigningKeyState::Published { since: now }
                }
                SigningKeyState::Active { since } if since > horizon => {
                    SigningKeyState::Active { since: now }
                }
                SigningKeyState::Retiring { since, until } if since > horizon => {
                    SigningKeyState::Retiring { since: now, until: later(now, until.duration_since(since)) }
                }
                other => other,
            };
        }
    }

    /// None at all is the very first start, or a store that somebody edited. A key that verifiers know already is
    /// preferred then to one that they do not. More than one is an edited store too: the newest stays.
    fn leave_one_active(&mut self) {
        let mut active: Vec<_> = self.positions(|key| key.state.signs()).collect();
        active.sort_by_key(|position| began(self.keys[*position].state));
        if active.pop().is_none() {
            return self.activate_without_predecessor();
        }
        for position in active {
            self.replace(position);
        }
    }

    fn activate_without_predecessor(&mut self) {
        let now = self.now;
        if let Some(known) = self.successor().or_else(|| self.oldest_published(|_| true)) {
            self.keys[known].state = SigningKeyState::Active { since: now };
        } else {
            self.add(SigningKeyState::Active { since: now });
        }
    }

    /// Other published keys go with the predecessor: they never signed, and a later plan publishes what it needs.
    fn hand_over_to_a_ready_successor(&mut self) {
        let Some(successor) = self.successor() else { return };
        if self.policy.activation(began(self.keys[successor].state)) > self.now {
            return;
        }
        let Some(active) = self.positions(|key| key.state.signs()).next() else { return };
        self.replace(active);
        self.keys[successor].state = SigningKeyState::Active { since: self.now };
        let superseded: Vec<_> = self.positions(is_published).collect();
        for position in superseded {
            self.keys[position].state = SigningKeyState::Retired { at: self.now };
        }
    }

    /// Due by age, or because the configured algorithm is another one.
    fn publish_a_successor_when_due(&mut self) {
        let Some(active) = self.positions(|key| key.state.signs()).next() else { return };
        let active = &self.keys[active];
        let due = active.algorithm != self.policy.algorithm()
            || self.policy.succession(began(active.state)) <= self.now;
        if due && self.successor().is_none() {
            self.add(SigningKeyState::Published { since: self.now });
        }
    }

    fn retire_what_has_verified_its_last(&mut self) {
        let now = self.now;
        for key in &mut self.keys {
            if matches!(key.state, SigningKeyState::Retiring { until, .. } if until <= now) {
                key.state = SigningKeyState::Retired { at: now };
            }
        }
    }

    fn finish(self) -> Plan {
        let next_check = self.next_check();
        let step = |key: Planned| match (key.kid, key.before) {
            (Some(_), Some(before)) if before == key.state => None,
            (Some(kid), _) => Some(Step::Move { kid, to: key.state }),
            (None, _) => Some(Step::Add { algorithm: key.algorithm, state: key.state }),
        };
        Plan { steps: self.keys.into_iter().filter_map(step).collect(), next_check }
    }

    fn next_check(&self) -> Timestamp {
        let succeeded = self.successor().is_some();
        let next = |key: &Planned| match key.state {
            SigningKeyState::Published { since } if key.algorithm == self.policy.algorithm() => {
                Some(self.policy.activation(since))
            }
            SigningKeyState::Active { since } if !succeeded => Some(self.policy.succession(since)),
            SigningKeyState::Retiring { until, .. } => Some(until),
            _ => None,
        };
        self.keys.iter().filter_map(next).min().unwrap_or(Timestamp::MAX)
    }

    fn replace(&mut self, position: usize) {
        self.keys[position].state =
            SigningKeyState::Retiring { since: self.now, until: self.policy.retirement(self.now) };
    }

    fn add(&mut self, state: SigningKeyState) {
        let algorithm = self.policy.algorithm();
        self.keys.push(Planned { kid: None, algorithm, before: None, state });
    }

    /// The published key that signs next. One for another algorithm than the configured one never does.
    fn successor(&self) -> Option<usize> {
        self.oldest_published(|key| key.algorithm == self.policy.algorithm())
    }

    fn oldest_published(&self, wanted: impl Fn(&Planned) -> bool) -> Option<usize> {
        self.positions(|key| is_published(key) && wanted(key))
            .min_by_key(|position| began(self.keys[*position].state))
    }

    fn positions(&self, wanted: impl Fn(&Planned) -> bool) -> impl Iterator<Item = usize> {
        self.keys.iter().enumerate().filter(move |(_, key)| wanted(key)).map(|(position, _)| position)
    }
}

fn is_published(key: &Planned) -> bool {
    matches!(key.state, SigningKeyState::Published { .. })
}

fn began(state: SigningKeyState) -> Timestamp {
    match state {
        SigningKeyState::Published { since }
        | SigningKeyState::Active { since }
        | SigningKeyState::Retiring { since, .. }
        | SigningKeyState::Retired { at: since } => since,
    }
}
