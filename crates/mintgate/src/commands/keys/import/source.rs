//! The file.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use mintgate_import::Format;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// What a file is, as far as its name says.
pub(super) fn format_by_name(file: &Path) -> Result<Format, Failure> {
    let extension = file.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("jsonl" | "ndjson") => Ok(Format::Jsonl),
        _ => {
            let names = Format::ALL.map(|(name, _)| name).join(", ");
            Err(Failure::Usage(format!("say --from, with one of {names}: the file's name does not")))
        }
    }
}

/// The whole file, or stdin. Wiped after use: there are keys in it.
pub(super) fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let refused = |error: io::Error| Failure::refused(format_args!("{}: {error}", file.display()));
    let mut text = Zeroizing::new(Vec::new());
    if file == Path::new("-") {
        io::stdin().read_to_end(&mut text).map_err(refused)?;
        return Ok(text);
    }
    let mut open = File::open(file).map_err(refused)?;
    let length = open.metadata().map_or(0, |metadata| metadata.len());
    // In one piece, so that no copy is left behind by growing.
    text.reserve_exact(usize::try_from(length).unwrap_or(0).saturating_add(1));
    open.read_to_end(&mut text).map_err(refused)?;
    Ok(text)
}
