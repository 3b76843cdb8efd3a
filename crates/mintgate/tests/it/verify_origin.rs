//! `mintgate verify-origin` where there is nothing to attack.

use std::net::TcpListener;

use crate::transcript::Folder;

#[test]
fn where_nobody_listens_it_ends_with_the_wait_and_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let url = format!("http://127.0.0.1:{port}/protected");
    let output =
        Folder::new().run(&["verify-origin", &url, "--wait", "1s", "--issuer-listen", "127.0.0.1:0"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("nobody listens at {url}")) && said.contains("within 1s"), "{said}");
    assert!(output.stdout.is_empty(), "there is nothing to report");
}

#[test]
fn no_time_at_all_is_no_time_for_an_answer() {
    insta::assert_snapshot!(
        Folder::new().transcript(&["verify-origin", "http://127.0.0.1:1/", "--timeout", "0s"]), @r#"
    $ mintgate verify-origin http://127.0.0.1:1/ --timeout 0s
    -- stderr
    error: invalid value '0s' for '--timeout <TIME>': an answer takes more than no time

    For more information, try '--help'.
    -- status 2
    "#);
}
