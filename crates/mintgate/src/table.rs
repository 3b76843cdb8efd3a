//! Tables for people.

use comfy_table::{ContentArrangement, Table, presets};
use mintgate_types::Timestamp;

use crate::{failure::Outcome, screen::Screen};

/// Rows under headings.
pub(crate) struct Rows(Table);

impl Rows {
    pub(crate) fn under<const N: usize>(headings: [&str; N]) -> Self {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(headings);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Self(table)
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.add_row(cells);
    }

    /// Puts the table out. A person's terminal has a width; a program that reads tables wants whole lines.
    pub(crate) fn show(mut self, screen: &mut Screen) -> Outcome {
        if screen.is_read_by_a_person() {
            self.0.set_content_arrangement(ContentArrangement::Dynamic);
        }
        for line in self.0.lines() {
            screen.write(line.trim_end().as_bytes())?;
            screen.write(b"\n")?;
        }
        screen.finish()
    }
}

/// What is known of one thing, a line each. What is empty is left out.
pub(crate) fn facts(facts: &[(&str, String)], screen: &mut Screen) -> Outcome {
    let facts = facts.iter().filter(|(_, value)| !value.is_empty());
    let widest = facts.clone().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in facts {
        screen.write(format!("{name:widest$}  {value}\n").as_bytes())?;
    }
    screen.finish()
}

/// A time as people read it: to the second, UTC.
pub(crate) fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A time that may not be.
pub(crate) fn time_or_dash(moment: Option<Timestamp>) -> String {
    moment.map_or_else(|| "-".to_owned(), time)
}
