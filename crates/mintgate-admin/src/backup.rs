//! `GET /v1/backup`: a copy of the whole store, while it serves.

use std::{
    fs::File,
    io::{self, Read},
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::{HeaderValue, header};
use mintgate_admin_api::{BackupHead, paths};
use mintgate_store::{AuditAction, Backup};
use tokio::sync::mpsc;

use crate::{
    AdminService,
    operation::{self, Allowed},
    reply::Reply,
};

/// A copy of the whole store
///
/// Consistent, taken while the store serves, and good for `mintgate restore`. Two lines of text say what it is and give a
/// checksum; the content follows. Keys are in it as fingerprints and private signing keys sealed; the master key, without
/// which it is of no use, is not.
#[utoipa::path(
    get,
    path = paths::BACKUP,
    tag = "installation",
    responses((status = 200, description = "The copy", body = Vec<u8>, content_type = "application/vnd.mintgate.backup"))
)]
pub(crate) async fn back_up(
    State(service): State<AdminService>,
    caller: Allowed<operation::BackUp>,
) -> Reply<Response> {
    let created = service.now();
    let Backup { revision, length, sha256, content } =
        service.store().backup(&caller.author(&service)).await?;
    caller.changed(AuditAction::BackUp, &revision);
    let head = BackupHead {
        store: service.config().store_kind.clone(),
        revision,
        created,
        version: service.config().version.clone(),
        bytes: length,
        sha256: hex(&sha256),
    };
    let head = head.lines();
    let whole = length + head.len() as u64;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(BackupHead::MEDIA_TYPE)),
        (header::CONTENT_LENGTH, HeaderValue::from(whole)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"mintgate.backup\"")),
    ];
    Ok((headers, Body::from_stream(chunks(head, content))).into_response())
}

/// The head, then the file, read ahead by a few chunks on a thread that may wait for the disk.
fn chunks(head: String, content: File) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut content = content;
        let mut next = Ok(Bytes::from(head));
        // A receiver that is gone is a caller who hung up.
        while sender.blocking_send(next).is_ok() {
            let mut chunk = vec![0; CHUNK];
            match content.read(&mut chunk) {
                Ok(0) => return,
                Ok(read) => {
                    chunk.truncate(read);
                    next = Ok(Bytes::from(chunk));
                }
                Err(error) => next = Err(error),
            }
        }
    });
    stream::unfold(receiver, async |mut receiver: mpsc::Receiver<io::Result<Bytes>>| {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    })
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

const CHUNK: usize = 256 * 1024;
const CHUNKS_AHEAD: usize = 4;
