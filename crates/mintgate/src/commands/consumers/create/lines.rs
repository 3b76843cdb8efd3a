//! Many consumers out of a file of JSON Lines.
//!
//! A line goes to the admin API to the letter: what it says twice, or with numbers that cannot be kept, is for one judge
//! to refuse. What comes back is put out as soon as a batch is made, because keys are shown once.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    num::NonZeroUsize,
    path::Path,
};

use mintgate_admin_api::{CreateConsumer, CreatedConsumers, MOST_CREATED, Problem, paths};
use mintgate_types::BucketName;
use zeroize::Zeroizing;

use crate::{
    client::{Client, ClientError},
    failure::{Failure, Outcome},
    screen::{Screen, counted},
};

/// The lines of a file that hold something, each with its number.
pub(super) struct Lines {
    lines: Vec<(usize, String)>,
}

impl Lines {
    /// Reads all of them, or says everything that is wrong with any.
    pub(super) fn read(file: &Path, start: Option<NonZeroUsize>) -> Result<Self, Failure> {
        let refused = |error: io::Error| Failure::refused(format_args!("{}: {error}", file.display()));
        let mut text = String::new();
        if file == Path::new("-") {
            io::stdin().read_to_string(&mut text).map_err(refused)?;
        } else {
            File::open(file).and_then(|mut file| file.read_to_string(&mut text)).map_err(refused)?;
        }
        Self::of(&text, start.map_or(1, NonZeroUsize::get))
    }

    fn of(text: &str, start: usize) -> Result<Self, Failure> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let lines: Vec<_> = numbered.filter(|(number, line)| *number >= start && !line.is_empty()).collect();
        let problems = lines.iter().filter_map(|(number, line)| {
            let error = serde_json::from_str::<CreateConsumer>(line).err()?;
            Some(format!("\n  line {number}: {}", in_the_line(&error)))
        });
        let problems: Vec<_> = problems.collect();
        if !problems.is_empty() {
            let count = counted(problems.len(), "line");
            return Err(Failure::refused(format_args!("{count} cannot be taken:{}", problems.concat())));
        }
        if lines.is_empty() {
            return Err(Failure::refused("there is no consumer to make"));
        }
        Ok(Self { lines: lines.into_iter().map(|(number, line)| (number, line.to_owned())).collect() })
    }

    /// Makes them, batch by batch, and puts out what was made.
    pub(super) fn make(&self, client: &Client, bucket: &BucketName, screen: &mut Screen) -> Outcome {
        let path = paths::consumers_batch(bucket);
        let progress = screen.progress(Some(self.lines.len() as u64), "consumers");
        let mut made = 0;
        for batch in batches(&self.lines) {
            let created = client.create_text::<CreatedConsumers>(&path, &body(batch));
            let created = created.map_err(|error| explain(error, batch, made))?;
            for consumer in &created.consumers {
                let mut line = Zeroizing::new(serde_json::to_vec(consumer)?);
                line.push(b'\n');
                screen.write(&line)?;
            }
            screen.finish()?;
            made += created.consumers.len();
            progress.inc(created.consumers.len() as u64);
        }
        progress.finish_and_clear();
        screen.say(format_args!("{} made", counted(made, "consumer")));
        Ok(())
    }
}

/// As many at a time as a request may hold.
fn batches(mut lines: &[(usize, String)]) -> impl Iterator<Item = &[(usize, String)]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = lines.iter().take(MOST_CREATED).take_while(|(_, line)| {
            bytes += line.len() + 1;
            bytes <= LARGEST_BATCH
        });
        // A line that is too large by itself is the admin API's to refuse.
        let (batch, rest) = lines.split_at(fitting.count().max(1).min(lines.len()));
        lines = rest;
        (!batch.is_empty()).then_some(batch)
    })
}

fn body(batch: &[(usize, String)]) -> Vec<u8> {
    let mut body = b"{\"consumers\":[".to_vec();
    for (position, (_, line)) in batch.iter().enumerate() {
        let separator = if position == 0 { "" } else { "," };
        write!(body, "{separator}{line}").expect("writing to memory does not fail");
    }
    body.extend_from_slice(b"]}");
    body
}

