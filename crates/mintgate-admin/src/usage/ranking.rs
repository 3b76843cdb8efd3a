//! Rankings, of which those that take long to count are kept for a while.
//!
//! A ranking reads a row for each consumer or key and day: a million of them take a second. Whoever looks at an overview
//! asks for the same ranking again and again, so one that took long is kept for twenty times as long, and for as long again while
//! it is counted anew, once for all who ask. What counts fast is never kept.

use std::sync::{Arc, Mutex};

use mintgate_store::{StoreError, TopEntry, TopRequest};
use mintgate_types::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use crate::AdminService;

/// Those with the most requests, as they were at one moment.
#[derive(Debug)]
pub(crate) struct Ranking {
    pub(crate) entries: Vec<TopEntry>,
    pub(crate) counted_at: Timestamp,
    took: SignedDuration,
}

impl Ranking {
    fn is_younger(&self, times: i32, now: Timestamp) -> bool {
        self.took >= WORTH_KEEPING && now.duration_since(self.counted_at).abs() < self.took * times
    }
}

/// What was asked for lately.
#[derive(Debug)]
pub(crate) struct Rankings {
    places: Mutex<Vec<Arc<Place>>>,
    /// So that long ones do not take all connections of the store.
    at_a_time: Semaphore,
}

/// Where one ranking is kept.
#[derive(Debug)]
struct Place {
    request: TopRequest,
    // Held for a moment, never while counting.
    kept: Mutex<Option<Arc<Ranking>>>,
    // Held while counting, so that one counts for all who wait.
    counting: tokio::sync::Mutex<()>,
}

impl Default for Rankings {
    fn default() -> Self {
        Self { places: Mutex::default(), at_a_time: Semaphore::new(MOST_AT_A_TIME) }
    }
}

impl Rankings {
    fn place(&self, request: &TopRequest) -> Arc<Place> {
        let mut places = self.places.lock().expect("no holder of this lock panics");
        if let Some(found) = places.iter().find(|place| place.request == *request) {
            return Arc::clone(found);
        }
        if places.len() == MOST_KEPT {
            places.remove(0);
        }
        let (kept, counting) = (Mutex::default(), tokio::sync::Mutex::default());
        let place = Arc::new(Place { request: request.clone(), kept, counting });
        places.push(Arc::clone(&place));
        place
    }
}

impl Place {
    fn kept(&self) -> Option<Arc<Ranking>> {
        self.kept.lock().expect("no holder of this lock panics").clone()
    }

    async fn count(&self, service: &AdminService) -> Result<Arc<Ranking>, StoreError> {
        let _permit = service.rankings().at_a_time.acquire().await.expect("it is never closed");
        let counted_at = service.now();
        let entries = service.store().top_usage(&self.request).await?;
        let took = service.now().duration_since(counted_at);
        let ranking = Arc::new(Ranking { entries, counted_at, took });
        *self.kept.lock().expect("no holder of this lock panics") = Some(Arc::clone(&ranking));
        Ok(ranking)
    }
}

/// The ranking that is kept, or a new one.
pub(crate) async fn ranking(
    service: &AdminService,
    request: &TopRequest,
) -> Result<Arc<Ranking>, StoreError> {
    let place = service.rankings().place(request);
    if let Some(kept) = place.kept().filter(|kept| kept.is_younger(2 * KEPT_FOR, service.now())) {
        if !kept.is_younger(KEPT_FOR, service.now()) {
            count_anew(service, place);
        }
        return Ok(kept);
    }
    let _counting = place.counting.lock().await;
    // Somebody may have counted while this one waited.
    match place.kept().filter(|kept| kept.is_younger(KEPT_FOR, service.now())) {
        Some(kept) => Ok(kept),
        None => place.count(service).await,
    }
}

/// Behind the back of whoever asked, unless it is under way.
fn count_anew(service: &AdminService, place: Arc<Place>) {
    let service = service.clone();
    service.running().clone().spawn(async move {
        let Ok(_counting) = place.counting.try_lock() else { return };
        if let Err(error) = place.count(&service).await {
            tracing::warn!(%error, "a ranking could not be counted");
        }
    });
}

/// What takes less is counted each time.
const WORTH_KEEPING: SignedDuration = SignedDuration::from_millis(50);
/// For how many times as long as counting took: then counting takes a twentieth of a core at the most.
const KEPT_FOR: i32 = 20;
const MOST_KEPT: usize = 64;
/// Of the store's four connections for reading.
const MOST_AT_A_TIME: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_is_kept_for_a_multiple_of_that_and_what_did_not_is_never_kept() {
        let counted_at = Timestamp::from_second(1_780_000_000).expect("a time");
        let ranking =
            |took| Ranking { entries: Vec::new(), counted_at, took: SignedDuration::from_millis(took) };
        let after = |millis| counted_at + SignedDuration::from_millis(millis);
        assert!(!ranking(49).is_younger(KEPT_FOR, counted_at));
        assert!(ranking(1000).is_younger(KEPT_FOR, after(19_999)));
        assert!(!ranking(1000).is_younger(KEPT_FOR, after(20_000)));
        // A clock that was set back makes nothing last.
        assert!(!ranking(1000).is_younger(KEPT_FOR, after(-20_000)));
    }
}
