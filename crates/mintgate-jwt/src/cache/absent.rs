//! The kids that were sought and not found: few, and for a while.

use std::collections::VecDeque;

use mintgate_types::Kid;

use super::Moment;

#[derive(Debug)]
pub(super) struct AbsentKids {
    /// Oldest first. All are kept for the same time, so that is also the order in which they lapse.
    kids: VecDeque<(Kid, Moment)>,
    most: usize,
}

impl AbsentKids {
    pub(super) fn new(most: usize) -> Self {
        Self { kids: VecDeque::new(), most }
    }

    pub(super) fn contains(&mut self, kid: &Kid, now: Moment) -> bool {
        while self.kids.front().is_some_and(|(_, until)| *until <= now) {
            self.kids.pop_front();
        }
        self.kids.iter().any(|(known, _)| known == kid)
    }

    pub(super) fn insert(&mut self, kid: Kid, until: Moment) {
        self.kids.retain(|(known, _)| *known != kid);
        self.kids.push_back((kid, until));
        while self.kids.len() > self.most {
            self.kids.pop_front();
        }
    }
}

#[cfg(test)]
impl AbsentKids {
    pub(super) fn len(&self) -> usize {
        self.kids.len()
    }
}
