//! A CRC-32 over the columns of a row. It finds damage, not malice: whoever can write the file can write the check.

/// Collects columns in their order.
#[derive(Clone)]
pub(crate) struct RowCheck(crc32fast::Hasher);

impl RowCheck {
    /// Starts with the table's name, so that a row cannot pass for one of another table.
    pub(crate) fn of(table: &str) -> Self {
        Self(crc32fast::Hasher::new()).text(table)
    }

    pub(crate) fn text(self, value: &str) -> Self {
        self.bytes(value.as_bytes())
    }

    pub(crate) fn bytes(mut self, value: &[u8]) -> Self {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        self.0.update(&(value.len() as u64).to_le_bytes());
        self.0.update(value);
        self
    }

    pub(crate) fn integer(mut self, value: i64) -> Self {
        self.0.update(&value.to_le_bytes());
        self
    }

    pub(crate) fn optional(self, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.integer(1).integer(value),
            None => self.integer(0),
        }
    }

    pub(crate) fn optional_text(self, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.integer(1).text(value),
            None => self.integer(0),
        }
    }

    pub(crate) fn done(self) -> i64 {
        i64::from(self.0.finalize())
    }
}
