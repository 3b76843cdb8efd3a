//! One folder and one port are for one gateway; secrets are whole and private.

use std::{fs, os::unix::fs::PermissionsExt};

use mintgate_e2e::{Gateway, Origin, Request};

#[test]
fn a_second_serve_on_the_same_folder_is_refused_and_the_first_serves_on() {
    let origin = Origin::echo();
    let gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    let said = gateway.cli(&["serve"]).refused(1);
    assert!(said.contains("another process is using the store"), "{said}");
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
    let _ = gateway.cli(&["consumers", "create", "bob"]).done();
}

#[test]
fn a_second_gateway_on_a_taken_port_is_refused_and_gets_no_request() {
    let origin = Origin::echo();
    let first = Gateway::builder().server("workers = 2").origin("orders", origin.address()).start();
    let key = first.key_for("alice");
    let other = Gateway::prepare(
        &Gateway::builder()
            .server(&format!("listen = [\"{}\"]", first.address()))
            .origin("orders", origin.address()),
    );
    let said = other.cli(&["serve"]).refused(1);
    assert!(said.contains(&format!("cannot listen on {}", first.address())), "{said}");
    for _ in 0..20 {
        assert_eq!(first.ask(&Request::get("/").key(&key)).status(), 200);
    }
    // The port of the admin API, too.
    let text = fs::read_to_string(other.config_file()).expect("it was written");
    let text = text
        .replace(&first.address().to_string(), &other.address().to_string())
        .replace(&other.admin_address().to_string(), &first.admin_address().to_string());
    fs::write(other.config_file(), text).expect("a folder of our own");
    let said = other.cli(&["serve"]).refused(1);
    assert!(said.contains(&format!("cannot listen on {}", first.admin_address())), "{said}");
    let _ = first.cli(&["status"]).done();
}

#[test]
fn a_master_key_that_is_missing_cut_off_or_open_to_others_stops_the_start() {
    let origin = Origin::echo();
    let mut gateway = Gateway::before(origin.address());
    let key = gateway.key_for("alice");
    assert!(gateway.stop().success());
    let file = gateway.home().join("data/master.key");
    let whole = fs::read_to_string(&file).expect("init made it");
    let refused = |gateway: &Gateway| {
        let said = gateway.cli(&["serve"]).refused(1);
        assert!(said.contains("the master key"), "{said}");
        assert!(!said.contains(whole.trim()) && !said.contains(&whole[..20]), "{said}");
        said
    };
    fs::remove_file(&file).expect("it is there");
    let said = refused(&gateway);
    assert!(said.contains("is missing") && said.contains("master.key"), "{said}");
    let write = |text: &str, mode: u32| {
        fs::write(&file, text).expect("a folder of our own");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("a file of our own");
    };
    for cut in ["", &whole[..40], "not a key at all", &"00".repeat(32)] {
        write(cut, 0o600);
        let said = refused(&gateway);
        assert!(said.contains("is not usable"), "{said}");
    }
    for mode in [0o644, 0o640, 0o604, 0o660] {
        write(&whole, mode);
        let said = refused(&gateway);
        assert!(said.contains("can be read by others") && said.contains("chmod 600"), "{said}");
    }
    write(&whole, 0o600);
    gateway.boot();
    assert_eq!(gateway.ask(&Request::get("/").key(&key)).status(), 200);
}

#[test]
fn an_admin_token_that_is_missing_or_could_be_guessed_stops_the_start() {
    let origin = Origin::echo();
    let gateway = Gateway::prepare(&Gateway::builder().origin("orders", origin.address()));
    let file = gateway.home().join("data/admin.token");
    for weak in ["", "admin", "password", "a token of 32 characters and spaces"] {
        fs::write(&file, weak).expect("a folder of our own");
        let said = gateway.cli(&["serve"]).refused(1);
        assert!(said.contains("admin token"), "{weak}: {said}");
    }
    fs::remove_file(&file).expect("it is there");
    let said = gateway.cli(&["serve"]).refused(1);
    assert!(said.contains("the admin token is missing"), "{said}");
}
