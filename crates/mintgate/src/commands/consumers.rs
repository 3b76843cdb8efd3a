//! `mintgate consumers …`

mod create;
mod delete;
mod list;
mod show;
mod update;

use std::{collections::BTreeMap, str::FromStr};

use mintgate_admin_api::{Consumer, ConsumerState};
use mintgate_types::{TagName, TagValue};

use crate::{
    failure::{Failure, Outcome},
    screen::Screen,
    table::{Rows, time},
};

/// What can be done with consumers.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Consumers {
    /// Make a consumer.
    Create(create::Create),
    /// List consumers by name.
    List(list::List),
    /// Show one consumer.
    Show(show::Show),
    /// Change a consumer.
    Update(update::Update),
    /// Delete a consumer and all of its keys.
    Delete(delete::Delete),
}

impl Consumers {
    pub(crate) fn run(self, screen: &mut Screen) -> Outcome {
        match self {
            Self::Create(command) => command.run(screen),
            Self::List(command) => command.run(screen),
            Self::Show(command) => command.run(screen),
            Self::Update(command) => command.run(screen),
            Self::Delete(command) => command.run(screen),
        }
    }
}

/// Shows consumers to people.
pub(crate) fn show_all(consumers: &[Consumer], screen: &mut Screen) -> Outcome {
    let mut rows = Rows::under(["NAME", "SUBJECT", "STATE", "TAGS", "CREATED"]);
    for consumer in consumers {
        let state = match consumer.state {
            ConsumerState::Active => "active",
            ConsumerState::Disabled => "disabled",
        };
        let tags = consumer.tags.iter().map(|(name, value)| format!("{name}={value}"));
        rows.row([
            consumer.name.to_string(),
            consumer.subject.to_string(),
            state.to_owned(),
            tags.collect::<Vec<_>>().join(" "),
            time(consumer.created),
        ]);
    }
    rows.show(screen)
}

/// A tag as it is written in an argument.
#[derive(Debug, Clone)]
struct Tag {
    name: TagName,
    value: TagValue,
}

impl FromStr for Tag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
        let name = name.parse().map_err(|error| format!("{error}"))?;
        let value = value.parse().map_err(|error| format!("{error}"))?;
        Ok(Self { name, value })
    }
}

fn tags(tags: Vec<Tag>) -> BTreeMap<TagName, TagValue> {
    tags.into_iter().map(|tag| (tag.name, tag.value)).collect()
}

/// Metadata as it is written in an argument, or in a file behind an `@`.
fn metadata(argument: &str) -> Result<serde_json::Map<String, serde_json::Value>, Failure> {
    let text = match argument.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path)
            .map_err(|error| Failure::refused(format_args!("cannot read {path}: {error}")))?,
        None => argument.to_owned(),
    };
    serde_json::from_str(&text)
        .map_err(|error| Failure::Usage(format!("--metadata must be a JSON object: {error}")))
}
