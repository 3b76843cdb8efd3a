//! Any bytes offered as what a client sends.

use super::framing::{Framing, HeadLimits, Within};

/// Reads a client's bytes at once and in pieces, and demands one reading.
///
/// # Panics
///
/// Where there are two, or where more is passed on than came.
pub fn requests(stream: &[u8], piece: usize) {
    let whole = reading(stream, stream.len().max(1));
    let pieced = reading(stream, piece.max(1));
    assert!(whole.passed.max(pieced.passed) <= stream.len(), "more was passed on than came");
    assert_eq!((whole.heads, whole.refused), (pieced.heads, pieced.refused), "two readings");
    // Of a body that turns out to be none, as much has gone on as had come before it did.
    if whole.refused != Some(Within::Body) {
        assert_eq!(whole.passed, pieced.passed, "the reading depends on how the bytes arrive");
    }
}

struct Reading {
    passed: usize,
    heads: u64,
    refused: Option<Within>,
}

fn reading(stream: &[u8], piece: usize) -> Reading {
    let mut framing = Framing::new(LIMITS);
    let mut held = Vec::new();
    let mut reading = Reading { passed: 0, heads: 0, refused: None };
    for piece in stream.chunks(piece) {
        held.extend_from_slice(piece);
        let scan = framing.scan(&held);
        held.drain(..scan.passed);
        reading.passed += scan.passed;
        reading.heads += scan.heads;
        if let Some((_, within)) = scan.violation {
            reading.refused = Some(within);
            assert_eq!(
                framing.scan(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").passed,
                0,
                "read on after a refusal"
            );
            break;
        }
    }
    reading
}

const LIMITS: HeadLimits = HeadLimits { bytes: 1024, lines: 16, target: 256 };
