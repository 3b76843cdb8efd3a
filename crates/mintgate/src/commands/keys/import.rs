//! `mintgate keys import FILE`

mod rows;

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use mintgate_admin_api::{ImportKeys, ImportRow, ImportedKeys, MOST_IMPORTED, Problem, paths};
use mintgate_types::BucketName;

use self::rows::{BadRow, NumberedRow};
use crate::{
    args::{BucketArgs, FormatArgs, RemoteArgs},
    client::{Client, ClientError},
    failure::{Failure, Outcome},
    screen::{Screen, counted},
};

/// Arguments of `keys import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file, or - for stdin. CSV with a header, or JSON Lines: consumer, and key or sha256; if wanted label, scopes
    /// (separated by spaces in CSV) and expires.
    file: PathBuf,
    /// What is in the file; by its name if left out.
    #[arg(long, value_enum)]
    format: Option<ImportFormat>,
    /// Make consumers that do not exist.
    #[arg(long)]
    create_consumers: bool,
    /// Check everything and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Skip what stands before this line, as an import that stopped in the middle says.
    #[arg(long, value_name = "N", default_value_t = 1)]
    from_line: u64,
    /// How many keys are taken in at a time, all or none of them.
    #[arg(long, value_name = "N", default_value_t = 5000,
        value_parser = clap::value_parser!(u32).range(1..=MOST_IMPORTED as i64))]
    batch_size: u32,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    output: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// The forms of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ImportFormat {
    /// A JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

impl Import {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let format = self.format.map_or_else(|| by_name(&self.file), Ok)?;
        let rows = read(&self.file, format, self.from_line, screen)?;
        if rows.is_empty() {
            return Err(Failure::refused("there is no key to import"));
        }
        let client = self.remote.connect(screen)?;
        let mut import = Batches {
            client: &client,
            bucket: &self.bucket.bucket,
            size: self.batch_size as usize,
            create_consumers: self.create_consumers,
        };
        // Everything is checked before anything is kept, so that a mistake in the last line shows before the first is in.
        let progress = screen.progress(Some(rows.len() as u64), "checking");
        let (rows, checked) = import.check(rows, &progress, screen)?;
        progress.finish_and_clear();
        let done = if self.dry_run {
            checked
        } else {
            let progress = screen.progress(Some(rows.len() as u64), "importing");
            let done = import.keep(rows, &progress, screen)?;
            progress.finish_and_clear();
            done
        };
        let (keys, consumers) =
            (counted(done.imported, "key"), counted(done.consumers_created, "new consumer"));
        let what = if done.dry_run { "would import" } else { "imported" };
        screen.say(format_args!("{what} {keys}, {consumers}"));
        if self.output.json { screen.json(&done) } else { Ok(()) }
    }
}

/// Sends rows in batches.
struct Batches<'a> {
    client: &'a Client,
    bucket: &'a BucketName,
    size: usize,
    create_consumers: bool,
}

impl Batches<'_> {
    /// Has every batch checked, and gives the rows back; or says what is wrong with every row that is wrong.
    fn check(
        &mut self,
        rows: Vec<NumberedRow>,
        progress: &ProgressBar,
        screen: &mut Screen,
    ) -> Result<(Vec<NumberedRow>, ImportedKeys), Failure> {
        let mut good = Vec::with_capacity(rows.len());
        let mut total = ImportedKeys { imported: 0, consumers_created: 0, dry_run: true };
        let mut wrong = 0;
        for batch in in_batches(rows, self.size) {
            let (lines, request) = self.request(batch, true);
            match self.client.post::<ImportedKeys>(&paths::import(self.bucket), &request) {
                Ok(done) => add(&mut total, &done),
                Err(error) => wrong += report(error, &lines, screen)?,
            }
            progress.inc(lines.len() as u64);
            good.extend(lines.into_iter().zip(request.keys).map(|(line, row)| NumberedRow { line, row }));
        }
        if wrong == 0 {
            return Ok((good, total));
        }
        Err(Failure::refused(format_args!("{}; nothing was imported", counted(wrong, "problem"))))
    }

    fn keep(
        &mut self,
        rows: Vec<NumberedRow>,
        progress: &ProgressBar,
        screen: &mut Screen,
    ) -> Result<ImportedKeys, Failure> {
        let mut total = ImportedKeys { imported: 0, consumers_created: 0, dry_run: false };
        for batch in in_batches(rows, self.size) {
            let (lines, request) = self.request(batch, false);
            let result = self.client.post::<ImportedKeys>(&paths::import(self.bucket), &request);
            match result {
                Ok(done) => add(&mut total, &done),
                Err(error) => {
                    if total.imported > 0 {
                        screen.say(format_args!("imported before this: {}", counted(total.imported, "key")));
                    }
                    let from = lines.first().copied().unwrap_or(1);
                    screen.say(format_args!("to go on from here: --from-line {from}"));
                    report(error, &lines, screen)?;
                    return Err(Failure::Said);
                }
            }
            progress.inc(lines.len() as u64);
        }
        Ok(total)
    }

    fn request(&self, batch: Vec<NumberedRow>, dry_run: bool) -> (Vec<u64>, ImportKeys) {
        let (lines, keys): (Vec<u64>, Vec<ImportRow>) =
            batch.into_iter().map(|row| (row.line, row.row)).unzip();
        (lines, ImportKeys { keys, create_consumers: self.create_consumers, dry_run })
    }
}

