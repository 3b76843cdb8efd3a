//! How reports look.

use super::with;
use crate::config::{Style, parse};

#[test]
fn a_report_shows_the_lines_that_it_is_about() {
    let text = with("name = \"orders\"", "nmae = \"orders\"");
    let report = parse(&text, "etc/mintgate.toml").expect_err("a typo");
    let expected = "\
error: `origin.name` is missing
 --> etc/mintgate.toml:8:1
  |
8 | [[origin]]
  | ^^^^^^^^^^
  |
  = help: What routes and logs call the origin.

error: unknown key `nmae` in `origin`
 --> etc/mintgate.toml:9:1
  |
9 | nmae = \"orders\"
  | ^^^^
  |
  = help: did you mean `name`?

error: there is no origin `orders`
  --> etc/mintgate.toml:13:10
   |
13 | origin = \"orders\"
   |          ^^^^^^^^
   |
   = help: there is no usable `[[origin]]`";
    assert_eq!(report.render(Style::Plain), expected);
    assert_eq!(report.to_string(), expected);
}

#[test]
fn colours_are_there_only_when_asked_for() {
    let report = parse("x = 1", "mintgate.toml").expect_err("unknown");
    assert!(!report.render(Style::Plain).contains('\u{1b}'));
    assert!(report.render(Style::Coloured).contains("\u{1b}["));
    assert!(!format!("{report:?}").contains('\u{1b}'));
}

#[test]
fn columns_are_counted_in_characters() {
    let report = parse("\"ä\u{1F680}\" = 1\n'é' = 2\nserver = { 'ö' = 1 }", "x").expect_err("unknown keys");
    let places: Vec<_> =
        report.problems().iter().filter_map(|problem| Some((problem.line()?, problem.column()?))).collect();
    assert!(places.contains(&(1, 1)) && places.contains(&(2, 1)) && places.contains(&(3, 12)), "{places:?}");
}
