//! Text offered as `mintgate.toml`: it is taken or reported, and reports point into the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mintgate_server::config::{Style, parse};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let report = match parse(text, "mintgate.toml") {
        Ok((config, warnings)) => {
            assert!(!config.server.listen.is_empty(), "a gateway without a listener");
            assert!(
                config.server.listen.iter().all(|data| *data != config.admin.listen || data.port() == 0),
                "management on the data listener"
            );
            for warning in warnings {
                assert!(!warning.render(Style::Plain).is_empty());
            }
            return;
        }
        Err(report) => report,
    };
    assert!(!report.problems().is_empty(), "refused without a reason");
    let lines = text.split('\n').count();
    for problem in report.problems() {
        assert!(problem.line().is_none_or(|line| (1..=lines).contains(&line)), "{problem}");
        assert!(!problem.message().is_empty());
    }
    assert!(!report.render(Style::Coloured).is_empty());
});
