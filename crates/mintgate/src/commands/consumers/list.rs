//! `mintgate consumers list`

use clap::Args;
use mintgate_admin_api::{
    ConsumerPage, ConsumerSort, ConsumerState, Cursor, MetadataFilter, SearchText, TagMatch, paths,
};
use mintgate_types::BucketName;

use crate::{
    args::{FormatArgs, LimitArgs, RemoteArgs, word},
    commands::consumers,
    failure::Outcome,
    query::Query,
    screen::Screen,
};

/// Arguments of `consumers list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those in whose name, subject, tags or keys' labels this stands, in any case, or one of whose keys' ids begins
    /// so. Never a key: see `keys verify`.
    #[arg(long, value_name = "TEXT")]
    query: Option<SearchText>,
    /// Only those whose name begins so.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["query", "tag", "metadata", "state", "sort", "all_buckets"])]
    prefix: Option<String>,
    /// Only those with this tag.
    #[arg(long, value_name = "NAME:VALUE")]
    tag: Option<TagMatch>,
    /// Only those with this in their metadata, by a JSON pointer: /plan:gold.
    #[arg(long, value_name = "POINTER:VALUE")]
    metadata: Option<MetadataFilter>,
    /// Only those that stand so: active or disabled.
    #[arg(long, value_parser = word::<ConsumerState>)]
    state: Option<ConsumerState>,
    /// In which order: name, created or `last_used`.
    #[arg(long, value_parser = word::<ConsumerSort>)]
    sort: Option<ConsumerSort>,
    #[command(flatten)]
    limit: LimitArgs,
    /// The bucket.
    #[arg(long, value_name = "NAME", default_value = mintgate_admin_api::DEFAULT_BUCKET)]
    bucket: BucketName,
    /// Those of all buckets.
    #[arg(long, conflicts_with = "bucket")]
    all_buckets: bool,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

impl List {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let client = self.remote.connect(screen)?;
        let path =
            if self.all_buckets { paths::ALL_CONSUMERS.to_owned() } else { paths::consumers(&self.bucket) };
        let query = Query::of(&path)
            .with("limit", Some(self.limit.page()))
            .with("name_prefix", self.prefix)
            .with("q", self.query)
            .with("tag", self.tag)
            .with("metadata", self.metadata)
            .with(
                "state",
                self.state.map(|state| if state == ConsumerState::Active { "active" } else { "disabled" }),
            )
            .with("sort", self.sort.map(ConsumerSort::name));
        let mut found = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let page: ConsumerPage = client.get(&query.from(cursor.as_ref()))?;
            found.extend(page.data);
            cursor = page.next_cursor;
            if cursor.is_none() || found.len() >= self.limit.most() {
                break;
            }
        }
        let more = cursor.is_some() || found.len() > self.limit.most();
        found.truncate(self.limit.most());
        if self.format.json {
            screen.json(&found)?;
        } else {
            consumers::show_all(&found, screen)?;
        }
        if more {
            screen.say(format_args!("the first {} of more; see --limit, --query and --prefix", found.len()));
        }
        Ok(())
    }
}
