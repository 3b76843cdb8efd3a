//! Any text offered as a key: read without a panic, and what passes for ours really is whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mintgate_apikey::{KeyForm, PresentedKey};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(key) = PresentedKey::parse(text) else { return };
    assert!((PresentedKey::SHORTEST..=PresentedKey::LONGEST).contains(&text.len()));
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    // What is shown depends on the form alone. Looking for the text instead would find keys such as `Foreign,`.
    let shown = format!("PresentedKey {{ form: {:?}, .. }}", key.form());
    assert_eq!(format!("{key:?}"), shown, "a key showed itself");
    if let KeyForm::Native(id) = key.form() {
        assert!(text.contains(&id.to_string()), "the id is part of the text");
        no_single_mistake_goes_unnoticed(text);
    }
});

/// A CRC finds every single wrong character, so none of the neighbours of a good key may pass for ours.
fn no_single_mistake_goes_unnoticed(text: &str) {
    let mut bytes = text.as_bytes().to_vec();
    for at in 0..bytes.len() {
        let right = bytes[at];
        bytes[at] = if right == b'x' { b'y' } else { b'x' };
        let mistyped = std::str::from_utf8(&bytes).expect("a key is ASCII");
        if let Ok(key) = PresentedKey::parse(mistyped) {
            assert_eq!(key.form(), KeyForm::Foreign, "a mistake at {at} went unnoticed");
        }
        bytes[at] = right;
    }
}
