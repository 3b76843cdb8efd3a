//! A database that cannot be trusted stops the start with a clear message, and is left as it was.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use mintgate_e2e::{Gateway, Origin, Request};

/// A gateway that was stopped in good order, with a key.
struct Stopped {
    _origin: Origin,
    gateway: Gateway,
    key: String,
    file: PathBuf,
    whole: Vec<u8>,
}

impl Stopped {
    fn new() -> Self {
        let origin = Origin::echo();
        let mut gateway = Gateway::before(origin.address());
        let key = gateway.key_for("alice");
        assert!(gateway.stop().success());
        let file = gateway.home().join("data/mintgate.db");
        for log in ["data/mintgate.db-wal", "data/mintgate.db-shm"] {
            assert!(!gateway.home().join(log).exists(), "after a stop in good order all is in one file");
        }
        let whole = fs::read(&file).expect("the store");
        Self { _origin: origin, gateway, key, file, whole }
    }

    /// Starts on other bytes, which must be refused without a change to them.
    fn refused_with(&self, bytes: &[u8]) -> String {
        fs::write(&self.file, bytes).expect("a folder of our own");
        let said = self.gateway.cli(&["serve"]).refused(1);
        assert!(fs::read(&self.file).expect("still there") == bytes, "the file was changed: {said}");
        assert!(said.contains("mintgate.db"), "it says which file: {said}");
        said
    }

    fn works_again(mut self) {
        fs::write(&self.file, &self.whole).expect("a folder of our own");
        self.gateway.boot();
        assert_eq!(self.gateway.ask(&Request::get("/").key(&self.key)).status(), 200);
    }
}

#[test]
fn a_truncated_database_stops_the_start() {
    let stopped = Stopped::new();
    // A whole page at the end: it may belong to an empty table, of which a byte less loses nothing.
    for length in [0, 1, 100, 4096, stopped.whole.len() / 2, stopped.whole.len() - 4096] {
        let said = stopped.refused_with(&stopped.whole[..length]);
        assert!(said.contains("damaged") || said.contains("cut short"), "{length} bytes: {said}");
    }
    stopped.works_again();
}

#[test]
fn a_corrupt_database_stops_the_start() {
    let stopped = Stopped::new();
    let said = stopped.refused_with(&b"this is no database at all, only text\n".repeat(200));
    assert!(said.contains("is not a database"), "{said}");
    // Each page in turn is overwritten by noise.
    let pages = stopped.whole.len() / 4096;
    assert!(pages > 3);
    for page in 0..pages {
        let mut bytes = stopped.whole.clone();
        for (offset, byte) in bytes[page * 4096..][..4096].iter_mut().enumerate() {
            *byte = u8::try_from(offset * 7 % 251).expect("below 251");
        }
        let said = stopped.refused_with(&bytes);
        assert!(said.contains("damaged"), "page {page}: {said}");
    }
    stopped.works_again();
}

#[test]
fn a_database_under_another_master_key_stops_the_start() {
    let (stopped, other) = (Stopped::new(), Stopped::new());
    let file = stopped.gateway.home().join("data/master.key");
    let own = fs::read(&file).expect("init made it");
    fs::copy(other.gateway.home().join("data/master.key"), &file).expect("a folder of our own");
    let said = stopped.refused_with(&stopped.whole);
    assert!(said.contains("was made under another master key"), "{said}");
    fs::write(&file, own).expect("a folder of our own");
    stopped.works_again();
}

#[test]
fn a_database_that_is_gone_is_not_replaced_by_an_empty_one_in_silence() {
    let mut stopped = Stopped::new();
    stopped.gateway.boot();
    // Killed, so that the log of the database still holds something.
    let _ = stopped.gateway.cli(&["consumers", "create", "bob"]).done();
    stopped.gateway.kill();
    let aside = stopped.file.with_extension("aside");
    fs::rename(&stopped.file, &aside).expect("a folder of our own");
    let said = stopped.gateway.cli(&["serve"]).refused(1);
    assert!(said.contains("is there, but not its database"), "{said}");
    assert!(!stopped.file.exists());
    fs::rename(&aside, &stopped.file).expect("a folder of our own");
    stopped.gateway.boot();
    assert_eq!(stopped.gateway.ask(&Request::get("/").key(&stopped.key)).status(), 200);
}

#[test]
fn a_read_only_database_stops_the_start_and_says_so() {
    let stopped = Stopped::new();
    let mode = |mode| {
        fs::set_permissions(&stopped.file, fs::Permissions::from_mode(mode)).expect("a file of our own");
    };
    mode(0o400);
    let said = stopped.gateway.cli(&["serve"]).refused(1);
    assert!(said.contains("cannot write to") && said.contains("mintgate.db"), "{said}");
    mode(0o600);
    stopped.works_again();
}
