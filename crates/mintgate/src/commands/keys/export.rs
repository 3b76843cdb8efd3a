//! `mintgate keys export`

use clap::{Args, ValueEnum};
use mintgate_admin_api::{Cursor, Key, KeyFormat, KeyPage, Status, paths};

use crate::{args::RemoteArgs, commands::keys, failure::Outcome, screen::Screen};

/// Arguments of `keys export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// In which form.
    #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
    format: ExportFormat,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// The forms of an export.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ExportFormat {
    /// A JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

impl Export {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let status: Status = client.get(paths::STATUS)?;
        let progress = screen.progress(Some(status.keys.total), "keys");
        if let ExportFormat::Csv = self.format {
            screen.write(&csv_line(&COLUMNS.map(str::to_owned))?)?;
        }
        let mut cursor: Option<Cursor> = None;
        loop {
            let from = cursor.as_ref().map_or(String::new(), |cursor| format!("&cursor={}", cursor.as_str()));
            let page: KeyPage = client.get(&format!("{}?limit=1000{from}", paths::KEYS))?;
            for key in &page.data {
                let line = match self.format {
                    ExportFormat::Jsonl => json_line(key)?,
                    ExportFormat::Csv => csv_line(&cells(key))?,
                };
                screen.write(&line)?;
            }
            progress.inc(page.data.len() as u64);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        progress.finish_and_clear();
        screen.finish()
    }
}

/// Puts out keys as CSV under a header.
pub(super) fn csv(keys: &[Key], screen: &mut Screen) -> Outcome {
    screen.write(&csv_line(&COLUMNS.map(str::to_owned))?)?;
    for key in keys {
        screen.write(&csv_line(&cells(key))?)?;
    }
    screen.finish()
}

const COLUMNS: [&str; 11] = [
    "id",
    "bucket",
    "consumer",
    "format",
    "label",
    "scopes",
    "state",
    "created",
    "expires",
    "ends",
    "last_used",
];

fn json_line(key: &Key) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = serde_json::to_vec(key)?;
    line.push(b'\n');
    Ok(line)
}

fn cells(key: &Key) -> [String; 11] {
    let time =
        |time: Option<mintgate_types::Timestamp>| time.map_or_else(String::new, |time| time.to_string());
    let format = match key.format {
        KeyFormat::Native => "native",
        KeyFormat::Foreign => "foreign",
    };
    [
        key.id.to_string(),
        key.consumer.bucket.to_string(),
        key.consumer.name.to_string(),
        format.to_owned(),
        not_a_formula(key.label.as_str()),
        not_a_formula(&key.scopes.to_string()),
        keys::state(key).to_owned(),
        key.created.to_string(),
        time(key.expires),
        time(keys::end(key)),
        time(key.last_used),
    ]
}

/// Spreadsheets run what begins like a formula, some of them behind spaces and quotes or in full width; an apostrophe keeps
/// it text.
fn not_a_formula(text: &str) -> String {
    let begins =
        text.trim_start_matches(|first: char| first.is_whitespace() || matches!(first, '"' | '\u{FEFF}'));
    let runs = ['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠'];
    if begins.starts_with(runs) || text.starts_with(['\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn csv_line(cells: &[String]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells)?;
    Ok(writer.into_inner().expect("writing to memory does not fail"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_looks_like_a_formula_stays_text() {
        assert_eq!(not_a_formula("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        for formula in [" =1+1", "\u{A0}=1", "\"=1\"", "＝1+1", "-1", "\t=1", "\u{FEFF}@x"] {
            assert_eq!(not_a_formula(formula), format!("'{formula}"));
        }
        assert_eq!(not_a_formula("billing"), "billing");
        let line = csv_line(&[not_a_formula("=1+1,\"2\"")]).expect("a line");
        assert_eq!(line, b"\"'=1+1,\"\"2\"\"\"\n");
    }
}
