//! Rows out of files: CSV with a header, or JSON Lines. A bad row does not hide the next one.

use std::io::{self, BufRead, Read};

use mintgate_admin_api::{ImportRow, KeyHash, KeyText};
use secrecy::SecretString;

/// A row and where it stood.
#[derive(Debug)]
pub(super) struct NumberedRow {
    pub(super) line: u64,
    pub(super) row: ImportRow,
}

/// What is wrong with a line. Never says what stood there: it may be a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadRow {
    pub(super) line: u64,
    pub(super) message: String,
}

type Rows = (Vec<NumberedRow>, Vec<BadRow>);

/// Reads a JSON object a line; empty lines are passed over.
pub(super) fn json_lines(source: impl BufRead) -> io::Result<Rows> {
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for (number, line) in source.split(b'\n').enumerate() {
        let (line, text) = (number as u64 + 1, line?);
        let text = if line == 1 { without_bom(&text) } else { &text };
        if text.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(text) {
            Ok(row) => rows.push(NumberedRow { line, row }),
            Err(error) => bad.push(BadRow { line, message: what_is_wrong(&error) }),
        }
    }
    Ok((rows, bad))
}

/// serde's messages quote values, which may be keys. Names of fields are ours or a typing error.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let message = error.to_string();
    if message.starts_with("missing field") || message.starts_with("unknown field") {
        let end = message.find(" at line").unwrap_or(message.len());
        return message[..end].to_owned();
    }
    if error.is_data() {
        format!("a field has a wrong type, before column {}", error.column())
    } else {
        format!("not a JSON object, at column {}", error.column())
    }
}

/// Reads comma-separated values under a header.
pub(super) fn csv(source: impl Read) -> io::Result<Rows> {
    let mut text = Vec::new();
    { source }.read_to_end(&mut text)?;
    let text = without_bom(&text);
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut records = reader.byte_records();
    let header = match records.next() {
        None => return Ok((Vec::new(), Vec::new())),
        Some(record) => record.map_err(io::Error::from).map(|record| Header::read(&record))?,
    };
    let header = match header {
        Ok(header) => header,
        Err(message) => return Ok((Vec::new(), vec![BadRow { line: 1, message }])),
    };
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    let mut lines = Lines { text, line: 1, counted: 0 };
    for record in records {
        let record = record.map_err(io::Error::from)?;
        let line = lines.at(record.position().map_or(0, ::csv::Position::byte));
        match header.row(&record) {
            Ok(row) => rows.push(NumberedRow { line, row }),
            Err(message) => bad.push(BadRow { line, message }),
        }
    }
    if let Some(line) = unclosed_quote(text) {
        bad.push(BadRow { line, message: "a quote is opened and not closed".to_owned() });
    }
    Ok((rows, bad))
}

/// Counts lines up to a position that only moves forward. The reader's own count is wrong where lines end in CR and LF.
struct Lines<'a> {
    text: &'a [u8],
    line: u64,
    counted: usize,
}

impl Lines<'_> {
    /// The line of the first character from `byte` on that ends no line.
    fn at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).expect("a position in memory");
        let ends = self.text[byte..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        let passed = &self.text[self.counted..byte + ends];
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.counted = byte + ends;
        self.line
    }
}

/// Which column holds which field.
struct Header(Vec<Column>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Consumer,
    Key,
    Sha256,
    Label,
    Scopes,
    Expires,
}

impl Header {
    fn read(record: &::csv::ByteRecord) -> Result<Self, String> {
        let mut columns = Vec::new();
        for name in record {
            let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
            let column = match name.as_str() {
                "consumer" => Column::Consumer,
                "key" => Column::Key,
                "sha256" => Column::Sha256,
                "label" => Column::Label,
                "scopes" => Column::Scopes,
                "expires" => Column::Expires,
                // A file without a header has a key here, so the cell is not repeated.
                _ => return Err(HEADER.to_owned()),
            };
            if columns.contains(&column) {
                return Err(format!("the column {name} stands twice"));
            }
            columns.push(column);
        }
        let has = |column| columns.contains(&column);
        if has(Column::Consumer) && (has(Column::Key) || has(Column::Sha256)) {
            Ok(Self(columns))
        } else {
            Err(HEADER.to_owned())
        }
    }

