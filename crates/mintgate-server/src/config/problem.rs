//! What is wrong with a configuration, where, and what to do about it.

use std::{fmt, ops::Range, sync::Arc};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::mask::masked;

/// A configuration file as reports show it: secrets that do not belong there are masked.
pub(crate) struct Source {
    name: String,
    text: String,
}

impl Source {
    pub(crate) fn new(name: &str, text: &str) -> Arc<Self> {
        Arc::new(Self { name: name.to_owned(), text: masked(text) })
    }
}

/// Whether a report uses colours; only terminals should get them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With the control sequences of terminals.
    Coloured,
}

/// A place in the configuration and what is to be said of it.
#[derive(Clone)]
struct Remark {
    source: Arc<Source>,
    /// `None` when it is about the file as a whole.
    span: Option<Range<usize>>,
    message: String,
    hint: Option<String>,
    related: Option<(Range<usize>, String)>,
}

/// Something that keeps the configuration from being used.
#[derive(Clone)]
pub struct Problem(Remark);

/// Something that works but is probably not what was meant.
#[derive(Clone)]
pub struct Warning(Remark);

/// Everything that is wrong with a configuration, in the order of the file.
#[derive(Debug, Clone, thiserror::Error)]
pub struct ConfigReport {
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

/// A remark while it is put together.
pub(crate) struct Finding {
    span: Option<Range<usize>>,
    message: String,
    hint: Option<String>,
    related: Option<(Range<usize>, String)>,
}

impl Finding {
    pub(crate) fn new(span: impl Into<Option<Range<usize>>>, message: impl Into<String>) -> Self {
        Self { span: span.into(), message: message.into(), hint: None, related: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.hint = hint.into();
        self
    }

    pub(crate) fn advice(self, hint: &str) -> Self {
        self.hint(hint.to_owned())
    }

    pub(crate) fn related(mut self, span: Option<Range<usize>>, label: &str) -> Self {
        self.related = span.map(|span| (span, label.to_owned()));
        self
    }

    pub(crate) fn into_problem(self, source: &Arc<Source>) -> Problem {
        Problem(self.into_remark(source))
    }

    pub(crate) fn into_warning(self, source: &Arc<Source>) -> Warning {
        Warning(self.into_remark(source))
    }

    fn into_remark(self, source: &Arc<Source>) -> Remark {
        let Self { span, message, hint, related } = self;
        let span = span.map(|span| source.fit(&span));
        let related = related.map(|(span, label)| (source.fit(&span), label));
        Remark { source: Arc::clone(source), span, message, hint, related }
    }
}

impl Source {
    /// A range that can be shown: inside the text, and on the boundaries of characters.
    fn fit(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let end = self.text.ceil_char_boundary(span.end.clamp(start, self.text.len()));
        start..end
    }
}

impl Remark {
    fn line(&self) -> Option<usize> {
        let before = &self.source.text[..self.span.as_ref()?.start];
        Some(before.matches('\n').count() + 1)
    }

    fn column(&self) -> Option<usize> {
        let before = &self.source.text[..self.span.as_ref()?.start];
        Some(before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
    }

    fn start(&self) -> usize {
        self.span.as_ref().map_or(0, |span| span.start)
    }

    fn render(&self, level: Level<'static>, style: Style) -> String {
        let mut group = Group::with_title(level.primary_title(&self.message));
        if let Some(span) = &self.span {
            let mut snippet = Snippet::source(&self.source.text).path(&self.source.name);
            snippet = snippet.annotation(AnnotationKind::Primary.span(span.clone()));
            if let Some((related, label)) = &self.related {
                snippet = snippet.annotation(AnnotationKind::Context.span(related.clone()).label(label));
            }
            group = group.element(snippet);
        }
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(hint));
        }
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        renderer.render(&[group])
    }

    /// `mintgate.toml:3:1: what is wrong (what to do)`.
    fn write_line(&self, formatter: &mut fmt::Formatter<'_>, level: &str) -> fmt::Result {
        write!(formatter, "{}:", self.source.name)?;
        if let (Some(line), Some(column)) = (self.line(), self.column()) {
            write!(formatter, "{line}:{column}:")?;
        }
        write!(formatter, " {level}: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(formatter, " ({hint})"),
            None => Ok(()),
        }
    }
}

macro_rules! remark {
    ($name:ident, $level:expr, $word:literal) => {
        impl $name {
            /// The line, counted from one; `None` when it is about the file as a whole.
            #[must_use]
            pub fn line(&self) -> Option<usize> {
                self.0.line()
            }

            /// The column in characters, counted from one.
            #[must_use]
            pub fn column(&self) -> Option<usize> {
                self.0.column()
            }

            /// What there is to say.
            #[must_use]
            pub fn message(&self) -> &str {
                &self.0.message
            }

            /// What to do about it, where that is known.
            #[must_use]
            pub fn hint(&self) -> Option<&str> {
                self.0.hint.as_deref()
            }

            /// With the lines of the file that it is about.
            #[must_use]
            pub fn render(&self, style: Style) -> String {
                self.0.render($level, style)
            }
        }

        impl fmt::Display for $name {
            /// One line.
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.write_line(formatter, $word)
            }
        }

        impl fmt::Debug for $name {
            /// One line, because a dump of the whole source says nothing.
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }
    };
}

remark!(Problem, Level::ERROR, "error");
remark!(Warning, Level::WARNING, "warning");

impl ConfigReport {
    pub(crate) fn new(mut problems: Vec<Problem>, mut warnings: Vec<Warning>) -> Self {
        problems.sort_by_key(|problem| problem.0.start());
        warnings.sort_by_key(|warning| warning.0.start());
        Self { problems, warnings }
    }

    /// All problems; at least one.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What would be warned of besides.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// All of them with the lines that they are about.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let problems = self.problems.iter().map(|problem| problem.render(style));
        let warnings = self.warnings.iter().map(|warning| warning.render(style));
        problems.chain(warnings).collect::<Vec<_>>().join("\n\n")
    }
}

impl fmt::Display for ConfigReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.render(Style::Plain))
    }
}
