//! Arguments that many commands share.

use std::{ffi::OsStr, num::NonZeroUsize, path::PathBuf, str::FromStr};

use clap::{Arg, Args, Command, builder::TypedValueParser, error::ErrorKind};
use mintgate_admin_api::{DEFAULT_BUCKET, Span};
use mintgate_server::config::BaseUrl;
use mintgate_types::{AdminTokenId, BucketName, Clock, KeyId, Revision, Timestamp};

/// Where the admin API is, and who asks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Admin API")]
pub(crate) struct RemoteArgs {
    /// Where the admin API is; as the configuration says if left out.
    #[arg(long, value_name = "URL", env = "MINTGATE_ADMIN_URL")]
    pub(crate) admin_url: Option<BaseUrl>,
    /// A file with the admin token; as the configuration says if left out.
    #[arg(long, value_name = "FILE", env = "MINTGATE_ADMIN_TOKEN_FILE")]
    pub(crate) admin_token_file: Option<PathBuf>,
    /// The configuration that names both; ./mintgate.toml if that is there.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Send the admin token in clear text to another machine. Whoever is on the way can then manage everything.
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
}

/// How data is put out.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct FormatArgs {
    /// Put out JSON, for programs.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which bucket it is about.
#[derive(Debug, Args)]
pub(crate) struct BucketArgs {
    /// The bucket of the consumer.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_BUCKET)]
    pub(crate) bucket: BucketName,
}

/// What is to be changed only as it was seen.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct IfMatchArgs {
    /// Only if nobody has changed it since this revision, as replies show it with --json.
    #[arg(long, value_name = "REVISION", value_parser = revision)]
    pub(crate) if_match: Option<Revision>,
}

fn revision(text: &str) -> Result<Revision, &'static str> {
    // As an ETag, too, for those who copy it from a reply's head.
    let digits = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    digits.parse().map(Revision).map_err(|_| "a revision is a whole number")
}

/// How much of a list is wanted, where a thousand is enough for most.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct LimitArgs {
    /// How many at the most.
    #[arg(long, value_name = "N", default_value = "1000", value_parser = at_least_one)]
    limit: NonZeroUsize,
}

impl LimitArgs {
    pub(crate) fn most(self) -> usize {
        self.limit.get()
    }

    /// How many to ask for at a time.
    pub(crate) fn page(self) -> usize {
        self.limit.get().min(1000)
    }
}

/// A number of things; none are no wish.
pub(crate) fn at_least_one(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "a limit is a whole number of 1 or more")
}

/// Reads the id of a key. What is none may be the key itself, so it is not repeated, as clap would do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyIdParser;

impl TypedValueParser for KeyIdParser {
    type Value = KeyId;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<KeyId, clap::Error> {
        value.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
            let message =
                "a key id must be 12 letters and digits: what stands between a key's prefix and its secret\n";
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

/// Reads the id of an admin token. What is none may be the token itself, so it is not repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdminTokenIdParser;

impl TypedValueParser for AdminTokenIdParser {
    type Value = AdminTokenId;

    fn parse_ref(
        &self,
        command: &Command,
        _: Option<&Arg>,
        value: &OsStr,
    ) -> Result<AdminTokenId, clap::Error> {
        value.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
            let message = "an admin token's id must be 12 letters and digits: what stands between `mga_` and its \
                           secret\n";
            clap::Error::raw(ErrorKind::ValueValidation, message).with_cmd(command)
        })
    }
}

/// A word of the admin API, as it stands in its replies.
pub(crate) fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::from(text)).map_err(|error| error.to_string())
}

/// A moment, or a time from now on until then.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deadline {
    At(Timestamp),
    After(Span),
}

impl FromStr for Deadline {
    type Err = InvalidDeadline;

    fn from_str(text: &str) -> Result<Self, InvalidDeadline> {
        let at = text.parse().map(Self::At);
        at.or_else(|_| text.parse().map(Self::After)).map_err(|_| InvalidDeadline)
    }
}

/// Neither a moment nor a time until then.
#[derive(Debug, thiserror::Error)]
#[error("expected a length of time such as 90d, or a time such as 2030-01-31T00:00:00Z")]
pub(crate) struct InvalidDeadline;

impl Deadline {
    /// The moment that is meant.
    pub(crate) fn moment(self, clock: &dyn Clock) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::After(span) => {
                clock.now().checked_add(span.duration()).expect("ten years from now are within time")
            }
        }
    }
}
