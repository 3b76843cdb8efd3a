//! What a node does by itself from time to time. Every job is idempotent: running it twice changes nothing.

use std::{sync::Arc, time::Duration};

use mintgate_exchange::Exchange;
use mintgate_signing::Issuer;
use mintgate_store::Store;
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

/// Writes down when keys were last used. What a process that dies had not written is lost; nobody decides by it.
pub(crate) async fn note_key_use(exchange: Arc<Exchange>, store: Arc<dyn Store>, mut stop: Stop) {
    loop {
        let stopping = stop.requested_within(NOTE_EVERY).await;
        let uses = exchange.take_uses();
        if !uses.is_empty()
            && let Err(error) = store.note_key_use(&uses).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last use of keys was not written");
        }
        if stopping {
            return;
        }
    }
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const AFTER_FAILURE: Duration = Duration::from_secs(5);
const NOTE_EVERY: Duration = Duration::from_secs(20);
const SWEEP_EVERY: Duration = Duration::from_secs(30);
