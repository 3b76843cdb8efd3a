//! `init`.

use std::os::unix::fs::PermissionsExt as _;

use crate::transcript::Folder;

#[test]
fn init_says_what_to_type_next() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.transcript(&["init", "d", "--origin", "http://127.0.0.1:9000"]), @r#"
    $ mintgate init d --origin http://127.0.0.1:9000
    -- stderr
    made d/mintgate.toml, which guards http://127.0.0.1:9000
    made d/data/master.key (keep it safe and backed up)
    made d/data/admin.token

    Next:
      mintgate serve --config d/mintgate.toml
      mintgate consumers create alice --config d/mintgate.toml
      mintgate keys create --consumer alice --config d/mintgate.toml
    -- status 0
    "#);
}

#[test]
fn init_overwrites_nothing() {
    let folder = Folder::new();
    folder.run(&["init", "d"]);
    let before = std::fs::read(folder.path().join("d/data/master.key")).expect("a master key");
    insta::assert_snapshot!(folder.transcript(&["init", "d"]), @r#"
    $ mintgate init d
    -- stderr
    mintgate: d/data exists; nothing was changed
    -- status 1
    "#);
    assert_eq!(std::fs::read(folder.path().join("d/data/master.key")).expect("a master key"), before);
}

#[test]
fn r38_init_shows_no_secret() {
    let folder = Folder::new();
    let output = folder.run(&["init", "d"]);
    for file in ["d/data/master.key", "d/data/admin.token"] {
        let path = folder.path().join(file);
        let secret = std::fs::read_to_string(&path).expect("a secret");
        let said = [&output.stdout[..], &output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains(secret.trim()));
        assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_origin_is_scheme_host_and_port() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.transcript(&["init", "d", "--origin", "http://me:secret@host/"]), @r#"
    $ mintgate init d --origin http://me:secret@host/
    -- stderr
    error: invalid value 'http://me:secret@host/' for '--origin <URL>': a URL may not hold a user or a password

    For more information, try '--help'.
    -- status 2
    "#);
    assert!(!folder.path().join("d").exists());
}