    fn row(&self, record: &::csv::ByteRecord) -> Result<ImportRow, String> {
        if record.len() != self.0.len() {
            return Err(format!("has {} columns, and the header has {}", record.len(), self.0.len()));
        }
        let mut row = ImportRow {
            consumer: String::new(),
            key: None,
            sha256: None,
            label: None,
            scopes: Vec::new(),
            expires: None,
        };
        for (column, cell) in self.0.iter().zip(record) {
            let cell = std::str::from_utf8(cell).map_err(|_| "is not UTF-8")?;
            if cell.is_empty() {
                continue;
            }
            match column {
                Column::Consumer => cell.clone_into(&mut row.consumer),
                Column::Key => row.key = Some(KeyText::from(SecretString::from(cell))),
                Column::Sha256 => row.sha256 = Some(KeyHash::from(SecretString::from(cell))),
                Column::Label => row.label = Some(cell.to_owned()),
                Column::Scopes => row.scopes = cell.split_ascii_whitespace().map(str::to_owned).collect(),
                Column::Expires => row.expires = Some(cell.to_owned()),
            }
        }
        Ok(row)
    }
}

const HEADER: &str =
    "the first line must name the columns: consumer, key or sha256, and if wanted label, scopes, expires";

/// The line where a quoted cell begins that never ends. The reader takes the rest of the file for its text; a file that
/// was cut off must not be imported in part.
fn unclosed_quote(text: &[u8]) -> Option<u64> {
    let (mut line, mut opened) = (1, None);
    for byte in text {
        match byte {
            b'\n' => line += 1,
            b'"' => opened = if opened.is_some() { None } else { Some(line) },
            _ => {}
        }
    }
    opened
}

fn without_bom(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(rows: &Rows) -> (Vec<u64>, Vec<u64>) {
        (rows.0.iter().map(|row| row.line).collect(), rows.1.iter().map(|bad| bad.line).collect())
    }

    #[test]
    fn csv_is_read_by_its_header_in_any_order() {
        let text =
            "\u{FEFF}Scopes,Consumer,KEY,label\na b,alice,sk_live_1,\"x, \"\"y\"\"\"\r\n,bob,sk_live_2,\n";
        let (rows, bad) = csv(text.as_bytes()).expect("readable");
        assert!(bad.is_empty(), "{bad:?}");
        assert_eq!(rows[0].row.scopes, ["a", "b"]);
        assert_eq!(rows[0].row.label.as_deref(), Some("x, \"y\""));
        assert_eq!((rows[1].row.consumer.as_str(), rows[1].line), ("bob", 3));
        assert_eq!(rows[1].row.key.as_ref().map(KeyText::expose), Some("sk_live_2"));
    }

    #[test]
    fn a_bad_row_is_named_by_its_line_and_does_not_hide_the_next() {
        let text = b"consumer,key\nalice,sk_live_1\nbob\n\"carol\nthe first\",sk_live_3\ndave,\xff\n";
        let rows = csv(&text[..]).expect("readable");
        assert_eq!(lines_of(&rows), (vec![2, 4], vec![3, 6]));
    }

    #[test]
    fn a_file_without_a_header_is_refused_without_repeating_it() {
        for text in [
            "alice,sk_live_51NcM2dLkQ\n",
            "consumer\n",
            "key\nx\n",
            "consumer,key,key\n",
            "consumer,key,secret\n",
        ] {
            let (rows, bad) = csv(text.as_bytes()).expect("readable");
            assert!(rows.is_empty());
            assert_eq!(bad.len(), 1);
            assert!(!bad[0].message.contains("sk_live"), "{}", bad[0].message);
        }
    }

    #[test]
    fn a_file_that_was_cut_off_inside_a_quote_is_noticed() {
        let rows =
            csv(&b"consumer,key,label\nalice,sk_live_1,ok\nbob,sk_live_2,\"cut o"[..]).expect("readable");
        assert_eq!(rows.1, [BadRow { line: 3, message: "a quote is opened and not closed".into() }]);
    }

    #[test]
    fn json_lines_say_which_line_is_wrong_and_never_what_stood_there() {
        let text = concat!(
            "\u{FEFF}{\"consumer\":\"alice\",\"key\":\"sk_live_1\",\"scopes\":[\"a\"]}\n\n",
            "{\"consumer\":\"bob\",\"key\":[\"sk_live_51NcM2dLkQ\"]}\n",
            "{\"consumer\":\"bob\",\"kee\":\"sk_live_51NcM2dLkQ\"}\n",
            "\"sk_live_51NcM2dLkQ\"\n",
            "{\"consumer\":\"carol\",\"sha2",
        );
        let rows = json_lines(text.as_bytes()).expect("readable");
        assert_eq!(lines_of(&rows), (vec![1], vec![3, 4, 5, 6]));
        assert!(!format!("{:?}", rows.1).contains("sk_live"), "{:?}", rows.1);
        assert!(rows.1[1].message.starts_with("unknown field `kee`"), "{}", rows.1[1].message);
    }
}
