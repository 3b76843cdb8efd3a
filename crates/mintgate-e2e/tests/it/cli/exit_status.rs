//! 0 for done, 1 for refused, 2 for used wrongly; and a refusal says what to do.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use mintgate_e2e::{Gateway, Origin, Ran, ReservedPort, mintgate, run};

fn gateway() -> Gateway {
    // Nothing is forwarded here; the port is one where nobody listens.
    Gateway::before(ReservedPort::new().address())
}

#[test]
fn what_cannot_be_is_refused_with_one_and_its_reason() {
    let gateway = gateway();
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    for (arguments, says) in [
        (&["consumers", "create", "alice"][..], "a consumer of this name exists"),
        (&["consumers", "show", "bob"], "there is no such consumer"),
        (&["consumers", "delete", "bob"], "there is no such consumer"),
        (&["consumers", "update", "bob", "--disable"], "there is no such consumer"),
        (&["keys", "create", "--consumer", "bob"], "there is no such consumer"),
        (&["keys", "create", "--consumer", "alice", "--bucket", "staging"], "there is no such bucket"),
        (
            &["keys", "create", "--consumer", "alice", "--expires", "2001-01-01T00:00:00Z"],
            "must be in the future",
        ),
        (&["keys", "roll", "--consumer", "alice"], "no active key to roll"),
        (&["keys", "revoke", "0123456789ab"], "there is no such key"),
        (&["signing-keys", "retire", "nobody"], "there is no such signing key"),
    ] {
        let said = gateway.cli(arguments).refused(1);
        assert_eq!(said.to_lowercase().matches(says).count(), 1, "{arguments:?}: {said}");
    }
}

#[test]
fn r38_a_key_in_the_place_of_its_id_is_not_repeated() {
    let gateway = gateway();
    let key = gateway.key_for("alice");
    for arguments in [&["keys", "revoke", &key][..], &["keys", "roll", "--consumer", "alice", "--key", &key]]
    {
        let said = gateway.cli(arguments).refused(2);
        assert!(said.contains("between a key's prefix and its secret"), "{said}");
        assert!(!said.contains(&key), "{said}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_two_before_anything_is_asked() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for arguments in [
        &[][..],
        &["nonsense"],
        &["keys", "create"],
        &["keys", "revoke", "not-a-key-id"],
        &["keys", "create", "--consumer", "no spaces please"],
        &["keys", "create", "--consumer", "alice", "--expires", "soon"],
        &["keys", "roll", "--consumer", "alice", "--grace", "-1h"],
        &["consumers", "create", "alice", "--tag", "no-equals-sign"],
        &["token", "verify", "--jwks", "x", "a.b.c"],
        // No configuration here, and nothing else that says where the admin API is.
        &["keys", "list"],
        &["keys", "list", "--admin-url", "nonsense"],
        // The admin token is not sent in clear text over a network.
        &["keys", "list", "--admin-url", "http://192.0.2.1:8081", "--admin-token-file", "none"],
    ] {
        let said = run(mintgate().current_dir(folder.path()).args(arguments), "").refused(2);
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    }
    let gateway = gateway();
    let _ = gateway.cli(&["consumers", "create", "alice"]).done();
    let _ = gateway.cli(&["consumers", "update", "alice"]).refused(2);
    let _ = gateway.cli(&["consumers", "create", "bob", "--metadata", "{"]).refused(2);
}

#[test]
fn help_and_version_are_no_refusals() {
    for arguments in [&["--help"][..], &["help", "keys"], &["keys", "create", "--help"], &["--version"]] {
        assert!(!run(mintgate().args(arguments), "").done().is_empty());
    }
}

#[test]
fn nobody_manages_without_the_admin_token() {
    let gateway = gateway();
    let (folder, url) = (gateway.home(), format!("http://{}", gateway.admin_address()));
    let with_token = |file: &Path| -> Ran {
        let file = file.to_str().expect("a path of ours");
        run(mintgate().args(["keys", "list", "--admin-url", &url, "--admin-token-file", file]), "")
    };
    let write = |name: &str, text: &str, mode: u32| {
        let file = folder.join(name);
        fs::write(&file, text).expect("a folder of our own");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("a file of our own");
        file
    };
    let _ = with_token(&folder.join("data/admin.token")).done();
    let other = "AdminTokenThatNobodyEverMadeAnywhere000000000000";
    let said = with_token(&write("other.token", other, 0o600)).refused(1);
    assert!(said.contains("does not know this admin token"), "{said}");
    assert!(!said.contains(other), "{said}");
    let said = with_token(&write("short.token", "guess", 0o600)).refused(1);
    assert!(said.contains("32 to 512"), "{said}");
    let said = with_token(&write("open.token", other, 0o644)).refused(1);
    assert!(said.contains("can be read by others") && said.contains("chmod 600"), "{said}");
    let said = with_token(&folder.join("no.token")).refused(1);
    assert!(said.contains("there is no file"), "{said}");
}

#[test]
fn a_wrong_address_of_the_admin_api_is_told_from_a_wrong_token() {
    let (gateway, nobody) = (gateway(), ReservedPort::new());
    let token = gateway.home().join("data/admin.token");
    let at = |url: &str| -> String {
        let mut command = mintgate();
        command.args(["keys", "list", "--admin-url", url, "--admin-token-file"]).arg(&token);
        run(&mut command, "").refused(1)
    };
    let said = at(&format!("http://{}", nobody.address()));
    assert!(said.contains("mintgate serve") && said.contains(&nobody.address().to_string()), "{said}");
    let said = at(&format!("http://{}", gateway.address()));
    assert!(said.contains("does not answer like an admin API") && said.contains("admin.listen"), "{said}");
    let page = Origin::answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>");
    let said = at(&format!("http://{}", page.address()));
    assert!(said.contains("does not answer like an admin API"), "{said}");
}
