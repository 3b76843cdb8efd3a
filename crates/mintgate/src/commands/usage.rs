//! `mintgate usage`

use clap::Args;
use mintgate_admin_api::{
    MOST_TOP, Refusals, Requests, ShowRefusals, ShowTop, Span, TopBy, Usage, UsageStep, UsageTop, paths,
};
use mintgate_types::{BucketName, Clock, ConsumerName, KeyId, SystemClock, Timestamp};

use crate::{
    args::{FormatArgs, KeyIdParser, RemoteArgs},
    failure::{Failure, Outcome},
    screen::Screen,
    table::Rows,
};

/// Arguments of `usage`.
#[derive(Debug, Args)]
pub(crate) struct ShowUsage {
    /// Only this bucket's.
    #[arg(long, value_name = "NAME")]
    bucket: Option<BucketName>,
    /// Only this consumer's; of bucket `production` if no other is said.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["key", "top", "refusals"])]
    consumer: Option<ConsumerName>,
    /// Only this key's.
    #[arg(long, value_name = "ID", value_parser = KeyIdParser, conflicts_with_all = ["bucket", "top", "refusals"])]
    key: Option<KeyId>,
    /// Those with the most requests.
    #[arg(long, value_name = "WHO", conflicts_with = "refusals")]
    top: Option<Ranked>,
    /// How many of those.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_TOP)))]
    limit: u32,
    /// What was refused, by reason.
    #[arg(long, conflicts_with = "bucket")]
    refusals: bool,
    /// The time until now, or until --to, that is shown.
    #[arg(long, value_name = "TIME", default_value = "7d", conflicts_with = "from")]
    since: Span,
    /// From this moment on.
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Before this moment; now if left out.
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// By the hour or by the day; if left out, by the hour up to three days.
    #[arg(long, value_name = "STEP", conflicts_with = "top")]
    step: Option<Step>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Ranked {
    Consumers,
    Keys,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Step {
    Hour,
    Day,
}

impl ShowUsage {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let recent = || {
            let end = self.to.unwrap_or_else(|| SystemClock.now());
            end.checked_sub(self.since.duration())
                .map_err(|_| Failure::Usage("--to is at the beginning of time".to_owned()))
        };
        let from = Some(self.from.map_or_else(recent, Ok)?);
        match (self.top, self.refusals) {
            (Some(ranked), _) => self.show_top(ranked, from, screen),
            (None, true) => self.show_refusals(from, screen),
            (None, false) => self.show_requests(from, screen),
        }
    }

    fn show_requests(self, from: Option<Timestamp>, screen: &mut Screen) -> Outcome {
        let step = self.step();
        let bucket = match (self.bucket, &self.consumer) {
            (None, Some(_)) => Some(mintgate_admin_api::DEFAULT_BUCKET.parse().expect("a bucket's name")),
            (bucket, _) => bucket,
        };
        let query = mintgate_admin_api::ShowUsage {
            bucket,
            consumer: self.consumer,
            key_id: self.key,
            from,
            to: self.to,
            step,
        };
        let usage: Usage = self.remote.connect(screen)?.get(&paths::with_query(paths::USAGE, &query))?;
        if self.format.json {
            return screen.json(&usage);
        }
        let most = usage.points.iter().map(|point| point.counts.requests).max().unwrap_or(0);
        let mut rows =
            Rows::under([heading(usage.step), "REQUESTS", "2XX", "3XX", "4XX", "5XX", "REFUSED", ""]);
        for point in &usage.points {
            let bar = bar(point.counts.requests, most);
            rows.row(cells(moment(point.at, usage.step), point.counts, bar));
        }
        rows.row(cells("total".to_owned(), usage.totals, String::new()));
        rows.show(screen)
    }

    fn show_top(self, ranked: Ranked, from: Option<Timestamp>, screen: &mut Screen) -> Outcome {
        let by = match ranked {
            Ranked::Consumers => TopBy::Consumer,
            Ranked::Keys => TopBy::Key,
        };
        let query = ShowTop { by: Some(by), bucket: self.bucket, from, to: self.to, limit: Some(self.limit) };
        let top: UsageTop = self.remote.connect(screen)?.get(&paths::with_query(paths::USAGE_TOP, &query))?;
        if self.format.json {
            return screen.json(&top);
        }
        let most = top.data.iter().map(|entry| entry.counts.requests).max().unwrap_or(0);
        let mut rows =
            Rows::under(["BUCKET", "CONSUMER", "KEY", "REQUESTS", "2XX", "3XX", "4XX", "5XX", "REFUSED", ""]);
        for entry in top.data {
            let key = entry.key_id.map_or_else(|| "-".to_owned(), |key| key.to_string());
            let bar = bar(entry.counts.requests, most);
            let [_, requests, ok, moved, faulty, failed, refused, bar] =
                cells(String::new(), entry.counts, bar);
            let (bucket, name) = (entry.consumer.bucket.to_string(), entry.consumer.name.to_string());
            rows.row([bucket, name, key, requests, ok, moved, faulty, failed, refused, bar]);
        }
        rows.show(screen)
    }

    fn show_refusals(self, from: Option<Timestamp>, screen: &mut Screen) -> Outcome {
        let query = ShowRefusals { from, to: self.to, step: self.step() };
        let path = paths::with_query(paths::USAGE_REFUSALS, &query);
        let refusals: Refusals = self.remote.connect(screen)?.get(&path)?;
        if self.format.json {
            return screen.json(&refusals);
        }
        let mut by_reason: Vec<_> = refusals.totals.by_reason.iter().collect();
        by_reason.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let most = by_reason.first().map_or(0, |(_, count)| **count);
        let mut rows = Rows::under(["REASON", "REFUSED", ""]);
        for (reason, count) in by_reason {
            rows.row([reason.clone(), count.to_string(), bar(*count, most)]);
        }
        rows.row(["total".to_owned(), refusals.totals.refused.to_string(), String::new()]);
        rows.show(screen)
    }

    fn step(&self) -> Option<UsageStep> {
        self.step.map(|step| match step {
            Step::Hour => UsageStep::Hour,
            Step::Day => UsageStep::Day,
        })
    }
}

fn heading(step: UsageStep) -> &'static str {
    match step {
        UsageStep::Hour => "HOUR",
        UsageStep::Day => "DAY",
    }
}

