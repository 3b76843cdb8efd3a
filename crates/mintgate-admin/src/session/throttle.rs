//! Slows down who tries to sign in and fails.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use mintgate_types::Timestamp;

/// Failed attempts by address. Each address has a few in reserve and earns one back after a while (the leaky bucket of
/// GCRA); who has none left is not even listened to, so that guessing costs time whatever the guess.
///
/// A mutex, because signing in is rare and each look takes nanoseconds.
#[derive(Default)]
pub(crate) struct Throttle {
    /// When the last failure of each address is forgotten.
    clean_at: Mutex<HashMap<IpAddr, i64>>,
}

impl Throttle {
    /// Whether an attempt from here is listened to; if not, after what time one is.
    pub(crate) fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let clean_at = self.lock().get(&network(address)).copied().unwrap_or(i64::MIN);
        let wait = clean_at.saturating_sub(now.as_millisecond()).saturating_sub(RESERVE_MILLIS - COST_MILLIS);
        match u64::try_from(wait) {
            Ok(wait) if wait > 0 => Err(Duration::from_millis(wait)),
            _ => Ok(()),
        }
    }

    /// Notes that an attempt failed.
    pub(crate) fn failed(&self, address: IpAddr, now: Timestamp) {
        let now = now.as_millisecond();
        let mut all = self.lock();
        if all.len() >= MOST_ADDRESSES {
            all.retain(|_, clean_at| *clean_at > now);
        }
        if all.len() >= MOST_ADDRESSES {
            // Under attack from everywhere: who is let off is the one that would have been let off first.
            let first = all.iter().min_by_key(|(_, clean_at)| **clean_at).map(|(address, _)| *address);
            first.and_then(|first| all.remove(&first));
        }
        let clean_at = all.entry(network(address)).or_insert(now);
        // A clock that was put back must not lock anybody out for as long.
        *clean_at = (*clean_at).clamp(now, now + RESERVE_MILLIS) + COST_MILLIS;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, i64>> {
        // Whatever panicked, the map holds numbers only.
        self.clean_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever has one IPv6 address has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// A failure is forgotten after this time.
const COST_MILLIS: i64 = 12_000;
/// Five failures at once are nobody's attack.
const RESERVE_MILLIS: i64 = 5 * COST_MILLIS;
/// At some 50 bytes each.
const MOST_ADDRESSES: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_few_failures_are_free_and_then_each_costs_time() {
        let throttle = Throttle::default();
        let here = address("192.0.2.1");
        for _ in 0..5 {
            assert_eq!(throttle.admit(here, at(0)), Ok(()));
            throttle.failed(here, at(0));
        }
        assert_eq!(throttle.admit(here, at(0)), Err(Duration::from_secs(12)));
        assert_eq!(throttle.admit(here, at(11)), Err(Duration::from_secs(1)));
        assert_eq!(throttle.admit(here, at(12)), Ok(()));
        throttle.failed(here, at(12));
        assert_eq!(throttle.admit(here, at(12)), Err(Duration::from_secs(12)));
        assert_eq!(throttle.admit(here, at(60 + 12)), Ok(()));
    }

    #[test]
    fn others_are_not_slowed_down_and_neighbours_in_one_network_are() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            throttle.failed(address("2001:db8:1:2::1"), at(0));
        }
        assert!(throttle.admit(address("2001:db8:1:2:ffff::9"), at(0)).is_err());
        assert!(throttle.admit(address("2001:db8:1:3::1"), at(0)).is_ok());
        for _ in 0..5 {
            throttle.failed(address("::ffff:192.0.2.7"), at(0));
        }
        assert!(throttle.admit(address("192.0.2.7"), at(0)).is_err());
    }

    #[test]
    fn a_clock_that_is_put_back_locks_nobody_out() {
        let throttle = Throttle::default();
        let here = address("192.0.2.1");
        throttle.failed(here, at(1_000_000));
        throttle.failed(here, at(0));
        let wait = throttle.admit(here, at(0)).err().unwrap_or_default();
        assert!(wait <= Duration::from_mins(1), "{wait:?}");
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for index in 0..u32::try_from(MOST_ADDRESSES).expect("few") + 100 {
            throttle.failed(IpAddr::from(index.to_be_bytes()), at(0));
        }
        assert_eq!(throttle.lock().len(), MOST_ADDRESSES);
    }
}
