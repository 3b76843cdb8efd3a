//! `mintgate consumers list`

use clap::Args;
use mintgate_admin_api::{ConsumerPage, Cursor, paths};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    args::{BucketArgs, FormatArgs, RemoteArgs},
    commands::consumers,
    failure::Outcome,
    screen::Screen,
};

/// Arguments of `consumers list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those whose name begins so.
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
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
        let mut path = format!("{}?limit=1000", paths::consumers(&self.bucket.bucket));
        if let Some(prefix) = &self.prefix {
            path.push_str("&name_prefix=");
            path.extend(utf8_percent_encode(prefix, NON_ALPHANUMERIC));
        }
        let mut found = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let from = cursor.as_ref().map_or(String::new(), |cursor| format!("&cursor={}", cursor.as_str()));
            let page: ConsumerPage = client.get(&format!("{path}{from}"))?;
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
            consumers::show_all(&found, screen)?;
        }
        if more {
            screen.say(format_args!("the first {} of more; see --limit and --prefix", found.len()));
        }
        Ok(())
    }
}
