//! Where output goes: data to stdout, talk to stderr.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mintgate_server::config::Style;
use serde::Serialize;

use crate::failure::{Outcome, written};

/// Both outputs of the process.
pub(crate) struct Screen {
    data: io::BufWriter<io::Stdout>,
    talk: io::Stderr,
}

impl Screen {
    /// The process's own.
    pub(crate) fn standard() -> Self {
        Self { data: io::BufWriter::new(io::stdout()), talk: io::stderr() }
    }

    /// Data: a line of text.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Outcome {
        written(writeln!(self.data, "{line}").and_then(|()| self.data.flush()))
    }

    /// Data: JSON, indented for those who look at it.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Outcome {
        let text = serde_json::to_string_pretty(value)?;
        self.line(text)
    }

    /// Data: bytes as they are, for those who write much; call [`finish`](Self::finish) at the end.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Outcome {
        written(self.data.write_all(bytes))
    }

    /// Puts out what was written.
    pub(crate) fn finish(&mut self) -> Outcome {
        written(self.data.flush())
    }

    /// Talk: a line. That nobody listens is no reason to stop.
    pub(crate) fn say(&mut self, line: impl fmt::Display) {
        drop(writeln!(self.talk, "{line}"));
    }

    /// Whether data goes to a terminal.
    pub(crate) fn is_read_by_a_person(&self) -> bool {
        self.data.get_ref().is_terminal()
    }

    /// Whether talk may have colours.
    pub(crate) fn style(&self) -> Style {
        if self.talk.is_terminal() { Style::Coloured } else { Style::Plain }
    }

    /// A progress bar on stderr; invisible where that is not a terminal.
    pub(crate) fn progress(&self, length: Option<u64>, what: &'static str) -> ProgressBar {
        if !self.talk.is_terminal() {
            return ProgressBar::hidden();
        }
        let template = match length {
            Some(_) => "{prefix} {wide_bar} {human_pos}/{human_len} {eta}",
            None => "{prefix} {spinner} {human_pos}",
        };
        let style = ProgressStyle::with_template(template).expect("the template is one");
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        bar.with_style(style).with_prefix(what)
    }
}

/// A number of things in words.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
