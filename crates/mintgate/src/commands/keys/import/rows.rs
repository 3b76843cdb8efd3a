//! What the gateway says of rows, by the lines of the file; and what is left when those rows are gone. Rows are told apart
//! by their place and not by their line: programs write out everything in one.

use std::collections::HashSet;

use mintgate_admin_api::{FieldProblem, Problem};
use mintgate_import::{Import as Found, Remark};

use super::{batches::Batch, report::Report};
use crate::{client::ClientError, failure::Failure};

/// A row, by its place among all of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Consumer(usize),
    Key(usize),
}

impl Row {
    fn consumer(self) -> Option<usize> {
        if let Self::Consumer(at) = self { Some(at) } else { None }
    }

    fn key(self) -> Option<usize> {
        if let Self::Key(at) = self { Some(at) } else { None }
    }
}

/// Takes rows out, and with a consumer its keys: made for its name alone, it would be another than the file says.
pub(super) fn take_out(found: &mut Found, wrong: &[Row], report: &mut Report) {
    let consumers: HashSet<usize> = wrong.iter().filter_map(|row| row.consumer()).collect();
    let keys: HashSet<usize> = wrong.iter().filter_map(|row| row.key()).collect();
    let mut gone = HashSet::new();
    let mut at = 0..;
    found.consumers.retain(|consumer| {
        let taken = at.next().is_some_and(|at| consumers.contains(&at));
        if taken {
            gone.insert(consumer.name.clone());
        }
        !taken
    });
    let mut at = 0..;
    found.keys.retain(|key| {
        let taken = at.next().is_some_and(|at| keys.contains(&at));
        let orphan = gone.contains(&key.consumer);
        if orphan && !taken {
            report.reject(Remark { line: key.line, message: "its consumer is rejected".to_owned() });
        }
        !taken && !orphan
    });
}

/// What the gateway says of rows. Other errors go up.
pub(super) fn remarks(error: ClientError, batch: Batch<'_>) -> Result<Vec<(Row, Remark)>, Failure> {
    let told = error.problem().filter(|problem| !problem.errors.is_empty()).and_then(|problem| {
        let keys: Vec<u64> = batch.keys.iter().map(|key| key.line).collect();
        let consumers: Vec<u64> = batch.consumers.iter().map(|consumer| consumer.line).collect();
        by_line(problem, &keys, &consumers)
    });
    let mut told = told.ok_or(error)?;
    for (row, _) in &mut told {
        *row = match *row {
            Row::Consumer(at) => Row::Consumer(batch.first_consumer + at),
            Row::Key(at) => Row::Key(batch.first_key + at),
        };
    }
    Ok(told)
}

/// The rows of a batch, and what is said of them by their lines; `None` where something is said of no row.
fn by_line(problem: &Problem, keys: &[u64], consumers: &[u64]) -> Option<Vec<(Row, Remark)>> {
    let told = |error: &FieldProblem| {
        let (list, rest) = error.field.split_once('[')?;
        let (position, field) = rest.split_once(']')?;
        let at = position.parse::<usize>().ok()?;
        let (row, line) = match list {
            "consumers" => (Row::Consumer(at), consumers.get(at)?),
            "keys" => (Row::Key(at), keys.get(at)?),
            _ => return None,
        };
        let field = field.trim_start_matches('.');
        Some((
            row,
            Remark { line: *line, message: format!("{field}: {}", other_lines(&error.message, keys)) },
        ))
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

#[cfg(test)]
mod tests {
    use mintgate_admin_api::ProblemCode;

    use super::*;

    #[test]
    fn problems_are_told_by_the_lines_of_the_file() {
        let mut problem = Problem::new(422, ProblemCode::InvalidField, "r".into());
        for (field, message) in [
            ("keys[1].expires", "must be in the future"),
            ("keys[2].key", "is the key of keys[0]"),
            ("consumers[0].metadata", "too deep"),
        ] {
            problem.errors.push(FieldProblem { field: field.into(), message: message.into() });
        }
        let told = by_line(&problem, &[2, 3, 5], &[9]).expect("all are of rows");
        let (rows, remarks): (Vec<_>, Vec<_>) = told.into_iter().unzip();
        let told: Vec<_> =
            remarks.iter().map(|remark| format!("{} {}", remark.line, remark.message)).collect();
        assert_eq!(rows, [Row::Key(1), Row::Key(2), Row::Consumer(0)]);
        assert_eq!(
            told,
            ["3 expires: must be in the future", "5 key: is the key of line 2", "9 metadata: too deep"]
        );
    }
}
