//! Any bytes offered as an origin's answer.

use bytes::{Bytes, BytesMut};
use http::Method;

use super::{
    decoding::{BadBody, Decoded, Decoder},
    head::{AnswerFraming, Head, HeadSearch, read_answer},
};

/// Reads an origin's bytes at once and in pieces, and demands one reading.
///
/// # Panics
///
/// Where there are two.
pub fn answer(stream: &[u8], piece: usize) {
    let piece = piece.max(1);
    let found = head_end(stream, stream.len().max(1));
    assert_eq!(found, head_end(stream, piece), "the end of the head depends on how the bytes arrive");
    let Some(end) = found else { return };
    let (head, body) = stream.split_at(end);
    for method in [Method::GET, Method::HEAD] {
        if let Ok(Head::Final(head)) = read_answer(&Bytes::copy_from_slice(head), &method) {
            let whole = read_body(head.framing, body, body.len().max(1));
            assert_eq!(
                whole,
                read_body(head.framing, body, piece),
                "the body depends on how the bytes arrive"
            );
        }
    }
}

/// How long the head is, if there is a whole one.
fn head_end(stream: &[u8], piece: usize) -> Option<usize> {
    let mut search = HeadSearch::default();
    let ends = (0..stream.len()).step_by(piece).map(|start| stream.len().min(start + piece));
    for end in ends {
        match search.end(&stream[..end]) {
            Ok(None) => {}
            Ok(found) => return found,
            Err(_) => return None,
        }
    }
    None
}

/// The data of a body, how many bytes lie behind it if it has ended, and whether it is one.
#[derive(Debug, PartialEq, Eq)]
enum Body {
    Whole { data: Vec<u8>, trailers: usize, behind: usize },
    Cut { data: Vec<u8> },
    Bad,
}

fn read_body(framing: AnswerFraming, stream: &[u8], piece: usize) -> Body {
    let mut decoder = Decoder::new(framing);
    let (mut read, mut data, mut trailers) = (BytesMut::new(), Vec::new(), 0);
    let mut coming = stream.chunks(piece);
    loop {
        match decoder.decode(&mut read) {
            Err(BadBody) => return Body::Bad,
            Ok(Decoded::Data(piece)) => data.extend_from_slice(&piece),
            Ok(Decoded::Trailers(lines)) => trailers = lines.len(),
            Ok(Decoded::End) => {
                let behind = read.len() + coming.map(<[u8]>::len).sum::<usize>();
                return Body::Whole { data, trailers, behind };
            }
            Ok(Decoded::More) => match coming.next() {
                Some(piece) => read.extend_from_slice(piece),
                None => return Body::Cut { data },
            },
        }
    }
}
