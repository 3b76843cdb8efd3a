//! `[usage]`: how requests are counted.

use std::time::Duration;

use super::{
    quantity::Period,
    section::{Default, Section},
};

/// How requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageConfig {
    /// How often counts are written down.
    pub interval: Duration,
}

pub(crate) fn read(section: &mut Section<'_>) -> UsageConfig {
    let interval = section.within(
        "interval",
        Default::Text("10s"),
        Period::milliseconds(100)..=Period::hours(1),
        "How often counts of requests are written down: what a process that dies has counted since is lost.",
    );
    UsageConfig { interval: interval.value.get() }
}
