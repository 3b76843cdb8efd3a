//! A table that only grows, whose slots are replaced one by one while others read them.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

use arc_swap::ArcSwapOption;

/// Slots by number. Chunks double in size and never move, so a reader needs no lock to reach one.
pub(super) struct SlotTable<T> {
    chunks: [OnceLock<Box<[ArcSwapOption<T>]>>; CHUNKS],
    /// Read by the one writer only.
    next: AtomicU32,
}

/// The first chunk has this many slots, each further one twice as many as the one before.
const FIRST: u32 = 1024;
/// Enough for all numbers of 32 bits.
const CHUNKS: usize = 22;

impl<T> SlotTable<T> {
    pub(super) fn new() -> Self {
        Self { chunks: [const { OnceLock::new() }; CHUNKS], next: AtomicU32::new(0) }
    }

    /// What the slot holds now.
    pub(super) fn get(&self, slot: u32) -> Option<Arc<T>> {
        let (chunk, offset) = place(slot);
        self.chunks[chunk].get()?[offset].load_full()
    }

    /// Puts `value` into a new slot. Only one writer at a time.
    pub(super) fn push(&self, value: Arc<T>) -> u32 {
        let slot = self.next.load(Ordering::Relaxed);
        let (chunk, offset) = place(slot);
        let slots = self.chunks[chunk].get_or_init(|| {
            let length = usize::try_from(FIRST).expect("u32 fits") << chunk;
            std::iter::repeat_with(ArcSwapOption::empty).take(length).collect()
        });
        slots[offset].store(Some(value));
        self.next
            .store(slot.checked_add(1).expect("four thousand million slots are enough"), Ordering::Relaxed);
        slot
    }

    pub(super) fn replace(&self, slot: u32, value: Arc<T>) {
        self.set(slot, Some(value));
    }

    pub(super) fn clear(&self, slot: u32) {
        self.set(slot, None);
    }

    fn set(&self, slot: u32, value: Option<Arc<T>>) {
        let (chunk, offset) = place(slot);
        let slots = self.chunks[chunk].get().expect("the slot was handed out by push");
        slots[offset].store(value);
    }
}

/// The chunk of a slot and its place there: chunk `n` starts at `FIRST * (2^n - 1)`.
fn place(slot: u32) -> (usize, usize) {
    let shifted = u64::from(slot) + u64::from(FIRST);
    let chunk = shifted.ilog2() - FIRST.ilog2();
    let start = u64::from(FIRST) << chunk;
    (
        usize::try_from(chunk).expect("at most 22"),
        usize::try_from(shifted - start).expect("a slot number has 32 bits"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_keep_their_values_as_the_table_grows() {
        let table = SlotTable::new();
        let slots: Vec<u32> = (0..5000_u32).map(|value| table.push(Arc::new(value))).collect();
        assert!(slots.iter().zip(0..).all(|(slot, value)| table.get(*slot).as_deref() == Some(&value)));
    }

    #[test]
    fn a_cleared_slot_is_empty_and_not_handed_out_again() {
        let table = SlotTable::new();
        let first = table.push(Arc::new("a"));
        table.clear(first);
        let second = table.push(Arc::new("b"));
        assert!(table.get(first).is_none());
        assert_ne!(first, second);
    }

    #[test]
    fn the_last_slot_number_has_a_place() {
        let (chunk, _) = place(u32::MAX);
        assert!(chunk < CHUNKS + 1);
        assert_eq!(place(0), (0, 0));
        assert_eq!(place(FIRST - 1), (0, 1023));
        assert_eq!(place(FIRST), (1, 0));
    }
}