/// A consumer that several batches of a dry run would make is counted by each of them, so the sum is an upper bound.
fn add(total: &mut ImportedKeys, done: &ImportedKeys) {
    total.imported += done.imported;
    total.consumers_created += done.consumers_created;
}

fn in_batches(rows: Vec<NumberedRow>, size: usize) -> impl Iterator<Item = Vec<NumberedRow>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let batch: Vec<_> = rows.by_ref().take(size).collect();
        (!batch.is_empty()).then_some(batch)
    })
}

/// Says what is wrong with rows, by their lines, and how many problems that were. Other errors go up.
fn report(error: ClientError, lines: &[u64], screen: &mut Screen) -> Result<usize, Failure> {
    let Some(problem) = error.problem().filter(|problem| !problem.errors.is_empty()) else {
        return Err(error.into());
    };
    for line in by_line(problem, lines) {
        screen.say(line);
    }
    Ok(problem.errors.len())
}

fn by_line(problem: &Problem, lines: &[u64]) -> Vec<String> {
    let place = |field: &str| {
        let (position, field) = field.strip_prefix("keys[")?.split_once(']')?;
        let line = lines.get(position.parse::<usize>().ok()?)?;
        Some(format!("line {line}{}", field.replace('.', ": ")))
    };
    let told = |error: &mintgate_admin_api::FieldProblem| {
        let place = place(&error.field).unwrap_or_else(|| error.field.clone());
        format!("{place}: {}", other_lines(&error.message, lines))
    };
    problem.errors.iter().map(told).collect()
}

/// A message may point to another row.
fn other_lines(message: &str, lines: &[u64]) -> String {
    let pointed = message.split_once("keys[").and_then(|(before, rest)| {
        let (position, after) = rest.split_once(']')?;
        let line = lines.get(position.parse::<usize>().ok()?)?;
        Some(format!("{before}line {line}{after}"))
    });
    pointed.unwrap_or_else(|| message.to_owned())
}

fn by_name(file: &Path) -> Result<ImportFormat, Failure> {
    let extension = file.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    match extension.as_deref() {
        Some("csv") => Ok(ImportFormat::Csv),
        Some("jsonl" | "ndjson") => Ok(ImportFormat::Jsonl),
        _ => Err(Failure::Usage("say --format csv or --format jsonl: the file's name does not".to_owned())),
    }
}

fn read(
    file: &Path,
    format: ImportFormat,
    from_line: u64,
    screen: &mut Screen,
) -> Result<Vec<NumberedRow>, Failure> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        let open = File::open(file);
        Box::new(open.map_err(|error| Failure::refused(format_args!("{}: {error}", file.display())))?)
    };
    let source = BufReader::new(source);
    let (rows, bad) = match format {
        ImportFormat::Csv => rows::csv(source)?,
        ImportFormat::Jsonl => rows::json_lines(source)?,
    };
    if bad.is_empty() {
        return Ok(rows.into_iter().filter(|row| row.line >= from_line).collect());
    }
    for BadRow { line, message } in &bad {
        screen.say(format_args!("line {line}: {message}"));
    }
    Err(Failure::refused(format_args!("{}; nothing was imported", counted(bad.len(), "problem"))))
}

#[cfg(test)]
mod tests {
    use mintgate_admin_api::{FieldProblem, ProblemCode};

    use super::*;

    #[test]
    fn problems_are_told_by_the_lines_of_the_file() {
        let mut problem = Problem::new(422, ProblemCode::InvalidField, "r".into());
        for (field, message) in [
            ("keys[1].expires", "must be in the future"),
            ("keys[2].key", "is the key of keys[0]"),
            ("x", "y"),
        ] {
            problem.errors.push(FieldProblem { field: field.into(), message: message.into() });
        }
        assert_eq!(
            by_line(&problem, &[2, 3, 5]),
            ["line 3: expires: must be in the future", "line 5: key: is the key of line 2", "x: y"]
        );
    }
}
