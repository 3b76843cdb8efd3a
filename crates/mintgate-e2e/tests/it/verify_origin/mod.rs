//! `mintgate verify-origin` against real origins: ours let nothing pass, others show what it finds.

mod modes;
mod naive;
mod ours;

use std::{process::Command, time::Duration};

use mintgate_e2e::{Ran, ReservedPort, Server, mintgate, python, repository, run_beside};
use serde_json::Value;

/// A command that starts an origin which listens at a port.
type MakeOrigin<'a> = dyn Fn() -> Command + Sync + 'a;

/// An example or an origin of these tests in Python.
fn script(path: &str) -> Command {
    let mut command = python();
    command.arg(repository().join(path));
    command
}

/// Attacks an origin that trusts the kit's own issuer. The origin starts when the kit waits for it.
fn attack(origin: &MakeOrigin<'_>, resource: &str, arguments: &[&str]) -> Ran {
    let (port, issuer) = (ReservedPort::new(), ReservedPort::new());
    let mut kit = mintgate();
    kit.arg("verify-origin").arg(format!("http://{}{resource}", port.address()));
    kit.args(["--issuer-listen", &issuer.address().to_string(), "--json"]).args(arguments);
    run_beside(&mut kit, "waiting for the origin to listen", PATIENCE, || {
        let mut command = origin();
        command.args(["--issuer", &format!("http://{}", issuer.address()), "--audience", "orders"]);
        command.args(["--port", &port.address().port().to_string()]);
        Server::start(&mut command, port.address())
    })
}

/// The report on an attack; fails the test if there is none.
fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}\nstdout: {}\nstderr: {}", ran.stdout, ran.stderr))
}

/// Names and verdicts, in their order.
fn verdicts(report: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, member: &str| row[member].as_str().expect(member).to_owned();
    let rows = report["rows"].as_array().expect("rows").iter();
    rows.map(|row| (text(row, "id"), text(row, "verdict"))).collect()
}

/// The rows with other verdicts than these, in full.
fn rows_but<'a>(report: &'a Value, verdicts: &[&str]) -> Vec<&'a Value> {
    let is_other = |row: &&Value| !verdicts.contains(&row["verdict"].as_str().expect("a verdict"));
    report["rows"].as_array().expect("rows").iter().filter(is_other).collect()
}

/// Names and verdicts of a report in the documentation.
fn documented(name: &str) -> Vec<(String, String)> {
    let path = repository().join("docs/reports").join(name);
    let text = std::fs::read_to_string(path).expect("`make reports` writes it");
    let rows = text.lines().filter_map(|line| {
        let (words, verdict) = VERDICTS.into_iter().find(|(words, _)| line.starts_with(words))?;
        // Rows have their columns; what went wrong is told once more in full, after one space.
        let id = line[words.len()..].strip_prefix("  ")?.split_whitespace().next()?;
        id.contains('/').then(|| (id.to_owned(), verdict.to_owned()))
    });
    rows.collect()
}

const VERDICTS: [(&str, &str); 5] = [
    ("ok", "passed"),
    ("HOSTILE PASSED", "hostile_passed"),
    ("GOOD REFUSED", "good_refused"),
    ("wrong manner", "wrong_manner"),
    ("skipped", "skipped"),
];

/// With an origin that asks its issuer less and less often, and a busy machine.
const PATIENCE: Duration = Duration::from_mins(5);
