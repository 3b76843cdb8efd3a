//! `[log]`: what is said of the work, and how.

use super::{
    section::{Default, Section},
    setting::choice,
};

/// What is logged, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogConfig {
    /// In which form.
    pub format: LogFormat,
    /// From which weight on.
    pub level: LogLevel,
}

choice!(
    /// The form of log lines.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
);

choice!(
    /// The weight from which on something is logged.
    LogLevel {
        /// What keeps the gateway from its work.
        Error = "error",
        /// What someone should look at.
        Warn = "warn",
        /// What happened.
        Info = "info",
        /// How it happened.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
);

pub(crate) fn read(section: &mut Section<'_>) -> LogConfig {
    let format = section.defaulted("format", Default::Text("text"), "The form of log lines.");
    let level =
        section.defaulted("level", Default::Text("info"), "The weight from which on something is logged.");
    LogConfig { format: format.value, level: level.value }
}
