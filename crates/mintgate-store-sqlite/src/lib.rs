//! The embedded store: SQLite in WAL mode behind the traits of mintgate-store.
