//! Any bytes that a client sends: one reading, however they arrive, and nothing is read behind a refusal.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The first byte says in which pieces the rest arrives.
    let Some((piece, stream)) = data.split_first() else { return };
    mintgate_proxy::requests(stream, usize::from(*piece));
});
