//! Secrets: where they are, and that they are nowhere else.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use mintgate_store::MasterKey;
use secrecy::ExposeSecret;

use super::{and, problem, taken, with};
use crate::config::{SecretError, SecretSource, parse};

const HEXADECIMAL: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a place");
    let path = place.path().join("secret");
    std::fs::write(&path, content).expect("a file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its mode");
    (place, path)
}

fn master_key(content: &[u8], mode: u32) -> Result<MasterKey, SecretError> {
    let (_place, path) = file(content, mode);
    SecretSource::File(path).master_key()
}

fn refusal(content: &[u8], mode: u32) -> String {
    master_key(content, mode).expect_err("refused").to_string()
}

#[test]
fn r38_a_missing_master_key_says_where_it_should_be() {
    let error = SecretSource::File("/nowhere/master.key".into()).master_key().expect_err("no file");
    assert_eq!(
        error.to_string(),
        "the master key is missing: there is no file /nowhere/master.key; `mintgate init` makes one in a new folder"
    );
}

#[test]
fn r38_a_master_key_that_others_can_read_is_refused() {
    for mode in [0o644, 0o640, 0o604, 0o660, 0o620, 0o601] {
        let said = refusal(HEXADECIMAL.as_bytes(), mode);
        assert!(said.contains(&format!("has mode {mode:04o}; run `chmod 600` on it")), "{said}");
    }
    for mode in [0o600, 0o400] {
        master_key(HEXADECIMAL.as_bytes(), mode).expect("its owner's alone");
    }
}

#[test]
fn r38_a_short_or_made_up_master_key_is_refused_without_being_repeated() {
    for content in ["", "changeme", &HEXADECIMAL[2..], &"0".repeat(64), &"A".repeat(43), "AAECAwQFBgc="] {
        let said = refusal(content.as_bytes(), 0o600);
        assert!(said.contains("is not usable"), "{said}");
        assert!(content.is_empty() || !said.contains(content), "{said}");
    }
    assert!(refusal(&[0xff; 32], 0o600).contains("raw bytes can be turned into text"));
    assert!(refusal(&vec![b'a'; 100_000], 0o600).contains("is not usable"));
}

#[test]
fn a_master_key_is_read_in_hexadecimal_and_base64() {
    let expected = *MasterKey::from_bytes(std::array::from_fn(|at| u8::try_from(at).expect("below 32")))
        .store_check()
        .as_bytes();
    for content in [
        format!("{HEXADECIMAL}\n"),
        HEXADECIMAL.to_uppercase(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned(),
    ] {
        let key = master_key(content.as_bytes(), 0o600).expect(&content);
        assert!(key.store_check().matches(&expected), "{content}");
    }
}

#[test]
fn both_alphabets_of_base64_are_read() {
    let bytes = std::array::from_fn(|at| 0xff - u8::try_from(at).expect("below 32"));
    let expected = *MasterKey::from_bytes(bytes).store_check().as_bytes();
    for content in [
        "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA=",
        "__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA",
    ] {
        let key = master_key(content.as_bytes(), 0o600).expect(content);
        assert!(key.store_check().matches(&expected), "{content}");
    }
    assert!(
        refusal("//79_Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=".as_bytes(), 0o600).contains("is not usable")
    );
}

#[test]
fn a_folder_in_the_place_of_a_secret_is_called_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = SecretSource::File(folder.path().into()).master_key().expect_err("no file");
    assert!(matches!(error, SecretError::Unreadable { .. }), "{error:?}");
}

#[test]
fn r38_a_weak_admin_token_is_refused() {
    for content in ["", "admin", "mga_short"] {
        let (_place, path) = file(content.as_bytes(), 0o600);
        let error = SecretSource::File(path).admin_token().expect_err("weak");
        assert!(error.to_string().contains("32 to 512 random"), "{error}");
    }
    let (_place, path) = file(format!("mga_{}\n", "x".repeat(43)).as_bytes(), 0o600);
    let token = SecretSource::File(path).admin_token().expect("long enough");
    assert_eq!(token.expose_secret().len(), 47);
}

#[test]
fn a_secret_in_a_variable_that_is_not_set_says_which() {
    let source = SecretSource::Variable("MINTGATE_TEST_NEVER_SET".into());
    let error = source.master_key().expect_err("not set");
    assert_eq!(
        error.to_string(),
        "the master key is missing: the environment variable MINTGATE_TEST_NEVER_SET is not set"
    );
}

#[test]
fn a_secret_has_one_place() {
    let both =
        with("master_key_file = \"data/master.key\"", "master_key_file = \"a\"\nmaster_key_env = \"B\"");
    let said = problem(&both);
    assert!(
        said.starts_with("8:18: error: `store.master_key_file` and `store.master_key_env` are both there"),
        "{said}"
    );
    let variable = taken(&with("master_key_file = \"data/master.key\"", "master_key_env = \"KEY\""));
    assert_eq!(variable.store.master_key, SecretSource::Variable("KEY".into()));
    assert_eq!(variable.admin.token, SecretSource::File(Path::new("data/admin.token").into()));
    for nothing in ["master_key_file = \"\"", "master_key_env = \"\"", "master_key_env = \"A=B\""] {
        let said = problem(&with("master_key_file = \"data/master.key\"", nothing));
        assert!(said.ends_with("error: this names nothing"), "{said}");
    }
}

#[test]
fn r38_a_secret_in_the_file_is_refused_and_not_shown() {
    for text in [
        with("master_key_file = \"data/master.key\"", "master_key = \"hunter2\""),
        and("[admin]\ntoken = \"hunter2\""),
        and("[admin]\ntoken = \"\"\"\nhunter2\n\"\"\""),
        with("http://127.0.0.1:8000", "http://me:hunter2@127.0.0.1:8000"),
        with("sqlite:data/mintgate.db", "postgres://me:hunter2@db/mintgate"),
        and("[admin]\ntoken = hunter2 oops"),
    ] {
        let report = parse(&text, "mintgate.toml").expect_err("a secret");
        assert!(!report.to_string().contains("hunter2"), "{report}");
        assert!(!format!("{report:?}").contains("hunter2"), "{report:?}");
    }
    let said = problem(&and("[admin]\ntoken = \"hunter2\""));
    assert!(said.contains("secrets never stand in this file: name a file with `token_file`"), "{said}");
}
