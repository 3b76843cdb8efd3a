//! How often somebody may do something.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use mintgate_types::Timestamp;

/// A few times at once, and then once in a while (the leaky bucket of GCRA), for each of many.
///
/// A mutex, because what is slowed down is rare and each look takes nanoseconds.
pub(crate) struct Pace<K> {
    /// After what time one use is forgotten.
    cost: i64,
    /// How many there are at once.
    burst: i64,
    /// When the last use of each is forgotten.
    clean_at: Mutex<HashMap<K, i64>>,
}

impl<K: Hash + Eq + Clone> Pace<K> {
    /// `burst` at once, and one more after each `cost`.
    pub(crate) fn new(burst: u8, cost: Duration) -> Self {
        let cost = i64::try_from(cost.as_millis()).expect("paces are seconds and minutes");
        Self { cost, burst: burst.into(), clean_at: Mutex::default() }
    }

    /// Whether there is one left now; if not, after what time there is.
    pub(crate) fn admit(&self, who: &K, now: Timestamp) -> Result<(), Duration> {
        self.judge(self.lock().get(who), now)
    }

    /// Takes one.
    pub(crate) fn spend(&self, who: K, now: Timestamp) {
        self.take(&mut self.lock(), who, now);
    }

    /// Takes one if there is one left; if not, says after what time there is.
    pub(crate) fn admit_and_spend(&self, who: K, now: Timestamp) -> Result<(), Duration> {
        let mut all = self.lock();
        self.judge(all.get(&who), now)?;
        self.take(&mut all, who, now);
        Ok(())
    }

    fn judge(&self, clean_at: Option<&i64>, now: Timestamp) -> Result<(), Duration> {
        let clean_at = clean_at.copied().unwrap_or(i64::MIN);
        let wait = clean_at.saturating_sub(now.as_millisecond()).saturating_sub((self.burst - 1) * self.cost);
        match u64::try_from(wait) {
            Ok(wait) if wait > 0 => Err(Duration::from_millis(wait)),
            _ => Ok(()),
        }
    }

    fn take(&self, all: &mut HashMap<K, i64>, who: K, now: Timestamp) {
        let now = now.as_millisecond();
        if all.len() >= MOST {
            all.retain(|_, clean_at| *clean_at > now);
        }
        if all.len() >= MOST {
            // Under attack from everywhere: who is let off is the one that would have been let off first.
            let first = all.iter().min_by_key(|(_, clean_at)| **clean_at).map(|(one, _)| one.clone());
            first.and_then(|first| all.remove(&first));
        }
        let clean_at = all.entry(who).or_insert(now);
        // A clock that was put back must not lock anybody out for as long.
        *clean_at = (*clean_at).clamp(now, now + self.burst * self.cost) + self.cost;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<K, i64>> {
        // Whatever panicked, the map holds numbers only.
        self.clean_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// At some 50 bytes each.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let pace = Pace::new(5, Duration::from_secs(12));
        for index in 0..u32::try_from(MOST).expect("few") + 100 {
            pace.spend(index, Timestamp::UNIX_EPOCH);
        }
        assert_eq!(pace.lock().len(), MOST);
    }

    #[test]
    fn a_few_are_free_and_then_one_comes_back_after_a_while() {
        let pace = Pace::new(2, Duration::from_mins(1));
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).expect("a time");
        assert_eq!([0, 0].map(|second| pace.admit_and_spend("a", at(second))), [Ok(()), Ok(())]);
        assert_eq!(pace.admit_and_spend("a", at(20)), Err(Duration::from_secs(40)));
        assert_eq!(pace.admit_and_spend("b", at(20)), Ok(()));
        assert_eq!(pace.admit_and_spend("a", at(60)), Ok(()));
        assert_eq!(pace.admit_and_spend("a", at(60)), Err(Duration::from_mins(1)));
    }
}
