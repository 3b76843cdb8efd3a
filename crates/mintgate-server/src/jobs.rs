//! What a node does by itself from time to time. Every job is idempotent: running it twice changes nothing.

use std::{sync::Arc, time::Duration};

use mintgate_exchange::Exchange;
use mintgate_signing::Issuer;
use mintgate_store::Receipts;
use mintgate_types::Clock;

use crate::lifecycle::Stop;

/// Moves signing keys through their states as time makes it due.
pub(crate) async fn rotate_signing_keys(issuer: Arc<Issuer>, clock: Arc<dyn Clock>, mut stop: Stop) {
    loop {
        let now = clock.now();
        let pause = match issuer.tick(now).await {
            Ok(next) => Duration::try_from(next.duration_since(now)).unwrap_or_default().max(SHORTEST_PAUSE),
            Err(error) => {
                // The keys in force go on; what is due waits.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "signing keys could not be rotated"
                );
                AFTER_FAILURE
            }
        };
        if stop.requested_within(pause).await {
            return;
        }
    }
}

/// Frees the memory of tokens that nobody asked for again.
pub(crate) async fn sweep_tokens(exchange: Arc<Exchange>, mut stop: Stop) {
    while !stop.requested_within(SWEEP_EVERY).await {
        exchange.sweep();
    }
}

/// Removes receipts whose time is over, some at a time.
pub(crate) async fn forget_receipts(store: Arc<dyn Receipts>, clock: Arc<dyn Clock>, mut stop: Stop) {
    loop {
        let pause = match store.forget_receipts(clock.now(), RECEIPTS_A_TIME).await {
            Ok(forgotten) if forgotten >= u64::from(RECEIPTS_A_TIME) => BETWEEN_RECEIPTS,
            Ok(_) => FORGET_EVERY,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "replies whose time is over were not removed; tried again in an hour");
                FORGET_EVERY
            }
        };
        if stop.requested_within(pause).await {
            return;
        }
    }
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const AFTER_FAILURE: Duration = Duration::from_secs(5);
const SWEEP_EVERY: Duration = Duration::from_secs(30);
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// So many take some 10 ms, in which no change is confirmed.
const RECEIPTS_A_TIME: u32 = 500;
const BETWEEN_RECEIPTS: Duration = Duration::from_millis(50);