fn moment(at: Timestamp, step: UsageStep) -> String {
    match step {
        UsageStep::Hour => at.strftime("%Y-%m-%d %H:00Z").to_string(),
        UsageStep::Day => at.strftime("%Y-%m-%d").to_string(),
    }
}

fn cells(first: String, counts: Requests, bar: String) -> [String; 8] {
    let Requests { requests, by_status, refused } = counts;
    let text = |count: u64| count.to_string();
    [
        first,
        text(requests),
        text(by_status.success),
        text(by_status.redirection),
        text(by_status.client_error),
        text(by_status.server_error),
        text(refused),
        bar,
    ]
}

/// A bar as long as `count` is in comparison with `most`, in eighths of a character. What is not nothing is seen.
fn bar(count: u64, most: u64) -> String {
    if count == 0 || most == 0 {
        return String::new();
    }
    let eighths = (u128::from(count) * LONGEST_BAR * 8).div_ceil(most.into()).min(LONGEST_BAR * 8);
    let (whole, part) = (usize::try_from(eighths / 8), usize::try_from(eighths % 8));
    let (whole, part) = (whole.expect("at most the longest"), part.expect("less than eight"));
    let mut bar = "█".repeat(whole);
    bar.extend(["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(part).copied());
    bar
}

/// In characters.
const LONGEST_BAR: u128 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        for (count, most, length) in
            [(0, 0, 0), (0, 9, 0), (1, u64::MAX, 1), (9, 9, 24), (u64::MAX, u64::MAX, 24), (3, 6, 12)]
        {
            assert_eq!(bar(count, most).chars().count(), length, "{count} of {most}");
        }
        assert_eq!(bar(1, 192), "▏");
    }
}
