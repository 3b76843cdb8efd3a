//! `mintgate keys import FILE`

mod batches;
mod report;
mod rows;
mod source;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mintgate_admin_api::MOST_IMPORTED;
use mintgate_import::{Format, Import as Found, KeyHashing, Options};
use mintgate_types::{Clock as _, SystemClock};

use self::{batches::Batches, report::Report};
use crate::{
    args::{BucketArgs, FormatArgs, RemoteArgs},
    failure::{Failure, Outcome},
    screen::{Screen, counted},
};

/// Arguments of `keys import`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that people type")]
pub(crate) struct Import {
    /// The file, or - for stdin. See docs/cli.md for the columns of CSV and JSON Lines, and docs/moving/ for the exports
    /// of other products.
    file: PathBuf,
    /// What the file is; of .csv and .jsonl the name says it.
    #[arg(long, value_enum, value_name = "FORMAT", alias = "format")]
    from: Option<FormatArg>,
    /// Of Tyk: its `hash_key_function`, or none where `hash_keys` was false.
    #[arg(long, value_enum, value_name = "HASH")]
    key_hash: Option<HashingArg>,
    /// Make consumers that do not exist. Exports of other products bring theirs along, and need no saying so.
    #[arg(long)]
    create_consumers: bool,
    /// Check everything, report it, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Go on with an import that was interrupted, without checking the whole file again first. Keys that are there
    /// already are passed over, as they always are.
    #[arg(long, conflicts_with = "dry_run")]
    resume: bool,
    /// Leave out what is rejected and take the rest; otherwise nothing is taken.
    #[arg(long, conflicts_with_all = ["resume", "dry_run"])]
    skip_rejected: bool,
    /// How many keys are taken in at a time, all or none of them.
    #[arg(long, value_name = "N", default_value_t = 50_000,
        value_parser = clap::value_parser!(u32).range(1..=MOST_IMPORTED as i64))]
    batch_size: u32,
    #[command(flatten)]
    bucket: BucketArgs,
    #[command(flatten)]
    output: FormatArgs,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// The formats, as arguments.
#[derive(Debug, Clone, Copy)]
struct FormatArg(Format);

impl ValueEnum for FormatArg {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [FormatArg; Format::ALL.len()] = {
            let mut all = [FormatArg(Format::Csv); Format::ALL.len()];
            let mut at = 0;
            while at < all.len() {
                all[at] = FormatArg(Format::ALL[at].1);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name()))
    }
}

/// Tyk's hashes, as arguments.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum HashingArg {
    None,
    Sha256,
    Murmur32,
    Murmur64,
    Murmur128,
}

impl From<HashingArg> for KeyHashing {
    fn from(argument: HashingArg) -> Self {
        match argument {
            HashingArg::None => Self::None,
            HashingArg::Sha256 => Self::Sha256,
            HashingArg::Murmur32 => Self::Murmur32,
            HashingArg::Murmur64 => Self::Murmur64,
            HashingArg::Murmur128 => Self::Murmur128,
        }
    }
}

impl Import {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        let format = self.from.map_or_else(|| source::format_by_name(&self.file), |from| Ok(from.0))?;
        let text = source::read(&self.file)?;
        let options = Options { now: SystemClock.now(), hashing: self.key_hash.map(KeyHashing::from) };
        let mut found = mintgate_import::read(format, &text, options);
        drop(text);
        let mut report = Report::of(&mut found);
        // Neighbours share their consumer, which is then looked up once a batch.
        found.keys.sort_by(|one, other| one.consumer.cmp(&other.consumer));
        let how = self.how();
        let client = match self.remote.connect(screen) {
            Ok(client) => client,
            Err(_) if report.has_rejected() => return report.refuse(self.output.json, screen),
            Err(failure) => return Err(failure),
        };
        if found.keys.is_empty() && found.consumers.is_empty() && !report.has_rejected() {
            report.show(screen);
            return Err(Failure::refused("there is no key to import"));
        }
        let batches = Batches {
            client: &client,
            bucket: &self.bucket.bucket,
            size: self.batch_size as usize,
            create_consumers: self.create_consumers || format.is_of_another_product(),
        };
        match check_and_keep(how, &batches, found, &mut report, screen) {
            Ok(()) if self.output.json => screen.json(&report),
            Err(Failure::Said) => report.refuse(self.output.json, screen),
            other => other,
        }
    }

    fn how(&self) -> How {
        match self {
            Self { dry_run: true, .. } => How::Check,
            Self { resume: true, .. } => How::Resume,
            Self { skip_rejected: true, .. } => How::WithoutRejected,
            _ => How::AllOrNothing,
        }
    }
}

/// How it is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Check,
    AllOrNothing,
    WithoutRejected,
    Resume,
}

/// [`Failure::Said`] stands for rejected lines.
fn check_and_keep(
    how: How,
    batches: &Batches<'_>,
    mut found: Found,
    report: &mut Report,
    screen: &mut Screen,
) -> Outcome {
    // Everything is checked before anything is kept, so that a mistake in the last line shows before the first is in.
    if how != How::Resume {
        batches.check(&mut found, report, screen)?;
    }
    if report.has_rejected() && how != How::WithoutRejected {
        return Err(Failure::Said);
    }
    if how != How::Check {
        batches.keep(&found, report, screen)?;
    }
    report.show(screen);
    let what = if how == How::Check { "would import" } else { "imported" };
    let (keys, consumers) =
        (counted(report.imported, "key"), counted(report.consumers_created, "new consumer"));
    screen.say(format_args!("{what} {keys}, {consumers}"));
    Ok(())
}
