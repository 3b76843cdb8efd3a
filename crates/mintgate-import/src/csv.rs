//! Comma-separated values under a header. A bad row does not hide the next one.

use mintgate_admin_api::{KeyHash, KeyText};
use secrecy::SecretString;

use crate::{
    collect::Collector,
    json_lines::{self, Row},
    quotes,
};

pub(crate) fn read(text: &[u8], collector: &mut Collector) {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut records = reader.byte_records();
    let Some(Ok(header)) = records.next() else { return };
    let header = match Header::read(&header) {
        Ok(header) => header,
        Err(message) => return collector.reject(1, message),
    };
    let odd = quotes::first_odd(text);
    let mut lines = Lines { text, line: 1, counted: 0 };
    for record in records {
        let Ok(record) = record else { return collector.reject(lines.line, "cannot be read") };
        let line = lines.at(record.position().map_or(0, ::csv::Position::byte));
        // From there on, nobody knows what is a row.
        if odd.as_ref().is_some_and(|odd| odd.line <= line) {
            break;
        }
        match header.row(&record) {
            Ok(row) => json_lines::take(line, row, collector),
            Err(message) => collector.reject(line, message),
        }
    }
    if let Some(odd) = odd {
        collector.reject(odd.line, odd.message);
    }
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
        self.line += quotes::line_ends(self.text, self.counted..byte + ends);
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
    Subject,
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
                "subject" => Column::Subject,
                _ if record.len() == 1 && name.contains(';') => return Err(SEMICOLONS.to_owned()),
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

    fn row(&self, record: &::csv::ByteRecord) -> Result<Row, String> {
        if record.len() != self.0.len() {
            return Err(format!("has {} columns, and the header has {}", record.len(), self.0.len()));
        }
        let mut row = Row::default();
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
                Column::Subject => row.subject = Some(cell.to_owned()),
            }
        }
        Ok(row)
    }
}

const HEADER: &str = "the first line must name the columns: consumer, key or sha256, and if wanted subject, label, \
    scopes, expires";

const SEMICOLONS: &str = "the cells are separated by semicolons: save the file with commas";
