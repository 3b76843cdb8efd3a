//! Any bytes that an origin answers: one reading, however they arrive.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The first byte says in which pieces the rest arrives.
    let Some((piece, stream)) = data.split_first() else { return };
    mintgate_proxy::answer(stream, usize::from(*piece));
});
