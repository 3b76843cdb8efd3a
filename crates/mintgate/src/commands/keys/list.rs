//! `mintgate keys list`

use clap::Args;
use mintgate_admin_api::{Cursor, KeyPage, KeyStateName, SearchText, Span, paths};
use mintgate_types::{BucketName, ConsumerName, SystemClock};

use crate::{
    args::{Deadline, FormatArgs, LimitArgs, RemoteArgs, word},
    commands::keys,
    failure::Outcome,
    query::Query,
    screen::Screen,
};

/// Arguments of `keys list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only this consumer's; of all consumers if left out.
    #[arg(long, value_name = "NAME")]
    consumer: Option<ConsumerName>,
    /// Only those of consumers in this bucket; of all buckets if left out, or of `production` with --consumer.
    #[arg(long, value_name = "NAME")]
    bucket: Option<BucketName>,
    /// Only those that stand so: active, rolled, expired or revoked.
    #[arg(long, value_parser = word::<KeyStateName>)]
    state: Option<KeyStateName>,
    /// Only those that another system issued.
    #[arg(long)]
    foreign: bool,
    /// Only those that stop to work by themselves before then: a time, or a length of time from now.
    #[arg(long, value_name = "WHEN")]
    expires_before: Option<Deadline>,
    /// Only those in whose label this stands, in any case, or whose id begins so.
    #[arg(long, value_name = "TEXT")]
    query: Option<SearchText>,
    /// Only those not used for so long, such as 90d, or never and that old; revoked ones are left out.
    #[arg(long, value_name = "TIME")]
    unused_for: Option<Span>,
    #[command(flatten)]
    limit: LimitArgs,
    /// Put out CSV, which spreadsheets open without running anything that stands in it.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl List {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let usual = || mintgate_admin_api::DEFAULT_BUCKET.parse().expect("the default bucket is one");
        let bucket = self.bucket.or_else(|| self.consumer.as_ref().map(|_| usual()));
        let query = Query::of(paths::KEYS)
            .with("limit", Some(self.limit.page()))
            .with("bucket", bucket)
            .with("consumer", self.consumer)
            .with("state", self.state.map(keys::state_name))
            .with("foreign", self.foreign.then_some(true))
            .with("expires_before", self.expires_before.map(|before| before.moment(&SystemClock)))
            .with("unused_for", self.unused_for)
            .with("q", self.query);
        let mut found = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let page: KeyPage = client.get(&query.from(cursor.as_ref()))?;
            found.extend(page.data);
            cursor = page.next_cursor;
            if cursor.is_none() || found.len() >= self.limit.most() {
                break;
            }
        }
        let more = cursor.is_some() || found.len() > self.limit.most();
        found.truncate(self.limit.most());
        if self.csv {
            keys::export::csv(&found, screen)?;
        } else if self.format.json {
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
