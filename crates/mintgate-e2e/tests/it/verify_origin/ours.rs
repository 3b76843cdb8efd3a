//! The examples: everything passes that should, and nothing that should not.

use std::{process::Command, thread};

use mintgate_e2e::axum_example;

use super::{attack, documented, report, rows_but, script, verdicts};

type Start = fn() -> Command;

const RESOURCE: [&str; 4] = ["--scope", "orders:read", "--upload-path", "/upload"];

#[test]
fn r02_to_r30_no_example_of_ours_lets_anything_hostile_pass_or_refuses_anything_good() {
    let examples: [(&str, Start); 5] = [
        ("CherryPy", || script("examples/cherrypy/app.py")),
        ("Flask", || script("examples/flask/app.py")),
        ("FastAPI", || script("examples/fastapi/app.py")),
        ("Django", || script("examples/django/app.py")),
        ("axum", axum_example),
    ];
    // Side by side: most of the time they wait for each other's time limits.
    thread::scope(|scope| {
        let attacked =
            examples.map(|(name, start)| (name, scope.spawn(move || attack(&start, "/orders", &RESOURCE))));
        for (name, ran) in attacked {
            let ran = ran.join().expect("its panic is shown");
            let report = report(&ran);
            let others = rows_but(&report, &["passed", "skipped"]);
            assert!(others.is_empty() && ran.status == Some(0), "{name}: {others:#?}");
            let skipped = rows_but(&report, &["passed"]);
            // A machine that is too busy may miss the moment in which an origin asks its issuer.
            let is_expected = |id: &str| id.starts_with("slow/") || id == "cold/redirect";
            let tried = |mut rows: Vec<(String, String)>| {
                rows.retain(|(id, _)| !is_expected(id));
                rows
            };
            assert_eq!(tried(verdicts(&report)), tried(documented("cherrypy.txt")), "{name}");
            assert!(
                skipped.iter().all(|row| row["id"].as_str().is_some_and(is_expected)),
                "{name}: {skipped:#?}"
            );
        }
    });
}

#[test]
fn r26_r42_withdrawn_keys_go_and_new_ones_come_while_strangers_flood_the_example() {
    let start = || script("examples/cherrypy/app.py");
    let ran = attack(&start, "/protected", &["--slow", "--only", "slow", "--only", "rotation"]);
    let report = report(&ran);
    assert!(rows_but(&report, &["passed"]).is_empty() && ran.status == Some(0), "{report:#}");
    assert_eq!(report["summary"]["passed"], 6, "{report:#}");
}
