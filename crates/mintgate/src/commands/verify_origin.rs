//! `mintgate verify-origin URL`

mod guest;
mod tokens;

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use clap::Args;
use mintgate_admin_api::Span;
use mintgate_probe::{Algorithm, Leniency, Paint, Plan, Probe, Reach, Report, Selection, Target, Tokens};
use mintgate_types::{OsEntropy, SystemClock};

use crate::{
    failure::{Failure, Outcome},
    screen::Screen,
};

/// Arguments of `verify-origin`.
#[derive(Debug, Args)]
pub(crate) struct VerifyOrigin {
    /// The protected resource of the origin, such as <http://127.0.0.1:8000/protected>.
    #[arg(value_name = "URL")]
    url: String,
    /// The path of the protected resource, in the place of the URL's.
    #[arg(long, value_name = "PATH", value_parser = path)]
    path: Option<String>,
    /// The method of the protected resource.
    #[arg(long, value_name = "METHOD", default_value = "GET", value_parser = method)]
    method: String,
    /// Where the origin takes a POST, to try uploads; the resource itself if left out.
    #[arg(long, value_name = "PATH", value_parser = path)]
    upload_path: Option<String>,
    /// The audience that the origin checks.
    #[arg(long, value_name = "NAME", default_value = "orders")]
    audience: String,
    /// A scope that the resource asks for; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The `typ` of good tokens.
    #[arg(long, value_name = "TYPE", default_value = "at+jwt")]
    typ: String,
    /// An algorithm that the origin is to accept; may be repeated. All of ours if left out.
    #[arg(long = "alg", value_name = "ALG")]
    algorithms: Vec<Algorithm>,
    /// A line that every request has, such as 'X-Tenant: 7'; may be repeated.
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = line)]
    lines: Vec<String>,
    /// How long an answer may take.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = some_time)]
    timeout: Span,
    /// How long the origin may take to listen and to accept the first good token.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    wait: Span,
    /// Also try what takes minutes: withdrawn keys, a long outage.
    #[arg(long)]
    slow: bool,
    /// Only this group (claims) or case (claims/exp-past); may be repeated.
    #[arg(long, value_name = "GROUP")]
    only: Vec<String>,
    /// Not this group or case; may be repeated.
    #[arg(long, value_name = "GROUP")]
    skip: Vec<String>,
    /// Attack an origin outside of loopback and private networks. Do so only with the consent of whoever runs it.
    #[arg(long)]
    i_may_attack_this_host: bool,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    tokens: tokens::TokenArgs,
}

/// What becomes of the report.
#[derive(Debug, Args)]
struct OutputArgs {
    /// Do not fail over refusals in the wrong manner; they are shown all the same.
    #[arg(long)]
    lenient: bool,
    /// Put out JSON, for programs.
    #[arg(long)]
    json: bool,
    /// Also write the report as `JUnit` does, for continuous integration.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

impl VerifyOrigin {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let leniency = if self.output.lenient { Leniency::ForgiveManners } else { Leniency::Strict };
        let (json, junit) = (self.output.json, self.output.junit.clone());
        let report = self.report(screen)?;
        if let Some(file) = junit {
            std::fs::write(&file, report.junit(leniency)).map_err(|error| {
                Failure::Refused(anyhow::Error::new(error).context(file.display().to_string()))
            })?;
        }
        if json {
            screen.json(&report)?;
        } else {
            let paint = if screen.is_read_by_a_person() { Paint::Coloured } else { Paint::Plain };
            screen.write(report.text(paint).as_bytes())?;
            screen.finish()?;
        }
        if report.has_failed(leniency) { Err(Failure::Said) } else { Ok(()) }
    }

    fn report(self, screen: &mut Screen) -> Result<Report, Failure> {
        let mut plan = self.plan()?;
        let tokens::Source { tokens, audience, guest } = self.tokens.read(&plan.scopes, screen)?;
        if let Some(audience) = audience {
            plan.audience = audience;
        }
        let report = attack(plan, tokens, screen);
        guest.map_or(Ok(()), guest::Guest::leave).and(report)
    }

    fn plan(&self) -> Result<Plan, Failure> {
        let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
        let reach = if self.i_may_attack_this_host { Reach::Anywhere } else { Reach::PrivateOnly };
        let mut target = Target::resolve(&self.url, reach).map_err(|error| match error {
            mintgate_probe::InvalidTarget::Public { .. } => {
                Failure::Usage(format!("{error}, and say --i-may-attack-this-host"))
            }
            error => usage(&error),
        })?;
        if let Some(path) = &self.path {
            target = target.with_path(path);
        }
        let selection =
            Selection::new(self.only.clone(), self.skip.clone()).map_err(|error| usage(&error))?;
        let algorithms =
            if self.algorithms.is_empty() { Algorithm::OURS.to_vec() } else { self.algorithms.clone() };
        Ok(Plan {
            target,
            method: self.method.clone(),
            upload_path: self.upload_path.clone(),
            audience: self.audience.clone(),
            scopes: self.scopes.clone(),
            typ: self.typ.clone(),
            algorithms,
            lines: self.lines.clone(),
            timeout: time(self.timeout),
            wait: time(self.wait),
            slow: self.slow,
            selection,
        })
    }
}

fn attack(plan: Plan, tokens: Tokens, screen: &mut Screen) -> Result<Report, Failure> {
    let audience = plan.audience.clone();
    let has_own_issuer = matches!(tokens, Tokens::Own(_));
    let probe = Probe::new(plan, tokens, Arc::new(SystemClock), Arc::new(OsEntropy))?;
    if has_own_issuer {
        let issuer = probe.issuer_url();
        screen.say(format_args!("the origin must trust the issuer {issuer} for the audience {audience}"));
    }
    Ok(probe.run(&mut |what| screen.say(format_args!("... {what}")))?)
}

fn time(span: Span) -> Duration {
    span.duration().unsigned_abs()
}

/// What may stand in a request line, unchanged.
fn path(text: &str) -> Result<String, &'static str> {
    let is_path = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if is_path { Ok(text.to_owned()) } else { Err("expected a path that begins with / and is encoded") }
}

/// In no time at all, nobody answers.
fn some_time(text: &str) -> Result<Span, String> {
    match text.parse() {
        Ok(Span::ZERO) => Err("an answer takes more than no time".to_owned()),
        Ok(span) => Ok(span),
        Err(error) => Err(format!("{error}")),
    }
}

fn method(text: &str) -> Result<String, &'static str> {
    let method = http::Method::from_str(text).map_err(|_| "expected a method such as GET")?;
    Ok(method.as_str().to_owned())
}

fn line(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str = "expected NAME: VALUE";
    let (name, value) = text.split_once(':').ok_or(EXPECTED)?;
    http::HeaderName::from_str(name).map_err(|_| EXPECTED)?;
    http::HeaderValue::from_str(value.trim()).map_err(|_| EXPECTED)?;
    Ok(format!("{name}: {}", value.trim()))
}
