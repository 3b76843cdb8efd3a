//! `mintgate keys list`

use clap::Args;
use mintgate_admin_api::{Cursor, KeyPage, paths};
use mintgate_types::ConsumerName;

use crate::{
    args::{BucketArgs, FormatArgs, RemoteArgs},
    commands::keys,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `keys list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only this consumer's; of all buckets and consumers if left out.
    #[arg(long, value_name = "NAME")]
    consumer: Option<ConsumerName>,
    /// How many at the most.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl List {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let path = match &self.consumer {
            Some(consumer) => paths::consumer_keys(&self.bucket.bucket, consumer),
            None => paths::KEYS.to_owned(),
        };
        let mut found = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let from = cursor.as_ref().map_or(String::new(), |cursor| format!("&cursor={}", cursor.as_str()));
            let page: KeyPage = client.get(&format!("{path}?limit=1000{from}"))?;
            found.extend(page.data);
            cursor = page.next_cursor;
            if cursor.is_none() || found.len() >= self.limit {
                break;
            }
        }
        let more = cursor.is_some() || found.len() > self.limit;
        found.truncate(self.limit);
        if self.format.json {
            screen.json(&found)?;
        } else {
            keys::show_all(&found, screen)?;
        }
        if more {
            screen.say(format_args!("the first {} of more; see --limit and `keys export`", found.len()));
        }
        Ok(())
    }
}
