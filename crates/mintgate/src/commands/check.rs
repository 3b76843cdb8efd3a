//! `mintgate check`

use std::path::{Path, PathBuf};

use clap::Args;
use mintgate_server::config::{self, Config, ConfigReport, Problem, Warning};
use serde::Serialize;

use crate::{
    args::FormatArgs,
    failure::{Failure, Outcome},
    remote::USUAL_CONFIG,
    screen::{Screen, counted},
};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The configuration.
    #[arg(long, value_name = "FILE", default_value = USUAL_CONFIG)]
    config: PathBuf,
    /// Print a JSON Schema of configurations instead, for editors.
    #[arg(long)]
    schema: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// What was found, for programs.
#[derive(Serialize)]
struct Report {
    problems: Vec<Remark>,
    warnings: Vec<Remark>,
}

#[derive(Serialize)]
struct Remark {
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    hint: Option<String>,
}

impl Check {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        if self.schema {
            return screen.json(&config::schema());
        }
        if self.format.json {
            return self.run_for_programs(screen);
        }
        let (config, warnings) = load(&self.config, screen)?;
        for warning in &warnings {
            screen.say(format_args!("{}\n", warning.render(screen.style())));
        }
        for problem in unready_secrets(&config) {
            screen.say(format_args!("warning: {problem}\n"));
        }
        screen.say(format_args!(
            "{} is in order: {}, {}",
            self.config.display(),
            counted(config.routes.iter().len(), "route"),
            counted(config.origins.len(), "origin")
        ));
        Ok(())
    }

    fn run_for_programs(&self, screen: &mut Screen) -> Outcome {
        match config::load(&self.config) {
            Ok((config, warnings)) => {
                let secrets = unready_secrets(&config).into_iter().map(|message| Remark {
                    line: None,
                    column: None,
                    message,
                    hint: None,
                });
                let warnings = warnings.iter().map(Remark::of_warning).chain(secrets).collect();
                screen.json(&Report { problems: Vec::new(), warnings })
            }
            Err(report) => {
                screen.json(&Report::from(&report))?;
                Err(Failure::Said)
            }
        }
    }
}

/// Reads a configuration, or says everything that is wrong with it.
pub(crate) fn load(path: &Path, screen: &mut Screen) -> Result<(Config, Vec<Warning>), Failure> {
    config::load(path).map_err(|report| {
        screen.say(report.render(screen.style()));
        let problems = counted(report.problems().len(), "problem");
        screen.say(format_args!("\nmintgate: {} has {problems}", path.display()));
        Failure::Said
    })
}

/// What would keep this machine from serving, though the configuration itself is in order.
fn unready_secrets(config: &Config) -> Vec<String> {
    let master_key = config.store.master_key.master_key().err();
    let admin_token = config.admin.token.admin_token().err();
    [master_key, admin_token].into_iter().flatten().map(|error| error.to_string()).collect()
}

impl Remark {
    fn of_problem(problem: &Problem) -> Self {
        Self {
            line: problem.line(),
            column: problem.column(),
            message: problem.message().to_owned(),
            hint: problem.hint().map(str::to_owned),
        }
    }

    fn of_warning(warning: &Warning) -> Self {
        Self {
            line: warning.line(),
            column: warning.column(),
            message: warning.message().to_owned(),
            hint: warning.hint().map(str::to_owned),
        }
    }
}

impl From<&ConfigReport> for Report {
    fn from(report: &ConfigReport) -> Self {
        Self {
            problems: report.problems().iter().map(Remark::of_problem).collect(),
            warnings: report.warnings().iter().map(Remark::of_warning).collect(),
        }
    }
}
