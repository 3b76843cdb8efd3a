//! `mintgate serve`

use std::{io::IsTerminal as _, path::PathBuf};

use clap::Args;
use mintgate_server::config::{LogConfig, LogFormat, LogLevel};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::LevelFilter;

use crate::{commands::check, failure::Outcome, remote::USUAL_CONFIG, screen::Screen};

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = USUAL_CONFIG)]
    config: PathBuf,
}

impl Serve {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let (config, warnings) = check::load(&self.config, screen)?;
        let _lines_under_way = start_logging(config.log);
        for warning in warnings {
            tracing::warn!(config.warning = %warning, "the configuration works but may not be what was meant");
        }
        mintgate_server::serve(self.config, config)?;
        Ok(())
    }
}

/// Lines are written by a thread of their own, and lost before anybody waits: a worker that stood still because nobody
/// reads its log would be the worse loss. What is under way is written when the result is dropped.
fn start_logging(log: LogConfig) -> WorkerGuard {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(writer);
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    std::panic::set_hook(Box::new(log_panic));
    guard
}

/// Says where, and not what: a message may quote the value that broke, and that may be a secret (R38).
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let thread = std::thread::current();
    tracing::error!(
        panic.location = place.as_deref().unwrap_or("unknown"),
        thread.name = thread.name().unwrap_or("unnamed"),
        "panicked"
    );
}
