//! Backups while the gateway serves, and restores that are killed.

use std::{
    fs,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use mintgate_e2e::{Gateway, Origin, Ran, Request, mintgate, run};
use serde_json::json;

const ROUNDS: usize = 12;

fn status(gateway: &Gateway, key: &str) -> u16 {
    gateway.ask(&Request::get("/").key(key)).status()
}

fn file_of(gateway: &Gateway) -> PathBuf {
    gateway.home().join("a.backup")
}

fn back_up(gateway: &Gateway) -> Ran {
    gateway.cli(&["backup", file_of(gateway).to_str().expect("a path of ours")])
}

fn restore(gateway: &Gateway, arguments: &[&str]) -> Ran {
    let file = file_of(gateway);
    gateway.cli(&[&["restore", file.to_str().expect("a path of ours")], arguments].concat())
}

#[test]
fn a_backup_taken_while_keys_are_made_restores_to_one_moment() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let first = gateway.key_for("alice");
    let revoked_later = gateway.admin().new_consumer("bob");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (admin, stop_flag) = (gateway.admin(), &stop);
        scope.spawn(move || {
            while !stop_flag.load(Ordering::SeqCst) {
                let _ = admin.new_key("alice", &json!({}));
            }
        });
        let _ = back_up(&gateway).done();
        stop.store(true, Ordering::SeqCst);
    });
    let file = file_of(&gateway);
    let mode = fs::metadata(&file).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bytes = fs::read(&file).expect("reads");
    let holds = |secret: &str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    let master = fs::read_to_string(gateway.home().join("data/master.key")).expect("init made it");
    assert!(!holds(&first) && !holds(master.trim()), "a secret stands in the backup");
    // It does not overwrite, and a running gateway is not pulled away from under its callers.
    assert!(back_up(&gateway).refused(1).contains("exists"));
    assert!(restore(&gateway, &["--replace"]).refused(1).contains("stop it first"));
    let later = gateway.key_for("carol");
    gateway.admin().revoke(&revoked_later);
    gateway.stop();
    assert!(restore(&gateway, &[]).refused(1).contains("--replace"));
    let _ = restore(&gateway, &["--dry-run"]).done();
    let said = restore(&gateway, &["--replace"]);
    assert!(said.stderr.contains("ended again"), "{}", said.stderr);
    gateway.boot();
    assert_eq!((status(&gateway, &first), status(&gateway, &later)), (200, 401));
    assert_eq!(status(&gateway, &revoked_later.text), 401, "a revocation was undone");
}

#[test]
fn a_backup_goes_through_a_pipe_both_ways() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let backup = gateway.run(&["backup", "-"]);
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    let _ = gateway.cli(&["consumers", "delete", "alice"]).done();
    gateway.stop();
    let put_back = |bytes: &[u8]| {
        let mut command = mintgate();
        command.args(["restore", "-", "--replace", "--config"]).arg(gateway.config_file());
        run(&mut command, bytes)
    };
    let _ = put_back(&backup.stdout[..backup.stdout.len() - 1]).refused(1);
    let _ = put_back(&backup.stdout).done();
    gateway.boot();
    let listed = gateway.cli(&["consumers", "list", "--json"]).json();
    assert_eq!(listed[0]["name"], "alice", "{listed}");
    assert_eq!(status(&gateway, &key), 401, "what had ended since stays ended");
}

#[test]
fn a_damaged_backup_or_one_of_another_master_key_is_refused() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let _ = back_up(&gateway).done();
    gateway.stop();
    let (file, whole) = (file_of(&gateway), fs::read(file_of(&gateway)).expect("reads"));
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for bytes in [&flipped[..], &whole[..whole.len() - 10], &whole[..30], b"SQLite format 3\0", b""] {
        fs::write(&file, bytes).expect("writes");
        let _ = restore(&gateway, &["--replace"]).refused(1);
    }
    fs::write(&file, &whole).expect("writes");
    let master = gateway.home().join("data/master.key");
    let right = fs::read(&master).expect("reads");
    let other = tempfile::tempdir().expect("a folder");
    let _ = run(mintgate().arg("init").arg(other.path().join("gate")), "").done();
    fs::copy(other.path().join("gate/data/master.key"), &master).expect("copies");
    assert!(restore(&gateway, &["--replace"]).refused(1).contains("another master key"));
    fs::write(&master, right).expect("writes");
    gateway.boot();
    assert_eq!(status(&gateway, &key), 200);
}

#[test]
fn killed_in_the_middle_of_a_restore_it_is_the_old_store_or_the_new_one() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let first = gateway.key_for("alice");
    let _ = back_up(&gateway).done();
    let file = file_of(&gateway);
    let mut finished = 0;
    for round in 0..ROUNDS {
        let later = gateway.key_for(&format!("round-{round}"));
        gateway.stop();
        let mut command = mintgate();
        command.arg("restore").arg("--replace").arg(&file).arg("--config").arg(gateway.config_file());
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary can be run");
        let life = random_life();
        thread::park_timeout(life);
        child.kill().expect("it is ours");
        let done = child.wait().expect("it ends").success();
        finished += usize::from(done);
        gateway.boot();
        let context = format!("round {round}, killed after {life:?}");
        assert_eq!(status(&gateway, &first), 200, "{context}");
        let after = status(&gateway, &later);
        assert!(after == 401 || (after == 200 && !done), "{context}: {after}");
        // It serves and takes changes, whichever it is.
        assert_eq!(status(&gateway, &gateway.key_for(&format!("after-{round}"))), 200, "{context}");
    }
    gateway.stop();
    let _ = restore(&gateway, &["--replace"]).done();
    gateway.boot();
    assert_eq!(status(&gateway, &first), 200);
    assert!(finished < ROUNDS, "it was never killed in time");
}

/// How long a restore lives: from nothing to about as long as one takes.
fn random_life() -> Duration {
    Duration::from_micros(RandomState::new().build_hasher().finish() % 120_000)
}
