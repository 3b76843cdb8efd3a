//! Randomness as an argument.

use std::sync::{Arc, Mutex};

/// Fills buffers with random bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Overwrites all of `buffer`. Secrets are made from these bytes: anything but a cryptographically secure
    /// source is for tests.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's randomness")]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("a system whose randomness fails must not issue secrets");
    }
}

/// Asks a source for 4 KiB at a time, for those who need a few bytes often. What was handed out is wiped.
pub struct BufferedEntropy {
    source: Arc<dyn Entropy>,
    pool: Mutex<Pool>,
}

struct Pool {
    bytes: [u8; 4096],
    used: usize,
}

impl BufferedEntropy {
    /// An empty buffer before `source`.
    #[must_use]
    pub fn new(source: Arc<dyn Entropy>) -> Self {
        Self { source, pool: Mutex::new(Pool { bytes: [0; 4096], used: 4096 }) }
    }
}

impl Entropy for BufferedEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut pool = self.pool.lock().expect("no holder of this lock panics");
        let Pool { bytes, used } = &mut *pool;
        if buffer.len() > bytes.len() {
            return self.source.fill(buffer);
        }
        if bytes.len() - *used < buffer.len() {
            self.source.fill(bytes);
            *used = 0;
        }
        let taken = &mut bytes[*used..*used + buffer.len()];
        buffer.copy_from_slice(taken);
        taken.fill(0);
        *used += buffer.len();
    }
}

impl std::fmt::Debug for BufferedEntropy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BufferedEntropy(..)")
    }
}

/// A predictable sequence (`SplitMix64`), for tests that need the same values at every run. Never for secrets.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// A sequence that depends on `seed` alone.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().expect("no holder of this lock panics");
        for chunk in buffer.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffered_bytes_are_never_handed_out_twice() {
        let entropy = BufferedEntropy::new(Arc::new(OsEntropy));
        let mut seen = std::collections::HashSet::new();
        for _ in 0..2000 {
            let mut bytes = [0; 24];
            entropy.fill(&mut bytes);
            assert!(seen.insert(bytes));
        }
    }
}
