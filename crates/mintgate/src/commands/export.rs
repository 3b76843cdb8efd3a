//! `mintgate export`: everything but secrets, a JSON object a line. Read page by page while others change things; what
//! must be of one moment is a backup.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use mintgate_admin_api::{
    AdminTokenList, BucketList, ConsumerPage, Cursor, KeyPage, SigningKeyList, Status, paths,
};
use serde::Serialize;

use crate::{
    args::RemoteArgs,
    client::Client,
    failure::{Failure, Outcome},
    part::Part,
    query::Query,
    screen::{Screen, counted},
};

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportAll {
    /// Where it goes; must not exist. Stdout if left out.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// A line: what it is about, and then as the admin API shows it.
#[derive(Serialize)]
struct Line<'a, T> {
    r#type: &'static str,
    #[serde(flatten)]
    item: &'a T,
}

/// The first line.
#[derive(Serialize)]
struct Head<'a> {
    format: u32,
    mintgate: &'a str,
    revision: mintgate_types::Revision,
}

impl ExportAll {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let Some(path) = self.output else {
            each(&client, &mut |line| screen.write(line))?;
            return screen.finish();
        };
        let refused = |error: io::Error| Failure::refused(format_args!("{}: {error}", path.display()));
        if path.exists() {
            return Err(refused(io::ErrorKind::AlreadyExists.into()));
        }
        let part = Part::beside(&path).map_err(refused)?;
        let mut file = io::BufWriter::new(part.file());
        let mut count = 0;
        each(&client, &mut |line| {
            count += 1;
            file.write_all(line).map_err(refused)
        })?;
        file.flush().map_err(refused)?;
        drop(file);
        part.publish(&path).map_err(refused)?;
        screen.say(format_args!("{}; no secret is among them", counted(count, "line")));
        Ok(())
    }
}

/// Hands over every line, owners before what they own.
fn each(client: &Client, put: &mut dyn FnMut(&[u8]) -> Outcome) -> Outcome {
    let status: Status = client.get(paths::STATUS)?;
    let head = Head { format: 1, mintgate: &status.version, revision: status.store.revision };
    line("export", &head, put)?;
    let buckets: BucketList = client.get(paths::BUCKETS)?;
    for bucket in &buckets.data {
        line("bucket", bucket, put)?;
    }
    for bucket in &buckets.data {
        let path = paths::consumers(&bucket.name);
        pages(&path, |page| {
            let ConsumerPage { data, next_cursor } = client.get(page)?;
            data.iter().try_for_each(|consumer| line("consumer", consumer, put))?;
            Ok(next_cursor)
        })?;
    }
    pages(paths::KEYS, |page| {
        let KeyPage { data, next_cursor } = client.get(page)?;
        data.iter().try_for_each(|key| line("key", key, put))?;
        Ok(next_cursor)
    })?;
    let admin_tokens: AdminTokenList = client.get(paths::ADMIN_TOKENS)?;
    admin_tokens.data.iter().try_for_each(|token| line("admin_token", token, put))?;
    let signing_keys: SigningKeyList = client.get(paths::SIGNING_KEYS)?;
    signing_keys.data.iter().try_for_each(|key| line("signing_key", key, put))
}

fn pages(path: &str, mut read: impl FnMut(&str) -> Result<Option<Cursor>, Failure>) -> Outcome {
    let query = Query::of(path).with("limit", Some(1000));
    let mut cursor: Option<Cursor> = None;
    loop {
        cursor = read(&query.from(cursor.as_ref()))?;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn line<T: Serialize>(r#type: &'static str, item: &T, put: &mut dyn FnMut(&[u8]) -> Outcome) -> Outcome {
    let mut text = serde_json::to_vec(&Line { r#type, item })?;
    text.push(b'\n');
    put(&text)
}
