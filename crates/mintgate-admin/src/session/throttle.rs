//! Slows down who tries to sign in and fails.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use mintgate_types::Timestamp;

use crate::pace::Pace;

/// Failed attempts by address. Each address has a few in reserve and earns one back after a while; who has none left is
/// not even listened to, so that guessing costs time whatever the guess.
pub(crate) struct Throttle(Pace<IpAddr>);

impl Default for Throttle {
    fn default() -> Self {
        // Five failures at once are nobody's attack.
        Self(Pace::new(5, Duration::from_secs(12)))
    }
}

impl Throttle {
    /// Whether an attempt from here is listened to; if not, after what time one is.
    pub(crate) fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.0.admit(&network(address), now)
    }

    /// Notes that an attempt failed.
    pub(crate) fn failed(&self, address: IpAddr, now: Timestamp) {
        self.0.spend(network(address), now);
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
}