/// A refusal in terms of the file's lines, and how to go on.
fn explain(error: ClientError, batch: &[(usize, String)], made: usize) -> Failure {
    let first = batch.first().map_or(1, |(number, _)| *number);
    let error = match error {
        ClientError::Problem(problem) => ClientError::Problem(Box::new(by_line(*problem, batch))),
        other => other,
    };
    let standing = match (&error, made) {
        (ClientError::Problem(problem), 0) if problem.status < 500 => "nothing was made".to_owned(),
        (ClientError::Problem(problem), made) if problem.status < 500 => format!(
            "{} made; of line {first} and those after it nothing was: go on with --start-line {first}",
            counted(made, "consumer")
        ),
        _ => format!(
            "{} made; see with `consumers list` whether line {first} and those after it were, and go on with \
             --start-line",
            counted(made, "consumer")
        ),
    };
    Failure::Refused(anyhow::Error::new(error).context(standing))
}

/// `consumers[17].name` is of the 18th line of the batch.
fn by_line(mut problem: Problem, batch: &[(usize, String)]) -> Problem {
    for error in &mut problem.errors {
        let Some((position, rest)) =
            error.field.strip_prefix("consumers[").and_then(|field| field.split_once(']'))
        else {
            continue;
        };
        if let Some((number, _)) = position.parse::<usize>().ok().and_then(|position| batch.get(position)) {
            let member = rest.strip_prefix('.').map(|member| format!(", {member}")).unwrap_or_default();
            error.field = format!("line {number}{member}");
            // The place is in a body that nobody but this program has seen.
            if let Some((what, _)) = error.message.split_once(" at line 1 column ") {
                error.message = what.to_owned();
            }
        }
    }
    problem
}

/// What the reader says, without its own count of lines, which is always one.
fn in_the_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line 1 column ") {
        Some((what, column)) => format!("{what} (column {column})"),
        None => text,
    }
}

/// Under the 32 MiB that the admin API takes.
const LARGEST_BATCH: usize = 30 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(lines: &Lines) -> Vec<usize> {
        lines.lines.iter().map(|(number, _)| *number).collect()
    }

    #[test]
    fn empty_lines_and_a_mark_at_the_start_are_passed_over() {
        let lines = Lines::of("\u{feff}{\"name\":\"a\"}\r\n\n  {\"name\":\"b\"}", 1).expect("two lines");
        assert_eq!(numbers(&lines), [1, 3]);
        assert_eq!(body(&lines.lines), br#"{"consumers":[{"name":"a"},{"name":"b"}]}"#);
        let lines = Lines::of("not read\n{\"name\":\"b\"}", 2).expect("one line");
        assert_eq!(numbers(&lines), [2]);
    }

    #[test]
    fn every_wrong_line_is_told_before_anything_is_made() {
        let Err(Failure::Refused(error)) =
            Lines::of("{\"name\":\"a\"}\n{\"nam\":\"b\"}\n{\"name\":\"c d\"}\n{\"name\":\"e", 1)
        else {
            panic!("three of them are wrong")
        };
        let said = error.to_string();
        assert!(said.starts_with("3 lines cannot be taken:\n  line 2: unknown field `nam`"), "{said}");
        assert!(said.contains("\n  line 3: ") && said.contains("\n  line 4: EOF"), "{said}");
        assert!(!said.contains("line 1"), "{said}");
    }

    #[test]
    fn a_batch_holds_a_thousand_at_the_most_and_no_more_than_a_request_may() {
        let short: Vec<_> = (1..=2_001).map(|number| (number, "{}".to_owned())).collect();
        assert_eq!(batches(&short).map(<[_]>::len).collect::<Vec<_>>(), [1_000, 1_000, 1]);
        let long: Vec<_> = (1..=3).map(|number| (number, "x".repeat(LARGEST_BATCH / 2 - 1))).collect();
        assert_eq!(batches(&long).map(<[_]>::len).collect::<Vec<_>>(), [2, 1]);
        let too_long = vec![(1, "x".repeat(LARGEST_BATCH + 1)), (2, "{}".to_owned())];
        assert_eq!(batches(&too_long).map(<[_]>::len).collect::<Vec<_>>(), [1, 1]);
    }
}
